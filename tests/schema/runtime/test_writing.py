"""Values become frames of the format of their message."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import Struct

from typedws import CBORConverter, JSONConverter, MsgPackConverter
from typedws.errors import SerializeError
from typedws.frames import BinaryFrame, TextFrame
from typedws.schema import Messages, Model, Only, Tagged, Undecided


class Start(Struct, tag_field="type", tag="start"):
    rate: int


class Chunk(Struct):
    data: bytes


class Stop(Model):
    reason: str | None = None


def test_json_goes_out_in_text_frames() -> None:
    messages = Messages[Start](text=Tagged("type", {"start": Start}))
    assert messages.encode(Start(8)) == TextFrame('{"type":"start","rate":8}')


def test_bytes_go_out_as_they_are_beside_json() -> None:
    messages = Messages[Any](text=Undecided((Start, Stop)), binary=Only(bytes))
    assert messages.encode(b"\x00") == BinaryFrame(b"\x00")
    assert messages.encode(Start(8)) == TextFrame('{"type":"start","rate":8}')
    assert messages.encode(Stop()) == TextFrame("{}")


def test_text_goes_out_as_it_is_where_the_format_is_text() -> None:
    messages = Messages[Any](text=Only(str), text_format="text", binary=Only(bytes))
    assert messages.encode("{ping") == TextFrame("{ping")
    assert messages.encode(b"x") == BinaryFrame(b"x")


def test_text_is_json_where_the_format_is_json() -> None:
    assert Messages[str](text=Only(str)).encode("ping") == TextFrame('"ping"')


def test_each_class_goes_out_in_its_own_format() -> None:
    messages = Messages[Any](text=Only(Start), binary=Only(Chunk), binary_format="msgpack")
    assert messages.encode(Start(8)) == JSONConverter().serialize(Start(8))
    assert messages.encode(Chunk(b"\xff")) == MsgPackConverter().serialize(Chunk(b"\xff"))


def test_an_alias_goes_out_as_text_where_it_might_be_both() -> None:
    messages = Messages[Any](text=Only(list[int]), binary=Only(list[str]), binary_format="cbor")
    assert messages.encode([1]) == TextFrame("[1]")
    only_binary = Messages[Any](binary=Only(Start), binary_format="cbor")
    assert only_binary.encode({"a": 1}) == CBORConverter().serialize({"a": 1})


def test_a_subclass_goes_out_as_its_base() -> None:
    class Sooner(Start, tag="sooner"):
        pass

    messages = Messages[Any](text=Only(Chunk), binary=Only(Start), binary_format="msgpack")
    assert isinstance(messages.encode(Sooner(1)), BinaryFrame)


def test_what_cannot_be_sent_as_it_is_is_refused() -> None:
    with pytest.raises(SerializeError, match="int is not sent as it is: only bytes is"):
        Messages[Any](binary=Only(bytes)).encode(1)
    with pytest.raises(SerializeError):
        Messages[Any](text=Only(Start)).encode(object())


def test_another_converter_takes_the_place_of_json_on_both_ways() -> None:
    codec = Messages[Start](text=Tagged("type", {"start": Start})).codec({"json": CBORConverter()})
    frame = codec.encode(Start(8))
    assert isinstance(frame, BinaryFrame)
    assert codec.decode(frame) == Start(8)


def test_json_in_binary_frames_is_read_where_the_converter_does() -> None:
    codec = Messages[Start](text=Tagged("type", {"start": Start})).codec({"json": JSONConverter(accept_binary=True)})
    assert codec.decode(BinaryFrame(b'{"type":"start","rate":8}')) == Start(8)


def test_two_decisions_for_one_kind_of_frame_are_refused() -> None:
    with pytest.raises(ValueError, match="the cbor converter reads no frames that are left for json"):
        Messages[Any](text=Only(Start), binary=Only(bytes)).codec({"json": CBORConverter()})
