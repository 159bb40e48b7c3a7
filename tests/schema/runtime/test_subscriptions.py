"""Topics on a shared connection."""

from __future__ import annotations

from typing import Any

import anyio
import anyio.lowlevel
import pytest
from msgspec import UNSET, Struct, UnsetType

from tests.schema.runtime.prices import Prices, Status, Subscribe, Trade
from tests.schema.runtime.server import Guest, hosting
from typedws.errors import ConnectionClosedError, DeserializeError
from typedws.schema import Connection, Messages, Model, Only, Tagged
from typedws.schema.runtime.mailbox import Mailbox
from typedws.schema.runtime.subscriptions import Live
from typedws.schema.runtime.topics import Topics, place_of

pytestmark = pytest.mark.anyio


def trade(symbol: str, price: float = 1) -> dict[str, Any]:
    return {"type": "trade", "symbol": symbol, "price": price}


def subscribe(*symbols: str) -> dict[str, Any]:
    return {"type": "subscribe", "symbols": list(symbols)}


def unsubscribe(*symbols: str) -> dict[str, Any]:
    return {"type": "unsubscribe", "symbols": list(symbols)}


async def feed(guest: Guest) -> None:
    """For each symbol that is subscribed to: a trade of another one, one of it, and a status without any."""
    while True:
        asked = await guest.next()
        if asked["type"] == "subscribe":
            for symbol in asked["symbols"]:
                await guest.say(trade("other"), trade(symbol), {"type": "status", "text": symbol})


async def test_updates_go_to_the_subscription_and_the_rest_to_the_events() -> None:
    async with hosting(feed) as host, Prices.connect(url=host.url) as prices:
        async with prices.subscribe_trades(symbols=["A", "B"]) as updates:
            found = [await updates.receive() for _ in range(4)]
            assert found == [
                Trade(symbol="A", price=1),
                Status(text="A"),
                Trade(symbol="B", price=1),
                Status(text="B"),
            ]
            assert [await prices.receive() for _ in range(2)] == [Trade(symbol="other", price=1)] * 2
        await host.until(lambda: len(host.received()) == 2)
        assert host.received() == [subscribe("A", "B"), unsubscribe("A", "B")]


async def test_two_subscriptions_each_get_their_own() -> None:
    async with hosting(feed) as host, Prices.connect(url=host.url) as prices:
        async with prices.subscribe_trades(symbols=["A"]) as first, prices.subscribe_trades(symbols=["B"]) as second:
            found: dict[str, list[Any]] = {"A": [], "B": []}

            async def take(updates: Any, symbol: str, count: int) -> None:
                async for update in updates:
                    found[symbol].append(update)
                    if len(found[symbol]) == count:
                        return

            async with anyio.create_task_group() as group:
                group.start_soon(take, first, "A", 3)
                group.start_soon(take, second, "B", 3)
    # A status tells no symbol, so it is for both.
    assert found["A"] == [Trade(symbol="A", price=1), Status(text="A"), Status(text="B")]
    assert found["B"] == [Status(text="A"), Trade(symbol="B", price=1), Status(text="B")]


async def test_subscriptions_of_the_same_words_share_one_on_the_wire() -> None:
    async with hosting(feed) as host, Prices.connect(url=host.url) as prices:
        async with prices.subscribe_trades(symbols=["A"]) as first:
            async with prices.subscribe_trades(symbols=["A"]) as second:
                assert [await first.receive(), await second.receive()] == [Trade(symbol="A", price=1)] * 2
            async with prices.subscribe_trades(symbols=["B"]):
                pass
            assert await first.receive() == Status(text="A")
        await host.until(lambda: len(host.received()) == 4)
        assert host.received() == [subscribe("A"), subscribe("B"), unsubscribe("B"), unsubscribe("A")]


async def test_subscriptions_that_begin_together_share_one_too() -> None:
    async with hosting(feed) as host, Prices.connect(url=host.url) as prices:
        entered = 0

        async def hold() -> None:
            nonlocal entered
            async with prices.subscribe_trades(symbols=["A"]):
                entered += 1
                await host.until(lambda: entered == 10)

        async with anyio.create_task_group() as group:
            for _ in range(10):
                group.start_soon(hold)
        await host.until(lambda: len(host.received()) == 2)
        assert host.received() == [subscribe("A"), unsubscribe("A")]


async def test_leaving_one_takes_nothing_from_another() -> None:
    async with hosting(feed) as host, Prices.connect(url=host.url) as prices:
        async with prices.subscribe_trades(symbols=["X", "Y"]) as both:
            async with prices.subscribe_trades(symbols=["X"]):
                async with prices.subscribe_trades(symbols=["Y", "Z", "Z"]):
                    pass
            assert await both.receive() == Trade(symbol="X", price=1)
        await host.until(lambda: len(host.received()) == 4)
        assert host.received() == [subscribe("X", "Y"), subscribe("Z"), unsubscribe("Z"), unsubscribe("X", "Y")]


async def test_what_is_left_is_cancelled_by_the_last() -> None:
    async with hosting(feed) as host, Prices.connect(url=host.url) as prices:
        first = prices.subscribe_trades(symbols=["X", "Y"])
        await first.__aenter__()
        async with prices.subscribe_trades(symbols=["Y"]):
            await first.__aexit__(None, None, None)
        await host.until(lambda: len(host.received()) == 3)
        assert host.received() == [subscribe("X", "Y"), unsubscribe("X"), unsubscribe("Y")]


@pytest.mark.parametrize("is_cancelled", [False, True])
async def test_what_is_kept_stays_though_its_first_owner_leaves_meanwhile(is_cancelled: bool) -> None:
    reached, goes_on = anyio.Event(), anyio.Event()
    async with hosting(feed) as host, Prices.connect(url=host.url) as prices:
        send = prices._feed.send

        async def slow(frame: Any, pending: Any = None) -> None:
            reached.set()
            await goes_on.wait()
            await send(frame, pending)

        first = prices.subscribe_trades(symbols=["X"])
        await first.__aenter__()
        prices._feed.send = slow
        async with anyio.create_task_group() as group:

            async def enter() -> None:
                async with prices.subscribe_trades(symbols=["X", "Y"]):
                    pass

            group.start_soon(enter)
            await reached.wait()
            await first.__aexit__(None, None, None)
            if is_cancelled:
                group.cancel_scope.cancel()
            goes_on.set()
        rest = [unsubscribe("X")] if is_cancelled else [subscribe("Y"), unsubscribe("X", "Y")]
        await host.until(lambda: len(host.received()) == 1 + len(rest))
        assert host.received() == [subscribe("X"), *rest]


class Watch(Struct, kw_only=True, tag_field="op", tag="watch"):
    id: int
    topics: list[str]
    depth: int = 1


class Unwatch(Struct, kw_only=True, tag_field="op", tag="unwatch"):
    id: int
    topics: list[str] | UnsetType = UNSET


def watch(client: Connection[Any, Any], *topics: str, depth: int = 1, all_at_once: bool = False) -> Any:
    cancel = Unwatch(id=client._new_id(int), topics=UNSET if all_at_once else list(topics))
    return client._subscribe(
        Watch(id=client._new_id(int), topics=list(topics), depth=depth),
        updates=(Trade,),
        cancel=cancel,
        same=((("topics",), ("symbol",)),),
        request_id=("id",),
    )


class Watcher(Connection[Trade, Any]):
    incoming = Messages[Trade](text=Only(Trade))
    outgoing = Messages[Any](text=Tagged("op", {"watch": Watch, "unwatch": Unwatch}))


def heard(host: Any) -> list[tuple[Any, ...]]:
    return [(each["op"], *each.get("topics", [])) for each in host.received()]


async def test_an_id_of_its_own_makes_no_other_topic() -> None:
    async def listen(guest: Guest) -> None:
        await guest.listen()

    async with hosting(listen) as host, Watcher._open(host.url) as client:
        async with watch(client, "A", "B"):
            async with watch(client, "B"), watch(client, "B", "A"):
                pass
        await host.until(lambda: len(host.received()) == 2)
        assert heard(host) == [("watch", "A", "B"), ("unwatch", "A", "B")]


async def test_requests_that_differ_elsewhere_are_separate_but_no_cancel_hits_the_other() -> None:
    async def listen(guest: Guest) -> None:
        await guest.listen()

    async with hosting(listen) as host, Watcher._open(host.url) as client:
        async with watch(client, "A", depth=1):
            async with watch(client, "A", "B", depth=5):
                pass
        await host.until(lambda: len(host.received()) == 4)
        assert heard(host) == [("watch", "A"), ("watch", "A", "B"), ("unwatch", "B"), ("unwatch", "A")]


async def test_a_cancel_of_everything_waits_for_the_last() -> None:
    async def listen(guest: Guest) -> None:
        await guest.listen()

    async with hosting(listen) as host, Watcher._open(host.url) as client:
        async with watch(client, "A", all_at_once=True):
            async with watch(client, "B", all_at_once=True):
                pass
        await host.until(lambda: len(host.received()) == 3)
        assert heard(host) == [("watch", "A"), ("watch", "B"), ("unwatch",)]


class Cover(Model):
    topics: list[str]


class Nested(Model):
    op: str = "on"
    cover: Cover
    by_key: dict[str, Any] | None = None


def test_a_part_of_a_nested_list_is_written() -> None:
    codec = Messages[Any](text=Only(Nested)).codec()
    for message, place in (
        (Nested(op="on", cover=Cover(topics=["A", "B"])), ("cover", "topics")),
        (Nested(op="on", cover=Cover(topics=[]), by_key={"topics": ["A", "B"]}), ("by_key", "topics")),
    ):
        topics = Topics(codec, message, place=place)
        assert len(list(topics)) == 2
        assert b'["B"]' in topics.frame(list(topics)[1:]).data
        assert b'["A","B"]' in topics.frame(list(topics)).data
    assert place_of(message, [("cover", "topics"), ("by_key", "topics")]) == ("by_key", "topics")
    assert place_of(message, [("op",), ("nothing",)]) is None


async def test_a_waiting_task_hears_that_the_block_was_left() -> None:
    ended = []
    async with hosting(feed) as host, Prices.connect(url=host.url) as prices:

        async def iterate(updates: Any) -> None:
            async for update in updates:
                ended.append(update)
            ended.append("end")

        async with anyio.create_task_group() as group:
            async with prices.subscribe_trades(symbols=[]) as updates:
                group.start_soon(iterate, updates)
                await anyio.wait_all_tasks_blocked()
        with pytest.raises(anyio.ClosedResourceError):
            await updates.receive()
    assert ended == ["end"]


async def test_one_task_at_a_time_takes_updates() -> None:
    async with hosting(feed) as host, Prices.connect(url=host.url) as prices:
        async with prices.subscribe_trades(symbols=[]) as updates, anyio.create_task_group() as group:
            group.start_soon(updates.receive)
            await anyio.wait_all_tasks_blocked()
            with pytest.raises(anyio.BusyResourceError):
                await updates.receive()
            group.cancel_scope.cancel()


async def test_leaving_says_so_though_it_is_cancelled() -> None:
    async with hosting(feed) as host, Prices.connect(url=host.url) as prices:
        with anyio.CancelScope() as scope:
            async with prices.subscribe_trades(symbols=["A"]) as updates:
                await updates.receive()
                scope.cancel()
                await anyio.sleep(1)
        await host.until(lambda: len(host.received()) == 2)
        assert host.received()[1] == unsubscribe("A")


async def test_leaving_a_lost_connection_does_not_raise() -> None:
    async def drop(guest: Guest) -> None:
        await guest.next()
        await guest.say(trade("A"))
        await guest.drop()

    async with hosting(drop) as host, Prices.connect(url=host.url) as prices:
        async with prices.subscribe_trades(symbols=["A"]) as updates:
            assert await updates.receive() == Trade(symbol="A", price=1)
            with pytest.raises(ConnectionClosedError):
                await updates.receive()
            with pytest.raises(ConnectionClosedError):
                async for _ in updates:
                    pass
        assert prices.close_reason is not None


async def test_updates_end_quietly_where_the_server_is_done() -> None:
    async def leave(guest: Guest) -> None:
        await guest.next()
        await guest.say(trade("A"))
        await guest.close(1000)

    async with hosting(leave) as host, Prices.connect(url=host.url) as prices:
        async with prices.subscribe_trades(symbols=["A"]) as updates:
            assert [update async for update in updates] == [Trade(symbol="A", price=1)]


async def test_a_bad_update_is_raised_where_it_belongs() -> None:
    async def garble(guest: Guest) -> None:
        await guest.next()
        await guest.say(trade("A", -1), trade("A"))

    async with hosting(garble) as host, Prices.connect(url=host.url) as prices:
        async with prices.subscribe_trades(symbols=["A"]) as updates:
            with pytest.raises(DeserializeError, match="is not a Trade"):
                await updates.receive()
            assert await updates.receive() == Trade(symbol="A", price=1)


async def test_cancelled_receives_lose_no_update() -> None:
    count = 200

    async def script(guest: Guest) -> None:
        await guest.next()
        for number in range(count):
            await guest.say(trade("A", number))
            if number % 7 == 0:
                await anyio.lowlevel.checkpoint()

    async with hosting(script) as host, Prices.connect(url=host.url) as prices:
        async with prices.subscribe_trades(symbols=["A"]) as updates:
            found: list[Any] = []
            turn = 0
            while len(found) < count:
                turn += 1
                with anyio.move_on_after(turn % 7 * 0.0001):
                    found.append(await updates.receive())
                await anyio.lowlevel.checkpoint()
    assert [update.price for update in found] == list(range(count))


@pytest.mark.parametrize(
    ("message", "update", "is_for_it"),
    [
        (Subscribe(symbols=["A", "B"]), Trade(symbol="B", price=1), True),
        (Subscribe(symbols=["A", "B"]), Trade(symbol="C", price=1), False),
        (Subscribe(symbols=["A"]), Status(text="x"), True),
        (Subscribe(symbols=["A"]), Status(symbol="B", text="x"), False),
        ({"symbols": "A"}, {"symbol": "A"}, True),
        ({"symbols": "AB"}, {"symbol": "A"}, False),
        ({"symbols": None}, {"symbol": "A"}, True),
        ({}, {"symbol": "A"}, True),
    ],
)
def test_an_update_is_for_whom_its_value_fits(message: object, update: object, is_for_it: bool) -> None:
    box = Mailbox("updates", 1, drop_oldest=False, made_room=lambda: None)
    topics = Topics(Prices.outgoing.codec(), Subscribe(symbols=[]), place=None)
    live = Live(box, (Trade,), message, ((("symbols",), ("symbol",)),), topics, None)
    assert live.matches(update) is is_for_it
