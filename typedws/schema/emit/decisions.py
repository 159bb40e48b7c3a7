"""Decisions as the calls that make them again when the module is imported."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from typedws.schema.building.names import snake
from typedws.schema.contract.api import Direction
from typedws.schema.decisions import ByKey, ByKind, ByPattern, ByValue, Decision, Kind, Only, Tagged, Trial, Undecided
from typedws.schema.emit.imports import Imports
from typedws.schema.emit.layout import Atom, Expression, Group, Keyword, call, mapping, sequence, subscript
from typedws.schema.emit.naming import Names
from typedws.schema.emit.statements import assigned
from typedws.schema.emit.text import literal

__all__ = ["Decisions", "is_decided", "is_long", "path_of"]

_MOST_STEPS: Final = 8
"""Steps that are written inside of each other; more are hard to read, and take a type checker very long."""


def _steps(decision: Decision[str] | None) -> int:
    """How many steps there are in a decision that look at something and lead to others."""
    match decision:
        case ByValue(_, cases, otherwise) | ByPattern(_, cases, otherwise):
            return 1 + sum(_steps(case) for case in cases.values()) + _steps(otherwise)
        case ByKey(cases, otherwise):
            return 1 + sum(_steps(case) for case in cases.values()) + _steps(otherwise)
        case ByKind(cases, otherwise):
            return 1 + sum(_steps(case) for case in cases.values()) + _steps(otherwise)
        case _:
            return 0


def _is_decided(decision: Decision[str] | None) -> bool:
    """Whether it always comes to one message, or to none."""
    match decision:
        case ByValue(_, cases, otherwise) | ByPattern(_, cases, otherwise):
            return all(map(_is_decided, cases.values())) and _is_decided(otherwise)
        case ByKey(cases, otherwise):
            return all(map(_is_decided, cases.values())) and _is_decided(otherwise)
        case ByKind(cases, otherwise):
            return all(map(_is_decided, cases.values())) and _is_decided(otherwise)
        case _:
            return not isinstance(decision, Undecided)


def is_long(direction: Direction) -> bool:
    """Whether the decisions of a direction have many steps, so that they do not stand in one expression."""
    return _steps(direction.text) + _steps(direction.binary) > _MOST_STEPS


def is_decided(direction: Direction) -> bool:
    """Whether all messages of a direction are told apart."""
    return _is_decided(direction.text) and _is_decided(direction.binary)


def path_of(path: tuple[str | int, ...]) -> Group:
    """A path as a tuple."""
    return sequence(Atom(literal(step)) for step in path)


class Decisions:
    """Writes decisions.

    Args:
        names: of the declarations that are their leaves.
        imports: is told what is used.
    """

    def __init__(self, names: Names, imports: Imports) -> None:
        self._names = names
        self._imports = imports
        self._apart: str | None = None
        self.constants: list[list[str]] = []

    def messages(self, direction: Direction, union: str) -> Expression:
        """`Messages[...](...)` for one direction; the steps of a large decision become constants."""
        self._imports.runtime("Messages")
        self._apart = f"_{snake(union).upper()}" if is_long(direction) else None
        arguments: list[Expression] = []
        if direction.text is not None:
            arguments.append(Keyword("text", self.of(direction.text)))
        if direction.binary is not None:
            arguments.append(Keyword("binary", self.of(direction.binary)))
        if direction.text is not None and direction.text_format != "json":
            arguments.append(Keyword("text_format", Atom(literal(direction.text_format))))
        if direction.binary is not None and direction.binary_format != "binary":
            arguments.append(Keyword("binary_format", Atom(literal(direction.binary_format))))
        return call(subscript("Messages", Atom(union)), *arguments)

    def of(self, decision: Decision[str]) -> Expression:
        """One decision."""
        self._imports.runtime(type(decision).__name__)
        match decision:
            case Only(form):
                return call("Only", self._form(form))
            case Tagged(field, forms):
                tagged = mapping((literal(value), self._form(form)) for value, form in forms.items())
                return call("Tagged", Atom(literal(field)), tagged)
            case ByValue(path, cases, otherwise):
                return call("ByValue", path_of(path), *self._cases(cases, otherwise))
            case ByPattern(path, cases, otherwise):
                return call("ByPattern", path_of(path), *self._cases(cases, otherwise))
            case ByKey(cases, otherwise):
                return call("ByKey", *self._cases(cases, otherwise))
            case ByKind(cases, otherwise):
                return call("ByKind", *self._cases(cases, otherwise))
            case Trial(forms):
                return call("Trial", sequence(self._form(form) for form in forms))
            case Undecided(forms):
                return call("Undecided", sequence(self._form(form) for form in forms))

    def _cases(
        self,
        cases: Mapping[Kind, Decision[str]] | Mapping[str, Decision[str]] | Mapping[str | int | bool, Decision[str]],
        otherwise: Decision[str] | None,
    ) -> list[Expression]:
        written: list[Expression] = [mapping((literal(value), self._step(case)) for value, case in cases.items())]
        if otherwise is not None:
            written.append(Keyword("otherwise", self._step(otherwise)))
        return written

    def _step(self, decision: Decision[str]) -> Expression:
        """A step inside of another one, or the name of the constant that it is."""
        if self._apart is None or not _steps(decision):
            return self.of(decision)
        made = self.of(decision)
        name = self._names.free(f"{self._apart}_{len(self.constants) + 1}")
        self._imports.typing("Any")
        self._imports.typing("Final")
        kind = self._imports.runtime("Decision")
        self.constants.append(assigned(f"{name}: Final[{kind}[Any]] = ", made, indent=0))
        return Atom(name)

    def _form(self, name: str) -> Expression:
        return Atom(self._names.of(name))
