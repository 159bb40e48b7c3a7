"""The types of a contract: what JSON Schema says, in the terms of Python, and free of any model library.

    Scalar      one value: str, int, float, bool, null, bytes, datetime, date, time, uuid, any
    LiteralOf   one of these values
    ListOf      an array of one type
    TupleOf     an array with a type for each position
    MapOf       an object with any keys and one type of values
    Ref         a declaration, by name
    UnionOf     one of these types; nullable is a union with null

A `Record` is declared once, under a name, and so is an `Alias` for any other type.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

__all__ = [
    "ANY",
    "FREE",
    "NULL",
    "Alias",
    "Constraints",
    "Declaration",
    "Field",
    "ListOf",
    "LiteralOf",
    "MapOf",
    "Record",
    "Ref",
    "Scalar",
    "ScalarKind",
    "Tag",
    "TupleOf",
    "Type",
    "UnionOf",
    "parts",
]

ScalarKind: TypeAlias = Literal[
    "str", "int", "float", "bool", "null", "bytes", "datetime", "date", "time", "uuid", "any"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraints:
    """What a value must also be, in the words of JSON Schema; None where it says nothing.

    Lengths are characters of a string, bytes, items of an array or members of an object. `pattern` is a regular
    expression that Python's `re` can compile.
    """

    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    ge: float | None = None
    gt: float | None = None
    le: float | None = None
    lt: float | None = None
    multiple_of: float | None = None

    @property
    def is_free(self) -> bool:
        """Whether there is no constraint at all."""
        return self == FREE


FREE = Constraints()


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value. `int` and `float` are JSON's integer and number; `bytes` is base64 in JSON."""

    kind: ScalarKind
    constraints: Constraints = FREE


@dataclass(frozen=True, slots=True)
class LiteralOf:
    """One of these values, at least one."""

    values: tuple[str | int | bool, ...]


@dataclass(frozen=True, slots=True)
class ListOf:
    """An array of items of one type."""

    item: Type
    constraints: Constraints = FREE


@dataclass(frozen=True, slots=True)
class TupleOf:
    """An array of exactly these items."""

    items: tuple[Type, ...]


@dataclass(frozen=True, slots=True)
class MapOf:
    """An object with any keys."""

    value: Type
    constraints: Constraints = FREE


@dataclass(frozen=True, slots=True)
class Ref:
    """The declaration of this name."""

    name: str


@dataclass(frozen=True, slots=True)
class UnionOf:
    """One of two or more types, none of them a union.

    Attributes:
        members: the types, in the order of the document.
        tag: the property that tells its records apart, each of which has it as its `Record.tag`; None where there is
            no such property, or at most one record.
    """

    members: tuple[Type, ...]
    tag: str | None = None


Type: TypeAlias = Scalar | LiteralOf | ListOf | TupleOf | MapOf | Ref | UnionOf

ANY = Scalar("any")
NULL = Scalar("null")


@dataclass(frozen=True, slots=True)
class Tag:
    """The property that tells a record from others, and its value."""

    field: str
    value: str | int


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A property of a record.

    Attributes:
        name: its name in Python: an identifier, no keyword, unique in the record.
        wire_name: its name in the document and on the wire.
        type: what it holds; a union with null where it may be null.
        required: whether it must be there. A field that may be absent is another thing than one that may be null.
        default: what the document says an absent one means, as JSON; None where it says nothing.
        description: as in the document.
        deprecated: whether the document says so.
        example: a valid value from the document, as JSON; None where there is none.
    """

    name: str
    wire_name: str
    type: Type
    required: bool
    default: Any = None
    description: str = ""
    deprecated: bool = False
    example: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """An object with known properties.

    Attributes:
        name: a class name, unique in the contract.
        pointer: where it stands in the document, `#/components/schemas/Trade`; with the file before the `#` where that
            is not the document itself.
        fields: in the order of the document. The property of `tag` is among them, as a `LiteralOf` one value.
        tag: what tells it apart in the unions that it is in.
        closed: whether other properties are forbidden.
        extra: the type of further properties where the document gives one.
        description: as in the document.
        deprecated: whether the document says so.
        notes: keywords that no type can say, and that are left to the reader: "if, not".
    """

    name: str
    pointer: str
    fields: tuple[Field, ...]
    tag: Tag | None = None
    closed: bool = False
    extra: Type | None = None
    description: str = ""
    deprecated: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """Any other type under a name. `pointer`, `description` and `notes` are as for a record; `part` tells it from what
    else stands at its pointer."""

    name: str
    pointer: str
    type: Type
    description: str = ""
    deprecated: bool = False
    notes: tuple[str, ...] = ()
    part: str = ""


Declaration: TypeAlias = Record | Alias


def parts(type_: Type) -> Iterator[Type]:
    """A type and every type inside it; declarations are not followed."""
    yield type_
    match type_:
        case ListOf(inner, _) | MapOf(inner, _):
            yield from parts(inner)
        case TupleOf(inner_types) | UnionOf(inner_types, _):
            for inner in inner_types:
                yield from parts(inner)
        case _:
            pass
