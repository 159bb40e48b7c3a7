"""Where a connection goes and what it says about itself: URL, header fields and credentials, from typed arguments.

Values are percent-encoded, so that none of them can change the URL beyond its own place. What is secret is never in a
`repr` or an error text; as an error of the opening handshake has the request on it, the secrets in that are masked.
"""

from __future__ import annotations

import base64
import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias, cast
from urllib.parse import quote
from uuid import UUID

from typedws.call import Call, Headers, HeadersLike, Request
from typedws.errors import InvalidURLError
from typedws.protocol.head import check_fields
from typedws.protocol.url import parse_url
from typedws.schema.runtime.secrecy import sounds_secret

__all__ = ["Address", "Credential", "Value", "Values", "build_address"]

Value: TypeAlias = "str | int | float | bool | dt.date | dt.time | UUID | None"
"""What a variable, a query parameter or a header field may be given as; None leaves it out."""

Values: TypeAlias = "Mapping[str, Value | Sequence[Value]]"

MASK: Final = "..."
_DOTS: Final = frozenset({".", ".."})
_VARIABLE: Final = re.compile(r"\{([^{}]*)\}")
_HOST: Final = re.compile(r"[A-Za-z0-9._:\[\]-]+")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_COOKIE: Final = re.compile(r"[!#-+\--:<-\[\]-~]*")
"""RFC 6265 section 4.1.1, `cookie-octet`."""


@dataclass(frozen=True, slots=True)
class Credential:
    """A secret that a server knows us by.

    Attributes:
        kind: how it travels: `Authorization: Bearer ...`, `Authorization: Basic ...`, a header field, a query
            parameter, a cookie.
        name: of the header field, query parameter or cookie.
        value: the secret; user name and password with "basic"; None for none. Never in a `repr`.
    """

    kind: Literal["bearer", "basic", "header", "query", "cookie"]
    name: str
    value: str | tuple[str, str] | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Address:
    """What is asked of the server.

    Attributes:
        url: with all parameters, the secret ones too.
        headers: likewise.
        shown: the URL without what may be secret: query, user and password, and what stands in the path for a variable
            whose name says so. The host stays: it is in name lookups and certificates anyway.
        secrets: names of header fields, in lower case, and of query parameters that are secret; those whose names say
            so are, too.
    """

    url: str = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    shown: str
    secrets: frozenset[str]

    def masked(self, call: Call | None) -> Call | None:
        """A handshake, without the secrets in its request."""
        if call is None:
            return call
        request = call.request
        _, mark, query = request.url.partition("?")
        pairs = [pair.partition("=") for pair in query.split("&")] if mark else []
        shown = [f"{name}={MASK}" if self._hides(name) else name + equals + value for name, equals, value in pairs]
        fields = [(name, MASK if self._hides(name.lower()) else value) for name, value in request.headers.items_raw()]
        return Call(Request(self.shown + mark + "&".join(shown), Headers(fields), request.remote), call.response)

    def _hides(self, name: str) -> bool:
        return name in self.secrets or (sounds_secret(name) and not name.startswith("sec-websocket-"))


def build_address(
    url: str,
    *,
    path: str = "",
    variables: Mapping[str, Value] = {},
    query: Values = {},  # noqa: B006
    headers: Values = {},  # noqa: B006
    credentials: Iterable[Credential] = (),
    more_headers: HeadersLike = (),
) -> Address:
    """Puts an address together.

    Args:
        url: of the server, with `{variables}`; what it has of a query is kept.
        path: put behind the path of `url`, with `{variables}` whose values are percent-encoded as one segment.
        variables: the values, by name. In the host of `url` they are put as they are, and in its path they may have
            slashes.
        query: the parameters. A list is repeated; None is left out.
        headers: further header fields; likewise.
        credentials: the secrets.
        more_headers: of the caller's: they are sent instead of fields of the same name, but for Cookie, which is added.

    Raises:
        InvalidURLError: what comes out is no URL of a WebSocket.
        ValueError: a variable is missing, or has a control character; or a value cannot be sent.
        TypeError: a value of a kind that has no text.
    """
    if not isinstance(url, str):  # pyright: ignore[reportUnnecessaryIsInstance] - callers without a type checker
        raise TypeError(f"a URL is a str, not {type(url).__name__}")
    base, mark, had = url.partition("?")
    full = _fill_all(base, path, variables)
    pairs = [f"{_encode(name)}={_encode(text)}" for name, text in _texts(query)]
    fields = list(_texts(headers))
    secrets: set[str] = set()
    cookies: list[str] = []
    for credential in credentials:
        if credential.value is None:
            continue
        match credential.kind:
            case "query":
                name = _encode(credential.name)
                secrets.add(name)
                pairs.append(f"{name}={_encode(_secret(credential))}")
            case "cookie":
                secrets.add("cookie")
                cookies.append(_cookie(credential))
            case "header":
                secrets.add(credential.name.lower())
                fields.append((credential.name, _secret(credential)))
            case "bearer":
                secrets.add("authorization")
                fields.append(("Authorization", f"Bearer {_secret(credential)}"))
            case "basic":
                secrets.add("authorization")
                fields.append(("Authorization", _basic(credential)))
    queries = [part for part in (had, *pairs) if part]
    if queries:
        full += "?" + "&".join(queries)
    elif mark:
        full += mark
    parse_url(full)
    harmless = {name: MASK if sounds_secret(name) else value for name, value in variables.items()}
    shown = parse_url(_fill_all(base, path, variables, in_path=harmless)).without_credentials
    return Address(full, tuple(_join(fields, more_headers, cookies)), shown, frozenset(secrets))


def _fill_all(
    url: str, path: str, variables: Mapping[str, Value], *, in_path: Mapping[str, Value] | None = None
) -> str:
    """URL and path with their variables; those in the path may be others."""
    scheme, colon, rest = url.partition("://")
    host, slash, base = rest.partition("/")
    others = variables if in_path is None else in_path
    filled = slash + "".join(_fill(base, others, safe="/"))
    if path:
        filled = filled.rstrip("/") + "".join(_fill(path, others, safe=""))
    template = (slash + base).rstrip("/") + path
    if _DOTS.intersection(filled.split("/")) and not _DOTS.intersection(template.split("/")):
        raise InvalidURLError("the values of the variables make '.' or '..' of a part of the path: another path")
    return "".join(_fill(scheme + colon + host, variables, safe=None)) + filled


def _fill(template: str, variables: Mapping[str, Value], *, safe: str | None) -> Iterator[str]:
    """The template with its variables: percent-encoded but for `safe`; None where only what a host has may stand."""
    end = 0
    for found in _VARIABLE.finditer(template):
        yield template[end : found.start()]
        end = found.end()
        name = found[1]
        value = variables.get(name)
        if value is None:
            raise ValueError(f"the URL has a variable {name!a}, and no value is given for it")
        text = _text(value, name)
        if _CONTROL.search(text):
            raise InvalidURLError(f"the value of the variable {name!a} has a control character")
        if safe is None:
            if not _HOST.fullmatch(text):
                raise InvalidURLError(f"the value of the variable {name!a} is no part of a host name")
            yield text
            continue
        if (safe == "" and not text) or _DOTS.intersection(text.split("/") if safe else [text]):
            raise InvalidURLError(f"the value of the variable {name!a} is empty, '.' or '..': it would be another path")
        yield _encode(text, safe)
    yield template[end:]


def _texts(values: Values) -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        several = isinstance(value, Sequence) and not isinstance(value, str)
        for each in cast("Sequence[Value]", value if several else (value,)):
            if each is not None:
                yield name, _text(each, name)


def _text(value: object, name: str) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case int() | float() | UUID():
            return str(value)
        case dt.datetime():
            return value.isoformat().replace("+00:00", "Z")
        case dt.date() | dt.time():
            return value.isoformat()
        case _:
            raise TypeError(f"{name} is text, a number, a bool, a time or a UUID, not {type(value).__name__}")


def _encode(text: str, safe: str = "") -> str:
    try:
        return quote(text, safe=safe)
    except UnicodeEncodeError:
        raise ValueError("a value for the URL has a lone surrogate, which UTF-8 cannot carry") from None


# Secrets. No error shows one.


def _secret(credential: Credential) -> str:
    value = credential.value
    if not isinstance(value, str):
        raise TypeError(f"the credential for {credential.name} is a str, not {type(value).__name__}")
    return value


def _basic(credential: Credential) -> str:
    """RFC 7617 section 2."""
    match cast("object", credential.value):
        case (str(user), str(password)):
            pass
        case other:
            raise TypeError(f"a basic credential is a pair of user name and password, not {type(other).__name__}")
    if ":" in user or _CONTROL.search(user + password):
        raise ValueError("a user name has no colon in it, and neither has it a control character, nor has a password")
    try:
        return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode("ascii")
    except UnicodeEncodeError:
        raise ValueError("a user name or password has a lone surrogate, which UTF-8 cannot carry") from None


def _cookie(credential: Credential) -> str:
    value = _secret(credential)
    if not _COOKIE.fullmatch(value):
        raise ValueError(f"the cookie {credential.name} has a character that no cookie may have (RFC 6265 4.1.1)")
    return f"{credential.name}={value}"


def _join(fields: list[tuple[str, str]], more_headers: HeadersLike, cookies: list[str]) -> Iterator[tuple[str, str]]:
    theirs = check_fields(more_headers)
    replaced = {name.lower() for name, _ in theirs}
    yield from (pair for pair in check_fields(fields) if pair[0].lower() not in replaced)
    for name, value in theirs:
        if name.lower() == "cookie":
            cookies.insert(0, value)
        else:
            yield name, value
    if cookies:
        yield from check_fields([("Cookie", "; ".join(cookies))])
