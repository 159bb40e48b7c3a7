"""Types of the contract as annotations: what is the same for both model libraries.

`msgspec_types` and `pydantic_types` are the two kinds. Each says how constraints are written and what a union may be.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Final

from typedws.schema.contract.types import (
    ANY,
    FREE,
    Constraints,
    ListOf,
    LiteralOf,
    MapOf,
    Ref,
    Scalar,
    ScalarKind,
    TupleOf,
    Type,
    UnionOf,
)
from typedws.schema.emit.constraints import length_arguments, number_arguments, text_arguments
from typedws.schema.emit.imports import Imports
from typedws.schema.emit.layout import Atom, Expression, Union, call, subscript, union
from typedws.schema.emit.naming import Names
from typedws.schema.emit.notes import Notes
from typedws.schema.emit.shapes import Shapes
from typedws.schema.emit.text import literal

__all__ = ["Annotations", "literal_values"]

_SCALARS: Final[dict[ScalarKind, str]] = {
    "str": "str",
    "int": "int",
    "float": "float",
    "bool": "bool",
    "null": "None",
    "bytes": "bytes",
    "datetime": "dt.datetime",
    "date": "dt.date",
    "time": "dt.time",
    "uuid": "UUID",
    "any": "Any",
}


def literal_values(type_: LiteralOf) -> tuple[str | int | bool, ...]:
    """The values of a literal, each once; 1 and True are two."""
    return tuple(dict(((type(value), value), value) for value in type_.values).values())


class Annotations(ABC):
    """Writes types.

    Args:
        shapes: the declarations.
        names: their names in the module.
        imports: is told what is used.
        notes: is told what cannot be said.
    """

    constraint: str
    """The name of what holds constraints."""

    def __init__(self, *, shapes: Shapes, names: Names, imports: Imports, notes: Notes) -> None:
        self.shapes = shapes
        self.names = names
        self.imports = imports
        self.notes = notes
        self.inside = ""
        self.circle: frozenset[str] = frozenset()
        self.is_bare = False

    def of(self, type_: Type, *, inside: str = "", bare: bool = False) -> Expression:
        """The annotation of a type.

        Args:
            type_: the type.
            inside: the alias that it is written for, which it may not lead to.
            bare: whether it is for people and type checkers only, so that constraints say nothing there.
        """
        self.inside = inside
        self.circle = self.shapes.circle(inside)
        self.is_bare = bare
        return self.write(type_)

    @abstractmethod
    def write_union(self, type_: UnionOf) -> Expression:
        """A union, or what can be had of it."""

    @abstractmethod
    def optional(self, annotation: Expression) -> tuple[Expression, str]:
        """The annotation of what may be absent, and what it is then."""

    def write(self, type_: Type) -> Expression:
        """The annotation of a type, inside what is being written."""
        match type_:
            case Scalar(kind, constraints):
                return self._constrained(Atom(self.scalar_name(kind)), self._scalar_arguments(kind, constraints))
            case LiteralOf():
                return self.write_literal(type_)
            case ListOf(item, constraints):
                return self._constrained(subscript("list", self.write(item)), length_arguments(constraints, self.notes))
            case TupleOf(()):
                return subscript("tuple", call(""))
            case TupleOf(items):
                return subscript("tuple", *(self.write(item) for item in items))
            case MapOf(value, constraints):
                written = subscript("dict", Atom("str"), self.write(value))
                return self._constrained(written, length_arguments(constraints, self.notes))
            case Ref(name):
                return self._reference(name)
            case UnionOf(members) if len(members) < 2:
                return self.write(members[0]) if members else self.write(ANY)
            case UnionOf():
                return self.write_union(type_)

    def union(self, members: Iterable[Expression]) -> Expression:
        """A union of annotations."""
        made = union(members)
        if self.is_bare and isinstance(made, Union) and Atom("float") in made.members:
            # For a type checker, every int is a float.
            return union(member for member in made.members if member != Atom("int"))
        return made

    def write_literal(self, type_: LiteralOf) -> Expression:
        """One of some values."""
        self.imports.typing("Literal")
        return subscript("Literal", *(Atom(literal(value)) for value in literal_values(type_)))

    def scalar_name(self, kind: ScalarKind) -> str:
        """The name of a scalar."""
        name = _SCALARS[kind]
        self.imports.annotation(name)
        return name

    def _scalar_arguments(self, kind: ScalarKind, constraints: Constraints) -> list[Expression]:
        if self.is_bare or constraints == FREE:
            return []
        match kind:
            case "str":
                return text_arguments(constraints, self.notes, anywhere=self.compiles_with_re())
            case "int" | "float":
                return number_arguments(constraints, self.notes, whole=kind == "int")
            case "bytes":
                return length_arguments(constraints, self.notes)
            case _:
                return []

    def compiles_with_re(self) -> bool:
        """Whether Python's `re` will look for the patterns that are written now."""
        return True

    def _constrained(self, annotation: Expression, arguments: list[Expression]) -> Expression:
        if self.is_bare or not arguments:
            return annotation
        self.imports.typing("Annotated")
        self.imports.models(self.constraint)
        return subscript("Annotated", annotation, call(self.constraint, *arguments))

    def _reference(self, name: str) -> Expression:
        if name in self.circle:
            self.notes.add("recursion-lowered", f"{self.names.of(name)} leads to itself, and is Any here")
            return self.write(ANY)
        if self.shapes.alias(name) is not None:
            return Atom(self.names.of(name))
        if self.shapes.record(name) is None:
            self.notes.add("unknown-declaration", f"there is no declaration of the name {name}")
            return self.write(ANY)
        return Atom(self.names.of(name))
