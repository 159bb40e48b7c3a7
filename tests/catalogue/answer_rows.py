"""What a server may answer to our opening handshake, and what has to come of it (RFC 6455 section 4.1, RFC 7692
section 7.1).

The client offers the subprotocols "a" and "b" and permessage-deflate, see `OFFERED`.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from tests.catalogue.families import alike
from tests.catalogue.rows import CANARY
from tests.raw_frames import close, text
from typedws.protocol.deflate import Deflate

OFFERED: dict[str, Any] = {"subprotocols": ["a", "b"], "extensions": [Deflate()]}


@dataclass(frozen=True, slots=True)
class Opened:
    """The session is open, and what stands behind the answer reaches it."""

    subprotocol: str | None = None
    extension: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """`HandshakeRejectedError`: it says this, and its response, where there is one, has this status and body."""

    says: str
    status: int | None = None
    body: bytes = b""


Outcome: TypeAlias = Opened | Refused


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, line by line; None leaves a line out.

    Attributes:
        id: the case of the index, and what is special about this row.
        accept: `{}` in it is the value that belongs to our key.
        lowered: whether that value is written in lower case.
        more: further fields.
        body: what follows the blank line; frames, where it is an acceptance.
        before: bytes in front of the status line.
        pure: whether it is played without I/O only, because others like it are played over sockets.
    """

    id: str
    outcome: Outcome
    status: str | None = "HTTP/1.1 101 Switching Protocols"
    upgrade: str | None = "Upgrade: websocket"
    connection: str | None = "Connection: Upgrade"
    accept: str | None = "Sec-WebSocket-Accept: {}"
    lowered: bool = False
    more: tuple[str, ...] = ()
    body: bytes = text("hello") + close(1000)
    before: bytes = b""
    pure: bool = False

    @property
    def case(self) -> str:
        return self.id.split()[0]

    def to_bytes(self, key: str) -> bytes:
        """The answer to a request with this key."""
        digest = hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()
        value = base64.b64encode(digest).decode()
        if self.lowered:
            value = value.lower()
        accept = None if self.accept is None else self.accept.replace("{}", value)
        lines = [self.status, f"Set-Cookie: {CANARY}", *self.more, self.upgrade, self.connection, accept, "", ""]
        head = "\r\n".join(line for line in lines if line is not None)
        return self.before + head.encode("latin-1") + self.body


def protocol(value: str) -> str:
    return f"Sec-WebSocket-Protocol: {value}"


def extension(value: str) -> str:
    return f"Sec-WebSocket-Extensions: {value}"


INVALID = Refused("no valid WebSocket handshake", 101)
NO_HEAD = Refused("no valid WebSocket handshake")
"""It cannot even be read, so there is no response to show."""

STATUS_LINES = [
    Answer("H10 HTTP/1.0", INVALID, status="HTTP/1.0 101 Switching Protocols"),
    Answer("H10 HTTP/0.9", INVALID, status="HTTP/0.9 101 Switching Protocols"),
    Answer("H10 HTTP/2.0", INVALID, status="HTTP/2.0 101 Switching Protocols"),
    *alike(
        (
            Answer(f"H10 HTTP/{major}.{minor}", INVALID, status=f"HTTP/{major}.{minor} 101 Switching Protocols")
            for major in range(10)
            for minor in range(10)
            if (major, minor) not in ((0, 9), (1, 0), (1, 1), (2, 0))
        ),
        wired=2,
    ),
    *alike(
        (
            Answer(f"H10 {line!r}", NO_HEAD, status=line)
            for line in (
                "101 Switching Protocols",
                "HTTP/1.1 1010 Switching Protocols",
                "HTTP/1.1",
                "HTTP/1.1 ",
                "HTTP/1.1 10 x",
                "HTTP/1.1 abc",
                "HTTP/1.1 001 x",
                "HTTP/1.1 -11 x",
                "HTTP/1.1  101 x",
                "HTTP/1 101 x",
                "HTTP/11 101 x",
                "http/1.1 101 x",
                "HTTPS/1.1 101 x",
                "",
            )
        ),
        wired=4,
    ),
    Answer("H10 no reason", Opened(), status="HTTP/1.1 101"),
    Answer("H10 any reason", Opened(), status="HTTP/1.1 101 OK: w\xe4it"),
]

ACCEPTS = [
    Answer("H11 the value of another key", INVALID, accept="Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
    Answer("H11 none", INVALID, accept=None),
    Answer("H11 empty", INVALID, accept="Sec-WebSocket-Accept:"),
    Answer("H11 twice", INVALID, accept="Sec-WebSocket-Accept: {}\r\nSec-WebSocket-Accept: {}"),
    Answer("H11 right, then wrong", INVALID, accept="Sec-WebSocket-Accept: {}\r\nSec-WebSocket-Accept: x"),
    Answer("H11 twice in one field", INVALID, accept="Sec-WebSocket-Accept: {}, {}"),
    Answer("H11 with more behind it", INVALID, accept="Sec-WebSocket-Accept: {}x"),
    Answer("H11 in quotes", INVALID, accept='Sec-WebSocket-Accept: "{}"'),
    Answer("H11 our key itself", INVALID, accept="Sec-WebSocket-Accept: dGhlIHNhbXBsZSBub25jZQ=="),
    Answer("H11 in lower case", INVALID, lowered=True),
    Answer("H11 the name in lower case", Opened(), accept="sec-websocket-accept: {}"),
    Answer("H11 with spaces around it", Opened(), accept="Sec-WebSocket-Accept: \t {} \t"),
    Answer("H11 without a space", Opened(), accept="Sec-WebSocket-Accept:{}"),
]

UPGRADES = [
    *(
        Answer(f"H13 {line or 'no Upgrade'}", INVALID, upgrade=line)
        for line in (None, "Upgrade:", "Upgrade: h2c", "Upgrade: websocket, h2c", "Upgrade: web socket")
    ),
    Answer("H13 two Upgrades", INVALID, upgrade="Upgrade: websocket\r\nUpgrade: websocket"),
    *(
        Answer(f"H13 {line or 'no Connection'}", INVALID, connection=line)
        for line in (None, "Connection:", "Connection: close", "Connection: upgraded", "Connection: up grade")
    ),
    Answer("H13 Upgrade: WebSocket", Opened(), upgrade="Upgrade: WebSocket"),
    Answer("H13 upgrade: WEBSOCKET", Opened(), upgrade="upgrade: WEBSOCKET"),
    Answer("H13 Connection: keep-alive, uPgRaDe", Opened(), connection="Connection: keep-alive, uPgRaDe"),
    Answer("H13 two Connections", Opened(), connection="Connection: Upgrade\r\nConnection: keep-alive"),
    Answer("H13 two Connections, the other way", Opened(), connection="Connection: keep-alive\r\nConnection: Upgrade"),
]

SUBPROTOCOLS = [
    *(
        Answer(f"H15 {value!a}", INVALID, more=(protocol(value),))
        for value in ("c", "A", "a, b", "a,a", "", "\xe4", "a b", '"a"', "a;q=1", "a\x0b")
    ),
    Answer("H15 two fields", INVALID, more=(protocol("a"), protocol("b"))),
    Answer("H15 one twice", INVALID, more=(protocol("a"), protocol("a"))),
    Answer("H15 the second of ours", Opened("b"), more=(protocol("b"),)),
    Answer("H16 none, though some were offered", Opened()),
]

EXTENSIONS = [
    *(
        Answer(f"H17 {value!r}", INVALID, more=(extension(value),))
        for value in (
            "x-webkit-deflate-frame",
            "permessage-deflate, foo",
            "foo, permessage-deflate",
            "permessage-deflate, permessage-deflate",
            "Permessage-Deflate",
            "",
            ",",
            ";",
            "permessage-deflate;",
            "permessage-deflate; =1",
            'permessage-deflate; a="b',
            "permessage deflate",
            '"permessage-deflate"',
        )
    ),
    Answer("H17 two fields", INVALID, more=(extension("permessage-deflate"), extension("permessage-deflate"))),
    Answer("H17 ours", Opened(None, "permessage-deflate"), more=(extension("permessage-deflate"),)),
    Answer("H17 ours with commas", Opened(None, "permessage-deflate"), more=(extension(", permessage-deflate ,"),)),
    *(
        Answer(f"H19 {value}", INVALID, more=(extension(f"permessage-deflate; {value}"),))
        for value in (
            "foo",
            "foo=1",
            "server_no_context_takeover; server_no_context_takeover",
            "client_no_context_takeover; client_no_context_takeover",
            "server_max_window_bits=10; server_max_window_bits=10",
            "client_no_context_takeover=1",
            'server_no_context_takeover="x"',
            "server_no_context_takeover=true",
            "SERVER_NO_CONTEXT_TAKEOVER",
        )
    ),
]

TAKEN_BITS = [str(bits) for bits in range(9, 16)]
REFUSED_BITS = [
    "0",
    "1",
    "7",
    "8",
    "16",
    "17",
    "99",
    "010",
    "09",
    "+10",
    "-9",
    "1e1",
    "0x0a",
    "10.0",
    "abc",
    "1O",
    "9" * 50,
]

WINDOWS = [
    *alike(
        (
            Answer(f"H24 {name}={bits}", INVALID, more=(extension(f"permessage-deflate; {name}={bits}"),))
            for name in ("server_max_window_bits", "client_max_window_bits")
            for bits in REFUSED_BITS
        ),
        wired=8,
    ),
    *(
        Answer(f"H24 {value}", INVALID, more=(extension(f"permessage-deflate; {value}"),))
        for value in (
            "server_max_window_bits",
            "server_max_window_bits=",
            'server_max_window_bits=""',
            'server_max_window_bits="8"',
            'server_max_window_bits=" 10"',
            "client_max_window_bits",
            "client_max_window_bits=",
        )
    ),
    *alike(
        (
            Answer(
                f"H24 {name}={value}",
                Opened(None, f"permessage-deflate; {name}={bits}"),
                more=(extension(f"permessage-deflate; {name}={value}"),),
            )
            for name in ("server_max_window_bits", "client_max_window_bits")
            for bits in TAKEN_BITS
            for value in (bits, f'"{bits}"')
        ),
        wired=4,
    ),
]


def with_byte(byte: int, field: str) -> Answer:
    """An answer that has a byte outside of ASCII in one of our fields."""
    row = Answer(f"H26 byte {byte:02X} in {field}", INVALID)
    char = chr(byte)
    match field:
        case "Upgrade":
            return replace(row, upgrade=f"Upgrade: websocket{char}")
        case "Connection":
            return replace(row, connection=f"Connection: Upgrade{char}")
        case "Sec-WebSocket-Protocol":
            return replace(row, more=(protocol(f"a{char}"),))
        case _:
            return replace(row, more=(extension(f"permessage-deflate{char}"),))


BYTES = [
    *alike(
        (
            with_byte(byte, field)
            for field in ("Upgrade", "Connection", "Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions")
            for byte in range(0x80, 0x100)
        ),
        wired=8,
    ),
    Answer("H26 byte FF in Sec-WebSocket-Accept", INVALID, accept="Sec-WebSocket-Accept: {}\xff"),
    Answer("H26 bytes in a field of the server's own", Opened(), more=("X-Name: w\xe4rme \xff",)),
    *alike(
        (
            Answer(f"H26 control byte {byte:02X} in a value", NO_HEAD, more=(f"X: a{chr(byte)}b",))
            for byte in (0, 10, 13)
        ),
        wired=3,
    ),
    *(
        Answer(f"H26 {name}", NO_HEAD, more=(line,))
        for name, line in (
            ("a space before the colon", "X : a"),
            ("no colon", "nonsense"),
            ("no name", ": a"),
            ("a name that is no token", "X@Y: a"),
            ("a name that is not ASCII", "\xe4: a"),
        )
    ),
    Answer("H26 a bare LF ends a line", NO_HEAD, more=("X: a\nY: b",)),
    Answer("H26 a line is folded", Opened(), more=("X: a", " b")),
    Answer("H26 the first line is folded", NO_HEAD, status="HTTP/1.1 101 x\r\n folded"),
]

FRAMING = [
    Answer("H28 frames in the segment of the answer", Opened()),
    Answer("H28 a Content-Length", Opened(), more=("Content-Length: 10",)),
    Answer("H28 a Transfer-Encoding", Opened(), more=("Transfer-Encoding: chunked",)),
    Answer("H28 an early hint", Opened(), before=b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"),
    Answer("H28 eight informational answers", Opened(), before=b"HTTP/1.1 100 Continue\r\n\r\n" * 8),
    Answer("H28 nine informational answers", NO_HEAD, before=b"HTTP/1.1 100 Continue\r\n\r\n" * 9),
    Answer("H28 an empty line in front", NO_HEAD, before=b"\r\n"),
]

NO_HTTP = [
    Answer(f"H29 {name}", Refused(says), before=data, pure=False)
    for name, data, says in (
        ("a TLS alert", b"\x15\x03\x01\x00\x02\x02\x46", "TLS"),
        ("a part of a TLS alert", b"\x15", "TLS"),
        ("a TLS handshake", b"\x16\x03\x03\x00\x7a", "TLS"),
        ("SSH", b"SSH-2.0-OpenSSH_9.2\r\n", "not HTTP"),
        ("SMTP", b"220 mail.test ESMTP\r\n", "not HTTP"),
        ("a frame", text(CANARY), "not HTTP"),
        ("zeros", bytes(100), "not HTTP"),
        ("HTTP/2", b"\x00\x00\x12\x04\x00\x00\x00\x00\x00", "not HTTP"),
    )
]


def refusal(id: str, status: str, says: str, *fields: str, body: bytes = CANARY.encode(), pure: bool = False) -> Answer:
    """A refusal whose body has a length."""
    return Answer(
        id,
        Refused(says, int(status.split()[0]), body),
        status=f"HTTP/1.1 {status}",
        upgrade=None,
        connection=None,
        accept=None,
        more=(f"Content-Length: {len(body)}", *fields),
        body=body,
        pure=pure,
    )


PLACES = (
    "https://elsewhere.test/",
    "ws://elsewhere.test",
    "wss://u:p@elsewhere.test/",
    "/login",
    "file:///etc/passwd",
    "",
)

REFUSALS = [
    *alike(
        (
            refusal(
                f"H7 {status} to {place!r}",
                f"{status} Moved",
                # Without the user and the query, which may be credentials.
                f"if you trust it, connect to {place.replace('u:p@', '')}",
                f"Location: {place}",
            )
            for status in (301, 302, 303, 307, 308)
            for place in PLACES
        ),
        wired=8,
    ),
    refusal("H7 300 to nowhere", "300 Multiple Choices", "server answered 300 Multiple Choices"),
    *(
        refusal(f"H8 {status}", f"{status} Because", f"server answered {status} Because", "Retry-After: 7")
        for status in (400, 401, 403, 404, 407, 410, 426, 429, 500, 502, 503, 504)
    ),
    *alike(
        (
            refusal(f"H8 status {status}", f"{status} x", f"server answered {status}")
            for status in (*range(200, 600, 7), 600, 799, 999)
            if status not in (204, 205, 304)
        ),
        wired=3,
    ),
    refusal("H8 no reason", "404", "server answered 404 Not Found"),
    refusal("H8 an unknown status", "499", "server answered 499 Unknown Status"),
    refusal("H8 Retry-After", "503 Busy", "(Retry-After: 7)", "Retry-After: 7"),
    refusal("H8 another version", "426 Upgrade Required", "it speaks WebSocket version 8", "Sec-WebSocket-Version: 8"),
    refusal("H8 bytes that cannot be printed", "500 \x1b[31m\xff", "server answered 500 ?[31m?"),
    refusal("H6 a page", "200 OK", "there is an HTTP server at this URL, but no WebSocket"),
    refusal("H6 a large page", "200 OK", "no WebSocket", body=b"<p>" * 10_000),
    refusal("H6 nothing", "204 No Content", "no WebSocket", body=b""),
]

ANSWERS: list[Answer] = [
    *STATUS_LINES,
    *ACCEPTS,
    *UPGRADES,
    *SUBPROTOCOLS,
    *EXTENSIONS,
    *WINDOWS,
    *BYTES,
    *FRAMING,
    *NO_HTTP,
    *REFUSALS,
]
