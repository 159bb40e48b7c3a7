"""What arrived before the end is delivered before the end; then iteration stops or raises as the close code says."""

from __future__ import annotations

import traceback

import anyio
import pytest

from tests.peers import Server, accepting, binary, close, connected, connected_in_memory, text, turns
from tests.promises.receiving import Receive
from tests.timing import SOON
from typedws.client import connect
from typedws.close import CloseReason
from typedws.config import SessionConfig
from typedws.converters.json import JSONConverter
from typedws.errors import ConnectionClosed, ConnectionClosedError, ConnectionClosedOK
from typedws.frames import Frame, TextFrame

pytestmark = pytest.mark.anyio

NUMBERS = b"".join(text(str(number)) for number in range(100))


async def test_messages_before_a_close_are_delivered_and_then_it_is_told(receive: Receive) -> None:
    async with connected(converter=JSONConverter()) as (session, peer):
        peer.push(NUMBERS + close(4000, "enough"))
        peer.finish()
        assert await session.wait_closed() == CloseReason(4000, "enough")
        assert [await receive(session) for _ in range(100)] == list(range(100))
        for _ in range(3):
            with pytest.raises(ConnectionClosedError) as caught:
                await receive(session)
            assert caught.value.reason == CloseReason(4000, "enough")


async def test_messages_before_a_lost_connection_are_delivered(receive: Receive) -> None:
    async with connected(converter=JSONConverter()) as (session, peer):
        peer.push(NUMBERS)
        await turns(20)
        peer.reset()
        with anyio.fail_after(SOON):
            assert (await session.wait_closed()).code == 1006
        assert [await receive(session) for _ in range(100)] == list(range(100))
        with pytest.raises(ConnectionClosedError):
            await receive(session)


async def test_messages_that_did_not_fit_the_queue_are_delivered_too() -> None:
    async with connected(config=SessionConfig(incoming_messages=4)) as (session, peer):
        peer.push(NUMBERS + close(1000))
        peer.finish()
        received = [int(frame.data) async for frame in session.incoming]
        assert received == list(range(100))
        assert session.close_reason == CloseReason(1000)


async def test_messages_behind_a_full_queue_survive_the_end_of_a_stream() -> None:
    async with connected_in_memory(config=SessionConfig(incoming_messages=4)) as (session, peer):
        peer.push(NUMBERS + close(1001))
        peer.finish()
        await turns(20)
        received = [int(frame.data) async for frame in session.incoming]
        assert received == list(range(100))
        assert session.close_reason == CloseReason(1001)


async def test_messages_after_the_block_has_been_left_are_still_there() -> None:
    async with connected() as (session, peer):
        peer.push(NUMBERS)
        await session.receive()
    assert len([frame async for frame in session.incoming]) == 99


async def test_a_whole_conversation_in_the_segment_of_the_handshake_is_delivered() -> None:
    with Server(accepting(then=NUMBERS + close(1000))) as server:
        async with connect(server.url, converter=None) as session:
            server.peer().close()
            assert len([frame async for frame in session.incoming]) == 100
        assert session.close_reason == CloseReason(1000)


@pytest.mark.parametrize("code", [1000, 1001, None])
async def test_iteration_ends_quietly_on_an_ordinary_close(code: int | None) -> None:
    for typed in (True, False):
        async with connected(converter=JSONConverter()) as (session, peer):
            peer.push(NUMBERS + close(code))
            peer.finish()
            if typed:
                received = [number async for number in session.iter_deserialized(int)]
            else:
                received = [int(frame.data) async for frame in session.incoming]
            assert received == list(range(100))
            with pytest.raises(ConnectionClosedOK) as caught:
                await session.receive()
            assert caught.value.reason.code == (code or 1005)
            assert [frame async for frame in session.incoming] == []


@pytest.mark.parametrize("code", [1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 4999])
async def test_iteration_raises_on_any_other_close(code: int) -> None:
    for typed in (True, False):
        async with connected(converter=JSONConverter()) as (session, peer):
            peer.push(NUMBERS + close(code))
            peer.finish()
            received = []
            with pytest.raises(ConnectionClosedError) as caught:
                if typed:
                    async for number in session.iter_deserialized(int):
                        received.append(number)
                else:
                    async for frame in session.incoming:
                        received.append(int(frame.data))
            assert received == list(range(100))
            assert caught.value.reason.code == code


async def test_iteration_raises_when_the_connection_is_lost() -> None:
    async with connected() as (session, peer):
        peer.push(text("x"))
        peer.finish()
        received = []
        with pytest.raises(ConnectionClosedError):
            async for frame in session.incoming:
                received.append(frame)
        assert received == [TextFrame("x")]


@pytest.mark.parametrize("code", [1000, 1011, 4999])
async def test_iteration_ends_quietly_after_a_close_of_ours_whatever_its_code(code: int) -> None:
    async with connected(converter=JSONConverter()) as (session, peer):
        peer.push(text("1") + text("2"))
        assert await session.receive_deserialized(int) == 1
        peer.farewell()
        await session.close(CloseReason(code))
        assert [number async for number in session.iter_deserialized(int)] == [2]
        assert [frame async for frame in session.incoming] == []
        with pytest.raises(ConnectionClosed):  # the plain call has no other way to say so
            await session.receive()


async def test_messages_that_come_after_our_close_are_discarded() -> None:
    async with connected() as (session, peer):
        peer.push(text("before"))
        await session.receive()
        peer.push(text("queued"))
        await turns(20)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(session.close)
            await peer.frame()
            await peer.send(text("too late") * 1000 + binary(bytes(1 << 20)) + close())
            peer.close()
        assert [frame async for frame in session.incoming] == [TextFrame("queued")]


async def test_an_iteration_in_progress_ends_quietly_when_another_task_closes() -> None:
    async with connected() as (session, peer), anyio.create_task_group() as tasks:
        received: list[Frame | None] = []

        async def iterate() -> None:
            async for frame in session.incoming:
                received.append(frame)
            received.append(None)

        tasks.start_soon(iterate)
        peer.push(text("x"))
        await turns(20)
        peer.farewell()
        await session.close(CloseReason(4000))
        await turns(3)
        assert received == [TextFrame("x"), None]


async def test_every_raise_is_a_new_exception() -> None:
    async with connected(converter=JSONConverter()) as (session, peer):
        peer.push(close(1011))
        peer.finish()
        raised: list[ConnectionClosed] = []
        for attempt in (
            session.receive,
            session.receive,
            session.ping,
            lambda: session.send("x"),
            lambda: session.send_serialized(1),
            lambda: session.receive_deserialized(int),
            lambda: anext(session.incoming),
            lambda: anext(session.iter_deserialized(int)),
            session.incoming.receive,
            lambda: session.outgoing.send(TextFrame("x")),
        ):
            with pytest.raises(ConnectionClosedError) as caught:
                await attempt()
            raised.append(caught.value)
        assert len(set(map(id, raised))) == len(raised)
        assert {error.reason.code for error in raised} == {1011}
        assert max(len(traceback.extract_tb(error.__traceback__)) for error in raised) < 8


async def test_the_errors_fit_code_that_speaks_anyio() -> None:
    async with connected() as (session, peer):
        peer.push(close(1000))
        peer.finish()
        with pytest.raises(anyio.EndOfStream):
            await session.incoming.receive()
        with pytest.raises(anyio.BrokenResourceError):
            await session.outgoing.send(TextFrame("x"))
    async with connected() as (session, peer):
        peer.close()
        with pytest.raises(anyio.BrokenResourceError) as caught:
            await session.incoming.receive()
        assert not isinstance(caught.value, anyio.EndOfStream)


async def test_closing_one_of_the_streams_closes_the_session() -> None:
    for name in ("incoming", "outgoing"):
        async with connected() as (session, peer):
            peer.farewell()
            await getattr(session, name).aclose()
            assert session.close_reason == CloseReason(1000)


async def test_flush_and_close_on_a_closed_session_return_at_once() -> None:
    async with connected() as (session, peer):
        peer.close()
        await session.wait_closed()
        with anyio.fail_after(SOON):
            await session.flush()
            await session.close()
            await session.close(CloseReason(4000))
        assert session.close_reason is not None
        assert session.close_reason.code == 1006
