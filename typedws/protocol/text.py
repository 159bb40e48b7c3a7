"""Whether bytes are text. RFC 6455 section 5.6: the payload of a text message is UTF-8, and ASCII is told quickly."""

from __future__ import annotations

from typing import Final

__all__ = ["is_ascii", "is_utf8"]

is_ascii: Final = bytes.isascii


def is_utf8(payload: bytes) -> bool:
    try:
        payload.decode()
    except UnicodeDecodeError:
        return False
    return True
