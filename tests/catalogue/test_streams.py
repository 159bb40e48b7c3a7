"""Every row after the opening handshake, in both roles, in one segment and byte by byte: its outcome, and what holds
after all of them.

A row is played behind a message that is in order, which has to be delivered whatever follows, and in one segment with a
message and a Close behind it, which must not be, once the connection has failed.
"""

from __future__ import annotations

import logging
from contextlib import nullcontext, suppress

import pytest

from tests.catalogue.aftermath import check_error, memory_bounded, nothing_left
from tests.catalogue.index import STREAM_ROWS
from tests.catalogue.roles import ROLES, key_of
from tests.catalogue.rows import CANARY, Closed, Failed, Lost, Row, Taken, closing, text
from tests.peers import CLOSE, Sent, TcpPeer, close_payload, turns
from typedws.close import CloseReason
from typedws.config import SessionConfig
from typedws.errors import (
    ConnectionClosed,
    ConnectionClosedError,
    ConnectionClosedOK,
    FrameTooBigError,
    RemoteProtocolError,
)
from typedws.frames import TextFrame
from typedws.session import Session

pytestmark = pytest.mark.anyio

PIECES = 250
"""A stream that is dripped comes in so many pieces at most: byte by byte, unless it is longer."""

NEVER = 60.0
"""Seconds to close, more than a test may take: no row gets to its end by being given up."""

FIRST = text(f"{CANARY} before")


@pytest.mark.parametrize("dripped", [False, True], ids=["one segment", "byte by byte"])
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("row", [row for row in STREAM_ROWS if not row.pure], ids=lambda row: row.id)
async def test_row(row: Row, role: str, dripped: bool, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    key = key_of(ROLES[role])
    stream = FIRST.to_bytes(key) + row.stream(key)
    if isinstance(row.outcome, Failed) and not dripped:
        stream += text(f"{CANARY} never").to_bytes(key) + closing().to_bytes(key)
    elif isinstance(row.outcome, Taken):
        stream += closing().to_bytes(key)
    with nothing_left(), memory_bounded() if row.is_greedy else nullcontext():
        config = SessionConfig(max_frame_size=row.limit, max_message_size=row.limit, close_timeout=NEVER)
        async with ROLES[role](row.compression, config) as (session, peer):
            if dripped:
                await drip(peer, stream)
            else:
                peer.push(stream)
            if isinstance(row.outcome, Lost):
                peer.finish()
            assert await session.receive() == TextFrame(f"{CANARY} before")
            for message in row.outcome.messages:
                assert await session.receive() == message
            reason = await meet_the_end(session, row.outcome)
            # A server ends TCP by itself, once both Closes are there (RFC 6455 section 7.1.1).
            if isinstance(row.outcome, Failed) or (role == "client" and not isinstance(row.outcome, Lost)):
                peer.finish()
            assert await peer.rest() == [*row.outcome.answers, *expected_close(row.outcome, reason)]
            assert await session.wait_closed() == session.close_reason == reason
            with pytest.raises(ConnectionClosed) as sending:
                await session.send("too late")
            check_error(sending.value)
            await session.close()
            assert CANARY not in repr(session)
    assert CANARY not in caplog.text
    assert all(record.levelno < logging.WARNING for record in caplog.records)


async def drip(peer: TcpPeer, stream: bytes) -> None:
    """Sends byte by byte; a session that has ended need not take the rest."""
    step = -(-len(stream) // PIECES)
    with suppress(OSError):
        for i in range(0, len(stream), step):
            peer.push(stream[i : i + step])
            await turns(2)


async def meet_the_end(session: Session, outcome: Taken | Failed | Closed | Lost) -> CloseReason:
    """What a receive raises behind the last message, checked; returns the reason."""
    errors: list[ConnectionClosed] = []
    for _ in range(2):
        with pytest.raises(ConnectionClosed) as caught:
            await session.receive()
        errors.append(caught.value)
    error, again = errors
    assert error is not again
    assert error.reason == again.reason == session.close_reason
    if isinstance(outcome, Failed):
        assert isinstance(error, ConnectionClosedError)
        assert isinstance(error.__cause__, FrameTooBigError if outcome.code == 1009 else RemoteProtocolError)
        assert getattr(error.__cause__, "code", 1009) == error.reason.code == outcome.code
        assert (error.sent, error.received, error.by_peer) == (error.reason, None, False)
    elif isinstance(outcome, Lost):
        assert isinstance(error, ConnectionClosedError)
        assert error.reason.code == 1006
        assert (error.sent, error.received, error.by_peer) == (None, None, False)
    else:
        reason = outcome.reason if isinstance(outcome, Closed) else CloseReason(1000)
        assert isinstance(error, ConnectionClosedOK if reason.code in (1000, 1001, 1005) else ConnectionClosedError)
        assert (error.reason, error.received, error.sent) == (reason, reason, CloseReason(reason.code))
        assert error.by_peer
        assert error.__cause__ is None
    for raised in errors:
        check_error(raised)
    return error.reason


def expected_close(outcome: Taken | Failed | Closed | Lost, reason: CloseReason) -> list[Sent]:
    """The Close that the peer has to get."""
    if isinstance(outcome, Lost):
        return []
    if isinstance(outcome, Failed):
        return [Sent(CLOSE, close_payload(reason.code, reason.message))]
    return [Sent(CLOSE, b"" if reason.code == 1005 else close_payload(reason.code))]
