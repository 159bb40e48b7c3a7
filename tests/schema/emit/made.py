"""Contracts made by hypothesis: valid as data, with names and texts as bad as they can be."""

from __future__ import annotations

import keyword
import string
from typing import Any

from hypothesis import strategies as st

from typedws.schema.contract.api import (
    Connection,
    Contract,
    Credential,
    Direction,
    Exchange,
    Filter,
    Message,
    Operation,
    Parameter,
    Server,
    Subscription,
)
from typedws.schema.contract.types import (
    Alias,
    Constraints,
    Declaration,
    Field,
    ListOf,
    LiteralOf,
    MapOf,
    Record,
    Ref,
    Scalar,
    Tag,
    TupleOf,
    Type,
    UnionOf,
)
from typedws.schema.decisions import ByKey, ByKind, ByValue, Only, Tagged, Trial, Undecided

NASTY = (
    '"""', "'''", '"', "'", "\\", "\\\\", '\\"', "\n", "\r", "\r\n", "\t", "\0", "\x0c", "\x1b", "\x7f", "\x85", "\u2028",
    "\u2029", "\u202e", "\u2066", "\ufeff", "\ud800", "\udfff", "{", "}", "{x}", "{{", "%s", "#", "# type: ignore",
    "# type: int", "# fmt: off", "# noqa", "# pyright: basic", "# -*- coding: latin-1 -*-", "__import__('os')",
    "\n__import__('os')", '"); boom(); ("', "'); boom(); ('", '""" + boom() + """', "\\N{BULLET}", "\\x41", "é", "日本語",
    "한", "שלום", "😀", "👨\u200d👩", "e\u0301", " ", "  ", "a" * 70, "- item", "* item", ">>> 1", "    indented", "type: x",
    "    name: entry of a list", "\u3000",
)  # fmt: skip

texts = st.one_of(
    st.sampled_from(NASTY),
    st.lists(st.sampled_from((*NASTY, "word", "some words ")), max_size=6).map("".join),
    st.text(max_size=30),
    st.text(string.ascii_letters + " -_.,\n", max_size=200),
)

_LETTERS = string.ascii_letters + string.digits + "_"
identifiers = st.one_of(
    st.sampled_from(
        ["id", "type", "from_", "list", "str", "dt", "json", "copy", "model_config", "model_x", "schema", "_x", "__x", "self",
         "timeout", "message", "url", "options", "server", "cls", "field", "Any", "None_", "validate", "mro", "register", "x" * 50, "Literal"]
    ),
    st.text(_LETTERS, min_size=1, max_size=12),
    st.text("abcxyz_", min_size=20, max_size=55),
).filter(lambda name: name.isidentifier() and not keyword.iskeyword(name))  # fmt: skip

_bounds = st.one_of(
    st.none(), st.integers(-5, 300), st.floats(-1e6, 1e6), st.sampled_from([2**63, -(2**64), 1e300, 0.1])
)
_lengths = st.one_of(st.none(), st.integers(0, 5000))
constraints = st.builds(
    Constraints,
    min_length=_lengths,
    max_length=_lengths,
    pattern=st.sampled_from([None, None, "^a+$", r"^\d{1,3}(?=x)", '"', "'\"", r"(?P<n>a)(?P=n)", "日本"]),
    ge=_bounds,
    gt=_bounds,
    le=_bounds,
    lt=_bounds,
    multiple_of=st.sampled_from([None, None, 1, 5, 0.01, 2.0, 2**70]),
)
_constraints = st.one_of(st.just(Constraints()), constraints)
_kinds = st.sampled_from(["str", "int", "float", "bool", "null", "bytes", "datetime", "date", "time", "uuid", "any"])
_values = st.one_of(texts, st.integers(-3, 3), st.booleans(), st.sampled_from([2**63, -(2**63) - 1]))
literals = st.lists(_values, min_size=1, max_size=6).map(lambda values: LiteralOf(tuple(values)))


def types(names: list[str]) -> st.SearchStrategy[Type]:
    leaves = st.one_of(st.builds(Scalar, _kinds, _constraints), literals, st.sampled_from(names).map(Ref))
    return st.recursive(leaves, lambda inner: st.one_of(
        st.builds(ListOf, inner, _constraints),
        st.builds(MapOf, inner, _constraints),
        st.lists(inner, max_size=4).map(lambda items: TupleOf(tuple(items))),
        st.lists(inner, min_size=2, max_size=5).map(_union),
    ), max_leaves=8)  # fmt: skip


def _union(members: list[Type]) -> Type:
    flat = dict.fromkeys(
        part for member in members for part in (member.members if isinstance(member, UnionOf) else (member,))
    )
    return UnionOf(tuple(flat)) if len(flat) > 1 else next(iter(flat))


@st.composite
def fields(draw: st.DrawFn, names: list[str], tag: Tag | None) -> tuple[Field, ...]:
    named = draw(st.lists(identifiers, max_size=5, unique=True))
    found: dict[str, Field] = {}
    if tag is not None:
        name = tag.field if tag.field.isidentifier() and not keyword.iskeyword(tag.field) else "tag_field"
        found[tag.field] = Field(name=name, wire_name=tag.field, type=LiteralOf((tag.value,)), required=True)
        named = [each for each in named if each != name]
    for name in named:
        wire_name = draw(st.one_of(st.just(name), texts))
        if wire_name in found:
            continue
        found[wire_name] = Field(
            name=name,
            wire_name=wire_name,
            type=draw(types(names)),
            required=draw(st.booleans()),
            default=draw(st.one_of(st.none(), texts, st.integers())),
            description=draw(texts),
            deprecated=draw(st.booleans()),
        )
    return tuple(found.values())


class_names = st.one_of(
    identifiers.map(lambda name: name[:1].upper() + name[1:]),
    st.sampled_from(
        ["Literal", "Any", "list", "str", "dt", "_X", "__X", "__all__", "model_config", "Struct", "Model", "x"]
    ),
).filter(lambda name: not keyword.iskeyword(name))


@st.composite
def declarations(draw: st.DrawFn) -> tuple[Declaration, ...]:
    names = draw(st.lists(class_names, min_size=1, max_size=6, unique=True))
    tag_field = draw(st.sampled_from(["type", "op", "kind-of", 'a"b', "from"]))
    found: list[Declaration] = []
    for number, name in enumerate(names):
        given: dict[str, Any] = {"name": name, "pointer": draw(texts), "description": draw(texts)}
        given["notes"] = tuple(draw(st.lists(texts, max_size=1)))
        if number and draw(st.integers(0, 2)) == 0:
            found.append(Alias(type=draw(types(names)), **given))
            continue
        tag = draw(st.one_of(st.none(), st.builds(Tag, st.just(tag_field), st.one_of(texts, st.integers(0, 5)))))
        extra = draw(st.one_of(st.none(), st.none(), types(names)))
        made = draw(fields(names, tag))
        found.append(Record(fields=made, tag=tag, closed=draw(st.booleans()), extra=extra, **given))
    return tuple(found)


@st.composite
def directions(draw: st.DrawFn, names: list[str]) -> Direction:
    chosen = draw(st.lists(st.sampled_from(names), max_size=4, unique=True))
    decisions = [
        None if not chosen else Only(chosen[0]),
        Undecided(tuple(chosen)),
        Trial(tuple(chosen)),
        Tagged(draw(texts), {draw(texts): name for name in chosen}),
        ByValue(
            (draw(texts), 1), {draw(texts): Only(name) for name in chosen}, draw(st.sampled_from([None, Undecided(())]))
        ),
        ByKey({draw(texts): Only(name) for name in chosen}),
        ByKind({"object": Undecided(tuple(chosen))}, None),
    ]
    messages = tuple(
        Message(
            name=name, keys=(name,), format="json", pointer="#/x", correlation=draw(st.sampled_from([None, ("id",)]))
        )
        for name in chosen
    )
    return Direction(
        messages=messages,
        text=draw(st.sampled_from(decisions)),
        binary=draw(st.sampled_from([None, decisions[0]])),
        text_format=draw(st.sampled_from(["json", "text"])),
        explanation=tuple(draw(st.lists(texts, max_size=2))),
    )


_argument_types: st.SearchStrategy[Type] = st.one_of(
    st.builds(Scalar, _kinds), literals, st.builds(ListOf, st.builds(Scalar, _kinds))
)


@st.composite
def parameters(draw: st.DrawFn) -> tuple[Parameter, ...]:
    return tuple(
        Parameter(
            name=name,
            wire_name=draw(texts),
            place=draw(st.sampled_from(["variable", "query", "header"])),
            type=draw(_argument_types),
            required=draw(st.booleans()),
            default=draw(st.one_of(st.none(), texts, st.integers(), st.floats(allow_nan=False, allow_infinity=False))),
            fixed=draw(st.booleans()),
            description=draw(texts),
        )
        for name in draw(st.lists(identifiers, max_size=3, unique=True))
    )


@st.composite
def connections(draw: st.DrawFn, name: str, names: list[str]) -> Connection:
    some = st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True).map(tuple)
    paths = st.lists(st.one_of(identifiers, st.integers(0, 2)), min_size=1, max_size=3).map(tuple)
    methods = draw(st.lists(identifiers, max_size=4, unique=True))
    operations = tuple(
        Operation(
            name=method,
            key=draw(texts),
            messages=draw(some),
            description=draw(texts),
            deprecated=draw(st.booleans()),
            exchange=draw(
                st.one_of(
                    st.none(),
                    st.builds(
                        Exchange,
                        replies=some,
                        failures=st.one_of(st.just(()), some),
                        request_id=paths,
                        id_type=st.sampled_from(["str", "int"]),
                        reply_ids=st.dictionaries(st.sampled_from(names), paths, max_size=2),
                        ok_field=st.one_of(st.none(), identifiers),
                        in_order=st.booleans(),
                    ),
                )
            ),
        )
        for method in methods
    )
    records = st.sampled_from(names)
    subscriptions = tuple(
        Subscription(
            name=f"subscribe_{method}"[:80],
            channel=draw(texts),
            request=draw(records),
            set_fields=draw(st.dictionaries(identifiers, st.one_of(texts, st.lists(texts, max_size=2)), max_size=2)),
            cancel=draw(st.one_of(st.none(), records)),
            updates=draw(st.one_of(st.just(()), some)),
            filters=tuple(draw(st.lists(st.builds(Filter, request=paths, update=paths), max_size=1))),
            parameters=draw(parameters()),
            address=draw(st.one_of(st.none(), texts)),
            address_field=draw(st.one_of(st.none(), identifiers)),
            description=draw(texts),
        )
        for method in methods[:2]
    )
    return Connection(
        name=name,
        channels=("x",),
        servers=tuple(
            Server(name=each, url=draw(texts), description=draw(texts))
            for each in draw(st.lists(texts, max_size=3, unique=True))
        ),
        path=draw(texts),
        parameters=draw(parameters()),
        credentials=tuple(
            Credential(name=each, kind=draw(st.sampled_from(["bearer", "basic", "header"])), wire_name=draw(texts))
            for each in draw(st.lists(identifiers, max_size=2, unique=True))
        ),
        incoming=draw(directions(names)),
        outgoing=draw(directions(names)),
        operations=operations,
        subscriptions=subscriptions,
        subprotocols=tuple(draw(st.lists(texts, max_size=2))),
        description=draw(texts),
    )


@st.composite
def contracts(draw: st.DrawFn) -> Contract:
    """A contract."""
    declared = draw(declarations())
    names = [each.name for each in declared]
    called = draw(st.lists(class_names.filter(lambda name: name not in names), min_size=1, max_size=2, unique=True))
    return Contract(
        title=draw(texts),
        version=draw(texts),
        source=draw(texts),
        digest=draw(texts),
        perspective="client",
        description=draw(texts),
        declarations=declared,
        connections=tuple(draw(connections(name, names)) for name in called),
    )
