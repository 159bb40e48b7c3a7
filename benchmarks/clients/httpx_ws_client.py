"""httpx-ws. Its keepalive is off, which spares it work; messages may be as large as those of the others."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from itertools import cycle, islice

import httpx
from httpx_ws import AsyncWebSocketSession, aconnect_ws

from benchmarks.messages import LARGE
from benchmarks.setting import Address, Setting
from benchmarks.works import MARK, path_of

NAME = "httpx-ws"
LOOPS = ("asyncio", "uvloop", "trio")
COMPRESSES = False


class Connected:
    def __init__(self, session: AsyncWebSocketSession, setting: Setting) -> None:
        self.session = session
        self.format = setting.codec()

    async def stream(self, count: int) -> None:
        await self.session.send_text(str(count))
        decode = self.format.decode
        if self.format.is_text:
            for _ in range(count):
                decode(await self.session.receive_text())
        else:
            for _ in range(count):
                decode(await self.session.receive_bytes())

    async def round_trip(self, count: int) -> None:
        session, encode, decode = self.session, self.format.encode, self.format.decode
        values = islice(cycle(self.format.values), count)
        if self.format.is_text:
            for value in values:
                await session.send_text(encode(value).decode())
                decode(await session.receive_text())
        else:
            for value in values:
                await session.send_bytes(encode(value))
                decode(await session.receive_bytes())

    async def burst(self, count: int) -> None:
        session, encode = self.session, self.format.encode
        values = islice(cycle(self.format.values), count)
        if self.format.is_text:
            for value in values:
                await session.send_text(encode(value).decode())
        else:
            for value in values:
                await session.send_bytes(encode(value))
        await session.send_text(MARK)
        await session.receive_text()

    async def large(self, count: int) -> None:
        payload = bytes(LARGE)
        for _ in range(count):
            await self.session.send_bytes(payload)
            assert len(await self.session.receive_bytes()) == LARGE

    async def fetch(self, request: str) -> int:
        await self.session.send_text(request)
        return len(await self.session.receive_bytes())


def sharing(setting: Setting, address: Address) -> AbstractAsyncContextManager[httpx.AsyncClient]:
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    return httpx.AsyncClient(verify=setting.ssl_context(address) or True, limits=limits)


@asynccontextmanager
async def connect(setting: Setting, address: Address, work: str, shared: httpx.AsyncClient) -> AsyncIterator[Connected]:
    url = setting.url(address, path_of(work))
    session: AsyncWebSocketSession
    async with aconnect_ws(url, shared, keepalive_ping_interval_seconds=None) as session:
        yield Connected(session, setting)
