"""One end of an open WebSocket without I/O: messages, control frames, the two Closes, and what breaks the rules."""

from __future__ import annotations

import time
import tracemalloc
import zlib
from typing import Any

import pytest

from tests.peers import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    FrameParser,
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
from typedws.close import CloseReason
from typedws.errors import FrameTooBigError, LocalProtocolError, RemoteProtocolError
from typedws.frames import BinaryFrame, CloseFrame, Frame, PingFrame, PongFrame, TextFrame
from typedws.protocol.connection import Connection
from typedws.protocol.deflate import DeflateParameters

KIB = 1024
MIB = 1024 * KIB


def client(**options: Any) -> Connection:
    return connection(client=True, **options)


def connection(**options: Any) -> Connection:
    defaults = {"max_frame_size": 16 * MIB, "max_message_size": 16 * MIB}
    return Connection(**{**defaults, "max_queued_messages": 100_000, "max_queued_bytes": 64 * MIB, **options})


def take(connection: Connection, count: int | None = None) -> list[Frame]:
    """Takes frames out of the inbox, as its owner does."""
    taken = [connection.inbox.popleft() for _ in range(len(connection.inbox) if count is None else count)]
    if not connection.inbox:
        connection.batches.clear()
        connection.queued_bytes = 0
    return taken


def received(connection: Connection, data: bytes) -> list[Frame]:
    connection.receive_data(data)
    return take(connection)


def parsed(data: bytes) -> list[Sent]:
    """What a client wrote."""
    parser = FrameParser()
    parser.feed(data)
    frames = []
    while (sent := parser.next()) is not None:
        frames.append(sent)
    assert parser.is_between_frames
    return frames


# Messages.


def test_messages_come_out_in_order() -> None:
    frames = received(client(), text("one") + binary(b"two") + text(""))
    assert frames == [TextFrame("one"), BinaryFrame(b"two"), TextFrame("")]


def test_a_server_takes_masked_frames_and_writes_unmasked_ones() -> None:
    server = connection(client=False)
    data = frame(TEXT, "ñ".encode(), mask=b"keys") + frame(PING, b"?", mask=b"KEYS") + frame(BINARY, b"", mask=bytes(4))
    assert received(server, data) == [TextFrame("ñ"), BinaryFrame(b"")]
    assert server.data_to_send() == frame(PONG, b"?")
    assert server.send_data(TextFrame("answer")) == text("answer")


def test_a_masked_payload_that_comes_in_pieces_is_unmasked_at_the_right_place() -> None:
    payload = bytes(range(256)) * 3
    data = frame(BINARY, payload, mask=b"\x01\x20\x80\xff")
    for size in (1, 3, 5, 7, 100):
        server = connection(client=False)
        for start in range(0, len(data), size):
            server.receive_data(data[start : start + size])
        assert take(server) == [BinaryFrame(payload)]


def test_fragments_are_joined() -> None:
    frames = received(
        client(),
        text("a", fin=False)
        + continuation(b"", fin=False)
        + continuation(b"b")
        + binary(b"1", fin=False)
        + continuation(b"2"),
    )
    assert frames == [TextFrame("ab"), BinaryFrame(b"12")]


def test_control_frames_may_stand_between_fragments() -> None:
    end = client()
    frames = received(end, text("a", fin=False) + ping(b"?") + pong(b"!") + continuation(b"b"))
    assert frames == [TextFrame("ab")]
    assert list(end.pongs) == [b"!"]
    assert parsed(end.data_to_send()) == [Sent(PONG, b"?")]


def test_a_code_point_may_be_cut_by_fragments() -> None:
    data = "€𐍈".encode()
    stream = frame(TEXT, data[:1], fin=False)
    stream += b"".join(continuation(data[i : i + 1], fin=False) for i in range(1, len(data))) + continuation(b"")
    assert received(client(), stream) == [TextFrame("€𐍈")]


def test_raw_hands_out_fragments_and_control_frames() -> None:
    end = client(raw=True)
    frames = received(
        end,
        text("€"[:0] + "a", fin=False) + ping(b"?") + continuation(b"b", fin=False) + pong(b"!") + continuation(b"c"),
    )
    assert frames == [
        TextFrame("a", fin=False),
        PingFrame(b"?"),
        TextFrame("b", fin=False),
        PongFrame(b"!"),
        TextFrame("c"),
    ]
    assert parsed(end.data_to_send()) == [Sent(PONG, b"?")]
    assert received(end, close(4000, "bye")) == [CloseFrame(CloseReason(4000, "bye"))]


def test_raw_checks_text_across_fragments_all_the_same() -> None:
    end = client(raw=True)
    euro = "€".encode()
    frames = received(end, frame(TEXT, euro[:2], fin=False) + continuation(euro[2:], fin=False) + continuation(b"\xff"))
    assert [taken.data for taken in frames] == [euro[:2], euro[2:]]
    assert isinstance(end.violation, RemoteProtocolError)
    assert end.violation.code == 1007


# The queue.


def test_reading_stops_when_the_inbox_is_full_and_goes_on_at_resume() -> None:
    end = client(max_queued_messages=3)
    end.receive_data(text("x") * 10 + ping(b"?"))
    assert len(end.inbox) == 3
    assert end.is_full
    assert end.is_stalled
    assert end.data_to_send() == b""
    seen = take(end)
    while end.is_stalled:
        end.resume()
        assert len(end.inbox) <= 3
        seen += take(end)
    assert seen == [TextFrame("x")] * 10
    assert parsed(end.data_to_send()) == [Sent(PONG, b"?")]


def test_bytes_fill_the_inbox_too() -> None:
    end = client(max_queued_bytes=100)
    end.receive_data(binary(bytes(60)) * 5)
    assert 1 <= len(end.inbox) <= 2
    assert end.is_stalled
    end = client(max_queued_bytes=100)
    end.receive_data(binary(bytes(5000)))
    assert len(end.inbox) == 1
    assert end.is_full


def test_bytes_behind_a_full_inbox_are_kept_in_order() -> None:
    end = client(max_queued_messages=1)
    stream = b"".join(text(str(number)) for number in range(50))
    for start in range(0, len(stream), 7):
        end.receive_data(stream[start : start + 7])
    seen = []
    while end.inbox:
        seen += take(end)
        end.resume()
    assert seen == [TextFrame(str(number)) for number in range(50)]


# Control frames.


def test_pings_are_answered_with_their_payload_in_order() -> None:
    end = client()
    end.receive_data(ping() + ping(b"a") + ping(bytes(125)))
    assert end.has_news
    assert parsed(end.data_to_send()) == [Sent(PONG), Sent(PONG, b"a"), Sent(PONG, bytes(125))]
    assert end.data_to_send() == b""
    assert not end.has_news


def test_of_a_flood_of_pings_the_latest_are_answered() -> None:
    end = client()
    end.receive_data(b"".join(ping(b"%d" % number) for number in range(100_000)))
    answers = parsed(end.data_to_send())
    assert len(answers) <= 100
    assert answers[-1] == Sent(PONG, b"99999")
    assert [int(answer.payload) for answer in answers] == sorted(int(answer.payload) for answer in answers)


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
        started = time.perf_counter()
        for _ in range(size):
            end.receive_data(b"x")
        seconds = time.perf_counter() - started
        assert take(end) == [BinaryFrame(b"x" * size)]
        return seconds

    feed(70_000)
    assert feed(280_000) < 12 * feed(70_000)
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
    assert not end.inbox


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
    assert parsed(end.send_data(TextFrame("still works"))) == [Sent(TEXT, b"still works")]


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


# Sending.


def test_messages_are_written_whole() -> None:
    end = client()
    written = (
        end.send_data(TextFrame("ñ")) + end.send_data(BinaryFrame(b"\xff")) + end.send_ping(b"?") + end.send_pong(b"!")
    )
    assert parsed(written) == [Sent(TEXT, "ñ".encode()), Sent(BINARY, b"\xff"), Sent(PING, b"?"), Sent(PONG, b"!")]


def test_text_that_is_no_utf8_is_refused() -> None:
    end = client()
    for data in (b"\xff", b"\xed\xa0\x80", "ñ".encode()[:1]):
        with pytest.raises(ValueError, match="UTF-8"):
            end.send_data(TextFrame(data))


def test_fragments_need_raw_and_their_order() -> None:
    with pytest.raises(LocalProtocolError, match="raw"):
        client().send_data(TextFrame("a", fin=False))
    end = client(raw=True)
    written = end.send_data(BinaryFrame(b"a", fin=False))
    with pytest.raises(LocalProtocolError):
        end.send_data(TextFrame("another"))
    with pytest.raises(LocalProtocolError):
        end.send_data(TextFrame("another", fin=False))
    written += end.send_ping(b"") + end.send_data(BinaryFrame(b"b", fin=False)) + end.send_data(BinaryFrame(b"c"))
    written += end.send_data(TextFrame("next"))
    assert parsed(written) == [
        Sent(BINARY, b"a", fin=False),
        Sent(PING),
        Sent(CONTINUATION, b"b", fin=False),
        Sent(CONTINUATION, b"c"),
        Sent(TEXT, b"next"),
    ]


# Compression.


def deflating(client: bool = True, *, takeover: bool = True, min_size: int = 0, **options: Any) -> Connection:
    parameters = DeflateParameters(
        send_no_context_takeover=not takeover, receive_no_context_takeover=not takeover, min_size=min_size
    )
    return connection(client=client, deflate=parameters, **options)


def deflated(payload: bytes) -> bytes:
    deflater = zlib.compressobj(6, zlib.DEFLATED, -15)
    return (deflater.compress(payload) + deflater.flush(zlib.Z_SYNC_FLUSH))[:-4]


@pytest.mark.parametrize("takeover", [True, False])
def test_two_ends_understand_each_other(takeover: bool) -> None:
    here, there = deflating(True, takeover=takeover), deflating(False, takeover=takeover)
    messages: list[TextFrame | BinaryFrame] = [
        TextFrame("hello " * 100),
        BinaryFrame(bytes(10_000)),
        TextFrame(""),
        TextFrame("hello " * 100),
    ]
    for message in messages:
        data = here.send_data(message)
        assert len(data) < 100
        assert received(there, data) == [message]
        assert received(here, there.send_data(message)) == [message]


def test_small_messages_are_sent_as_they_are() -> None:
    here, there = deflating(True, min_size=64), deflating(False)
    assert not here.send_data(TextFrame("x" * 63))[0] & 0x40
    assert here.send_data(TextFrame("x" * 64))[0] & 0x40
    assert received(there, connection(client=True).send_data(TextFrame("plain"))) == [TextFrame("plain")]


@pytest.mark.parametrize("kind", [TEXT, BINARY])
def test_control_frames_between_compressed_fragments_do_not_disturb_them(kind: int) -> None:
    payload = b"a message that is compressed, " * 50
    data = deflated(payload)
    end = deflating()
    for cut in range(1, len(data)):
        end = deflating()
        stream = ping(b"before") + pong(b"before")
        stream += frame(kind, data[:cut], fin=False, rsv=4) + ping(b"between") + pong(b"between")
        stream += continuation(data[cut:]) + ping(b"after") + frame(kind, deflated(b"next"), rsv=4)
        frames = received(end, stream)
        assert [taken.data for taken in frames] == [payload, b"next"]
        assert [sent.payload for sent in parsed(end.data_to_send())] == [b"before", b"between", b"after"]


def test_compressed_and_plain_messages_may_alternate() -> None:
    end = deflating()
    plain, packed = text("plain"), frame(TEXT, deflated(b"packed"), rsv=4)
    frames = received(end, (plain + packed) * 3)
    assert frames == [TextFrame("plain"), TextFrame("packed")] * 3


def test_a_bomb_is_noticed_while_it_is_inflated() -> None:
    end = deflating(max_message_size=1 * MIB)
    bomb = deflated(bytes(64 * MIB))
    tracemalloc.start()
    try:
        end.receive_data(frame(BINARY, bomb, rsv=4))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert isinstance(end.violation, FrameTooBigError)
    assert end.violation.limit == MIB
    assert MIB < end.violation.size < 2 * MIB
    assert peak < 4 * MIB


def test_a_bomb_in_fragments_is_noticed_too() -> None:
    end = deflating(max_message_size=MIB)
    bomb = deflated(bytes(4 * MIB))
    stream = frame(BINARY, bomb[:10], fin=False, rsv=4)
    stream += b"".join(continuation(bomb[i : i + 10], fin=False) for i in range(10, len(bomb), 10))
    end.receive_data(stream + continuation(b""))
    assert isinstance(end.violation, FrameTooBigError)


@pytest.mark.parametrize("data", [b"\xff\xff\xff\xff\xff", b"\x05\xe0", deflated(b"x" * 100)[:4]], ids=bytes.hex)
def test_what_cannot_be_inflated_is_1007(data: bytes) -> None:
    end = deflating()
    end.receive_data(frame(TEXT, data, rsv=4))
    assert isinstance(end.violation, RemoteProtocolError)
    assert end.violation.code == 1007


def test_text_is_checked_after_it_was_inflated() -> None:
    end = deflating()
    euro = deflated("€".encode())
    assert received(end, frame(TEXT, euro[:1], fin=False, rsv=4) + continuation(euro[1:])) == [TextFrame("€")]
    end.receive_data(frame(TEXT, deflated(b"\xff"), rsv=4))
    assert isinstance(end.violation, RemoteProtocolError)
    assert end.violation.code == 1007
