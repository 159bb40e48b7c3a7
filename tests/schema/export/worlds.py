"""Random APIs: types of many shapes, as source for msgspec or for pydantic, and values that fit them, as JSON."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from types import ModuleType
from typing import Any, Literal, TypeAlias

from hypothesis import strategies as st

Library: TypeAlias = Literal["msgspec", "pydantic"]


@dataclass(frozen=True)
class Scalar:
    kind: str


@dataclass(frozen=True)
class Bounded:
    kind: str
    low: int
    high: int


@dataclass(frozen=True)
class OneOf:
    values: tuple[str, ...] | tuple[int, ...]


@dataclass(frozen=True)
class ListOf:
    item: Shape
    low: int = 0


@dataclass(frozen=True)
class MapOf:
    value: Shape


@dataclass(frozen=True)
class TupleOf:
    items: tuple[Shape, ...]


@dataclass(frozen=True)
class Nullable:
    inner: Shape


@dataclass(frozen=True)
class Records:
    """One record, or one of several with tags."""

    names: tuple[str, ...]


Shape: TypeAlias = Scalar | Bounded | OneOf | ListOf | MapOf | TupleOf | Nullable | Records


@dataclass(frozen=True)
class Field:
    wire_name: str
    shape: Shape
    required: bool
    doc: str


@dataclass(frozen=True)
class Record:
    name: str
    tag: str | None
    fields: tuple[Field, ...]
    closed: bool


@dataclass(frozen=True)
class World:
    """Records, the first of which are messages with a tag."""

    records: tuple[Record, ...]
    incoming: tuple[str, ...]
    outgoing: tuple[str, ...]

    def record(self, name: str) -> Record:
        return next(record for record in self.records if record.name == name)


NAMES = ("Alpha", "Beta", "Gamma", "Delta", "Epsilon")
WIRE_NAMES = (
    "from",
    "class",
    "24h",
    "a-b",
    "größe",
    "camelCase",
    "snake_case",
    "str",
    "x",
    "list",
    "self",
    "$id",
    "Field",
)
DOCS = ("", "In one line.", 'In\n\ntwo, with """quotes""" and \\.')
EXAMPLES: dict[str, list[Any]] = {
    "dt.datetime": ["2026-11-22T12:00:00Z", "2026-11-22T12:00:00.000123Z"],
    "dt.date": ["2026-11-22", "0001-01-01"],
    "UUID": ["00000000-0000-0000-0000-000000000001", "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"],
    "dt.time": ["12:30:00Z", "12:30:00.000001Z"],
    "dt.timedelta": ["PT90S"],
    "Decimal": ["1.50", "-3"],
    "bytes": ["", "AAE=", "/+8="],
    "bool": [True, False],
    "Any": [None, 1, "x", [1, {"a": None}], {"b": 2.5}],
}
KINDS = ("str", "int", "float", *EXAMPLES)
MSGSPEC_ONLY = ("bytes", "Decimal", "dt.timedelta")
"""What is something else on the wire in a model: see test_schemas.py."""
WORDS = st.sampled_from(["a", "b c", "no", "", "ü", "type", "'\"", "1"])


def shapes(kinds: Sequence[str], names: tuple[str, ...], tagged: tuple[str, ...]) -> st.SearchStrategy[Shape]:
    """Shapes that hold these records."""
    leaves: list[st.SearchStrategy[Shape]] = [
        st.sampled_from(kinds).map(Scalar),
        st.tuples(st.sampled_from(["int", "str"]), st.integers(0, 3), st.integers(4, 6)).map(lambda it: Bounded(*it)),
        st.lists(WORDS, min_size=1, max_size=4, unique=True).map(lambda it: OneOf(tuple(it))),
        st.lists(st.integers(-2, 9), min_size=1, max_size=4, unique=True).map(lambda it: OneOf(tuple(it))),
    ]
    if names:
        leaves.append(st.sampled_from(names).map(lambda name: Records((name,))))
    if len(tagged) > 1:
        leaves.append(st.lists(st.sampled_from(tagged), min_size=2, unique=True).map(lambda it: Records(tuple(it))))

    def wrap(inner: st.SearchStrategy[Shape]) -> st.SearchStrategy[Shape]:
        return (
            st.builds(ListOf, inner, st.integers(0, 1))
            | st.builds(MapOf, inner)
            | st.lists(inner, min_size=1, max_size=3).map(lambda it: TupleOf(tuple(it)))
            | inner.filter(lambda it: not isinstance(it, Nullable) and it != Scalar("Any")).map(Nullable)
        )

    return st.recursive(st.one_of(leaves), wrap, max_leaves=3)


@st.composite
def worlds(draw: st.DrawFn, without: tuple[str, ...]) -> World:
    """Any world, without some of the scalars."""
    kinds = [kind for kind in KINDS if kind not in without]
    size = draw(st.integers(1, 5))
    names = NAMES[:size]
    messages = names[: draw(st.integers(1, size))]
    records: list[Record] = []
    for position, name in enumerate(names):
        # An object of which nothing is known is a dict to the generator.
        least = 0 if name in messages else 1
        wire_names = draw(st.lists(st.sampled_from(WIRE_NAMES), min_size=least, max_size=4, unique=True))
        fields: list[Field] = []
        for wire_name in wire_names:
            required = draw(st.booleans())
            # What must be there leads only onwards, so that every record has finite values.
            later = names[position + 1 :] if required else names
            tagged = tuple(one for one in later if one in messages)
            shape = draw(shapes(kinds, later, tagged))
            fields.append(Field(wire_name, shape, required, draw(st.sampled_from(DOCS))))
        records.append(Record(name, name.lower() if name in messages else None, tuple(fields), draw(st.booleans())))
    side = st.lists(st.sampled_from(messages), min_size=1, unique=True).map(tuple)
    return World(tuple(records), draw(side), draw(side))


def source(world: World, library: Library) -> str:
    """The world as a module."""
    head = (
        "from __future__ import annotations\nimport datetime as dt\nfrom decimal import Decimal\n"
        "from typing import Annotated, Any, Literal, Union\nfrom uuid import UUID\n"
    )
    if library == "msgspec":
        head += "from msgspec import UNSET, Meta, Struct, UnsetType, field\n"
    else:
        head += "from pydantic import BaseModel, ConfigDict, Field\n"
    return head + "".join(_class(record, world, library) for record in world.records)


def _class(record: Record, world: World, library: Library) -> str:
    if library == "msgspec":
        options = ["kw_only=True"] + ([f"tag_field='kind', tag={record.tag!r}"] if record.tag else [])
        options += ["forbid_unknown_fields=True"] if record.closed else []
        lines = [f"\nclass {record.name}(Struct, {', '.join(options)}):", f'    """The {record.name}."""']
    else:
        lines = [f"\nclass {record.name}(BaseModel):", f'    """The {record.name}."""']
        lines += ["    model_config = ConfigDict(extra='forbid')"] if record.closed else []
        lines += [f"    kind: Literal[{record.tag!r}] = {record.tag!r}"] if record.tag else []
    for number, field in enumerate(record.fields):
        form = annotation(field.shape, world, library)
        if library == "msgspec":
            default = "" if field.required else "default=UNSET, "
            form += "" if field.required else " | UnsetType"
            lines.append(f"    f{number}: {form} = field({default}name={field.wire_name!r})")
        else:
            default = "" if field.required else "default=None, "
            form += "" if field.required else " | None"
            lines.append(f"    f{number}: {form} = Field({default}alias={field.wire_name!r})")
        lines += [f"    {field.doc!r}"] if field.doc else []
    return "\n".join(lines) + "\n"


def annotation(shape: Shape, world: World, library: Library) -> str:
    """The shape as Python writes it."""
    meta = "Meta" if library == "msgspec" else "Field"
    match shape:
        case Scalar(kind):
            return kind
        case Bounded("int", low, high):
            return f"Annotated[int, {meta}(ge={low}, lt={high})]"
        case Bounded(kind, low, high):
            return f"Annotated[{kind}, {meta}(min_length={low}, max_length={high})]"
        case OneOf(values):
            return f"Literal[{', '.join(map(repr, values))}]"
        case ListOf(item, low):
            form = f"list[{annotation(item, world, library)}]"
            return f"Annotated[{form}, {meta}(min_length={low})]" if low else form
        case MapOf(value):
            return f"dict[str, {annotation(value, world, library)}]"
        case TupleOf(items):
            return f"tuple[{', '.join(annotation(item, world, library) for item in items)}]"
        case Nullable(inner):
            return f"{annotation(inner, world, library)} | None"
        case Records(names):
            form = " | ".join(names)
            if library == "pydantic" and len(names) > 1:
                return f"Annotated[{form}, Field(discriminator='kind')]"
            return form


def values(shape: Shape, world: World, depth: int = 0) -> st.SearchStrategy[Any]:
    """JSON values of a shape."""
    deep = depth > 3
    match shape:
        case Scalar("str"):
            return WORDS
        case Scalar("int"):
            return st.integers(-(2**53), 2**53)
        case Scalar("float"):
            return st.floats(-1e6, 1e6)
        case Scalar(kind):
            return st.sampled_from(EXAMPLES[kind])
        case Bounded("int", low, high):
            return st.integers(low, high - 1)
        case Bounded(_, low, high):
            return st.text("abc", min_size=low, max_size=high)
        case OneOf(allowed):
            return st.sampled_from(allowed)
        case ListOf(item, low):
            return st.lists(values(item, world, depth + 1), min_size=low, max_size=low if deep else 2)
        case MapOf(value):
            return st.dictionaries(WORDS, values(value, world, depth + 1), max_size=0 if deep else 2)
        case TupleOf(items):
            return st.tuples(*(values(item, world, depth + 1) for item in items)).map(list)
        case Nullable(inner):
            return st.none() if deep else st.none() | values(inner, world, depth + 1)
        case Records(names):
            return st.one_of([record_values(world.record(name), world, depth + 1) for name in names])


def record_values(record: Record, world: World, depth: int = 0) -> st.SearchStrategy[dict[str, Any]]:
    """JSON values of a record."""

    @st.composite
    def made(draw: st.DrawFn) -> dict[str, Any]:
        value: dict[str, Any] = {"kind": record.tag} if record.tag else {}
        for field in record.fields:
            if field.required or (depth <= 3 and draw(st.booleans())):
                value[field.wire_name] = draw(values(field.shape, world, depth))
        return value

    return made()


_numbers = count()


def load_module(text: str, name: str) -> ModuleType:
    """The module of a source; `forget` it afterwards."""
    module = ModuleType(f"{name}_{next(_numbers)}")
    sys.modules[module.__name__] = module
    exec(compile(text, module.__name__, "exec"), module.__dict__)
    return module


def forget(*modules: ModuleType) -> None:
    for module in modules:
        sys.modules.pop(module.__name__, None)
