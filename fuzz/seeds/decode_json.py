"""JSON texts: a message of each type, and what is not JSON, not a message, or too much."""

from __future__ import annotations

import json
from typing import Final

from fuzz.support.messages import SAMPLES, WORDS

__all__ = ["DICTIONARY", "SEEDS"]

SCALARS: Final = (
    *("null", "true", "0", "-0", "-1", "1.5", "1e5", "1E-5", "0.1", "1e400", "-1e400", "1e-400", "5e-324"),
    *("9223372036854775807", "9223372036854775808", "18446744073709551616", "-9223372036854775809", "1" * 309),
    *('""', '"hunter2"', '"\\u20ac"', '"\\ud83d\\ude00"', '"\\n\\t\\"\\\\\\/"', '"€"', '"hunter2hunter2hunter2"'),
)
BROKEN: Final[dict[str, bytes]] = {
    "nothing": b"",
    "a space": b" ",
    "a brace": b"{",
    "a comma too many": b'{"a":1,}',
    "no comma": b'{"a":1 "b":2}',
    "two documents": b"1 2",
    "a bom": b"\xef\xbb\xbf1",
    "a nul behind it": b"1\0",
    "a leading zero": b"01",
    "a plus": b"+1",
    "a point": b"1.",
    "nan": b"NaN",
    "infinity": b"[-Infinity]",
    "nan in a model": b'{"x":NaN}',
    "a control character": b'"a\x1fb"',
    "not utf-8": b'"\xff"',
    "a surrogate": b'"\xed\xa0\x80"',
    "an escaped surrogate": b'"\\ud800"',
    "overlong": b'"\xc0\xaf"',
    "a bad escape": b'"\\x41"',
    "half an escape": b'"\\u20',
    "deep arrays": b"[" * 900,
    "deep arrays, closed": b"[" * 150 + b"]" * 150,
    "deep objects": b'{"a":' * 190,
    "deep nodes": b'{"value":1,"children":[' * 40 + b"]}" * 40,
    "a key twice": b'{"x":1,"x":2}',
    "an unknown tag": b'{"type":"hunter2","symbol":"x"}',
    "no tag": b'{"symbol":"x","price":1}',
    "a tag that is no text": b'{"type":5}',
    "an unknown field": b'{"type":"trade","symbol":"x","size":1,"side":"buy","hunter2":1}',
    "a bad enum": b'{"type":"trade","symbol":"x","size":1,"side":"hunter2"}',
    "a bad date": b'{"when":"hunter2","day":"2026-13-01","hour":"25:00","span":"P1Y"}',
    "odd dates": b'{"when":"2016-12-31T23:59:60Z","day":"0000-00-00","hour":"24:00:00","span":"-P99999999999D"}',
    "a bad uuid": b'{"id":"hunter2"}',
    "bad decimals": b'["1e999999999","NaN","sNaN","Infinity","hunter2"]',
    "a decimal": b'{"price":"1e999999999"}',
    "a signalling nan": b'{"price":"sNaN"}',
    "bad base64": b'{"raw":"hunter2"}',
    "beyond its bounds": b'{"level":10,"code":"hunter2"}',
    "a bad key": b'{"hunter2":1}',
    "numbers as keys": b'{"1":1,"01":2,"1.0":3}',
    "a model": b'{"kind":"created","id":"hunter2"}',
    "an unknown model": b'{"kind":"hunter2","id":1}',
}

SEEDS: Final = {
    **{f"sample {number}": json.dumps(sample, ensure_ascii=False).encode() for number, sample in enumerate(SAMPLES)},
    **{f"scalar {text[:20]}": text.encode() for text in SCALARS},
    **BROKEN,
}

DICTIONARY: Final = (
    *(json.dumps(word).encode() for word in WORDS),
    *(f"{json.dumps(word)}:".encode() for word in WORDS),
    *(
        b'"hunter2"',
        b"null",
        b"true",
        b"NaN",
        b"Infinity",
        b"1e400",
        b"\\u0000",
        b"\\ud800",
        b"\xff",
        b"[[",
        b"{}",
        b'"2026-11-22',
    ),
)
