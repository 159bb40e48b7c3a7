"""A yardstick: for a stream msgspec alone, without a socket; for the rest an `asyncio.Protocol` that sends a frame made
beforehand and counts the bytes that come back, without a parser, types or errors.

It is no WebSocket client; it says what the event loop and the decoder cost. It writes each frame by itself, so who
joins frames, or has another transport than the loop's, can be quicker.
"""

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Any, cast

from benchmarks.messages import BLOCK, LARGE
from benchmarks.setting import Address, Setting
from benchmarks.works import MARK, path_of

NAME = "bare"
LOOPS = ("asyncio", "uvloop")
COMPRESSES = False

UNMASKED = bytes(4)
"""With this mask the payload is sent as it is, which a server cannot tell from other masks."""


def masked(first: int, payload: bytes) -> bytes:
    length = len(payload)
    if length < 126:
        return bytes((first, 0x80 | length)) + UNMASKED + payload
    return bytes((first, 0x80 | 127)) + length.to_bytes(8, "big") + UNMASKED + payload


class Connected(asyncio.Protocol):
    def __init__(self, setting: Setting) -> None:
        self.format = setting.codec()
        self.expected = 0
        self.arrived: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self.expected -= len(data)
        if self.expected <= 0 and self.arrived is not None and not self.arrived.done():
            self.arrived.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        if self.arrived is not None and not self.arrived.done():
            self.arrived.set_exception(exc or ConnectionError("the server is gone"))

    def arrival(self, expected: int) -> asyncio.Future[None]:
        self.expected = expected
        self.arrived = asyncio.get_running_loop().create_future()
        return self.arrived

    async def stream(self, count: int) -> None:
        decode, payloads = self.format.decode, [self.format.encode(value) for value in self.format.values]
        for number in range(count):
            decode(payloads[number % BLOCK])

    async def round_trip(self, count: int) -> None:
        frame = masked(0x81 if self.format.is_text else 0x82, self.format.encode(self.format.values[0]))
        expected = len(frame) - len(UNMASKED)
        for _ in range(count):
            self.transport.write(frame)
            await self.arrival(expected)

    async def burst(self, count: int) -> None:
        """One write of everything."""
        first = 0x81 if self.format.is_text else 0x82
        encode = self.format.encode
        frames = [masked(first, encode(self.format.values[number % BLOCK])) for number in range(count)]
        frames.append(masked(0x81, MARK.encode()))
        self.transport.write(b"".join(frames))
        await self.arrival(3)

    async def large(self, count: int) -> None:
        frame = masked(0x82, bytes(LARGE))
        for _ in range(count):
            self.transport.write(frame)
            await self.arrival(len(frame) - len(UNMASKED))

    async def fetch(self, request: str) -> int:
        raise NotImplementedError("no messages here")


def sharing(setting: Setting, address: Address) -> AbstractAsyncContextManager[None]:
    return nullcontext()


@asynccontextmanager
async def connect(setting: Setting, address: Address, work: str, shared: Any) -> AsyncIterator[Connected]:
    context = setting.ssl_context(address)
    transport, connected = await asyncio.get_running_loop().create_connection(
        lambda: Connected(setting),
        "127.0.0.1",
        address.tls if setting.tls else address.plain,
        ssl=context,
        server_hostname="localhost" if context else None,
    )
    path = setting.url(address, path_of(work)).split("/", 3)[3]
    key = base64.b64encode(os.urandom(16)).decode()
    transport.write(
        f"GET /{path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
    )
    await connected.arrival(1)
    try:
        yield connected
    finally:
        transport.abort()
