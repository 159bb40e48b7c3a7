"""On trio every call is a checkpoint, also where nothing has to be waited for."""

from __future__ import annotations

import pytest
import trio.testing

from tests.schema.runtime.prices import Cancel, Prices
from tests.schema.runtime.server import Guest, hosting
from typedws.errors import ConnectionClosed

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("anyio_backend", ["trio"])]


async def say(guest: Guest) -> None:
    await guest.next()
    for _ in range(4):
        await guest.say({"type": "trade", "symbol": "A", "price": 1})
    await guest.say({"type": "placed", "requestId": "1"})


async def test_every_call_is_a_checkpoint() -> None:
    async with hosting(say) as host, Prices.connect(url=host.url) as prices:
        with trio.testing.assert_checkpoints():
            await prices.place_order(symbol="A")
        for _ in range(2):
            with trio.testing.assert_checkpoints():
                await prices.receive()
        with trio.testing.assert_checkpoints():
            await prices.__anext__()
        with trio.testing.assert_checkpoints():
            await prices.send(Cancel(number=1))
        block = prices.subscribe_trades(symbols=["A"])
        with trio.testing.assert_checkpoints():
            await block.__aenter__()
        with trio.testing.assert_checkpoints():
            await block.__aexit__(None, None, None)
        with trio.testing.assert_checkpoints():
            await prices.close()
        with trio.testing.assert_checkpoints():
            await prices.receive()
        with trio.testing.assert_checkpoints(), pytest.raises(ConnectionClosed):
            await prices.receive()
        with trio.testing.assert_checkpoints(), pytest.raises(ConnectionClosed):
            await prices.place_order(symbol="A")


async def test_a_cancelled_receive_takes_nothing_that_waits() -> None:
    async with hosting(say) as host, Prices.connect(url=host.url) as prices:
        await prices.place_order(symbol="A")
        for _ in range(4):
            with trio.CancelScope() as scope:
                scope.cancel()
                await prices.receive()
            assert scope.cancelled_caught
        for _ in range(4):
            await prices.receive()
