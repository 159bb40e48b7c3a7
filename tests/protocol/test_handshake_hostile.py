"""Bytes at random, and answers and requests with pieces exchanged: a client always gets an error of ours, and a server
always has an answer. The ways to be wrong that have names are rows of the catalogue.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from typedws.errors import HandshakeError
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
