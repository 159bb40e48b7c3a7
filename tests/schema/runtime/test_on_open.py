"""What is done on each session before anybody else may use it: to log in, say."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import anyio
import pytest

from tests.leaks import no_socket_left
from tests.schema.runtime.prices import Cancel, Placed, Prices, Status, Trade
from tests.schema.runtime.server import Guest, hosting
from typedws.errors import ConnectionClosed, ConnectionClosedError
from typedws.schema import Reconnect, Reconnected, RequestTimeoutError

pytestmark = pytest.mark.anyio

FAST = Reconnect(initial_delay=0.01, max_delay=0.01)


async def place(guest: Guest) -> None:
    """Answers orders, says a status before, and gives a trade to who subscribes."""
    while True:
        asked = await guest.next()
        if asked["type"] == "order":
            await guest.say({"type": "status", "symbol": "other", "text": asked["symbol"]})
            await guest.say({"type": "placed", "requestId": asked["requestId"]})
        elif asked["type"] == "subscribe":
            await guest.say({"type": "trade", "symbol": "A", "price": 1})


def drop_after(count: int) -> Callable[[Guest], Awaitable[None]]:
    """Does so for so many messages, and drops the connection."""

    async def script(guest: Guest) -> None:
        with anyio.CancelScope() as scope:
            async with anyio.create_task_group() as group:
                group.start_soon(place, guest)
                while len(guest.received) < count:
                    await anyio.sleep(0.002)
                await anyio.sleep(0.02)
                scope.cancel()
        await guest.drop()

    return script


def kinds(guest: Guest) -> list[str]:
    return [message["type"] for message in guest.received]


async def log_in(prices: Prices) -> None:
    await prices.send(Cancel(number=1))
    assert isinstance(await prices.place_order(symbol="login"), Placed)


async def test_it_comes_before_everything_on_each_session() -> None:
    async with (
        hosting(drop_after(3), place) as host,
        Prices.connect(url=host.url, reconnect=FAST, on_open=log_in) as prices,
    ):
        async with prices.subscribe_trades(symbols=["A"]) as updates:
            assert await updates.receive() == Trade(symbol="A", price=1)
            assert await updates.receive() == Trade(symbol="A", price=1)
            assert updates.reconnects == 1
            assert kinds(host.guests[0]) == kinds(host.guests[1]) == ["cancel", "order", "subscribe"]
            # What came meanwhile is an event, in its place.
            found = [await prices.receive() for _ in range(3)]
        assert [type(event) for event in found] == [Status, Reconnected, Status]


async def test_an_update_that_comes_meanwhile_is_behind_the_gap() -> None:
    async def early(guest: Guest) -> None:
        await guest.say({"type": "trade", "symbol": "A", "price": 7})
        await place(guest)

    async with (
        hosting(drop_after(3), early) as host,
        Prices.connect(url=host.url, reconnect=FAST, on_open=log_in) as prices,
    ):
        async with prices.subscribe_trades(symbols=["A"]) as updates:
            found = [(await updates.receive(), updates.reconnects) for _ in range(3)]
    trades = [Trade(symbol="A", price=1), Trade(symbol="A", price=7), Trade(symbol="A", price=1)]
    assert found == list(zip(trades, (0, 1, 1), strict=True))


async def test_those_who_wait_outside_go_on_behind_it() -> None:
    begun, goes_on = anyio.Event(), anyio.Event()
    calls = 0

    async def slowly(prices: Prices) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            begun.set()
            await goes_on.wait()
        async with anyio.create_task_group() as group:
            for _ in range(3):
                group.start_soon(log_in, prices)

    found: list[object] = []
    async with (
        hosting(drop_after(6), place) as host,
        Prices.connect(url=host.url, reconnect=FAST, on_open=slowly) as prices,
    ):
        await host.until(lambda: prices.session.close_reason is not None)

        async def ask() -> None:
            found.append(await prices.place_order(symbol="outside"))

        async with anyio.create_task_group() as group:
            for _ in range(5):
                group.start_soon(ask)
            await begun.wait()
            with pytest.raises(RequestTimeoutError, match="there was no connection for"):
                await prices.place_order(symbol="late", timeout=0.05)
            assert found == host.guests[1].received == []
            goes_on.set()
        assert len(found) == 5
        outside = [message.get("symbol") for message in host.guests[1].received]
        assert outside[6:] == ["outside"] * 5


async def test_it_may_wait_for_events_of_the_new_session() -> None:
    async def greet(guest: Guest) -> None:
        await guest.say({"type": "status", "text": "hello"}, {"type": "status", "text": "more"})
        await guest.next()
        await guest.drop()

    seen: list[object] = []

    async def greeted(prices: Prices) -> None:
        seen.append(await prices.receive())
        assert prices.session.close_reason is None

    async with hosting(greet) as host, Prices.connect(url=host.url, reconnect=FAST, on_open=greeted) as prices:
        assert await prices.receive() == Status(text="more")
        await prices.send(Cancel(number=1))
        assert isinstance(await prices.receive(), Reconnected)
        assert await prices.receive() == Status(text="more")
    assert seen == [Status(text="hello")] * 2


class Oops(Exception):
    def __init__(self, one: int, two: int) -> None:
        super().__init__("oops")


async def test_its_exception_fails_the_opening_as_itself() -> None:
    async def fail(prices: Prices) -> None:
        await prices.send(Cancel(number=1))
        raise Oops(1, 2)

    with no_socket_left():
        async with hosting(place) as host:
            with pytest.raises(Oops):
                async with Prices.connect(url=host.url, reconnect=FAST, on_open=fail):
                    raise AssertionError
            await host.until(lambda: host.guests[0].session.close_reason)
            assert len(host.guests) == 1


@pytest.mark.parametrize("reconnect", [False, FAST])
async def test_a_first_session_that_is_lost_meanwhile_is_not_opened_again(reconnect: bool | Reconnect) -> None:
    async def drop(guest: Guest) -> None:
        await guest.next()
        await guest.drop()

    async with hosting(drop) as host:
        with pytest.raises(ConnectionClosedError):
            async with Prices.connect(url=host.url, reconnect=reconnect, on_open=log_in):
                raise AssertionError
        assert len(host.guests) == 1


async def test_a_later_session_that_is_lost_or_silent_meanwhile_is_a_failed_attempt() -> None:
    async def drop(guest: Guest) -> None:
        await guest.next()
        await guest.drop()

    async def silent(guest: Guest) -> None:
        await guest.listen()

    calls = 0

    async def hurried(prices: Prices) -> None:
        nonlocal calls
        calls += 1
        await prices.place_order(symbol="login", timeout=0.1 if calls == 3 else 5)  # the third guest is silent

    async with (
        hosting(drop_after(1), drop, silent, place) as host,
        Prices.connect(url=host.url, reconnect=FAST, on_open=hurried) as prices,
    ):
        assert isinstance(await prices.receive(), Status)
        news = await prices.receive()
        assert isinstance(news, Reconnected)
        assert news.attempt == 3
        assert isinstance(await prices.place_order(symbol="A"), Placed)


async def test_attempts_that_are_used_up_end_in_its_timeout() -> None:
    async def silent(guest: Guest) -> None:
        await guest.listen()

    calls = 0

    async def hurried(prices: Prices) -> None:
        nonlocal calls
        calls += 1
        await prices.place_order(symbol="login", timeout=5 if calls == 1 else 0.05)

    few = Reconnect(initial_delay=0.01, max_delay=0.01, max_attempts=2)
    async with (
        hosting(drop_after(1), silent) as host,
        Prices.connect(url=host.url, reconnect=few, on_open=hurried) as prices,
    ):
        with pytest.raises(RequestTimeoutError):
            async for _ in prices:
                pass
        assert len(host.guests) == 3


async def test_another_exception_on_a_later_session_is_everybodys() -> None:
    calls = 0

    async def fail_later(prices: Prices) -> None:
        nonlocal calls
        calls += 1
        await prices.send(Cancel(number=1))
        if calls == 2:
            raise Oops(1, 2)

    ended: list[type[Exception]] = []
    async with (
        hosting(drop_after(1), place) as host,
        Prices.connect(url=host.url, reconnect=FAST, on_open=fail_later) as prices,
    ):
        await host.until(lambda: prices.session.close_reason is not None)

        async def ends(wait: Callable[[], Awaitable[object]]) -> None:
            with pytest.raises(Oops) as caught:
                await wait()
            ended.append(caught.type)

        async def updates() -> None:
            async with prices.subscribe_trades(symbols=["A"]) as found:
                await found.receive()

        async with anyio.create_task_group() as group:
            group.start_soon(ends, prices.receive)
            group.start_soon(ends, lambda: prices.place_order(symbol="A"))
            group.start_soon(ends, updates)
        assert ended == [Oops] * 3
        await ends(prices.receive)
        await ends(lambda: prices.send(Cancel(number=2)))


async def test_one_that_is_cancelled_is_begun_again() -> None:
    calls = 0

    async def slow(prices: Prices) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            await anyio.sleep(60)
        await log_in(prices)

    async with (
        hosting(drop_after(2), place) as host,
        Prices.connect(url=host.url, reconnect=FAST, on_open=slow) as prices,
    ):
        assert await prices.receive() == Status(symbol="other", text="login")
        while calls < 2:
            with anyio.move_on_after(0.2):
                await prices.receive()
        assert isinstance(await prices.receive(), Reconnected)
        assert calls == 3


@pytest.mark.parametrize("later", [False, True])
async def test_a_task_that_it_leaves_behind_is_told_and_takes_nothing(later: bool) -> None:
    told: list[str] = []
    calls = 0
    async with hosting(drop_after(2), place) as host, anyio.create_task_group() as group:

        async def watch(prices: Prices) -> None:
            try:
                while True:
                    await prices.receive()
            except RuntimeError as error:
                told.append(str(error)[:21])

        async def ask(prices: Prices) -> None:
            try:
                await prices.cancel_order(number=7, timeout=None)
            except RuntimeError as error:
                told.append(str(error)[:21])

        async def leave_behind(prices: Prices) -> None:
            nonlocal calls
            calls += 1
            if calls == 1 + later:
                group.start_soon(watch, prices)
                group.start_soon(ask, prices)
                await anyio.wait_all_tasks_blocked()
            await log_in(prices)

        async with Prices.connect(url=host.url, reconnect=FAST, on_open=leave_behind) as prices:
            while later and not isinstance(await prices.receive(), Reconnected):
                pass
            await host.until(lambda: len(told) == 2)
            assert isinstance(await prices.place_order(symbol="B"), Placed)
        assert told == ["on_open has returned, "[:21]] * 2


async def test_closing_inside_or_outside_of_it_ends_everything() -> None:
    begun = anyio.Event()

    async def hang(prices: Prices) -> None:
        await prices.send(Cancel(number=1))
        if len(host.guests) == 2:
            begun.set()
            await prices.place_order(symbol="never", timeout=None)

    async def drop_first(guest: Guest) -> None:
        await guest.next()
        await guest.drop()

    async def silent(guest: Guest) -> None:
        await guest.listen()

    ended: list[object] = []
    with no_socket_left():
        async with hosting(drop_first, silent) as host, anyio.create_task_group() as group:
            async with Prices.connect(url=host.url, reconnect=FAST, on_open=hang) as prices:

                async def iterate() -> None:
                    async for event in prices:
                        ended.append(event)
                    ended.append("end")

                group.start_soon(iterate)
                await begun.wait()
                await prices.close()
    assert ended == ["end"]


async def test_nothing_can_be_subscribed_to_in_it() -> None:
    async def subscribe(prices: Prices) -> None:
        prices.subscribe_trades(symbols=["A"])

    async with hosting(place) as host:
        with pytest.raises(RuntimeError, match="inside of on_open"):
            async with Prices.connect(url=host.url, on_open=subscribe):
                pass


async def test_one_client_may_be_opened_by_that_of_another() -> None:
    async def open_another(first: Prices) -> None:
        async def ask_both(second: Prices) -> None:
            await second.place_order(symbol="second")
            await first.place_order(symbol="first")

        async with Prices.connect(url=host.url, on_open=ask_both):
            pass

    async with hosting(place) as host, Prices.connect(url=host.url, on_open=open_another) as prices:
        assert isinstance(await prices.place_order(symbol="A"), Placed)
        assert [message["symbol"] for message in host.guests[0].received] == ["first", "A"]
        await prices.close()
        with pytest.raises(ConnectionClosed):
            await prices.place_order(symbol="A")
