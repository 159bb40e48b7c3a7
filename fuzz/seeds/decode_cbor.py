"""CBOR: a message of each type, RFC 8949 appendix A, and what is not well-formed, or more than it seems to be."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import cbor2

from fuzz.support.messages import SAMPLES, WORDS

__all__ = ["DICTIONARY", "SEEDS"]

VALUES: Final[tuple[Any, ...]] = (
    *(0, 23, 24, 255, 256, 65536, 2**32, 2**64 - 1, 2**64, -1, -24, -(2**64), -(2**64) - 1, 2**127, 2**128),
    *(0.0, -0.0, 1.1, 1e300, float("inf"), float("nan"), True, False, None, b"", b"\x01\x02", "", "a", "€", "😀"),
    *([], {}, [1, [2, 3]], {"a": [1]}, {1: 2}, {"x": {"y": {"z": None}}}, {b"k": 1}, {1, 2}, {"a", "b"}),
    *(datetime(2026, 11, 22, 19, 30, tzinfo=UTC), date(2026, 11, 22), Decimal("64250.25"), UUID(int=7)),
    {"when": datetime(2026, 11, 22, 19, 30, tzinfo=UTC), "day": date(2026, 11, 22), "price": Decimal("1.50")},
    {"id": UUID(int=7), "raw": b"plain", "words": {"a", "b"}, "numbers": frozenset({1, 2}), "by_number": {1: "one"}},
)

HEX: Final[dict[str, str]] = {
    "nothing": "",
    "half floats": "84f93c00f97bfff90001f97e00",
    "infinity in 32 bits": "fa7f800000",
    "an epoch": "c11a514b67b0",
    "an epoch of a float": "c1fb41d452d9ec200000",
    "an epoch beyond time": "c11bffffffffffffffff",
    "an epoch that is nan": "c1f97e00",
    "a bad date": "c0636e6f77",
    "a date in days": "d8641920a8",
    "a date beyond time": "d8641bffffffffffffffff",
    "this is cbor": "d9d9f7d9d9f701",
    "this is cbor, again and again": "d9d9f7" * 200 + "01",
    "indefinite bytes": "5f42010243030405ff",
    "indefinite text": "7f657374726561646d696e67ff",
    "indefinite text of bytes": "7f4161ff",
    "an indefinite array": "9f018202039f0405ffff",
    "an indefinite map": "bf61610161629f0203ffff",
    "an indefinite map without a value": "bf6161ff",
    "bytes behind it": "0000",
    "a break outside": "ff",
    "a reserved length": "1c",
    "a reserved simple value": "f818",
    "undefined": "f7",
    "a simple value": "f8ff",
    "simple values inside": "82f0a161e0f4",
    "cut off": "8301",
    "text cut off": "78ff61",
    "2 ** 32 items": "9affffffff",
    "2 ** 64 items": "9bffffffffffffffff",
    "2 ** 64 pairs": "bbffffffffffffffff",
    "2 ** 62 bytes": "5b4000000000000000",
    "text that is not utf-8": "61ff",
    "text with a surrogate": "63eda080",
    "a key twice": "a2616101616102",
    "keys that are arrays": "a1810101",
    "keys that are maps": "a1a0a0",
    "keys that are nan": "a1f97e0001",
    "keys that are bytes": "a1416101",
    "deep arrays": "81" * 500,
    "deep arrays, closed": "81" * 120 + "00",
    "deep maps": "a16161" * 140 + "00",
    "deep tags": "c6" * 400 + "00",
    "a bignum of 16 bytes": "c250" + "ff" * 16,
    "a bignum of 17 bytes": "c251" + "ff" * 17,
    "a negative bignum": "c350" + "ff" * 16,
    "a bignum of text": "c26161",
    "a decimal": "c48221196ab3",
    "a decimal with the largest exponent": "c4821918001903e8",
    "a decimal with too large an exponent": "c4821a7fffffff01",
    "a decimal that is none": "c48101",
    "a decimal with a bignum": "c48220c249010000000000000000",
    "a bigfloat": "c5822003",
    "a rational": "d81e820103",
    "a regular expression": "d8236128",
    "mail": "d8246161",
    "a uuid": "d8255000112233445566778899aabbccddeeff",
    "a short uuid": "d8254100",
    "a set": "d9010283010203",
    "a set in a set": "d9010281d9010280",
    "a set of what has no hash": "d9010281a0",
    "a set as a key": "a1d901028161610 1".replace(" ", ""),
    "a set that is none": "d9010201",
    "a shared cycle": "d81c81d81d00",
    "shared": "82d81c8100d81d00",
    "a string reference": "d9010082646161616 1d81900".replace(" ", ""),
    "an ip address": "d9010444c0a80001",
    "an unknown tag": "d9ffff00",
    "a tag without a value": "c1",
    "an unknown message tag": "a1647479706567" + b"hunter2".hex(),
    "a bad enum": cbor2.dumps({"type": "trade", "symbol": "x", "size": 1, "side": "hunter2"}).hex(),
    "an unknown field": cbor2.dumps({"type": "tick", "symbol": "x", "price": 1, "hunter2": "hunter2"}).hex(),
    "a bad model": cbor2.dumps({"kind": "created", "id": "hunter2"}).hex(),
    "an unknown model": cbor2.dumps({"kind": "hunter2", "id": 1}).hex(),
}

SEEDS: Final = {
    **{f"sample {number}": cbor2.dumps(sample) for number, sample in enumerate(SAMPLES)},
    **{f"value {number}": cbor2.dumps(value) for number, value in enumerate(VALUES)},
    **{name: bytes.fromhex(text) for name, text in HEX.items()},
}

DICTIONARY: Final = (
    *(cbor2.dumps(word) for word in WORDS),
    *(
        bytes.fromhex(tag)
        for tag in ("c0", "c1", "c2", "c3", "c4", "d81c", "d81d", "d823", "d825", "d864", "d90102", "d903ec", "d9d9f7")
    ),
    *(
        bytes.fromhex(text)
        for text in ("f6", "f7", "f97e00", "fb7ff0000000000000", "9f", "bf", "ff", "a1", "81", "5f", "7f")
    ),
    cbor2.dumps("hunter2"),
    cbor2.dumps("2026-11-22T00:00:00Z"),
)
