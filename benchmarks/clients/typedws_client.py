"""typedws, as its documentation shows it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from itertools import cycle, islice
from typing import Any

import typedws
from benchmarks.messages import LARGE
from benchmarks.setting import Address, Setting
from benchmarks.works import MARK, path_of

NAME = "typedws"
LOOPS = ("asyncio", "uvloop", "trio")
COMPRESSES = True

LARGE_ENOUGH = typedws.SessionConfig(max_frame_size=128 * 1024 * 1024, max_message_size=128 * 1024 * 1024)


class Connected:
    def __init__(self, session: typedws.Session, setting: Setting) -> None:
        self.session = session
        self.format = setting.codec()

    async def stream(self, count: int) -> None:
        session, type = self.session, self.format.type
        await session.send(str(count))
        for _ in range(count):
            await session.receive_deserialized(type)

    async def iterate(self, count: int) -> None:
        await self.session.send(str(count))
        async for _ in self.session.iter_deserialized(self.format.type):
            count -= 1
            if not count:
                break

    async def round_trip(self, count: int) -> None:
        session, type = self.session, self.format.type
        for value in islice(cycle(self.format.values), count):
            await session.send_serialized(value)
            await session.receive_deserialized(type)

    async def burst(self, count: int) -> None:
        session = self.session
        for value in islice(cycle(self.format.values), count):
            await session.send_serialized(value)
        await session.send(MARK)
        await session.receive()

    async def large(self, count: int) -> None:
        payload = bytes(LARGE)
        for _ in range(count):
            await self.session.send(payload)
            received = await self.session.receive()
            assert len(received.data) == LARGE

    async def fetch(self, request: str) -> int:
        await self.session.send(request)
        return len((await self.session.receive()).data)


def sharing(setting: Setting, address: Address) -> AbstractAsyncContextManager[None]:
    return nullcontext()


@asynccontextmanager
async def connect(setting: Setting, address: Address, work: str, shared: Any) -> AsyncIterator[Connected]:
    async with typedws.connect(
        setting.url(address, path_of(work)),
        converter=setting.codec().converter,
        ssl_context=setting.ssl_context(address),
        config=LARGE_ENOUGH,
        extensions=[typedws.Deflate()] if setting.compressed else [],
    ) as session:
        yield Connected(session, setting)
