"""Opening that is cancelled, wherever it waits, leaves nothing, and the cancellation leaves it as itself."""

from __future__ import annotations

import asyncio
import gc
import select
import socket
import threading
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any

import anyio
import pytest

from tests.cancellation.interrupting import LOOPS, Attempt, Way, at_every_wait, ways
from tests.cancellation.leftovers import nothing_left
from tests.certificates import Certificates
from tests.client.handlers import echo
from tests.lookup import address, black_hole, install_lookup
from tests.peers import MemoryPeer, Server, read_head
from typedws import ClientSession, CloseReason, SessionConfig, WebSocketClient, connect, reconnect, serve, wrap_stream
from typedws.transport import dialing

pytestmark = pytest.mark.anyio

CONFIG = SessionConfig(close_timeout=0.5)

ROUTES = ["tcp", "tls", "unix", "proxy", "tls through a proxy", "second address"]


def tunnel_to(port: int) -> Server:
    """An HTTP proxy that knows one server."""

    def script(client: socket.socket) -> None:
        threading.Thread(target=tunnel, args=(client,), daemon=True).start()

    def tunnel(client: socket.socket) -> None:
        with client, suppress(OSError):
            read_head(client)
            with socket.create_connection(("127.0.0.1", port)) as server:
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                others = {client: server, server: client}
                while True:
                    for sock in select.select([client, server], [], [])[0]:
                        if not (data := sock.recv(1 << 16)):
                            return
                        others[sock].sendall(data)

    return Server(script)


@pytest.fixture(params=ROUTES)
async def reach(
    request: pytest.FixtureRequest,
    certificates: Certificates,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    anyio_backend_name: str,
) -> AsyncIterator[dict[str, Any]]:
    """A server, and what `connect` needs to reach it."""
    route: str = request.param
    options: dict[str, Any] = {"config": CONFIG}
    where: dict[str, Any] = {"host": "127.0.0.1", "port": 0}
    if "tls" in route:
        where["ssl_context"] = certificates.server_context()
        options["ssl_context"] = certificates.client_context()
    if route == "unix":
        options["uds"] = tmp_path / "socket"
        where = {"uds": options["uds"]}
    async with serve(echo, **where, config=CONFIG) as server, AsyncExitStack() as stack:
        options["url"] = "ws://unix.test/" if route == "unix" else server.url.replace("127.0.0.1", "localhost")
        if "proxy" in route:
            proxy = stack.enter_context(tunnel_to(server.port))
            options["proxy"] = f"http://127.0.0.1:{proxy.port}"
        if route == "second address":
            stack.enter_context(black_hole(server.port))
            monkeypatch.setattr(dialing, "_HAPPY_EYEBALLS_DELAY", 0.01)
            install_lookup(
                lambda host, port: [address("127.0.0.2", port), address("127.0.0.1", port)],
                monkeypatch,
                anyio_backend_name,
            )
            options["url"] = f"ws://two.test:{server.port}/"
        yield options


async def is_usable(session: ClientSession) -> None:
    await session.send_serialized("hello")
    assert await session.receive_deserialized(str) == "hello"
    assert await session.ping() > 0


@ways()
async def test_entering_a_block(reach: dict[str, Any], way: Way) -> None:
    async def check(attempt: Attempt) -> None:

        async def use() -> None:
            async with connect(**reach) as session:
                await is_usable(session)

        await attempt.run(use())
        assert attempt.was_reached or not attempt.was_cancelled

    await at_every_wait(check, way, at_least=2)


@ways()
async def test_opening_by_hand(reach: dict[str, Any], way: Way) -> None:
    async def check(attempt: Attempt) -> None:
        async with WebSocketClient() as client:
            await attempt.run(client.websocket_session(**reach))
            if not attempt.was_cancelled:
                await is_usable(attempt.value)
            # The client is as good as before.
            session = await client.websocket_session(**reach)
            await is_usable(session)

    await at_every_wait(check, way, at_least=2)


@ways()
@pytest.mark.parametrize("reach", ["tcp", "second address"], indirect=True)
async def test_a_loop_over_attempts(reach: dict[str, Any], way: Way) -> None:
    """Interrupted while it dials, in its block, between two attempts, and while it waits for the next."""

    async def check(attempt: Attempt) -> None:

        async def use() -> None:
            async for connection in reconnect(**reach, initial_delay=0.001, max_delay=0.001):
                async with connection as session:
                    await is_usable(session)
                    if connection.number == 1:
                        await session.close(CloseReason(1012))
            if not attempt.was_cancelled:
                assert connection.number == 2

        await attempt.run(use())

    await at_every_wait(check, way, at_least=5)


@ways()
async def test_over_a_stream(way: Way) -> None:
    async def check(attempt: Attempt) -> None:
        peer = MemoryPeer()

        async def use() -> None:
            async with wrap_stream(peer.stream, "ws://peer.test/", config=CONFIG):
                peer.farewell()

        await attempt.run(use())
        assert peer.stream.is_closed

    await at_every_wait(check, way, at_least=2)


@pytest.mark.filterwarnings("ignore:coroutine 'StreamConduit.* was never awaited:RuntimeWarning")
@pytest.mark.parametrize("anyio_backend", [loop for name, loop in LOOPS.items() if name != "trio"])
async def test_over_a_stream_whose_tasks_are_all_cancelled(anyio_backend: Any) -> None:
    """As `asyncio.run` does it at its end, at every wait: a driver that is cancelled before its first step never
    runs."""

    async def check(attempt: Attempt) -> None:
        peer = MemoryPeer()
        others = asyncio.all_tasks()

        def cancel_ours() -> None:
            for task in asyncio.all_tasks() - others:
                task.cancel()

        async def use() -> None:
            async with wrap_stream(peer.stream, "ws://peer.test/", config=CONFIG):
                peer.farewell()

        with anyio.fail_after(5):
            await attempt.run(use(), meanwhile=cancel_ours)
        assert peer.stream.is_closed
        gc.collect()  # what anyio leaves of such a task

    await at_every_wait(check, Way.TASK, at_least=2)


@ways(late=False)
async def test_when_the_server_does_not_answer(way: Way) -> None:
    for n in range(3):
        async with nothing_left():
            with Server(lambda sock: sock.recv(1)) as server:
                attempt = Attempt(way, n)
                await attempt.run(connect(server.url).__aenter__())
                assert attempt.was_cancelled
