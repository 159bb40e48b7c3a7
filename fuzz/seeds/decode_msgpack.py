"""MessagePack: a message of each type, each kind of value, and what is not well-formed."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import msgspec

from fuzz.support.messages import SAMPLES, WORDS

__all__ = ["DICTIONARY", "SEEDS"]

VALUES: Final[tuple[Any, ...]] = (
    *(0, 127, 128, 255, 256, 65536, 2**32, 2**64 - 1, -1, -32, -33, -129, -(2**31), -(2**63)),
    *(
        0.0,
        -0.0,
        1.1,
        float("inf"),
        float("nan"),
        True,
        False,
        None,
        b"",
        b"\x01",
        bytes(300),
        "",
        "a" * 31,
        "a" * 32,
        "€",
    ),
    *([], {}, [1, [2]], list(range(20)), {"a": [1]}, {1: 2}, {b"k": 1}, {None: 1}, {1.5: 1}),
    *(datetime(2026, 11, 22, 19, 30, tzinfo=UTC), datetime(1969, 1, 1, tzinfo=UTC), Decimal("1.50"), UUID(int=7)),
    {"when": datetime(2026, 11, 22, 19, 30, tzinfo=UTC), "raw": b"plain", "words": ["a"], "by_number": {1: "one"}},
)

HEX: Final[dict[str, str]] = {
    "nothing": "",
    "a float of 32 bits": "ca3f800000",
    "never used": "c1",
    "bytes behind it": "0000",
    "cut off": "93 01",
    "text cut off": "d9 ff 61",
    "2 ** 32 items": "ddffffffff",
    "2 ** 32 pairs": "dfffffffff",
    "2 ** 32 bytes": "c6ffffffff",
    "2 ** 32 of an extension": "c9ffffffff01",
    "text that is not utf-8": "a1ff",
    "text with a surrogate": "a3eda080",
    "a key twice": "82a16101a16102",
    "keys that are arrays": "81910101",
    "keys that are maps": "818080",
    "keys that are nan": "81cb7ff800000000000001",
    "deep arrays": "91" * 900,
    "deep maps": "81a161" * 340,
    "a timestamp of 32 bits": "d6ff00000000",
    "a timestamp of 64 bits": "d7ffa1dcd7c86000 0000".replace(" ", ""),
    "a timestamp of 96 bits": "c70cff000000010000000000000000",
    "a timestamp beyond time": "c70cff000000007fffffffffffffff",
    "a timestamp with too many nanoseconds": "c70cff ffffffff 0000000000000000",
    "a timestamp of 3 bytes": "c703ff010203",
    "an extension": "d40501",
    "an extension as a key": "81d4050101",
    "an unknown message tag": "81a474797065a7" + b"hunter2".hex(),
    "a bad enum": msgspec.msgpack.encode({"type": "trade", "symbol": "x", "size": 1, "side": "hunter2"}).hex(),
    "an unknown field": msgspec.msgpack.encode({"type": "trade", "hunter2": "hunter2"}).hex(),
    "a bad model": msgspec.msgpack.encode({"kind": "created", "id": "hunter2"}).hex(),
    "an unknown model": msgspec.msgpack.encode({"kind": "hunter2", "id": 1}).hex(),
}

SEEDS: Final = {
    **{f"sample {number}": msgspec.msgpack.encode(sample) for number, sample in enumerate(SAMPLES)},
    **{f"value {number}": msgspec.msgpack.encode(value) for number, value in enumerate(VALUES)},
    **{name: bytes.fromhex(text) for name, text in HEX.items()},
}

DICTIONARY: Final = (
    *(msgspec.msgpack.encode(word) for word in WORDS),
    *(
        bytes.fromhex(text)
        for text in (
            "c0",
            "c1",
            "c2",
            "c3",
            "cb7ff8000000000000",
            "91",
            "81",
            "dc0001",
            "de0001",
            "d6ff",
            "d7ff",
            "c70cff",
            "d405",
        )
    ),
    msgspec.msgpack.encode("hunter2"),
    msgspec.msgpack.encode("2026-11-22T00:00:00Z"),
)
