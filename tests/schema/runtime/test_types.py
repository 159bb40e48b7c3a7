"""What type checkers infer of a client; `mypy` and `pyright` read this file, and `pytest` that it is true."""

from __future__ import annotations

from typing import assert_type

import pytest

from tests.schema.runtime.prices import Cancelled, ErrorMessage, Placed, PlaceOrderFailed, Prices, Status, Trade
from tests.schema.runtime.server import Guest, hosting
from typedws.schema import Reconnected, Subscription, Unknown
from typedws.session import ClientSession

pytestmark = pytest.mark.anyio


async def say(guest: Guest) -> None:
    await guest.say({"type": "trade", "symbol": "A", "price": 1})
    await guest.next()
    await guest.say({"type": "trade", "symbol": "A", "price": 1})
    await guest.next()  # unsubscribes
    asked = await guest.next()
    await guest.say({"type": "error", "requestId": asked["requestId"], "text": "no"})


async def log_in(prices: Prices) -> None:
    assert_type(prices.dropped, int)


async def test_any_function_of_a_client_may_be_on_open() -> None:
    async with (
        hosting(say) as host,
        Prices.connect(url=host.url, on_open=log_in),
        Prices.connect(url=host.url, on_open=lambda prices: log_in(prices)),
    ):
        pass


async def test_the_types_of_a_client() -> None:
    async with hosting(say) as host, Prices.connect(url=host.url, reconnect=True, max_events=5) as prices:
        assert_type(prices, Prices)
        assert_type(prices.session, ClientSession)
        event = await prices.receive()
        assert_type(event, Trade | Status | Placed | Cancelled | ErrorMessage | Unknown | Reconnected)
        assert isinstance(event, Trade)
        async with prices.subscribe_trades(symbols=["A"]) as updates:
            assert_type(updates, Subscription[Trade | Status])
            assert_type(await updates.receive(), Trade | Status)
            assert_type(updates.reconnects, int)
        with pytest.raises(PlaceOrderFailed) as failed:
            assert_type(await prices.place_order(symbol="A"), Placed)
        assert_type(failed.value.reply, Placed | ErrorMessage)
        await prices.close()
        async for event in prices:
            assert_type(event, Trade | Status | Placed | Cancelled | ErrorMessage | Unknown | Reconnected)
