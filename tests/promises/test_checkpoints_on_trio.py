"""On trio every public coroutine is a checkpoint, whether it has to wait or not, before it takes or sends anything."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest
from trio.testing import assert_checkpoints

from tests.peers import (
    PONG,
    TEXT,
    MemoryPeer,
    Sent,
    close,
    connected,
    connected_in_memory,
    ping,
    pong,
    text,
    turns,
    wire_of,
)
from typedws.client import wrap_stream
from typedws.close import CloseReason
from typedws.config import SessionConfig
from typedws.converters.json import JSONConverter
from typedws.errors import ConnectionClosed, DeserializeError, LocalProtocolError, SerializeError
from typedws.frames import CloseFrame, PingFrame, TextFrame
from typedws.session import Session

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "trio"


Call = Callable[[Session], Awaitable[Any]]

RECEIVING: dict[str, Call] = {
    "receive": lambda session: session.receive(),
    "receive_deserialized": lambda session: session.receive_deserialized(int),
    "iter_deserialized": lambda session: anext(session.iter_deserialized(int)),
    "incoming.receive": lambda session: session.incoming.receive(),
    "incoming": lambda session: anext(session.incoming),
}

SENDING: dict[str, Call] = {
    "send": lambda session: session.send("1"),
    "send a ping": lambda session: session.send(PingFrame()),
    "send_serialized": lambda session: session.send_serialized(1),
    "outgoing.send": lambda session: session.outgoing.send(TextFrame("1")),
    "flush": lambda session: session.flush(),
}

CLOSING: dict[str, Call] = {
    "close": lambda session: session.close(CloseReason(4000)),
    "wait_closed": lambda session: session.wait_closed(),
    "incoming.aclose": lambda session: session.incoming.aclose(),
    "outgoing.aclose": lambda session: session.outgoing.aclose(),
    "flush": lambda session: session.flush(),
}


@asynccontextmanager
async def ready() -> AsyncIterator[tuple[Session, Any]]:
    """A session with ten numbers to receive."""
    async with connected(converter=JSONConverter()) as (session, peer):
        peer.push(text("1") * 10)
        await session.receive()
        await turns(5)
        yield session, peer


@pytest.mark.parametrize("call", RECEIVING.values(), ids=RECEIVING)
async def test_receiving_what_is_there_is_a_checkpoint_each_time(call: Call) -> None:
    async with ready() as (session, _):
        for _ in range(9):
            with assert_checkpoints():
                await call(session)


@pytest.mark.parametrize("call", SENDING.values(), ids=SENDING)
async def test_sending_with_room_is_a_checkpoint_each_time(call: Call) -> None:
    async with ready() as (session, _):
        for _ in range(5):
            with assert_checkpoints():
                await call(session)


@pytest.mark.parametrize("first", ["ping", "failed send", "failed fragment"])
async def test_sending_is_a_checkpoint_after_a_call_that_sent_no_message(first: str) -> None:
    async with ready() as (session, peer), anyio.create_task_group() as tasks:
        if first == "ping":

            async def answer() -> None:
                peer.push(pong((await peer.frame()).payload))

            tasks.start_soon(answer)
            with assert_checkpoints():
                await session.ping()
        elif first == "failed send":
            with assert_checkpoints(), pytest.raises(SerializeError):
                await session.send_serialized(object())
        else:
            with assert_checkpoints(), pytest.raises(LocalProtocolError):
                await session.send(TextFrame("x", fin=False))
        with assert_checkpoints():
            await session.send("x")


async def test_receiving_is_a_checkpoint_after_a_bad_message_and_after_a_cancelled_receive() -> None:
    async with ready() as (session, peer):
        peer.push(text("no number") + text("1"))
        for _ in range(9):
            await session.receive()
        with assert_checkpoints(), pytest.raises(DeserializeError):
            await session.receive_deserialized(int)
        with assert_checkpoints():
            await session.receive_deserialized(int)
        with anyio.move_on_after(0.01):
            await session.receive()
        peer.push(text("1"))
        await turns(10)
        with assert_checkpoints():
            await session.receive()


@pytest.mark.parametrize("call", RECEIVING.values(), ids=RECEIVING)
async def test_receiving_is_a_checkpoint_where_the_queue_is_full(call: Call) -> None:
    async with connected(converter=JSONConverter(), config=SessionConfig(incoming_messages=2)) as (session, peer):
        for _ in range(2):
            peer.push(text("1"))
            await anyio.sleep(0.01)
        assert wire_of(session).inbox.is_blocked
        for _ in range(2):
            with assert_checkpoints():
                await call(session)


@pytest.mark.parametrize("call", RECEIVING.values(), ids=RECEIVING)
async def test_receiving_is_a_checkpoint_after_a_receive_that_was_woken_in_vain(call: Call) -> None:
    """A Ping wakes the receiver, which finds nothing and waits on, and is cancelled then."""
    async with ready() as (session, peer):
        for _ in range(9):
            await session.receive()

        async def receive() -> None:
            await call(session)

        with anyio.CancelScope() as scope:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(receive)
                await turns(5)
                peer.push(ping())
                assert (await peer.frame()).opcode == PONG
                await turns(5)
                scope.cancel()
        peer.push(text("1"))
        await turns(10)
        with assert_checkpoints():
            await call(session)


@pytest.mark.parametrize("call", CLOSING.values(), ids=CLOSING)
async def test_closing_what_is_closed_is_a_checkpoint(call: Call) -> None:
    async with ready() as (session, peer):
        peer.push(close())
        peer.finish()
        await session.wait_closed()
        for _ in range(3):
            with assert_checkpoints():
                await call(session)


@pytest.mark.parametrize("call", [*RECEIVING.values(), *SENDING.values()], ids=[*RECEIVING, *SENDING])
async def test_calls_on_a_closed_session_are_checkpoints(call: Call) -> None:
    async with connected(converter=JSONConverter()) as (session, peer):
        peer.push(close())
        peer.finish()
        await session.wait_closed()
        for _ in range(3):
            with assert_checkpoints():
                try:
                    await call(session)
                except (ConnectionClosed, StopAsyncIteration):
                    pass


async def test_opening_and_leaving_are_checkpoints() -> None:
    peer = MemoryPeer(then=close())
    block = wrap_stream(peer.stream, "ws://peer.test/")
    with assert_checkpoints():
        await block.__aenter__()
    peer.farewell()
    with assert_checkpoints():
        await block.__aexit__(None, None, None)


@pytest.mark.parametrize("call", [*RECEIVING.values(), *SENDING.values()], ids=[*RECEIVING, *SENDING])
async def test_a_call_in_a_cancelled_scope_does_nothing(call: Call) -> None:
    async with connected_in_memory(converter=JSONConverter()) as (session, peer):
        peer.push(text("1"))
        await turns(5)
        with anyio.CancelScope() as scope:
            scope.cancel()
            await call(session)
            raise AssertionError("it went through")
        assert scope.cancelled_caught
        assert (await session.receive()).data == b"1"
        await session.send("the first one")
        assert await peer.frame() == Sent(TEXT, b"the first one")


async def test_a_busy_sender_does_not_starve_the_reader() -> None:
    async with connected(config=SessionConfig()) as (session, peer):
        peer.push(ping(b"?"))
        with anyio.fail_after(5):
            async with anyio.create_task_group() as tasks:

                async def send_for_ever() -> None:
                    while True:
                        await session.send("x")

                tasks.start_soon(send_for_ever)
                while (await peer.frame()).opcode == TEXT:
                    pass
                tasks.cancel_scope.cancel()


async def test_a_close_frame_counts_as_a_send() -> None:
    async with connected() as (session, peer):
        with assert_checkpoints():
            await session.send(CloseFrame())
        await peer.frame()
        peer.close()
