"""A client in the hands of a test: it sends the bytes that it is told to, and reads what the server makes of them.

    async with guest(server) as client:
        await client.ask()
        assert (await client.answer()).status == 101

It shares no code with the library but the test's own reading of frames.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import anyio
import anyio.abc
from anyio.streams.tls import TLSStream

from tests.peers import CLOSE, Sent, frame
from typedws import Server

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
MASK = b"\x01\x02\x03\x04"
UPGRADE = (
    "Host: server.test",
    "Upgrade: websocket",
    "Connection: Upgrade",
    f"Sec-WebSocket-Key: {KEY}",
    "Sec-WebSocket-Version: 13",
)


def request(*fields: str, line: str = "GET / HTTP/1.1") -> bytes:
    return "\r\n".join([line, *fields, "", ""]).encode()


@dataclass(frozen=True)
class Answer:
    """A response of the server's."""

    status: int
    headers: dict[str, str]
    body: bytes


class Guest:
    """A connected client."""

    def __init__(self, stream: anyio.abc.ByteStream) -> None:
        self.stream = stream
        self._buffer = b""

    async def send(self, data: bytes) -> None:
        await self.stream.send(data)

    async def ask(self, *fields: str, path: str = "/") -> None:
        """Sends a good request, with further header fields."""
        await self.send(request(*UPGRADE, *fields, line=f"GET {path} HTTP/1.1"))

    async def answer(self) -> Answer:
        """The response, its body as long as it says."""
        while b"\r\n\r\n" not in self._buffer:
            await self._read()
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        status, *fields = head.decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)}
        size = int(headers.get("content-length", "0"))
        while len(self._buffer) < size:
            await self._read()
        body, self._buffer = self._buffer[:size], self._buffer[size:]
        return Answer(int(status.split()[1]), headers, body)

    async def frame(self) -> Sent:
        """The next frame: short ones only."""
        while len(self._buffer) < 2 or len(self._buffer) < 2 + self._buffer[1]:
            await self._read()
        first, size = self._buffer[:2]
        assert size < 126, "a long frame, or a mask on a server's frame"
        payload, self._buffer = self._buffer[2 : 2 + size], self._buffer[2 + size :]
        return Sent(first & 0x0F, payload, bool(first & 0x80))

    async def say(self, opcode: int, payload: bytes = b"") -> None:
        await self.send(frame(opcode, payload, mask=MASK))

    async def closing(self) -> int:
        """Waits for the server's Close, answers it, and returns its code. Other frames before it are passed over."""
        while (sent := await self.frame()).opcode != CLOSE:
            pass
        await self.say(CLOSE, sent.payload)
        return int.from_bytes(sent.payload[:2])

    async def rest(self) -> bytes:
        """Everything until the server ends the connection, in order or with a reset."""
        try:
            while True:
                await self._read()
        except (ConnectionResetError, EOFError):
            rest, self._buffer = self._buffer, b""
            return rest

    async def _read(self) -> None:
        try:
            self._buffer += await self.stream.receive()
        except anyio.EndOfStream:
            raise EOFError("the server ended the connection") from None
        except anyio.BrokenResourceError:
            raise ConnectionResetError("the server ended the connection with a reset") from None


@asynccontextmanager
async def guest(
    server: Server, *, host: str = "127.0.0.1", ssl_context: ssl.SSLContext | None = None
) -> AsyncIterator[Guest]:
    """A client that is connected and has said nothing yet."""
    async with await anyio.connect_tcp(host, server.port) as stream:
        if ssl_context is None:
            yield Guest(stream)
        else:
            tls = await TLSStream.wrap(stream, hostname="127.0.0.1", ssl_context=ssl_context, standard_compatible=False)
            yield Guest(tls)


@asynccontextmanager
async def welcome_guest(server: Server, *fields: str, path: str = "/") -> AsyncIterator[Guest]:
    """A client whose handshake is done."""
    async with guest(server) as client:
        await client.ask(*fields, path=path)
        assert (await client.answer()).status == 101
        yield client
