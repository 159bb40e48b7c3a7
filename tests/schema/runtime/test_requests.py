"""Requests get their replies, whatever comes in between, and never hang."""

from __future__ import annotations

import random
from typing import Any

import anyio
import pytest

from tests.schema.runtime.prices import (
    _PLACE_ORDER,
    Cancelled,
    ErrorMessage,
    Order,
    Placed,
    PlaceOrderFailed,
    Prices,
    Trade,
)
from tests.schema.runtime.server import Guest, hosting
from typedws.errors import ConnectionClosed, ConnectionClosedError, DeserializeError, TypedWSError
from typedws.schema import RequestFailed, RequestTimeoutError

pytestmark = pytest.mark.anyio

TRADE = {"type": "trade", "symbol": "A", "price": 1}


def placed(asked: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "placed", "requestId": asked["requestId"], **more}


async def echo(guest: Guest) -> None:
    """Places every order, and sends a trade before each reply."""
    while True:
        asked = await guest.next()
        await guest.say(TRADE, placed(asked, number=len(guest.received)))


async def silent(guest: Guest) -> None:
    await guest.listen()


async def test_a_request_gets_its_reply_and_the_rest_stays() -> None:
    async with hosting(echo) as host, Prices.connect(url=host.url) as prices:
        assert await prices.place_order(symbol="A") == Placed(request_id="1", number=1)
        assert await prices.place_order(symbol="B") == Placed(request_id="2", number=2)
        assert [await prices.receive() for _ in range(2)] == [Trade(symbol="A", price=1)] * 2
        assert host.guests[0].received[0] == {"type": "order", "requestId": "1", "symbol": "A"}


@pytest.mark.parametrize("iterating", [True, False])
async def test_two_hundred_requests_at_once_get_their_own_replies(iterating: bool) -> None:
    count = 200

    async def shuffled(guest: Guest) -> None:
        asked = [await guest.next() for _ in range(count)]
        random.Random(7).shuffle(asked)
        for number, each in enumerate(asked):
            await guest.say(placed(each, number=int(each["symbol"])))
            if number % 5 == 0:
                await guest.say(TRADE)

    found: dict[int, Placed] = {}
    events: list[object] = []
    async with hosting(shuffled) as host, Prices.connect(url=host.url) as prices:

        async def ask(number: int) -> None:
            found[number] = await prices.place_order(symbol=str(number))

        async def iterate() -> None:
            async for event in prices:
                events.append(event)

        async with anyio.create_task_group() as group:
            if iterating:
                group.start_soon(iterate)
            async with anyio.create_task_group() as asking:
                for number in range(count):
                    asking.start_soon(ask, number)
            while not iterating and len(events) < count // 5:
                events.append(await prices.receive())
            await host.until(lambda: len(events) == count // 5)
            group.cancel_scope.cancel()
    assert {number: reply.number for number, reply in found.items()} == {number: number for number in range(count)}
    assert len({reply.request_id for reply in found.values()}) == count
    assert events == [Trade(symbol="A", price=1)] * (count // 5)


async def test_a_reply_that_says_it_failed_is_raised() -> None:
    async def refuse(guest: Guest) -> None:
        await guest.say({"type": "error", "requestId": (await guest.next())["requestId"], "text": "no"})
        await guest.say(placed(await guest.next(), ok=False))

    async with hosting(refuse) as host, Prices.connect(url=host.url) as prices:
        with pytest.raises(PlaceOrderFailed, match="the reply is ErrorMessage") as caught:
            await prices.place_order(symbol="A")
        assert caught.value.reply == ErrorMessage(request_id="1", text="no")
        assert isinstance(caught.value, RequestFailed)
        with pytest.raises(PlaceOrderFailed) as caught:
            await prices.place_order(symbol="A")
        assert caught.value.reply == Placed(request_id="2", ok=False)


async def test_an_error_without_an_id_is_an_event() -> None:
    async def complain(guest: Guest) -> None:
        asked = await guest.next()
        await guest.say({"type": "error", "text": "x"}, placed({"requestId": "77"}), placed(asked))

    async with hosting(complain) as host, Prices.connect(url=host.url) as prices:
        assert await prices.place_order(symbol="A") == Placed(request_id="1")
        assert await prices.receive() == ErrorMessage(text="x")
        assert await prices.receive() == Placed(request_id="77")


async def test_no_reply_in_time_is_a_timeout_and_a_late_one_an_event() -> None:
    late = anyio.Event()

    async def slow(guest: Guest) -> None:
        asked = await guest.next()
        await late.wait()
        await guest.say(placed(asked))
        await guest.say(placed(await guest.next()))

    async with hosting(slow) as host, Prices.connect(url=host.url) as prices:
        with pytest.raises(RequestTimeoutError, match=r"no reply to Order within 0\.05 s\Z") as caught:
            await prices.place_order(symbol="A", timeout=0.05)
        assert isinstance(caught.value, TimeoutError)
        assert isinstance(caught.value, TypedWSError)
        assert caught.value.timeout == 0.05
        late.set()
        assert await prices.place_order(symbol="B") == Placed(request_id="2")
        assert await prices.receive() == Placed(request_id="1")


async def test_the_reply_to_a_cancelled_request_is_an_event() -> None:
    async def slow(guest: Guest) -> None:
        first, second = await guest.next(), await guest.next()
        await guest.say(placed(second), placed(first))

    async with hosting(slow) as host, Prices.connect(url=host.url) as prices:
        with anyio.CancelScope() as scope:
            async with anyio.create_task_group() as group:

                async def ask() -> None:
                    await prices.place_order(symbol="A")

                group.start_soon(ask)
                await host.until(lambda: host.received())
                scope.cancel()
        assert await prices.place_order(symbol="B") == Placed(request_id="2")
        assert await prices.receive() == Placed(request_id="1")


async def test_requests_cancelled_at_any_moment_lose_no_message() -> None:
    async with hosting(echo) as host, Prices.connect(url=host.url) as prices:
        answered = 0
        for number in range(60):
            with anyio.move_on_after(number * 0.00005):
                await prices.place_order(symbol="A")
                answered += 1
        await prices.place_order(symbol="A")
        await prices.close()
        events = [event async for event in prices]
        asked = len(host.received())
    assert [type(event) for event in events].count(Trade) == asked
    assert [type(event) for event in events].count(Placed) == asked - answered - 1


async def test_an_id_that_waits_already_is_refused_before_it_is_sent() -> None:
    async with hosting(silent) as host, Prices.connect(url=host.url) as prices:

        async def ask() -> None:
            await prices._request(Order(request_id="x", symbol="A"), _PLACE_ORDER, timeout=None)

        async with anyio.create_task_group() as group:
            group.start_soon(ask)
            await host.until(lambda: host.received())
            with pytest.raises(ValueError, match="a request with the id 'x' waits for its reply already"):
                await ask()
            group.cancel_scope.cancel()
        await prices.close()
        assert len(host.received()) == 1


async def test_a_reply_with_a_bad_body_fails_its_request() -> None:
    async def garble(guest: Guest) -> None:
        await guest.say(TRADE, placed(await guest.next(), number="x"), TRADE)
        await guest.say({"type": "placed", "requestId": "77", "ok": 3})

    async with hosting(garble) as host, Prices.connect(url=host.url) as prices:
        with pytest.raises(DeserializeError, match="is not a Placed"):
            await prices.place_order(symbol="A")
        assert [await prices.receive() for _ in range(2)] == [Trade(symbol="A", price=1)] * 2
        with pytest.raises(DeserializeError, match="is not a Placed"):
            await prices.receive()


@pytest.mark.parametrize("orderly", [True, False])
async def test_every_request_hears_that_the_connection_is_lost(orderly: bool) -> None:
    async def leave(guest: Guest) -> None:
        for _ in range(3):
            await guest.next()
        if orderly:
            await guest.close(1000)
        await guest.drop()

    errors: list[ConnectionClosed] = []
    async with hosting(leave) as host, Prices.connect(url=host.url) as prices:

        async def ask() -> None:
            try:
                await prices.place_order(symbol="A", timeout=None)
            except ConnectionClosed as error:
                errors.append(error)

        async with anyio.create_task_group() as group:
            for _ in range(3):
                group.start_soon(ask)
        with pytest.raises(ConnectionClosed):
            await prices.place_order(symbol="A")
    assert len({id(error) for error in errors}) == 3
    assert {error.reason.code for error in errors} == {1000 if orderly else 1006}
    assert orderly or all(isinstance(error, ConnectionClosedError) for error in errors)


# Replies in the order of the requests.


async def test_replies_without_an_id_answer_in_order() -> None:
    async def answer(guest: Guest) -> None:
        while True:
            asked = await guest.next()
            await guest.say(TRADE, {"type": "cancelled", "number": asked["number"]})

    found: dict[int, Cancelled] = {}
    async with hosting(answer) as host, Prices.connect(url=host.url) as prices:

        async def ask(number: int) -> None:
            found[number] = await prices.cancel_order(number=number)

        async with anyio.create_task_group() as group:
            for number in range(50):
                group.start_soon(ask, number)
    assert found == {number: Cancelled(number=number) for number in range(50)}


async def test_a_late_reply_in_order_is_not_taken_for_the_next() -> None:
    async def slow(guest: Guest) -> None:
        first, second = await guest.next(), await guest.next()
        for each in (first, second):
            await guest.say({"type": "cancelled", "number": each["number"]})
        await guest.say({"type": "cancelled", "number": 77})

    async with hosting(slow) as host, Prices.connect(url=host.url) as prices:
        with pytest.raises(RequestTimeoutError):
            await prices.cancel_order(number=1, timeout=0.05)
        assert await prices.cancel_order(number=2) == Cancelled(number=2)
        assert await prices.receive() == Cancelled(number=1)
        assert await prices.receive() == Cancelled(number=77)


async def test_a_bad_reply_in_order_fails_the_first() -> None:
    async def garble(guest: Guest) -> None:
        await guest.next()
        await guest.say({"type": "cancelled"})

    async with hosting(garble) as host, Prices.connect(url=host.url) as prices:
        with pytest.raises(DeserializeError, match="is not a Cancelled"):
            await prices.cancel_order(number=1)


def test_ids_are_new_and_of_the_kind_asked_for() -> None:
    class Ids(Prices):
        def __init__(self) -> None:
            self._last_id = 0

    ids = Ids()
    assert [ids._new_id(), ids._new_id(str), ids._new_id(int)] == ["1", "2", 3]
