"""A connection that is lost while its queue is full: its last bytes are not read yet, nor is its ending known."""

from __future__ import annotations

import anyio
import pytest

import typedws
from tests.peers import connected, wire_of

pytestmark = pytest.mark.anyio

CROWDED = typedws.SessionConfig(incoming_messages=2, ping_interval=None, outgoing_bytes=1024)
THIRTY_MESSAGES = b"".join(b"\x82\x01" + bytes([number]) for number in range(30))


async def until_it_raises(session: typedws.Session, what: str) -> None:
    with pytest.raises(typedws.ConnectionClosed):
        while True:
            await (session.send(b"x" * 1_000_000) if what == "send" else session.ping())


async def queue_is_full(session: typedws.Session) -> None:
    while not wire_of(session).inbox.is_blocked:
        await anyio.sleep(0.001)


@pytest.mark.parametrize("what", ["send", "ping"])
async def test_senders_and_pings_end_with_it(what: str) -> None:
    async with connected(config=CROWDED) as (session, peer):
        peer.push(THIRTY_MESSAGES)
        await queue_is_full(session)
        with anyio.fail_after(10):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(until_it_raises, session, what)
                await anyio.sleep(0.05)
                peer.reset()
                if what == "ping":  # on some loops nobody looks at the socket while reading is paused
                    with pytest.raises(typedws.ConnectionClosedError):
                        while True:
                            await session.receive()


async def test_closing_it_settles_the_reason() -> None:
    async with connected(config=CROWDED) as (session, peer):
        peer.push(THIRTY_MESSAGES)
        await queue_is_full(session)
        peer.reset()
        await session.close()
        assert session.close_reason is not None
