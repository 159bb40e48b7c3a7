"""What the mock server says: greetings, replies, updates."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import anyio
import pytest

from tests.schema.mock.apis import FEED, PRICES, served
from typedws import connect

pytestmark = pytest.mark.anyio


async def drained(client: Any, seconds: float = 0.1) -> list[Any]:
    """The events that come within a time."""
    events: list[Any] = []
    with anyio.move_on_after(seconds):
        async for event in client:
            events.append(event)
    return events


async def until(client: Any, last: Any) -> list[Any]:
    """The events before `last`."""
    events: list[Any] = []
    while (event := await client.receive()) != last:
        events.append(event)
    return events


async def test_a_client_is_greeted_with_an_example() -> None:
    async with served(PRICES) as (server, api), api.Prices.connect(url=server.url) as prices:
        assert await prices.receive() == api.Hello(version=7)
        # Neither farewells nor errors are sent unasked.
        assert await drained(prices) == []
    assert server.problems == ()


async def test_no_greeting() -> None:
    async with (
        served(PRICES, greeting=False) as (server, api),
        api.Prices.connect(url=server.url) as prices,
    ):
        assert await drained(prices, 0.05) == []


async def test_a_request_gets_its_own_reply() -> None:
    async with served(PRICES) as (server, api), api.Prices.connect(url=server.url) as prices:
        replies: dict[str, Any] = {}

        async def order(symbol: str) -> None:
            replies[symbol] = await prices.place_order(symbol=symbol, size=1.5)

        async with anyio.create_task_group() as group:
            for symbol in ("BTC-USD", "ETH-USD", "XRP-USD"):
                group.start_soon(order, symbol)
        assert {symbol: reply.symbol for symbol, reply in replies.items()} == {s: s for s in replies}
        assert all(reply.ok for reply in replies.values())
        assert len({reply.id for reply in replies.values()}) == 3
        assert [type(message) for message in server.received] == [api.Order] * 3


async def test_a_subscription_gets_its_updates_until_it_ends() -> None:
    async with (
        served(PRICES, interval=0.02) as (server, api),
        api.Prices.connect(url=server.url) as prices,
    ):
        async with prices.subscribe_ticker(symbols=["BTC-USD", "ETH-USD"]) as updates:
            ticks = [await updates.receive() for _ in range(4)]
        assert [tick.symbol for tick in ticks] == ["BTC-USD", "ETH-USD"] * 2
        await server.wait_received(2)
        await drained(prices, 0.05)
        await server.send(api.Hello(version=99))
        await until(prices, api.Hello(version=99))
        assert await drained(prices) == []
        assert [type(message) for message in server.received] == [api.Subscribe, api.Unsubscribe]
    assert server.problems == ()


async def test_each_symbol_has_updates_of_its_own() -> None:
    async with (
        served(PRICES, interval=0.02) as (server, api),
        api.Prices.connect(url=server.url) as prices,
        prices.subscribe_ticker(symbols=["BTC-USD"]) as btc,
        prices.subscribe_ticker(symbols=["ETH-USD"]) as eth,
    ):
        assert {(await btc.receive()).symbol for _ in range(3)} == {"BTC-USD"}
        assert {(await eth.receive()).symbol for _ in range(3)} == {"ETH-USD"}


async def test_part_of_a_subscription_can_be_cancelled() -> None:
    async with served(PRICES, interval=0.02, greeting=False) as (server, api), connect(server.url) as session:
        for type_, symbols in (("subscribe", ["A", "B"]), ("unsubscribe", ["A"]), ("unsubscribe", ["C"])):
            await session.send(json.dumps({"type": type_, "channel": "ticker", "symbols": symbols}))
        await server.wait_received(3)
        await server.send(api.Hello(version=99))
        while json.loads((await session.receive()).data)["type"] != "hello":
            pass
        assert {json.loads((await session.receive()).data)["symbol"] for _ in range(5)} == {"B"}


async def test_the_same_request_twice_is_one_subscription() -> None:
    async with served(PRICES, interval=None, greeting=False) as (server, _), connect(server.url) as session:
        for _ in range(2):
            await session.send(json.dumps({"type": "subscribe", "channel": "ticker", "symbols": ["A"]}))
        await server.wait_received(2)
        await session.receive()
        with anyio.move_on_after(0.05) as scope:
            await session.receive()
        assert scope.cancelled_caught


async def test_a_feed_without_requests_goes_on_by_turns() -> None:
    async with (
        served(FEED, interval=0.02) as (server, api),
        api.Feed.connect(url=server.url, room="red", user="t", x_client="me") as feed,
    ):
        events = [await feed.receive() for _ in range(6)]
        assert [type(event) for event in events] == [api.A, api.B] * 3
        assert any(one != other for one, other in pairwise(events[::2]))


async def test_a_seed_says_the_same_again() -> None:
    async def said(seed: int) -> list[Any]:
        async with (
            served(PRICES, interval=0.02, seed=seed) as (server, api),
            api.Prices.connect(url=server.url) as prices,
        ):
            reply = await prices.place_order(symbol="BTC-USD", size=1)
            async with prices.subscribe_ticker(symbols=["BTC-USD"]) as updates:
                ticks = [await updates.receive() for _ in range(3)]
            return [reply.order_id, *((tick.price, str(tick.at)) for tick in ticks)]

    assert await said(1) == await said(1)
    assert await said(1) != await said(2)


async def test_messages_can_be_pushed() -> None:
    async with (
        served(PRICES, greeting=False) as (server, api),
        api.Prices.connect(url=server.url) as one,
        api.Prices.connect(url=server.url) as other,
    ):
        while len(server.clients) < 2:
            await anyio.sleep(0.01)
        await server.send(api.Hello(version=1))
        await server.send({"type": "error", "message": "no"}, message="error")
        first = server.clients[0]
        await server.send(api.Hello(version=2), client=first)
        assert [await one.receive(), await other.receive()] == [api.Hello(version=1)] * 2
        assert [await one.receive(), await other.receive()] == [api.Error(message="no")] * 2
        await server.send(api.Hello(version=3))
        found = [await until(client, api.Hello(version=3)) for client in (one, other)]
        assert sorted(found, key=len) == [[], [api.Hello(version=2)]]
        with pytest.raises(ValueError, match="no connection has a message 'nothing'"):
            await server.send({}, message="nothing")
        with pytest.raises(ValueError, match="Note is no message that the server sends"):
            await server.send(api.Note(text="x"))
