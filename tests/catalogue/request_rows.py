"""What a client may ask of a server, and what it is answered (RFC 6455 section 4.2, RFC 9112)."""

from __future__ import annotations

from dataclasses import dataclass

from tests.catalogue.families import alike
from tests.catalogue.rows import CANARY

KEY = "dGhlIHNhbXBsZSBub25jZQ=="


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, line by line; None leaves a line out. The server speaks the subprotocols "a" and "b", and deflate.

    Attributes:
        id: the case of the index, and what is special about this row.
        status: what the server answers; 101 lets the client in.
        line: the request line.
        more: further fields.
        body: what follows the blank line.
        answered: fields that the answer must have.
        pure: whether it is played without I/O only, because others like it are played over sockets.
    """

    id: str
    status: int
    line: str = f"GET /?token={CANARY} HTTP/1.1"
    host: str | None = "Host: server.test"
    upgrade: str | None = "Upgrade: websocket"
    connection: str | None = "Connection: Upgrade"
    key: str | None = f"Sec-WebSocket-Key: {KEY}"
    version: str | None = "Sec-WebSocket-Version: 13"
    more: tuple[str, ...] = ()
    body: bytes = b""
    answered: tuple[str, ...] = ()
    pure: bool = False

    @property
    def case(self) -> str:
        return self.id.split()[0]

    def to_bytes(self) -> bytes:
        lines = [self.line, f"Cookie: {CANARY}", self.host, self.upgrade, self.connection, self.key, self.version]
        return (
            "\r\n".join([line for line in [*lines, *self.more] if line is not None] + ["", ""]).encode("latin-1")
            + self.body
        )


def protocol(value: str) -> str:
    return f"Sec-WebSocket-Protocol: {value}"


def extension(value: str) -> str:
    return f"Sec-WebSocket-Extensions: {value}"


def bits(value: str) -> str:
    return extension(f"permessage-deflate; server_max_window_bits{value}")


LINES = [
    Asked("H10 HTTP/1.0", 426, "GET / HTTP/1.0"),
    Asked("H10 HTTP/2.0", 505, "GET / HTTP/2.0"),
    Asked("H10 HTTP/0.9", 505, "GET / HTTP/0.9"),
    *alike(
        (
            Asked(f"H10 {method}", 405, f"{method} / HTTP/1.1", answered=("allow: GET",))
            for method in ("POST", "PUT", "get", "OPTIONS", "CONNECT", "X")
        ),
        wired=2,
    ),
    *alike(
        (
            Asked(f"H10 {line!a}", 400, line)
            for line in (
                "GET /",
                "GET  / HTTP/1.1",
                "GET / HTTP/1.1 ",
                " GET / HTTP/1.1",
                "GET / HTTP/1",
                "GET / http/1.1",
                "GET /\x00 HTTP/1.1",
                "GET /\xe4 HTTP/1.1",
                "GET /a b HTTP/1.1",
                "GET\t/ HTTP/1.1",
                "GET / HTTPS/1.1",
                "G\xcbT / HTTP/1.1",
                "GET server.test HTTP/1.1",
                "GET /#fragment HTTP/1.1",
                "",
            )
        ),
        wired=4,
    ),
    Asked("H10 an absolute target", 101, "GET http://server.test/x HTTP/1.1"),
]

UPGRADES = [
    *(
        Asked(f"H13 {line or 'no Upgrade'}", 426, upgrade=line)
        for line in (None, "Upgrade:", "Upgrade: h2c", "Upgrade: web socket")
    ),
    *(
        Asked(f"H13 {line or 'no Connection'}", 426, connection=line)
        for line in (None, "Connection: close", "Connection: upgraded")
    ),
    Asked("H13 UPGRADE: h2c, WebSocket", 101, upgrade="UPGRADE: h2c, WebSocket"),
    Asked("H13 two Connections", 101, connection="Connection: keep-alive\r\nConnection: upgrade"),
]

HOSTS = [
    Asked("H33 no Host", 400, host=None),
    Asked("H33 two Hosts", 400, host="Host: a.test\r\nHost: b.test"),
    *alike(
        (
            Asked(f"H33 {host!a}", 400, host=host)
            for host in (
                "Host:",
                "Host: a b",
                "Host: a.test/x",
                "Host: u@a.test",
                "Host: a.test:x",
                "Host: \xe4.test",
                "Host: [::1",
            )
        ),
        wired=2,
    ),
    Asked("H33 a body with a length", 400, more=("Content-Length: 5",), body=b"hello"),
    Asked("H33 a body in chunks", 400, more=("Transfer-Encoding: chunked",), body=b"0\r\n\r\n"),
    Asked("H33 two lengths", 400, more=("Content-Length: 0", "Content-Length: 5")),
    Asked("H33 no body", 101, more=("Content-Length: 0",)),
]

KEYS = [
    Asked("H11 no key", 400, key=None),
    Asked("H11 two keys", 400, key=f"Sec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Key: {KEY}"),
    *alike(
        (
            Asked(f"H11 {value!a}", 400, key=f"Sec-WebSocket-Key: {value}")
            for value in (
                "",
                "c2hvcnQ=",
                KEY[:-1],
                KEY + "=",
                KEY * 2,
                KEY.replace("Q", "\xe4"),
                KEY[:-2] + " =",
                "=" * 24,
            )
        ),
        wired=3,
    ),
    *(
        Asked(f"H11 {line or 'no version'}", 426, version=line, answered=("sec-websocket-version: 13",))
        for line in (None, "Sec-WebSocket-Version: 8", "Sec-WebSocket-Version: 013", "Sec-WebSocket-Version: 13, 8")
    ),
    Asked("H11 two versions", 426, version="Sec-WebSocket-Version: 13\r\nSec-WebSocket-Version: 8"),
]

OFFERS = [
    *alike(
        (
            Asked(f"H15 {value!a}", 400, more=(protocol(value),))
            for value in ("a b", '"a"', "a;q=1", "a, b c", "a/b", "a, \x0b")
        ),
        wired=2,
    ),
    *(Asked(f"H15 {value!a}", 101, more=(protocol(value),)) for value in ("c", "A", "", ",", ", ,")),
    Asked("H15 not ASCII", 400, more=(protocol("\xe4"),)),
    Asked("H15 ours, in our order", 101, more=(protocol("c, b, a"),), answered=("sec-websocket-protocol: a",)),
    Asked("H15 ours, in two fields", 101, more=(protocol("c"), protocol("b")), answered=("sec-websocket-protocol: b",)),
    *alike(
        (
            Asked(f"H17 {value!a}", 400, more=(extension(value),))
            for value in (
                ";;",
                "permessage-deflate;",
                "permessage deflate",
                '"permessage-deflate"',
                'a; b="c',
                "a; b=c d",
                ",;",
            )
        ),
        wired=3,
    ),
    Asked("H17 one that we do not know", 101, more=(extension("x-webkit-deflate-frame"),)),
    Asked(
        "H17 ours twice",
        101,
        more=(extension("permessage-deflate, permessage-deflate"),),
        answered=("sec-websocket-extensions: permessage-deflate",),
    ),
    *alike(
        (
            Asked(f"H19 {value}", 101, more=(extension(f"permessage-deflate; {value}"),))
            for value in (
                "foo",
                "client_no_context_takeover=1",
                "server_no_context_takeover; server_no_context_takeover",
                "client_max_window_bits; client_max_window_bits",
                "SERVER_NO_CONTEXT_TAKEOVER",
            )
        ),
        wired=2,
    ),
    Asked(
        "H19 one that is wrong, then one that is right",
        101,
        more=(extension("permessage-deflate; foo, permessage-deflate"),),
        answered=("sec-websocket-extensions: permessage-deflate",),
    ),
    *alike(
        (
            Asked(f"H24 server_max_window_bits{value}", 101, more=(bits(value),))
            for value in ("", "=8", "=7", "=16", "=99", "=010", "=abc", "=-9", "=" + "9" * 50, '="8"')
        ),
        wired=4,
    ),
    *alike(
        (Asked(f"H24 server_max_window_bits{value}", 400, more=(bits(value),)) for value in ("=", '=""', '=" 9"')),
        wired=1,
    ),
    *alike(
        (
            Asked(
                f"H24 server_max_window_bits={value}",
                101,
                more=(bits(f"={value}"),),
                answered=(f"sec-websocket-extensions: permessage-deflate; server_max_window_bits={agreed}",),
            )
            for number in range(9, 16)
            for value in (str(number), f'"{number}"')
            for agreed in (min(number, 12),)
        ),
        wired=2,
    ),
]

FIELDS = [
    *alike(
        (
            Asked(f"H26 byte {byte:02X} in {name}", 400, more=(f"{name}: a{chr(byte)}",))
            for name in ("Sec-WebSocket-Extensions", "Sec-WebSocket-Protocol", "Upgrade", "Connection")
            for byte in range(0x80, 0x100)
        ),
        wired=4,
    ),
    Asked("H26 bytes in a field of the client's own", 101, more=("X-Name: w\xe4rme \xff",)),
    *(Asked(f"H26 control byte {byte:02X} in a value", 400, more=(f"X: a{chr(byte)}b",)) for byte in (0, 10, 13)),
    *(
        Asked(f"H26 {name}", 400, more=lines)
        for name, lines in (
            ("a space before the colon", ("X : a",)),
            ("no colon", ("nonsense",)),
            ("no name", (": a",)),
            ("a line is folded", ("X: a", " b")),
            ("a name that is no token", ("X@Y: a",)),
        )
    ),
    Asked("H3 100 fields", 101, more=tuple(f"X-{n}: a" for n in range(94))),
    Asked("H3 101 fields", 431, more=tuple(f"X-{n}: a" for n in range(95))),
    Asked("H3 10,000 fields", 431, more=tuple(f"X-{n}: a" for n in range(10_000))),
    Asked("H5 a long value", 431, more=("X: " + "a" * 20_000,)),
    Asked("H5 a long target", 431, "GET /" + "a" * 20_000 + " HTTP/1.1"),
    Asked("H5 no line end", 431, "GET /" + "a" * 200_000),
]

NO_HTTP = [
    Asked("H29 TLS", 400, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
    Asked("H29 a frame", 400, "\x81\x85\x00\x00\x00\x00hello"),
    Asked("H29 HTTP/2", 400, "PRI * HTTP/2.0 SM"),
]

REQUESTS: list[Asked] = [*LINES, *UPGRADES, *HOSTS, *KEYS, *OFFERS, *FIELDS, *NO_HTTP]
