"""Steps of a peer that compresses: valid messages with all parameters, and what is no DEFLATE."""

from __future__ import annotations

import zlib
from typing import Final

__all__ = ["DICTIONARY", "SEEDS"]


def step(operation: int, payload: bytes = b"") -> bytes:
    return bytes([operation, min(len(payload), 254)]) + payload[:254]


def raw(payload: bytes, *, level: int = 6) -> bytes:
    """A payload as a peer with a window of its own compresses it."""
    deflater = zlib.compressobj(level, zlib.DEFLATED, -15)
    return deflater.compress(payload) + deflater.flush(zlib.Z_SYNC_FLUSH)


def final(payload: bytes) -> bytes:
    """A payload as a DEFLATE stream with an end."""
    deflater = zlib.compressobj(6, zlib.DEFLATED, -9)
    return deflater.compress(payload) + deflater.flush()


TEXT: Final = b'{"type":"tick","symbol":"BTC-USD","price":64250.25}'
HELLO: Final = b"\xf2\x48\xcd\xc9\xc9\x07\x00"
"""RFC 7692 section 7.2.3.1."""

SCRIPTS: Final[dict[str, bytes]] = {
    "nothing": b"",
    "an empty message": step(0) + step(1) + step(4) + step(5),
    "the same message again": step(1, TEXT) * 4,
    "fragments and pings": step(2, TEXT) * 2,
    "plain and compressed": step(0, TEXT) + step(5, TEXT) + step(1, TEXT),
    "final blocks": step(4, TEXT) * 2 + step(1, TEXT) + step(4, b""),
    "a bomb": step(1, TEXT) + step(3, TEXT) + step(1, TEXT),
    "bombs within the limit": step(3, b"\0" * 50) * 5,
    "random bytes": step(0, bytes(range(254))) * 2,
    "rfc 7.2.3.1 hello": step(6, HELLO),
    "rfc 7.2.3.1 hello in two": step(7, HELLO[:3]) + step(6, HELLO[3:]),
    "rfc 7.2.3.2 hello again": step(6, HELLO) + step(6, b"\xf2\x00\x11\x00\x00"),
    "rfc 7.2.3.3 a stored block": step(6, b"\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00"),
    "rfc 7.2.3.4 a final block": step(6, b"\xf3\x48\xcd\xc9\xc9\x07\x00\x00"),
    "rfc 7.2.3.5 two blocks": step(6, b"\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"),
    "garbage": step(6, b"\xff\xff\xff\xff\xff"),
    "garbage after a message": step(1, TEXT) + step(6, b"\xff") + step(1, TEXT),
    "cut off": step(6, raw(TEXT)[:-12]),
    "with its tail": step(6, raw(TEXT)),
    "cut off in a stored block": step(6, raw(TEXT, level=0)[:20]),
    "a stored block that the tail completes": step(6, b"\x00\x04\x00\xfb\xff"),
    "a window that is too far": step(6, raw(bytes(range(250)) * 300)[:254]),
    "many final blocks": step(6, b"\x03\x00" * 20),
    "a final block and nothing": step(6, b"\x03\x00"),
    "fragments without end": step(7, HELLO) * 5,
    "a message inside a message": step(7, HELLO) + step(1, TEXT),
    "inflates to the limit": step(7, raw(bytes(5_000))[:-4]) + step(6, b"\x00"),
    "inflates beyond the limit": step(7, raw(bytes(5_001))[:-4]) + step(6, b"\x00"),
    "far apart": step(9, TEXT) * 2 + step(1, TEXT),
    "final blocks beyond the limit": step(6, final(bytes(3_000)) * 2),
    "a text that is none": step(8, raw(b"\xff")[:-4]),
    "half a text": step(8, raw(b"\xe2\x82")[:-4]),
    "a text": step(8, HELLO),
    "text that is none": step(1, b"\xff\xfe"),
    "an empty fragment": step(7) + step(7) + step(6),
}

SEEDS: Final = {
    f"{name}, {first:02x} {second:02x}": bytes([first, second]) + script
    for number, (name, script) in enumerate(SCRIPTS.items())
    for first, second in ((0x29, 0x06), (0x28, 0x30), (0x2F, 0x00), (0xA9, 6 + 7 * (number % 7)))
}

DICTIONARY: Final = (HELLO, b"\x00\x00\xff\xff", b"\x03\x00", b"\x00\x05\x00\xfa\xff", b"\x01\x00\x00\xff\xff")
