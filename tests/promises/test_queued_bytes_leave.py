"""What was sent leaves: no call that waits for it waits for ever, and what is large is not copied on its way."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import anyio
import pytest

from tests.peers import connected, frame, wire_of
from tests.raw_frames import BINARY
from typedws.errors import ConnectionClosed
from typedws.frames import BinaryFrame
from typedws.outbox import Outbox

MIB = 1024 * 1024


@pytest.mark.anyio
@pytest.mark.time_limit(10)
async def test_a_flush_ends_where_others_send_in_the_turn_in_which_it_is_told() -> None:
    async with connected(receive_buffer=64 * 1024) as (session, peer):
        told = 0

        def send_at_once() -> None:
            nonlocal told
            told += 1
            for _ in range(2 if told < 4 else 0):
                with suppress(StopIteration, ConnectionClosed):
                    session.send(b"there is no wait before this").send(None)

        async def read_all() -> None:
            while True:
                await peer.read()

        async with anyio.create_task_group() as tasks:
            await session.send(BinaryFrame(bytes(8 * MIB)))
            wire_of(session).add_listener(send_at_once)
            tasks.start_soon(read_all)
            await session.flush()
            assert told
            assert wire_of(session).outbox.unwritten == 0
            tasks.cancel_scope.cancel()
        peer.reset()


class Kept:
    """A transport that keeps what it is given."""

    def __init__(self) -> None:
        self.written: list[bytes] = []

    def write(self, data: bytes, /) -> None:
        self.written.append(data)

    def can_write_eof(self) -> bool:
        return False

    def write_eof(self) -> None: ...
    def pause_reading(self) -> None: ...
    def resume_reading(self) -> None: ...
    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None: ...
    def get_write_buffer_size(self) -> int:
        return 0

    def close(self) -> None: ...
    def abort(self) -> None: ...


def test_a_large_frame_behind_small_ones_is_not_joined_with_them() -> None:
    later: list[Callable[[], None]] = []
    outbox = Outbox(limit=64 * 1024, at_end_of_turn=later.append)
    outbox.transport = transport = Kept()
    large = frame(BINARY, bytes(MIB))
    for data in (b"first", b"second", b"third", large, b"fourth", b"fifth"):
        outbox.write(data)
    for call in later:
        call()
    assert transport.written == [b"first", b"secondthird", large, b"fourthfifth"]
    assert transport.written[2] is large
    assert outbox.size == 0
