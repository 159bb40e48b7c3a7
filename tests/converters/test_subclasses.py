"""A converter of the user's that goes on from one of ours: what it overrides is called for every message."""

from __future__ import annotations

from typing import Any

import pytest

from tests.leaks import no_socket_left
from tests.peers import TEXT, Sent, connected, text
from typedws import CBORConverter, JSONConverter, MsgPackConverter, ServerSession, connect, serve
from typedws.frames import BinaryFrame, DataFrame, Frame, TextFrame
from typedws.testing import session_pair

pytestmark = pytest.mark.anyio


class InAnEnvelope(JSONConverter):
    def serialize(self, value: object, type_form: Any = None, /) -> DataFrame:
        return super().serialize({"value": value}, type_form)

    def deserialize(self, frame: DataFrame, type_form: Any, /) -> Any:
        form: Any = dict.__class_getitem__((str, type_form))
        return super().deserialize(frame, form)["value"]


class Envelope:
    """The same, for any converter that it stands before."""

    def serialize(self, value: object, type_form: Any = None, /) -> DataFrame:
        frame: DataFrame = super().serialize({"value": value}, type_form)  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
        return frame

    def deserialize(self, frame: DataFrame, type_form: Any, /) -> Any:
        form: Any = dict.__class_getitem__((str, type_form))
        read: Any = super().deserialize(frame, form)  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
        return read["value"]


class MixedIn(Envelope, JSONConverter):
    pass


class Further(MixedIn):
    pass


@pytest.mark.parametrize("kind", [InAnEnvelope, MixedIn, Further])
async def test_what_a_subclass_overrides_is_called(kind: type[JSONConverter]) -> None:
    async with connected(converter=kind()) as (session, peer):
        for number in range(3):  # a session's short way begins with the second one
            await session.send_serialized(number)
            assert await peer.frame() == Sent(TEXT, b'{"value":%d}' % number)
            peer.push(text(f'{{"value":{number}}}'))
            assert await session.receive_deserialized(object) == number


@pytest.mark.parametrize("base", [JSONConverter, MsgPackConverter, CBORConverter])
def test_a_subclass_that_only_calls_its_base_changes_nothing(base: Any) -> None:
    class Same(base):  # type: ignore[misc]
        def serialize(self, value: object, type_form: Any = None, /) -> DataFrame:
            frame: DataFrame = super().serialize(value, type_form)
            return frame

    assert Same().serialize([1, 2]) == base().serialize([1, 2])


class ReadsText(MsgPackConverter):
    """Reads text as well, and writes what MessagePack is: binary."""

    def is_applicable(self, frame: Frame, /) -> bool:
        return isinstance(frame, TextFrame | BinaryFrame)


async def test_what_a_converter_writes_stays_of_its_kind_whatever_it_reads() -> None:
    async with session_pair(converter=ReadsText()) as (client, server):
        for value in (1, 1, [1, 2], [1, 2]):
            await client.send_serialized(value)
            assert type(await server.receive()) is BinaryFrame


class LooksAtPayloads(JSONConverter):
    def is_applicable(self, frame: Frame, /) -> bool:
        return frame.data[0] != 0


async def test_a_converter_that_breaks_its_contract_is_named_and_leaves_no_connection() -> None:
    with no_socket_left():
        async with serve(echo, "127.0.0.1", 0, converter=None) as server:
            with pytest.raises(TypeError, match="is_applicable of LooksAtPayloads must not raise"):
                async with connect(server.url, converter=LooksAtPayloads()):
                    pass


async def echo(session: ServerSession) -> None:
    async for frame in session.incoming:
        await session.send(frame)
