"""Types of contracts, for hypothesis: such as both libraries can read, and that have values."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.schema.samples.models import contract_of
from typedws.schema.contract.api import Contract
from typedws.schema.contract.types import (
    NULL,
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

PATTERNS = (
    r"^[A-Z]{3,5}-[A-Z]{3}$",
    r"^\d+(\.\d{1,8})?$",
    r"^0x[0-9a-f]{8}$",
    r"(foo|ba[rz])+",
    r"^[^a-z\s]+$",
    r"^.*$",
)


@st.composite
def lengths(draw: st.DrawFn, most: int = 6) -> Constraints:
    low = draw(st.none() | st.integers(0, most))
    high = draw(st.none() | st.integers(low or 0, most + 4))
    return Constraints(min_length=low, max_length=high)


@st.composite
def integers(draw: st.DrawFn) -> Scalar:
    low = draw(st.none() | st.integers(-(10**6), 10**6))
    high = draw(st.none() | st.integers(-(10**6) if low is None else low + 20, 10**6 + 50))
    step = draw(st.sampled_from([None, 2, 5, 10]))
    # Either bound may exclude its own value.
    lower: dict[str, Any] = {} if low is None else {draw(st.sampled_from(["ge", "gt"])): low}
    upper: dict[str, Any] = {} if high is None else {draw(st.sampled_from(["le", "lt"])): high}
    return Scalar("int", Constraints(multiple_of=step, **lower, **upper))


@st.composite
def numbers(draw: st.DrawFn) -> Scalar:
    low = draw(st.none() | st.floats(-1000, 1000))
    high = draw(st.none() | st.floats(-1000 if low is None else low + 0.01, 1001))
    lower: dict[str, Any] = {} if low is None else {draw(st.sampled_from(["ge", "gt"])): low}
    upper: dict[str, Any] = {} if high is None else {draw(st.sampled_from(["le", "lt"])): high}
    return Scalar("float", Constraints(**lower, **upper))


STRINGS = st.builds(Scalar, st.just("str"), lengths()) | st.builds(
    lambda pattern: Scalar("str", Constraints(pattern=pattern)), st.sampled_from(PATTERNS)
)
SCALARS = st.one_of(
    STRINGS,
    integers(),
    numbers(),
    st.builds(Scalar, st.just("bytes"), lengths()),
    st.builds(Scalar, st.sampled_from(["bool", "null", "datetime", "date", "time", "uuid", "any"])),
    st.just(Scalar("float", Constraints(multiple_of=0.5))),
    st.builds(LiteralOf, st.just(("buy", "sell"))),
    st.builds(LiteralOf, st.just((1, 2, 3))),
)


def nested(inner: st.SearchStrategy[Type]) -> st.SearchStrategy[Type]:
    return st.one_of(
        st.builds(ListOf, inner, lengths(3)),
        st.builds(MapOf, inner, lengths(3)),
        st.builds(TupleOf, st.lists(inner, max_size=3).map(tuple)),
    )


TYPES: st.SearchStrategy[Type] = st.recursive(SCALARS, nested, max_leaves=4)


@st.composite
def fields(draw: st.DrawFn) -> tuple[Field, ...]:
    types = draw(st.lists(TYPES, max_size=4))
    made: list[Field] = []
    for index, type_ in enumerate(types):
        nullable = type_ not in (NULL, Scalar("any")) and draw(st.booleans())
        made.append(
            Field(
                name=f"field_{index}",
                wire_name=draw(st.sampled_from([f"field_{index}", f"Field-{index}"])),
                type=UnionOf((type_, NULL)) if nullable else type_,
                required=draw(st.booleans()),
            )
        )
    return tuple(made)


@st.composite
def contracts(draw: st.DrawFn) -> tuple[Contract, Type]:
    """A contract, and a type in it: two tagged records, a union of them, and a record that holds it."""
    declared: list[Declaration] = []
    for name in ("first", "second"):
        kind = Field(name="kind", wire_name="kind", type=LiteralOf((name,)), required=True)
        declared.append(
            Record(
                name=name.title(),
                pointer="#",
                fields=(kind, *draw(fields())),
                tag=Tag("kind", name),
                closed=draw(st.booleans()),
            )
        )
    either = UnionOf((Ref("First"), Ref("Second")), "kind")
    holder = Field(name="either", wire_name="either", type=either, required=draw(st.booleans()))
    declared.append(Record(name="Holder", pointer="#", fields=(holder, *draw(fields()))))
    types: list[Type] = [Ref("First"), either, Ref("Holder"), ListOf(Ref("Holder"))]
    return contract_of(*declared), draw(st.sampled_from(types))
