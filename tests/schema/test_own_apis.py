"""The two whole APIs of schemas/ end to end: their kept clients against the mock servers of their documents."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest

import typedws
from tests.golden import chat, chat_pydantic, market_data, market_data_pydantic
from tests.golden.chat import Chat
from tests.golden.market_data import MarketData
from tests.schema.golden import DOCUMENTS
from typedws.schema import Connection, Subscription, Unknown
from typedws.schema.mocking import MockServer, mock

pytestmark = pytest.mark.anyio

INTERVAL = 0.01


@asynccontextmanager
async def market(**options: Any) -> AsyncIterator[tuple[MockServer, MarketData]]:
    """The feed and a client of it."""
    async with (
        mock(DOCUMENTS["market-data"], module=market_data, interval=INTERVAL, **options) as server,
        MarketData.connect(url=server.url, x_api_key="k-1") as client,
    ):
        await server.wait_clients()
        yield server, client


@asynccontextmanager
async def room(**options: Any) -> AsyncIterator[tuple[MockServer, Chat]]:
    """A room and a client in it."""
    async with (
        mock(DOCUMENTS["chat"], module=chat, interval=None, **options) as server,
        Chat.connect(room="the garden/2", device="phone", token="t-1", url=server.url) as client,
    ):
        await server.wait_clients()
        yield server, client


async def some(updates: Subscription[Any], count: int = 3) -> list[Any]:
    return [await updates.receive() for _ in range(count)]


async def next_of(client: Connection[Any, Any], form: type) -> Any:
    """The next event of a type."""
    async for event in client:
        if isinstance(event, form):
            return event
    raise AssertionError("the connection has ended")


# Market data.


async def test_the_feed_greets_and_keeps_a_key_out_of_sight() -> None:
    async with market() as (server, client):
        welcome = await client.receive()
        assert isinstance(welcome, market_data.Welcome)
        assert server.clients[0].session.call.request.headers["X-Api-Key"] == "k-1"
        assert "k-1" not in repr(client)


async def test_markets_are_listed() -> None:
    async with market() as (server, client):
        reply = await client.list_markets(quote="EUR")
        assert reply.markets[0].market == "BTC-EUR"
        assert [type(message) for message in server.received] == [market_data.ListMarkets]
        assert server.problems == ()


async def test_trades_of_a_market_come_until_the_block_is_left() -> None:
    async with market() as (server, client):
        async with client.subscribe_trades(market="ETH-USD") as trades:
            assert {type(trade) for trade in await some(trades)} == {market_data.Trade}
            assert {trade.market for trade in await some(trades)} == {"ETH-USD"}
        await server.wait_received(2)
        asked = market_data.SubscribeTrades(market="ETH-USD")
        assert server.received == (asked, market_data.UnsubscribeTrades(market="ETH-USD"))


async def test_a_book_is_whole_at_first_and_then_changes() -> None:
    async with market() as (server, client):
        async with client.subscribe_book(market="BTC-EUR", depth=50) as book:
            whole, change = await some(book, 2)
            assert isinstance(whole, market_data.BookSnapshot)
            assert isinstance(change, market_data.BookUpdate)
            price, amount = whole.bids[0]
            assert (price, amount) == ("64250.00", "0.5000")
        assert server.problems == ()


async def test_several_subscriptions_get_their_own_updates() -> None:
    async with (
        market(greeting=False) as (server, client),
        client.subscribe_trades(market="BTC-EUR") as bitcoin,
        client.subscribe_trades(market="ETH-EUR") as ether,
        client.subscribe_candles(market="BTC-EUR", interval="1m") as minutes,
        client.subscribe_candles(market="BTC-EUR", interval="1h") as hours,
    ):
        assert {trade.market for trade in await some(bitcoin)} == {"BTC-EUR"}
        assert {trade.market for trade in await some(ether)} == {"ETH-EUR"}
        assert {candle.interval for candle in await some(minutes)} == {"1m"}
        assert {candle.interval for candle in await some(hours)} == {"1h"}
        assert server.problems == ()


async def test_a_message_of_an_operation_is_sent_as_it_is() -> None:
    async with market(greeting=False) as (server, client):
        sent = (
            market_data.SubscribeTrades(market="BTC-EUR"),
            market_data.UnsubscribeTrades(market="BTC-EUR"),
            market_data.SubscribeBook(market="BTC-EUR", depth=10),
            market_data.UnsubscribeBook(market="BTC-EUR"),
            market_data.SubscribeCandles(market="BTC-EUR", interval="1d"),
            market_data.UnsubscribeCandles(market="BTC-EUR", interval="1d"),
        )
        await client.trade_subscriptions(sent[0])
        await client.trade_subscriptions(sent[1])
        await client.book_subscriptions(sent[2])
        await client.book_subscriptions(sent[3])
        await client.candle_subscriptions(sent[4])
        await client.candle_subscriptions(sent[5])
        assert await server.wait_received(6) == sent
        assert server.problems == ()


async def test_a_bad_subscription_is_answered_by_an_error_that_is_an_event() -> None:
    async with market(greeting=False) as (server, client):
        await client.book_subscriptions(market_data.SubscribeBook(market="BTC-EUR", depth=7))  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
        error = await next_of(client, market_data.Error)
        assert error.message
        assert len(server.problems) == 1


async def test_a_failed_request_raises_the_error_that_answers_it() -> None:
    async with market(greeting=False) as (server, client):
        with pytest.raises(market_data.ListMarketsFailed) as caught:
            await client.list_markets(quote=7)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
        assert isinstance(caught.value.reply, market_data.Error)
        assert caught.value.reply.id == 1
        assert len(server.problems) == 1


async def test_a_message_of_a_newer_server_is_unknown() -> None:
    async with market(greeting=False) as (server, client):
        await server.clients[0].session.send('{"type": "auction", "market": "BTC-EUR"}')
        assert await client.receive() == Unknown("auction", b'{"type": "auction", "market": "BTC-EUR"}')
        assert (await client.list_markets()).markets


async def test_the_client_with_pydantic_does_the_same() -> None:
    async with (
        mock(DOCUMENTS["market-data"], interval=INTERVAL) as server,
        market_data_pydantic.MarketData.connect("sandbox", url=server.url) as client,
    ):
        assert isinstance(await client.receive(), market_data_pydantic.Welcome)
        assert (await client.list_markets()).markets[1].opens is not None
        async with client.subscribe_candles(market="ETH-EUR", interval="1h") as candles:
            assert {(candle.market, candle.interval) for candle in await some(candles)} == {("ETH-EUR", "1h")}
        with pytest.raises(typedws.SerializeError):  # before anything is sent
            await client.subscribe_book(market="BTC-EUR", depth=7).__aenter__()  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
        assert server.problems == ()


# Chat.


async def test_a_room_is_part_of_the_path() -> None:
    async with room() as (server, _):
        request = server.clients[0].session.call.request
        assert str(request.url).endswith("/rooms/the%20garden%2F2?device=phone&v=1")
        assert request.headers["Authorization"] == "Bearer t-1"


async def test_a_member_joins_reads_says_and_leaves() -> None:
    async with room(greeting=False) as (server, client):
        joined = await client.join(nickname="ada", password="sesame")
        assert [member.nickname for member in joined.members] == ["ada", "grace"]
        history = await client.get_history(before=412, limit=1)
        assert isinstance(history.messages[0].content, chat.TextContent)
        await client.typing(active=True)
        await client.upload(b"\x89PNG")
        said = await client.say(content=chat.PictureContent(caption="my kale"), inReplyTo=411)
        assert said.number == 412
        await client.leave(farewell="good night")
        received = await server.wait_received(6)
        assert [type(message) for message in received] == [
            *(chat.Join, chat.GetHistory, chat.Typing, bytes, chat.Say, chat.Leave),
        ]
        assert received[3] == b"\x89PNG"
        assert server.problems == ()


async def test_what_happens_in_the_room_are_events() -> None:
    async with room() as (server, client):
        await server.send(b"\xff\xd8")
        missing: set[type] = {chat.MessagePosted, chat.MessageEdited, chat.PresenceChanged, chat.SomebodyTypes, bytes}
        async for event in client:
            missing.discard(type(event))
            if not missing:
                break


async def test_requests_of_several_tasks_get_each_its_own_reply() -> None:
    async with room(greeting=False) as (server, client):
        replies: list[object] = []

        async def write(number: int) -> None:
            replies.append(await client.say(content=chat.TextContent(text=f"{number}")))

        async def read() -> None:
            replies.append(await client.get_history())

        async with anyio.create_task_group() as group:
            for number in range(10):
                group.start_soon(write, number)
                group.start_soon(read)
        assert sorted(type(reply).__name__ for reply in replies) == ["History"] * 10 + ["Said"] * 10
        ids = [message.id for message in server.received]
        assert len(set(ids)) == 20


async def test_a_refused_nickname_raises() -> None:
    async with room(greeting=False) as (server, client):
        with pytest.raises(chat.JoinFailed) as caught:
            await client.join(nickname="X")
        assert isinstance(caught.value.reply, chat.Error)
        assert len(server.problems) == 1
        assert (await client.join(nickname="ada")).topic == "What grows in winter"


async def test_an_error_that_answers_nothing_is_an_event() -> None:
    async with room(greeting=False) as (server, client):
        await server.send(chat.Error(code="too-fast", message="slow down", retryAfter=2.5))
        assert await client.receive() == chat.Error(code="too-fast", message="slow down", retryAfter=2.5)


async def test_a_reply_to_nobody_is_an_event() -> None:
    async with room(greeting=False) as (server, client):
        foreign = chat.Said(replyTo="nobody", number=413, at=dt.datetime(2026, 11, 22, 19, 31, tzinfo=dt.UTC))
        await server.send(foreign)
        assert (await client.say(content=chat.TextContent(text="hello"))).number == 412
        assert await client.receive() == foreign


async def test_a_message_that_the_document_does_not_know_is_unknown() -> None:
    async with room(greeting=False) as (server, client):
        await server.clients[0].session.send('{"type": "poll", "question": "kale?"}')
        unknown = await client.receive()
        assert isinstance(unknown, Unknown)
        assert unknown.tag == "poll"


async def test_the_chat_client_with_pydantic_does_the_same() -> None:
    async with (
        mock(DOCUMENTS["chat"], interval=None, greeting=False) as server,
        chat_pydantic.Chat.connect(room="garden", url=server.url) as client,
    ):
        assert (await client.join(nickname="ada")).members[1].device == "phone"
        await client.upload(b"\x89PNG")
        said = await client.say(content=chat_pydantic.TextContent(text="hello"))
        assert said.number == 412
        with pytest.raises(typedws.SerializeError):  # before anything is sent
            await client.join(nickname="X")
        assert server.problems == ()
