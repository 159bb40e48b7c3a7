"""What a server answers to the opening handshake of a client: a connection, or a `HandshakeError`.

The input is the answer, with the abbreviations of `fuzz.support.heads`.
"""

from __future__ import annotations

import re
from typing import Any, Final

from fuzz.support.heads import accept_of, expanded, predictable
from fuzz.support.pieces import decisions, in_pieces
from typedws.call import Response
from typedws.config import MAX_HEAD_BYTES, MAX_HEADERS, MAX_REFUSAL_BODY
from typedws.errors import ConnectError, HandshakeRejectedError
from typedws.protocol.deflate import Deflate
from typedws.protocol.handshake_client import MAX_INFORMATIONAL, ClientHandshake
from typedws.protocol.url import parse_url

__all__ = ["check"]

URL: Final = parse_url("ws://example.com/feed")
SUBPROTOCOLS: Final = ("feed.v1", "feed.v2")
PARAMETER: Final = re.compile(r"(server|client)_(no_context_takeover|max_window_bits=(9|1[0-5]))")
CLIENTS: Final[tuple[dict[str, Any], ...]] = (
    {},
    {"subprotocols": SUBPROTOCOLS, "extensions": [Deflate()]},
    {"extensions": [Deflate(server_max_window_bits=10, server_no_context_takeover=True), Deflate(level=1)]},
)


def check(data: bytes) -> None:
    """Each client accepts or refuses, within the limits, and does the same however the answer is cut."""
    answer = expanded(data)
    for options in CLIENTS:
        Exchange(options, [answer]).outcome()
    options = decisions(data).choice(CLIENTS)
    outcomes = [Exchange(options, pieces).outcome() for pieces in in_pieces(answer)]
    assert all(each == outcomes[0] for each in outcomes), "it matters how the answer is cut"


class Exchange:
    """One handshake.

    Args:
        options: of the client.
        pieces: what the server answers, piece by piece.
    """

    def __init__(self, options: dict[str, Any], pieces: list[bytes]) -> None:
        with predictable():
            self.handshake = ClientHandshake(URL, **options)
        self._offered: tuple[str, ...] = options.get("subprotocols", ())
        self._compresses = "extensions" in options
        self._pieces = pieces
        self._answer = b"".join(pieces)

    def outcome(self) -> tuple[object, ...]:
        """What comes of the answer."""
        try:
            for number, piece in enumerate(self._pieces):
                if self.handshake.receive_data(piece):
                    return self._accepted(b"".join(self._pieces[number + 1 :]))
        except HandshakeRejectedError as error:
            return self._refused(error)
        waiting = self.handshake.refused
        try:
            self.handshake.receive_eof()
        except HandshakeRejectedError as error:
            assert waiting
            return "refused at the end", *self._refused(error)
        except ConnectError as error:
            assert not waiting
            return "lost", str(error)
        raise AssertionError("the end of the stream was taken for an answer")

    def _accepted(self, behind: bytes) -> tuple[object, ...]:
        accepted = self.handshake.accepted
        assert accepted is not None
        assert not self.handshake.refused
        trailing = accepted.trailing + behind
        assert self._answer.endswith(trailing)
        heads = self._answer[: len(self._answer) - len(trailing)].split(b"\r\n\r\n")
        assert heads.pop() == b""
        assert len(heads) <= MAX_INFORMATIONAL + 1
        head = heads[-1]
        check_size(head)
        # A second look, at the bytes: RFC 6455 section 4.1.
        assert head.startswith(b"HTTP/1.1 101")
        values = re.findall(rb"(?i)\r\nsec-websocket-accept:[ \t]*([^\r]*?)[ \t]*(?=\r\n[^ \t]|\Z)", head)
        assert values == [accept_of(self.handshake.request.headers["Sec-WebSocket-Key"])]
        assert re.search(rb"(?i)\r\nupgrade:[\s,]*websocket", head)
        assert re.search(rb"(?i)\r\nconnection:[^\r]*(\r\n[ \t][^\r]*)*upgrade", head)
        assert accepted.subprotocol is None or accepted.subprotocol in self._offered
        assert (accepted.deflate is None) is (accepted.extensions == ())
        assert accepted.deflate is None or self._compresses
        for extension in accepted.extensions:
            check_extension(extension)
        settled = (accepted.subprotocol, accepted.deflate, accepted.extensions)
        return "accepted", *seen(accepted.response), settled, trailing

    def _refused(self, error: HandshakeRejectedError) -> tuple[object, ...]:
        assert self.handshake.accepted is None
        assert self.handshake.refused
        assert len(str(error)) < 400
        assert str(error).isprintable()
        assert error.call is not None
        assert error.call.request is self.handshake.request
        response = error.call.response
        if response is None:
            return "refused", str(error)
        assert len(response.body) <= MAX_REFUSAL_BODY
        assert len(response.headers) <= MAX_HEADERS
        return "refused", str(error), *seen(response)


def seen(response: Response) -> tuple[object, ...]:
    """All that there is in a response."""
    return response.status, response.reason, response.headers.items_raw(), response.body


def check_extension(text: str) -> None:
    """A second look at what was agreed (RFC 7692 section 7.1)."""
    name, *parameters = text.split("; ")
    assert name == "permessage-deflate"
    assert sorted(parameters) == sorted({each.partition("=")[0]: each for each in parameters}.values())
    assert all(PARAMETER.fullmatch(each) for each in parameters)


def check_size(head: bytes) -> None:
    """What is accepted is within the limits."""
    assert len(head) + 4 <= MAX_HEAD_BYTES
    assert head.count(b"\r\n") <= MAX_HEADERS
