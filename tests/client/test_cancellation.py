"""A client that is cancelled while it opens leaves nothing behind, wherever the cancellation meets it."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import anyio
import pytest

from tests import peers
from tests.certificates import Certificates
from tests.client.handlers import echo
from tests.leaks import no_socket_left, open_sockets
from tests.timing import SOON
from typedws import Server, SessionConfig, WebSocketClient, connect, serve

pytestmark = pytest.mark.anyio

ASYNCIO = [
    pytest.param(("asyncio", {"use_uvloop": False}), id="asyncio"),
    pytest.param(("asyncio", {"use_uvloop": True}), id="uvloop"),
]
HASTY = SessionConfig(close_timeout=0.5)


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(params=["tcp", "tls", "unix"])
async def address(
    request: pytest.FixtureRequest, certificates: Certificates, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Server, dict[str, Any]]]:
    """A server, and what a client needs to reach it."""
    where: dict[str, Any] = {"host": "127.0.0.1", "port": 0}
    reach: dict[str, Any] = {}
    if request.param == "tls":
        where["ssl_context"] = certificates.server_context()
        reach["ssl_context"] = certificates.client_context()
    if request.param == "unix":
        reach["uds"] = tmp_path_factory.mktemp("ws") / "socket"
        where = {"uds": reach["uds"]}
    async with serve(echo, **where, config=HASTY) as server:
        reach["url"] = "ws://localhost/" if request.param == "unix" else server.url
        yield server, reach


async def everything_is_closed(before: set[int]) -> None:
    """Waits for the server's ends, which go when they are told. A socket that stays is a test that takes too long."""
    with anyio.fail_after(SOON):
        while open_sockets() != before:
            await anyio.sleep(0.001)


STEPS = [*range(20), *range(20, 60, 3)]
"""Turns of the event loop after which a client is cancelled: from before it does anything to after it is open."""


async def test_a_scope_may_be_cancelled_at_every_step(address: tuple[Server, dict[str, Any]]) -> None:
    _, reach = address
    before = open_sockets()
    entered = 0
    for step in STEPS:
        with anyio.CancelScope() as scope:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(cancel_after, step, scope)
                async with connect(**reach, config=HASTY):
                    entered += 1
                    await anyio.sleep_forever()
        assert scope.cancelled_caught
        await everything_is_closed(before)
    assert entered < len(STEPS)  # some were cancelled before


async def cancel_after(steps: int, scope: anyio.CancelScope) -> None:
    for _ in range(steps):
        await anyio.lowlevel.checkpoint()
    scope.cancel()


@pytest.mark.parametrize("anyio_backend", ASYNCIO)
async def test_a_task_may_be_cancelled_at_every_step(address: tuple[Server, dict[str, Any]]) -> None:
    _, reach = address

    async def run() -> None:
        async with connect(**reach, config=HASTY):
            await asyncio.sleep(60)

    before = open_sockets()
    for step in STEPS:
        task = asyncio.create_task(run())
        for _ in range(step):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert task.cancelled()
        await everything_is_closed(before)


@pytest.mark.parametrize("anyio_backend", ASYNCIO)
async def test_a_task_that_opens_a_session_by_hand_may_be_cancelled_at_every_step(
    address: tuple[Server, dict[str, Any]],
) -> None:
    _, reach = address
    before = open_sockets()
    for step in STEPS:
        async with WebSocketClient(config=HASTY) as client:
            task = asyncio.create_task(client.websocket_session(**reach))
            for _ in range(step):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])
        await everything_is_closed(before)


# The phases that can take long, one by one.


def says_nothing(sock: socket.socket) -> None:
    sock.recv(1)


def stops_in_its_answer(sock: socket.socket) -> None:
    peers.read_head(sock)
    sock.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: web")


def stops_in_its_refusal(sock: socket.socket) -> None:
    peers.read_head(sock)
    sock.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 100\r\n\r\nsorry")


PHASES = {
    "tls": ("wss", says_nothing),
    "no answer": ("ws", says_nothing),
    "half an answer": ("ws", stops_in_its_answer),
    "half a refusal": ("ws", stops_in_its_refusal),
}


@pytest.fixture(params=PHASES)
def slow_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Where a client is kept waiting in some phase."""
    scheme, script = PHASES[request.param]
    with no_socket_left(), peers.Server(script) as server:
        yield server.url.replace("ws", scheme)


async def test_a_scope_may_be_cancelled_in_every_phase(slow_url: str) -> None:
    started = time.monotonic()
    with anyio.move_on_after(0.05) as scope:
        async with connect(slow_url):
            pass
    assert scope.cancelled_caught
    assert time.monotonic() - started < SOON


@pytest.mark.parametrize("anyio_backend", ASYNCIO)
async def test_a_task_may_be_cancelled_in_every_phase(slow_url: str) -> None:
    block = connect(slow_url)
    task = asyncio.ensure_future(block.__aenter__())
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("anyio_backend", ASYNCIO)
async def test_wait_for_gives_up_in_every_phase(slow_url: str) -> None:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(connect(slow_url).__aenter__(), 0.05)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05), connect(slow_url):
            pass


async def test_a_server_may_be_cancelled_while_clients_come(certificates: Certificates) -> None:
    """The same from the other end, with TLS, at every step of the server's."""
    before = open_sockets()
    for step in range(0, 60, 3):
        with anyio.CancelScope() as scope:
            async with serve(echo, "127.0.0.1", 0, ssl_context=certificates.server_context(), config=HASTY) as server:
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(cancel_after, step, scope)
                    async with connect(server.url, ssl_context=certificates.client_context(), config=HASTY):
                        await anyio.sleep_forever()
        assert scope.cancelled_caught
        await everything_is_closed(before)
