"""The formula of docs/guarantees.md for the memory of a session, measured: a peer that sends as much as it can, in the
way that costs most, to a program that does not receive."""

from __future__ import annotations

import tracemalloc
import zlib
from collections.abc import Callable

import anyio
import pytest

from tests.peers import TcpPeer, binary, connected, connected_in_memory, continuation, frame, ping, turns, wire_of
from typedws import ClientSession, Deflate, SessionConfig

pytestmark = pytest.mark.anyio

KIB = 1024
MIB = 1024 * KIB

CONFIG = SessionConfig(incoming_bytes=MIB, max_message_size=MIB, max_frame_size=MIB)
SLACK = 512 * KIB
"""What is held beside payloads: at most 1024 frames that wait, what one read brings, the session itself."""


def formula(config: SessionConfig) -> int:
    """What docs/guarantees.md says: what waits, and what is being put together."""
    return 2 * config.incoming_bytes + 2 * config.max_message_size


def compressed(size: int) -> bytes:
    deflater = zlib.compressobj(9, zlib.DEFLATED, -12)
    data = deflater.compress(bytes(size)) + deflater.flush(zlib.Z_SYNC_FLUSH)
    return frame(0x2, data[:-4], rsv=4)


FLOODS: dict[str, Callable[[], bytes]] = {
    "nothing in them": lambda: binary(b"") * 4096,
    "small messages": lambda: binary(bytes(100)) * 1024,
    "messages of 64 KiB": lambda: binary(bytes(64 * KIB)) * 4,
    "messages as large as the limit": lambda: binary(bytes(MIB)),
    "a message as large as the limit, in tiny fragments": lambda: (
        frame(0x2, bytes(64), fin=False) + continuation(bytes(64), fin=False) * 16_382 + continuation(bytes(64))
    ),
    "pings": lambda: ping(bytes(125)) * 1024,
}


async def flood(session: ClientSession, peer: TcpPeer, piece: bytes, count: int) -> None:
    """Sends so many pieces, or until the session takes no more for a while."""
    sent = 0

    async def send() -> None:
        nonlocal sent
        for _ in range(count):
            await peer.send(piece)
            sent += 1
        tasks.cancel_scope.cancel()

    inbox = wire_of(session).inbox
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(send)
        before = -1
        while before != sent or not inbox.is_blocked:
            before = sent
            await anyio.sleep(0.1)
        tasks.cancel_scope.cancel()


@pytest.mark.parametrize("what", FLOODS)
async def test_a_session_holds_no_more_than_the_formula_says(what: str) -> None:
    piece = FLOODS[what]()
    async with connected(config=CONFIG) as (session, peer):
        await session.send(b"hello")
        tracemalloc.start()
        try:
            await flood(session, peer, piece, 16 if what == "pings" else max(8, 16 * MIB // len(piece)))
            held, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        peer.close()
    if "64 KiB" in what or "limit" in what:
        assert held > CONFIG.incoming_bytes / 2, "the peer did not fill the queue"
    assert held <= peak <= formula(CONFIG) + SLACK


async def test_so_it_does_when_what_comes_is_compressed() -> None:
    """A KiB on the wire is a message as large as the limit."""
    piece = compressed(MIB)
    assert len(piece) < 2 * KIB
    fields = "Sec-WebSocket-Extensions: permessage-deflate"
    async with connected(fields, extensions=[Deflate()], config=CONFIG) as (session, peer):
        tracemalloc.start()
        try:
            await flood(session, peer, piece, 1000)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        peer.close()
    assert peak <= formula(CONFIG) + SLACK


async def test_a_sender_waits_when_its_peer_is_a_buffer_behind() -> None:
    """So what waits to be sent is the buffer and the messages that are on their way into it."""
    config = SessionConfig(outgoing_bytes=64 * KIB)
    async with connected_in_memory(config=config) as (session, peer):
        peer.stall()
        message = bytes(64 * KIB)
        tracemalloc.start()
        try:
            async with anyio.create_task_group() as tasks:
                for _ in range(100):
                    tasks.start_soon(session.send, message)
                await turns(500)
                _, peak = tracemalloc.get_traced_memory()
                tasks.cancel_scope.cancel()
        finally:
            tracemalloc.stop()
    # The buffer, one message that found room in it, and a copy under its mask. A task for each sender is the program's.
    assert peak <= config.outgoing_bytes + 4 * len(message) + SLACK
