"""A client that was generated from a document, talking to a server that was made of the same document.

    python examples/market_client.py
    python examples/market_client.py ws://127.0.0.1:8000

The client is `market_data.py` beside this file. It was written by

    typedws generate schemas/market-data/api.yaml -o examples/market_data.py

Without an address the server runs in this process. With one it is another program, such as

    typedws mock schemas/market-data/api.yaml --port 8000
"""

from __future__ import annotations

import sys
from pathlib import Path

import anyio
from market_data import BookSnapshot, BookUpdate, Heartbeat, ListMarketsFailed, MarketData, Welcome

from typedws.schema import Reconnected, Unknown, mock

DOCUMENT = Path(__file__).parent.parent / "schemas" / "market-data" / "api.yaml"


async def follow_trades(client: MarketData, market: str, count: int) -> None:
    async with client.subscribe_trades(market=market) as trades:
        for _ in range(count):
            trade = await trades.receive()
            print(f"trade   {trade.market} {trade.side} {trade.amount} at {trade.price}")


async def follow_book(client: MarketData, market: str, count: int) -> None:
    async with client.subscribe_book(market=market, depth=50) as book:
        for _ in range(count):
            match await book.receive():
                case BookSnapshot(bids=bids, asks=asks):
                    print(f"book    {len(bids)} bids and {len(asks)} asks")
                case BookUpdate(bids=bids, asks=asks):
                    print(f"book    {len(bids) + len(asks)} levels changed")


async def show_events(client: MarketData) -> None:
    """What is the answer to no request, and no update of a subscription."""
    async for event in client:
        match event:
            case Welcome(maxSubscriptions=most):
                print(f"event   welcome, up to {most} subscriptions")
            case Heartbeat():
                print("event   heartbeat")
            case Reconnected(gap=gap):
                print(f"event   open again after {gap:.1f} s")
            case Unknown(tag=tag):
                print(f"event   a message of a newer server: {tag}")
            case other:
                print(f"event   {type(other).__name__}")


async def watch(url: str) -> None:
    async with (
        MarketData.connect("sandbox", url=url, x_api_key="a secret", reconnect=True) as client,
        anyio.create_task_group() as tasks,
    ):
        tasks.start_soon(show_events, client)
        try:
            for market in (await client.list_markets(quote="EUR")).markets:
                print(f"market  {market.market}, {'open' if market.open else 'closed'}")
        except ListMarketsFailed as error:
            print(f"refused {error.reply.code}: {error.reply.message}")
        async with anyio.create_task_group() as subscriptions:
            subscriptions.start_soon(follow_trades, client, "BTC-EUR", 2)
            subscriptions.start_soon(follow_book, client, "BTC-EUR", 2)
        tasks.cancel_scope.cancel()
    print(f"closed  {client.close_reason}")


async def main(url: str = "") -> None:
    if url:
        await watch(url)
        return
    async with mock(DOCUMENT, interval=0.1) as server:
        await watch(server.url)
        print(f"server  received {len(server.received)} messages, and found {len(server.problems)} wrong")


if __name__ == "__main__":
    anyio.run(main, sys.argv[1] if len(sys.argv) > 1 else "")
