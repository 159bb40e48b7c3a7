"""Streams of frames: RFC 6455 section 5.7, what Autobahn's cases are about, and each way to break a rule.

A stream is written for a client and, masked, for a server.
"""

from __future__ import annotations

from typing import Final

from tests.raw_frames import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, close_payload, frame

__all__ = ["DICTIONARY", "SEEDS"]

CLIENT, RAW, CLOSING, TINY, CROWDED, SMALL_FRAMES = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20
KEYS: Final = (b"\x37\xfa\x21\x3d", bytes(4))

Frames = list[tuple[int, bytes, bool]]


def message(kind: int, *pieces: bytes) -> Frames:
    """A message in fragments."""
    last = len(pieces) - 1
    return [(CONTINUATION if n else kind, piece, n == last) for n, piece in enumerate(pieces)]


def control(kind: int, payload: bytes = b"") -> Frames:
    return [(kind, payload, True)]


def closing(code: int, text: bytes = b"") -> Frames:
    return control(CLOSE, close_payload(code) + text)


EURO: Final = "€".encode()
CODES: Final = (0, 999, 1000, 1004, 1005, 1006, 1011, 1014, 1015, 1016, 2999, 3000, 4999, 5000, 65535)

STREAMS: Final[dict[str, Frames]] = {
    "nothing": [],
    "rfc 5.7 hello": message(TEXT, b"Hello"),
    "rfc 5.7 hello in two": message(TEXT, b"Hel", b"lo"),
    "rfc 5.7 ping": control(PING, b"Hello") + control(PONG, b"Hello"),
    "rfc 5.7 256 bytes": message(BINARY, bytes(range(256))),
    "empty messages": message(TEXT, b"") + message(BINARY, b"") + message(TEXT, b"", b"", b""),
    "125 and 126 bytes": message(TEXT, b"a" * 125) + message(BINARY, b"b" * 126) + message(TEXT, b"c" * 127),
    "the limit": message(BINARY, bytes(200)) + message(BINARY, bytes(4000)),
    "one byte too many": message(BINARY, bytes(201)) + message(BINARY, bytes(4001)),
    "one byte too many in fragments": message(BINARY, bytes(100), bytes(101))
    + message(BINARY, bytes(2000), bytes(2001)),
    "many messages": message(TEXT, b"x") * 40,
    "ping between fragments": [*message(TEXT, b"a", b"b")[:1], *control(PING, b"p"), *message(TEXT, b"a", b"b")[1:]],
    "more pings than are remembered": [each for n in range(40) for each in control(PING, bytes([n]))],
    "euro in one": message(TEXT, EURO + EURO),
    "euro in three": message(TEXT, EURO[:1], EURO[1:2], EURO[2:]),
    "half a euro": message(TEXT, EURO[:2]) + message(TEXT, b"x"),
    "half a euro in fragments": message(TEXT, EURO[:2], b""),
    "not utf-8": message(TEXT, b"\xff"),
    "a surrogate": message(TEXT, b"\xed\xa0\x80"),
    "overlong": message(TEXT, b"\xc0\xaf"),
    "above unicode": message(TEXT, b"\xf4\x90\x80\x80"),
    "messages before a violation": message(TEXT, b"a")
    + message(BINARY, b"b")
    + message(TEXT, b"\xff")
    + message(TEXT, b"c"),
    "continuation first": [(CONTINUATION, b"x", True)],
    "a message inside a message": [(TEXT, b"x", False), (TEXT, b"y", True)],
    "tiny fragments": [(TEXT, b"", False)] + [(CONTINUATION, b"", False)] * 1100,
    "a ping in fragments": [(PING, b"x", False)],
    "a ping of 126 bytes": control(PING, bytes(126)),
    "opcode 3": control(3),
    "opcode 11": control(11, b"x"),
    "close": control(CLOSE),
    "close and more": [*closing(1000, b"bye"), *message(TEXT, b"x"), *control(PING)],
    "close with half a code": control(CLOSE, b"\x03"),
    "close with bad text": closing(1000, b"\xff"),
    "close with the longest text": closing(1001, b"x" * 123),
    "close inside a message": [(TEXT, b"x", False), *closing(1000)],
    **{f"close {code}": closing(code) for code in CODES},
}

BROKEN: Final[dict[str, bytes]] = {
    "rsv1": frame(TEXT, b"x", rsv=4),
    "rsv2": frame(TEXT, rsv=2),
    "rsv3": frame(PING, rsv=1),
    "rsv1 on a continuation": frame(TEXT, fin=False) + frame(CONTINUATION, rsv=4),
    "a length in too many bytes": b"\x82\x7e\x00\x7d",
    "a length in far too many bytes": b"\x82\x7f" + bytes(6) + b"\xff\xff",
    "the highest bit of a length": b"\x82\x7f" + b"\xff" * 8,
    "2 ** 62 bytes": b"\x82\x7f\x40" + bytes(7),
    "2 ** 31 bytes": b"\x82\x7f" + bytes(4) + b"\x80" + bytes(3),
    "65536 bytes": b"\x82\x7f" + bytes(5) + b"\x01\x00\x00",
    "half a header": b"\x82",
    "half a length": b"\x82\x7e\x01",
    "half a payload": b"\x81\x05He",
    "half a payload that is no text": b"\x81\x05H\xff",
    "half a ping": b"\x89\x05He",
    "the end of a header is missing": b"\x81\xfe\x01\x00\x01\x02",
    "a mask where none belongs": frame(TEXT, b"x", mask=KEYS[0]),
    "no mask where one belongs": frame(TEXT, b"x"),
}


def _seeds() -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for number, (name, frames) in enumerate(STREAMS.items()):
        # Every other option in turn: each stream is tried with a few of them, and each of them with many streams.
        flags = (0, RAW, CLOSING, TINY, CROWDED, TINY | RAW, CROWDED | RAW, TINY | SMALL_FRAMES)
        for way in {0, number % 8, (number + 3) % 8}:
            to_client = b"".join(frame(opcode, payload, fin=fin) for opcode, payload, fin in frames)
            to_server = b"".join(
                frame(opcode, payload, fin=fin, mask=KEYS[number % 2]) for opcode, payload, fin in frames
            )
            found[f"{name}, to a client, {way}"] = bytes([CLIENT | flags[way]]) + to_client
            found[f"{name}, to a server, {way}"] = bytes([flags[way]]) + to_server
    for name, sizes in {"frames of the limit": (100, 100), "a frame over its limit": (101, 99)}.items():
        stream = b"".join(frame(*each[:2], fin=each[2]) for each in message(BINARY, *map(bytes, sizes)))
        found[name] = bytes([CLIENT | TINY | SMALL_FRAMES]) + stream
    for name, stream in BROKEN.items():
        for first in (CLIENT, 0, CLIENT | RAW, CLIENT | CLOSING):
            found[f"{name}, {first}"] = bytes([first]) + stream
    return found


SEEDS: Final = _seeds()

DICTIONARY: Final = (
    *(bytes([first | fin]) for first in (0, 1, 2, 8, 9, 10) for fin in (0, 0x80)),
    b"\x81\x80\0\0\0\0",
    b"\x89\x80\0\0\0\0",
    b"\x88\x82\0\0\0\0\x03\xe8",
    b"\x88\x02\x03\xe8",
    b"\x7e\x00\x7e",
    b"\x7f\0\0\0\0\0\x01\0\0",
    b"\xe2\x82\xac",
    b"\xf0\x9f\x98\x80",
    b"\xed\xa0\x80",
)
