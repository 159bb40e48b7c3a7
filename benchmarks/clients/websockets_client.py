"""websockets: bytes in and out of text frames, its C speedups, compression only where it is measured, and no
keepalive, which spares it work."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from itertools import cycle, islice
from typing import Any

from benchmarks.messages import LARGE
from benchmarks.setting import Address, Setting
from benchmarks.works import MARK, path_of

NAME = "websockets"
LOOPS = ("asyncio", "uvloop", "trio")
COMPRESSES = True


class Connected:
    def __init__(self, connection: Any, setting: Setting) -> None:
        self.connection = connection
        self.format = setting.codec()
        # The clients for asyncio and for trio name this differently.
        self.text = {"text": True} if self.format.is_text else {}

    async def stream(self, count: int) -> None:
        recv, decode = self.connection.recv, self.format.decode
        await self.connection.send(str(count))
        for _ in range(count):
            decode(await recv(decode=False))

    async def round_trip(self, count: int) -> None:
        send, recv, encode, decode = self.connection.send, self.connection.recv, self.format.encode, self.format.decode
        text = self.format.is_text
        for value in islice(cycle(self.format.values), count):
            await send(encode(value), text=text)
            decode(await recv(decode=False))

    async def burst(self, count: int) -> None:
        send, encode, text = self.connection.send, self.format.encode, self.format.is_text
        for value in islice(cycle(self.format.values), count):
            await send(encode(value), text=text)
        await send(MARK)
        await self.connection.recv()

    async def large(self, count: int) -> None:
        payload = bytes(LARGE)
        for _ in range(count):
            await self.connection.send(payload)
            assert len(await self.connection.recv()) == LARGE

    async def fetch(self, request: str) -> int:
        await self.connection.send(request)
        return len(await self.connection.recv())


def sharing(setting: Setting, address: Address) -> AbstractAsyncContextManager[None]:
    return nullcontext()


@asynccontextmanager
async def connect(setting: Setting, address: Address, work: str, shared: Any) -> AsyncIterator[Connected]:
    url = setting.url(address, path_of(work))
    options: dict[str, Any] = {
        "ssl": setting.ssl_context(address),
        "compression": "deflate" if setting.compressed else None,
        "max_size": 128 * 1024 * 1024,
        "proxy": None,
        "ping_interval": None,
    }
    if setting.loop == "trio":
        from websockets.trio.client import connect as open_on_trio

        async with open_on_trio(url, **options) as connection:
            yield Connected(connection, setting)
    else:
        from websockets.asyncio.client import connect as open_on_asyncio

        async with open_on_asyncio(url, **options) as connection:
            yield Connected(connection, setting)
