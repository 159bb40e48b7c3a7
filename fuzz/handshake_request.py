"""What a client sends to open a connection: a request that can be answered, or a refusal with a status.

The input is the request, with the abbreviations of `fuzz.support.heads`.
"""

from __future__ import annotations

import re
from typing import Final

from fuzz.support.heads import accept_of, expanded
from fuzz.support.pieces import decisions, in_pieces
from typedws.call import Headers, Response
from typedws.config import MAX_HEAD_BYTES, MAX_HEADERS
from typedws.errors import ConnectError
from typedws.protocol.deflate import Deflate
from typedws.protocol.handshake_server import ServerHandshake

__all__ = ["check"]

SUBPROTOCOLS: Final = ("feed.v2", "feed.v1")
EXTENSIONS: Final[tuple[list[Deflate], ...]] = (
    [],
    [Deflate()],
    [Deflate(client_max_window_bits=9, server_no_context_takeover=True, level=1)],
)
ANSWER: Final = re.compile(
    rb"HTTP/1\.1 ([2-5][0-9][0-9]|101) [ -~]*\r\n((?:[!-9;-~]+: ?[\t -~]*\r\n)*)\r\n(.*)", re.DOTALL
)
STATUSES: Final = (400, 405, 426, 431, 505)


def check(data: bytes) -> None:
    """The request is read, or refused with a status, and that is the same however it is cut."""
    request = expanded(data)
    outcomes = []
    for pieces in in_pieces(request):
        handshake = ServerHandshake(secure=len(data) % 2 > 0, remote=("192.0.2.1", 4711))
        fed = 0
        for piece in pieces:
            fed += len(piece)
            if handshake.receive_data(piece):
                break
        outcomes.append(outcome(handshake, request, fed))
    assert all(each == outcomes[0] for each in outcomes), "it matters how the request is cut"
    check_answers(request, decisions(data).choice(EXTENSIONS))


def outcome(handshake: ServerHandshake, stream: bytes, fed: int) -> tuple[object, ...]:
    """What came of a request."""
    request, refusal = handshake.request, handshake.refusal
    assert request is None or refusal is None
    if request is not None:
        # What comes before the answer is sent belongs to the frames.
        handshake.receive_data(stream[fed:])
        head = stream.partition(b"\r\n\r\n")[0]
        assert len(head) + 4 <= MAX_HEAD_BYTES
        assert head.count(b"\r\n") <= MAX_HEADERS
        assert head.startswith(b"GET ")
        assert request.url.startswith(("ws://", "wss://"))
        assert request.url.isprintable()
        handshake.accept()
        assert handshake.accepted is not None
        assert handshake.accepted.trailing == stream.partition(b"\r\n\r\n")[2]
        return "request", request.url, list(request.headers.items_raw()), handshake.offered_subprotocols
    if refusal is not None:
        assert refusal.status in STATUSES
        assert refusal.body.decode().strip().isprintable()
        assert len(refusal.body) < 200
        return "refused", refusal.status, list(refusal.headers.items_raw()), refusal.body
    assert len(stream) < MAX_HEAD_BYTES
    try:
        handshake.receive_eof()
    except ConnectError as error:
        return "lost", str(error)
    raise AssertionError("the end of the stream was taken for a request")


def check_answers(stream: bytes, extensions: list[Deflate]) -> None:
    """Whatever is answered is an HTTP response, and an acceptance is what RFC 6455 section 4.2.2 wants."""
    for accepts in (True, False):
        handshake = ServerHandshake()
        if not handshake.receive_data(stream):
            return
        if handshake.refusal is not None:
            check_refusal(handshake, handshake.refusal)
            return
        assert handshake.request is not None
        if accepts:
            check_acceptance(handshake, stream, extensions)
        else:
            check_refusal(handshake, Response(403, Headers([("X-Reason", "no")]), b"no\n"))


def check_refusal(handshake: ServerHandshake, refusal: Response) -> None:
    match = ANSWER.fullmatch(handshake.reject(refusal))
    assert match is not None
    assert int(match[1]) == refusal.status
    assert match[3] in (refusal.body, b"")


def check_acceptance(handshake: ServerHandshake, stream: bytes, extensions: list[Deflate]) -> None:
    assert handshake.request is not None
    headers = handshake.request.headers
    data = handshake.accept(subprotocols=SUBPROTOCOLS, extensions=extensions, headers={"X-Server": "here"})
    match = ANSWER.fullmatch(data)
    assert match is not None
    assert match[1] == b"101"
    assert match[3] == b""
    parts = [line.partition(": ") for line in match[2].decode().splitlines()]
    fields = Headers([(name, value) for name, _, value in parts])
    accepted = handshake.accepted
    assert accepted is not None
    assert fields["sec-websocket-accept"].encode() == accept_of(headers["sec-websocket-key"])
    assert fields["upgrade"].lower() == "websocket"
    assert fields["connection"].lower() == "upgrade"
    assert fields["x-server"] == "here"
    assert fields.get_all("sec-websocket-protocol") == ((accepted.subprotocol,) if accepted.subprotocol else ())
    assert fields.get_all("sec-websocket-extensions") == accepted.extensions
    assert accepted.subprotocol is None or accepted.subprotocol in handshake.offered_subprotocols
    assert (accepted.deflate is None) is (accepted.extensions == ())
    if accepted.deflate is not None:
        assert extensions
        assert "permessage-deflate" in headers["sec-websocket-extensions"]
        assert 9 <= accepted.deflate.send_window_bits <= 15
        assert 9 <= accepted.deflate.receive_window_bits <= 15
    assert accepted.trailing == stream.partition(b"\r\n\r\n")[2]
