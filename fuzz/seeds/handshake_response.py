"""Answers of servers: valid ones, and each way to get one wrong."""

from __future__ import annotations

from typing import Final

__all__ = ["DICTIONARY", "SEEDS"]

STATUS: Final = "HTTP/1.1 101 Switching Protocols"
UPGRADE: Final = "Upgrade: websocket"
CONNECTION: Final = "Connection: Upgrade"
ACCEPT: Final = "Sec-WebSocket-Accept: {accept}"
PROTOCOL: Final = "Sec-WebSocket-Protocol: "
EXTENSIONS: Final = "Sec-WebSocket-Extensions: "
DEFLATE: Final = f"{EXTENSIONS}permessage-deflate"


def head(*lines: str) -> bytes:
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def accepted(*more: str, status: str = STATUS, upgrade: str = UPGRADE, connection: str = CONNECTION) -> bytes:
    return head(status, upgrade, connection, ACCEPT, *more)


HEADS: Final[dict[str, bytes]] = {
    "nothing": b"",
    "accepted": accepted(),
    "accepted with frames behind it": accepted() + b"\x81\x05Hello\x89\x00",
    "a subprotocol": accepted(f"{PROTOCOL}feed.v2"),
    "a subprotocol that was not offered": accepted(f"{PROTOCOL}feed.v3"),
    "two subprotocols": accepted(f"{PROTOCOL}feed.v1, feed.v2"),
    "two fields of subprotocols": accepted(f"{PROTOCOL}feed.v1", f"{PROTOCOL}feed.v2"),
    "an empty subprotocol": accepted(PROTOCOL),
    "deflate": accepted(DEFLATE),
    "deflate with everything": accepted(
        f"{DEFLATE}; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=10; "
        'client_max_window_bits="9"'
    ),
    "deflate as it was demanded": accepted(f"{DEFLATE}; server_no_context_takeover; server_max_window_bits=10"),
    "deflate with an unknown parameter": accepted(f"{DEFLATE}; x"),
    "deflate with a parameter twice": accepted(f"{DEFLATE}; server_no_context_takeover; server_no_context_takeover"),
    "deflate with a value for a flag": accepted(f"{DEFLATE}; client_no_context_takeover=1"),
    "deflate twice": accepted(f"{DEFLATE}, permessage-deflate"),
    "deflate in two fields": accepted(DEFLATE, DEFLATE),
    "another extension": accepted(f"{EXTENSIONS}x-webkit-deflate-frame"),
    "no extension": accepted(EXTENSIONS),
    "an extension that is none": accepted(f'{EXTENSIONS};=",'),
    "an extension that is not ascii": accepted(f"{DEFLATE}; \xb2"),
    **{
        f"window bits {value or 'without a number'}": accepted(f"{DEFLATE}; server_max_window_bits{value}")
        for value in ("", "=", "=abc", "=7", "=8", "=9", "=15", "=16", "=99", "=010", '="10"', '="1\\0"', '=""')
    },
    "no accept": head(STATUS, UPGRADE, CONNECTION),
    "another accept": head(STATUS, UPGRADE, CONNECTION, "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
    "two accepts": accepted(ACCEPT),
    "no upgrade": head(STATUS, CONNECTION, ACCEPT),
    "upgrade to h2c": accepted(upgrade="Upgrade: h2c"),
    "upgrade to two": accepted(upgrade="Upgrade: websocket, h2c"),
    "upgrade in capitals": accepted(upgrade="UPGRADE: WebSocket"),
    "no connection": head(STATUS, UPGRADE, ACCEPT),
    "two connections": accepted(connection="Connection: keep-alive\r\nConnection: Upgrade"),
    "http/1.0": accepted(status="HTTP/1.0 101 OK"),
    "http/2.0": accepted(status="HTTP/2.0 101 OK"),
    "no reason": accepted(status="HTTP/1.1 101"),
    "a folded line": accepted("X: a", " b", "\tc"),
    "a folded line first": head(STATUS, " a"),
    "a space before a colon": accepted("X : a"),
    "no colon": accepted("X"),
    "a nul": accepted("X: a\0b"),
    "a bare cr": accepted("X: a\rb"),
    "a bare lf": accepted("X: a\nb"),
    "a field that is not ascii": accepted("X: \xe4"),
    "too many fields": accepted("{fields}x: y"),
    "a field that is too long": accepted("X: {16k}"),
    "a head without end": b"HTTP/1.1 101 {16k}",
    "early hints": head("HTTP/1.1 103 Early Hints", "Link: </a>") + accepted(),
    "continue for ever": head("HTTP/1.1 100 Continue") * 10 + accepted(),
    "continue eight times": head("HTTP/1.1 100 Continue") * 8 + accepted(),
    "refused": head("HTTP/1.1 403 Forbidden", "Content-Length: 3") + b"no\n",
    "refused without a length": head("HTTP/1.1 500 Oops") + b"sorry",
    "refused without a body": head("HTTP/1.1 204 No Content"),
    "refused in chunks": head("HTTP/1.1 404 Not Found", "Transfer-Encoding: chunked")
    + b"3;x=y\r\nno\n\r\n0\r\nA: b\r\n\r\n",
    "refused in bad chunks": head("HTTP/1.1 404 Not Found", "Transfer-Encoding: chunked") + b"zz\r\n",
    "refused with two lengths": head("HTTP/1.1 404 Not Found", "Content-Length: 3", "Content-Length: 4") + b"no\n",
    "refused with a bad length": head("HTTP/1.1 404 Not Found", "Content-Length: -1") + b"no\n",
    "refused with a length and chunks": head("HTTP/1.1 404 X", "Content-Length: 3", "Transfer-Encoding: chunked"),
    "refused with a page without end": head("HTTP/1.1 200 OK") + b"{16k}" * 5,
    "refused by http/1.0": head("HTTP/1.0 400 Bad", "Transfer-Encoding: chunked") + b"0\r\n\r\n",
    "a redirect": head("HTTP/1.1 302 Found", "Location: ws://elsewhere.example/", "Content-Length: 0"),
    "retry after": head("HTTP/1.1 503 Busy", "Retry-After: 120", "Content-Length: 0"),
    "another version": head("HTTP/1.1 426 Upgrade Required", "Sec-WebSocket-Version: 8", "Content-Length: 0"),
    "status 600": head("HTTP/1.1 600 What"),
    "status 099": head("HTTP/1.1 099 What"),
    "tls": b"\x16\x03\x01\x02\x00\x01",
    "a tls alert": b"\x15\x03\x01\x00\x02\x02\x28",
    "ssh": b"SSH-2.0-OpenSSH_9.9\r\n",
    "nothing but a line": b"\r\n\r\n",
}

SEEDS: Final = HEADS

DICTIONARY: Final = (
    *(line.encode() + b"\r\n" for line in (STATUS, UPGRADE, CONNECTION, ACCEPT, DEFLATE, f"{PROTOCOL}feed.v1")),
    b"{accept}",
    b"{16k}",
    b"{fields}",
    b"\r\n",
    b"\r\n\r\n",
    b"\r\n ",
    b"; server_max_window_bits=",
    b"; client_max_window_bits=",
    b"; server_no_context_takeover",
    b"; client_no_context_takeover",
    b"Transfer-Encoding: chunked\r\n",
    b"Content-Length: ",
    b"HTTP/1.1 100 \r\n\r\n",
    b"HTTP/1.1 4",
    b"\xff",
    b"\0",
)
