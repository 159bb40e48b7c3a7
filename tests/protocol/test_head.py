"""Heads: cut from the stream however it is split, bounded, read strictly; and what a caller may add to one."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from typedws.call import Headers
from typedws.config import MAX_HEAD_BYTES, MAX_HEADERS
from typedws.protocol.head import (
    BadHandshakeError,
    HeadReader,
    ResponseHead,
    check_fields,
    list_items,
    printable,
    read_request,
    read_response,
)

HEAD = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nX-Empty:\r\n\r\n"


def feed(pieces: list[bytes], prefix: bytes = b"HTTP/") -> tuple[bytes | None, bytes]:
    """The head and what follows it, the way an owner of a reader gets them."""
    reader = HeadReader(prefix=prefix)
    head = None
    rest = b""
    for piece in pieces:
        if head is None:
            head = reader.feed(piece)
            rest = reader.rest
        else:
            rest += piece
    return head, rest


def test_the_head_ends_at_the_blank_line_and_the_rest_is_kept() -> None:
    assert feed([HEAD + b"\x81\x02hi\r\n\r\n"]) == (HEAD[:-4], b"\x81\x02hi\r\n\r\n")


def test_an_incomplete_head_is_none() -> None:
    assert feed([HEAD[:-1]]) == (None, b"")


@pytest.mark.parametrize("at", range(len(HEAD) + 8))
def test_a_split_at_any_offset_changes_nothing(at: int) -> None:
    stream = HEAD + b"\x82\x00\x81\n\r\n\r\n"
    assert feed([stream[:at], stream[at:]]) == feed([stream])


@pytest.mark.parametrize("at", range(len(HEAD)))
def test_a_split_at_any_offset_changes_no_error(at: int) -> None:
    stream = HEAD.replace(b"websocket\r\n", b"websocket\n")
    with pytest.raises(BadHandshakeError, match="bare LF"):
        feed([stream[:at], stream[at:]])


def test_bytes_behind_the_head_may_be_more_than_a_head() -> None:
    frames = b"\x82" * 1_000_000
    assert feed([HEAD + frames]) == (HEAD[:-4], frames)


def padded(size: int) -> bytes:
    """A head of `size` bytes, its blank line included."""
    begin = b"HTTP/1.1 200 OK\r\nX: "
    return begin + b"x" * (size - len(begin) - 4) + b"\r\n\r\n"


@pytest.mark.parametrize("step", [1, 1000, MAX_HEAD_BYTES * 2])
def test_a_head_of_16_kib_is_the_largest(step: int) -> None:
    def pieces(stream: bytes) -> list[bytes]:
        return [stream[at : at + step] for at in range(0, len(stream), step)]

    assert feed(pieces(padded(MAX_HEAD_BYTES)))[0] == padded(MAX_HEAD_BYTES)[:-4]
    with pytest.raises(BadHandshakeError, match="16384 bytes") as caught:
        feed(pieces(padded(MAX_HEAD_BYTES + 1)))
    assert caught.value.status == 431


def test_a_head_that_never_ends_is_refused_at_the_limit() -> None:
    reader = HeadReader(prefix=b"HTTP/")
    fed = 0
    with pytest.raises(BadHandshakeError, match="16384 bytes"):
        for piece in [b"HTTP/1.1 101 OK\r\n", *[b"X-n: a\r\n"] * 10_000]:
            fed += len(piece)
            reader.feed(piece)
    assert fed <= MAX_HEAD_BYTES + len(b"X-n: a\r\n")
    assert len(reader) == MAX_HEAD_BYTES


def test_100_fields_are_the_most() -> None:
    def head(fields: int) -> bytes:
        return b"HTTP/1.1 101 OK\r\n" + b"X: y\r\n" * fields + b"\r\n"

    assert feed([head(MAX_HEADERS)])[0] is not None
    with pytest.raises(BadHandshakeError, match="100 fields") as caught:
        feed([head(MAX_HEADERS + 1)])
    assert caught.value.status == 431


def test_one_byte_at_a_time_costs_linear_time() -> None:
    """Quadratic work over 16 KiB would take seconds."""
    reader = HeadReader(prefix=b"HTTP/")
    stream = padded(MAX_HEAD_BYTES)
    began = time.process_time()
    heads = [reader.feed(stream[at : at + 1]) for at in range(len(stream))]
    assert time.process_time() - began < 1
    assert heads[-1] == stream[:-4]


@pytest.mark.parametrize(
    ("begin", "says"),
    [
        (b"\x15\x03\x01\x00\x02\x02\x46", "TLS"),
        (b"\x16\x03\x01\x02\x00", "TLS"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "not HTTP"),
        (b"220 mail.example ESMTP\r\n", "not HTTP"),
        (b"HTTQ", "not HTTP"),
        (b"\r\n", "not HTTP"),
        (b"\x00", "not HTTP"),
    ],
)
def test_what_is_not_http_is_refused_at_its_first_wrong_byte(begin: bytes, says: str) -> None:
    with pytest.raises(BadHandshakeError, match=says):
        feed([begin])


def test_a_reader_without_a_prefix_still_knows_tls() -> None:
    with pytest.raises(BadHandshakeError, match="TLS"):
        feed([b"\x16\x03\x01"], prefix=b"")


def test_a_response_is_read() -> None:
    head = read_response(b"HTTP/1.1 403  Go away \r\nA: 1\r\na:2\t\r\nB:\r\nC: \t x  y \r\nD: \xe9")

    expected = Headers([("A", "1"), ("a", "2"), ("B", ""), ("C", "x  y"), ("D", "é")])
    assert head == ResponseHead("HTTP/1.1", 403, "Go away", expected)
    assert head.headers.items_raw() == expected.items_raw()


def test_a_response_needs_no_reason_phrase() -> None:
    assert read_response(b"HTTP/1.1 101").status == 101
    assert read_response(b"HTTP/1.1 101 ").reason == ""


def test_a_folded_line_of_a_response_is_unfolded() -> None:
    head = read_response(b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\t c \r\nY: d")
    assert head.headers.items_raw() == (("X", "a b c"), ("Y", "d"))


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"HTTP/1.1",
        b"HTTP/1.1 ",
        b"HTTP/1.1  101 OK",
        b"HTTP/1.1 1 OK",
        b"HTTP/1.1 1010 OK",
        b"HTTP/1.1 099 OK",
        b"HTTP/1.1 \xb2\xb2\xb2 OK",
        b"HTTP/1.1 abc OK",
        b"HTTP/1.1\t101 OK",
        b"HTTP/11 101 OK",
        b"HTTP/1.1.1 101 OK",
        b"http/1.1 101 OK",
        b"HTTP/2 101 OK",
        b"HTTP/1.1 101 O\0K",
        b"HTTP/1.1 101 O\rK",
        b" HTTP/1.1 101 OK",
    ],
)
def test_a_malformed_status_line_is_refused(line: bytes) -> None:
    with pytest.raises(BadHandshakeError, match="status line") as caught:
        read_response(line + b"\r\nA: b")
    assert caught.value.status == 400


FIELDS = [
    b"no colon",
    b": value",
    b"A : b",
    b"A\t: b",
    b"A B: c",
    b"A(: b",
    b"\xe9: b",
    b"A: b\0c",
    b"A: b\rc",
    b"A: b\nc",
    b"A\0: b",
    b"",
]


@pytest.mark.parametrize("field", FIELDS)
def test_a_malformed_field_is_refused(field: bytes) -> None:
    with pytest.raises(BadHandshakeError, match="field 2 "):
        read_response(b"HTTP/1.1 101 OK\r\nX: y\r\n" + field)
    with pytest.raises(BadHandshakeError, match="field 2 "):
        read_request(b"GET / HTTP/1.1\r\nX: y\r\n" + field)


def test_a_folded_line_is_refused_in_a_request_and_before_the_first_field() -> None:
    with pytest.raises(BadHandshakeError, match="field 2 "):
        read_request(b"GET / HTTP/1.1\r\nX: a\r\n b")
    with pytest.raises(BadHandshakeError, match="field 1 "):
        read_response(b"HTTP/1.1 101 OK\r\n Upgrade: websocket")
    with pytest.raises(BadHandshakeError, match="field 2 "):
        read_response(b"HTTP/1.1 101 OK\r\nX: a\r\n b\0")


def test_a_request_is_read() -> None:
    head = read_request(b"GET /a?b HTTP/1.1\r\nHost: h")
    assert (head.method, head.target, head.version) == ("GET", "/a?b", "HTTP/1.1")
    assert head.headers == Headers([("host", "h")])


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"GET /",
        b"GET  / HTTP/1.1",
        b"GET / HTTP/1.1 ",
        b" GET / HTTP/1.1",
        b"GET /a b HTTP/1.1",
        b"GET /\xe9 HTTP/1.1",
        b"GET /\0 HTTP/1.1",
        b"GE(T / HTTP/1.1",
        b"GET / HTTP/1.10",
        b"GET / ICY/1.1",
        b"GET / http/1.1",
    ],
)
def test_a_malformed_request_line_is_refused(line: bytes) -> None:
    with pytest.raises(BadHandshakeError, match="request line"):
        read_request(line)


def test_a_list_may_be_spread_over_fields_and_have_empty_elements() -> None:
    headers = Headers([("Connection", "keep-alive,, Upgrade ,"), ("connection", ""), ("CONNECTION", "\tx")])
    assert list_items(headers, "connection") == ["keep-alive", "Upgrade", "x"]


def test_fields_of_a_caller_may_come_in_any_form() -> None:
    def generated() -> Iterator[tuple[str, str]]:
        yield ("X-A", "1")
        yield ("X-A", "2")

    assert check_fields({"X-A": "1"}) == [("X-A", "1")]
    assert check_fields([("X-A", "1"), ("X-A", "2")]) == [("X-A", "1"), ("X-A", "2")]
    assert check_fields(generated()) == [("X-A", "1"), ("X-A", "2")]
    assert check_fields(Headers([("X-A", "1"), ("x-a", "2")])) == [("X-A", "1"), ("x-a", "2")]
    assert check_fields({"X-A": "\t padded value "}) == [("X-A", "padded value")]
    assert check_fields({"X-Empty": ""}) == [("X-Empty", "")]


@pytest.mark.parametrize("name", ["", " ", "A B", "A:", "A\r\nB", "A\0", "Ä", "A(", "A\n", "A\u2028"])
def test_a_name_that_is_no_token_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no token"):
        check_fields({name: "x"})


@pytest.mark.parametrize("value", ["a\r\nB: c", "a\r", "a\n", "\n", "a\0b", "a\x0bb", "a\x7f", "ä", "\u2028", "\ud800"])
def test_a_value_that_could_write_another_field_or_is_not_ascii_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="X-Token") as caught:
        check_fields({"X-Token": "secret" + value})
    assert "secret" not in str(caught.value)


def test_a_reserved_field_is_refused_with_a_hint() -> None:
    reserved = {"host": "it is taken from the URL", "sec-": "no"}
    with pytest.raises(ValueError, match="taken from the URL"):
        check_fields({"HOST": "x"}, reserved=reserved)
    with pytest.raises(ValueError, match="header Sec-X cannot be set: no"):
        check_fields({"Sec-X": "x"}, reserved=reserved)
    assert check_fields({"X-Host": "x"}, reserved=reserved)


@pytest.mark.parametrize("headers", [{"X": 1}, {b"X": b"1"}, ["X: 1"], "X", [("X", "1", "2")], [("X", None)], [1]])
def test_headers_of_another_type_are_a_type_error(headers: Any) -> None:
    with pytest.raises(TypeError, match="headers are"):
        check_fields(headers)


def test_checking_the_fields_of_many_handshakes_leaves_no_memory() -> None:
    pieces = []
    before = sys.getallocatedblocks()
    for number in range(2000):
        pieces.append("a name of 13 " + chr(33 + number % 90))  # so that nothing finds the place that it had before
        check_fields([("X-A", "1")])
    pieces.clear()
    assert sys.getallocatedblocks() - before < 100


def test_what_a_peer_wrote_is_shown_short_and_in_ascii() -> None:
    assert printable("abc") == "abc"
    assert printable("a\x1b[31m\r\né", 20) == "a?[31m???"
    assert printable("x" * 200, 10) == "x" * 10 + "..."


@settings(deadline=None)
@given(st.lists(st.binary(max_size=40), max_size=8))
def test_any_bytes_are_a_head_or_an_error_of_ours(pieces: list[bytes]) -> None:
    for prefix in (b"", b"HTTP/"):
        try:
            head, _ = feed([prefix, *pieces, b"\r\n\r\n"], prefix=prefix)
        except BadHandshakeError:
            continue
        assert head is not None
        for read in (read_request, read_response):
            try:
                read(head)
            except BadHandshakeError:
                continue
