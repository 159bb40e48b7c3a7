"""Whatever a converter makes of a value, the peer gets it as one whole message, or nothing of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.peers import BINARY, TEXT, Sent, connected
from typedws.converters.base import WebsocketContentConverter
from typedws.errors import SerializeError
from typedws.frames import BinaryFrame, DataFrame, TextFrame

pytestmark = pytest.mark.anyio


class Odd:
    """A converter that writes the payloads it is given, by the short way; and by the long one as a frame."""

    name = "odd"

    def __init__(self, frame: type[DataFrame]) -> None:
        self.frame = frame

    def is_applicable(self, frame: DataFrame) -> bool:
        return type(frame) is self.frame

    def serialize(self, value: Any, type_form: Any = None) -> DataFrame:
        return self.frame(b"first" if value is None else value)

    def deserialize(self, frame: DataFrame, type_form: Any) -> Any:
        return frame.data

    def payload_writer(self, cls: type) -> Callable[[Any], Any]:
        return lambda value: value


class Named(bytes):
    """Bytes of a kind of their own."""


@pytest.fixture(params=[TextFrame, BinaryFrame])
def converter(request: pytest.FixtureRequest) -> WebsocketContentConverter:
    converter: Any = Odd(request.param)
    assert isinstance(converter, WebsocketContentConverter)
    return converter


@pytest.mark.parametrize(
    ("value", "payload"),
    [
        (b"bytes", b"bytes"),
        (Named(b"bytes"), b"bytes"),
        (bytearray(b"bytes"), b"bytes"),
        (memoryview(b"bytes"), b"bytes"),
        (memoryview(b"abcdefgh").cast("I"), b"abcdefgh"),
        (memoryview(b"abcdefgh")[::2], b"aceg"),
    ],
    ids=["bytes", "a subclass", "bytearray", "memoryview", "memoryview of numbers", "memoryview with gaps"],
)
async def test_bytes_of_any_kind_are_one_message(
    converter: WebsocketContentConverter, value: object, payload: bytes
) -> None:
    async with connected(converter=converter) as (session, peer):
        for _ in range(3):  # the first goes the long way, and the short one is learned by it
            await session.send_serialized(value)
        await session.send("end")
        opcode = TEXT if isinstance(converter.serialize(b""), TextFrame) else BINARY
        assert [await peer.frame() for _ in range(4)] == [Sent(opcode, payload)] * 3 + [Sent(TEXT, b"end")]


@pytest.mark.parametrize("value", [0, 1.5, object(), [b"a"]], ids=lambda value: type(value).__name__)
async def test_anything_else_is_an_error_and_nothing_is_sent(
    converter: WebsocketContentConverter, value: object
) -> None:
    async with connected(converter=converter) as (session, peer):
        for _ in range(3):
            with pytest.raises(SerializeError):
                await session.send_serialized(value)
        await session.send("end")
        assert await peer.frame() == Sent(TEXT, b"end")


async def test_a_writer_that_returns_none_falls_back(converter: WebsocketContentConverter) -> None:
    async with connected(converter=converter) as (session, peer):
        for _ in range(3):
            await session.send_serialized(None)
        assert [(await peer.frame()).payload for _ in range(3)] == [b"first"] * 3


async def test_text_that_is_no_utf_8_is_an_error_and_nothing_is_sent() -> None:
    async with connected(converter=Odd(TextFrame)) as (session, peer):
        await session.send_serialized(b"ok")
        with pytest.raises(SerializeError):
            await session.send_serialized(b"\xff" * 20)
        await session.send("end")
        assert [(await peer.frame()).payload for _ in range(2)] == [b"ok", b"end"]
