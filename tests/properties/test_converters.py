"""Typed messages in every format: they come back equal, and a document that was damaged on its way is a value of its
type or a `ContentConvertError`, never anything else.

`tests/converters/test_properties.py` has the same for single values of every builtin type, and for bytes that were
never a document.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.converters.messages import (
    ALL,
    MIXED,
    Account,
    Aliased,
    Any_,
    Attrs,
    AttrsEnvelope,
    Box,
    Created,
    Deleted,
    Envelope,
    Event,
    Mixed,
    Named,
    Node,
    Page,
    Plain,
    PlainEnvelope,
    Point,
    Points,
    Strict,
    Tick,
    Trade,
    Typed,
)
from tests.properties.examples import examples
from typedws.errors import ContentConvertError, DeserializeError, SerializeError, UnsupportedTypeError
from typedws.frames import BinaryFrame, DataFrame, TextFrame

every_format = pytest.mark.parametrize("converter", MIXED, ids=lambda converter: converter.name)
every_converter = pytest.mark.parametrize("converter", ALL, ids=lambda converter: converter.name)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
integers = st.integers(-(2**63), 2**63 - 1)
floats = st.floats(allow_nan=False, allow_infinity=False)
points = st.builds(Point, x=integers, y=integers)
ticks = st.builds(Tick, texts, floats)
trades = st.builds(Trade, texts, integers)
nodes = st.recursive(
    st.builds(Node, integers), lambda inner: st.builds(Node, integers, st.lists(inner, max_size=3)), max_leaves=6
)
events = st.builds(Created, id=integers) | st.builds(Deleted, id=integers)

STRUCTS: dict[str, tuple[Any, st.SearchStrategy[Any]]] = {
    "union of Structs": (Tick | Trade, ticks | trades),
    "list of a union": (list[Tick | Trade], st.lists(ticks | trades, max_size=4)),
    "recursive Struct": (Node, nodes),
    "generic Struct": (Box[int | str], st.builds(Box, integers | texts)),
    "strict Struct": (Strict, st.builds(Strict, integers)),
    "models in a Struct": (
        Envelope,
        st.builds(Envelope, points, st.lists(points, max_size=3), st.dictionaries(texts, points, max_size=3)),
    ),
    "a model in a dataclass": (PlainEnvelope, st.builds(PlainEnvelope, points)),
    "a model in an attrs class": (AttrsEnvelope, st.builds(AttrsEnvelope, points)),
    "attrs class": (Attrs, st.builds(Attrs, integers, st.lists(texts, max_size=3))),
}
OTHERS: dict[str, tuple[Any, st.SearchStrategy[Any]]] = {
    "dataclass": (Plain, st.builds(Plain, integers, st.none() | st.dates())),
    "NamedTuple": (Named, st.builds(Named, integers, texts)),
    "TypedDict": (Typed, st.fixed_dictionaries({"x": integers, "y": texts})),
    "mapping": (dict[str, list[int | None]], st.dictionaries(texts, st.lists(st.none() | integers, max_size=3))),
    "model": (Point, points),
    "list of models": (list[Point], st.lists(points, max_size=3)),
    "tagged union of models": (Event, events),
    "union of a model and a scalar": (int | Point, integers | points),
    "root model": (Points, st.lists(points, max_size=3).map(Points)),
    "generic model": (Page[Point], st.lists(points, max_size=3).map(lambda items: Page[Point](items=items))),
    "model with an alias": (Aliased, st.builds(Aliased, orderId=integers)),
    "model with a validator": (
        Account,
        st.builds(Account, name=texts, pin=st.integers(0, 2**31), notes=st.dictionaries(texts, integers, max_size=3)),
    ),
}
BY_CONVERTER = {converter.name: OTHERS if converter.name == "pydantic" else {**STRUCTS, **OTHERS} for converter in ALL}


def every_form(converter: Any_) -> st.SearchStrategy[tuple[Any, Any]]:
    """A type form that the converter reads, and a value of it."""
    forms = BY_CONVERTER[converter.name]
    return st.sampled_from(sorted(forms)).flatmap(lambda name: st.tuples(st.just(forms[name][0]), forms[name][1]))


@every_converter
@examples(80)
@given(data=st.data())
def test_every_message_comes_back(converter: Any_, data: st.DataObject) -> None:
    form, value = data.draw(every_form(converter))
    back = converter.deserialize(converter.serialize(value, form), form)
    assert back == value
    assert type(back) is type(value)


# What was damaged.


def flip(data: bytearray, place: int, other: int) -> None:
    data[place] ^= 1 << other % 8


def lose(data: bytearray, place: int, other: int) -> None:
    del data[min(place, other) : max(place, other)]


def lose_a_byte(data: bytearray, place: int, other: int) -> None:
    del data[place]


def repeat(data: bytearray, place: int, other: int) -> None:
    data[place:place] = data[min(place, other) : max(place, other)]


def overwrite(data: bytearray, place: int, other: int) -> None:
    data[place] = data[other]


def cut(data: bytearray, place: int, other: int) -> None:
    del data[place:]


damages: st.SearchStrategy[Callable[[bytearray, int, int], None]] = st.sampled_from(
    [flip, flip, lose, lose_a_byte, repeat, overwrite, cut]
)


def damaged(data: st.DataObject, frame: DataFrame) -> DataFrame:
    payload = bytearray(frame.data)
    for damage in data.draw(st.lists(damages, min_size=1, max_size=3)):
        if payload:
            places = st.integers(0, len(payload) - 1)
            damage(payload, data.draw(places), data.draw(places))
    return type(frame)(bytes(payload))


@every_converter
@examples(150)
@given(data=st.data())
def test_a_damaged_message_is_a_value_of_its_type_or_a_deserialize_error(converter: Any_, data: st.DataObject) -> None:
    form, value = data.draw(every_form(converter))
    frame = damaged(data, converter.serialize(value, form))
    read = read_as(converter, frame, form)
    if isinstance(read, DeserializeError):
        return
    # Whatever it is, it is a message that can be sent.
    again = converter.deserialize(converter.serialize(read, form), form)
    assert again == read or repr(again) == repr(read)  # a NaN is not equal to itself


@every_converter
@examples(60)
@given(data=st.data())
def test_a_message_of_another_type_is_a_value_or_a_deserialize_error(converter: Any_, data: st.DataObject) -> None:
    form, value = data.draw(every_form(converter))
    other, _ = data.draw(every_form(converter))
    read_as(converter, converter.serialize(value, form), other)


def read_as(converter: Any_, frame: DataFrame, form: Any) -> Any:
    """What a frame is read as: a value, or an error that has all it must have."""
    try:
        return converter.deserialize(frame, form)
    except DeserializeError as failure:
        error = failure
    assert error.frame is frame
    assert error.type_form is form
    assert len(str(error)) <= 600
    return error


# What cannot be written.


class Foreign:
    """Nothing knows how to write it."""


odd = st.sampled_from([Foreign(), Foreign, object(), "\ud800", math.nan, math.inf, 1j, range(3), 2**70, -(2**70), ...])
anything = st.recursive(
    odd | texts | integers | st.binary(max_size=5) | points | ticks,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(texts | st.sampled_from([1, None, (1, 2), "\ud800"]), inner, max_size=3)
        | st.builds(Box, inner)
    ),
    max_leaves=6,
)


@every_converter
@examples(100)
@given(value=anything)
def test_any_object_is_written_or_a_serialize_error(converter: Any_, value: Any) -> None:
    try:
        frame = converter.serialize(value)
    except (SerializeError, UnsupportedTypeError) as failure:
        error: ContentConvertError = failure
    else:
        check_frame(converter, frame)
        return
    assert len(str(error)) <= 2000


def check_frame(converter: Any_, frame: DataFrame) -> None:
    assert type(frame) is (BinaryFrame if converter.name in ("cbor", "msgpack") else TextFrame)
    assert frame.fin
    if isinstance(frame, TextFrame):
        assert frame.text is not None


@every_format
@examples(60)
@given(point=points)
def test_both_libraries_write_the_same_document(converter: Mixed, point: Point) -> None:
    """A model and a mapping of its fields: whoever reads it cannot tell which library the sender uses."""
    plain = {"x": point.x, "y": point.y}
    assert converter.serialize(point) == converter.serialize(plain)
    assert converter.deserialize(converter.serialize(plain), Point) == point
