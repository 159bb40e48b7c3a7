"""Leaving the server's block, in every way: clients are told 1001, and nothing of the server is left.

The clients here are outside of the server's block, so that they are still there when it has been left.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import anyio
import pytest
from anyio.lowlevel import checkpoint

from tests.leaks import no_socket_left, open_sockets
from tests.peers import CLOSE, PING, Sent, close_payload
from tests.server.guests import Guest, guest, welcome_guest
from tests.server.handlers import HASTY, echo, listen, sleep
from tests.timing import SOON
from typedws import CloseReason, ConnectionClosedOK, Request, Server, ServerSession, SessionConfig, connect, serve

pytestmark = pytest.mark.anyio


async def enter(clients: AsyncExitStack, server: Server) -> Guest:
    """A client with an open session, whose handler runs."""
    client = await clients.enter_async_context(welcome_guest(server))
    await client.say(PING)
    await client.frame()
    return client


async def test_every_client_is_told_1001() -> None:
    reasons: list[CloseReason] = []

    async def wait_for_the_end(url: str, ready: Callable[[], object]) -> None:
        async with connect(url) as session:
            ready()
            with pytest.raises(ConnectionClosedOK) as caught:
                await session.receive()
            assert caught.value.by_peer
            reasons.append(caught.value.reason)

    async with anyio.create_task_group() as clients:
        async with serve(listen, "127.0.0.1", 0) as server:
            for _ in range(5):
                ready = anyio.Event()
                clients.start_soon(wait_for_the_end, server.url, ready.set)
                await ready.wait()
    assert reasons == [CloseReason(1001)] * 5


async def test_handlers_may_end_in_their_own_time() -> None:
    ended: list[str] = []

    async def tidy(session: ServerSession) -> None:
        async for _ in session.incoming:
            pass
        await anyio.sleep(0.05)
        ended.append("in order")

    async with AsyncExitStack() as clients, anyio.create_task_group() as tasks:
        async with serve(tidy, "127.0.0.1", 0) as server:
            for _ in range(3):
                tasks.start_soon((await enter(clients, server)).closing)
        assert ended == ["in order"] * 3


@pytest.mark.parametrize("handler", [sleep, listen], ids=lambda handler: handler.__name__)
async def test_it_takes_close_timeout_at_most(handler: Callable[[ServerSession], Awaitable[None]]) -> None:
    """With handlers that sleep, and with clients that do not answer the Close."""
    ended: list[str] = []

    async def watched(session: ServerSession) -> None:
        try:
            await handler(session)
        finally:
            ended.append("ended")

    async with AsyncExitStack() as clients:
        async with serve(watched, "127.0.0.1", 0, config=HASTY) as server:
            guests = [await enter(clients, server) for _ in range(3)]
            left = time.monotonic()
        seconds = time.monotonic() - left
        assert HASTY.close_timeout - 0.02 < seconds < SOON
        assert ended == ["ended"] * 3
        for client in guests:
            assert await client.frame() == Sent(CLOSE, close_payload(1001))
            assert await client.rest() == b""


async def test_handlers_that_sleep_are_cancelled_and_not_logged_as_failed(caplog: pytest.LogCaptureFixture) -> None:
    async with AsyncExitStack() as clients:
        async with serve(sleep, "127.0.0.1", 0, config=HASTY) as server:
            await enter(clients, server)
    assert [record for record in caplog.records if record.levelno > logging.INFO] == []


async def test_a_handler_that_answers_the_shutdown_with_an_error_harms_nobody() -> None:
    async def fail(session: ServerSession) -> None:
        try:
            await listen(session)
        finally:
            raise ZeroDivisionError

    async with AsyncExitStack() as clients:
        async with serve(fail, "127.0.0.1", 0, config=HASTY) as server:
            client = await enter(clients, server)
        assert await client.closing() == 1001


# Clients that are not in yet.


async def says_nothing(client: Guest) -> None:
    pass


async def says_half(client: Guest) -> None:
    await client.send(b"GET / HTTP/1.1\r\nHost: ")


async def awaits_a_decision(client: Guest) -> None:
    await client.ask(path="/undecided")


@pytest.mark.parametrize("start", [says_nothing, says_half, awaits_a_decision], ids=lambda start: start.__name__)
async def test_clients_in_their_handshake_do_not_delay_it(start: Callable[[Guest], Awaitable[None]]) -> None:
    async def decide(request: Request) -> None:
        if request.path == "/undecided":
            await anyio.sleep_forever()

    async with AsyncExitStack() as clients:
        async with serve(listen, "127.0.0.1", 0, process_request=decide) as server:
            pending = await clients.enter_async_context(guest(server))
            await start(pending)
            first = await clients.enter_async_context(welcome_guest(server))  # by now the other one was accepted
            await first.say(CLOSE)
            await first.rest()
            left = time.monotonic()
        assert time.monotonic() - left < SOON
        assert await pending.rest() == b""


async def test_a_client_in_its_tls_handshake_does_not_delay_it(server_tls: ssl.SSLContext) -> None:
    async with AsyncExitStack() as clients:
        async with serve(listen, "127.0.0.1", 0, ssl_context=server_tls) as server:
            pending = await clients.enter_async_context(guest(server))
            await pending.send(b"\x16\x03\x01")  # how a ClientHello begins
            await anyio.sleep(0.05)
            left = time.monotonic()
        assert time.monotonic() - left < SOON
        assert await pending.rest() == b""


async def test_clients_that_come_while_it_ends_are_not_served() -> None:
    handled: list[ServerSession] = []
    answers: list[str] = []

    async def handler(session: ServerSession) -> None:
        handled.append(session)
        await sleep(session)

    async def come_late(server: Server, client: Guest) -> None:
        await client.frame()  # the Close
        try:
            async with guest(server) as late:
                await late.ask()
                answers.append(str(await late.answer()))
        except (OSError, EOFError):
            answers.append("none")

    async with AsyncExitStack() as clients, anyio.create_task_group() as tasks:
        async with serve(handler, "127.0.0.1", 0, config=HASTY) as server:
            client = await enter(clients, server)
            tasks.start_soon(come_late, server, client)
    assert answers == ["none"]
    assert len(handled) == 1


async def test_a_client_that_comes_in_the_last_moment_does_not_delay_it() -> None:
    """It was accepted, and nobody has looked at it yet."""
    for step in range(8):
        with no_socket_left(), socket.socket() as late:
            async with serve(listen, "127.0.0.1", 0) as server:
                for _ in range(5):
                    await checkpoint()  # by now the server waits for clients
                late.connect(("127.0.0.1", server.port))
                for _ in range(step):
                    await checkpoint()
                left = time.monotonic()
            assert time.monotonic() - left < SOON


# What is around the block, or in it, ends it.


async def test_an_exception_leaves_as_itself() -> None:
    error = KeyError("mine")
    async with AsyncExitStack() as clients:
        with pytest.raises(KeyError) as caught:
            async with serve(listen, "127.0.0.1", 0, config=HASTY) as server:
                client = await enter(clients, server)
                raise error
        assert caught.value is error
        assert await client.closing() == 1001


async def test_a_cancelled_scope_cancels_handlers_at_once() -> None:
    before = open_sockets()
    codes: list[int] = []

    async def answer_the_close(client: Guest) -> None:
        codes.append(await client.closing())

    async with AsyncExitStack() as clients, anyio.create_task_group() as tasks:
        with anyio.CancelScope() as scope:
            async with serve(sleep, "127.0.0.1", 0, config=SessionConfig(close_timeout=20)) as server:
                tasks.start_soon(answer_the_close, await enter(clients, server))
                scope.cancel()
                cancelled = time.monotonic()
                await anyio.sleep_forever()
        assert scope.cancelled_caught
        assert time.monotonic() - cancelled < SOON
    assert codes == [1001]
    assert open_sockets() == before


async def test_a_cancelled_scope_tells_clients_1001() -> None:
    async with AsyncExitStack() as clients:
        with anyio.CancelScope() as scope:
            async with serve(sleep, "127.0.0.1", 0, config=HASTY) as server:
                client = await enter(clients, server)
                scope.cancel()
                await anyio.sleep_forever()
        assert await client.closing() == 1001


@pytest.mark.parametrize("anyio_backend", [("asyncio", {"use_uvloop": False}), ("asyncio", {"use_uvloop": True})])
async def test_a_cancelled_task_tells_clients_1001() -> None:
    before = open_sockets()
    serving = asyncio.Event()
    servers: list[Server] = []

    async def program() -> None:
        async with serve(sleep, "127.0.0.1", 0, config=HASTY) as server:
            servers.append(server)
            serving.set()
            await server.serve_forever()

    task = asyncio.create_task(program())
    await serving.wait()
    async with AsyncExitStack() as clients:
        client = await enter(clients, servers[0])
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert task.cancelled()
        assert await client.closing() == 1001
    assert open_sockets() == before


@pytest.mark.parametrize("anyio_backend", [("asyncio", {"use_uvloop": False}), ("asyncio", {"use_uvloop": True})])
async def test_a_task_that_is_cancelled_twice_ends_at_once() -> None:
    before = open_sockets()
    serving = asyncio.Event()
    servers: list[Server] = []

    async def program() -> None:
        async with serve(sleep, "127.0.0.1", 0, config=SessionConfig(close_timeout=20)) as server:
            servers.append(server)
            serving.set()
            await server.serve_forever()

    task = asyncio.create_task(program())
    await serving.wait()
    async with AsyncExitStack() as clients:
        client = await enter(clients, servers[0])
        task.cancel()
        assert await client.closing() == 1001  # which the server is waiting for to be answered by its handler
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, 5)
    assert open_sockets() == before


async def test_an_error_in_a_task_group_around_it_is_the_only_one() -> None:
    async def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ExceptionGroup) as caught:
        async with anyio.create_task_group() as tasks:
            async with serve(sleep, "127.0.0.1", 0, config=HASTY) as server, AsyncExitStack() as clients:
                await enter(clients, server)
                tasks.start_soon(fail)
                await server.serve_forever()
    [error] = caught.value.exceptions
    assert isinstance(error, ZeroDivisionError)


@pytest.mark.parametrize("anyio_backend", [("asyncio", {"use_uvloop": False}), ("asyncio", {"use_uvloop": True})])
async def test_no_task_is_left() -> None:
    async with AsyncExitStack() as clients:
        before = asyncio.all_tasks()
        async with serve(echo, "127.0.0.1", 0, config=HASTY) as server:
            await enter(clients, server)
            await clients.enter_async_context(guest(server))
            assert asyncio.all_tasks() > before
        assert asyncio.all_tasks() == before


async def test_no_file_is_left() -> None:
    before = open_sockets()
    options: dict[str, Any] = {"config": HASTY}
    async with AsyncExitStack() as clients:
        async with serve(sleep, None, 0, **options) as server:
            await enter(clients, server)
            await clients.enter_async_context(guest(server))
    assert open_sockets() == before
