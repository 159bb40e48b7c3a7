"""What a client delivers, in order and without a loss, and how it ends."""

from __future__ import annotations

import asyncio
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from tests.schema.runtime.prices import ErrorMessage, Prices, Status, Trade
from tests.schema.runtime.server import Guest, hosting
from typedws import CloseReason
from typedws.errors import ConnectionClosedError, ConnectionClosedOK, DeserializeError
from typedws.schema import Unknown

pytestmark = pytest.mark.anyio


def trade(number: int) -> dict[str, Any]:
    return {"type": "trade", "symbol": "A", "price": number}


def saying(*messages: Any, code: int | None = None) -> Any:
    async def script(guest: Guest) -> None:
        await guest.say(*messages)
        if code is not None:
            await guest.close(code)

    return script


async def test_events_come_in_order_and_as_what_they_are() -> None:
    script = saying(
        trade(1), {"type": "status", "text": "up"}, {"type": "new"}, b"\x00", {"type": "error", "text": "x"}
    )
    async with hosting(script) as host, Prices.connect(url=host.url) as prices:
        found = [await prices.receive() for _ in range(5)]
    assert found == [
        Trade(symbol="A", price=1),
        Status(text="up"),
        Unknown("new", b'{"type":"new"}'),
        Unknown(None, b"\x00", is_text=False),
        ErrorMessage(text="x"),
    ]


@pytest.mark.parametrize("code", [1000, 1001])
async def test_iteration_ends_quietly_where_the_server_is_done(code: int) -> None:
    async with hosting(saying(trade(1), code=code)) as host, Prices.connect(url=host.url) as prices:
        assert [event async for event in prices] == [Trade(symbol="A", price=1)]
        assert prices.close_reason == CloseReason(code)
        with pytest.raises(ConnectionClosedOK):
            await prices.receive()
        assert [event async for event in prices] == []


async def test_iteration_raises_where_the_server_failed() -> None:
    async with hosting(saying(trade(1), code=1011)) as host, Prices.connect(url=host.url) as prices:
        found = []
        with pytest.raises(ConnectionClosedError, match="1011"):
            async for event in prices:
                found.append(event)
        assert found == [Trade(symbol="A", price=1)]
        with pytest.raises(ConnectionClosedError, match="1011"):
            await prices.receive()


async def test_iteration_ends_quietly_after_a_close_of_ours() -> None:
    async with hosting(saying(trade(1), trade(2))) as host, Prices.connect(url=host.url) as prices:
        assert await prices.receive() == Trade(symbol="A", price=1)
        await prices.close(CloseReason(3000, "enough"))
        assert [event async for event in prices] in ([], [Trade(symbol="A", price=2)])
        assert prices.close_reason == CloseReason(3000, "enough")
        with pytest.raises(ConnectionClosedError):
            await prices.receive()


async def test_a_close_that_may_not_be_sent_closes_nothing() -> None:
    async with hosting(saying(trade(1))) as host, Prices.connect(url=host.url, reconnect=True) as prices:
        with pytest.raises(ValueError, match="1005"):
            await prices.close(CloseReason(1005))
        with pytest.raises(TypeError, match="CloseReason"):
            await prices.close(1000)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        assert await prices.receive() == Trade(symbol="A", price=1)


async def test_a_bad_message_is_raised_in_its_place() -> None:
    script = saying(trade(1), {"type": "trade", "symbol": "A", "price": -1}, "{", trade(2), code=1000)
    async with hosting(script) as host, Prices.connect(url=host.url) as prices:
        assert await prices.receive() == Trade(symbol="A", price=1)
        with pytest.raises(DeserializeError, match="is not a Trade"):
            await prices.receive()
        assert await prices.receive() == Unknown(None, b"{")
        assert [event async for event in prices] == [Trade(symbol="A", price=2)]


async def test_one_task_at_a_time_takes_events() -> None:
    async with hosting(saying()) as host, Prices.connect(url=host.url) as prices:
        async with anyio.create_task_group() as group:
            group.start_soon(prices.receive)
            await anyio.wait_all_tasks_blocked()
            with pytest.raises(anyio.BusyResourceError):
                await prices.receive()
            with pytest.raises(anyio.BusyResourceError):
                async for _ in prices:
                    pass
            group.cancel_scope.cancel()


async def test_cancelled_receives_lose_nothing() -> None:
    count = 300

    async def script(guest: Guest) -> None:
        for number in range(count):
            await guest.say(trade(number))
            if number % 10 == 0:
                await anyio.lowlevel.checkpoint()
        await guest.close(1000)

    found: list[Any] = []
    async with hosting(script) as host, Prices.connect(url=host.url) as prices:
        ended = False
        patience = 0.0
        while not ended:
            with anyio.move_on_after(patience):
                try:
                    found.append(await prices.receive())
                except ConnectionClosedOK:
                    ended = True
            patience = 0.0 if patience > 0.0005 else patience + 0.0001
            await anyio.lowlevel.checkpoint()
    assert [event.price for event in found] == list(range(count))


@pytest.mark.parametrize("anyio_backend", [("asyncio", {"use_uvloop": False}), ("asyncio", {"use_uvloop": True})])
async def test_natively_cancelled_receives_lose_nothing() -> None:
    count = 200

    async def script(guest: Guest) -> None:
        for number in range(count):
            await guest.say(trade(number))
            await anyio.lowlevel.checkpoint()
        await guest.next()

    found: list[Any] = []
    async with hosting(script) as host, Prices.connect(url=host.url) as prices:
        turns = 0
        while len(found) < count:
            task = asyncio.create_task(prices.receive())
            for _ in range(turns % 4):
                await asyncio.sleep(0)
            turns += 1
            task.cancel()
            (result,) = await asyncio.gather(task, return_exceptions=True)
            if not isinstance(result, BaseException):
                found.append(result)
    assert [event.price for event in found] == list(range(count))


async def test_a_waiting_task_hears_that_another_one_closed() -> None:
    ended = []
    async with hosting(saying()) as host, Prices.connect(url=host.url) as prices:

        async def iterate() -> None:
            async for _ in prices:
                pass
            ended.append(True)

        async with anyio.create_task_group() as group:
            group.start_soon(iterate)
            await anyio.wait_all_tasks_blocked()
            await prices.close()
    assert ended


async def test_other_tasks_get_their_turn_while_messages_pour_in() -> None:
    count = 2000
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await anyio.lowlevel.checkpoint()

    async with hosting(saying(*map(trade, range(count)), code=1000)) as host, Prices.connect(url=host.url) as prices:
        async with anyio.create_task_group() as group:
            group.start_soon(others)
            seen = [event async for event in prices]
            group.cancel_scope.cancel()
    assert len(seen) == count
    assert turns >= count // 512
