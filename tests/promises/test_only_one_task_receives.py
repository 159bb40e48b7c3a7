"""A second receive at the same time raises `anyio.BusyResourceError`, and the first does not notice."""

from __future__ import annotations

import anyio
import pytest

from tests.peers import connected, deliver, text, turns
from tests.promises.receiving import Receive
from typedws.converters.json import JSONConverter

pytestmark = pytest.mark.anyio


async def test_a_second_receive_raises_and_the_first_goes_on(receive: Receive, receive_second: Receive) -> None:
    async with connected(converter=JSONConverter()) as (session, peer):
        received = []

        async def first() -> None:
            received.append(await receive(session))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(first)
            await turns(3)
            for _ in range(3):
                with pytest.raises(anyio.BusyResourceError):
                    await receive_second(session)
            peer.push(text("1"))
        assert received == [1]
        peer.push(text("2"))
        assert await receive_second(session) == 2


async def test_a_message_that_has_just_come_is_not_taken_from_the_task_that_waits(receive_second: Receive) -> None:
    async with connected(converter=JSONConverter()) as (session, _):
        received = []

        async def first() -> None:
            received.append((await session.receive()).data)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(first)
            await turns(3)
            deliver(session, text("1"))
            with pytest.raises(anyio.BusyResourceError):
                await receive_second(session)
        assert received == [b"1"]


async def test_after_a_cancelled_receive_another_task_may_receive(receive: Receive, receive_second: Receive) -> None:
    async with connected(converter=JSONConverter()) as (session, peer):
        with anyio.move_on_after(0):
            await receive(session)
        with anyio.move_on_after(0.01):
            await receive(session)
        peer.push(text("1"))
        assert await receive_second(session) == 1


async def test_sending_pinging_and_closing_are_not_receiving() -> None:
    async with connected() as (session, peer):
        peer.farewell()
        async with anyio.create_task_group() as tasks:

            async def receive_until_the_end() -> None:
                async for _ in session.incoming:
                    raise AssertionError("nothing was sent")

            tasks.start_soon(receive_until_the_end)
            await turns(3)
            await session.send("x")
            await session.flush()
            await session.close()
