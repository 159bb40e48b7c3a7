"""WebSocket URLs (RFC 6455 section 3): what to dial, what to ask for, and what may be shown.

A URL is taken apart with the expression of RFC 3986 appendix B, by hand, because `urllib.parse.urlsplit` silently drops
CR, LF and TAB and strips what surrounds them: a URL that was checked after it would not be the URL that was given. So
characters are checked first, then the parts, and whatever could be read in two ways (a backslash, a second host, a port
in other digits) is refused. No error text quotes more than the host, because the rest may hold a password.
"""

from __future__ import annotations

import base64
import ipaddress
import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, unquote_to_bytes

from typedws.errors import InvalidURLError

__all__ = ["URL", "parse_url"]

_PARTS: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?]*)([^?]*)(\?.*)?")
_AUTHORITY: Final = re.compile(r"(?:(?P<userinfo>.*)@)?(?P<host>\[[^\[\]]*\]|[^:\[\]]*)(?::(?P<port>.*))?")
_HOST: Final = re.compile(r"(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}\.?")

MAX_HOST: Final = 253
"""Characters of a host name in text form (RFC 1035 section 2.3.4); it also bounds the work of the IDNA codec."""

KEPT: Final = "/:@!$&'()*+,;=~-._%?[]"
"""What stays as it is in a target: RFC 3986 `pchar`, the delimiters, `%` of escapes already made, and the brackets that
query strings carry in practice."""


@dataclass(frozen=True, slots=True)
class URL:
    """A WebSocket URL, taken apart.

    Attributes:
        secure: whether the scheme is `wss`. host: the name or address to dial, in ASCII and lower case; an IPv6 address
        without brackets, with its zone. port: the port; 80 or 443 where the URL names none. target: path and query for
        the request line, percent-encoded; it begins with a slash. authorization: the value of an Authorization field
        (RFC 7617) where the URL has `user:password@`; never in `repr`, nor is the target.
    """

    secure: bool
    host: str
    port: int
    target: str = field(default="/", repr=False)
    authorization: str | None = field(default=None, repr=False)

    @property
    def host_header(self) -> str:
        """The value of the Host field: with the port only where it is not the default, IPv6 in brackets, no zone."""
        # A zone names an interface of this machine and means nothing to the server (RFC 6874 section 4).
        host = f"[{self.host.partition('%')[0]}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.secure else 80) else f"{host}:{self.port}"

    @property
    def without_credentials(self) -> str:
        """The absolute URL without user and password: `Request.url`. Its query may be secret all the same."""
        return f"{'wss' if self.secure else 'ws'}://{self.host_header}{self.target}"


def parse_url(url: str) -> URL:
    """Takes a `ws://` or `wss://` URL apart.

    Non-ASCII hosts are encoded by IDNA 2003, non-ASCII paths and queries as percent-encoded UTF-8.

    Raises:
        InvalidURLError: the URL is no WebSocket URL; the text says what is wrong and never shows user or password.
        TypeError: `url` is not a `str`.
    """
    if not isinstance(url, str):  # pyright: ignore[reportUnnecessaryIsInstance] - callers without a type checker
        raise TypeError(f"a URL is a str, not {type(url).__name__}")
    _check_characters(url)
    parts = _PARTS.fullmatch(url)
    if parts is None:
        raise InvalidURLError("the URL must be absolute and begin with ws:// or wss://")
    scheme, authority, path, query = parts.groups(default="")
    secure = _is_secure(scheme.lower())
    split = _AUTHORITY.fullmatch(authority)
    if split is None:
        raise InvalidURLError("the URL has no valid host and port after its scheme (an IPv6 address goes in brackets)")
    return URL(
        secure=secure,
        host=_host(split["host"]),
        port=_port(split["port"], 443 if secure else 80),
        target=quote((path or "/") + query, safe=KEPT),
        authorization=_basic(split["userinfo"]) if split["userinfo"] else None,
    )


def _check_characters(url: str) -> None:
    for index, char in enumerate(url):
        # Neither stands in a URI (RFC 3986 section 2); CR and LF would end the request line, and programs differ on
        # which host a backslash belongs to.
        if char <= " " or "\x7f" <= char <= "\x9f" or char.isspace() or char == "\\" or "\ud800" <= char <= "\udfff":
            what = "a space" if char == " " else "a backslash" if char == "\\" else "a control or space character"
            raise InvalidURLError(f"the URL has {what} at index {index}; percent-encode it")
    if "#" in url:
        # RFC 6455 section 3: fragment identifiers are meaningless here and MUST NOT be used.
        raise InvalidURLError("a WebSocket URL has no fragment; write a '#' that is meant as such as %23 (RFC 6455 3)")


def _is_secure(scheme: str) -> bool:
    if scheme in ("ws", "wss"):
        return scheme == "wss"
    if scheme in ("http", "https"):
        raise InvalidURLError(f"the URL begins with {scheme}://; a WebSocket's begins with ws{scheme[4:]}://")
    raise InvalidURLError("the scheme of the URL is neither ws nor wss")


def _host(host: str) -> str:
    if not host:
        raise InvalidURLError("the URL has no host")
    if host.startswith("["):
        try:
            # RFC 6874 writes a zone as %25eth0; people write %eth0.
            return str(ipaddress.IPv6Address(host[1:-1].replace("%25", "%", 1)))
        except ValueError:
            raise InvalidURLError("the URL has brackets around something that is no IPv6 address") from None
    if len(host.removesuffix(".")) > MAX_HOST:
        raise InvalidURLError(f"the host of the URL is longer than {MAX_HOST} characters")
    try:
        name = (host if host.isascii() else host.encode("idna").decode("ascii")).lower()
    except UnicodeError:
        raise InvalidURLError("the host of the URL is not encodable by IDNA") from None
    # Checked after encoding: IDNA maps full-width forms of "/", "@" and ":" to the ASCII ones.
    if len(name.removesuffix(".")) > MAX_HOST or not _HOST.fullmatch(name):
        raise InvalidURLError("the host of the URL is not a host name: letters, digits, '-', '_', labels of 1 to 63")
    return name


def _port(port: str | None, default: int) -> int:
    if not port:
        return default
    if re.fullmatch("[0-9]{1,5}", port) and 1 <= int(port) <= 65535:
        return int(port)
    raise InvalidURLError("the port of the URL is not a number from 1 to 65535")


def _basic(userinfo: str) -> str:
    user, _, password = (unquote_to_bytes(part) for part in userinfo.partition(":"))
    if b":" in user:
        raise InvalidURLError(
            "the user name in the URL has a colon, which Basic authentication cannot carry (RFC 7617)"
        )
    pair = user + b":" + password
    if any(byte < 0x20 or byte == 0x7F for byte in pair):
        raise InvalidURLError("the user or password in the URL has a control character (RFC 7617)")
    return "Basic " + base64.b64encode(pair).decode("ascii")
