"""Cancelled, a send has sent nothing; returned, it has queued its message whole, behind those of earlier calls."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import anyio
import pytest
from msgspec import Struct

from tests.peers import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    TEXT,
    Sent,
    TcpPeer,
    close_payload,
    connected,
    fill_up,
    text,
    turns,
    wire_of,
)
from typedws.config import SessionConfig
from typedws.converters.json import JSONConverter
from typedws.errors import ConnectionClosedOK, LocalProtocolError, SerializeError
from typedws.frames import BinaryFrame, PingFrame, TextFrame
from typedws.session import ClientSession

pytestmark = pytest.mark.anyio

CHUNK = bytes(64 * 1024)


class Order(Struct):
    number: int


@asynccontextmanager
async def with_a_peer_that_does_not_read() -> AsyncIterator[tuple[ClientSession, TcpPeer, int]]:
    """A session whose next send has to wait, its peer, and how many chunks stand before that."""
    config = SessionConfig(outgoing_bytes=1024)
    async with connected(config=config, receive_buffer=4096, converter=JSONConverter()) as (session, peer):
        yield session, peer, await fill_up(session, CHUNK)


async def read_past_the_chunks(peer: TcpPeer, chunks: int) -> None:
    assert await peer.frames(chunks) == [Sent(BINARY, CHUNK)] * chunks


async def test_a_send_that_is_cancelled_while_it_waits_for_room_sends_nothing() -> None:
    async with with_a_peer_that_does_not_read() as (session, peer, chunks):
        with anyio.move_on_after(0.05) as scope:
            await session.send("never")
        assert scope.cancelled_caught
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(session.send, "after")
            await read_past_the_chunks(peer, chunks)
            assert await peer.frame() == Sent(TEXT, b"after")


async def test_senders_that_are_cancelled_in_the_line_do_not_disturb_the_others() -> None:
    async with with_a_peer_that_does_not_read() as (session, peer, chunks):
        scopes = [anyio.CancelScope() for _ in range(20)]

        async def send(number: int) -> None:
            with scopes[number]:
                if number % 4 < 2:
                    await session.send(str(number))
                else:
                    await session.send_serialized(number)

        async with anyio.create_task_group() as tasks:
            for number in range(20):
                tasks.start_soon(send, number)
                await turns(5)
            for number in range(0, 20, 3):  # the first of the line among them
                scopes[number].cancel()
            await read_past_the_chunks(peer, chunks)
            expected = [number for number in range(20) if number % 3]
            assert [int(sent.payload) for sent in await peer.frames(len(expected))] == expected


async def test_a_sender_that_is_cancelled_when_its_turn_comes_gives_the_turn_to_the_next() -> None:
    async with with_a_peer_that_does_not_read() as (session, peer, chunks):
        scope = anyio.CancelScope()

        async def first() -> None:
            with scope:
                await session.send("first")

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(first)
            await turns(5)
            tasks.start_soon(session.send, "second")
            await turns(5)
            wire_of(session).resume_writing()
            scope.cancel()
        await read_past_the_chunks(peer, chunks)
        sent = await peer.frame()
        if sent.payload == b"first":  # its turn had come: then it is there whole, and first
            sent = await peer.frame()
        assert sent == Sent(TEXT, b"second")


async def test_many_senders_keep_the_order_in_which_they_came() -> None:
    async with with_a_peer_that_does_not_read() as (session, peer, chunks):
        async with anyio.create_task_group() as tasks:
            for number in range(50):
                tasks.start_soon(session.send, f"{number}:" + "x" * random.randrange(3000))
                await turns(5)
            await read_past_the_chunks(peer, chunks)
            numbers = [int(sent.payload.split(b":")[0]) for sent in await peer.frames(50)]
        assert numbers == list(range(50))


async def test_many_senders_with_room_keep_the_order_of_their_calls() -> None:
    async with connected() as (session, peer):

        async def send(sender: int) -> None:
            for number in range(300):
                await session.send(f"{sender} {number}")

        async with anyio.create_task_group() as tasks:
            for sender in range(5):
                tasks.start_soon(send, sender)
            received = [tuple(map(int, sent.payload.split())) for sent in await peer.frames(1500)]
        for sender in range(5):
            assert [number for who, number in received if who == sender] == list(range(300))


async def test_no_cancellation_can_tear_a_frame() -> None:
    async with connected(config=SessionConfig(outgoing_bytes=1024), receive_buffer=4096) as (session, peer):
        returned: list[int] = []
        chance = random.Random(6455)

        async def send(number: int, delay: float) -> None:
            with anyio.move_on_after(delay):
                await session.send(b"%d:" % number + bytes(chance.randrange(200_000)))
                returned.append(number)

        async def send_them_all() -> None:
            async with anyio.create_task_group() as senders:
                for number in range(200):
                    senders.start_soon(send, number, chance.random() * 0.03)
            await session.send("end")

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(send_them_all)
            received = []
            while (sent := await peer.frame()) != Sent(TEXT, b"end"):  # the peer checks that each is whole
                received.append(int(sent.payload.split(b":")[0]))
        assert received == returned
        assert len(received) < 200, "nothing was cancelled"


async def test_what_was_sent_leaves_before_the_close_even_if_the_block_is_left_at_once() -> None:
    async with connected() as (session, peer):
        for number in range(100):
            await session.send(str(number))
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(session.close)
            frames = await peer.frames(101)
            peer.close()
    assert [int(sent.payload) for sent in frames[:-1]] == list(range(100))
    assert frames[-1] == Sent(CLOSE, close_payload(1000))


async def test_a_value_that_cannot_be_written_queues_nothing() -> None:
    async with connected(converter=JSONConverter()) as (session, peer):
        with pytest.raises(SerializeError):
            await session.send_serialized(object())
        with pytest.raises(SerializeError):
            await session.send_serialized([Order(1), object()])
        await session.send_serialized(Order(2))
        assert await peer.frame() == Sent(TEXT, b'{"number":2}')


async def test_a_frame_that_may_not_be_sent_queues_nothing() -> None:
    async with connected() as (session, peer):
        for bad in (TextFrame(b"\xff"), TextFrame(b"\xed\xa0\x80"), "\ud800"):
            with pytest.raises(ValueError, match=r"UTF-8|surrogate"):
                await session.send(bad)
        with pytest.raises(TypeError, match="not int"):
            await session.send(cast(Any, 3))
        with pytest.raises(LocalProtocolError):
            await session.send(TextFrame("a fragment", fin=False))
        await session.send("good")
        assert await peer.frame() == Sent(TEXT, b"good")


async def test_a_sender_whose_value_cannot_be_written_gives_its_turn_to_the_next() -> None:
    async with with_a_peer_that_does_not_read() as (session, peer, chunks):
        raised = []

        async def send_nonsense() -> None:
            try:
                await session.send_serialized(object())
            except SerializeError as error:
                raised.append(error)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(send_nonsense)
            await turns(5)
            tasks.start_soon(session.send_serialized, 1)
            await turns(5)
            await read_past_the_chunks(peer, chunks)
            assert await peer.frame() == Sent(TEXT, b"1")
        assert len(raised) == 1


async def test_waiting_senders_are_told_when_the_connection_ends() -> None:
    async with with_a_peer_that_does_not_read() as (session, peer, _):
        async with anyio.create_task_group() as tasks:
            for _ in range(3):
                tasks.start_soon(raises_connection_closed, session)
            await turns(5)
            with anyio.move_on_after(0):
                await session.close()
        peer.close()


async def raises_connection_closed(session: ClientSession) -> None:
    with pytest.raises(ConnectionClosedOK):
        await session.send("too late")


async def test_fragments_of_a_raw_session_are_one_message_on_the_wire() -> None:
    async with connected(config=SessionConfig(raw=True)) as (session, peer):
        await session.send(TextFrame("one, ", fin=False))
        await session.send(PingFrame(b"between"))
        with pytest.raises(LocalProtocolError):
            await session.send(BinaryFrame(b"another message"))
        await session.send(TextFrame("two, ", fin=False))
        await session.send(TextFrame("three"))
        await session.send(b"a new one")
        assert await peer.frames(5) == [
            Sent(TEXT, b"one, ", fin=False),
            Sent(PING, b"between"),
            Sent(CONTINUATION, b"two, ", fin=False),
            Sent(CONTINUATION, b"three"),
            Sent(BINARY, b"a new one"),
        ]


async def test_flush_returns_when_everything_has_been_handed_over() -> None:
    async with with_a_peer_that_does_not_read() as (session, peer, chunks):
        flushed = anyio.Event()

        async def flush() -> None:
            await session.flush()
            flushed.set()

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(flush)
            await turns(5)
            assert not flushed.is_set()
            await read_past_the_chunks(peer, chunks)
        assert flushed.is_set()
        assert wire_of(session).outbox.unwritten == 0


async def test_a_flush_that_is_cancelled_leaves_the_session_as_it_was() -> None:
    async with with_a_peer_that_does_not_read() as (session, peer, chunks):
        with anyio.move_on_after(0.05):
            await session.flush()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(session.send, "still here")
            await read_past_the_chunks(peer, chunks)
            assert await peer.frame() == Sent(TEXT, b"still here")


async def test_every_frame_has_a_key_of_its_own() -> None:
    async with connected() as (session, peer):
        for _ in range(200):
            await session.send(bytes(4))
        data = b""
        while len(data) < 200 * 10:
            data += await peer.read()
        keys = [data[start + 2 : start + 6] for start in range(0, len(data), 10)]
        assert len(set(keys)) == 200
        peer.parser.feed(data)
        peer.push(text("done"))
        await session.receive()
