"""A server that does what each test tells it to, and keeps what it was sent."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio
import msgspec

from typedws.close import CloseReason
from typedws.errors import ConnectionClosed
from typedws.frames import BinaryFrame, TextFrame
from typedws.link import WireLink
from typedws.server import serve
from typedws.session import ServerSession

__all__ = ["Guest", "Host", "hosting"]


class Guest:
    """One connection to the server.

    Attributes:
        session: it.
        received: everything that came, as builtins, or bytes of a binary frame.
    """

    def __init__(self, session: ServerSession) -> None:
        self.session = session
        self.received: list[Any] = []

    async def next(self) -> Any:
        """The next message from the client."""
        frame = await self.session.receive()
        message = msgspec.json.decode(frame.data) if isinstance(frame, TextFrame) else frame.data
        self.received.append(message)
        return message

    async def say(self, *messages: Any) -> None:
        """Sends messages: dicts as JSON, bytes as binary frames, text as it is."""
        for message in messages:
            if isinstance(message, str):
                await self.session.send(TextFrame(message))
            elif isinstance(message, bytes):
                await self.session.send(BinaryFrame(message))
            else:
                await self.session.send(TextFrame(msgspec.json.encode(message)))

    async def listen(self) -> None:
        """Receives until the client is gone."""
        try:
            while True:
                await self.next()
        except ConnectionClosed:
            pass

    async def drop(self) -> None:
        """Ends TCP without a Close, once the client has had time to read what was sent."""
        await anyio.sleep(0.05)
        link = self.session._link
        assert isinstance(link, WireLink)
        link.abort()

    async def close(self, code: int, message: str = "") -> None:
        await self.session.close(CloseReason(code, message))


Script = Callable[[Guest], Awaitable[object]]


class Host:
    """The server.

    Attributes:
        url: where it is.
        guests: all connections, in order.
    """

    def __init__(self) -> None:
        self.url = ""
        self.guests: list[Guest] = []

    def received(self) -> list[Any]:
        """Everything that came, on all connections."""
        return [message for guest in self.guests for message in guest.received]

    async def until(self, is_so: Callable[[], object]) -> None:
        """Waits until something is so."""
        with anyio.fail_after(10):
            while not is_so():
                await anyio.sleep(0.005)


@asynccontextmanager
async def hosting(*scripts: Script) -> AsyncIterator[Host]:
    """A server whose first connection follows the first script, and so on; the last one is for all further ones.

    A script that has come to its end listens until the client is gone.
    """
    host = Host()

    async def handle(session: ServerSession) -> None:
        guest = Guest(session)
        host.guests.append(guest)
        try:
            await scripts[min(len(host.guests), len(scripts)) - 1](guest)
            await guest.listen()
        except ConnectionClosed:
            pass

    async with serve(handle, "127.0.0.1", 0) as server:
        host.url = server.url.rstrip("/")
        yield host
