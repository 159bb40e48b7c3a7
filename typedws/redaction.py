"""What of a handshake may be shown: in a `repr`, an error or a log, where nobody expects a password.

Tokens travel in query strings, in user information, in header fields of every name, and in the subprotocols of
programs that can set no header. So a URL is shown without its user and without the values of its query, and a header
field with its value only where it is known to hold none. What is shown is for people; the objects keep everything.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["HIDDEN", "escaped", "shown_url", "shown_value"]

HIDDEN: Final = "..."
"""What stands in place of a value."""

_SHOWN: Final = frozenset(
    {
        *("accept", "accept-encoding", "accept-language", "allow", "cache-control", "connection"),
        *("content-encoding", "content-language", "content-length", "content-type", "date", "host", "keep-alive"),
        *("origin", "pragma", "retry-after", "sec-websocket-accept", "sec-websocket-extensions"),
        *("sec-websocket-key", "sec-websocket-version", "server", "transfer-encoding", "upgrade", "user-agent"),
        *("vary", "via"),
    }
)
"""Fields whose values say nothing secret. A list of those that do would never be complete."""

_URLS: Final = frozenset({"location", "content-location", "referer"})
_USER: Final = re.compile("//[^/?#]*@")
_BEHIND_THE_PATH: Final = re.compile("([?#].*)", re.DOTALL)
_BETWEEN_PARAMETERS: Final = re.compile("([?#&;])")


def shown_url(url: str) -> str:
    """A URL, whole or relative, without user information and without the values behind its question mark or hash."""
    return _BEHIND_THE_PATH.sub(_without_values, _USER.sub("//", url))


def _without_values(found: re.Match[str]) -> str:
    # What has no name is all value, as in "?0123456789abcdef".
    pieces = _BETWEEN_PARAMETERS.split(found[0])
    return "".join(
        piece if not piece or piece in "?#&;" else f"{piece.partition('=')[0]}={HIDDEN}" if "=" in piece else HIDDEN
        for piece in pieces
    )


def shown_value(name: str, value: str) -> str:
    """The value of a header field, where it may be shown."""
    name = name.lower()
    if name in _URLS:
        return shown_url(value)
    return value if name in _SHOWN else HIDDEN


def escaped(text: str) -> str:
    """`text` from a peer in one line: what is not printable, as a line end or a sequence for terminals, is escaped."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
