"""How one end without I/O limits, closes and fails: every limit, the two Closes, and what breaks the rules."""

from __future__ import annotations

import time
import tracemalloc

import pytest

from tests.peers import (
    CLOSE,
    PONG,
    TEXT,
    Sent,
    binary,
    close,
    close_payload,
    continuation,
    frame,
    ping,
    pong,
    text,
)
from tests.protocol.ends import KIB, MIB, client, parsed, received, take
from tests.timing import least
from typedws.close import CloseReason
from typedws.errors import FrameTooBigError, LocalProtocolError, RemoteProtocolError
from typedws.frames import BinaryFrame, TextFrame

# Limits.


def test_a_frame_over_its_limit_is_noticed_at_its_header() -> None:
    end = client(max_frame_size=100)
    assert received(end, binary(bytes(100)) + binary(bytes(101))[:2]) == [BinaryFrame(bytes(100))]
    assert isinstance(end.violation, FrameTooBigError)
    assert (end.violation.size, end.violation.limit) == (101, 100)


def test_a_message_over_its_limit_is_noticed_at_the_header_of_the_fragment() -> None:
    end = client(max_message_size=100)
    assert received(end, binary(bytes(60), fin=False) + continuation(bytes(40))) == [BinaryFrame(bytes(100))]
    end.receive_data(binary(bytes(60), fin=False) + continuation(bytes(41))[:2])
    assert isinstance(end.violation, FrameTooBigError)
    assert (end.violation.size, end.violation.limit) == (101, 100)


def test_limits_may_change_between_frames() -> None:
    end = client(max_frame_size=10, max_message_size=10)
    end.max_frame_size = end.max_message_size = 1000
    assert received(end, binary(bytes(1000))) == [BinaryFrame(bytes(1000))]
    end.max_message_size = 500
    end.receive_data(binary(bytes(501)))
    assert isinstance(end.violation, FrameTooBigError)


@pytest.mark.parametrize("size", [2**62, 16 * MIB])
def test_a_declared_length_takes_no_memory(size: int) -> None:
    end = client(max_frame_size=2**63 - 1, max_message_size=2**63 - 1)
    tracemalloc.start()
    try:
        end.receive_data(b"\x82\x7f" + size.to_bytes(8) + b"some bytes")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert end.violation is None
    assert peak < 32 * KIB


def test_a_big_frame_in_single_bytes_takes_little_memory_and_linear_time() -> None:
    def feed(size: int) -> float:
        end = client()
        end.receive_data(b"\x82\x7f" + size.to_bytes(8))
        started = time.process_time()
        for _ in range(size):
            end.receive_data(b"x")
        seconds = time.process_time() - started
        assert take(end) == [BinaryFrame(b"x" * size)]
        return seconds

    feed(70_000)
    assert least(lambda: feed(280_000) / feed(70_000), 12) < 12
    end = client()
    end.receive_data(b"\x82\x7f" + (100_000).to_bytes(8))
    tracemalloc.start()
    try:
        for _ in range(99_999):
            end.receive_data(b"x")
        current, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert current < 2.2 * 100_000


def test_65536_fragments_of_64_bytes_are_a_message_and_as_many_empty_ones_are_not() -> None:
    end = client()
    piece = bytes(64)
    data = binary(piece, fin=False) + continuation(piece, fin=False) * 65_534 + continuation(piece)
    assert received(end, data) == [BinaryFrame(piece * 65_536)]
    end.receive_data(binary(b"", fin=False) + continuation(b"", fin=False) * 65_534)
    assert isinstance(end.violation, RemoteProtocolError)
    assert end.violation.code == 1008


# Closing.


def test_the_peers_close_is_echoed() -> None:
    end = client()
    end.receive_data(text("x") + close(4000, "bye") + text("ignored") + b"\xff\xff")
    assert take(end) == [TextFrame("x")]
    assert (end.received, end.sent, end.by_peer) == (CloseReason(4000, "bye"), CloseReason(4000), True)
    assert parsed(end.data_to_send()) == [Sent(CLOSE, close_payload(4000))]
    end.receive_data(b"\xff" * 100 + close(1000))
    assert end.received == CloseReason(4000, "bye")
    assert end.violation is None
    with pytest.raises(LocalProtocolError):
        end.close(CloseReason(1000))


def test_a_close_without_a_code_is_echoed_without_one() -> None:
    end = client()
    end.receive_data(close(None))
    assert (end.received, end.sent) == (CloseReason(1005), CloseReason(1005))
    assert parsed(end.data_to_send()) == [Sent(CLOSE)]


def test_pongs_that_are_owed_leave_before_the_echo() -> None:
    end = client()
    end.receive_data(ping(b"1") + close(1000))
    assert parsed(end.data_to_send()) == [Sent(PONG, b"1"), Sent(CLOSE, close_payload(1000))]


def test_our_close_is_answered() -> None:
    end = client()
    end.receive_data(text("before") + text("half", fin=False) + ping(b"unanswered"))
    assert parsed(end.close(CloseReason(1001, "bye"))) == [Sent(CLOSE, close_payload(1001, "bye"))]
    assert end.sent == CloseReason(1001, "bye")
    end.receive_data(continuation(b"way") + text("discarded") + ping(b"too late") + pong(b"!") + close(1001))
    assert take(end) == [TextFrame("before")]
    assert (end.received, end.by_peer) == (CloseReason(1001), False)
    assert list(end.pongs) == [b"!"]
    assert end.data_to_send() == b""


def test_what_comes_after_our_close_takes_no_memory() -> None:
    end = client()
    end.close(CloseReason(1000))
    tracemalloc.start()
    try:
        for _ in range(100):
            end.receive_data(binary(bytes(64 * KIB)))
        current, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert current < 100 * KIB
    assert not end.backlog


@pytest.mark.parametrize("code", [1004, 1005, 1006, 1015, 999, 5000])
def test_a_code_that_may_not_be_sent_is_refused(code: int) -> None:
    end = client()
    with pytest.raises(ValueError, match=str(code)):
        end.close(CloseReason(code))
    assert end.sent is None


# Violations.


def test_a_violation_is_noted_where_it_stands_and_stops_the_reading() -> None:
    end = client()
    assert received(end, text("before") + frame(3) + text("after")) == [TextFrame("before")]
    assert isinstance(end.violation, RemoteProtocolError)
    assert not end.failed
    assert end.sent is None
    assert received(end, text("more") + close(1000)) == []
    assert end.received is None
    assert parsed(end.sender.data(TextFrame("still works"))) == [Sent(TEXT, b"still works")]


def test_failing_sends_one_close_with_a_reason_that_fits() -> None:
    end = client()
    end.receive_data(frame(3))
    assert end.violation is not None
    sent = parsed(end.fail(end.violation, CloseReason(1002, "ñ" * 100)))
    assert sent == [Sent(CLOSE, close_payload(1002, "ñ" * 61))]
    assert end.sent == CloseReason(1002, "ñ" * 61)
    assert end.failed
    assert end.fail(end.violation, CloseReason(1002)) == b""


def test_failing_after_our_close_sends_nothing() -> None:
    end = client()
    end.close(CloseReason(1000))
    end.receive_data(frame(3))
    assert end.violation is not None
    assert end.fail(end.violation, CloseReason(1002)) == b""
    assert end.sent == CloseReason(1000)
