"""A server that is cancelled, wherever it or one of its handlers waits, tells its clients, and leaves nothing.

Its start, its handlers, its end; and on asyncio every task at once, as `asyncio.run` does at its end.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import itertools
import os
import socket
import time
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any

import anyio
import pytest

from tests.cancellation.interrupting import LOOPS, Attempt, Suspending, Way, at_every_wait, ways
from tests.cancellation.leftovers import nothing_left
from tests.leaks import no_socket_left
from tests.peers import CLOSE, PING, PONG, TEXT, Sent, close_payload, frame
from tests.server.guests import MASK, UPGRADE, Guest, request, welcome_guest
from tests.server.handlers import echo, sleep
from tests.timing import SOON
from typedws import Server, ServerSession, SessionConfig, TextFrame, serve

pytestmark = pytest.mark.anyio

CONFIG = SessionConfig(close_timeout=0.2)
"""As short as may be: uvloop looks at its timers before it writes, so that a machine that stands still for longer than
that right after a Close has been queued may never send it."""


async def enter(clients: AsyncExitStack, server: Server) -> Guest:
    """A client with an open session, whose handler runs."""
    client = await clients.enter_async_context(welcome_guest(server))
    await client.say(PING)
    assert (await client.frame()).opcode == PONG
    return client


async def farewell(client: Guest) -> list[Sent]:
    """Everything that the server still has for a client, which answers no Close."""
    frames = []
    try:
        while True:
            frames.append(await client.frame())
    except (ConnectionResetError, EOFError):
        assert await client.rest() == b"", "the server ended the connection inside a frame"
        return frames


@ways()
@pytest.mark.parametrize("where", ["tcp", "unix"])
async def test_its_start(where: str, tmp_path: Path, way: Way) -> None:
    options: dict[str, Any] = {"uds": tmp_path / "socket"} if where == "unix" else {"host": "localhost", "port": 0}

    # A Unix socket is bound without a wait, and so is there in every attempt.
    async def check(attempt: Attempt) -> None:

        async def use() -> None:
            async with serve(echo, **options, config=CONFIG):
                pass

        await attempt.run(use())
        assert os.listdir(tmp_path) == []

    await at_every_wait(check, way, at_least=0 if where == "unix" else 1)


@ways()
@pytest.mark.parametrize("handler", [echo, sleep], ids=lambda handler: handler.__name__)
async def test_its_end(handler: Any, way: Way) -> None:
    """Every client is told 1001, once, by whole frames, whether or not the end is interrupted."""

    async def check(attempt: Attempt) -> None:
        async with AsyncExitStack() as clients:
            guests: list[Guest] = []

            async def use() -> None:
                async with serve(handler, "127.0.0.1", 0, config=CONFIG) as server:
                    guests.extend([await enter(clients, server) for _ in range(3)])
                    attempt.count_from_here()

            started = time.monotonic()
            await attempt.run(use(), counts=False)
            assert time.monotonic() - started < SOON
            for client in guests:
                assert await farewell(client) == [Sent(CLOSE, close_payload(1001))]

    await at_every_wait(check, way)


async def converse(session: ServerSession) -> None:
    """Waits in every way that a handler can wait."""
    assert await session.receive() == TextFrame("first")
    await session.send("second")
    await session.ping()
    await session.flush()
    await session.wait_closed()


async def talk_to(client: Guest, frames: list[Sent]) -> None:
    """What a client does with `converse`, until the server ends it."""
    await client.say(TEXT, b"first")
    try:
        while True:
            frames.append(sent := await client.frame())
            if sent.opcode == PING:
                await client.say(PONG, sent.payload)
    except (ConnectionResetError, EOFError):
        assert await client.rest() == b"", "the server ended the connection inside a frame"


@pytest.mark.parametrize("anyio_backend", [loop for name, loop in LOOPS.items() if name != "trio"])
@pytest.mark.parametrize("n", range(3))
async def test_a_handlers_task(n: int, caplog: pytest.LogCaptureFixture) -> None:
    """It is cancelled in its n-th wait. Its client is told 1011; the other clients, and the server, go on."""

    async def handle(session: ServerSession) -> None:
        if session.call.request.path == "/bystander":
            await echo(session)
            return
        task = asyncio.current_task()
        assert task is not None
        await Suspending(converse(session), n, task.cancel)

    async with nothing_left(), serve(handle, "127.0.0.1", 0, config=CONFIG) as server:
        async with welcome_guest(server, path="/bystander") as bystander, welcome_guest(server) as client:
            frames: list[Sent] = []
            await talk_to(client, frames)
            assert frames[-1] == Sent(CLOSE, close_payload(1011))
            assert [record.message for record in caplog.records] == ["a connection was cancelled"]
            await bystander.say(TEXT, b"still here")
            assert await bystander.frame() == Sent(TEXT, b"still here")


@ways(late=False)
async def test_while_a_handler_waits(way: Way) -> None:
    """The server's block is cancelled when a handler waits for the n-th time, for each n."""
    for n in itertools.count():
        async with nothing_left():
            if not await is_cancelled_while_a_handler_waits(n, way):
                assert n >= 3, f"the handler waited {n} times only"
                return


async def is_cancelled_while_a_handler_waits(n: int, way: Way) -> bool:
    """Returns whether the handler waited for the n-th time."""
    waits = anyio.Event()
    frames: list[Sent] = []
    attempt = Attempt(way, 0)

    async def handle(session: ServerSession) -> None:
        await Suspending(converse(session), n, waits.set)

    async with AsyncExitStack() as clients, anyio.create_task_group() as tasks:

        async def use() -> None:
            async with serve(handle, "127.0.0.1", 0, config=CONFIG) as server:
                client = await clients.enter_async_context(welcome_guest(server))
                tasks.start_soon(talk_to, client, frames)
                # There are three waits at least; whether there is another one is not worth as much patience.
                with anyio.move_on_after(0.5 if n >= 3 else SOON):
                    await waits.wait()
                attempt.count_from_here()
                await anyio.sleep_forever()

        await attempt.run(use(), counts=False)
        assert attempt.was_cancelled
    assert frames[-1] == Sent(CLOSE, close_payload(1001))
    assert [sent.opcode for sent in frames[:-1]] in ([], [TEXT], [TEXT, PING])
    return waits.is_set()


# What anyio leaves of a task that is cancelled before its first step.
@pytest.mark.filterwarnings("ignore:coroutine 'Server.* was never awaited:RuntimeWarning")
@pytest.mark.parametrize("loop", [name for name in LOOPS if name != "trio"])
@pytest.mark.parametrize("turns", range(0, 30, 3))
def test_every_task_at_once(loop: str, turns: int) -> None:
    """As `asyncio.run` does it to what is still running at its end: no shield holds that off."""

    async def handle(session: ServerSession) -> None:
        handled.set()
        await converse(session)

    async def be_served(port: asyncio.Future[int]) -> None:
        async with serve(handle, "127.0.0.1", 0, config=CONFIG) as server:
            port.set_result(server.port)
            await server.serve_forever()

    async def main() -> None:
        port: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        served.append(asyncio.create_task(be_served(port)))
        client.connect(("127.0.0.1", await port))
        client.sendall(request(*UPGRADE) + frame(TEXT, b"first", mask=MASK))
        if turns:
            await handled.wait()
        for _ in range(turns):
            await asyncio.sleep(0)

    handled = asyncio.Event()
    served: list[asyncio.Task[None]] = []
    with no_socket_left(), socket.socket() as client:
        client.settimeout(10)
        # `asyncio.Runner` knows no uvloop by itself, and `asyncio.run` no other loop.
        with asyncio.Runner(loop_factory=importlib.import_module(loop).new_event_loop) as runner:
            runner.run(main())
        gc.collect()
        assert served[0].cancelled()
        head, _, frames = read_to_the_end(client).partition(b"\r\n\r\n")
        if turns:
            assert head.startswith(b"HTTP/1.1 101 ")
            closes = [frame(CLOSE, close_payload(code)) for code in (1001, 1011)]
            said = [b"", frame(TEXT, b"second")]
            assert frames[-4:] in closes
            # The Ping of the handler has a payload of 12 bytes.
            assert frames[:-4] in said or frames[:-18] in said


def read_to_the_end(sock: socket.socket) -> bytes:
    data = b""
    with suppress(ConnectionResetError):
        while more := sock.recv(1 << 16):
            data += more
    return data
