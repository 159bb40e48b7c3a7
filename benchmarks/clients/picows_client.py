"""picows with callbacks: no awaitable receive, no queue, no task between the socket and the decoder.

There is a listener for each work, because a callback has to know what it is called for. Payloads are read as bytes:
that is quicker than a memoryview for messages of this size.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from itertools import cycle, islice
from typing import Any, cast

import picows

from benchmarks.messages import LARGE
from benchmarks.setting import Address, Setting
from benchmarks.works import MARK, path_of

NAME = "picows"
LOOPS = ("asyncio", "uvloop")
COMPRESSES = False

TEXT, BINARY = picows.WSMsgType.TEXT, picows.WSMsgType.BINARY


class Connected(picows.WSListener):
    """What the listeners of all works share: the transport, and the future that a work ends with."""

    transport: picows.WSTransport
    done: asyncio.Future[None]
    left: int

    def __init__(self, setting: Setting) -> None:
        super().__init__()
        self.done = asyncio.get_running_loop().create_future()
        self.done.set_result(None)
        self.format = setting.codec()
        self.decode = self.format.decode
        self.encode = self.format.encode
        self.kind = TEXT if self.format.is_text else BINARY

    def on_ws_connected(self, transport: picows.WSTransport) -> None:
        self.transport = transport

    def pause_writing(self) -> None:
        pass

    def resume_writing(self) -> None:
        pass

    def on_ws_disconnected(self, transport: picows.WSTransport) -> None:
        if not self.done.done():
            self.done.set_exception(ConnectionError("a callback failed, or the server is gone"))

    def begin(self, count: int) -> asyncio.Future[None]:
        self.left = count
        self.done = asyncio.get_running_loop().create_future()
        return self.done

    async def fetch(self, request: str) -> int:
        raise NotImplementedError("callbacks get frames; messages are put together by the program")


class Stream(Connected):
    def on_ws_frame(self, transport: picows.WSTransport, frame: picows.WSFrame) -> None:
        self.decode(frame.get_payload_as_bytes())
        self.left -= 1
        if not self.left:
            self.done.set_result(None)

    async def stream(self, count: int) -> None:
        done = self.begin(count)
        self.transport.send(TEXT, str(count).encode())
        await done


class RoundTrip(Connected):
    def on_ws_frame(self, transport: picows.WSTransport, frame: picows.WSFrame) -> None:
        self.decode(frame.get_payload_as_bytes())
        for value in self.values:
            transport.send(self.kind, self.encode(value))
            return
        self.done.set_result(None)

    async def round_trip(self, count: int) -> None:
        done = self.begin(count)
        self.values = islice(cycle(self.format.values), count)
        self.transport.send(self.kind, self.encode(next(self.values)))
        await done


class Burst(Connected):
    def on_ws_frame(self, transport: picows.WSTransport, frame: picows.WSFrame) -> None:
        self.done.set_result(None)

    async def burst(self, count: int) -> None:
        done = self.begin(1)
        send, kind, encode = self.transport.send, self.kind, self.encode
        for value in islice(cycle(self.format.values), count):
            send(kind, encode(value))
        send(TEXT, MARK.encode())
        await done


class Large(Connected):
    def on_ws_frame(self, transport: picows.WSTransport, frame: picows.WSFrame) -> None:
        received = frame.get_payload_as_bytes()  # a message that may be kept, as the others give
        assert len(received) == LARGE
        self.left -= 1
        if self.left:
            transport.send(BINARY, self.payload)
        else:
            self.done.set_result(None)

    async def large(self, count: int) -> None:
        self.payload = bytes(LARGE)
        done = self.begin(count)
        self.transport.send(BINARY, self.payload)
        await done


LISTENERS: dict[str, type[Connected]] = {
    "stream": Stream,
    "round_trip": RoundTrip,
    "burst": Burst,
    "large": Large,
    "idle": Connected,
    "fetch": Connected,
}


def sharing(setting: Setting, address: Address) -> AbstractAsyncContextManager[None]:
    return nullcontext()


@asynccontextmanager
async def connect(setting: Setting, address: Address, work: str, shared: Any) -> AsyncIterator[Connected]:
    transport, listener = await picows.ws_connect(
        lambda: LISTENERS[work](setting),
        setting.url(address, path_of(work)),
        ssl_context=setting.ssl_context(address),
        max_frame_size=128 * 1024 * 1024,
    )
    try:
        yield cast(Connected, listener)
    finally:
        transport.disconnect()  # without a Close, so that no answer to it calls a listener
        await transport.wait_disconnected()
