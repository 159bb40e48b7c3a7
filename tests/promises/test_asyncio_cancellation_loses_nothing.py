"""asyncio's own ways to cancel a receive, none of which anyio's scopes know: nothing is lost by them either."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from tests.peers import connected, deliver, text, turns
from tests.promises.receiving import ROUNDS, Collected, Receive
from typedws.converters.json import JSONConverter

pytestmark = pytest.mark.anyio


@pytest.fixture(params=[False, True], ids=["asyncio", "uvloop"])
def anyio_backend(request: pytest.FixtureRequest) -> Any:
    return "asyncio", {"use_uvloop": request.param}


async def test_a_bare_task_cancel_right_after_delivery_loses_nothing(receive: Receive) -> None:
    async with connected(converter=JSONConverter()) as (session, _):
        collected = Collected(session)
        for n in range(ROUNDS):
            task = asyncio.ensure_future(receive(session))
            await turns(2)
            deliver(session, text(str(n)))
            task.cancel()
            done = await asyncio.gather(task, return_exceptions=True)
            collected.numbers += [value for value in done if isinstance(value, int)]
            await collected.complete(n)
        assert collected.cancelled == ROUNDS


async def test_an_asyncio_timeout_that_expires_right_after_delivery_loses_nothing(receive: Receive) -> None:
    async with connected(converter=JSONConverter()) as (session, _):
        collected = Collected(session)
        loop = asyncio.get_running_loop()

        async def receiver(timeout: asyncio.Timeout) -> None:
            try:
                async with timeout:
                    collected.numbers.append(await receive(session))
            except TimeoutError:
                pass

        for n in range(ROUNDS):
            timeout = asyncio.timeout(None)
            task = asyncio.ensure_future(receiver(timeout))
            await turns(2)
            timeout.reschedule(loop.time() - 1)  # it expires in the next turn, where the receiver would go on
            deliver(session, text(str(n)))
            await task
            await collected.complete(n)
        assert collected.cancelled == ROUNDS


@pytest.mark.parametrize("delivered_first", [True, False])
async def test_a_wait_for_that_expires_in_the_turn_of_the_delivery_loses_nothing(delivered_first: bool) -> None:
    async with connected() as (session, _):
        collected = Collected(session)
        loop = asyncio.get_running_loop()

        async def receiver() -> None:
            try:
                collected.numbers.append(int((await asyncio.wait_for(session.receive(), 0.001)).data))
            except TimeoutError:
                pass

        for n in range(ROUNDS // 2):
            data = text(str(n))
            if delivered_first:
                loop.call_later(0.001, deliver, session, data)
            task = asyncio.ensure_future(receiver())
            await turns(2)
            if not delivered_first:
                loop.call_later(0.001, deliver, session, data)
            time.sleep(0.0025)  # noqa: ASYNC251 - both timers are due in the next turn
            await task
            await collected.complete(n)


async def test_a_wait_for_that_is_cancelled_right_after_delivery_loses_nothing() -> None:
    async with connected() as (session, _):
        collected = Collected(session)
        for n in range(ROUNDS):
            task = asyncio.ensure_future(asyncio.wait_for(session.receive(), 10))
            await turns(3)
            deliver(session, text(str(n)))
            task.cancel()
            for frame in await asyncio.gather(task, return_exceptions=True):
                if not isinstance(frame, BaseException):
                    collected.numbers.append(int(frame.data))
            await collected.complete(n)
