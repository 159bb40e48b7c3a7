"""Annotations for msgspec: constraints are `Meta`, and what is absent is `UNSET`.

msgspec looks at the first byte of a value, so in a union there can be one type that is written as a string, one that is
written as an array, and one that is written as an object: a Struct, several Structs with one tag field, or a `dict`.
Where a document wants more, the members in conflict are replaced by the narrowest type that takes all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final, Literal, TypeAlias

from typedws.schema.contract.types import (
    ANY,
    FREE,
    ListOf,
    LiteralOf,
    MapOf,
    Ref,
    Scalar,
    Tag,
    TupleOf,
    Type,
    UnionOf,
)
from typedws.schema.emit.annotations import Annotations
from typedws.schema.emit.layout import Atom, Expression
from typedws.schema.emit.text import literal

__all__ = ["MsgspecTypes"]

_Kind: TypeAlias = Literal["text", "array", "object", "int", "float", "bool", "null", "any"]

_INT64: Final = 1 << 63
_DEEPEST: Final = 5


class MsgspecTypes(Annotations):
    """Writes types for msgspec."""

    constraint = "Meta"
    _depth = 0

    def optional(self, annotation: Expression) -> tuple[Expression, str]:
        """`UNSET` is what is absent, so that `None` is null and nothing else."""
        self.imports.models("UNSET")
        self.imports.models("UnsetType")
        return self.union([annotation, Atom("UnsetType")]), "UNSET"

    def write_literal(self, type_: LiteralOf) -> Expression:
        """One of some values; any value of their types where one of them is beyond 64 bits."""
        if any(isinstance(value, int) and not -_INT64 <= value < _INT64 for value in type_.values):
            self.notes.add("literal-lowered", "msgspec takes no literals beyond 64 bits: any value is accepted")
            return self.union(self.write(Scalar(_literal_kind(value))) for value in type_.values)
        return super().write_literal(type_)

    def write_union(self, type_: UnionOf) -> Expression:
        """A union in which msgspec can tell the members apart: those that it cannot are merged."""
        leaves = list(self.shapes.leaves(type_, self.circle))
        if any(_kind(leaf) == "any" for leaf in leaves):
            return self.write(ANY)
        grouped: dict[_Kind, list[Type]] = {}
        for leaf in leaves:
            for part in _by_kind(leaf):
                grouped.setdefault(_kind(part), []).append(part)
        kept: list[Type] = []
        is_lowered = False
        for kind, parts in grouped.items():
            distinct = _distinct(parts)
            merged = self._merged(kind, distinct)
            is_lowered = is_lowered or merged is not None
            kept.extend(distinct if merged is None else [merged])
        safe = self._without_what_crashes(kept)
        if not is_lowered and safe == kept:
            return self.union(self.write(member) for member in type_.members)
        if self._depth == _DEEPEST:
            # Each time that arrays or dicts are made one, there may be arrays and dicts of each other in them.
            self.notes.add("recursion-lowered", "a union of arrays or dicts that hold each other is Any here")
            return self.write(ANY)
        self._depth += 1
        written = [self.write(part) for part in safe]
        self._depth -= 1
        return self.union(written)

    def _without_what_crashes(self, leaves: list[Type]) -> list[Type]:
        """The members without the constraints beside which msgspec 0.22 damages memory when such a union is read.

        A pattern does beside a list or a dict, and any constraint beside an array that has a type for each position.
        """
        if any(isinstance(leaf, TupleOf) for leaf in leaves):
            safe = [_without(leaf, everything=True) for leaf in leaves]
        elif any(isinstance(leaf, ListOf | MapOf) for leaf in leaves):
            safe = [_without(leaf, everything=False) for leaf in leaves]
        else:
            return leaves
        if safe != leaves:
            self.notes.add(
                "constraint-dropped", "msgspec takes no such constraint beside an array or a dict in a union"
            )
        return safe

    def _merged(self, kind: _Kind, parts: Sequence[Type]) -> Type | None:
        """What stands for several types of one kind; None where they can stand beside each other."""
        if len(parts) == 1:
            return None
        match kind:
            case "text":
                return self._merged_text(parts)
            case "array":
                return self._merged_arrays(parts)
            case "object":
                return self._merged_objects(parts)
            case "int" | "float":
                return self._merged_numbers(kind, parts)
            case _:
                return None

    def _merged_text(self, parts: Sequence[Type]) -> Type | None:
        if all(isinstance(part, LiteralOf) for part in parts):
            return _one_literal(parts)
        kinds = {part.kind if isinstance(part, Scalar) else "str" for part in parts}
        constrained = any(isinstance(part, Scalar) and part.constraints != FREE for part in parts)
        if len(kinds) == 1 and not constrained:
            return None
        shown = _listed(_shown(part) for part in parts)
        self.notes.add("union-lowered", f"msgspec cannot tell {shown} apart, as all are strings: it is a str")
        return Scalar("str")

    def _merged_numbers(self, kind: Literal["int", "float"], parts: Sequence[Type]) -> Type | None:
        if all(isinstance(part, LiteralOf) for part in parts):
            return _one_literal(parts)
        if all(
            isinstance(part, LiteralOf) or (isinstance(part, Scalar) and part.constraints == FREE) for part in parts
        ):
            return None
        self.notes.add("union-lowered", f"msgspec takes one {kind} with constraints in a union: it has none here")
        return Scalar(kind)

    def _merged_arrays(self, parts: Sequence[Type]) -> Type:
        items: dict[Type, None] = {}
        for part in parts:
            inside = (part.item,) if isinstance(part, ListOf) else part.items if isinstance(part, TupleOf) else (ANY,)
            for item in inside:
                items.update(dict.fromkeys(item.members if isinstance(item, UnionOf) else (item,)))
        self.notes.add("union-lowered", "msgspec takes one array in a union: it is a list of any of their items")
        return ListOf(_union_of(items))

    def _merged_objects(self, parts: Sequence[Type]) -> Type | None:
        records = [part for part in parts if isinstance(part, Ref)]
        if len(records) < len(parts):
            if not records:
                values: dict[Type, None] = {}
                for part in parts:
                    value = part.value if isinstance(part, MapOf) else ANY
                    values.update(dict.fromkeys(value.members if isinstance(value, UnionOf) else (value,)))
                self.notes.add("union-lowered", "msgspec takes one dict in a union: it has the values of all")
                return MapOf(_union_of(values))
            named = _listed(self.names.of(record.name) for record in records)
            self.notes.add("union-lowered", f"msgspec cannot tell {named} from other objects: it is a dict")
            return MapOf(ANY)
        why = self._why_not(records)
        if why is None:
            return None
        named = _listed(self.names.of(record.name) for record in records)
        self.notes.add("union-lowered", f"msgspec cannot tell {named} apart, as {why}: it is a dict")
        return MapOf(ANY)

    def _why_not(self, records: Iterable[Ref]) -> str | None:
        """Why Structs cannot be members of one union."""
        tags: list[Tag] = []
        for reference in records:
            record = self.shapes.record(reference.name)
            if record is None or record.tag is None:
                return "not each has a tag"
            tags.append(record.tag)
        if len({literal(tag.field) for tag in tags}) > 1:
            return "their tags are in different fields"
        if len({type(tag.value) for tag in tags}) > 1:
            return "their tags are strings and integers"
        if len({literal(tag.value) for tag in tags}) < len(tags):
            return "two have the same tag"
        return None


def _kind(type_: Type) -> _Kind:
    match type_:
        case Scalar("int" | "float" | "bool" | "null" | "any" as kind):
            return kind
        case Scalar():
            return "text"
        case LiteralOf(values):
            return "text" if isinstance(values[0], str) else "bool" if isinstance(values[0], bool) else "int"
        case ListOf() | TupleOf():
            return "array"
        case MapOf() | Ref():
            return "object"
        case UnionOf():
            return "any"


def _without(type_: Type, *, everything: bool) -> Type:
    """A type without its own constraints, or without its pattern."""
    if isinstance(type_, Scalar | ListOf | MapOf) and type_.constraints != FREE:
        return replace(type_, constraints=FREE if everything else replace(type_.constraints, pattern=None))
    return type_


def _by_kind(type_: Type) -> list[Type]:
    """A literal of several kinds as one for each kind."""
    if not isinstance(type_, LiteralOf):
        return [type_]
    found: dict[type, list[str | int | bool]] = {}
    for value in type_.values:
        found.setdefault(type(value), []).append(value)
    return [LiteralOf(tuple(values)) for values in found.values()]


def _distinct(parts: Iterable[Type]) -> list[Type]:
    # Not by equality alone: for Python, 1 is True.
    return list({repr(part): part for part in parts}.values())


def _one_literal(parts: Iterable[Type]) -> LiteralOf:
    return LiteralOf(tuple(value for part in parts if isinstance(part, LiteralOf) for value in part.values))


def _union_of(members: Iterable[Type]) -> Type:
    found = _distinct(members)
    return ANY if not found else found[0] if len(found) == 1 else UnionOf(tuple(found))


def _literal_kind(value: str | int | bool) -> Literal["str", "int", "bool"]:
    return "str" if isinstance(value, str) else "bool" if isinstance(value, bool) else "int"


def _shown(type_: Type) -> str:
    return type_.kind if isinstance(type_, Scalar) else "a literal"


def _listed(names: Iterable[str]) -> str:
    found = list(dict.fromkeys(names))
    if len(found) > 6:
        return f"{', '.join(found[:5])} and {len(found) - 5} more"
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} and {found[-1]}"
