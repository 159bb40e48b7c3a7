"""Heads: what stands before the blank line of an HTTP/1.1 message, cut from a stream of bytes and read (RFC 9112).

A WebSocket begins with one HTTP request and one response. We cut and check their heads ourselves, so that what is
counted, refused and said about it does not depend on how the bytes happened to be split into segments. What follows the
blank line is the business of others.

Where RFC 9112 leaves a choice to the recipient, we take the strict one, as most software that speaks WebSocket does:
lines end in CR LF, a bare LF or CR is refused (section 2.2), no space stands before the colon of a field (section 5.1).
A folded line is refused in a request and unfolded in a response, as section 5.2 wants it of each.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

from typedws.call import Headers, HeadersLike, pairs_of
from typedws.config import MAX_HEAD_BYTES, MAX_HEADERS
from typedws.errors import RemoteProtocolError

__all__ = [
    "BadHandshakeError",
    "HeadReader",
    "RequestHead",
    "ResponseHead",
    "check_fields",
    "is_token",
    "list_items",
    "printable",
    "read_request",
    "read_response",
]

_SPACE: Final = " \t"
_TOKEN: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_REQUEST_LINE: Final = re.compile(rf"({_TOKEN.pattern}) ([\x21-\x7e]+) (HTTP/[0-9]\.[0-9])")
_STATUS_LINE: Final = re.compile(r"(HTTP/[0-9]\.[0-9]) ([1-9][0-9]{2})(?: ([^\0\r\n]*))?")
_FIELD: Final = re.compile(rf"({_TOKEN.pattern}):[ \t]*([^\0\r\n]*)")
_SENDABLE_VALUE: Final = re.compile(r"[\t\x20-\x7e]*")
_BARE_LF: Final = re.compile(rb"(?<!\r)\n")
_USUAL: Final = {text: text for text in ("websocket", "Upgrade", "13", "no-cache", "Switching Protocols")}
"""What stands in nearly every handshake. It need not be kept for each connection by itself."""

_TLS_RECORDS: Final = (0x15, 0x16)
"""The first byte of a TLS alert and of a TLS handshake (RFC 8446 section 5.1); no HTTP message begins with either."""


class BadHandshakeError(RemoteProtocolError):
    """Bytes that are no valid opening handshake.

    It does not leave `typedws.protocol`: a client raises `HandshakeRejectedError` for it, a server answers `status`.

    Attributes:
        status: the HTTP status that says so.
    """

    def __init__(self, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


class HeadReader:
    """Collects bytes up to and with the first blank line, in time linear in their number however they are split.

    Args:
        prefix: what the head has to begin with; anything else is refused at its first wrong byte.

    Attributes:
        rest: the bytes behind the blank line, once it has come.
    """

    __slots__ = ("_buffer", "_prefix", "rest")

    def __init__(self, *, prefix: bytes = b"") -> None:
        self._buffer = bytearray()
        self._prefix = prefix
        self.rest = b""

    def __len__(self) -> int:
        return len(self._buffer)

    def feed(self, data: bytes) -> bytes | None:
        """The head without its blank line once it is complete, else None. To be fed no more after that.

        Raises:
            BadHandshakeError: more than 16 KiB or 100 fields (431), a bare LF, or no HTTP at all (400).
        """
        # The blank line may have begun in the last three bytes.
        start = max(0, len(self._buffer) - 3)
        room = MAX_HEAD_BYTES - len(self._buffer)
        self._buffer += data[:room]
        self._check_begin()
        end = self._buffer.find(b"\r\n\r\n", start)
        if _BARE_LF.search(self._buffer, start, end + 4 if end >= 0 else len(self._buffer)):
            raise BadHandshakeError("a line of the HTTP head ends in a bare LF (RFC 9112 2.2)")
        if end < 0:
            if len(self._buffer) >= MAX_HEAD_BYTES:
                raise BadHandshakeError(f"the HTTP head has more than {MAX_HEAD_BYTES} bytes", status=431)
            return None
        head = bytes(self._buffer[:end])
        if head.count(b"\r\n") > MAX_HEADERS:
            raise BadHandshakeError(f"the HTTP head has more than {MAX_HEADERS} fields", status=431)
        self.rest = bytes(self._buffer[end + 4 :]) + data[room:]
        return head

    def _check_begin(self) -> None:
        begin = bytes(self._buffer[: len(self._prefix) or 1])
        if begin and begin[0] in _TLS_RECORDS:
            raise BadHandshakeError("these bytes are TLS, not HTTP: one end speaks TLS (wss), the other one does not")
        if self._prefix and not self._prefix.startswith(begin):
            raise BadHandshakeError("these bytes are not HTTP")


@dataclass(frozen=True, slots=True)
class RequestHead:
    """A request without its body."""

    method: str
    target: str
    version: str
    headers: Headers


@dataclass(frozen=True, slots=True)
class ResponseHead:
    """A response without its body."""

    version: str
    status: int
    reason: str
    headers: Headers


def read_request(head: bytes) -> RequestHead:
    """Reads a head that a client sent.

    Raises:
        BadHandshakeError: it is malformed.
    """
    line, *rest = head.decode("latin-1").split("\r\n")
    match = _REQUEST_LINE.fullmatch(line)
    if match is None:
        raise BadHandshakeError("the request line is malformed (RFC 9112 3)")
    return RequestHead(method=match[1], target=match[2], version=match[3], headers=_read_fields(rest))


def read_response(head: bytes) -> ResponseHead:
    """Reads a head that a server sent.

    Raises:
        BadHandshakeError: it is malformed.
    """
    line, *rest = head.decode("latin-1").split("\r\n")
    match = _STATUS_LINE.fullmatch(line)
    if match is None:
        raise BadHandshakeError("the status line is malformed (RFC 9112 4)")
    headers = _read_fields(rest, unfold=True)
    reason = (match[3] or "").strip()
    return ResponseHead(version=match[1], status=int(match[2]), reason=_USUAL.get(reason, reason), headers=headers)


def _read_fields(lines: list[str], *, unfold: bool = False) -> Headers:
    fields: list[tuple[str, str]] = []
    for number, line in enumerate(lines, 1):
        if line[:1] in (" ", "\t") and unfold and fields and not re.search(r"[\0\r\n]", line):
            name, value = fields.pop()
            fields.append((name, f"{value} {line.strip(_SPACE)}".strip(_SPACE)))
        elif match := _FIELD.fullmatch(line):
            # Most names are those of a thousand other connections.
            value = match[2].rstrip(_SPACE)
            fields.append((sys.intern(match[1]), _USUAL.get(value, value)))
        else:
            raise BadHandshakeError(f"field {number} of the HTTP head is malformed (RFC 9112 5)")
    return Headers(fields)


def is_token(text: str) -> bool:
    """Whether `text` is a token (RFC 9110 section 5.6.2): what names of fields, subprotocols and extensions are."""
    return _TOKEN.fullmatch(text) is not None


def list_items(headers: Headers, name: str) -> list[str]:
    """The elements of a comma-separated field, over all its lines, without empty ones (RFC 9110 5.6.1)."""
    return [item for value in headers.get_all(name) for part in value.split(",") if (item := part.strip(_SPACE))]


def check_fields(headers: HeadersLike, *, reserved: Mapping[str, str] | None = None) -> list[tuple[str, str]]:
    """The fields that a caller wants to send, as a list, without the spaces around values.

    Args:
        headers: the fields.
        reserved: what may not be among them: lower-case names, or beginnings of names that end in `-`, each with
            what to do instead.

    Raises:
        ValueError: a name that is no token, a value with a control character (CR, LF and NUL would write fields that
            nobody asked for) or not in ASCII, or a reserved field. Values are not quoted: they may be secret.
        TypeError: these are no pairs of `str`.
    """
    fields: list[tuple[str, str]] = []
    for pair in headers.items_raw() if isinstance(headers, Headers) else pairs_of(headers):
        name, value = _as_pair(pair)
        if not is_token(name):
            # Up to where it is wrong: "Authorization: Bearer ..." in place of a name has a value in it.
            begin = _TOKEN.match(name)
            shown = f"{begin[0][:80]!a}..." if begin else "what was given"
            raise ValueError(f"{shown} is not a header name: it is no token (RFC 9110 5.1)")
        value = value.strip(_SPACE)
        if not _SENDABLE_VALUE.fullmatch(value):
            raise ValueError(f"the value of header {name} has a control or non-ASCII character (RFC 9110 5.5)")
        for taken, instead in (reserved or {}).items():
            if name.lower() == taken or (taken.endswith("-") and name.lower().startswith(taken)):
                raise ValueError(f"header {name} cannot be set: {instead}")
        fields.append((name, value))
    return fields


def _as_pair(pair: object) -> tuple[str, str]:
    # Not `case (str(name), str(value))`: CPython 3.11 looks `str.__match_args__` up with a new string each time, and
    # its cache of attributes keeps thousands of them: memory would grow with the first thousands of handshakes.
    if isinstance(pair, Sequence) and not isinstance(pair, str | bytes | bytearray) and len(pair) == 2:  # pyright: ignore[reportUnknownArgumentType]
        name, value = cast("Sequence[object]", pair)
        if isinstance(name, str) and isinstance(value, str):
            return name, value
    raise TypeError("headers are a mapping of str to str, or pairs of str")


def printable(text: str, limit: int = 120) -> str:
    """`text` from the peer as it may stand in an error: printable ASCII, and not longer than `limit` and three dots."""
    shown = "".join(char if " " <= char <= "~" else "?" for char in text[:limit])
    return shown if len(text) <= limit else f"{shown}..."
