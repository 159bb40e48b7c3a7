"""What a server says when it refuses: the body of its response, bounded, and one sentence about it all.

A body may have a length, come in chunks or last until the connection ends (RFC 9112 section 6); wsproto tells them
apart. We bound it by what comes over the wire, so that chunks with more packaging than content come to an end too.
Whatever is wrong with a body, the refusal stands: then the body is what could be read of it.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from typedws.call import Response
from typedws.config import MAX_REFUSAL_BODY
from typedws.protocol.handshake import wsproto_errors
from typedws.protocol.head import BadHandshakeError, ResponseHead, printable
from typedws.redaction import shown_url

if TYPE_CHECKING:
    from wsproto import WSConnection

__all__ = ["RefusalBody", "describe_refusal", "status_phrase"]


class RefusalBody:
    """Collects the body of a refusal.

    Args:
        head: the head of the response.
        connection: wsproto's side of the handshake, after it has written the request.

    Attributes:
        complete: whether no more of it will be read.
    """

    __slots__ = ("_connection", "_data", "_room", "complete")

    def __init__(self, head: ResponseHead, connection: WSConnection) -> None:
        self._connection = connection
        self._room = MAX_REFUSAL_BODY
        self._data = bytearray()
        self.complete = False
        # HTTP/1.0 has no chunks.
        framing = ("content-length", "transfer-encoding") if head.version == "HTTP/1.1" else ("content-length",)
        lines = [f"HTTP/1.1 {head.status} "]
        lines += [f"{name}: {value}" for name in framing for value in head.headers.get_all(name)]
        self._feed("\r\n".join([*lines, "", ""]).encode("latin-1"))

    @property
    def data(self) -> bytes:
        """The body as far as it has come."""
        return bytes(self._data)

    def receive_data(self, data: bytes) -> None:
        """Takes bytes from the server; those behind the end, or over the bound, are dropped."""
        piece = data[: self._room]
        self._room -= len(piece)
        if piece and not self.complete:
            self._feed(piece)
        if self._room == 0:
            self.complete = True

    def _feed(self, data: bytes) -> None:
        from wsproto.events import RejectData

        try:
            with wsproto_errors():
                self._connection.receive_data(data)
        except BadHandshakeError:
            self.complete = True
        for event in self._connection.events():
            if isinstance(event, RejectData):
                self._data += event.data
                self.complete = self.complete or event.body_finished


def describe_refusal(response: Response) -> str:
    """What a refusal says, and what to do about it where that is known."""
    text = f"server answered {response.status} {printable(response.reason or status_phrase(response.status), 80)}"

    def value(name: str) -> str:
        return printable(response.headers.get(name, ""), 200)

    if 300 <= response.status < 400 and "location" in response.headers:
        where = printable(shown_url(response.headers["location"]), 200)
        return f"{text}: redirects are not followed; if you trust it, connect to {where}"
    if 200 <= response.status < 300:
        return f"{text}: there is an HTTP server at this URL, but no WebSocket"
    if response.status == 426 and "sec-websocket-version" in response.headers:
        return f"{text}: it speaks WebSocket version {value('sec-websocket-version')}, we speak 13"
    if "retry-after" in response.headers:
        return f"{text} (Retry-After: {value('retry-after')})"
    return text


def status_phrase(status: int) -> str:
    """The usual reason phrase of an HTTP status."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown Status"
