"""MessagePack: what is written, and what a hostile peer may not make of it."""

from __future__ import annotations

import itertools
import math
import random
import time
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from tests.converters.messages import WHEN, Box, Point, Tick, Trade
from typedws.converters import MsgPackConverter
from typedws.converters.failures import Refused
from typedws.converters.msgpack_keys import HARMLESS_SIZE, refuse_array_keys
from typedws.errors import DeserializeError, SerializeError
from typedws.frames import BinaryFrame

converter = MsgPackConverter()
encode = msgspec.msgpack.encode


def read(data: bytes, form: Any = Any, by: MsgPackConverter = converter) -> Any:
    return by.deserialize(BinaryFrame(data), form)


def test_the_name_is_that_of_the_format() -> None:
    assert converter.name == "msgpack"
    assert repr(MsgPackConverter(strict=False)) == "MsgPackConverter(strict=False)"


def test_a_value_becomes_a_whole_binary_frame() -> None:
    assert converter.serialize({"x": [1, None]}) == BinaryFrame(b"\x81\xa1x\x92\x01\xc0")


def test_an_aware_datetime_keeps_its_instant_and_loses_its_offset() -> None:
    for back in (
        converter.deserialize(converter.serialize(WHEN), datetime),
        converter.deserialize(converter.serialize(WHEN), Any),
    ):
        assert back == WHEN
        assert back.utcoffset() == UTC.utcoffset(None)


def test_a_naive_datetime_is_text() -> None:
    naive = WHEN.replace(tzinfo=None)
    frame = converter.serialize(naive)
    assert converter.deserialize(frame, Any) == naive.isoformat()
    assert converter.deserialize(frame, datetime) == naive


@pytest.mark.parametrize("number", [-(2**63), 2**64 - 1])
def test_integers_have_64_bits(number: int) -> None:
    assert converter.deserialize(converter.serialize(number), int) == number


@pytest.mark.parametrize("number", [-(2**63) - 1, 2**64])
def test_larger_integers_are_not_written(number: int) -> None:
    with pytest.raises(SerializeError):
        converter.serialize([number])


def test_every_float_comes_back() -> None:
    back = converter.deserialize(converter.serialize([math.nan, math.inf, -0.0, 5e-324]), list[float])
    assert math.isnan(back[0])
    assert back[1:] == [math.inf, 0.0, 5e-324]


def test_a_decimal_is_text() -> None:
    assert converter.deserialize(converter.serialize(Decimal("1.10")), Any) == "1.10"
    assert read(encode(1.5), Decimal) == Decimal("1.5")


def test_keys_keep_their_type() -> None:
    value = {1: "a", "b": 2, 1.5: 3, b"x": 4}
    assert converter.deserialize(converter.serialize(value), Any) == value


def test_an_extension_is_an_ext_unless_a_hook_reads_it() -> None:
    data = encode(msgspec.msgpack.Ext(5, b"abc"))
    assert read(data) == msgspec.msgpack.Ext(5, b"abc")
    reads = MsgPackConverter(ext_hook=lambda code, payload: (code, bytes(payload)))
    assert read(data, Any, reads) == (5, b"abc")
    assert read(encode([msgspec.msgpack.Ext(5, b"abc")]), list[Any], reads) == [(5, b"abc")]


def test_an_ext_hook_may_make_a_class_of_its_own() -> None:
    reads = MsgPackConverter(
        enc_hook=lambda value: msgspec.msgpack.Ext(1, str(value).encode()),
        ext_hook=lambda code, payload: complex(bytes(payload).decode()),
    )
    value = Box(1 + 2j)
    assert reads.deserialize(reads.serialize(value), Box[complex]) == value
    with pytest.raises(DeserializeError):
        read(encode({"content": 5}), Box[complex], reads)


def test_what_an_ext_hook_raises_is_the_cause() -> None:
    def fail(code: int, data: memoryview) -> Any:
        raise LookupError(code)

    with pytest.raises(DeserializeError) as caught:
        read(encode(msgspec.msgpack.Ext(5, b"abc")), Any, MsgPackConverter(ext_hook=fail))
    assert isinstance(caught.value.__cause__, LookupError)


# keys that collide


def colliding_keys(count: int) -> bytes:
    """A map with arrays for keys, all of one hash: hash((-1,)) == hash((-2,))."""
    keys = itertools.islice(itertools.product((b"\xff", b"\xfe"), repeat=16), count)
    items = b"".join(b"\xdc\x00\x10" + b"".join(key) + b"\x00" for key in keys)
    return b"\xdf" + count.to_bytes(4, "big") + items


@pytest.mark.parametrize("form", [Any, object, list[Any], Box[Any], Point, int | Point, dict[str, Any]], ids=str)
def test_arrays_as_keys_do_not_stop_us(form: Any) -> None:
    data = colliding_keys(50_000)
    start = time.process_time()
    for wrapped in (data, b"\x91" + data, b"\x81\xa7content" + data, b"\x81\xa1x" + data):
        with pytest.raises(DeserializeError):
            read(wrapped, form)
    assert time.process_time() - start < 5


def test_a_type_that_says_what_it_holds_needs_no_look_at_the_keys() -> None:
    start = time.process_time()
    assert read(b"\x82\xa1x\x01\xa1y" + colliding_keys(50_000), Known) == Known(1)
    assert time.process_time() - start < 1


class Known(msgspec.Struct):
    x: int


def test_few_arrays_as_keys_are_read() -> None:
    assert read(b"\x81\x92\x01\x02\x03") == {(1, 2): 3}


def padded(value: Any) -> bytes:
    """`value` in a message that is long enough to be looked at, and has a map that is large enough."""
    return encode([value, {str(number): "x" * (HARMLESS_SIZE // 16) for number in range(16)}])


@pytest.mark.parametrize(
    "value",
    [
        {"a": [1, 2, {"b": [3]}]},
        {1: [1], 2.5: [2], False: [3], None: [4], b"k": [5]},
        [[[]], [{}], {}, [1, [2, [3]]], 1, 2],
        [1.5, 2.5, [3.5], {4.5: 5.5, 6.5: [7.5]}],
        list(range(-40, 40)),
        [2**7, 2**8, 2**16, 2**32, 2**63, -(2**7), -(2**15), -(2**31), -(2**63)],
        {"s" * length: "t" * length for length in (0, 31, 32, 255, 256, 65536)},
        {b"s" * length: b"t" * length for length in (0, 255, 256, 65536)},
        [msgspec.msgpack.Ext(1, b"x" * length) for length in (0, 1, 2, 3, 4, 8, 16, 17, 256, 65536)],
        [[0] * 15, [0] * 16, [0] * 70_000, {str(n): [n] for n in range(16)}, {n: [n] for n in range(70_000)}],
        [WHEN, {"when": WHEN}],
        [Tick("a", 1.5), Trade("b", 300)],
    ],
    ids=lambda value: str(value)[:30],
)
def test_the_look_at_the_keys_finds_its_way_through_everything(value: Any) -> None:
    refuse_array_keys(padded(value))
    with pytest.raises(Refused):
        refuse_array_keys(b"\x93" + padded(value)[1:] + b"\x81\x91\x01\x02")


@pytest.mark.parametrize("key", [b"\x90", b"\x91\x01", b"\xdc\x00\x01\x01", b"\xdd\x00\x00\x00\x01\x01", b"\x80"])
@pytest.mark.parametrize("opening", [b"\x82\x01\x01", b"\xde\x00\x02\x01\x01", b"\xdf\x00\x00\x00\x02\xa1a\x91\x01"])
def test_the_look_at_the_keys_finds_every_kind_of_array(opening: bytes, key: bytes) -> None:
    with pytest.raises(Refused):
        refuse_array_keys(b"\x92" + opening + key + b"\xda\xff\xff" + b"x" * 65535 + b"\xde")


def test_the_look_at_the_keys_leaves_malformed_data_to_others() -> None:
    chance = random.Random(5)
    good = padded([{"a": [1.5, 2**40, "x", b"y"]}] * 20)
    for _ in range(500):
        data = bytearray(good)
        data[chance.randrange(400)] = chance.randrange(256)
        try:
            refuse_array_keys(bytes(data[: chance.randrange(HARMLESS_SIZE, len(data))]))
        except Refused:
            continue


@pytest.mark.parametrize(
    "data", [b"\x91" * 500_000 + b"\x01" * 500_000, b"\x92" * 400_000 + b"\x01" * 600_000], ids=len
)
def test_the_look_at_the_keys_takes_time_in_proportion(data: bytes) -> None:
    start = time.process_time()
    refuse_array_keys(data + b"\xdf")
    assert time.process_time() - start < 5
