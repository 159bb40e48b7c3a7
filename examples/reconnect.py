"""A client that stays connected while its server restarts.

    python examples/reconnect.py

The server here closes each connection after two messages, with the code for "I am restarting" (1012). `reconnect` opens
it again, after a random wait that grows with each failure; each wait is logged as a warning. A server that refuses for
good, or closes with a code that says so, ends the loop.
"""

from __future__ import annotations

import anyio
from msgspec import Struct

import typedws
from typedws import CloseCode, CloseReason

WANTED = 5


class Reading(Struct):
    number: int
    celsius: float


class ReadFrom(Struct):
    number: int


async def readings(session: typedws.ServerSession) -> None:
    start = await session.receive_deserialized(ReadFrom)
    for number in range(start.number, start.number + 2):
        await session.send_serialized(Reading(number, 20 + number / 10))
    await session.close(CloseReason(CloseCode.SERVICE_RESTART, "back in a moment"))


async def follow(url: str) -> None:
    """What was missed is asked for again: nothing is resent by itself when a connection is lost."""
    following = 0
    async for attempt in typedws.reconnect(url, initial_delay=0.2):  # unlike most, this server is back at once
        async with attempt as session:
            print("connected, reading from number", following)
            await session.send_serialized(ReadFrom(following))
            async for reading in session.iter_deserialized(Reading):
                print("  received", reading)
                following = reading.number + 1
                if following == WANTED:
                    return
        print("  closed  ", session.close_reason)


async def main() -> None:
    async with typedws.serve(readings, "127.0.0.1", 0) as server:
        await follow(f"ws://127.0.0.1:{server.port}/")


if __name__ == "__main__":
    anyio.run(main)
