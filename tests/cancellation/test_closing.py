"""Closing that is cancelled, wherever it waits, is over by the same deadline, with the same reason, and leaves nothing.

A peer that answers a Close, and one that does not; `close`, `wait_closed`, and the end of a block.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import anyio
import pytest

from tests.cancellation.interrupting import Attempt, Way, at_every_wait, ways
from tests.peers import CLOSE, TEXT, MemoryPeer, Sent, Server, TcpPeer, close_payload, text
from tests.timing import SOON
from typedws import (
    ClientSession,
    CloseReason,
    ConnectionClosed,
    SessionConfig,
    TextFrame,
    WebSocketClient,
    connect,
    wrap_stream,
)

pytestmark = pytest.mark.anyio

CLOSE_TIMEOUT = 0.15
"""Seconds, all of which a peer that does not answer takes."""
CONFIG = SessionConfig(close_timeout=CLOSE_TIMEOUT)
REASON = CloseReason(4000, "done")
BEFORE = Sent(TEXT, b"before")

answered = pytest.mark.parametrize("answers", [True, False], ids=["answered", "not answered"])


@pytest.fixture(params=["tcp", "memory"])
def entry(request: pytest.FixtureRequest) -> Entry:
    return Entry(over_tcp=request.param == "tcp")


class Entry:
    """Where sessions are opened, and how."""

    def __init__(self, *, over_tcp: bool, config: SessionConfig = CONFIG) -> None:
        self.over_tcp = over_tcp
        self.config = config

    def __enter__(self) -> Entry:
        self.server = Server().__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.__exit__(None, None, None)

    def open(self) -> tuple[AbstractAsyncContextManager[ClientSession], Callable[[], MemoryPeer | TcpPeer]]:
        """A block, and the peer behind it once it has been entered."""
        if self.over_tcp:
            return connect(self.server.url, converter=None, config=self.config), self.server.peer
        peer = MemoryPeer()
        return wrap_stream(peer.stream, "ws://peer.test/", converter=None, config=self.config), lambda: peer


async def told(peer: MemoryPeer | TcpPeer, reason: CloseReason, *before: Sent) -> None:
    """The peer got what was sent before, one Close, and the end: nothing torn, and nothing twice."""
    assert await peer.rest() == [*before, Sent(CLOSE, close_payload(reason.code, reason.message))]


@ways(late=False)
async def test_a_close_that_is_not_answered(entry: Entry, way: Way) -> None:
    with entry:

        async def check(attempt: Attempt) -> None:
            block, peer_of = entry.open()
            async with block as session:
                peer = peer_of()
                await session.send("before")
                peer.push(text("unread"))
                started = time.monotonic()
                await attempt.run(session.close(REASON))
                assert session.close_reason == REASON
                with pytest.raises(ConnectionClosed):
                    await session.send("after")
                assert await session.wait_closed() == REASON
                assert time.monotonic() - started < SOON
                await told(peer, REASON, BEFORE)
                if isinstance(peer, TcpPeer):
                    peer.close()

        await at_every_wait(check, way)


@ways()
async def test_a_close_that_is_answered(entry: Entry, way: Way) -> None:
    with entry:

        async def check(attempt: Attempt) -> None:
            block, peer_of = entry.open()
            async with block as session:
                peer = peer_of()
                peer.farewell()
                await attempt.run(session.close(REASON))
                assert session.close_reason == REASON
                assert await session.wait_closed() == REASON

        await at_every_wait(check, way)


@ways()
@answered
async def test_waiting_for_the_end(entry: Entry, answers: bool, way: Way) -> None:
    with entry:

        async def check(attempt: Attempt) -> None:
            block, peer_of = entry.open()
            async with block as session:
                peer = peer_of()
                with anyio.move_on_after(0):
                    await session.close(REASON)
                if answers:
                    peer.farewell()
                await attempt.run(session.wait_closed())
                assert attempt.was_cancelled or attempt.value == REASON
                assert await session.wait_closed() == REASON
                if not answers:
                    await told(peer, REASON)
                if isinstance(peer, TcpPeer) and not answers:
                    peer.close()

        await at_every_wait(check, way)


class Failure(Exception):
    """Of the program's own."""


@ways()
@pytest.mark.parametrize(("answers", "fails"), [(True, False), (True, True), (False, True)])
async def test_leaving_a_block(entry: Entry, answers: bool, fails: bool, way: Way) -> None:
    """A shield keeps the first cancellation of a scope out; a native one drops the connection at once."""
    reason = CloseReason(1011 if fails else 1000)
    failure = Failure()
    with entry:

        async def check(attempt: Attempt) -> None:
            block, peer_of = entry.open()
            peers: list[MemoryPeer | TcpPeer] = []
            sessions: list[ClientSession] = []

            raised: list[Failure] = []

            async def use() -> None:
                try:
                    async with block as session:
                        sessions.append(session)
                        peers.append(peer_of())
                        await session.send("before")
                        if answers:
                            peers[0].farewell()
                        attempt.count_from_here()
                        if fails:
                            raise failure
                except Failure as error:
                    raised.append(error)

            started = time.monotonic()
            await attempt.run(use(), counts=False)
            assert raised == [failure] * (fails and not attempt.was_cancelled)
            assert time.monotonic() - started < SOON
            assert attempt.was_cancelled == (way.is_native and attempt.was_reached)
            assert sessions[0].close_reason == reason
            if not answers:
                expected = [BEFORE, Sent(CLOSE, close_payload(reason.code))]
                frames = await peers[0].rest()
                # A connection that is dropped at once may not even have begun to write.
                assert frames == expected[: len(frames) if attempt.was_cancelled else None]
                if isinstance(peers[0], TcpPeer):
                    peers[0].close()

        await at_every_wait(check, way)


@ways()
@answered
async def test_leaving_a_client(answers: bool, way: Way) -> None:
    with Server() as server:

        async def check(attempt: Attempt) -> None:
            sessions: list[ClientSession] = []
            peers: list[TcpPeer] = []

            async def use() -> None:
                async with WebSocketClient(config=CONFIG, converter=None) as client:
                    for _ in range(2):
                        sessions.append(await client.websocket_session(server.url))
                        peers.append(server.peer())
                        if answers:
                            peers[-1].farewell()
                    attempt.count_from_here()

            started = time.monotonic()
            await attempt.run(use(), counts=False)
            assert time.monotonic() - started < SOON
            assert attempt.was_cancelled == (way.is_native and attempt.was_reached)
            assert [session.close_reason for session in sessions] == [CloseReason(1000)] * 2
            if not answers:
                for peer in peers:
                    await told(peer, CloseReason(1000))
                    peer.close()

        await at_every_wait(check, way)


@ways()
async def test_a_whole_conversation(entry: Entry, way: Way) -> None:
    """From dialling to the end, interrupted in every wait: what the peer gets are whole frames, with a Close behind
    them."""
    # So short a time may be over before the Close is written: the other tests see to that.
    config = SessionConfig(close_timeout=0.02)

    async def check(attempt: Attempt) -> None:
        sessions: list[ClientSession] = []
        peers: list[MemoryPeer | TcpPeer] = []

        async def converse() -> None:
            block, peer_of = here.open()
            async with block as session:
                sessions.append(session)
                peers.append(peer := peer_of())
                for number in range(3):
                    await session.send(str(number))
                    peer.push(text(str(number)))
                    assert await session.receive() == TextFrame(str(number))
                await session.flush()
                await session.close(REASON)

        # A server of its own, because a connection that was given up may have been accepted there.
        with Entry(over_tcp=entry.over_tcp, config=config) as here:
            await attempt.run(converse())
            if not sessions:
                assert attempt.was_cancelled
                return
            reason = sessions[0].close_reason
            assert reason is not None
            assert reason in ((REASON, CloseReason(1001)) if attempt.was_cancelled else (REASON,))
            frames = await peers[0].rest()
        texts = [Sent(TEXT, b"0"), Sent(TEXT, b"1"), Sent(TEXT, b"2")]
        closing = [sent for sent in frames if sent not in texts]
        assert frames == [*texts[: len(frames) - len(closing)], *closing]
        assert closing in ([], [Sent(CLOSE, close_payload(reason.code, reason.message))])

    await at_every_wait(check, way, at_least=5)
