"""Servers that answer an opening handshake wrongly, or strangely: `connect` raises a `HandshakeError` or opens a
session, however the answer was cut, and leaves nothing behind.
"""

from __future__ import annotations

import itertools
import logging
import socket
import time

import pytest

from tests.catalogue.aftermath import check_error, memory_bounded, nothing_left
from tests.catalogue.answer_rows import ANSWERS, OFFERED, Answer, Opened, Refused
from tests.catalogue.rows import CANARY
from tests.peers import Script, Server, read_head
from typedws.client import connect
from typedws.config import MAX_HEAD_BYTES, MAX_REFUSAL_BODY
from typedws.errors import ConnectionClosedOK, HandshakeRejectedError
from typedws.frames import TextFrame
from typedws.protocol.handshake_client import ClientHandshake
from typedws.protocol.handshake_server import ServerHandshake
from typedws.protocol.url import parse_url

URL = parse_url("ws://example.com/feed")
PIECES = 300
SEGMENT = 1 << 18
"""Bytes that an event loop reads at once, at most."""


def check_refusal(error: HandshakeRejectedError, outcome: Refused) -> None:
    check_error(error)
    assert outcome.says in str(error)
    assert str(error).isprintable()
    assert error.call is not None
    assert error.call.request.headers["Sec-WebSocket-Version"] == "13"
    response = error.call.response
    if outcome.status is None:
        assert response is None
    else:
        assert response is not None
        assert response.status == outcome.status
        assert response.body == outcome.body
        assert response.headers["Set-Cookie"] == CANARY


def answering(row: Answer, *, dripped: bool) -> Script:
    def script(sock: socket.socket) -> None:
        key = next(
            line[19:] for line in read_head(sock).decode().split("\r\n") if line.startswith("Sec-WebSocket-Key: ")
        )
        data = row.to_bytes(key)
        step = -(-len(data) // PIECES) if dripped else len(data)
        for i in range(0, len(data), step):
            sock.sendall(data[i : i + step])

    return script


@pytest.mark.anyio
@pytest.mark.parametrize("dripped", [False, True], ids=["one segment", "byte by byte"])
@pytest.mark.parametrize("row", [row for row in ANSWERS if not row.pure], ids=lambda row: row.id)
async def test_answer(row: Answer, dripped: bool, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with nothing_left(), Server(answering(row, dripped=dripped)) as server:
        block = connect(server.url, converter=None, **OFFERED)
        if isinstance(row.outcome, Opened):
            async with block as session:
                peer = server.peer()
                assert session.subprotocol == row.outcome.subprotocol
                assert session.extensions == (() if row.outcome.extension is None else (row.outcome.extension,))
                assert await session.receive() == TextFrame("hello")
                with pytest.raises(ConnectionClosedOK):
                    await session.receive()
                peer.close()
        else:
            with pytest.raises(HandshakeRejectedError) as caught:
                async with block:
                    raise AssertionError("there is no WebSocket")
            check_refusal(caught.value, row.outcome)
    assert CANARY not in caplog.text


@pytest.mark.parametrize("row", ANSWERS, ids=lambda row: row.id)
def test_answer_without_io(row: Answer) -> None:
    handshake = ClientHandshake(URL, **OFFERED)
    length = len(row.to_bytes(handshake.request.headers["Sec-WebSocket-Key"]))
    for cuts in (
        [],
        [*range(1, length)] if length < 2000 else [1],
        *([cut] for cut in range(1, length, length // 9 + 1)),
    ):
        handshake = ClientHandshake(URL, **OFFERED)
        data = row.to_bytes(handshake.request.headers["Sec-WebSocket-Key"])
        edges = itertools.pairwise([0, *cuts, length])
        if isinstance(row.outcome, Refused):
            with pytest.raises(HandshakeRejectedError) as caught:
                for begin, end in edges:
                    handshake.receive_data(data[begin:end])
            check_refusal(caught.value, row.outcome)
            assert handshake.accepted is None
        else:
            behind = b""
            for begin, end in edges:
                if handshake.accepted is not None:
                    behind += data[begin:end]
                elif handshake.receive_data(data[begin:end]):
                    assert handshake.accepted is not None
                    behind = handshake.accepted.trailing
            assert handshake.accepted is not None
            assert handshake.accepted.subprotocol == row.outcome.subprotocol
            extension = row.outcome.extension
            assert handshake.accepted.extensions == (() if extension is None else (extension,))
            assert behind == row.body


# What never ends.

ENDLESS = {
    "H2 a value": (b"HTTP/1.1 101 OK\r\nX: ", b"y"),
    "H3 fields": (b"HTTP/1.1 101 OK\r\n", b"X-n: a\r\n"),
    "H3 folded lines": (b"HTTP/1.1 101 OK\r\nX: a\r\n", b" a\r\n"),
    "H5 a status line": (b"HTTP/1.1 101 ", b"y" * 999),
    "H28 informational answers": (b"", b"HTTP/1.1 102 Processing\r\n\r\n"),
}


@pytest.mark.parametrize("dripped", [False, True], ids=["large segments", "small ones"])
@pytest.mark.parametrize("id", ENDLESS)
def test_a_head_that_never_ends_is_refused_in_time_and_memory(id: str, dripped: bool) -> None:
    begin, more = ENDLESS[id]
    if not dripped:
        more *= SEGMENT // len(more)
    handshake = ClientHandshake(URL, **OFFERED)
    fed = 0
    segments = itertools.chain([begin], itertools.repeat(more))
    with (
        memory_bounded(),
        pytest.raises(HandshakeRejectedError, match=r"bytes|fields|informational") as caught,
    ):
        for segment in segments:
            fed += len(segment)
            handshake.receive_data(segment)
    check_error(caught.value)
    assert fed < MAX_HEAD_BYTES + 1000 or len(more) > SEGMENT // 2


def test_h6_a_page_without_end_is_refused_with_its_first_64_kib() -> None:
    handshake = ClientHandshake(URL, **OFFERED)
    with memory_bounded(), pytest.raises(HandshakeRejectedError, match="200 OK: there is an HTTP server") as caught:
        handshake.receive_data(b"HTTP/1.1 200 OK\r\nServer: x\r\n\r\n")
        for _ in range(10_000):
            handshake.receive_data(b"<html>" * 10)
    assert caught.value.call is not None
    assert caught.value.call.response is not None
    assert len(caught.value.call.response.body) == MAX_REFUSAL_BODY


@pytest.mark.parametrize("value", ["a" * 8000, "a," * 4000, "a, " * 3000, "," * 8000, " " * 8000 + "x", "a ," * 2700])
@pytest.mark.parametrize("name", ["Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions", "Connection", "Upgrade"])
def test_h39_long_lists_take_linear_time(name: str, value: str) -> None:
    began = time.process_time()
    handshake = ClientHandshake(URL, **OFFERED)
    row = Answer("H39", Refused(""), accept="Sec-WebSocket-Accept: x", more=(f"{name}: {value}",))
    with pytest.raises(HandshakeRejectedError):
        handshake.receive_data(row.to_bytes(handshake.request.headers["Sec-WebSocket-Key"]))
    request = ServerHandshake()
    request.receive_data(handshake.request_bytes().replace(b"\r\n\r\n", f"\r\n{name}: {value}\r\n\r\n".encode()))
    assert request.request is not None or request.refusal is not None
    assert time.process_time() - began < 1
