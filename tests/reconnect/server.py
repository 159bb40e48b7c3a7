"""A server that refuses, closes, drops and comes back as a test tells it to, and clients that stay connected to it.

The server is that of `websockets`, in a thread, so that it never shares an event loop with the client.
"""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import NoReturn

import anyio
import anyio.lowlevel
import websockets.exceptions
from websockets.datastructures import Headers as PeerHeaders
from websockets.http11 import Request as PeerRequest
from websockets.http11 import Response as PeerResponse
from websockets.sync.server import ServerConnection, serve

from typedws.frames import TextFrame
from typedws.reconnect import Attempt
from typedws.session import ClientSession

Behaviour = Callable[[ServerConnection], object]


def closing(code: int, message: str = "") -> Behaviour:
    """Greets, then closes."""

    def behave(connection: ServerConnection) -> None:
        connection.send("hello")
        connection.close(code, message)

    return behave


def closing_without_a_code(connection: ServerConnection) -> None:
    connection.send("hello")
    connection.socket.sendall(b"\x88\x00")
    waiting(connection)


def dropping(connection: ServerConnection) -> None:
    """Greets, then is gone without a Close."""
    connection.send("hello")
    connection.socket.shutdown(socket.SHUT_RDWR)


def waiting(connection: ServerConnection) -> None:
    """Greets, and leaves it to the client to close."""
    with suppress(websockets.exceptions.ConnectionClosed):
        connection.send("hello")
        for _ in connection:
            pass


class refusing:
    """Refuses the handshake. In lower case, as it stands in scripts beside the functions above."""

    def __init__(self, status: int, **headers: str) -> None:
        fields = [(name.replace("_", "-"), value) for name, value in headers.items()]
        self.response = PeerResponse(status, "Refused", PeerHeaders([*fields, ("Content-Length", "0")]))

    def __call__(self, connection: ServerConnection) -> NoReturn:
        raise AssertionError("refused connections have no handler")


class Server:
    """A server that treats each connection as the script says; after its end it answers 410, which ends every loop.

    Attributes:
        url: its address.
        requests: the requests that it got.
    """

    def __init__(self, script: Iterator[Behaviour]) -> None:
        self._script = script
        self._accepted: dict[ServerConnection, Behaviour] = {}
        self._ended: dict[ServerConnection, int | None] = {}
        self._changed = threading.Condition()
        self.requests: list[PeerRequest] = []
        self.server = serve(self._handle, "127.0.0.1", 0, process_request=self._decide, close_timeout=0.5)
        self.server.SHUTDOWN_POLLING_INTERVAL = 0.005
        self.url = f"ws://127.0.0.1:{self.server.socket.getsockname()[1]}/"

    def _decide(self, connection: ServerConnection, request: PeerRequest) -> PeerResponse | None:
        self.requests.append(request)
        behaviour = next(self._script, refusing(410))
        if isinstance(behaviour, refusing):
            return behaviour.response
        self._accepted[connection] = behaviour
        return None

    def _handle(self, connection: ServerConnection) -> None:
        try:
            self._accepted[connection](connection)
        finally:
            connection.close()
            with self._changed:
                self._ended[connection] = connection.close_code
                self._changed.notify_all()

    async def codes(self, count: int) -> list[int | None]:
        """The close codes of the connections that have ended, in order of their beginnings, when there are so many."""

        def wait() -> list[int | None]:
            with self._changed:
                assert self._changed.wait_for(lambda: len(self._ended) >= count, timeout=10)
                return [self._ended[each] for each in self._accepted if each in self._ended]

        return await anyio.to_thread.run_sync(wait)


@contextmanager
def serving(*script: Behaviour, forever: Behaviour | None = None) -> Iterator[Server]:
    """A running server.

    Args:
        script: what happens to the first connections.
        forever: what happens to all after them.
    """
    server = Server(itertools.chain(script, itertools.repeat(forever) if forever else ()))
    thread = threading.Thread(target=server.server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.server.shutdown()
        thread.join()


@contextmanager
def nobody() -> Iterator[str]:
    """An address where connections are refused."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        yield f"ws://127.0.0.1:{sock.getsockname()[1]}/"


# The client.


async def listen(loop: AsyncIterator[Attempt]) -> list[Attempt]:
    """Iterates over every session to its end. Returns the attempts that were opened."""
    attempts = []
    async for attempt in loop:
        attempts.append(attempt)
        async with attempt as session:
            async for frame in session.incoming:
                assert frame == TextFrame("hello")
    return attempts


async def receive_for_ever(loop: AsyncIterator[Attempt]) -> None:
    async for attempt in loop:
        async with attempt as session:
            await receive_to_the_end(session)


async def receive_to_the_end(session: ClientSession) -> None:
    while True:
        await session.receive()


async def clock_tick() -> None:
    """Waits until the clock of the event loop shows another time: that of uvloop has a resolution of a millisecond."""
    started = anyio.current_time()
    while anyio.current_time() == started:
        await anyio.lowlevel.checkpoint()


def numbers(attempts: list[Attempt]) -> list[int]:
    return [attempt.number for attempt in attempts]
