"""The base of generated pydantic models: absent is absent, and null is null."""

from __future__ import annotations

import traceback
from typing import Any, Literal

import msgspec
import pytest
from pydantic import Field, ValidationError

from typedws import CBORConverter, JSONConverter, MsgPackConverter, PydanticConverter
from typedws.errors import DeserializeError, SerializeError
from typedws.frames import TextFrame
from typedws.schema import Model, given


class Part(Model):
    name: str
    from_: str | None = Field(default=None, validation_alias="from", serialization_alias="from")
    model_size: int | None = None


class Whole(Model):
    type: Literal["whole"] = "whole"
    part: Part
    parts: list[Part] | None = None
    by_name: dict[str, Part] | None = None
    note: str | None = None


@pytest.mark.parametrize(
    "text",
    [
        '{"type":"whole","part":{"name":"a"}}',
        '{"type":"whole","part":{"name":"a","from":null},"note":null}',
        '{"type":"whole","part":{"name":"a","from":"x"},"parts":[{"name":"b"},{"name":"c","model_size":null}]}',
        '{"type":"whole","part":{"name":"a"},"by_name":{"k":{"name":"d"}},"note":"n"}',
    ],
)
@pytest.mark.parametrize(
    "converter",
    [JSONConverter(), PydanticConverter(), CBORConverter(), MsgPackConverter()],
    ids=lambda each: str(each.name),
)
def test_what_was_read_is_written_again(text: str, converter: Any) -> None:
    value = Whole.model_validate_json(text)
    assert JSONConverter().serialize(value).data == text.encode()
    frame = converter.serialize(value)
    assert converter.deserialize(frame, Any) == msgspec.json.decode(text)
    assert converter.deserialize(frame, Whole) == value
    listed = converter.serialize([value])
    assert converter.deserialize(listed, Any) == [msgspec.json.decode(text)]


def test_a_tag_with_a_default_is_written() -> None:
    assert Whole(part=Part(name="a")).model_dump_json() == '{"type":"whole","part":{"name":"a"}}'


def test_names_of_python_are_written_where_aliases_are_not_asked_for() -> None:
    part = Part(name="a", from_="x")
    assert part.model_dump() == {"name": "a", "from_": "x"}
    assert Part(name="a").model_dump() == {"name": "a"}
    assert Part(name="a", from_=None).model_dump(by_alias=True) == {"name": "a", "from": None}


def test_none_given_by_a_method_is_absent() -> None:
    assert given(Part(name="a", from_=None)).model_dump(by_alias=True) == {"name": "a"}
    assert given(Part(name="a", from_="x")).model_dump(by_alias=True) == {"name": "a", "from": "x"}


class Login(Model):
    secret: str = Field(max_length=8)
    parts: list[Part] | None = None
    by_name: dict[str, int] | None = None


@pytest.mark.parametrize(
    ("given_", "text"),
    [
        ({"secret": "hunter2hunter2"}, "no Login can be made of this: string_too_long at `$.secret`"),
        ({"secret": 5}, "no Login can be made of this: string_type at `$.secret`"),
        ({}, "no Login can be made of this: missing at `$.secret`"),
        (
            {"secret": "x", "parts": [{"name": b"hunter\xff"}]},
            "no Login can be made of this: string_unicode at `$.parts[...].name`",
        ),
        (
            {"secret": "x", "by_name": {"hunter2": "y"}},
            "no Login can be made of this: int_parsing at `$.by_name....`",
        ),
    ],
)
def test_what_no_message_can_be_made_of_is_an_error_of_ours_that_quotes_nothing(
    given_: dict[str, Any], text: str
) -> None:
    with pytest.raises(SerializeError) as caught:
        Login(**given_)
    assert str(caught.value) == text
    assert isinstance(caught.value.__cause__, ValidationError)
    if "by_name" not in given_:  # pydantic's own text, which is below it in a traceback, hides values but no keys
        assert "hunter" not in "".join(traceback.format_exception(caught.value))


def test_a_nested_model_that_cannot_be_made_is_such_an_error_too() -> None:
    with pytest.raises(SerializeError, match=r"no Part can be made of this: missing at `\$\.name`"):
        Whole(part=Part(**{}))


def test_reading_goes_past_it() -> None:
    class Seen(Model):
        part: Part
        other: dict[str, Part] | None = None

    with pytest.raises(ValidationError):
        Seen.model_validate({"part": {}})
    with pytest.raises(DeserializeError, match=r"missing at `\$\.part\.name`"):
        JSONConverter().deserialize(TextFrame('{"part":{}}'), Seen)
    assert Seen.model_validate_json('{"part":{"name":"a"}}').part == Part(name="a")
