"""The way through an HTTP proxy, without I/O: its URL, and the tunnel that it is asked for (RFC 9110 section 9.3.6).

    tunnel = Tunnel(parse_proxy("http://proxy.example.com:3128"), parse_url(url), request)
    write(tunnel.request_bytes())
    while not tunnel.receive_data(read()):
        ...

A WebSocket client asks for a tunnel whether it will speak TLS in it or not (RFC 6455 section 4.1, "Proxy Usage"). What
comes afterwards is between it and the server.

In a tunnel to a WebSocket server the client speaks first. So bytes that follow the proxy's head at once come from no
such server. They are refused: handed on, they would stand where an answer to our request is expected.

User and password go to the proxy, in one field of its request. No error shows them, nor anything else of the proxy's
URL but host and port.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from typedws.call import Call, Request, Response
from typedws.errors import InvalidURLError, ProxyError
from typedws.protocol.handshake_client import MAX_INFORMATIONAL
from typedws.protocol.head import BadHandshakeError, HeadReader, ResponseHead, printable, read_response
from typedws.protocol.refusal import RefusalBody, status_phrase
from typedws.protocol.url import URL, parse_url

if TYPE_CHECKING:
    from wsproto import WSConnection

__all__ = ["Proxy", "Tunnel", "parse_proxy"]

_EXAMPLE: Final = "http://user:password@proxy.example.com:3128"
_KNOWN_SCHEMES: Final = ("https", "socks", "socks4", "socks4a", "socks5", "socks5h")
_BEHIND_THE_HOST: Final = re.compile(r"[?#]|/.")


@dataclass(frozen=True, slots=True)
class Proxy:
    """An HTTP proxy. `str` is its host and port.

    Attributes:
        host: the name or address to dial, as in `URL`.
        port: the port.
        authorization: the value of a Proxy-Authorization field (RFC 7617), or None; never in `repr`.
    """

    host: str
    port: int
    authorization: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return _host_and_port(self.host, self.port)


def parse_proxy(url: str) -> Proxy:
    """Takes the URL of an HTTP proxy apart: `http://[user:password@]host[:port]`, port 80 unless given.

    Raises:
        ValueError: this is no such URL, or that of another kind of proxy; the text never shows user or password.
        TypeError: `url` is not a `str`.
    """
    if not isinstance(url, str):  # pyright: ignore[reportUnnecessaryIsInstance] - callers without a type checker
        raise TypeError(f"proxy is a URL as a str, or None for no proxy, not {type(url).__name__}")
    scheme, separator, rest = url.partition("://")
    if scheme.lower() in _KNOWN_SCHEMES:
        raise ValueError(f"{scheme.lower()}:// proxies are not supported; proxy is an http:// URL, as in {_EXAMPLE}")
    if scheme.lower() != "http" or not separator:
        raise ValueError(f"proxy is an http:// URL, as in {_EXAMPLE}; nothing else is supported")
    if _BEHIND_THE_HOST.search(rest):
        raise ValueError(
            "the URL of a proxy ends with host and port; percent-encode '/', '?' and '#' in its user and password"
        )
    try:
        # The rest is written as in a WebSocket URL, and the default port is the same.
        parsed = parse_url(f"ws://{rest}")
    except InvalidURLError as error:
        raise ValueError(f"proxy cannot be used: {error}") from None
    return Proxy(parsed.host, parsed.port, parsed.authorization)


class Tunnel:
    """One request for a tunnel to a server, from its first byte to the last one of the proxy's head.

    Args:
        proxy: who is asked.
        url: whose host and port lie at the other end.
        request: what will be sent through it; it stands in the `.call` of errors.

    Attributes:
        proxy: who is asked.
        is_open: whether the proxy has agreed, and the server is at the other end from now on.
    """

    def __init__(self, proxy: Proxy, url: URL, request: Request) -> None:
        self.proxy = proxy
        self.is_open = False
        self._target = _host_and_port(url.host, url.port)
        self._request = request
        self._reader = HeadReader(prefix=b"HTTP/1.")
        self._informational = 0
        self._final: ResponseHead | None = None
        self._body: RefusalBody | None = None

    def request_bytes(self) -> bytes:
        """The bytes to send first."""
        # The port is never left out, not even the usual one (RFC 9110 section 9.3.6).
        lines = [f"CONNECT {self._target} HTTP/1.1", f"Host: {self._target}"]
        if self.proxy.authorization is not None:
            lines.append(f"Proxy-Authorization: {self.proxy.authorization}")
        return "\r\n".join([*lines, "", ""]).encode("ascii")

    @property
    def refused(self) -> bool:
        """Whether the proxy has answered with anything but success: `rejection()` says with what."""
        return self._body is not None

    def receive_data(self, data: bytes) -> bool:
        """Takes bytes from the proxy.

        Returns:
            Whether the tunnel is open. False means that more bytes are needed.

        Raises:
            ProxyError: the proxy refused, and its body is there; or its answer is invalid.
        """
        try:
            if self._body is None:
                self._receive_head(data)
            else:
                self._body.receive_data(data)
        except BadHandshakeError as error:
            raise self._failure(f"did not answer in valid HTTP: {error}") from None
        if self._body is not None and self._body.complete:
            raise self.rejection()
        return self.is_open

    def rejection(self) -> ProxyError:
        """The error for a connection that ends before the tunnel is open, with as much of a refusal as is there. A new
        one each time."""
        if self._body is None or self._final is None:
            where = "in the middle of its answer" if len(self._reader) or self._informational else "before it answered"
            return self._failure(f"closed the connection {where}")
        status, reason = self._final.status, self._final.reason
        text = f"answered {status} {printable(reason or status_phrase(status), 80)} to CONNECT {self._target}"
        if status == 407 and self.proxy.authorization is None:
            text += f"; give user and password in its URL, as in {_EXAMPLE}"
        elif status == 407:
            text += "; it does not accept the user and password in its URL"
        return self._failure(text, Response(status, self._final.headers, self._body.data, reason))

    def _failure(self, text: str, response: Response | None = None) -> ProxyError:
        return ProxyError(f"the proxy at {self.proxy} {text}", call=Call(self._request, response))

    def _receive_head(self, data: bytes) -> None:
        while (head := self._reader.feed(data)) is not None:
            response = read_response(head)
            data = self._reader.rest
            if 200 <= response.status < 300:
                # Content-Length and Transfer-Encoding mean nothing here: there is no body (RFC 9110 section 9.3.6).
                if data:
                    raise self._failure("sent bytes as if from the server, before anything was sent to it")
                self.is_open = True
                return
            if response.status >= 300:
                self._final = response
                self._body = RefusalBody(response, _after_a_request())
                self._body.receive_data(data)
                return
            # RFC 9110 section 15.2: a client MUST be able to parse these and may ignore them.
            self._informational += 1
            if self._informational > MAX_INFORMATIONAL:
                raise BadHandshakeError(f"more than {MAX_INFORMATIONAL} informational responses")
            self._reader = HeadReader(prefix=b"HTTP/1.")


def _after_a_request() -> WSConnection:
    """What reads the body of a response. A refused CONNECT is answered as every other request (RFC 9112 section 6)."""
    from wsproto import ConnectionType, WSConnection
    from wsproto.events import Request as WSProtoRequest

    connection = WSConnection(ConnectionType.CLIENT)
    connection.send(WSProtoRequest(host="proxy", target="/"))
    return connection


def _host_and_port(host: str, port: int) -> str:
    # A zone names an interface of this machine (RFC 6874 section 4).
    return f"[{host.partition('%')[0]}]:{port}" if ":" in host else f"{host}:{port}"
