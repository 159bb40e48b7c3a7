"""Every row, and every other member of its family, without I/O: in one segment, byte by byte, and in two segments cut
anywhere. And what is small enough to be tried out whole: every pair of first bytes, and every close code.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.catalogue.aftermath import check_error
from tests.catalogue.index import STREAM_ROWS
from tests.catalogue.rows import KEY, LIMIT, Closed, Compression, Failed, Lost, Row, Taken, Written
from tests.raw_frames import CLOSE, PONG, FrameParser, Sent, close_payload
from typedws.close import CloseReason
from typedws.ending import reason_of
from typedws.errors import FrameTooBigError, RemoteProtocolError
from typedws.protocol.connection import Connection
from typedws.protocol.deflate import DeflateParameters

SHORT = 64
"""Bytes of a stream up to which it is cut at every offset."""

PARAMETERS = {
    None: None,
    Compression.KEPT: DeflateParameters(),
    Compression.FORGOTTEN: DeflateParameters(receive_no_context_takeover=True),
}

both_roles = pytest.mark.parametrize("client", [True, False], ids=["client", "server"])


def connection(*, client: bool, compression: Compression | None = None, limit: int = LIMIT) -> Connection:
    return Connection(
        client=client,
        max_frame_size=limit,
        max_message_size=limit,
        max_queued_messages=10_000,
        max_queued_bytes=1 << 20,
        deflate=PARAMETERS[compression],
    )


def ways(stream: bytes) -> Iterator[list[bytes]]:
    """The stream, cut into segments in several ways."""
    yield [stream]
    yield [stream[i : i + 1] for i in range(len(stream))]
    if len(stream) <= SHORT:
        yield from ([stream[:cut], stream[cut:]] for cut in range(1, len(stream)))


def written(data: bytes, *, masked: bool) -> list[Sent]:
    """The frames of our end."""
    parser = FrameParser(masked=masked)
    parser.feed(data)
    frames: list[Sent] = []
    while (sent := parser.next()) is not None:
        frames.append(sent)
    assert parser.is_between_frames
    return frames


@both_roles
@pytest.mark.parametrize("row", STREAM_ROWS, ids=lambda row: row.id)
def test_row_without_io(row: Row, client: bool) -> None:
    outcome = row.outcome
    stream = row.stream(None if client else KEY)
    for segments in ways(stream):
        end = connection(client=client, compression=row.compression, limit=row.limit)
        owed = b""
        for segment in segments:
            end.receive_data(segment)
            owed += end.data_to_send()
        assert list(end.backlog) == list(outcome.messages)
        answers = list(outcome.answers)
        if isinstance(outcome, Failed):
            error = end.violation
            assert isinstance(error, FrameTooBigError if outcome.code == 1009 else RemoteProtocolError)
            check_error(error)
            assert reason_of(error).code == outcome.code
            assert (end.sent, end.received) == (None, None)
            owed += end.fail(error, reason_of(error))
            answers.append(Sent(CLOSE, close_payload(outcome.code, str(error))))
        else:
            assert end.violation is None
        if isinstance(outcome, Closed):
            assert (end.received, end.by_peer) == (outcome.reason, True)
            answers.append(Sent(CLOSE, b"" if outcome.reason.code == 1005 else close_payload(outcome.reason.code)))
        elif isinstance(outcome, Taken | Lost):
            assert end.received is None
        assert written(owed, masked=client) == answers


@both_roles
def test_every_pair_of_first_bytes(client: bool) -> None:
    """What may stand at the head of a frame is little, and everything else fails with 1002, once there is no doubt."""
    kinds = {0x81, 0x82, 0x88, 0x89, 0x8A, 0x01, 0x02}
    for first in range(256):
        for second in range(256):
            end = connection(client=client)
            end.receive_data(bytes([first, second]))
            is_masked, length = bool(second & 0x80), second & 0x7F
            good = first in kinds and is_masked == (not client) and (first & 0x08 == 0 or length < 126)
            # A continuation frame is a frame, only not here: it is refused when its header is complete.
            undecided = first in (0x00, 0x80) and is_masked == (not client) and (is_masked or length >= 126)
            assert (end.violation is None) is (good or undecided), f"{first:02x} {second:02x}"
            assert end.violation is None or isinstance(end.violation, RemoteProtocolError)
            assert getattr(end.violation, "code", 1002) == 1002
            if undecided:
                end.receive_data((LIMIT).to_bytes(2 if length == 126 else 8) + KEY if length >= 126 else KEY)
                assert end.violation is not None


@both_roles
def test_every_close_code(client: bool) -> None:
    key = None if client else KEY
    allowed = {*range(1000, 1004), *range(1007, 1015), *range(3000, 5000)}
    for code in range(1 << 16):
        end = connection(client=client)
        end.receive_data(Written(CLOSE, close_payload(code, "bye")).to_bytes(key))
        if code in allowed:
            assert end.received == CloseReason(code, "bye")
            assert end.violation is None
        else:
            assert end.received is None
            assert isinstance(end.violation, RemoteProtocolError)
            assert end.violation.code == 1002


@both_roles
def test_every_length_of_a_ping(client: bool) -> None:
    for length in range(126):
        end = connection(client=client)
        payload = bytes(range(length))
        end.receive_data(Written(9, payload).to_bytes(None if client else KEY))
        assert written(end.data_to_send(), masked=client) == [Sent(PONG, payload)]
