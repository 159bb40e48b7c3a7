"""Masks are random (RFC 6455 section 5.3): nobody can foresee one, whatever sends it, in whichever process or thread.

The keys are read off the wire: under a mask, a payload of zeros is the key itself.
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from itertools import pairwise
from math import sqrt
from typing import Any

import pytest

from tests.peers import MemoryPeer, connected_in_memory
from tests.raw_frames import FrameParser
from typedws import BinaryFrame, SessionConfig
from typedws.protocol.connection import Connection

COUNT = 100_000
SIGMAS = 7
"""How far from the mean a count may be: further happens by chance once in 10**11 times."""

ZEROS = bytes(4)
HEADER = b"\x82\x84"
FRAME = len(HEADER) + 4 + len(ZEROS)


def keys_in(data: bytes) -> list[bytes]:
    """The keys of frames that carry four zeros."""
    keys = [data[at + 2 : at + 6] for at in range(0, len(data), FRAME)]
    assert data == b"".join(HEADER + key + key for key in keys)
    return keys


async def keys_of_a_session(count: int) -> list[bytes]:
    """The keys of so many messages, as they leave."""
    data = bytearray()
    async with connected_in_memory(config=SessionConfig(ping_interval=None)) as (session, peer):
        for _ in range(count // 100):
            for _ in range(100):
                await session.send(ZEROS)
            data += await read(peer, 100 * FRAME)
    return keys_in(bytes(data))


async def read(peer: MemoryPeer, count: int) -> bytes:
    data = b""
    while len(data) < count:
        data += await peer.read()
    return data


def expected_repeats(count: int) -> float:
    """Pairs of equal keys among so many that are drawn by chance."""
    return count * (count - 1) / 2 / 2**32


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
@pytest.mark.time_limit(120)
async def test_a_hundred_thousand_keys_look_like_chance() -> None:
    keys = await keys_of_a_session(COUNT)
    assert len(keys) == COUNT

    # One pair is to be expected. More than a dozen would be a generator that runs in circles.
    assert COUNT - len(set(keys)) < expected_repeats(COUNT) + 12

    joined = b"".join(keys)
    ones = int.from_bytes(joined).bit_count()
    bits = 8 * len(joined)
    assert abs(ones - bits / 2) < SIGMAS * sqrt(bits) / 2

    differences = [bytes(a ^ b for a, b in zip(*pair, strict=True)) for pair in pairwise(keys)]
    for sample in (keys, differences):  # the second finds counters and other steps
        for place in range(4):
            assert_even(Counter(key[place] for key in sample), len(sample))


def assert_even(counts: Counter[int], total: int) -> None:
    """Chi-square over the values of a byte: as large as chance makes it, and not smaller either."""
    expected = total / 256
    chi_square = sum((counts[value] - expected) ** 2 / expected for value in range(256))
    assert abs(chi_square - 255) < SIGMAS * sqrt(2 * 255)


@pytest.mark.anyio
async def test_control_frames_have_keys_of_their_own() -> None:
    async with connected_in_memory() as (session, peer):
        seen = []
        for _ in range(50):
            peer.push(b"\x89\x04" + ZEROS)
            await session.send(ZEROS)
            data = await read(peer, 2 * FRAME)
            seen += [data[2:6], data[FRAME + 2 : FRAME + 6]]
            assert {data[0], data[FRAME]} == {0x82, 0x8A}
        assert len(set(seen)) == 100


# Where a generator may be shared.


def client() -> Connection:
    sizes: dict[str, Any] = dict.fromkeys(
        ["max_frame_size", "max_message_size", "max_queued_messages", "max_queued_bytes"], 1024
    )
    return Connection(client=True, **sizes)


def draw(connection: Connection, count: int) -> bytes:
    return b"".join(connection.sender.data(BinaryFrame(ZEROS)) for _ in range(count))


def test_threads_never_send_the_same_key() -> None:
    drawn: list[bytes] = []
    start = threading.Barrier(8)

    def run() -> None:
        connection = client()
        start.wait()
        drawn.append(draw(connection, 4000))

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    keys = keys_in(b"".join(drawn))
    assert len(keys) == 32_000
    assert len(keys) - len(set(keys)) < 12


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork.*:DeprecationWarning")
def test_processes_that_share_a_parent_never_send_the_same_key() -> None:
    connection = client()
    draw(connection, 10)  # whatever is kept in store is there now
    streams = []
    for _ in range(3):
        receive, send = os.pipe()
        child = os.fork()
        if child == 0:
            os.write(send, draw(connection, 1000))  # less than a pipe holds
            os._exit(0)
        os.close(send)
        with os.fdopen(receive, "rb") as pipe:
            streams.append(pipe.read())
        assert os.waitpid(child, 0)[1] == 0
    streams.append(draw(connection, 1000))
    keys = [set(keys_in(stream)) for stream in streams]
    assert all(len(part) > 990 for part in keys)
    for number, part in enumerate(keys):
        for other in keys[number + 1 :]:
            assert len(part & other) < 3


def test_a_peer_reads_what_was_masked() -> None:
    parser = FrameParser()
    parser.feed(draw(client(), 100))
    for _ in range(100):
        sent = parser.next()
        assert sent is not None
        assert sent.payload == ZEROS
