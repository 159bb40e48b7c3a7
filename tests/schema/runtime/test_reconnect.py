"""A connection that is lost is opened again; subscriptions live on, and nothing is sent twice."""

from __future__ import annotations

from typing import Any

import anyio
import pytest

import typedws.retry
from tests.leaks import no_socket_left
from tests.schema.runtime.prices import Cancel, Placed, Prices, Status, Trade
from tests.schema.runtime.server import Guest, hosting
from typedws import CloseReason
from typedws.errors import ConnectError, ConnectionClosed, ConnectionClosedError, HandshakeError
from typedws.schema import Reconnect, Reconnected, RequestTimeoutError

pytestmark = pytest.mark.anyio

FAST = Reconnect(initial_delay=0.01, max_delay=0.01)


def trade(number: float) -> dict[str, Any]:
    return {"type": "trade", "symbol": "A", "price": number}


def subscribe(*symbols: str) -> dict[str, Any]:
    return {"type": "subscribe", "symbols": list(symbols)}


async def greet_and_drop(guest: Guest) -> None:
    await guest.say(trade(1))
    await guest.drop()


async def greet(guest: Guest) -> None:
    await guest.say(trade(2))


async def place(guest: Guest) -> None:
    while True:
        asked = await guest.next()
        if asked["type"] == "order":
            await guest.say({"type": "placed", "requestId": asked["requestId"]})


async def test_the_reader_opens_again_and_says_so() -> None:
    async with (
        hosting(greet_and_drop, greet) as host,
        Prices.connect(url=host.url, reconnect=FAST) as prices,
    ):
        first = prices.session
        assert await prices.receive() == Trade(symbol="A", price=1)
        news = await prices.receive()
        assert isinstance(news, Reconnected)
        assert isinstance(news.cause, ConnectionClosedError)
        assert news.cause.reason.code == 1006
        assert news.attempt == 1
        assert 0 <= news.gap < 5
        assert await prices.receive() == Trade(symbol="A", price=2)
        assert prices.session is not first
        assert prices.close_reason is None
        assert len(host.guests) == 2


async def test_without_it_the_end_is_the_end() -> None:
    async with hosting(greet_and_drop, greet) as host, Prices.connect(url=host.url) as prices:
        assert await prices.receive() == Trade(symbol="A", price=1)
        with pytest.raises(ConnectionClosedError):
            await prices.receive()
        assert len(host.guests) == 1


@pytest.mark.parametrize("code", [1000, 1008, 4000])
async def test_an_end_that_is_meant_is_the_end(code: int) -> None:
    async def leave(guest: Guest) -> None:
        await guest.close(code)

    async with hosting(leave) as host, Prices.connect(url=host.url, reconnect=FAST) as prices:
        with pytest.raises(ConnectionClosed) as caught:
            await prices.receive()
        assert caught.value.reason == CloseReason(code)
        assert prices.close_reason == CloseReason(code)
        with pytest.raises(ConnectionClosed):
            await prices.place_order(symbol="A")
        assert len(host.guests) == 1


async def test_what_had_arrived_comes_first_though_a_sender_noticed() -> None:
    count = 100

    async def pour_and_drop(guest: Guest) -> None:
        await guest.say(*map(trade, range(count)))
        await guest.drop()

    async with (
        hosting(pour_and_drop, place) as host,
        Prices.connect(url=host.url, reconnect=FAST, max_events=10) as prices,
    ):
        found = [await prices.receive()]
        await host.until(lambda: prices.session.close_reason is not None)
        await prices.send(Cancel(number=1))
        await host.until(lambda: host.received())
        found += [await prices.receive() for _ in range(count)]
    assert [event.price for event in found[:count] if isinstance(event, Trade)] == list(range(count))
    assert isinstance(found[-1], Reconnected)


async def test_requests_on_their_way_fail_and_nothing_is_sent_again() -> None:
    async def take_and_drop(guest: Guest) -> None:
        await guest.next()
        await guest.drop()

    async with (
        hosting(take_and_drop, place) as host,
        Prices.connect(url=host.url, reconnect=FAST) as prices,
    ):
        with pytest.raises(ConnectionClosedError):
            await prices.place_order(symbol="A", timeout=None)
        assert await prices.place_order(symbol="B") == Placed(request_id="2")
        assert [message["symbol"] for message in host.received()] == ["A", "B"]


async def test_live_subscriptions_are_sent_again_and_others_are_not() -> None:
    dropped = anyio.Event()

    async def drop_when_told(guest: Guest) -> None:
        for _ in range(3):
            await guest.next()
        await dropped.wait()
        await guest.drop()

    async def feed(guest: Guest) -> None:
        await guest.next()
        await guest.say(trade(7), {"type": "status", "text": "x"})

    async with (
        hosting(drop_when_told, feed) as host,
        Prices.connect(url=host.url, reconnect=FAST) as prices,
    ):
        async with prices.subscribe_trades(symbols=["gone"]):
            pass
        async with prices.subscribe_trades(symbols=["A"]) as updates, prices.subscribe_trades(symbols=["A"]):
            assert updates.reconnects == 0
            dropped.set()
            assert await updates.receive() == Trade(symbol="A", price=7)
            assert updates.reconnects == 1
            assert await updates.receive() == Status(text="x")
            assert isinstance(await prices.receive(), Reconnected)
        await host.until(lambda: len(host.guests[1].received) == 2)
        assert host.guests[1].received == [subscribe("A"), {"type": "unsubscribe", "symbols": ["A"]}]


async def test_a_subscription_counts_a_reconnect_where_it_was() -> None:
    async def two_and_drop(guest: Guest) -> None:
        await guest.next()
        await guest.say(trade(1), trade(2))
        await guest.drop()

    async def one(guest: Guest) -> None:
        await guest.next()
        await guest.say(trade(3))

    async with hosting(two_and_drop, one) as host, Prices.connect(url=host.url, reconnect=FAST) as prices:
        async with prices.subscribe_trades(symbols=["A"]) as updates:
            assert isinstance(await prices.receive(), Reconnected)
            await host.until(lambda: len(host.guests) == 2)
            found = []
            for _ in range(3):
                update = await updates.receive()
                assert isinstance(update, Trade)
                found.append((update.price, updates.reconnects))
    assert found == [(1, 0), (2, 0), (3, 1)]


async def test_each_element_is_subscribed_to_once_again() -> None:
    dropped = anyio.Event()

    async def drop_when_told(guest: Guest) -> None:
        for _ in range(4):
            await guest.next()
        await dropped.wait()
        await guest.drop()

    async def feed(guest: Guest) -> None:
        await guest.next()
        await guest.next()
        await guest.say(trade(7))

    async with hosting(drop_when_told, feed) as host, Prices.connect(url=host.url, reconnect=FAST) as prices:
        async with (
            prices.subscribe_trades(symbols=["A", "B"]),
            prices.subscribe_trades(symbols=["B", "A", "C"]) as all_,
        ):
            async with prices.subscribe_trades(symbols=["D"]):
                pass
            await host.until(lambda: len(host.received()) == 4)
            dropped.set()
            assert await all_.receive() == Trade(symbol="A", price=7)
        unsubscribe = {"type": "unsubscribe"}
        assert host.guests[0].received[1:] == [
            subscribe("C"),
            subscribe("D"),
            {**unsubscribe, "symbols": ["D"]},
        ]
        await host.until(lambda: len(host.guests[1].received) == 4)
        assert host.guests[1].received == [
            subscribe("A", "B"),
            subscribe("C"),
            {**unsubscribe, "symbols": ["C"]},
            {**unsubscribe, "symbols": ["A", "B"]},
        ]


async def test_a_request_that_was_not_sent_says_so() -> None:
    slow = Reconnect(initial_delay=60, max_delay=60)
    async with hosting(greet_and_drop) as host, Prices.connect(url=host.url, reconnect=slow) as prices:
        await host.until(lambda: prices.session.close_reason is not None)
        text = r"Order was not sent: there was no connection for 0\.05 s\Z"
        with pytest.raises(RequestTimeoutError, match=text) as caught:
            await prices.place_order(symbol="A", timeout=0.05)
        assert not caught.value.sent


async def test_many_who_need_it_open_it_once() -> None:
    async with (
        hosting(greet_and_drop, place) as host,
        Prices.connect(url=host.url, reconnect=FAST) as prices,
    ):
        await host.until(lambda: prices.session.close_reason is not None)
        found: list[object] = []

        async def ask() -> None:
            found.append(await prices.place_order(symbol="A"))

        async with anyio.create_task_group() as group:
            for _ in range(20):
                group.start_soon(ask)
            found.append(await prices.receive())
            found.append(await prices.receive())
        assert len(found) == 22
        assert len(host.guests) == 2
        assert len(host.received()) == 20


async def test_a_cancelled_reader_leaves_the_work_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typedws.retry, "_random", lambda: 1.0)
    slow = Reconnect(initial_delay=0.5, max_delay=0.5)
    async with (
        hosting(greet_and_drop, greet) as host,
        Prices.connect(url=host.url, reconnect=slow) as prices,
    ):
        assert await prices.receive() == Trade(symbol="A", price=1)
        found: list[object] = []
        for _ in range(5):  # while it waits for its attempt
            with anyio.move_on_after(0.02):
                found.append(await prices.receive())
        assert found == []
        assert isinstance(await prices.receive(), Reconnected)
        assert await prices.receive() == Trade(symbol="A", price=2)
        assert len(host.guests) == 2


async def test_the_last_error_is_raised_when_attempts_are_used_up() -> None:
    few = Reconnect(initial_delay=0.01, max_delay=0.01, max_attempts=2)
    async with hosting(greet_and_drop) as host, Prices.connect(url=host.url, reconnect=few) as prices:
        assert await prices.receive() == Trade(symbol="A", price=1)
        # From here on nobody listens where the client goes.
        address = prices._endpoint._address
        object.__setattr__(address, "url", "ws://127.0.0.1:1/")
        failures = []
        for _ in range(2):
            with pytest.raises(ConnectError) as caught:
                await prices.receive()
            failures.append(caught.value)
        assert failures[0] is not failures[1]
        with pytest.raises(HandshakeError):
            await prices.place_order(symbol="A")
        with pytest.raises(HandshakeError):
            async for _ in prices:
                pass


async def test_a_server_that_drops_everybody_at_once_uses_attempts_up() -> None:
    few = Reconnect(initial_delay=0.01, max_delay=0.01, max_attempts=3)
    async with hosting(greet_and_drop) as host, Prices.connect(url=host.url, reconnect=few) as prices:
        events = []
        with pytest.raises(ConnectionClosedError):
            async for event in prices:
                events.append(event)
        assert [type(event) for event in events].count(Reconnected) == 3
        assert len(host.guests) == 4


async def test_should_retry_decides() -> None:
    async def leave(guest: Guest) -> None:
        await guest.close(4000)

    asked: list[Exception] = []

    def always(error: Exception) -> bool:
        asked.append(error)
        return True

    stubborn = Reconnect(initial_delay=0.01, max_delay=0.01, should_retry=always)
    async with hosting(leave, greet) as host, Prices.connect(url=host.url, reconnect=stubborn) as prices:
        assert isinstance(await prices.receive(), Reconnected)
        assert isinstance(asked[0], ConnectionClosedError)


async def test_the_first_connection_is_not_tried_twice() -> None:
    with pytest.raises(ConnectError):
        async with Prices.connect(url="ws://127.0.0.1:1", reconnect=True):
            pass


@pytest.mark.parametrize("by_closing", [True, False])
async def test_closing_ends_the_wait_for_the_next_attempt(by_closing: bool) -> None:
    slow = Reconnect(initial_delay=60, max_delay=60)
    ended: list[object] = []
    with no_socket_left():
        async with hosting(greet_and_drop) as host, anyio.create_task_group() as group:
            async with Prices.connect(url=host.url, reconnect=slow) as prices:

                async def iterate() -> None:
                    async for event in prices:
                        ended.append(event)
                    ended.append("end")

                async def ask() -> None:
                    with pytest.raises(ConnectionClosed):
                        await prices.place_order(symbol="A", timeout=None)
                    ended.append("asked")

                group.start_soon(iterate)
                await host.until(lambda: prices._endpoint._outage is not None)
                group.start_soon(ask)
                await anyio.wait_all_tasks_blocked()
                assert prices.close_reason is None
                if by_closing:
                    await prices.close()
                    await host.until(lambda: len(ended) == 3)
            await host.until(lambda: len(ended) == 3)
    assert set(ended[1:]) == {"end", "asked"}
