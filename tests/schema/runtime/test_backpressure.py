"""Memory is bounded: the reader pauses, or the oldest is dropped; and whoever waits meanwhile is told why."""

from __future__ import annotations

from typing import Any

import anyio
import pytest

from tests.schema.runtime.prices import Placed, Prices, Trade
from tests.schema.runtime.server import Guest, hosting
from tests.timing import SOON
from typedws import SessionConfig
from typedws.errors import ConnectionClosed
from typedws.schema import RequestTimeoutError

pytestmark = pytest.mark.anyio


def trades(count: int, symbol: str = "A") -> list[dict[str, Any]]:
    return [{"type": "trade", "symbol": symbol, "price": number} for number in range(count)]


async def flood(guest: Guest) -> None:
    """Sends 50 trades before each reply."""
    while True:
        asked = await guest.next()
        await guest.say(*trades(50), {"type": "placed", "requestId": asked.get("requestId", "")})


async def ask_for_events(prices: Prices) -> None:
    """From here on events are wanted, though none is there yet."""
    with anyio.move_on_after(0.001):
        await prices.receive()


async def test_events_that_nobody_asks_for_are_in_nobodys_way(caplog: pytest.LogCaptureFixture) -> None:
    async with hosting(flood) as host, Prices.connect(url=host.url, max_events=10) as prices:
        for number in range(3):
            assert await prices.place_order(symbol="A") == Placed(request_id=str(number + 1))
        assert prices.dropped == 140
        assert [await prices.receive() for _ in range(10)] == [Trade(symbol="A", price=n) for n in range(40, 50)]
        with pytest.raises(RequestTimeoutError, match="while 10 events of the client wait") as caught:
            await prices.place_order(symbol="A", timeout=0.5)
        assert caught.value.sent
    assert [record.message for record in caplog.records if record.name == "typedws.schema"] == [
        "10 events of the client wait, and nobody has asked for one: the oldest are dropped"
    ]


async def test_a_subscription_goes_on_though_nobody_asks_for_events() -> None:
    async def pour(guest: Guest) -> None:
        await guest.next()
        for _ in range(100):
            await guest.say({"type": "status", "symbol": "other", "text": "x"}, *trades(1), {"type": "heartbeat"})

    async with hosting(pour) as host, Prices.connect(url=host.url, max_events=10) as prices:
        async with prices.subscribe_trades(symbols=["A"]) as updates:
            with anyio.fail_after(10):
                assert [(await updates.receive()).symbol for _ in range(100)] == ["A"] * 100
        assert updates.dropped == 0
        assert prices.dropped > 180


async def test_a_paused_reader_hears_that_the_server_closes() -> None:
    async def leave(guest: Guest) -> None:
        await guest.next()
        await guest.say(*trades(50))
        await anyio.sleep(0.1)
        await guest.close(1001)

    async with hosting(leave) as host, Prices.connect(url=host.url, max_events=10) as prices:
        await ask_for_events(prices)
        with anyio.fail_after(SOON), pytest.raises(ConnectionClosed):
            await prices.place_order(symbol="A", timeout=None)
        assert len([event async for event in prices]) == 50


async def test_the_reader_pauses_until_somebody_takes() -> None:
    async with hosting(flood) as host, Prices.connect(url=host.url, max_events=10) as prices:
        await ask_for_events(prices)
        with pytest.raises(RequestTimeoutError, match="while 10 events of the client wait: take them, or connect"):
            await prices.place_order(symbol="A", timeout=0.5)
        found: list[Any] = []

        async def take() -> None:
            while len(found) < 101:
                found.append(await prices.receive())

        async with anyio.create_task_group() as group:
            group.start_soon(take)
            assert await prices.place_order(symbol="B") == Placed(request_id="2")
            await host.until(lambda: len(found) == 101)
            group.cancel_scope.cancel()
        assert [event.price for event in found[:50]] == list(range(50))
        assert found[50] == Placed(request_id="1")
        assert prices.dropped == 0


async def test_never_more_than_so_many_wait() -> None:
    async with hosting(flood) as host, Prices.connect(url=host.url, max_events=10) as prices:
        events = prices._feed.events
        await ask_for_events(prices)
        async with anyio.create_task_group() as group:

            async def ask() -> None:
                await prices.place_order(symbol="A", timeout=None)

            group.start_soon(ask)
            await host.until(lambda: len(events) >= 10)
            await anyio.sleep(0.05)
            group.cancel_scope.cancel()
        assert len(events) == 10
        for left in range(9, -1, -1):
            await prices.receive()
            assert len(events) == left


async def test_the_oldest_is_dropped_where_that_is_wished() -> None:
    async with (
        hosting(flood) as host,
        Prices.connect(url=host.url, max_events=10, overflow="drop_oldest") as prices,
    ):
        assert await prices.place_order(symbol="A") == Placed(request_id="1")
        assert prices.dropped == 40
        assert [await prices.receive() for _ in range(10)] == [Trade(symbol="A", price=n) for n in range(40, 50)]


async def test_a_full_subscription_pauses_the_reader_until_it_is_left() -> None:
    async with hosting(flood) as host, Prices.connect(url=host.url, max_events=10) as prices:
        await ask_for_events(prices)
        async with prices.subscribe_trades(symbols=["A"]) as updates:
            with pytest.raises(RequestTimeoutError, match="10 updates of a subscription wait"):
                await prices.place_order(symbol="A", timeout=0.5)
            assert (await updates.receive()).symbol == "A"
        with pytest.raises(RequestTimeoutError, match="10 events of the client wait"):
            await prices.place_order(symbol="A", timeout=0.5)


async def test_a_subscription_drops_for_itself() -> None:
    async with (
        hosting(flood) as host,
        Prices.connect(url=host.url, max_events=10, overflow="drop_oldest") as prices,
    ):
        async with prices.subscribe_trades(symbols=["A"]) as updates:
            await prices.place_order(symbol="A")
            assert updates.dropped == prices.dropped == 90
        assert prices.dropped == 90


async def test_a_paused_reader_hears_that_we_close() -> None:
    async def unhelpful(guest: Guest) -> None:
        await guest.next()
        await guest.say(*trades(50))

    async with hosting(unhelpful) as host, Prices.connect(url=host.url, max_events=10) as prices:
        await ask_for_events(prices)

        async def ask() -> None:
            with pytest.raises(ConnectionClosed):
                await prices.place_order(symbol="A", timeout=None)

        async with anyio.create_task_group() as group:
            group.start_soon(ask)
            await host.until(lambda: len(prices._feed.events) == 10)
            await prices.close()


async def test_a_paused_reader_hears_that_the_connection_is_lost() -> None:
    async def leave(guest: Guest) -> None:
        await guest.next()
        await guest.say(*trades(50))
        await guest.drop()

    async with hosting(leave) as host, Prices.connect(url=host.url, max_events=10) as prices:
        await ask_for_events(prices)
        with pytest.raises(ConnectionClosed):
            await prices.place_order(symbol="A", timeout=None)
        assert [await prices.receive() for _ in range(50)] == [Trade(symbol="A", price=n) for n in range(50)]


async def test_the_server_feels_it() -> None:
    sent = 0

    async def pour(guest: Guest) -> None:
        nonlocal sent
        while True:
            await guest.say({"type": "status", "text": "x" * 10_000})
            sent += 1

    config = SessionConfig(incoming_messages=10, incoming_bytes=50_000)
    async with hosting(pour) as host, Prices.connect(url=host.url, max_events=10, config=config) as prices:
        await prices.receive()
        before = -1
        with anyio.fail_after(20):
            while sent != before:
                before = sent
                await anyio.sleep(0.2)
        assert len(prices._feed.events) <= 10


async def test_whom_nobody_helps_is_warned(monkeypatch: Any, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr("typedws.schema.runtime.room.PATIENCE", 0.05)

    def warnings() -> list[str]:
        return [record.name for record in caplog.records if "nobody has taken anything" in record.getMessage()]

    async with hosting(flood) as host, Prices.connect(url=host.url, max_events=10) as prices:
        await ask_for_events(prices)
        async with anyio.create_task_group() as group:

            async def ask() -> None:
                await prices.place_order(symbol="A", timeout=None)

            group.start_soon(ask)
            await host.until(warnings)
            await anyio.sleep(0.1)
            group.cancel_scope.cancel()
    assert warnings() == ["typedws.schema"]
