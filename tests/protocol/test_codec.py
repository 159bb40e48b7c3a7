"""Framing (RFC 6455 section 5.2): bytes to headers and back, the quick scan and the careful reader side by side."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.peers import frame
from typedws.errors import FrameTooBigError, RemoteProtocolError
from typedws.frames import BinaryFrame, Frame, TextFrame
from typedws.protocol.codec import (
    BINARY,
    CLOSE,
    CONTINUATION,
    FIN,
    PING,
    PONG,
    RSV1,
    TEXT,
    Header,
    HeaderReader,
    scan,
)
from typedws.protocol.framing import encode_frame

LIMIT = 1 << 20
LENGTHS = [0, 1, 125, 126, 127, 255, 256, 65_535, 65_536, 70_000]


def read(
    data: bytes, *, masked: bool = False, compressed: bool = False, limit: int = LIMIT
) -> tuple[Header | None, int]:
    return HeaderReader(masked=masked, compressed=compressed).feed(data, 0, limit)


def scanned(
    data: bytes, *, masked: bool = False, limit: int = LIMIT, room: int = 1000, room_bytes: int = 1 << 30
) -> tuple[list[Frame], int]:
    """What a scan takes, and where it stops."""
    inbox: list[Frame] = []
    stop = scan(data, 0, masked, limit, inbox, 0, room, room_bytes)
    return inbox, stop


# Writing.


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("opcode", [TEXT, BINARY, CONTINUATION])
def test_an_unmasked_frame_is_written_as_the_rfc_draws_it(length: int, opcode: int) -> None:
    payload = b"x" * length
    assert encode_frame(FIN | opcode, payload, False) == frame(opcode, payload)
    assert encode_frame(opcode, payload, False) == frame(opcode, payload, fin=False)


@pytest.mark.parametrize("length", LENGTHS)
def test_a_masked_frame_has_a_fresh_key(length: int) -> None:
    payload = b"x" * length
    written = [encode_frame(FIN | RSV1 | BINARY, payload, True) for _ in range(2)]
    keys = []
    for data in written:
        header, start = read(data, masked=True, compressed=True)
        assert header is not None
        assert header.key is not None
        assert data == frame(BINARY, payload, rsv=4, mask=header.key)
        assert start == len(data) - length
        keys.append(header.key)
    assert keys[0] != keys[1]


# Reading headers.


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("length", LENGTHS)
def test_a_header_is_read_as_it_was_written_wherever_it_is_cut(length: int, masked: bool) -> None:
    data = frame(BINARY, b"x" * length, mask=b"keys" if masked else None)
    expected = Header(True, False, BINARY, length, b"keys" if masked else None)
    begin = len(data) - length
    for cut in range(begin):
        reader = HeaderReader(masked=masked, compressed=False)
        header, start = reader.feed(data[:cut], 0, LIMIT)
        assert header is None
        assert start == cut
        header, start = reader.feed(data, cut, LIMIT)
        assert header == expected
        assert start == begin


def test_a_reader_reads_one_header_after_another() -> None:
    data = frame(TEXT, b"", fin=False) + frame(PING, b"") + frame(CONTINUATION, b"")
    reader = HeaderReader(masked=False, compressed=False)
    position = 0
    opcodes = []
    while position < len(data):
        header, position = reader.feed(data, position, LIMIT)
        assert header is not None
        opcodes.append((header.opcode, header.fin, header.is_control))
    assert opcodes == [(TEXT, False, False), (PING, True, True), (CONTINUATION, True, False)]


@pytest.mark.parametrize(
    "data",
    [
        b"\xa1\x00",
        b"\x91\x00",
        b"\xc1\x00",
        b"\xc0\x00",
        b"\xc9\x00",
        *(bytes([FIN | opcode, 0]) for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)),
        b"\x81\x80",
        b"\x89\x7e",
        b"\x8a\x7f",
        b"\x09\x00",
        b"\x08\x00",
        b"\x82\x7e\x00\x7d",
        b"\x82\x7f\x00\x00\x00\x00\x00\x00\xff\xff",
        b"\x82\x7f\x80\x00\x00\x00\x00\x00\x00\x00",
        b"\x82\x7f\xff\xff\xff\xff\xff\xff\xff\xff",
    ],
    ids=bytes.hex,
)
def test_a_header_against_the_rules_is_refused_as_soon_as_it_shows(data: bytes) -> None:
    reader = HeaderReader(masked=False, compressed=False)
    assert reader.feed(data[:-1], 0, LIMIT) == (None, len(data) - 1)
    with pytest.raises(RemoteProtocolError) as caught:
        reader.feed(data[-1:], 0, LIMIT)
    assert caught.value.code == 1002


def test_a_server_wants_masks_and_a_client_none() -> None:
    for masked in (False, True):
        wrong = frame(TEXT, b"x", mask=None if masked else b"keys")
        with pytest.raises(RemoteProtocolError, match="is not masked" if masked else "is masked"):
            read(wrong, masked=masked)


def test_rsv1_marks_the_first_frame_of_a_compressed_message_and_no_other() -> None:
    for opcode in (TEXT, BINARY):
        header, _ = read(frame(opcode, b"x", rsv=4), compressed=True)
        assert header is not None
        assert header.rsv1
    for opcode in (CONTINUATION, PING, PONG, CLOSE):
        with pytest.raises(RemoteProtocolError, match="RSV1"):
            read(frame(opcode, b"x", rsv=4), compressed=True)


@pytest.mark.parametrize("length", [LIMIT + 1, 2**31, 2**32, 2**62, 2**63 - 1])
def test_a_length_over_the_limit_is_refused_with_its_size(length: int) -> None:
    with pytest.raises(FrameTooBigError) as caught:
        read(b"\x82\x7f" + length.to_bytes(8))
    assert (caught.value.size, caught.value.limit) == (length, LIMIT)


def test_a_length_at_the_limit_is_taken() -> None:
    header, _ = read(b"\x82\x7f" + LIMIT.to_bytes(8))
    assert header is not None
    assert header.length == LIMIT


def test_the_limit_is_not_for_control_frames() -> None:
    header, _ = read(frame(PING, bytes(125)), limit=10)
    assert header is not None
    assert header.length == 125


# The scan.


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("length", LENGTHS)
def test_a_whole_message_is_scanned(length: int, masked: bool) -> None:
    for opcode, kind in ((TEXT, TextFrame), (BINARY, BinaryFrame)):
        data = frame(opcode, b"x" * length, mask=b"\1\2\3\4" if masked else None)
        assert scanned(data * 3, masked=masked) == ([kind(b"x" * length)] * 3, len(data) * 3)


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("length", [0, 1, 125, 126, 200, 65_536])
def test_an_unfinished_message_is_left_where_it_begins(length: int, masked: bool) -> None:
    first = frame(TEXT, b"first", mask=b"\1\2\3\4" if masked else None)
    second = frame(BINARY, bytes(length), mask=b"\1\2\3\4" if masked else None)
    for cut in {*range(min(16, len(second))), len(second) - 1}:
        assert scanned(first + second[:cut], masked=masked) == ([TextFrame("first")], len(first))


@pytest.mark.parametrize(
    "data",
    [
        frame(PING),
        frame(CLOSE, b"\x03\xe8"),
        frame(TEXT, b"x", fin=False),
        frame(CONTINUATION, b"x"),
        frame(TEXT, b"x", rsv=4),
        frame(TEXT, b"x", rsv=2),
        frame(3, b"x"),
        frame(TEXT, b"\xff"),
        frame(TEXT, b"\xed\xa0\x80"),
        frame(TEXT, b"x", mask=b"keys"),
        frame(BINARY, bytes(301)),
        frame(BINARY, bytes(70_000)),
        b"\x82\x7e\x00\x01x",
        b"\x82\x7e\x00\x7d" + bytes(125),
        b"\x82\x7f" + (200).to_bytes(8) + bytes(200),
        b"\x82\x7f" + (2**62).to_bytes(8) + bytes(200),
        b"\x82\x7f" + b"\xff" * 8 + bytes(200),
    ],
    ids=lambda data: data[:4].hex(),
)
def test_whatever_is_not_a_plain_message_is_left_to_the_reader(data: bytes) -> None:
    before = frame(TEXT, "ñ".encode()) + frame(BINARY, b"\xff")
    assert scanned(before + data, limit=300) == ([TextFrame("ñ"), BinaryFrame(b"\xff")], len(before))


def test_no_more_is_taken_than_there_is_room_for() -> None:
    data = frame(BINARY, bytes(10)) * 100
    assert len(scanned(data, room=7)[0]) == 7
    assert scanned(data, room=0) == ([], 0)
    frames, stop = scanned(data, room_bytes=55)
    assert stop == len(frames) * 12
    assert 0 < len(frames) * 10 <= 55


@given(
    st.lists(st.tuples(st.booleans(), st.binary(max_size=200)), max_size=8),
    st.binary(max_size=12),
    st.booleans(),
    st.integers(0, 300),
)
def test_scan_and_reader_agree(messages: list[tuple[bool, bytes]], junk: bytes, masked: bool, limit: int) -> None:
    key = b"\x00\xff\x80\x01" if masked else None
    data = b"".join(frame(TEXT if is_text else BINARY, payload, mask=key) for is_text, payload in messages) + junk
    frames, stop = scanned(data, masked=masked, limit=limit)
    position = 0
    for taken in frames:
        header, begin = HeaderReader(masked=masked, compressed=False).feed(data, position, limit)
        assert header is not None
        assert header.fin
        assert (header.opcode, header.length) == (TEXT if isinstance(taken, TextFrame) else BINARY, len(taken.data))
        position = begin + header.length
    assert position == stop


@given(st.binary(max_size=64), st.booleans(), st.booleans(), st.integers(1, 1000))
def test_any_bytes_are_a_header_or_not_or_an_error_of_ours(
    data: bytes, masked: bool, compressed: bool, limit: int
) -> None:
    try:
        header, start = read(data, masked=masked, compressed=compressed, limit=limit)
    except (RemoteProtocolError, FrameTooBigError):
        return
    assert start <= 14
    if header is not None:
        assert header.length <= (125 if header.is_control else limit)
    scanned(data, masked=masked, limit=limit)
