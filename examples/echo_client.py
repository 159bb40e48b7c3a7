"""Sends a typed message to an echo server and receives it again.

python examples/echo_client.py ws://127.0.0.1:8765/
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import anyio

import typedws


@dataclass
class Greeting:
    text: str
    number: int


async def main(url: str) -> None:
    async with typedws.connect(url) as session:
        for number in range(3):
            await session.send_serialized(Greeting("hello", number))
            greeting = await session.receive_deserialized(Greeting)
            print(f"{greeting} after a round trip; a ping takes {await session.ping() * 1000:.2f} ms")
    print("closed", session.close_reason)


if __name__ == "__main__":
    anyio.run(main, sys.argv[1] if len(sys.argv) > 1 else "ws://127.0.0.1:8765/")
