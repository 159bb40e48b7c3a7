"""JSON, by msgspec and by pydantic: what its numbers, keys and texts become."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from pydantic import BaseModel

from tests.converters.messages import WHEN, Box, Point, Tick, Trade
from typedws.converters import JSONConverter, PydanticConverter
from typedws.converters.finite import refuse_non_finite
from typedws.errors import DeserializeError, SerializeError
from typedws.frames import TextFrame

BOTH = [JSONConverter(), PydanticConverter()]
both = pytest.mark.parametrize("converter", BOTH, ids=lambda converter: converter.name)


class Reading(BaseModel):
    value: float


class Anything(BaseModel):
    value: Any


def test_the_name_is_that_of_the_format() -> None:
    assert [converter.name for converter in BOTH] == ["json", "pydantic"]


def test_a_converter_shows_what_it_was_made_with() -> None:
    assert repr(JSONConverter()) == "JSONConverter()"
    assert repr(JSONConverter(accept_binary=True)) == "JSONConverter(accept_binary=True)"
    assert repr(PydanticConverter(strict=True)) == "PydanticConverter(strict=True)"


@both
def test_a_value_becomes_a_whole_text_frame(converter: JSONConverter | PydanticConverter) -> None:
    assert converter.serialize({"x": [1, "é"]}) == TextFrame('{"x":[1,"é"]}')


@both
@pytest.mark.parametrize("text", ["null", "true", "5", "-0.5", '"x"', "[]", "{}"])
def test_a_single_value_is_a_message(converter: JSONConverter | PydanticConverter, text: str) -> None:
    value = converter.deserialize(TextFrame(text), Any)
    assert converter.serialize(value) == TextFrame(text)


@both
@pytest.mark.parametrize(
    "number",
    ["1e400", "-1e400", "1E400", "1e+400", "1e0400", "1" + "0" * 400, "1" + "0" * 400 + ".5", "1" * 300 + "e20"],
)
@pytest.mark.parametrize(("form", "text"), [(Reading, '{"value": %s}'), (list[float], "[1, %s]"), (float, "%s")])
def test_a_number_that_no_float_can_hold_is_refused(
    converter: JSONConverter | PydanticConverter, number: str, form: Any, text: str
) -> None:
    with pytest.raises(DeserializeError):
        converter.deserialize(TextFrame(text % number), form)


@both
@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
@pytest.mark.parametrize(
    ("form", "text"), [(Reading, '{"value": %s}'), (Reading, '{"value": 1, "x": %s}'), (Any, "%s")]
)
def test_nan_and_infinity_are_not_json(
    converter: JSONConverter | PydanticConverter, number: str, form: Any, text: str
) -> None:
    with pytest.raises(DeserializeError, match="is not valid JSON"):
        converter.deserialize(TextFrame(text % number), form)


@both
@pytest.mark.parametrize("text", ["NaN", "Infinity", "1e400", "0e000", "9" * 500, 'say "NaN": 1e999'])
def test_the_same_characters_in_a_string_are_a_string(converter: JSONConverter | PydanticConverter, text: str) -> None:
    frame = converter.serialize({"value": text})
    assert converter.deserialize(frame, Anything).value == text


@both
@pytest.mark.parametrize("number", ["0e400", "1e-400", "0." + "0" * 400 + "1", "1e308", "123e00", "1e05"])
def test_numbers_that_only_look_large_are_read(converter: JSONConverter | PydanticConverter, number: str) -> None:
    assert converter.deserialize(TextFrame(f'{{"value": {number}}}'), Reading).value == float(number)


def test_the_look_for_large_numbers_leaves_malformed_text_to_others() -> None:
    for text in (b"{NaN}", b"\xffNaN", b"[" * 100_000 + b"NaN", b'"NaN', b"'NaN'"):
        refuse_non_finite(text)


@both
def test_floats_that_json_has_no_word_for_are_written_as_null(converter: JSONConverter | PydanticConverter) -> None:
    assert converter.serialize([math.nan, math.inf, -math.inf]).data == b"[null,null,null]"


def test_integers_may_be_of_any_size() -> None:
    converter = JSONConverter()
    for number in (2**63, 2**64, -(2**64), 10**300, 10**4000):
        assert converter.deserialize(converter.serialize(number), int) == number
    assert PydanticConverter().deserialize(PydanticConverter().serialize(10**300), int) == 10**300


@both
def test_an_integer_of_a_million_digits_is_refused(converter: JSONConverter | PydanticConverter) -> None:
    with pytest.raises(DeserializeError):
        converter.deserialize(TextFrame("1" + "0" * 1_000_000), int)


@both
def test_an_integer_that_is_too_large_is_not_written(converter: JSONConverter | PydanticConverter) -> None:
    if converter.name == "json":
        with pytest.raises(SerializeError):
            converter.serialize(10**5000)


@both
def test_the_last_of_two_equal_keys_counts(converter: JSONConverter | PydanticConverter) -> None:
    assert converter.deserialize(TextFrame('{"x": 1, "x": 2}'), Point) == Point(x=2)
    assert converter.deserialize(TextFrame('{"x": 1, "x": 2}'), dict[str, int]) == {"x": 2}


def test_the_offset_of_a_datetime_is_kept() -> None:
    for converter in BOTH:
        back = converter.deserialize(converter.serialize(WHEN), datetime)
        assert (back, back.utcoffset()) == (WHEN, WHEN.utcoffset())
    assert JSONConverter().serialize(WHEN.astimezone(UTC)).data == b'"2026-11-22T17:30:15.250000Z"'


def test_bytes_are_base64_for_msgspec_and_text_for_pydantic() -> None:
    assert JSONConverter().serialize(b"\xff\xfe").data == b'"//4="'
    assert PydanticConverter().serialize(b"ab").data == b'"ab"'
    with pytest.raises(SerializeError):
        PydanticConverter().serialize(b"\xff\xfe")


def test_bytes_beside_a_model_are_base64_too() -> None:
    converter = JSONConverter()
    frame = converter.serialize(b"\xff\xfe\xfd\xfc")
    assert converter.deserialize(frame, bytes | Point) == b"\xff\xfe\xfd\xfc"
    assert converter.deserialize(converter.serialize(b"\xff\xfe", bytes | Point), bytes | Point) == b"\xff\xfe"


def test_decimals_are_text_and_are_read_from_numbers() -> None:
    converter = JSONConverter()
    assert converter.serialize(Decimal("1.10")).data == b'"1.10"'
    assert converter.deserialize(TextFrame("1.1"), Decimal) == Decimal("1.1")


def test_the_order_of_the_tag_does_not_matter() -> None:
    frame = TextFrame('{"symbol": "a", "price": 1.5, "type": "tick"}')
    assert JSONConverter().deserialize(frame, Tick | Trade) == Tick("a", 1.5)


def test_a_raw_part_of_a_message_can_be_read_later() -> None:
    converter = JSONConverter()
    box = converter.deserialize(TextFrame('{"content": {"x": 1}}'), Box[msgspec.Raw])
    assert converter.deserialize(TextFrame(bytes(box.content)), Point) == Point(x=1)


def test_writing_does_not_change_the_value() -> None:
    value = {"b": [1, (2, 3)], "a": {"z": None}}
    copy = {"b": [1, (2, 3)], "a": {"z": None}}
    for converter in BOTH:
        converter.serialize(value)
    assert value == copy
    assert list(value) == ["b", "a"]
