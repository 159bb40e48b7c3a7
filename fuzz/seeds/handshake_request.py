"""Requests of clients: valid ones, and each way to get one wrong."""

from __future__ import annotations

from typing import Final

__all__ = ["DICTIONARY", "SEEDS"]

LINE: Final = "GET /chat HTTP/1.1"
HOST: Final = "Host: server.example.com"
UPGRADE: Final = "Upgrade: websocket"
CONNECTION: Final = "Connection: Upgrade"
KEY: Final = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
VERSION: Final = "Sec-WebSocket-Version: 13"
PROTOCOL: Final = "Sec-WebSocket-Protocol: "
EXTENSIONS: Final = "Sec-WebSocket-Extensions: "
DEFLATE: Final = f"{EXTENSIONS}permessage-deflate"


def head(*lines: str) -> bytes:
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def request(
    *more: str,
    line: str = LINE,
    host: str = HOST,
    upgrade: str = UPGRADE,
    connection: str = CONNECTION,
    key: str = KEY,
    version: str = VERSION,
) -> bytes:
    return head(line, *filter(None, (host, upgrade, connection, key, version)), *more)


HEADS: Final[dict[str, bytes]] = {
    "nothing": b"",
    "rfc 1.2": request("Origin: http://example.com", f"{PROTOCOL}chat, superchat"),
    "with frames behind it": request() + b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58",
    "subprotocols": request(f"{PROTOCOL}feed.v1, feed.v2"),
    "subprotocols in two fields": request(f"{PROTOCOL}feed.v1", f"{PROTOCOL}feed.v2,"),
    "a subprotocol twice": request(f"{PROTOCOL}feed.v1, feed.v1"),
    "a subprotocol that is no token": request(f'{PROTOCOL}feed v1, "x"'),
    "an empty subprotocol": request(PROTOCOL),
    "a long subprotocol": request(f"{PROTOCOL}{', ' * 1500}"),
    "deflate": request(f"{DEFLATE}; client_max_window_bits"),
    "two offers of deflate": request(f"{DEFLATE}; server_max_window_bits=10, permessage-deflate"),
    "offers in two fields": request(f"{DEFLATE}; x", f"{DEFLATE}; server_no_context_takeover"),
    "deflate with everything": request(
        f"{DEFLATE}; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9; "
        'client_max_window_bits="12"'
    ),
    "deflate with 8 bits": request(f"{DEFLATE}; server_max_window_bits=8", f"{DEFLATE}; client_max_window_bits=8"),
    "deflate with bad bits": request(f"{DEFLATE}; server_max_window_bits=16", f"{DEFLATE}; client_max_window_bits=x"),
    "another extension": request(f"{EXTENSIONS}foo; bar=1, permessage-deflate"),
    "an extension that is none": request(f'{EXTENSIONS}foo; bar="'),
    "an extension with escapes": request(f'{EXTENSIONS}permessage-deflate; client_max_window_bits="\\1\\0"'),
    "an empty extension": request(EXTENSIONS),
    "an extension that is not ascii": request(f"{DEFLATE}; \xb2"),
    "no host": request(host=""),
    "two hosts": request(HOST),
    "a host with a port": request(host="Host: server.example.com:8080"),
    "an ipv6 host": request(host="Host: [::1]:80"),
    "a bad host": request(host="Host: a/b"),
    "no upgrade": request(upgrade=""),
    "another upgrade": request(upgrade="Upgrade: h2c"),
    "two upgrades": request(upgrade="Upgrade: h2c, WebSocket"),
    "no connection": request(connection=""),
    "keep-alive": request(connection="Connection: keep-alive, Upgrade"),
    "no key": request(key=""),
    "two keys": request(KEY),
    "a short key": request(key="Sec-WebSocket-Key: eA=="),
    "a key that is no base64": request(key="Sec-WebSocket-Key: {}"),
    "no version": request(version=""),
    "version 8": request(version="Sec-WebSocket-Version: 8"),
    "two versions": request(version="Sec-WebSocket-Version: 13, 8"),
    "two fields of versions": request(VERSION),
    "http/1.0": request(line="GET /chat HTTP/1.0"),
    "http/2.0": request(line="GET /chat HTTP/2.0"),
    "post": request(line="POST /chat HTTP/1.1"),
    "head": request(line="HEAD /chat HTTP/1.1"),
    "connect": request(line="CONNECT server.example.com:80 HTTP/1.1"),
    "http/2 without upgrade": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "an absolute target": request(line="GET http://other.example.com?x HTTP/1.1"),
    "an absolute target without a host": request(line="GET http:///chat HTTP/1.1"),
    "a target with a fragment": request(line="GET /chat#x HTTP/1.1"),
    "a target that is no path": request(line="GET * HTTP/1.1"),
    "a target that is not ascii": request(line="GET /\xe4 HTTP/1.1"),
    "no target": request(line="GET HTTP/1.1"),
    "a body": request("Content-Length: 3") + b"abc",
    "no body": request("Content-Length: 0"),
    "chunks": request("Transfer-Encoding: chunked") + b"0\r\n\r\n",
    "a folded line": request("X: a", " b"),
    "a space before a colon": request("X : a"),
    "no colon": request("X"),
    "a nul": request("X: a\0b"),
    "a bare cr": request("X: a\rb"),
    "a bare lf": request("X: a\nb"),
    "a field that is not ascii": request("X: \xe4"),
    "too many fields": request("{fields}x: y"),
    "a field that is too long": request("X: {16k}"),
    "a head without end": b"GET /{16k}",
    "tls": b"\x16\x03\x01\x02\x00\x01",
    "a line before it": b"\r\n" + request(),
    "a plain request": head(LINE, HOST),
}

SEEDS: Final = HEADS

DICTIONARY: Final = (
    *(line.encode() + b"\r\n" for line in (LINE, HOST, UPGRADE, CONNECTION, KEY, VERSION, DEFLATE)),
    b"{16k}",
    b"{fields}",
    b"\r\n",
    b"\r\n\r\n",
    b", permessage-deflate",
    b"; server_max_window_bits=",
    b"; client_max_window_bits",
    b"; server_no_context_takeover",
    b"; client_no_context_takeover",
    b"Sec-WebSocket-Protocol: feed.v1\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Content-Length: ",
    b"http://",
    b"\xff",
    b"\0",
)
