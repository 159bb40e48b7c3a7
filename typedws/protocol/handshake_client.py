"""The client's opening handshake, without I/O (RFC 6455 section 4.1).

    handshake = ClientHandshake(parse_url(url), subprotocols=["chat"])
    write(handshake.request_bytes())
    while not handshake.receive_data(read()):
        ...
    handshake.accepted

Everything that the caller can get wrong is found when the object is made, before a byte is sent. What the server gets
wrong, and every refusal, ends in a `HandshakeRejectedError`, raised once the body of the refusal is there as well. As a
server may take its time over that, `refused` and `rejection()` let the owner of the clock stop waiting.

The answer goes through three stages: up to 8 informational responses are skipped, the final head is read, and then
either it is a 101 and is checked from top to bottom, or the body of the refusal is collected.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from typedws.call import Call, HeadersLike, Request, Response
from typedws.errors import ConnectError, HandshakeRejectedError, LocalProtocolError
from typedws.protocol.deflate import Deflate, DeflateParameters
from typedws.protocol.extensions import Extension, accept_answer, deflate_offer, parse_extensions
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
    ResponseHead,
    check_fields,
    is_token,
    list_items,
    printable,
    read_request,
    read_response,
)
from typedws.protocol.refusal import RefusalBody, describe_refusal
from typedws.protocol.url import URL

__all__ = ["ClientHandshake"]

MAX_INFORMATIONAL: Final = 8
"""1xx responses before the final one. Servers send one (103 Early Hints) at most; more keep the client waiting."""


class _HostField(str):
    """A Host value in ASCII, as it is.

    wsproto would run it through the IDNA codec, which takes the port for a part of the last label.
    """

    __slots__ = ()

    def encode(self, encoding: str = "ascii", errors: str = "strict") -> bytes:
        return super().encode("ascii", errors)


class ClientHandshake:
    """One opening handshake, from the request to the first byte behind the response.

    Args:
        url: where to.
        headers: fields to send besides those of the handshake.
        subprotocols: names to offer, in order of preference.
        extensions: permessage-deflate as it is offered, in order of preference; none where empty.
        origin: value of the Origin field; none where None.

    Raises:
        ValueError: a header with a bad name or value or one that the handshake writes itself, a subprotocol that is
            no token or stands there twice, a bad origin, or credentials in the URL and in `headers`.
        TypeError: `headers` or `subprotocols` is of another kind.

    Attributes:
        request: the request, as it is sent.
        accepted: the result, once the server has accepted.
    """

    def __init__(
        self,
        url: URL,
        *,
        headers: HeadersLike = (),
        subprotocols: Sequence[str] = (),
        extensions: Sequence[Deflate] = (),
        origin: str | None = None,
    ) -> None:
        from wsproto import ConnectionType, WSConnection

        self._subprotocols = check_subprotocols(subprotocols)
        self._offers = tuple(extensions)
        self._wsproto = WSConnection(ConnectionType.CLIENT)
        self._request_bytes = self._write_request(url, self._own_fields(url, headers, origin))
        sent = read_request(self._request_bytes.removesuffix(b"\r\n\r\n"))
        self.request = Request(url=url.without_credentials, headers=sent.headers)
        self.accepted: Accepted | None = None

        self._reader = HeadReader(prefix=b"HTTP/")
        self._informational = 0
        self._final: ResponseHead | None = None
        # What makes the answer invalid; empty where it is a plain refusal.
        self._fault = ""
        self._body: RefusalBody | None = None

    def _own_fields(self, url: URL, headers: HeadersLike, origin: str | None) -> list[tuple[str, str]]:
        fields = check_fields(headers, reserved=RESERVED_FIELDS)
        names = {name.lower() for name, _ in fields}
        if url.authorization is not None:
            if "authorization" in names:
                raise ValueError("the URL has a user and headers has Authorization; give one of them")
            fields.insert(0, ("Authorization", url.authorization))
        if origin is not None:
            if "origin" in names:
                raise ValueError("origin is given, and headers has Origin; give one of them")
            if not origin or " " in origin or "\t" in origin:
                raise ValueError("origin is a scheme and a host, as in 'https://example.com' (RFC 6454 6.1)")
            fields[:0] = check_fields([("Origin", origin)])
        if self._offers:
            offers = ", ".join(str(deflate_offer(deflate)) for deflate in self._offers)
            fields.insert(0, ("Sec-WebSocket-Extensions", offers))
        return fields

    def _write_request(self, url: URL, fields: list[tuple[str, str]]) -> bytes:
        from wsproto import events as wsproto_events

        event = wsproto_events.Request(
            host=_HostField(url.host_header),
            target=url.target,
            subprotocols=list(self._subprotocols),
            extra_headers=encode_fields(fields),
        )
        with wsproto_errors():
            return self._wsproto.send(event)

    def request_bytes(self) -> bytes:
        """The bytes to send first."""
        return self._request_bytes

    # Receiving.

    @property
    def refused(self) -> bool:
        """Whether the server has answered with anything but a valid 101: `rejection()` says with what."""
        return bool(self._fault) or self._body is not None

    def receive_data(self, data: bytes) -> bool:
        """Takes bytes from the server.

        Returns:
            Whether the handshake is complete; `accepted` is set then. False means that more bytes are needed.

        Raises:
            HandshakeRejectedError: the server refused, and its body is there; or its answer is invalid.
            LocalProtocolError: the handshake is complete already, and these bytes belong to the frame parser.
        """
        if self.accepted is not None:
            raise LocalProtocolError("the handshake is complete; what follows it are frames")
        try:
            if self._body is not None:
                self._body.receive_data(data)
            elif not self._fault:
                self._receive_head(data)
        except BadHandshakeError as error:
            self._fault = str(error)
        if self._fault or (self._body is not None and self._body.complete):
            raise self.rejection()
        return self.accepted is not None

    def receive_eof(self) -> None:
        """Takes the end of the stream. To be called at most once.

        Raises:
            HandshakeRejectedError: the server had refused, and this ends the body.
            ConnectError: the answer is incomplete.
            LocalProtocolError: the handshake is complete already.
        """
        if self.accepted is not None:
            raise LocalProtocolError("the handshake is complete")
        if self.refused:
            raise self.rejection()
        where = "in the middle of its answer" if len(self._reader) or self._informational else "before it answered"
        raise ConnectError(f"the server closed the connection {where}", call=Call(self.request))

    def rejection(self) -> HandshakeRejectedError:
        """The error for a refusal, with as much of the body as is there. A new one each time.

        Raises:
            LocalProtocolError: the server has not refused.
        """
        if not self.refused:
            raise LocalProtocolError("the server has not refused")
        response = None
        if self._final is not None:
            body = b"" if self._body is None else self._body.data
            response = Response(self._final.status, self._final.headers, body, self._final.reason)
        if self._fault or response is None:
            message = f"the server's answer is no valid WebSocket handshake: {self._fault}"
        else:
            message = describe_refusal(response)
        return HandshakeRejectedError(message, call=Call(self.request, response))

    def _receive_head(self, data: bytes) -> None:
        while (head := self._reader.feed(data)) is not None:
            response = read_response(head)
            data = self._reader.rest
            if response.status >= 200 or response.status == 101:
                self._final = response
                if response.status == 101:
                    self._accept(response, data)
                else:
                    self._body = RefusalBody(response, self._wsproto)
                    self._body.receive_data(data)
                return
            # RFC 9110 section 15.2: a client MUST be able to parse these and may ignore them.
            self._informational += 1
            if self._informational > MAX_INFORMATIONAL:
                raise BadHandshakeError(f"more than {MAX_INFORMATIONAL} informational responses")
            self._reader = HeadReader(prefix=b"HTTP/")

    # The server accepts. The numbers are those of the list in RFC 6455 section 4.1, "Once the client's opening
    # handshake".

    def _accept(self, response: ResponseHead, trailing: bytes) -> None:
        headers = response.headers
        if response.version != "HTTP/1.1":
            raise BadHandshakeError(f"it is {response.version}, and 101 belongs to HTTP/1.1")
        check_ascii(headers)
        # 2.
        if [item.lower() for item in list_items(headers, "upgrade")] != ["websocket"]:
            raise BadHandshakeError("Upgrade is not websocket")
        # 3.
        if "upgrade" not in [item.lower() for item in list_items(headers, "connection")]:
            raise BadHandshakeError("Connection has no token upgrade")
        # 4.
        accept = headers.get_all("sec-websocket-accept")
        if len(accept) != 1:
            raise BadHandshakeError(f"there are {len(accept)} Sec-WebSocket-Accept fields, not 1")
        # 5.
        deflate, extension = self._read_extensions(headers.get_all("sec-websocket-extensions"))
        # 6.
        subprotocol = self._read_subprotocol(headers.get_all("sec-websocket-protocol"))
        self._check_key(accept[0])
        self.accepted = Accepted(
            response=Response(101, headers, reason=response.reason),
            subprotocol=subprotocol,
            deflate=deflate,
            extensions=() if extension is None else (str(extension),),
            trailing=trailing,
        )

    def _read_extensions(self, values: tuple[str, ...]) -> tuple[DeflateParameters | None, Extension | None]:
        if not values:
            return None, None
        value, *more = values
        if more:
            # Section 11.3.2.
            raise BadHandshakeError("there is more than one Sec-WebSocket-Extensions field")
        extension, parameters = accept_answer(parse_extensions(value), self._offers)
        return parameters, extension

    def _read_subprotocol(self, values: tuple[str, ...]) -> str | None:
        if not values:
            return None
        name, *more = values
        if more:
            # Section 11.3.4.
            raise BadHandshakeError("there is more than one Sec-WebSocket-Protocol field")
        if not is_token(name):
            raise BadHandshakeError(f"subprotocol {printable(name)!r} is no token")
        if name not in self._subprotocols:
            # What was offered is not shown: some programs carry a token in a subprotocol.
            raise BadHandshakeError(f"subprotocol {printable(name)} was not offered")
        return name

    def _check_key(self, accept: str) -> None:
        head = (
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {accept}\r\n\r\n"
        )
        try:
            with wsproto_errors():
                self._wsproto.receive_data(head.encode("ascii"))
        except BadHandshakeError:
            raise BadHandshakeError(
                "Sec-WebSocket-Accept does not belong to our key; a cache may have answered"
            ) from None
