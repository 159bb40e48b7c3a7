"""The opening handshake as data: what was asked and what was answered (RFC 6455 section 4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import TypeAlias, cast, final

from typedws.redaction import shown_url, shown_value

__all__ = ["Call", "Headers", "HeadersLike", "Request", "Response", "pairs_of"]

HeadersLike: TypeAlias = "Mapping[str, str] | Iterable[tuple[str, str]]"
"""What may be given where headers are asked for; pairs where a name occurs more than once."""


def pairs_of(headers: object) -> Iterable[object]:
    """What was given as headers, one by one; each should be a name and a value.

    Raises:
        TypeError: neither a mapping nor pairs.
    """
    if isinstance(headers, Mapping):
        return cast("Mapping[object, object]", headers).items()
    if isinstance(headers, str | bytes) or not isinstance(headers, Iterable):
        raise TypeError(f"headers are a mapping of str to str, or pairs of str, not {type(headers).__name__}")
    return cast("Iterable[object]", headers)


def _as_pair(field: tuple[str, str]) -> tuple[str, str]:
    name, value = field
    return name, value


@final
class Headers(Mapping[str, str]):
    """HTTP header fields: a frozen mapping whose names ignore case and may occur more than once.

    `headers["name"]` is all values of that name joined by `", "` (RFC 9110 section 5.3); `get_all` keeps them apart;
    `items_raw` is every field as it stood on the wire, in order. `repr` shows every name, and values only of fields
    that are known to hold no credentials.

    Raises:
        TypeError: neither a mapping nor pairs.
    """

    __slots__ = ("_flat",)

    def __init__(self, fields: HeadersLike = ()) -> None:
        pairs = cast("Iterable[tuple[str, str]]", pairs_of(fields))
        # Name, value, name, value: a session keeps its headers, and a tuple for each would take more than they do.
        self._flat: tuple[str, ...] = tuple(chain.from_iterable(map(_as_pair, pairs)))

    def _pairs(self) -> Iterator[tuple[str, str]]:
        each = iter(self._flat)
        return zip(each, each, strict=True)

    def get_all(self, name: str) -> tuple[str, ...]:
        """Every value of `name`, in order; empty where there is none."""
        wanted = name.lower()
        return tuple(value for key, value in self._pairs() if key.lower() == wanted)

    def items_raw(self) -> tuple[tuple[str, str], ...]:
        """Every field, in order, with its name spelled as it was."""
        return tuple(self._pairs())

    def __getitem__(self, name: str) -> str:
        values = self.get_all(name)
        if not values:
            raise KeyError(name)
        return ", ".join(values)

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(map(str.lower, self._flat[::2])))

    def __len__(self) -> int:
        return len(set(map(str.lower, self._flat[::2])))

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and bool(self.get_all(name))

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Headers):
            return [(n.lower(), v) for n, v in self._pairs()] == [(n.lower(), v) for n, v in other._pairs()]
        return NotImplemented

    def __hash__(self) -> int:
        return hash(tuple((name.lower(), value) for name, value in self._pairs()))

    def __repr__(self) -> str:
        return f"Headers({[(name, shown_value(name, value)) for name, value in self._pairs()]!r})"


_set = object.__setattr__
"""Sets a field of a frozen object while it is made."""


def _as_headers(fields: HeadersLike) -> Headers:
    return fields if isinstance(fields, Headers) else Headers(fields)


@dataclass(frozen=True, slots=True, init=False)
class Request:
    """The request of an opening handshake. Its `repr` has neither the values of the query nor those of most headers.

    Attributes:
        url: the absolute URL, `ws://` or `wss://`, without user information.
        headers: all header fields that were sent; may be given as a mapping or pairs.
        remote: on a server the client's address: host and port, or the path of its Unix socket; None where it has none
            (as most Unix sockets of clients do), and on a client.

    Raises:
        TypeError: headers that are neither a mapping nor pairs.
    """

    url: str
    headers: Headers
    remote: tuple[str, int] | str | None

    def __init__(self, url: str, headers: HeadersLike = (), remote: tuple[str, int] | str | None = None) -> None:
        _set(self, "url", url)
        _set(self, "headers", _as_headers(headers))
        _set(self, "remote", remote)

    def __repr__(self) -> str:
        return f"Request(url={shown_url(self.url)!r}, headers={self.headers!r}, remote={self.remote!r})"

    @property
    def target(self) -> str:
        """Path and query: what stood in the request line."""
        rest = self.url.split("://", 1)[-1]
        slash = rest.find("/")
        return "/" if slash < 0 else rest[slash:]

    @property
    def path(self) -> str:
        """The path, percent-encoded as it was sent, without the query."""
        return self.target.split("?", 1)[0]

    @property
    def query(self) -> str:
        """The query string, percent-encoded as it was sent, without the question mark; empty where there is none."""
        return self.target.partition("?")[2]


@dataclass(frozen=True, slots=True, init=False)
class Response:
    """The response of an opening handshake, or what `process_request` answers instead of an upgrade. Its `repr` has the
    size of the body, and no values of most headers.

    Attributes:
        status: the HTTP status code; 101 where the connection was upgraded.
        headers: all header fields; may be given as a mapping or pairs.
        body: the body of a refusal, at most 64 KiB of it.
        reason: the reason phrase.

    Raises:
        TypeError: headers that are neither a mapping nor pairs, or a body that is not bytes.
    """

    status: int
    headers: Headers
    body: bytes
    reason: str

    def __init__(self, status: int, headers: HeadersLike = (), body: bytes = b"", reason: str = "") -> None:
        if not isinstance(body, bytes):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"the body of a Response is bytes, not {type(body).__name__}")
        _set(self, "status", status)
        _set(self, "headers", _as_headers(headers))
        _set(self, "body", body)
        _set(self, "reason", reason)

    def __repr__(self) -> str:
        body = f"<{len(self.body)} bytes>" if self.body else "b''"
        return f"Response(status={self.status!r}, headers={self.headers!r}, body={body}, reason={self.reason!r})"


@dataclass(frozen=True, slots=True)
class Call:
    """An opening handshake: the request, and the response to it (None where none came)."""

    request: Request
    response: Response | None = None
