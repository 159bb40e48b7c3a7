"""One end of an open WebSocket without I/O: messages, fragments, control frames, the queue and what is sent."""

from __future__ import annotations

import pytest

from tests.peers import (
    BINARY,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    Sent,
    binary,
    close,
    continuation,
    frame,
    ping,
    pong,
    text,
)
from tests.protocol.ends import client, connection, parsed, received, take
from typedws.close import CloseReason
from typedws.errors import LocalProtocolError, RemoteProtocolError
from typedws.frames import BinaryFrame, CloseFrame, PingFrame, PongFrame, TextFrame


def test_messages_come_out_in_order() -> None:
    frames = received(client(), text("one") + binary(b"two") + text(""))
    assert frames == [TextFrame("one"), BinaryFrame(b"two"), TextFrame("")]


def test_a_server_takes_masked_frames_and_writes_unmasked_ones() -> None:
    server = connection(client=False)
    data = frame(TEXT, "ñ".encode(), mask=b"keys") + frame(PING, b"?", mask=b"KEYS") + frame(BINARY, b"", mask=bytes(4))
    assert received(server, data) == [TextFrame("ñ"), BinaryFrame(b"")]
    assert server.data_to_send() == frame(PONG, b"?")
    assert server.sender.data(TextFrame("answer")) == text("answer")


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
    assert len(end.backlog) == 3
    assert end.is_full
    assert end.is_stalled
    assert end.data_to_send() == b""
    seen = take(end)
    while end.is_stalled:
        end.resume()
        assert len(end.backlog) <= 3
        seen += take(end)
    assert seen == [TextFrame("x")] * 10
    assert parsed(end.data_to_send()) == [Sent(PONG, b"?")]


def test_bytes_fill_the_inbox_too() -> None:
    end = client(max_queued_bytes=100)
    end.receive_data(binary(bytes(60)) * 5)
    assert 1 <= len(end.backlog) <= 2
    assert end.is_stalled
    end = client(max_queued_bytes=100)
    end.receive_data(binary(bytes(5000)))
    assert len(end.backlog) == 1
    assert end.is_full


@pytest.mark.parametrize("size", [126, 0x10000])
def test_only_messages_that_were_taken_are_counted(size: int) -> None:
    """The length of a text that turns out to be none stands in more bytes than those of the messages before it."""
    end = client()
    end.receive_data(text("a") + binary(b"bc") + frame(TEXT, b"\xff" * size))
    assert isinstance(end.violation, RemoteProtocolError)
    assert end.backlog.size == sum(len(each.data) for each in end.backlog) == 3


def test_a_small_message_that_comes_alone_counts_as_well() -> None:
    end = client(max_queued_bytes=126, bare=BinaryFrame)
    end.receive_data(binary(b"") + binary(bytes(20)))
    take(end)
    end.receive_data(binary(bytes(60)))
    end.receive_data(binary(bytes(100)))
    assert end.backlog.size == 160
    assert end.is_full


def test_bytes_behind_a_full_inbox_are_kept_in_order() -> None:
    end = client(max_queued_messages=1)
    stream = b"".join(text(str(number)) for number in range(50))
    for start in range(0, len(stream), 7):
        end.receive_data(stream[start : start + 7])
    seen = []
    while end.backlog:
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


# Sending.


def test_messages_are_written_whole() -> None:
    end = client()
    written = (
        end.sender.data(TextFrame("ñ"))
        + end.sender.data(BinaryFrame(b"\xff"))
        + end.sender.ping(b"?")
        + end.sender.pong(b"!")
    )
    assert parsed(written) == [Sent(TEXT, "ñ".encode()), Sent(BINARY, b"\xff"), Sent(PING, b"?"), Sent(PONG, b"!")]


def test_text_that_is_no_utf8_is_refused() -> None:
    end = client()
    for data in (b"\xff", b"\xed\xa0\x80", "ñ".encode()[:1]):
        with pytest.raises(ValueError, match="UTF-8"):
            end.sender.data(TextFrame(data))


def test_fragments_need_raw_and_their_order() -> None:
    with pytest.raises(LocalProtocolError, match="raw"):
        client().sender.data(TextFrame("a", fin=False))
    end = client(raw=True)
    written = end.sender.data(BinaryFrame(b"a", fin=False))
    with pytest.raises(LocalProtocolError):
        end.sender.data(TextFrame("another"))
    with pytest.raises(LocalProtocolError):
        end.sender.data(TextFrame("another", fin=False))
    written += end.sender.ping(b"") + end.sender.data(BinaryFrame(b"b", fin=False)) + end.sender.data(BinaryFrame(b"c"))
    written += end.sender.data(TextFrame("next"))
    assert parsed(written) == [
        Sent(BINARY, b"a", fin=False),
        Sent(PING),
        Sent(CONTINUATION, b"b", fin=False),
        Sent(CONTINUATION, b"c"),
        Sent(TEXT, b"next"),
    ]
