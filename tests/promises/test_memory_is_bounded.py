"""A peer that sends faster than the application receives has to wait; what it declares costs nothing until it comes."""

from __future__ import annotations

import tracemalloc

import anyio
import pytest

from tests.peers import (
    BINARY,
    CLOSE,
    PONG,
    TEXT,
    Sent,
    binary,
    connected,
    connected_in_memory,
    continuation,
    frame,
    ping,
    text,
    turns,
    wire_of,
)
from typedws.config import SessionConfig
from typedws.errors import ConnectionClosedError, FrameTooBigError, RemoteProtocolError
from typedws.frames import BinaryFrame, TextFrame

pytestmark = pytest.mark.anyio

KIB = 1024
MIB = 1024 * KIB


async def test_many_small_messages_that_wait_for_the_peer_take_little_more_than_their_bytes() -> None:
    """Not an object for each of them."""
    async with connected_in_memory(config=SessionConfig(outgoing_bytes=32 * KIB)) as (session, peer):
        peer.stall()
        await session.send("x")
        await turns(20)
        tracemalloc.start()
        try:
            while not wire_of(session).writing_paused:
                await session.send("x")
            held = tracemalloc.get_traced_memory()[0]
        finally:
            tracemalloc.stop()
        assert held < 3 * 32 * KIB


@pytest.mark.parametrize(
    "config",
    [SessionConfig(incoming_messages=16), SessionConfig(incoming_bytes=256 * KIB)],
    ids=["messages", "bytes"],
)
async def test_a_full_queue_makes_the_peer_wait_and_loses_nothing(config: SessionConfig) -> None:
    async with connected(config=config) as (session, peer):
        sent = 0

        async def send_everything() -> None:
            nonlocal sent
            for number in range(1024):
                await peer.send(binary(number.to_bytes(2) + bytes(32 * KIB)))
                sent += 1

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(send_everything)
            before = -1
            while before != sent:
                before = sent
                await anyio.sleep(0.05)
            assert sent < 1000, "the peer never had to wait"
            assert wire_of(session).connection.backlog.size < MIB
            for number in range(1024):
                received = await session.receive()
                assert received.data[:2] == number.to_bytes(2)
        assert sent == 1024


async def test_reading_goes_on_when_half_of_the_queue_has_been_received() -> None:
    async with connected_in_memory(config=SessionConfig(incoming_messages=8)) as (session, peer):
        for number in range(9):
            peer.push(text(str(number)))
            await turns(5)
        for number in range(3):
            assert await session.receive() == TextFrame(str(number))
            await turns(5)
            assert peer.unread
        assert await session.receive() == TextFrame("3")
        await turns(5)
        assert not peer.unread
        assert [(await session.receive()).data for _ in range(5)] == [b"4", b"5", b"6", b"7", b"8"]


async def test_reading_pauses_and_goes_on_by_bytes_as_well() -> None:
    async with connected_in_memory(config=SessionConfig(incoming_bytes=8 * KIB)) as (session, peer):
        for _ in range(9):
            peer.push(binary(bytes(KIB)))
            await turns(5)
        assert peer.unread
        for _ in range(3):
            await session.receive()
        await turns(5)
        assert peer.unread
        await session.receive()
        await turns(5)
        assert not peer.unread


async def test_one_message_always_fits_whatever_its_size() -> None:
    config = SessionConfig(incoming_bytes=KIB, incoming_messages=1)
    async with connected(config=config) as (session, peer), anyio.create_task_group() as tasks:
        tasks.start_soon(peer.send, binary(bytes(3 * MIB)) + binary(b"x" * MIB) + text("end"))
        assert await session.receive() == BinaryFrame(bytes(3 * MIB))
        assert await session.receive() == BinaryFrame(b"x" * MIB)
        assert await session.receive() == TextFrame("end")


async def test_a_flood_in_one_segment_is_delivered_whole_and_in_order() -> None:
    async with connected_in_memory(config=SessionConfig(incoming_messages=10)) as (session, peer):
        peer.push(b"".join(text(str(number)) for number in range(5000)))
        for number in range(5000):
            assert await session.receive() == TextFrame(str(number))


async def test_limits_hold_exactly_at_their_value() -> None:
    config = SessionConfig(max_frame_size=1000, max_message_size=1500)
    async with connected(config=config) as (session, peer):
        peer.push(binary(bytes(1000)))
        peer.push(binary(bytes(1000), fin=False) + continuation(bytes(500)))
        assert await session.receive() == BinaryFrame(bytes(1000))
        assert await session.receive() == BinaryFrame(bytes(1500))


@pytest.mark.parametrize(
    ("data", "size", "limit"),
    [
        (binary(bytes(1001)), 1001, 1000),
        (frame(BINARY, bytes(1001), fin=False), 1001, 1000),
        (binary(bytes(1000), fin=False) + continuation(bytes(501)), 1501, 1500),
        (b"".join([binary(bytes(500), fin=False), *[continuation(bytes(100), fin=False)] * 11]), 1600, 1500),
        (b"\x82\x7f" + (2**62).to_bytes(8), 2**62, 1000),
        (b"\x81\x7f" + (2**31).to_bytes(8), 2**31, 1000),
        (text("a", fin=False) + b"\x00\x7f" + (2**40).to_bytes(8), 2**40, 1000),
    ],
    ids=["frame", "first fragment", "message", "last fragment", "2**62", "2**31", "2**40 fragment"],
)
async def test_too_much_is_refused_with_1009_when_its_header_is_read(data: bytes, size: int, limit: int) -> None:
    config = SessionConfig(max_frame_size=1000, max_message_size=1500)
    async with connected(config=config) as (session, peer):
        peer.push(text("before") + data)
        assert await session.receive() == TextFrame("before")
        with pytest.raises(ConnectionClosedError) as caught:
            await session.receive()
        cause = caught.value.__cause__
        assert isinstance(cause, FrameTooBigError)
        assert (cause.size, cause.limit) == (size, limit)
        assert session.close_reason is not None
        assert session.close_reason.code == 1009
        sent = await peer.frame()
        assert (sent.opcode, sent.payload[:2]) == (CLOSE, (1009).to_bytes(2))


async def test_limits_set_while_open_count_from_the_next_frame() -> None:
    async with connected(config=SessionConfig(max_frame_size=10, max_message_size=10)) as (session, peer):
        session.max_frame_size = 2000
        session.max_message_size = 2000
        peer.push(binary(bytes(2000)))
        assert await session.receive() == BinaryFrame(bytes(2000))
        session.max_frame_size = 5
        peer.push(binary(bytes(6)))
        with pytest.raises(ConnectionClosedError) as caught:
            await session.receive()
        assert isinstance(caught.value.__cause__, FrameTooBigError)
        assert caught.value.__cause__.limit == 5


async def test_a_declared_length_takes_no_memory_before_its_bytes_come() -> None:
    async with connected_in_memory() as (_, peer):
        tracemalloc.start()
        try:
            peer.push(b"\x82\x7f" + (16 * MIB).to_bytes(8) + bytes(100))
            await turns(10)
            assert not peer.unread
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < 512 * KIB


async def test_a_message_in_65536_fragments_of_64_bytes_passes() -> None:
    async with connected(config=SessionConfig(max_message_size=16 * MIB)) as (session, peer):
        piece = bytes(range(64))
        data = b"".join([binary(piece, fin=False), *[continuation(piece, fin=False)] * 65_534, continuation(piece)])
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(peer.send, data)
            assert await session.receive() == BinaryFrame(piece * 65_536)


@pytest.mark.parametrize("piece", [b"", b"x"], ids=["empty", "one byte"])
async def test_endless_tiny_fragments_are_refused_with_1008(piece: bytes) -> None:
    async with connected() as (session, peer):
        await peer.send(binary(piece, fin=False) + continuation(piece, fin=False) * 3000)
        with pytest.raises(ConnectionClosedError) as caught:
            await session.receive()
        assert isinstance(caught.value.__cause__, RemoteProtocolError)
        assert caught.value.__cause__.code == 1008
        assert caught.value.reason.code == 1008
        sent = await peer.frame()
        assert (sent.opcode, sent.payload[:2]) == (CLOSE, (1008).to_bytes(2))


async def test_the_count_of_fragments_begins_anew_with_each_message() -> None:
    async with connected() as (session, peer):
        message = b"".join([text("", fin=False), *[continuation(b"", fin=False)] * 500, continuation(b"x")])
        await peer.send(message * 10)
        for _ in range(10):
            assert await session.receive() == TextFrame("x")


async def test_pings_are_answered_in_bounded_memory_while_the_peer_reads_nothing() -> None:
    count = 60_000
    payloads = [number.to_bytes(125) for number in range(count)]
    async with connected(receive_buffer=4096) as (session, peer):
        await peer.send(b"".join(map(ping, payloads)) + text("read"))
        assert await session.receive() == TextFrame("read")
        assert wire_of(session).outbox.unwritten < 256 * KIB
        answered = [await peer.frame()]
        while answered[-1].payload != payloads[-1]:  # whatever is skipped, the latest is answered
            answered.append(await peer.frame())
    assert {sent.opcode for sent in answered} == {PONG}
    assert len(answered) < count, "the peer never fell behind"
    assert sorted(answered) == answered


async def test_a_ping_flood_does_not_hold_up_data() -> None:
    async with connected() as (session, peer), anyio.create_task_group() as tasks:
        tasks.start_soon(peer.send, ping(b"x") * 20_000 + text("data"))
        assert await session.receive() == TextFrame("data")
        await session.send("pong")
        while (sent := await peer.frame()).opcode == PONG:
            assert sent.payload == b"x"
        assert sent == Sent(TEXT, b"pong")
