"""One API in several wire formats: client and server agree on one by its subprotocol, and the code does not change.

python examples/subprotocols.py
"""

from __future__ import annotations

import anyio
from msgspec import Struct

import typedws
from typedws import CBORConverter, JSONConverter, MsgPackConverter, WebsocketContentConverter


class Sum(Struct):
    numbers: list[int]


class Total(Struct):
    total: int


# The server takes the first of its own formats that a client offers: put the one that it likes best first.
SERVER_FORMATS: dict[str, WebsocketContentConverter] = {
    "adder.cbor": CBORConverter(),
    "adder.msgpack": MsgPackConverter(),
    "adder.json": JSONConverter(),
}

CLIENTS: list[dict[str, WebsocketContentConverter]] = [
    {"adder.json": JSONConverter()},
    {"adder.json": JSONConverter(), "adder.msgpack": MsgPackConverter()},
    {"adder.json": JSONConverter(), "adder.cbor": CBORConverter()},
    {},  # speaks no subprotocol: both sides fall back to their `converter`, which is JSON
]


async def add(session: typedws.ServerSession) -> None:
    async for request in session.iter_deserialized(Sum):
        await session.send_serialized(Total(sum(request.numbers)))


async def main() -> None:
    async with typedws.serve(add, "127.0.0.1", 0, converters=SERVER_FORMATS) as server:
        for formats in CLIENTS:
            async with typedws.connect(f"ws://127.0.0.1:{server.port}/", converters=formats) as session:
                await session.send_serialized(Sum([1, 2, 3]))
                reply = await session.receive_deserialized(Total)
                converter = session.converter.name if session.converter else "none"
                print(f"offered {list(formats)}: got {session.subprotocol}, {converter} -> {reply.total}")


if __name__ == "__main__":
    anyio.run(main)
