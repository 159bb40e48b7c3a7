"""A WebSocket server that does exactly what a test tells it: byte by byte, over TCP or in memory.

    async with connected() as (session, peer):
        peer.push(text("hello"))
        assert await session.receive() == TextFrame("hello")
        await session.send("world")
        assert await peer.frame() == Sent(TEXT, b"world")

It shares no code with the library. `push` does not wait, so a test decides in which turn of the event loop the bytes
arrive, and `deliver` hands them over in this very turn. Each frame that a peer reads is checked: masked, no reserved
bit, shortest length.

The opening handshake, and the end of a test that does not care how it ends, are blocking calls in a thread, so that no
task of the test's event loop stands around the session under test.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio

from tests.raw_frames import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    FrameParser,
    Sent,
    binary,
    close,
    close_payload,
    continuation,
    frame,
    ping,
    pong,
    text,
    upgrade,
)
from tests.scripted import PATIENCE, Peer, Script, Server, TcpPeer, accepting, read_head, turns
from tests.scripted_memory import MemoryPeer, MemoryStream
from typedws.client import connect, wrap_stream
from typedws.link import WireLink
from typedws.session import ClientSession, Session
from typedws.wire import Wire

__all__ = [
    "BINARY",
    "CLOSE",
    "CONTINUATION",
    "PATIENCE",
    "PING",
    "PONG",
    "TEXT",
    "FrameParser",
    "MemoryPeer",
    "MemoryStream",
    "Peer",
    "Script",
    "Sent",
    "Server",
    "TcpPeer",
    "accepting",
    "binary",
    "close",
    "close_payload",
    "connected",
    "connected_in_memory",
    "continuation",
    "deliver",
    "fill_up",
    "frame",
    "ping",
    "pong",
    "read_head",
    "text",
    "turns",
    "upgrade",
    "wire_of",
]


@asynccontextmanager
async def connected(
    *fields: str, then: bytes = b"", receive_buffer: int | None = None, **options: Any
) -> AsyncIterator[tuple[ClientSession, TcpPeer]]:
    """A session over TCP and its peer. `options` are those of `connect`; there is no converter unless one is given."""
    with Server(accepting(*fields, then=then), receive_buffer=receive_buffer) as server:
        async with connect(server.url, **{"converter": None, **options}) as session:
            peer = server.peer()
            try:
                yield session, peer
            finally:
                peer.farewell()


@asynccontextmanager
async def connected_in_memory(
    *fields: str, then: bytes = b"", **options: Any
) -> AsyncIterator[tuple[ClientSession, MemoryPeer]]:
    """A session over a stream in memory and its peer; otherwise as `connected`."""
    peer = MemoryPeer(*fields, then=then)
    async with wrap_stream(peer.stream, "ws://peer.test/", **{"converter": None, **options}) as session:
        try:
            yield session, peer
        finally:
            peer.farewell()


def wire_of(session: Session) -> Wire:
    """What is below a session: for what cannot be seen from outside."""
    link = session._link
    assert isinstance(link, WireLink)
    return link.wire


async def fill_up(session: Session, chunk: bytes) -> int:
    """Sends `chunk` again and again to a peer that does not read, until there is no room. Returns how many were sent.

    A send that was cancelled because the machine stood still is no sign of that; that writing is paused is one.
    """
    chunks = 0
    while True:
        with anyio.move_on_after(0.01):
            await session.send(chunk)
            chunks += 1
            continue
        await turns(5)
        if wire_of(session).writing_paused:
            return chunks


def deliver(session: Session, data: bytes) -> None:
    """Hands bytes to a session in this turn of the event loop, as its transport does when it has read them."""
    wire_of(session).data_received(data)
