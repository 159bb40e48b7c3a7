"""HTTP heads written short: names in braces stand for what no fuzzer guesses, and for what it would take long to write.

- `{accept}`: the answer to the key of a client that has no randomness, see `predictable`
- `{16k}`: 16 KiB of the letter x
- `{fields}`: 101 fields
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final
from unittest.mock import patch

__all__ = ["accept_of", "expanded", "predictable"]


def accept_of(key: str) -> bytes:
    """What a server has to answer to a key (RFC 6455 section 4.2.2)."""
    return base64.b64encode(hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest())


ABBREVIATIONS: Final = (
    (b"{accept}", accept_of(base64.b64encode(bytes(16)).decode())),
    (b"{16k}", b"x" * 16 * 1024),
    (b"{fields}", b"X-n: a\r\n" * 101),
)
MAX_EACH: Final = 5
"""Of each, so many are written out: a page of them would only take time."""


def expanded(data: bytes) -> bytes:
    """The bytes that an input stands for."""
    for name, text in ABBREVIATIONS:
        data = data.replace(name, text, MAX_EACH)
    return data


@contextmanager
def predictable() -> Generator[None]:
    """Makes the keys of clients zeros, so that an input means the same in each handshake."""
    with patch("os.urandom", bytes):
        yield
