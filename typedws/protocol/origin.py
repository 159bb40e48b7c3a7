"""Which web pages may connect: the Origin of a request against a list (RFC 6454, RFC 6455 section 10.2).

A browser opens a WebSocket for any page that asks for one, with the cookies of its user, and no rule of CORS stops it.
What it does is to name the page's origin in the request. A server that lets cookies, or an address, decide who somebody
is has to look at that, or every page that its users visit can talk to it in their name.

Programs that are no browsers write into that field what they like, or nothing. So this protects users of browsers from
other people's pages, and is no authentication.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, TypeAlias

from typedws.call import Headers

__all__ = ["AllowedOrigins", "allows", "check_origins"]

_ORIGIN: Final = re.compile(r"([a-z][a-z0-9+.-]*)://([a-z0-9._~-]+|\[[0-9a-f:.]+\]|(?<=file://))(?::([0-9]{1,5}))?")
_DEFAULT_PORTS: Final = {"http": "80", "https": "443", "ws": "80", "wss": "443"}
_HOW: Final = "an origin is a scheme and a host, and a port where it is not the usual one, as in 'https://example.com'"

AllowedOrigins: TypeAlias = frozenset[str | None]
"""Origins in the form in which they are compared; None stands for requests without one."""


def check_origins(origins: Sequence[str | None] | None) -> AllowedOrigins | None:
    """The origins that a server allows, in the form in which they are compared; None where it does not look at them.

    Raises:
        ValueError: one of them is no origin, or there is none.
        TypeError: this is no sequence of `str` and None.
    """
    if origins is None:
        return None
    if isinstance(origins, str | bytes) or not isinstance(origins, Sequence):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(f"origins is a sequence, as in ['https://example.com'], not {type(origins).__name__}")
    if not origins:
        raise ValueError("origins is empty, so nobody could connect; leave it out to allow every origin")
    return frozenset(_check(origin) for origin in origins)


def allows(allowed: AllowedOrigins, headers: Headers) -> bool:
    """Whether a request with these headers may be accepted. More than one Origin is none of a browser's, and refused
    (RFC 6454 section 7.3)."""
    given = headers.get_all("origin")
    if not given:
        return None in allowed
    return len(given) == 1 and _compared(given[0]) in allowed - {None}


def _check(origin: object) -> str | None:
    if origin is None:
        return None
    if not isinstance(origin, str):
        raise TypeError(f"an origin is a str, or None for requests without one, not {type(origin).__name__}")
    if "*" in origin:
        raise ValueError(
            "origins are compared whole, without wildcards; for patterns, look at the Origin in process_request"
        )
    if not origin.isascii():
        # There are several ways to write such a host in ASCII, and this is about who gets in.
        raise ValueError("write a host that is not ASCII as browsers send it, as in 'https://xn--fa-hia.de'")
    compared = _compared(origin)
    if compared is None:
        end = "; nothing comes behind it, not even a slash" if origin.count("/") > 2 else ""
        raise ValueError(f"{_HOW}{end}")
    return compared


def _compared(origin: str) -> str | None:
    """An origin as RFC 6454 section 6.2 writes it: in lower case, without the port that its scheme has anyway. None
    where this is no single origin."""
    # What a sandbox, a file and a redirect have: many pages that have nothing to do with each other.
    if origin == "null":
        return origin
    found = _ORIGIN.fullmatch(origin.lower()) if origin.isascii() else None
    if found is None:
        return None
    scheme, host, port = found.groups()
    if port is None or int(port) == int(_DEFAULT_PORTS.get(scheme, "-1")):
        return f"{scheme}://{host}"
    return f"{scheme}://{host}:{int(port)}"
