"""The server's opening handshake, without I/O (RFC 6455 section 4.2).

    handshake = ServerHandshake(secure=False, remote=address)
    while not handshake.receive_data(read()):
        ...
    if handshake.refusal is not None:
        write(handshake.reject(handshake.refusal))
    else:
        write(handshake.accept(subprotocols=["chat"]))
        handshake.accepted

A bad request is no exception here: it is something to answer, so it becomes a `refusal`. The request itself, where it
could be read, may be refused for the application's reasons with any other response.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from typing import Final

from typedws.call import Call, Headers, HeadersLike, Request, Response
from typedws.errors import ConnectError, LocalProtocolError
from typedws.protocol.deflate import Deflate
from typedws.protocol.extensions import Extension, answer_offers, parse_extensions
from typedws.protocol.handshake import (
    RESERVED_FIELDS,
    Accepted,
    check_ascii,
    check_subprotocols,
    encode_fields,
    wsproto_errors,
)
from typedws.protocol.head import (
    BadHandshakeError,
    HeadReader,
    RequestHead,
    check_fields,
    is_token,
    list_items,
    read_request,
    read_response,
)
from typedws.protocol.refusal import status_phrase

__all__ = ["ServerHandshake"]

_HOST: Final = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9\-._~!$&'()*+,;=%]+)(?::[0-9]*)?")
_ABSOLUTE_TARGET: Final = re.compile(r"(?:https?|wss?)://([^/?]*)(.*)", re.IGNORECASE)

_FRAMING: Final = ("connection", "content-length", "transfer-encoding")
"""Fields of a refusal that are written here, whatever the response says."""

_NOT_A_WEBSOCKET: Final = "This URL is for WebSockets: connect to it with a WebSocket client (ws:// or wss://)."


class ServerHandshake:
    """One opening handshake, from the first byte of the request to the response.

    Args:
        secure: whether the connection is TLS; it decides between `ws://` and `wss://` in the URL of the request.
        remote: the peer's address, for `Request.remote`.

    Attributes:
        request: the request, once a valid one has come.
        refusal: the answer that a bad request deserves, once one has come.
        offered_subprotocols: what the client offers, in its order.
        accepted: the result, once `accept` was called.
    """

    def __init__(self, *, secure: bool = False, remote: tuple[str, int] | str | None = None) -> None:
        self._secure = secure
        self._remote = remote
        self.request: Request | None = None
        self.refusal: Response | None = None
        self.offered_subprotocols: tuple[str, ...] = ()
        self.accepted: Accepted | None = None

        self._reader = HeadReader()
        self._method = ""
        self._key = ""
        self._offered_extensions: list[Extension] = []
        self._trailing = b""
        self._answered = False

    def receive_data(self, data: bytes) -> bool:
        """Takes bytes from the client. Reading should pause once this has returned True, until the answer is sent.

        Returns:
            Whether `request` or `refusal` is set. False means that more bytes are needed.
        """
        if self.request is not None:
            self._trailing += data
        elif self.refusal is None:
            try:
                head = self._reader.feed(data)
                if head is not None:
                    self._trailing = self._reader.rest
                    self.request = self._read(read_request(head))
            except BadHandshakeError as error:
                self.refusal = _refusal(error.status, str(error))
        return self.request is not None or self.refusal is not None

    def receive_eof(self) -> None:
        """Takes the end of the stream, which is always too early.

        Raises:
            ConnectError: always.
        """
        call = None if self.request is None else Call(self.request)
        where = "before its request was complete" if call is None else "before it was answered"
        raise ConnectError(f"the client closed the connection {where}", call=call)

    # The request. The numbers are those of the list in RFC 6455 section 4.2.1.

    def _read(self, head: RequestHead) -> Request | None:
        self._method = head.method
        headers = head.headers
        # 1. RFC 9110 section 7.8: an Upgrade field in HTTP/1.0 is to be ignored, so that is a plain request.
        if head.version not in ("HTTP/1.0", "HTTP/1.1"):
            raise BadHandshakeError("only HTTP/1.1 is spoken here", status=505)
        if head.method != "GET":
            self.refusal = _refusal(405, "A WebSocket is opened with GET.", [("Allow", "GET")])
            return None
        check_ascii(headers)
        # 3 and 4.
        upgrades = [item.lower() for item in list_items(headers, "upgrade")]
        options = [item.lower() for item in list_items(headers, "connection")]
        if head.version == "HTTP/1.0" or "websocket" not in upgrades or "upgrade" not in options:
            self.refusal = _upgrade_required(_NOT_A_WEBSOCKET)
            return None
        # A body would be read as frames.
        if "transfer-encoding" in headers or any(value != "0" for value in headers.get_all("content-length")):
            raise BadHandshakeError("a WebSocket request has no body")
        url = self._url(head)
        # 6. Section 4.4: the answer names the versions that we speak.
        versions = headers.get_all("sec-websocket-version")
        if versions != ("13",):
            self.refusal = _upgrade_required("Only WebSocket version 13 is spoken here (RFC 6455).")
            return None
        # 5.
        self._key = _read_key(headers)
        # 8.
        self.offered_subprotocols = tuple(dict.fromkeys(list_items(headers, "sec-websocket-protocol")))
        if not all(map(is_token, self.offered_subprotocols)):
            raise BadHandshakeError("Sec-WebSocket-Protocol has something that is no token")
        # 9. Several fields count as one (section 9.1).
        if offers := headers.get("sec-websocket-extensions"):
            self._offered_extensions = parse_extensions(offers)
        return Request(url=url, headers=headers, remote=self._remote)

    def _url(self, head: RequestHead) -> str:
        # 2. RFC 9112 section 3.2: exactly one, and valid.
        hosts = head.headers.get_all("host")
        if len(hosts) != 1 or not _HOST.fullmatch(hosts[0]):
            raise BadHandshakeError("there must be exactly one Host, and a valid one (RFC 9112 3.2)")
        host, target = hosts[0], head.target
        if absolute := _ABSOLUTE_TARGET.fullmatch(target):
            # RFC 9112 section 3.2.2: a server MUST accept this form, and ignore Host then.
            host, target = absolute.groups()
            target = target if target.startswith("/") else f"/{target}"
        if not target.startswith("/") or "#" in target or not _HOST.fullmatch(host):
            raise BadHandshakeError("the request target is not a path (RFC 6455 4.1)")
        return f"{'wss' if self._secure else 'ws'}://{host}{target}"

    # The answer.

    def accept(
        self, *, subprotocols: Sequence[str] = (), extensions: Sequence[Deflate] = (), headers: HeadersLike = ()
    ) -> bytes:
        """The bytes of the 101 response; `accepted` is set afterwards.

        Args:
            subprotocols: names that the server speaks, in its order of preference: the first that the client offers is
                chosen, none where there is none.
            extensions: permessage-deflate as the server is willing to speak it; none where empty.
            headers: fields to send besides those of the handshake.

        Raises:
            ValueError: a header with a bad name or value or one that the handshake writes itself, or a subprotocol
                that is no token or stands there twice. Nothing has been answered then.
            TypeError: `headers` or `subprotocols` is of another kind.
            LocalProtocolError: there is no valid request, or it was answered.
        """
        if self.request is None or self._answered:
            raise LocalProtocolError("there is no request to accept, or it was answered")
        spoken = check_subprotocols(subprotocols)
        fields = check_fields(headers, reserved=RESERVED_FIELDS)
        chosen = next((name for name in spoken if name in self.offered_subprotocols), None)
        agreed = answer_offers(self._offered_extensions, extensions)
        if agreed is not None:
            fields.insert(0, ("Sec-WebSocket-Extensions", str(agreed[0])))
        data = self._write_acceptance(chosen, fields)
        response = read_response(data.removesuffix(b"\r\n\r\n"))
        self._answered = True
        self.accepted = Accepted(
            response=Response(response.status, response.headers, reason=response.reason),
            subprotocol=chosen,
            deflate=None if agreed is None else agreed[1],
            extensions=() if agreed is None else (str(agreed[0]),),
            trailing=self._trailing,
        )
        return data

    def _write_acceptance(self, subprotocol: str | None, fields: list[tuple[str, str]]) -> bytes:
        from wsproto import ConnectionType, WSConnection
        from wsproto import events as wsproto_events

        head = (
            "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {self._key}\r\nSec-WebSocket-Version: 13\r\n"
        )
        if subprotocol is not None:
            head += f"Sec-WebSocket-Protocol: {subprotocol}\r\n"
        wsproto = WSConnection(ConnectionType.SERVER)
        with wsproto_errors():
            wsproto.receive_data(f"{head}\r\n".encode("ascii"))
            event = wsproto_events.AcceptConnection(subprotocol=subprotocol, extra_headers=encode_fields(fields))
            return wsproto.send(event)

    def reject(self, response: Response) -> bytes:
        """The bytes of a response other than 101, after which the connection is to be closed.

        Args:
            response: status, fields and body. Connection, Content-Length and Transfer-Encoding are written here, and
                the reason phrase is that of the status where `response` has none.

        Raises:
            ValueError: a status outside of 200 to 599, a body with 204 or 304, or a field or reason phrase that would
                break the head. Nothing has been answered then.
            LocalProtocolError: the request was answered.
        """
        if self._answered:
            raise LocalProtocolError("the request was answered")
        if not 200 <= response.status <= 599:
            raise ValueError(f"a refusal has a status from 200 to 599, not {response.status!r}")
        if response.status in (204, 304) and response.body:
            raise ValueError(f"a response with status {response.status} has no body (RFC 9110 6.4.1)")
        fields = [pair for pair in check_fields(response.headers) if pair[0].lower() not in _FRAMING]
        [(_, reason)] = check_fields([("Reason", response.reason or status_phrase(response.status))])
        # RFC 9110 section 9.3.2: the answer to HEAD has no body.
        body = b"" if self._method == "HEAD" else response.body
        if response.status not in (204, 304):
            fields.append(("Content-Length", str(len(body))))
        # RFC 9110 section 7.8: Upgrade is an option of the connection.
        fields.append(("Connection", "Upgrade, close" if "upgrade" in response.headers else "close"))
        data = self._write_rejection(response.status, fields, body)
        self._answered = True
        status_line, _, rest = data.partition(b"\r\n")
        # wsproto leaves the reason phrase empty.
        return b"%s%s\r\n%s" % (status_line, reason.encode("ascii"), rest)

    def _write_rejection(self, status: int, fields: list[tuple[str, str]], body: bytes) -> bytes:
        from wsproto import ConnectionType, WSConnection
        from wsproto import events as wsproto_events

        wsproto = WSConnection(ConnectionType.SERVER)
        head = wsproto_events.RejectConnection(status_code=status, headers=encode_fields(fields), has_body=True)
        with wsproto_errors():
            return wsproto.send(head) + wsproto.send(wsproto_events.RejectData(data=body, body_finished=True))


def _read_key(headers: Headers) -> str:
    keys = headers.get_all("sec-websocket-key")
    try:
        if len(keys) == 1 and len(base64.b64decode(keys[0], validate=True)) == 16:
            return keys[0]
    except ValueError:
        pass
    raise BadHandshakeError("there must be exactly one Sec-WebSocket-Key, 16 bytes in base64")


def _refusal(status: int, text: str, fields: Sequence[tuple[str, str]] = ()) -> Response:
    headers = Headers([*fields, ("Content-Type", "text/plain; charset=utf-8")])
    return Response(status, headers, f"{text}\n".encode(), status_phrase(status))


def _upgrade_required(text: str) -> Response:
    # RFC 9110 section 15.5.22 wants Upgrade, RFC 6455 section 4.4 the version.
    return _refusal(426, text, [("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13")])
