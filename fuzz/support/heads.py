"""HTTP heads written short: names in braces stand for what no fuzzer guesses, and for what it would take long to write.

{accept}   the answer to the key of this handshake
{16k}      16 KiB of the letter x
{fields}   101 fields
"""

from __future__ import annotations

import base64
import hashlib
from typing import Final

__all__ = ["accept_of", "expanded"]

ACCEPT: Final = b"{accept}"
LONG: Final = ((b"{16k}", b"x" * 16 * 1024), (b"{fields}", b"X-n: a\r\n" * 101))
MAX_LONG: Final = 5
"""Of each, so many are written out: a page of them would only take time."""


def accept_of(key: str) -> bytes:
    """What a server has to answer to a key (RFC 6455 section 4.2.2)."""
    return base64.b64encode(hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest())


def expanded(data: bytes) -> bytes:
    """The bytes that an input stands for; `{accept}` stays, as it is different in each handshake."""
    for name, text in LONG:
        data = data.replace(name, text, MAX_LONG)
    return data
