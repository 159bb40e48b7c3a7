"""Servers that break the rules, one test id each, and bytes at random: a client always gets an error of ours."""

from __future__ import annotations

import base64
import hashlib
import itertools
import time
from collections.abc import Iterable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from typedws.config import MAX_REFUSAL_BODY
from typedws.errors import HandshakeError, HandshakeRejectedError
from typedws.protocol.deflate import Deflate
from typedws.protocol.handshake_client import ClientHandshake
from typedws.protocol.handshake_server import ServerHandshake
from typedws.protocol.url import parse_url

URL = parse_url("ws://example.com/feed")
STATUS = "HTTP/1.1 101 Switching Protocols"


def client() -> ClientHandshake:
    return ClientHandshake(URL, subprotocols=["a", "b"], extensions=[Deflate()])


def accept_value(handshake: ClientHandshake) -> str:
    key = handshake.request.headers["Sec-WebSocket-Key"]
    digest = hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()
    return base64.b64encode(digest).decode()


def answer(
    handshake: ClientHandshake,
    *more: str,
    status: str | None = STATUS,
    upgrade: str | None = "Upgrade: websocket",
    connection: str | None = "Connection: Upgrade",
    accept: str | None = "Sec-WebSocket-Accept: {}",
) -> bytes:
    """A 101 of which each line can be replaced or left out; `{}` in `accept` is the right value."""
    value = accept_value(handshake)
    lines = [status, upgrade, connection, accept and accept.replace("{}", value), *more, "", ""]
    return "\r\n".join(line for line in lines if line is not None).encode("latin-1")


def refusal(data: bytes, handshake: ClientHandshake) -> HandshakeRejectedError:
    with pytest.raises(HandshakeRejectedError) as caught:
        handshake.receive_data(data)
    assert handshake.accepted is None
    assert handshake.refused
    assert caught.value.call is not None
    assert caught.value.call.request is handshake.request
    assert len(str(caught.value)) < 400
    assert str(caught.value).isprintable()
    return caught.value


def protocol(value: str) -> str:
    return f"Sec-WebSocket-Protocol: {value}"


def extension(value: str) -> str:
    return f"Sec-WebSocket-Extensions: {value}"


def bits(value: str) -> str:
    return extension(f"permessage-deflate; server_max_window_bits{value}")


INVALID: dict[str, tuple[tuple[str, ...], dict[str, str | None]]] = {
    "H10 HTTP/1.0": ((), {"status": "HTTP/1.0 101 Switching Protocols"}),
    "H10 HTTP/2.0": ((), {"status": "HTTP/2.0 101 Switching Protocols"}),
    "H10 HTTP/0.9": ((), {"status": "HTTP/0.9 101 Switching Protocols"}),
    "H10 HTTP/1.2": ((), {"status": "HTTP/1.2 101 Switching Protocols"}),
    "H10 no version": ((), {"status": "101 Switching Protocols"}),
    "H11 wrong accept": ((), {"accept": "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="}),
    "H11 no accept": ((), {"accept": None}),
    "H11 empty accept": ((), {"accept": "Sec-WebSocket-Accept:"}),
    "H11 two accepts": ((), {"accept": "Sec-WebSocket-Accept: {}\r\nSec-WebSocket-Accept: {}"}),
    "H11 two accepts in one field": ((), {"accept": "Sec-WebSocket-Accept: {}, {}"}),
    "H11 accept with more behind it": ((), {"accept": "Sec-WebSocket-Accept: {}x"}),
    "H13 no Upgrade": ((), {"upgrade": None}),
    "H13 Upgrade: h2c": ((), {"upgrade": "Upgrade: h2c"}),
    "H13 Upgrade: websocket, h2c": ((), {"upgrade": "Upgrade: websocket, h2c"}),
    "H13 two Upgrades": ((), {"upgrade": "Upgrade: websocket\r\nUpgrade: websocket"}),
    "H13 no Connection": ((), {"connection": None}),
    "H13 Connection: close": ((), {"connection": "Connection: close"}),
    "H13 Connection: upgraded": ((), {"connection": "Connection: upgraded"}),
    "H15 not offered": ((protocol("c"),), {}),
    "H15 other case": ((protocol("A"),), {}),
    "H15 two": ((protocol("a"), protocol("b")), {}),
    "H15 one twice": ((protocol("a"), protocol("a")), {}),
    "H15 a list": ((protocol("a, b"),), {}),
    "H15 empty": ((protocol(""),), {}),
    "H15 not ASCII": ((protocol("\xe4"),), {}),
    "H17 not offered": ((extension("x-webkit-deflate-frame"),), {}),
    "H17 not offered beside ours": ((extension("permessage-deflate, foo"),), {}),
    "H17 empty": ((extension(""),), {}),
    "H17 twice": ((extension("permessage-deflate, permessage-deflate"),), {}),
    "H17 twice in two fields": ((extension("permessage-deflate"), extension("permessage-deflate")), {}),
    "H17 malformed": ((extension("permessage-deflate;"),), {}),
    "H19 unknown parameter": ((extension("permessage-deflate; foo"),), {}),
    "H19 duplicate parameter": (
        (extension("permessage-deflate; server_no_context_takeover; server_no_context_takeover"),),
        {},
    ),
    "H19 value for a flag": ((extension("permessage-deflate; client_no_context_takeover=1"),), {}),
    "H24 none": ((bits(""),), {}),
    "H24 empty": ((bits("="),), {}),
    "H24 empty quoted": ((bits('=""'),), {}),
    "H24 abc": ((bits("=abc"),), {}),
    "H24 8": ((bits("=8"),), {}),
    "H24 7": ((bits("=7"),), {}),
    "H24 16": ((bits("=16"),), {}),
    "H24 99": ((bits("=99"),), {}),
    "H24 010": ((bits("=010"),), {}),
    "H24 8 for the client": ((extension("permessage-deflate; client_max_window_bits=8"),), {}),
    "H24 none for the client": ((extension("permessage-deflate; client_max_window_bits"),), {}),
    "H26 extension": ((extension("permessage-deflate; \xb2"),), {}),
    "H26 accept": ((), {"accept": "Sec-WebSocket-Accept: {}\xff"}),
    "H26 Upgrade": ((), {"upgrade": "Upgrade: websocket\xa0"}),
    "H26 Connection": ((), {"connection": "Connection: Upgrade, \xe4"}),
    "H26 control character": ((), {"upgrade": "Upgrade: websocket\x0b"}),
    "H31 NUL in a value": (("X: a\0b",), {}),
    "H31 CR in a value": (("X: a\rb",), {}),
    "LF in a value": (("X: a\nb",), {}),
    "space before a colon": (("X : a",), {}),
}


@pytest.mark.parametrize("row", INVALID)
def test_an_invalid_acceptance_is_refused(row: str) -> None:
    more, replaced = INVALID[row]
    handshake = client()
    error = refusal(answer(handshake, *more, **replaced), handshake)
    assert "no valid WebSocket handshake" in str(error)


VALID: dict[str, tuple[tuple[str, ...], dict[str, str | None]]] = {
    "H13 Upgrade: WebSocket": ((), {"upgrade": "Upgrade: WebSocket"}),
    "H13 two Connections": ((), {"connection": "Connection: Upgrade\r\nConnection: keep-alive"}),
    "H15 offered": ((protocol("b"),), {}),
    "H24 quoted 10": ((bits('="10"'),), {}),
    **{f"H24 {number}": ((bits(f"={number}"),), {}) for number in range(9, 16)},
    "folded line": (("X: a", " b"), {}),
    "not ASCII elsewhere": (("X: \xe4",), {}),
    "Content-Length": (("Content-Length: 10",), {}),
    "Transfer-Encoding": (("Transfer-Encoding: chunked",), {}),
}


@pytest.mark.parametrize("row", VALID)
def test_an_unusual_but_valid_acceptance_is_taken(row: str) -> None:
    more, replaced = VALID[row]
    handshake = client()
    assert handshake.receive_data(answer(handshake, *more, **replaced))


def test_h11_an_accept_in_lower_case_is_refused() -> None:
    """Base64 tells cases apart. A value without capitals would pass, so several keys are tried."""
    for _ in range(5):
        handshake = client()
        refusal(answer(handshake, accept=f"Sec-WebSocket-Accept: {accept_value(handshake).lower()}"), handshake)


def segments(row: str) -> Iterator[bytes]:
    """What a server sends, piece by piece, for ever."""
    begin = {"H2": b"HTTP/1.1 101 OK\r\nX: ", "H3": b"HTTP/1.1 101 OK\r\n", "H5": b"HTTP/1.1 101 ", "1xx": b""}
    more = {"H2": b"y", "H3": b"X-n: a\r\n", "H5": b"y" * 999, "1xx": b"HTTP/1.1 102 Processing\r\n\r\n"}
    yield begin[row]
    yield from itertools.repeat(more[row])


@pytest.mark.parametrize("row", ["H2", "H3", "H5", "1xx"])
@pytest.mark.parametrize("joined", [1, 100_000], ids=["dripped", "in one segment"])
def test_a_head_that_never_ends_is_refused_in_time_and_memory(row: str, joined: int) -> None:
    handshake = client()
    fed = 0
    began = time.perf_counter()
    with pytest.raises(HandshakeRejectedError, match=r"bytes|fields|informational"):
        stream = segments(row)
        while True:
            data = b"".join(itertools.islice(stream, joined))
            fed += len(data)
            handshake.receive_data(data)
    assert time.perf_counter() - began < 2
    assert joined > 1 or fed < 20_000


def test_h6_a_page_without_end_is_refused_with_its_first_64_kib() -> None:
    handshake = client()
    began = time.perf_counter()
    with pytest.raises(HandshakeRejectedError, match="200 OK: there is an HTTP server") as caught:
        handshake.receive_data(b"HTTP/1.1 200 OK\r\nServer: x\r\n\r\n")
        for _ in range(10_000):
            handshake.receive_data(b"<html>" * 10)
    assert time.perf_counter() - began < 2
    assert caught.value.call is not None
    assert caught.value.call.response is not None
    assert len(caught.value.call.response.body) == MAX_REFUSAL_BODY


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("location", ["https://evil.example/", "ws://evil.example", "/login", "file:///etc/passwd", ""])
def test_h7_a_redirect_is_refused_and_names_where_to(status: int, location: str) -> None:
    data = f"HTTP/1.1 {status} Moved\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode()
    error = refusal(data, client())
    assert str(error).endswith(f"connect to {location}")
    assert error.call is not None
    assert error.call.response is not None
    assert error.call.response.headers["Location"] == location


@pytest.mark.parametrize("status", [400, 401, 403, 404, 407, 410, 426, 429, 500, 502, 503, 504])
def test_h8_a_refusal_is_had_with_status_headers_and_body(status: int) -> None:
    data = f"HTTP/1.1 {status} Because\r\nRetry-After: 7\r\nContent-Length: 2\r\n\r\nno".encode()
    error = refusal(data, client())
    assert f"server answered {status} Because" in str(error)
    assert error.call is not None
    assert error.call.response is not None
    assert error.call.response.status == status
    assert error.call.response.headers["retry-after"] == "7"
    assert error.call.response.body == b"no"


@pytest.mark.parametrize("data", [b"\x15\x03\x01\x00\x02\x02\x46", b"\x15", b"\x16\x03\x03\x00\x7a"])
def test_h29_tls_where_http_was_expected_is_named(data: bytes) -> None:
    assert "TLS" in str(refusal(data, client()))


@pytest.mark.parametrize("value", ["a" * 8000, "a," * 4000, "a, " * 3000, "," * 8000, " " * 8000 + "x", "a ," * 2700])
@pytest.mark.parametrize("name", ["Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions", "Connection", "Upgrade"])
def test_h39_long_lists_take_linear_time(name: str, value: str) -> None:
    began = time.perf_counter()
    handshake = client()
    with pytest.raises(HandshakeRejectedError):
        handshake.receive_data(answer(handshake, f"{name}: {value}", accept="Sec-WebSocket-Accept: x"))
    request = ServerHandshake()
    request.receive_data(client().request_bytes().replace(b"\r\n\r\n", f"\r\n{name}: {value}\r\n\r\n".encode()))
    assert request.request is not None or request.refusal is not None
    assert time.perf_counter() - began < 1


# Bytes at random.


def mutations(stream: bytes) -> st.SearchStrategy[bytes]:
    """`stream` with a few pieces replaced, doubled or left out."""
    spots = st.tuples(st.integers(0, len(stream)), st.integers(0, 12), st.one_of(st.binary(max_size=6), snippets))

    def apply(changes: Iterable[tuple[int, int, bytes]]) -> bytes:
        result = stream
        for at, count, new in changes:
            result = result[:at] + new + result[at + count :]
        return result

    return st.lists(spots, min_size=1, max_size=4).map(apply)


snippets = st.sampled_from(
    [
        *(b"\r\n", b"\r\n\r\n", b"\n", b":", b",", b";", b"=", b'"', b"\\"),
        *(b"\xff", b"\0", b"101", b"200"),
        *(b"HTTP/1.1 100\r\n\r\n", b"Content-Length: 3\r\n", b"Transfer-Encoding: chunked\r\n"),
        *(b"Connection: x\r\n", b"server_max_window_bits"),
    ]
)
PATTERN = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {}\r\n"
    b"Sec-WebSocket-Protocol: a\r\nSec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=10\r\n\r\n"
    b"\x81\0"
)
REQUEST = (
    b"GET /feed HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: a, b\r\n"
    b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n"
)
streams = st.one_of(st.binary(max_size=200), mutations(PATTERN), st.binary(max_size=99).map(b"HTTP/1.1 ".__add__))


@settings(deadline=None)
@given(streams, st.lists(st.integers(0, 300), max_size=4))
def test_a_client_takes_any_bytes_or_raises_an_error_of_ours(stream: bytes, cuts: list[int]) -> None:
    handshake = client()
    stream = stream.replace(b"{}", accept_value(handshake).encode())
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    caught: HandshakeError | None = None
    try:
        if not any(handshake.receive_data(stream[begin:end]) for begin, end in itertools.pairwise(edges)):
            handshake.receive_eof()
    except HandshakeError as error:
        caught = error
    assert (caught is None) == (handshake.accepted is not None)
    if caught is not None:
        assert caught.call is not None
        assert len(str(caught)) < 400


@settings(deadline=None)
@given(st.one_of(st.binary(max_size=200), mutations(REQUEST)), st.lists(st.integers(0, 300), max_size=4))
def test_a_server_answers_any_bytes(stream: bytes, cuts: list[int]) -> None:
    handshake = ServerHandshake()
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    for begin, end in itertools.pairwise(edges):
        handshake.receive_data(stream[begin:end])
    if handshake.request is not None:
        assert handshake.accept(subprotocols=["b"], extensions=[Deflate()]).startswith(b"HTTP/1.1 101 ")
    elif handshake.refusal is not None:
        assert handshake.reject(handshake.refusal).startswith(b"HTTP/1.1 %d " % handshake.refusal.status)
    else:
        with pytest.raises(HandshakeError):
            handshake.receive_eof()
