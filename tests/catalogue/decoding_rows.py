"""Messages that cannot be read as the type that was asked for, or that should not be read as something else: by
format and type (RFC 8259, RFC 8949, the specification of MessagePack).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Literal
from uuid import UUID

import cbor2
import msgspec
from pydantic import BaseModel

from tests.catalogue.rows import CANARY
from typedws.converters import CBORConverter, JSONConverter, MsgPackConverter, PydanticConverter
from typedws.frames import BinaryFrame, TextFrame

SECRET = CANARY.encode()

JSON, PYDANTIC, CBOR, MSGPACK = "json", "pydantic", "cbor", "msgpack"
CONVERTERS: dict[str, Any] = {
    JSON: JSONConverter(),
    PYDANTIC: PydanticConverter(),
    CBOR: CBORConverter(),
    MSGPACK: MsgPackConverter(),
}
BOTH_JSON = (JSON, PYDANTIC)
BINARY_FORMATS = (CBOR, MSGPACK)
MIXED = (JSON, CBOR, MSGPACK)
"""The formats that carry msgspec's types."""


class Tick(msgspec.Struct, tag="tick"):
    symbol: str
    price: float = 0.0


class Trade(msgspec.Struct, tag="trade"):
    symbol: str
    size: int


class Box(msgspec.Struct):
    content: Any = None


class Count(msgspec.Struct):
    n: int


class CountModel(BaseModel):
    n: int


class StrictModel(BaseModel, strict=True):
    n: int


class FloatModel(BaseModel):
    x: float


class Named(BaseModel):
    name: str


class Color(Enum):
    RED = "red"


class Refusal:
    """`DeserializeError`; the session stays open."""

    def __repr__(self) -> str:
        return "REFUSED"


REFUSED = Refusal()


@dataclass(frozen=True, slots=True)
class Decoding:
    """One message, the type that is asked for, and the value.

    Attributes:
        id: the case of the index, and what is special about this row.
        converter: the name of the converter.
        data: the payload.
        form: the type.
        value: what is received; `REFUSED` for an error.
        text: whether it comes as a text frame; as the format wants it unless given.
    """

    id: str
    converter: str
    data: bytes
    form: Any
    value: Any = REFUSED
    text: bool | None = None

    @property
    def case(self) -> str:
        return self.id.split()[0]

    @property
    def frame(self) -> TextFrame | BinaryFrame:
        is_text = self.converter in BOTH_JSON if self.text is None else self.text
        return TextFrame(self.data) if is_text else BinaryFrame(self.data)


def json(
    id: str, data: str | bytes, form: Any = Any, value: Any = REFUSED, *, by: Iterable[str] = BOTH_JSON
) -> list[Decoding]:
    payload = data.encode() if isinstance(data, str) else data
    return [Decoding(id, name, payload, form, value) for name in by]


def cbor(id: str, data: str | bytes, form: Any = Any, value: Any = REFUSED) -> Decoding:
    return Decoding(id, CBOR, bytes.fromhex(data) if isinstance(data, str) else data, form, value)


def msgpack(id: str, data: str | bytes, form: Any = Any, value: Any = REFUSED) -> Decoding:
    return Decoding(id, MSGPACK, bytes.fromhex(data) if isinstance(data, str) else data, form, value)


def everywhere(
    id: str, value: Any, form: Any, outcome: Any = REFUSED, *, by: Iterable[str] = CONVERTERS
) -> list[Decoding]:
    """One value in every format."""
    written: dict[str, Any] = {
        JSON: msgspec.json.encode,
        PYDANTIC: msgspec.json.encode,
        CBOR: cbor2.dumps,
        MSGPACK: msgspec.msgpack.encode,
    }
    return [Decoding(id, name, written[name](value), form, outcome) for name in by]


def nested(depth: int) -> list[Any]:
    """So many lists, one in the other."""
    inner: list[Any] = []
    for _ in range(depth - 1):
        inner = [inner]
    return inner


MALFORMED: dict[str, str | bytes] = {
    "an open brace": "{",
    "nothing": "",
    "a space": " ",
    "a comma too many": '{"a":1,}',
    "a comma too many in a list": "[1,]",
    "a byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16": '{"a":1}'.encode("utf-16"),
    "UTF-32": "1".encode("utf-32-le"),
    "NUL behind it": b"{}\x00",
    "two documents": "{}{}",
    "two documents in two lines": "{}\n{}",
    "a word behind it": "{} x",
    "a comment": "{} // x",
    "a zero in front": "01",
    "a minus alone": "-",
    "a plus": "+1",
    "a point behind": "1.",
    "a point in front": ".5",
    "an exponent without digits": "1e",
    "hexadecimal": "0x10",
    "single quotes": "'x'",
    "no quotes around a key": "{a: 1}",
    "a key that is a number": "{1: 1}",
    "no colon": '{"a" 1}',
    "an open string": '"x',
    "a part of a word": "nul",
    "a word in capitals": "True",
    "a bad escape": '"\\x41"',
    "half an escape": '"\\u00',
    "a bracket that closes another one": "[1}",
    "two values side by side": "[1 2]",
}

JSON_ROWS = [
    *(row for name, data in MALFORMED.items() for row in json(f"D1 {name}", data)),
    *json("D1 spaces around it", " \t\r\n[1]\n ", list[int], [1]),
    *json("D3 text for an int", '"1"', int, by=(JSON,)),
    *json("D3 a float for an int", "1.5", int),
    *json("D3 a whole float for an int", "1.0", int, by=(JSON,)),
    *json("D3 a whole float for an int that is not strict", "1.0", int, 1, by=(PYDANTIC,)),
    *json("D3 true for an int", "true", int, by=(JSON,)),
    *json("D3 1e18 for an int", "1e18", int, by=(JSON,)),
    *json("D3 1e18 for an int that is not strict", "1e18", int, 10**18, by=(PYDANTIC,)),
    *json("D3 text for an int of a model that is strict", '{"n":"1"}', StrictModel),
    *json("D3 true for an int of a model that is strict", '{"n":true}', StrictModel),
    *json("D3 text for an int of a model that is lax", '{"n":"1"}', CountModel, CountModel(n=1)),
    *json("D4 a key that comes twice", '{"n":1,"n":2}', CountModel, CountModel(n=2)),
    *json("D4 a key that comes twice in a Struct", '{"n":1,"n":2}', Count, Count(2), by=(JSON,)),
    *json("D7 2**63", str(2**63), int, 2**63),
    *json("D7 2**64", str(2**64), int, 2**64),
    *json("D7 -2**64", str(-(2**64)), int, -(2**64)),
    *json("D8 4,301 digits", "1" * 4301, int),
    *json("D8 a million digits", "1" * 1_000_000, int),
    *json("D8 a million digits in a key that nobody asked for", b'{"n":1,"x":' + b"1" * 1_000_000 + b"}", CountModel),
    *json("D9 1e400 for a float", "1e400", float),
    *json("D9 -1e400 in a list", "[-1e400]", list[float]),
    *json("D9 1e400 in a model", '{"x":1e400}', FloatModel),
    *json("D9 an int beyond every float", "1" + "0" * 400, float),
    *(row for word in ("NaN", "Infinity", "-Infinity", "nan", "inf") for row in json(f"D10 {word}", word, float)),
    *(row for word in ("NaN", "-Infinity") for row in json(f"D10 {word} in a model", f'{{"x":{word}}}', FloatModel)),
    *json("D10 NaN in a key that nobody asked for", '{"n":1,"x":NaN}', CountModel),
    *json("D11 a million digits behind the point", "0." + "1" * 1_000_000, float, 1 / 9),
    *json("D11 1e-99999999", "1e-99999999", float, 0.0),
    *json("D16 a control character in a text", '"a\nb"', str),
    *json("D16 NUL in a text", b'"a\x00b"', str),
    *json("D16 an escaped control character", '"a\\u0000\\nb"', str, "a\0\nb"),
    *json("D16 half a pair of surrogates, escaped", '"\\ud800"', str),
    *json("D16 the wrong half of a pair of surrogates, escaped", '"\\udc00\\ud800"', str),
    *json("D16 a pair of surrogates, escaped", '"\\ud83d\\ude00"', str, "\U0001f600"),
    *json("D17 a depth of 200", "[" * 200 + "]" * 200, Any, nested(200)),
    *json("D17 a depth of 200 in a model", '{"n":1,"x":' + "[" * 199 + "]" * 199 + "}", CountModel, CountModel(n=1)),
    *(
        row
        for name, opening in (("lists", b"["), ("objects", b'{"a":'), ("objects with a list", b'{"a":['))
        for depth in (1_100, 100_000)
        for form in (Any, CountModel, list[int])
        for row in json(f"D18 {depth} {name} as {form}", opening * depth, form)
    ),
    *json("D18 100,000 lists that end", "[" * 100_000 + "]" * 100_000, Any),
    *json("D18 in a key that nobody asked for", b'{"n":1,"x":' + b"[" * 100_000, CountModel),
    *json("D18 in a key of a Struct that nobody asked for", b'{"n":1,"x":' + b"[" * 100_000, Count, by=(JSON,)),
    *json("D18 in a raw part", b'{"content":' + b"[" * 100_000, msgspec.Raw, by=(JSON,)),
    *json("D18 in a union", b"[" * 100_000, int | CountModel),
    *json("D28 the year 0", '"0000-01-01T00:00:00Z"', datetime),
    *json("D28 the 32nd of a month", '"2026-01-32"', date),
    *json("D28 an hour that is none", '"2026-01-01T25:00:00Z"', datetime),
    *json("D28 seconds beyond every date", "1e300", datetime),
    *json("D30 text that is no UTF-16", b'"\xd8\x00"', str),
    *json("D27 a Decimal of a text that is none", f'"{CANARY}"', Decimal),
    *json("D27 NaN for a Decimal", '"NaN"', Decimal, by=(PYDANTIC,)),
]

UTF8 = {
    "FF": b"\xff",
    "a surrogate": b"\xed\xa0\x80",
    "an overlong form": b"\xc0\xaf",
    "beyond the last": b"\xf4\x90\x80\x80",
    "a part of one": b"\xe2\x82",
}
"""These come in text frames only where a session does not check them, so they are read without one."""

TEXT_ROWS = [
    *(row for name, data in UTF8.items() for row in json(f"D12 {name} in a text", b'"' + data + b'"', str)),
    *(
        row
        for name, data in UTF8.items()
        for row in json(f"D14 {name} in a key", b'{"' + data + b'":1}', dict[str, int])
    ),
    *json("D12 in a key that nobody asked for", b'{"n":1,"x":"\xff"}', CountModel, by=(PYDANTIC,)),
    *json("D12 between values", b"[1,\xff2]", list[int]),
    *(cbor(f"D34 {name} in a text", bytes([0x60 | len(data)]) + data, str) for name, data in UTF8.items()),
    *(
        cbor(f"D34 {name} in a key", b"\xa1" + bytes([0x60 | len(data)]) + data + b"\x01", dict[str, int])
        for name, data in UTF8.items()
    ),
    *(msgpack(f"D12 {name} in a text", bytes([0xA0 | len(data)]) + data, str) for name, data in UTF8.items()),
    *(
        msgpack(f"D14 {name} in a key", b"\x81" + bytes([0xA0 | len(data)]) + data + b"\x01", dict[str, int])
        for name, data in UTF8.items()
    ),
]

TYPES = [
    *(
        row
        for name, value, form in (
            ("null for an object", None, CountModel),
            ("null for an int", None, int),
            ("null for a text", None, str),
            ("text for a list", CANARY, list[int]),
            ("a list for an object", [], CountModel),
            ("an object for a list", {}, list[int]),
            ("a key is missing", {}, CountModel),
            ("a key is null", {"n": None}, CountModel),
            ("a key is an object", {"n": {}}, CountModel),
            ("text that is no number", {"n": CANARY}, CountModel),
            ("an int for a text", 1, str),
            ("a bool for a text", True, str),
            ("a number for an enum", 1, Color),
            ("another text for an enum", CANARY, Color),
            ("another text for a Literal", CANARY, Literal["a"]),
            ("text for a UUID", CANARY, UUID),
            ("text for a datetime", CANARY, datetime),
            ("text for either", CANARY, int | CountModel),
        )
        for row in everywhere(f"D2 {name}", value, form)
    ),
    *(
        row
        for name, value in (("text", "1"), ("a float", 1.5), ("true", True), ("false", False))
        for row in everywhere(f"D3 {name} for an int of a Struct", {"n": value}, Count, by=MIXED)
    ),
    *everywhere("D3 an int for a bool", 1, bool, by=MIXED),
    *everywhere("D6 a key that nobody asked for", {"n": 1, "x": [CANARY]}, CountModel, CountModel(n=1)),
    *everywhere("D6 in a Struct", {"n": 1, "x": [CANARY]}, Count, Count(1), by=MIXED),
    *everywhere("D17 a depth of 100", nested(100), Any, nested(100)),
    *everywhere("D19 an unknown tag", {"type": CANARY, "symbol": "a"}, Tick | Trade, by=MIXED),
    *everywhere("D19 no tag", {"symbol": CANARY}, Tick | Trade, by=MIXED),
    *everywhere("D19 a tag of another type", {"type": 5}, Tick | Trade, by=MIXED),
    *everywhere(
        "D21 the tag comes last", {"symbol": "a", "size": 1, "type": "trade"}, Tick | Trade, Trade("a", 1), by=MIXED
    ),
    *everywhere("D22 a secret in many places", {"n": [CANARY] * 1000}, CountModel),
    *everywhere("D22 100,000 errors", [CANARY] * 100_000, list[int]),
    *everywhere("D22 a secret for a key", {CANARY: CANARY}, dict[str, int]),
    *everywhere("D28 a year beyond every date", "10000-01-01", date),
    *everywhere("D28 an epoch beyond every date", 1e300, datetime, by=(JSON, PYDANTIC, MSGPACK)),
]

FRAMES = [
    *(Decoding("D53 a binary frame for JSON", name, b'{"n":1}', CountModel, text=False) for name in BOTH_JSON),
    *(
        Decoding("D53 a text frame for a binary format", name, b'{"n":1}', CountModel, text=True)
        for name in BINARY_FORMATS
    ),
    *(Decoding("D53 an empty frame", name, b"", Any) for name in CONVERTERS),
    *(
        Decoding("D53 an empty frame of the other kind", name, b"", Any, text=name in BINARY_FORMATS)
        for name in CONVERTERS
    ),
    *(Decoding("D53 another format", name, cbor2.dumps({"n": CANARY}), CountModel) for name in (MSGPACK,)),
    *(Decoding("D53 another format", name, msgspec.msgpack.encode({"n": CANARY}), CountModel) for name in (CBOR,)),
]

TAGS = (5, 25, 28, 29, 30, 35, 36, 52, 54, 256, 260, 261, 43000, 6, 24, 1000, 65535, 2**32, 2**64 - 1)


def tagged(tag: int, content: str) -> bytes:
    return cbor2.dumps(cbor2.CBORTag(tag, None))[:-1] + bytes.fromhex(content)


CBOR_ROWS = [
    *(
        cbor(f"D31 {name}", data)
        for name, data in (
            ("nothing", ""),
            ("half a list", "82 01"),
            ("half a map", "a1 01"),
            ("half a text", "62 61"),
            ("half a number", "1b 00000000"),
            ("half a tag", "d9 01"),
            ("a tag without a value", "c1"),
            ("a list without an end", "9f 01"),
            ("a text without an end", "7f 6161"),
            ("a map that ends behind a key", "bf 6161 ff"),
        )
    ),
    *(
        cbor(f"D32 {name} behind it", data, int)
        for name, data in (("a value", "01 01"), ("NUL", "01 00"), ("half a value", "01 82"), ("break", "01 ff"))
    ),
    cbor("D33 a key that comes twice", "a2 6161 01 6161 02"),
    cbor("D33 a key that comes twice in a model", "a2 616e 01 616e 02", CountModel),
    *(
        cbor(f"D35 {name}", data)
        for name, data in (
            ("a list of 2**32", "9a ffffffff"),
            ("a list of 2**60", "9b 1000000000000000"),
            ("a list of 2**64 - 1", "9b ffffffffffffffff"),
            ("a map of 2**32", "ba ffffffff"),
            ("a map of 2**64 - 1", "bb ffffffffffffffff"),
            ("bytes of 2**62", "5b 4000000000000000"),
            ("a text of 2**62", "7b 4000000000000000"),
            ("a text of 2**31 in a list", "81 7a 7fffffff 61"),
        )
    ),
    *(
        cbor(f"D37 {name}", data)
        for name, data in (
            ("break", "ff"),
            ("break in a list with a length", "82 01 ff"),
            ("break for a value", "bf 6161 ff"),
            ("a reserved length 1C", "1c"),
            ("a reserved length 5D", "5d"),
            ("a reserved length FE", "fe"),
            ("a simple value in two bytes", "f8 10"),
            ("a number without an end", "1f"),
            ("a tag without an end", "df"),
            ("a text of pieces that are bytes", "7f 4161 ff"),
            ("a text of pieces without an end", "7f 7f ff ff"),
        )
    ),
    *(
        cbor(f"D38 {depth} {name} as {form}", bytes.fromhex(opening) * depth + b"\x01", form)
        for name, opening in (
            ("lists", "81"),
            ("maps", "a16161"),
            ("maps as keys", "a1"),
            ("tags", "c1"),
            ("sets", "d9010281"),
            ("lists without an end", "9f"),
            ("marked lists", "d9d9f7 81"),
        )
        for depth, form in ((200, Any), (100_000, Any), (1_000, CountModel))
    ),
    cbor("D39 an int of a million bytes", b"\xc2\x5a\x00\x0f\x42\x40" + b"\xff" * 1_000_000, int),
    cbor("D39 a negative int of 17 bytes", b"\xc3\x51" + b"\xff" * 17, int),
    cbor("D39 an int of 16 bytes", b"\xc2\x50" + b"\xff" * 16, int, 2**128 - 1),
    cbor("D39 an int of a text", "c2 6161", int),
    cbor("D40 a Decimal with an exponent of 2**31", "c4 82 1a7fffffff 01", Decimal),
    cbor("D40 a Decimal with an exponent of -2**31", "c4 82 3a7fffffff 01", Decimal),
    cbor("D40 a Decimal with digits of 17 bytes", b"\xc4\x82\x01\xc2\x51" + b"\xff" * 17, Decimal),
    cbor("D40 a bigfloat", "c5 82 1a7fffffff 01", float),
    cbor("D40 a Decimal", "c4 82 21 196ab3", Decimal, Decimal("273.15")),
    *(
        cbor(f"D41 {name}", data, Any)
        for name, data in (
            ("tag 0 over an int", "c0 01"),
            ("tag 0 over no date", b"\xc0\x67" + SECRET),
            ("tag 1 over a text", b"\xc1\x67" + SECRET),
            ("tag 1 over NaN", "c1 f97e00"),
            ("tag 1 over 2**63", "c1 1b8000000000000000"),
            ("tag 1 over infinity", "c1 f97c00"),
            ("tag 37 over 3 bytes", "d825 43 010203"),
            ("tag 37 over a text", b"\xd8\x25\x67" + SECRET),
            ("tag 100 over a text", b"\xd8\x64\x67" + SECRET),
            ("tag 100 over 2**62", "d864 1b4000000000000000"),
            ("tag 1004 over a number", "d903ec 01"),
            ("tag 1004 over no date", b"\xd9\x03\xec\x67" + SECRET),
            ("tag 258 over a number", "d90102 01"),
        )
    ),
    *(
        cbor(f"D42 {name} as {form}", data, form)
        for name, data in (
            ("a list in itself", "d81c 81 d81d 00"),
            ("a map in itself", "d81c a1 6161 d81d 00"),
            ("a reference to nothing", "d81d 00"),
            ("a list of shares", "82 d81c 80 d81d 00"),
        )
        for form in (Any, list[Any], CountModel)
    ),
    cbor(
        "D44 texts that are repeated by reference",
        b"\xd9\x01\x00" + cbor2.dumps(["x" * 10_000] + [cbor2.CBORTag(25, 0)] * 1_000),
    ),
    cbor("D44 a reference without a space of names", tagged(25, "00")),
    *(
        cbor(f"D45 tag {tag} over {what}", tagged(tag, content))
        for tag in TAGS
        for what, content in (("a text", "67" + SECRET.hex()), ("a list", "82 01 02"))
    ),
    cbor("D45 a regular expression that never ends", tagged(35, "69" + b"^(a+)+$zz".hex())),
    cbor("D45 one over zero", tagged(30, "82 01 00")),
    cbor("D45 a set", "d90102 82 01 02", set[int], {1, 2}),
    cbor("D45 a UUID", b"\xd8\x25\x50" + bytes(15) + b"\x01", UUID, UUID(int=1)),
    *(
        cbor(f"D46 {name} for a key as {form}", data, form)
        for name, data in (
            ("a list", "a1 8101 02"),
            ("a map", "a1 a10102 03"),
            ("NaN", "a1 f97e00 01"),
            ("a number", "a1 01 02"),
            ("null", "a1 f6 01"),
            ("a tagged list", "a1 d90102 81 01 02"),
        )
        for form in (Any, dict[str, int])
    ),
    cbor("D48 NaN for an int", "f97e00", int),
    cbor("D48 infinity for a float", "f97c00", float, math.inf),
    *(
        cbor(f"D49 {name} as {form}", data, form)
        for name, data in (
            ("undefined", "f7"),
            ("simple value 0", "e0"),
            ("simple value 255", "f8 ff"),
            ("undefined in a list", "81 f7"),
            ("undefined in a map", "a1 616e f7"),
        )
        for form in (Any, CountModel)
    ),
    cbor("D51 an int in nine bytes", "1b 0000000000000001", int, 1),
    cbor("D51 a list whose length has nine bytes", "9b 0000000000000001 01", list[int], [1]),
    cbor("D51 the mark of CBOR", "d9d9f7 01", int, 1),
    cbor("D51 a text in pieces", "7f 6161 6162 ff", str, "ab"),
    cbor("D28 an epoch beyond every date", "c1 fb 7e37e43c8800759c", datetime),
]

MSGPACK_ROWS = [
    *(
        msgpack(f"D31 {name}", data)
        for name, data in (
            ("nothing", ""),
            ("half a list", "92 01"),
            ("half a map", "81 a161"),
            ("half a text", "a5 61"),
            ("half a number", "cf 00000000"),
            ("half an extension", "d6 ff"),
        )
    ),
    *(
        msgpack(f"D32 {name} behind it", data, int)
        for name, data in (("a value", "01 01"), ("NUL", "01 00"), ("half a value", "01 92"))
    ),
    msgpack("D37 the byte that is never used", "c1"),
    msgpack("D37 the byte that is never used in a list", "91 c1"),
    msgpack("D33 a key that comes twice", "82 a16e 01 a16e 02", Count, Count(2)),
    *(
        msgpack(f"D35 {name}", data)
        for name, data in (
            ("a list of 2**32 - 1", "dd ffffffff"),
            ("a map of 2**32 - 1", "df ffffffff"),
            ("bytes of 2**32 - 1", "c6 ffffffff"),
            ("a text of 2**32 - 1", "db ffffffff"),
            ("an extension of 2**32 - 1", "c9 ffffffff 01"),
            ("a list of 2**31 in a list", "91 dd 80000000 01"),
        )
    ),
    *(
        msgpack(f"D38 {depth} {name} as {form}", bytes.fromhex(opening) * depth + b"\x01", form)
        for name, opening in (("lists", "91"), ("maps", "81a161"), ("maps as keys", "81"))
        # Python 3.11 goes down to 1,000, 3.12 to 1,500, and 3.13 to 10,000.
        for depth, form in ((100_000, Any), (2_000, CountModel), (12_000, Any))
    ),
    *(
        msgpack(f"D41 a timestamp {name}", data, datetime)
        for name, data in (
            ("of 3 bytes", "c7 03 ff 010203"),
            ("of nothing", "c7 00 ff"),
            ("beyond every date", "c7 0c ff 00000000 7fffffffffffffff"),
            ("with too many nanoseconds", "c7 0c ff ffffffff 0000000000000000"),
        )
    ),
    msgpack("D41 a timestamp", "d6 ff 00000000", datetime, datetime(1970, 1, 1, tzinfo=UTC)),
    msgpack("D45 an extension for an object", "d4 05 00", CountModel),
    msgpack("D45 an extension for a text", "c7 07 05" + SECRET.hex(), str),
    msgpack("D46 a map for a key", "81 81 01 02 03"),
    msgpack("D46 null for a key", "81 c0 01", dict[str, int]),
    msgpack("D46 a number for a key", "81 01 02", dict[str, int]),
    msgpack("D48 NaN for an int", "cb 7ff8000000000000", int),
    msgpack("D51 an int in nine bytes", "cf 0000000000000001", int, 1),
]

DECODING_ROWS: list[Decoding] = [*JSON_ROWS, *TEXT_ROWS, *TYPES, *FRAMES, *CBOR_ROWS, *MSGPACK_ROWS]
