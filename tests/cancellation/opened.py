"""Sessions to be cancelled in, and their peers: over the event loop's own transport, and over a stream."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import anyio

from tests.peers import MemoryPeer, Peer, connected, connected_in_memory, fill_up
from typedws import ClientSession, JSONConverter, SessionConfig

CHUNK = bytes(64 * 1024)

SMALL = SessionConfig(outgoing_bytes=1024, close_timeout=0.1)

Opened = Callable[[], AbstractAsyncContextManager[tuple[ClientSession, Peer]]]


@asynccontextmanager
async def over_tcp() -> AsyncIterator[tuple[ClientSession, Peer]]:
    async with connected(receive_buffer=4096, converter=JSONConverter(), config=SMALL) as (session, peer):
        yield session, peer


@asynccontextmanager
async def in_memory() -> AsyncIterator[tuple[ClientSession, Peer]]:
    async with connected_in_memory(converter=JSONConverter(), config=SMALL) as (session, peer):
        yield session, peer


OPENED: list[Opened] = [over_tcp, in_memory]


async def fill(session: ClientSession, peer: Peer) -> int:
    """Sends until there is no room. Returns how many chunks were sent."""
    if isinstance(peer, MemoryPeer):
        peer.stall()
    return await fill_up(session, CHUNK)


def begin_to_read(peer: Peer) -> None:
    """After `fill`: a peer over TCP begins by reading."""
    if isinstance(peer, MemoryPeer):
        peer.go_on()


async def at_the_latest_soon(event: anyio.Event) -> None:
    """Waits for an event, which need not come: an attempt that is not interrupted has to get to its end as well."""
    with anyio.move_on_after(0.02):
        await event.wait()
