"""On asyncio a receive suspends only when nothing is there, and once per 256 messages, for others to run."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from tests.peers import TEXT, connected, deliver, text
from tests.promises.receiving import Receive
from typedws.converters.json import JSONConverter
from typedws.session import Session

pytestmark = pytest.mark.anyio


@pytest.fixture(params=[False, True], ids=["asyncio", "uvloop"])
def anyio_backend(request: pytest.FixtureRequest) -> Any:
    return "asyncio", {"use_uvloop": request.param}


async def turns_taken(coroutine: Coroutine[Any, Any, object]) -> int:
    """How many turns of the event loop pass while the coroutine runs."""
    loop = asyncio.get_running_loop()
    taken = 0
    is_counting = True

    def count() -> None:
        nonlocal taken
        if is_counting:
            taken += 1
            loop.call_soon(count)

    loop.call_soon(count)
    await coroutine
    is_counting = False
    return taken


async def receive_many(receive: Receive, session: Session, count: int) -> None:
    for _ in range(count):
        await receive(session)


async def test_receiving_what_is_there_does_not_suspend(receive: Receive) -> None:
    async with connected(converter=JSONConverter()) as (session, _):
        deliver(session, text("1") * 256)
        assert await turns_taken(receive_many(receive, session, 255)) == 0


async def test_it_suspends_once_per_256_messages(receive: Receive) -> None:
    async with connected(converter=JSONConverter()) as (session, _):
        deliver(session, text("1") * 1024)
        assert 3 <= await turns_taken(receive_many(receive, session, 1024)) <= 5


async def test_a_receive_that_has_no_time_to_wait_gets_what_is_there(receive: Receive) -> None:
    async with connected(converter=JSONConverter()) as (session, _):
        deliver(session, text("1") * 600)
        taken = late = 0
        while taken < 600:
            try:
                async with asyncio.timeout(0):
                    taken += await receive(session)
            except TimeoutError:
                late += 1
                assert late < 10


async def test_other_tasks_run_while_a_flood_is_received() -> None:
    async with connected() as (session, _):
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                ticks += 1
                await asyncio.sleep(0)

        task = asyncio.ensure_future(tick())
        for _ in range(10):
            deliver(session, text("1") * 1000)
            for _ in range(1000):
                await session.receive()
        assert ticks >= 30
        task.cancel()


async def test_sending_with_room_does_not_suspend_and_gives_way_once_per_256_messages() -> None:
    async with connected() as (session, peer):

        async def send(count: int) -> None:
            for _ in range(count):
                await session.send("x")

        assert await turns_taken(send(200)) == 0
        assert 3 <= await turns_taken(send(1024)) <= 5
        assert {sent.opcode for sent in await peer.frames(1224)} == {TEXT}
