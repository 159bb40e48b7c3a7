"""`async with connect(...)`: entering, leaving, and everything that can happen in between, once."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import AsyncGenerator

import anyio
import pytest

from tests import peers
from tests.client.handlers import echo
from tests.leaks import no_socket_left
from tests.peers import CLOSE, Sent, close_payload, connected
from tests.timing import SOON
from typedws import (
    ClientSession,
    CloseReason,
    ConnectionClosedError,
    ConnectionClosedOK,
    HandshakeRejectedError,
    SessionConfig,
    WebSocketClient,
    connect,
    serve,
)

pytestmark = pytest.mark.anyio

HASTY = SessionConfig(close_timeout=0.1)
ASYNCIO = [
    pytest.param(("asyncio", {"use_uvloop": False}), id="asyncio"),
    pytest.param(("asyncio", {"use_uvloop": True}), id="uvloop"),
]


async def test_a_block_that_ends_closes_with_1000() -> None:
    async with connected() as (session, peer):
        pass
    assert session.close_reason == CloseReason(1000)
    assert peer.parser.closed


async def leave_with(error: BaseException) -> tuple[Sent, ClientSession]:
    """The frame that a peer gets when an exception ends the block."""
    sent: list[Sent] = []
    with peers.Server() as server:
        with pytest.raises(type(error)) as caught:
            async with connect(server.url, config=HASTY) as session:
                peer = server.peer()
                raise error
        sent.append(await peer.frame())
    assert caught.value is error
    assert error.__context__ is None
    return sent[0], session


async def test_an_exception_closes_with_1011_and_leaves_as_itself() -> None:
    sent, session = await leave_with(KeyError("mine"))
    assert sent == Sent(CLOSE, close_payload(1011))  # and what went wrong is nobody else's business
    assert session.close_reason == CloseReason(1011)


@pytest.mark.parametrize("anyio_backend", ["trio"])
@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
async def test_the_end_of_the_program_closes_with_1001(kind: type[BaseException]) -> None:
    sent, _ = await leave_with(kind())
    assert sent == Sent(CLOSE, close_payload(1001))


async def test_an_exception_group_of_the_blocks_own_leaves_as_itself() -> None:
    error = ExceptionGroup("mine", [KeyError()])
    sent, _ = await leave_with(error)
    assert sent == Sent(CLOSE, close_payload(1011))


async def test_a_cancelled_block_closes_with_1001() -> None:
    with peers.Server() as server:
        with anyio.CancelScope() as scope:
            async with connect(server.url, config=HASTY) as session:
                peer = server.peer()
                scope.cancel()
                await session.receive()
        assert scope.cancelled_caught
        assert await peer.frame() == Sent(CLOSE, close_payload(1001))


async def test_a_timeout_around_the_block_is_a_timeout() -> None:
    async with serve(echo, "127.0.0.1", 0) as server:
        with pytest.raises(TimeoutError):
            with anyio.fail_after(None) as scope:
                async with connect(server.url) as session:
                    scope.deadline = anyio.current_time() + 0.05
                    await session.receive()
        assert session.close_reason == CloseReason(1001)


async def test_leaving_waits_for_the_end_of_the_connection() -> None:
    async with serve(echo, "127.0.0.1", 0) as server:
        with no_socket_left():
            async with connect(server.url) as session:
                await session.ping()
            while server.sessions:
                await anyio.lowlevel.checkpoint()


async def test_leaving_waits_close_timeout_at_most() -> None:
    with no_socket_left(), peers.Server() as server:  # which answers no Close
        started = time.monotonic()
        async with connect(server.url, config=HASTY):
            server.peer()
        assert 0.08 < time.monotonic() - started < SOON


async def test_a_closed_session_may_be_left() -> None:
    async with serve(echo, "127.0.0.1", 0) as server, connect(server.url) as session:
        await session.close(CloseReason(4000, "enough"))
    assert session.close_reason == CloseReason(4000, "enough")


async def test_a_session_is_closed_after_the_block() -> None:
    async with serve(echo, "127.0.0.1", 0) as server, connect(server.url) as session:
        pass
    with pytest.raises(ConnectionClosedOK):
        await session.send("late")
    with pytest.raises(ConnectionClosedOK):
        await session.receive()
    await session.close()
    assert await session.wait_closed() == CloseReason(1000)


async def test_the_error_that_ends_the_session_leaves_the_block_unless_it_is_caught() -> None:
    with peers.Server(peers.accepting(then=peers.close(4000))) as server:
        with pytest.raises(ConnectionClosedError, match="4000"):
            async with connect(server.url) as session:
                server.peer().farewell()
                await session.receive()


async def test_a_block_is_entered_once() -> None:
    async with serve(echo, "127.0.0.1", 0) as server:
        block = connect(server.url)
        async with block:
            with pytest.raises(RuntimeError, match="entered before"):
                await block.__aenter__()
        with pytest.raises(RuntimeError, match="entered before"):
            await block.__aenter__()


async def test_a_block_that_could_not_be_entered_may_not_be_entered_again() -> None:
    with peers.Server(lambda sock: sock.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")) as server:
        block = connect(server.url)
        with pytest.raises(HandshakeRejectedError):
            await block.__aenter__()
        with pytest.raises(RuntimeError, match="entered before"):
            await block.__aenter__()


async def test_blocks_may_be_nested_and_mixed() -> None:
    async with serve(echo, "127.0.0.1", 0) as server:
        async with connect(server.url) as outer, connect(server.url) as inner:
            await outer.send("outer")
            await inner.send("inner")
            assert (await outer.receive()).data == b"outer"
            assert (await inner.receive()).data == b"inner"


async def test_a_block_in_a_task_group_does_not_wrap_its_exceptions_twice() -> None:
    async def fail() -> None:
        async with connect(server.url):
            raise KeyError("mine")

    async with serve(echo, "127.0.0.1", 0) as server:
        with pytest.raises(ExceptionGroup) as caught:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(fail)
    [error] = caught.value.exceptions
    assert isinstance(error, KeyError)


# On asyncio a session is not bound to a task.


@pytest.mark.parametrize("anyio_backend", ASYNCIO)
async def test_a_block_may_be_entered_in_one_task_and_left_in_another() -> None:
    async with serve(echo, "127.0.0.1", 0) as server:
        block = connect(server.url)
        session = await asyncio.create_task(block.__aenter__())
        await asyncio.create_task(session.send("hello"))
        assert (await asyncio.create_task(session.receive())).data == b"hello"
        await asyncio.create_task(block.__aexit__(None, None, None))
        assert session.close_reason == CloseReason(1000)


@pytest.mark.parametrize("anyio_backend", ASYNCIO)
async def test_a_block_may_be_held_open_by_an_async_generator() -> None:
    """As fixtures and dependencies of web frameworks do, whose ends run in a task of their own."""

    async def dependency() -> AsyncGenerator[ClientSession, None]:
        async with connect(server.url) as session:
            yield session

    async with serve(echo, "127.0.0.1", 0) as server:
        held = dependency()
        session = await asyncio.create_task(held.asend(None))
        with pytest.raises(StopAsyncIteration):
            await asyncio.create_task(held.asend(None))
        assert session.close_reason == CloseReason(1000)


@pytest.mark.parametrize("anyio_backend", ASYNCIO)
async def test_a_task_that_is_cancelled_closes_with_1001() -> None:
    entered = asyncio.Event()

    async def run() -> None:
        async with connect(server.url, config=HASTY) as session:
            entered.set()
            await session.receive()

    with peers.Server() as server:
        task = asyncio.create_task(run())
        await entered.wait()
        peer = server.peer()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await peer.frame() == Sent(CLOSE, close_payload(1001))


@pytest.mark.parametrize("anyio_backend", ASYNCIO)
async def test_a_task_that_is_cancelled_while_it_leaves_drops_the_connection() -> None:
    leaving = asyncio.Event()

    async def run() -> None:
        async with connect(server.url, config=SessionConfig(close_timeout=20)):
            leaving.set()

    with no_socket_left(), peers.Server() as server:
        task = asyncio.create_task(run())
        await leaving.wait()
        peer = server.peer()
        assert await peer.frame() == Sent(CLOSE, close_payload(1000))
        started = time.monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert time.monotonic() - started < SOON
        assert await peer.rest() == []


# Programs: an event loop of their own, that is closed right after the block.


def test_an_event_loop_may_be_closed_right_after_the_block() -> None:
    async def main() -> None:
        async with serve(echo, "127.0.0.1", 0) as server, connect(server.url) as session:
            await session.send("hello")
            await session.receive()

    with no_socket_left():
        asyncio.run(main(), debug=True)
        gc.collect()  # what was not closed warns now, and a warning is an error


def test_an_event_loop_may_be_closed_right_after_a_failure() -> None:
    async def main(url: str) -> None:
        async with connect(url):
            pass

    for script in (
        lambda sock: None,
        lambda sock: sock.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
    ):
        with no_socket_left(), peers.Server(script) as server:
            with pytest.raises((HandshakeRejectedError, TimeoutError)):
                asyncio.run(asyncio.wait_for(main(server.url), 0.1), debug=True)
            gc.collect()


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_client_may_outlive_an_event_loop(backend: str) -> None:
    """It holds settings: what belongs to a loop is its sessions."""
    client = WebSocketClient()

    async def main() -> None:
        async with serve(echo, "127.0.0.1", 0) as server:
            async with client.websocket(server.url) as session:
                await session.ping()
            async with client:
                other = await client.websocket_session(server.url)
                await other.ping()

    for _ in range(2):
        anyio.run(main, backend=backend)
