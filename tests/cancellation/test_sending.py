"""A send that is cancelled, wherever it waits, has sent its message whole or not at all; the session goes on."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import anyio
import pytest

from tests.cancellation.interrupting import Attempt, Way, at_every_wait, ways
from tests.cancellation.leftovers import nothing_left
from tests.cancellation.opened import (
    CHUNK,
    OPENED,
    Opened,
    at_the_latest_soon,
    begin_to_read,
    fill,
    in_memory,
    over_tcp,
)
from tests.peers import BINARY, TEXT, Peer, Sent, text
from typedws import ClientSession, PingFrame, TextFrame

pytestmark = pytest.mark.anyio

Send = Callable[[ClientSession], Coroutine[Any, Any, None]]


async def send(session: ClientSession) -> None:
    await session.send("1")


async def send_serialized(session: ClientSession) -> None:
    await session.send_serialized(1)


SENDS = [(over_tcp, send), (over_tcp, send_serialized), (in_memory, send_serialized)]


async def the_session_goes_on(session: ClientSession, peer: Peer, attempt: Attempt, chunks: int = 0) -> None:
    """What was said to be sent arrives, and nothing else; then the session is used both ways."""
    sent = [Sent(BINARY, CHUNK)] * chunks + [Sent(TEXT, b"1")] * (not attempt.was_cancelled)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(session.send, "after")
        begin_to_read(peer)
        assert await peer.frames(len(sent) + 1) == [*sent, Sent(TEXT, b"after")]
    peer.push(text("echo"))
    assert await session.receive() == TextFrame("echo")


@ways()
@pytest.mark.parametrize(("opened", "send"), SENDS)
async def test_with_room(opened: Opened, send: Send, way: Way, anyio_backend_name: str) -> None:
    # On asyncio a send that has room does not wait, so the only attempt is the last one.
    async def check(attempt: Attempt) -> None:
        async with opened() as (session, peer):
            await attempt.run(send(session))
            await the_session_goes_on(session, peer, attempt)

    await at_every_wait(check, way, at_least=0 if anyio_backend_name == "asyncio" else 1)


@ways()
@pytest.mark.parametrize(("opened", "send"), SENDS)
async def test_when_others_get_a_turn_first(opened: Opened, send: Send, way: Way) -> None:
    """As after every 255 messages on asyncio."""

    async def check(attempt: Attempt) -> None:
        async with opened() as (session, peer):
            for _ in range(255):
                await session.send(PingFrame())
                await peer.frame()
            await attempt.run(send(session))
            await the_session_goes_on(session, peer, attempt)

    await at_every_wait(check, way)


@ways(late=False)
@pytest.mark.parametrize(("opened", "send"), SENDS)
async def test_without_room(opened: Opened, send: Send, way: Way) -> None:
    for n in range(2):
        attempt = Attempt(way, n)
        async with nothing_left(), opened() as (session, peer):
            chunks = await fill(session, peer)
            await attempt.run(send(session))
            assert attempt.was_cancelled
            await the_session_goes_on(session, peer, attempt, chunks)


@ways()
@pytest.mark.parametrize(("opened", "send"), SENDS)
async def test_when_room_comes(opened: Opened, send: Send, way: Way) -> None:
    """The peer begins to read in the moment of the cancellation."""

    async def check(attempt: Attempt) -> None:
        async with opened() as (session, peer):
            chunks = await fill(session, peer)
            frames: list[Sent] = []

            async def read() -> None:
                await at_the_latest_soon(begin)
                begin_to_read(peer)
                while not frames or frames[-1] != Sent(TEXT, b"after"):
                    frames.append(await peer.frame())

            begin = anyio.Event()
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(read)
                await attempt.run(send(session), meanwhile=begin.set)
                await session.send("after")
            ours = [Sent(TEXT, b"1")] * (not attempt.was_cancelled)
            assert frames == [*[Sent(BINARY, CHUNK)] * chunks, *ours, Sent(TEXT, b"after")]

    await at_every_wait(check, way, at_least=2)


@ways(late=False)
@pytest.mark.parametrize("opened", OPENED)
async def test_a_flush(opened: Opened, way: Way) -> None:
    for n in range(2):
        attempt = Attempt(way, n)
        async with nothing_left(), opened() as (session, peer):
            chunks = await fill(session, peer)
            await attempt.run(session.flush())
            assert attempt.was_cancelled
            await the_session_goes_on(session, peer, attempt, chunks)


@ways()
@pytest.mark.parametrize("opened", OPENED)
async def test_a_flush_while_the_peer_reads(opened: Opened, way: Way) -> None:
    async def check(attempt: Attempt) -> None:
        async with opened() as (session, peer):
            chunks = await fill(session, peer)

            async def read() -> None:
                await at_the_latest_soon(begin)
                begin_to_read(peer)
                await peer.frames(chunks)

            begin = anyio.Event()
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(read)
                await attempt.run(session.flush(), meanwhile=begin.set)
            await session.send("after")
            assert await peer.frame() == Sent(TEXT, b"after")

    await at_every_wait(check, way, at_least=2)
