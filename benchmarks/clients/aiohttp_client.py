"""aiohttp: its parser in C, text as bytes (`decode_text=False`), bytes sent as they are (`send_frame`)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from itertools import cycle, islice
from typing import Any

import aiohttp

from benchmarks.messages import LARGE
from benchmarks.setting import Address, Setting
from benchmarks.works import MARK, path_of

NAME = "aiohttp"
LOOPS = ("asyncio", "uvloop")
COMPRESSES = True


class Connected:
    def __init__(self, connection: aiohttp.ClientWebSocketResponse[Any], setting: Setting) -> None:
        self.connection = connection
        self.format = setting.codec()
        self.kind = aiohttp.WSMsgType.TEXT if self.format.is_text else aiohttp.WSMsgType.BINARY

    async def stream(self, count: int) -> None:
        receive, decode = self.connection.receive, self.format.decode
        await self.connection.send_str(str(count))
        for _ in range(count):
            decode((await receive()).data)

    async def round_trip(self, count: int) -> None:
        send, receive, kind = self.connection.send_frame, self.connection.receive, self.kind
        encode, decode = self.format.encode, self.format.decode
        for value in islice(cycle(self.format.values), count):
            await send(encode(value), kind)
            decode((await receive()).data)

    async def burst(self, count: int) -> None:
        send, encode, kind = self.connection.send_frame, self.format.encode, self.kind
        for value in islice(cycle(self.format.values), count):
            await send(encode(value), kind)
        await self.connection.send_str(MARK)
        await self.connection.receive()

    async def large(self, count: int) -> None:
        payload = bytes(LARGE)
        for _ in range(count):
            await self.connection.send_bytes(payload)
            assert len((await self.connection.receive()).data) == LARGE

    async def fetch(self, request: str) -> int:
        await self.connection.send_str(request)
        return len((await self.connection.receive()).data)


def sharing(setting: Setting, address: Address) -> AbstractAsyncContextManager[aiohttp.ClientSession]:
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))


@asynccontextmanager
async def connect(
    setting: Setting, address: Address, work: str, shared: aiohttp.ClientSession
) -> AsyncIterator[Connected]:
    async with shared.ws_connect(
        setting.url(address, path_of(work)),
        compress=15 if setting.compressed else 0,
        max_msg_size=128 * 1024 * 1024,
        decode_text=False,
        ssl=setting.ssl_context(address) or True,
    ) as connection:
        yield Connected(connection, setting)
