"""Typed messages over four kinds of session, against a server that runs in the same program.

    python examples/demo.py          on asyncio
    python examples/demo.py trio     on trio, where it is installed: pip install '.[trio]'

The API is described in schemas/demo.yaml: a client subscribes, the server sends trades and a summary, and closes.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Annotated, Literal

import anyio
from msgspec import Struct
from pydantic import BaseModel, Field

import typedws
from typedws import CBORConverter, JSONConverter, MsgPackConverter, PydanticConverter, WebsocketContentConverter


class Subscribe(Struct, tag="subscribe"):
    symbols: list[str]


class Trade(Struct, tag="trade"):
    symbol: str
    price: float
    at: datetime


class Summary(Struct, tag="summary"):
    trades: int


class SubscribeModel(BaseModel):
    type: Literal["subscribe"] = "subscribe"
    symbols: list[str]


class TradeModel(BaseModel):
    type: Literal["trade"]
    symbol: str
    price: float
    at: datetime


class SummaryModel(BaseModel):
    type: Literal["summary"]
    trades: int


FORMATS: dict[str, WebsocketContentConverter] = {
    "prices.json": JSONConverter(),
    "prices.cbor": CBORConverter(),
    "prices.msgpack": MsgPackConverter(),
}
PRICES = {"BTC-USD": 64250.25, "ETH-USD": 3120.5}


async def prices(session: typedws.ServerSession) -> None:
    """The server's side, in whichever format the client speaks. When it returns, the session is closed with 1000."""
    subscription = await session.receive_deserialized(Subscribe)
    for symbol in subscription.symbols:
        await session.send_serialized(Trade(symbol, PRICES[symbol], datetime.now(UTC)))
    await session.send_serialized(Summary(trades=len(subscription.symbols)))


async def with_msgspec(url: str, subprotocol: str) -> None:
    """One session in any wire format; the messages are msgspec types."""
    async with typedws.connect(url, converters={subprotocol: FORMATS[subprotocol]}) as session:
        introduce(session)
        subscription = Subscribe(["BTC-USD", "ETH-USD"])
        await session.send_serialized(subscription)
        print("  sent      ", subscription)
        async for event in session.iter_deserialized(Trade | Summary):
            print("  received  ", event)
    print("  closed    ", session.close_reason)


async def with_pydantic(url: str) -> None:
    """The same conversation in JSON; the messages are pydantic models, told apart by their `type`."""
    async with typedws.connect(url, converters={"prices.json": PydanticConverter()}) as session:
        introduce(session)
        subscription = SubscribeModel(symbols=["BTC-USD"])
        await session.send_serialized(subscription)
        print("  sent      ", repr(subscription))
        event_type = Annotated[TradeModel | SummaryModel, Field(discriminator="type")]
        async for event in session.iter_deserialized(event_type):
            print("  received  ", repr(event))
    print("  closed    ", session.close_reason)


def introduce(session: typedws.ClientSession) -> None:
    """Prints what the handshake settled."""
    print()
    print("converter   ", session.converter.name if session.converter else "none")
    print("  protocol  ", session.subprotocol)


async def main() -> None:
    async with typedws.serve(prices, "127.0.0.1", 0, converters=FORMATS) as server:
        url = f"ws://127.0.0.1:{server.port}/prices"
        print("server      ", url)
        await with_msgspec(url, "prices.json")
        await with_pydantic(url)
        await with_msgspec(url, "prices.cbor")
        await with_msgspec(url, "prices.msgpack")
    print()
    print("The server has shut down; every session ended as it was meant to.")


if __name__ == "__main__":
    anyio.run(main, backend=sys.argv[1] if len(sys.argv) > 1 else "asyncio")
