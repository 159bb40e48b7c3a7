"""CBOR: what is written, and what a hostile peer may not make of it (RFC 8949)."""

from __future__ import annotations

import copy
import math
import re
import time
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import cbor2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typing_extensions import TypedDict

from tests.converters.messages import WHEN, Box, Point, Tick
from typedws.converters import CBORConverter
from typedws.errors import DeserializeError, SerializeError, UnsupportedTypeError
from typedws.frames import BinaryFrame

converter = CBORConverter()


def read(data: bytes | str, form: Any = Any, by: CBORConverter = converter) -> Any:
    return by.deserialize(BinaryFrame(bytes.fromhex(data) if isinstance(data, str) else data), form)


def refused(data: bytes | str, form: Any = Any, by: CBORConverter = converter) -> str:
    with pytest.raises(DeserializeError) as caught:
        read(data, form, by)
    return str(caught.value)


def test_the_name_is_that_of_the_format() -> None:
    assert converter.name == "cbor"
    assert repr(CBORConverter(max_depth=9)) == "CBORConverter(max_depth=9)"


def test_a_value_becomes_a_whole_binary_frame() -> None:
    assert converter.serialize({"x": [1, "é", None]}) == BinaryFrame(b"\xa1ax\x83\x01b\xc3\xa9\xf6")


@pytest.mark.parametrize("depth", [0, -1, 401, 10**9])
def test_the_depth_has_bounds(depth: int) -> None:
    with pytest.raises(ValueError, match="max_depth"):
        CBORConverter(max_depth=depth)


# what is written


@pytest.mark.parametrize(
    ("value", "tag"),
    [
        (WHEN, 0),
        (date(2026, 11, 22), 1004),
        (Decimal("1.10"), 4),
        (UUID(int=1), 37),
        (2**64, 2),
        (-(2**64) - 1, 3),
    ],
    ids=str,
)
def test_values_are_tagged_and_come_back_even_untyped(value: Any, tag: int) -> None:
    frame = converter.serialize(value)
    assert frame.data.startswith(cbor2.dumps(cbor2.CBORTag(tag, 0))[:-1])
    assert converter.deserialize(frame, Any) == value
    assert converter.deserialize(frame, object) == value


def test_a_naive_datetime_is_text() -> None:
    naive = WHEN.replace(tzinfo=None)
    frame = converter.serialize({"naive": naive, "aware": WHEN})
    assert converter.deserialize(frame, Any) == {"naive": naive.isoformat(), "aware": WHEN}
    assert converter.deserialize(frame, dict[str, datetime]) == {"naive": naive, "aware": WHEN}


@pytest.mark.parametrize("number", [2**64 - 1, 2**127, 2**128 - 1, -(2**128)])
def test_integers_have_up_to_128_bits(number: int) -> None:
    assert converter.deserialize(converter.serialize([number]), list[int]) == [number]


@pytest.mark.parametrize("number", [2**128, -(2**128) - 1, 2**20000], ids=["2**128", "-2**128 - 1", "2**20000"])
@pytest.mark.parametrize("wrap", [lambda n: n, lambda n: {"a": [n]}, Box, lambda n: Decimal(n)])
def test_integers_beyond_are_not_written(number: int, wrap: Any) -> None:
    with pytest.raises(SerializeError, match="128 bits"):
        converter.serialize(wrap(number))


@pytest.mark.parametrize("number", ["1E+6144", "-1.5E-6143", "0.00", "340282366920938463463374607431768211455"])
def test_decimals_are_exact(number: str) -> None:
    back = converter.deserialize(converter.serialize(Decimal(number)), Decimal)
    assert back.as_tuple() == Decimal(number).as_tuple()


@pytest.mark.parametrize("number", ["1E+6145", "1E-6145", "340282366920938463463374607431768211456"])
def test_decimals_beyond_what_is_read_are_not_written(number: str) -> None:
    with pytest.raises(SerializeError):
        converter.serialize(Decimal(number))


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_a_decimal_that_is_no_number_comes_back(number: str) -> None:
    assert str(converter.deserialize(converter.serialize(Decimal(number)), Decimal)) == number


def test_every_float_comes_back() -> None:
    back = converter.deserialize(converter.serialize([math.nan, math.inf, -0.0, 5e-324]), list[float])
    assert math.isnan(back[0])
    assert back[1:] == [math.inf, 0.0, 5e-324]
    assert math.copysign(1, back[2]) == -1


def test_keys_are_text_on_the_wire_and_come_back_as_declared() -> None:
    value = {1: "a", -2: "b"}
    frame = converter.serialize(value)
    assert cbor2.loads(frame.data) == {"1": "a", "-2": "b"}
    assert converter.deserialize(frame, dict[int, str]) == value
    by_date = {date(2026, 1, 1): 1.5}
    assert converter.deserialize(converter.serialize(by_date), dict[date, float]) == by_date
    by_bytes = {b"\xff": 1}
    assert converter.deserialize(converter.serialize(by_bytes), dict[bytes, int]) == by_bytes


def test_writing_does_not_change_the_value() -> None:
    value = {1: {2: [WHEN, {3: (4,)}]}, "a": {UUID(int=1): None}}
    before = copy.deepcopy(value)
    converter.serialize(value)
    assert value == before


@pytest.mark.parametrize("value", [{(1, 2): 3}, {None: 1}, {1: "a", "1": "b"}, {True: 1}], ids=str)
def test_a_key_that_is_no_text_cannot_be_written(value: Any) -> None:
    with pytest.raises(SerializeError, match="see str_keys"):
        converter.serialize(value)


def test_keys_keep_their_type_between_peers_that_trust_each_other() -> None:
    raw = CBORConverter(str_keys=False)
    value = {1: "a", "1": "b", (2, 3): {None: 4}}
    assert raw.deserialize(raw.serialize(value), Any) == value
    assert raw.deserialize(raw.serialize({1: "a"}), dict[int, str]) == {1: "a"}
    assert "str_keys=False" in refused("a1 01 02")


# depth


@pytest.mark.parametrize("depth", [1, 5, 128])
def test_what_is_within_the_depth_is_written_and_read(depth: int) -> None:
    limited = CBORConverter(max_depth=depth)
    for leaf in (1, WHEN, Decimal(2**100)):
        value: Any = leaf
        for _ in range(depth):
            value = [value]
        assert limited.deserialize(limited.serialize(value), Any) == value
    with pytest.raises(SerializeError, match="max_depth"):
        limited.serialize([value])
    assert "max_depth" in refused(b"\x81" * (depth + 4) + b"\x01", by=limited)


def test_a_deep_key_counts_as_well() -> None:
    raw = CBORConverter(max_depth=3, str_keys=False)
    with pytest.raises(SerializeError, match="max_depth"):
        raw.serialize({(((1,),),): 2})


@pytest.mark.parametrize("opening", ["81", "a16161", "c0", "d81c", "d90102 81", "9f", "bf6161"])
@pytest.mark.parametrize("count", [1_000, 100_000])
def test_deep_nesting_is_refused(opening: str, count: int) -> None:
    assert "nested too deeply" in refused(bytes.fromhex(opening) * count + b"\x01")


# malformed


@pytest.mark.parametrize(
    "data",
    [
        "",
        "82 01",
        "9f 01",
        "61",
        "62 61",
        "1c",
        "5f 01 ff",
        "ff",
        "f8 10",
        "61 ff",
        "63 eda080",
        "a1 01",
        "9b ffffffffffffffff",
        "bb 1000000000000000",
        "5b 4000000000000000",
        "7b 4000000000000000",
        "9a ffffffff",
    ],
)
@pytest.mark.parametrize("form", [Any, Tick, Point, int | Point], ids=str)
def test_what_is_not_cbor_is_refused_at_once(data: str, form: Any) -> None:
    start = time.process_time()
    assert "is not valid CBOR" in refused(data, form) or data == "a1 01"
    assert time.process_time() - start < 1


def test_bytes_after_the_value_are_refused() -> None:
    assert "2 bytes follow the value" in refused("01 01 01")
    assert "100000 bytes follow" in refused(b"\x01" * 100_001)
    assert read(b"\x9f" + b"\x01" * 100_000 + b"\xff") == [1] * 100_000


def outcome(data: bytes, form: Any, by: CBORConverter) -> tuple[object, ...]:
    try:
        value = read(data, form, by)
    except DeserializeError as error:
        return "refused", str(error)
    return "read", repr(value)


@pytest.fixture
def from_streams(monkeypatch: pytest.MonkeyPatch) -> CBORConverter:
    """A converter that reads every message as it does large ones."""
    monkeypatch.setattr("typedws.converters.cbor.SMALL", -1)
    by = CBORConverter()
    read(b"\x00", int, by)
    return by


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.binary(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(VALUES.map(cbor2.dumps), st.binary(max_size=18), st.data())
def test_small_messages_are_read_as_large_ones(
    from_streams: CBORConverter, data: bytes, rest: bytes, draw: st.DataObject
) -> None:
    cut = data[: draw.draw(st.integers(0, len(data)))]
    for candidate in (data, data + rest, cut, cut + rest, rest):
        for form in (Any, int | Point):
            assert outcome(candidate, form, converter) == outcome(candidate, form, from_streams)


@pytest.mark.parametrize("head", ["50", "70", "51", "58", "5810", "18", "1b", "81", "a1 6161", "9f", "5f", "d8", "f8"])
def test_a_message_that_ends_too_early_does_not_go_on_in_what_follows_it(
    from_streams: CBORConverter, head: str
) -> None:
    data = bytes.fromhex(head)
    assert outcome(data, Any, converter) == outcome(data, Any, from_streams)
    assert outcome(data, Any, converter)[0] == "refused"


def test_a_message_is_as_deep_as_it_may_be_at_any_size() -> None:
    by = CBORConverter(max_depth=3)
    for filling in (b"\x00", cbor2.dumps(bytes(100_000))):
        for depth in (3, 3 + 3):  # a Decimal of three levels may lie in it
            assert read(b"\x81" * depth + filling, Any, by)
        assert "too deeply" in refused(b"\x81" * 7 + filling, Any, by)


def test_a_key_that_occurs_twice_is_refused() -> None:
    text = refused(cbor2.dumps("hunter2").join([b"\xa2", b"\x01", b"\x02"]))
    assert "occurs twice" in text
    assert "hunter2" not in text


@pytest.mark.parametrize(
    "data", ["f7", "82 f7 01", "a1 6161 f7", "a2 6161 01 6162 81 f7", "e0", "81 f8 ff", "81 f3", "81 81 81 f7"]
)
def test_undefined_and_simple_values_are_refused(data: str) -> None:
    assert "simple value" in refused(data)
    refused(data, int | Point)


def test_simple_values_are_refused_where_nobody_asked_for_the_field() -> None:
    assert "simple value" in refused(cbor2.dumps({"x": 1, "y": 2, "more": cbor2.undefined}), Point)


def test_simple_values_are_refused_in_keys() -> None:
    assert "simple value" in refused("a1 f7 01", Any, CBORConverter(str_keys=False))


def test_bytes_that_look_like_simple_values_are_read() -> None:
    assert read(cbor2.dumps({"raw": b"\xf7\xe0", "n": 0xF7, "f": 1.1})) == {"raw": b"\xf7\xe0", "n": 0xF7, "f": 1.1}


def test_integers_and_lengths_may_be_written_longer_than_needed() -> None:
    assert read("d9d9f7 9b0000000000000001 1b0000000000000005", list[int]) == [5]


# tags

READ = {0, 1, 2, 3, 4, 37, 100, 258, 1004, 55799}


@pytest.mark.parametrize("content", ["01", "61 78", "41 78", "80", "82 01 02", "a1 6161 01", "fb 3ff0000000000000"])
def test_every_other_tag_is_refused(content: str) -> None:
    for tag in [*range(300), 1000, 1003, 1005, 1040, 43000, 55798, 55800, 65535, 2**32, 2**64 - 1]:
        if tag not in READ:
            data = cbor2.dumps(cbor2.CBORTag(tag, None))[:-1] + bytes.fromhex(content)
            assert f"tag {tag} is not read" in refused(data)


def test_tagged_values_are_read() -> None:
    assert read("c0 74" + b"2026-11-22T17:30:15Z".hex()) == datetime(2026, 11, 22, 17, 30, 15, tzinfo=UTC)
    assert read("c1 00") == datetime(1970, 1, 1, tzinfo=UTC)
    assert read("d864 01") == date(1970, 1, 2)
    assert read("d903ec 6a" + b"2026-11-22".hex()) == date(2026, 11, 22)
    assert read("d90102 82 6161 6162") == {"a", "b"}
    assert read("d90102 82 01 02", set[int]) == {1, 2}
    assert read("d90102 82 01 02", frozenset[int]) == {1, 2}
    assert read("d9d9f7 01") == 1
    assert read("c2 41 05", int) == 5


class Row(TypedDict):
    cells: list[int]


@pytest.mark.parametrize("mark", ["d9d9f7", "d9d9f7" * 3])
def test_a_message_that_says_it_is_cbor_is_read_as_any_other(mark: str) -> None:
    payload = bytes.fromhex(mark) + cbor2.dumps({"cells": [1, 2], "more": [{"x": 1}]})
    value = read(payload)
    assert value == {"cells": [1, 2], "more": [{"x": 1}]}
    assert [type(each) for each in (value, value["cells"], value["more"][0])] == [dict, list, dict]
    assert read(payload, Row) == {"cells": [1, 2]}
    assert "simple value" in refused(mark + "a1 6161 f7")


@pytest.mark.parametrize(
    "data",
    ["c0 01", "c0 6161", "c0 73" + b"2026-11-22T17:30:15".hex(), "c1 f97e00", "c1 1b7fffffffffffffff", "c1 6161"],
)
def test_a_tag_over_what_it_cannot_mean_is_refused(data: str) -> None:
    refused(data)


@pytest.mark.parametrize(
    "data", ["d825 4100", "d864 6161", "d903ec 6161", "d90102 01", "d90102 6161", "c2 01", "c4 01"]
)
def test_so_are_the_others(data: str) -> None:
    refused(data)


def test_bignums_have_up_to_16_bytes() -> None:
    assert read(b"\xc2\x50" + b"\xff" * 16) == 2**128 - 1
    assert "128 bits" in refused(b"\xc2\x51" + b"\xff" * 17)
    assert "128 bits" in refused(b"\xc3\x5a\x00\x0f\x42\x40" + b"\xff" * 1_000_000)


@pytest.mark.parametrize("data", ["c4 82 1a7fffffff 01", "c4 82 3a7fffffff 01", "c4 82 191801 01"])
def test_the_exponent_of_a_decimal_is_bounded(data: str) -> None:
    assert "exponent beyond 6144" in refused(data)


@pytest.mark.parametrize("data", ["c4 82 f93c00 01", "c4 83 01 01 01", "c4 82 f5 01", "c4 82 01 6131"])
def test_a_decimal_is_made_of_two_integers(data: str) -> None:
    assert "not an exponent and an int" in refused(data)


def test_references_are_refused_before_anything_is_made_of_them() -> None:
    cycle = "d81c 81 d81d 00"
    bomb = b"\xd9\x01\x00" + cbor2.dumps(["x" * 100_000] + [cbor2.CBORTag(25, 0)] * 10_000)
    for form in (Any, list[Any], Point, Tick):
        assert "tag 2" in refused(cycle, form)
        assert re.search("tag (25|256) ", refused(bomb, form))


def test_a_tag_hook_reads_one_more_tag() -> None:
    reads_rationals = CBORConverter(tag_hooks={30: lambda value: Fraction(*value)})
    data = "81 d81e 82 01 03"
    assert read(data, Any, reads_rationals) == [Fraction(1, 3)]
    assert read(data, list[Fraction], reads_rationals) == [Fraction(1, 3)]
    assert "no Fraction" in refused("81 01", list[Fraction], reads_rationals)
    assert "tag 30 is not read" in refused(data)
    with pytest.raises(UnsupportedTypeError):
        converter.check_type(list[Fraction])


def test_a_tag_hook_may_replace_a_known_tag() -> None:
    assert read("c1 05", Any, CBORConverter(tag_hooks={1: lambda value: ("epoch", value)})) == ("epoch", 5)


def test_what_a_tag_hook_raises_is_behind_the_error() -> None:
    broken = CBORConverter(tag_hooks={30: lambda value: Fraction(*value)})
    with pytest.raises(DeserializeError) as caught:
        read("d81e 82 01 00", Any, broken)
    cause = caught.value.__cause__
    assert isinstance(cause, cbor2.CBORDecodeError)
    assert isinstance(cause.__cause__, ZeroDivisionError)


def test_an_interrupt_passes_through_a_tag_hook() -> None:
    def stop(value: Any) -> Any:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read("d81e 01", Any, CBORConverter(tag_hooks={30: stop}))


# what other programs write


@pytest.mark.parametrize(
    ("data", "form", "value"),
    [
        (cbor2.dumps(WHEN.isoformat()), datetime, WHEN),
        (cbor2.dumps("2026-11-22"), date, date(2026, 11, 22)),
        (cbor2.dumps("1.10"), Decimal, Decimal("1.10")),
        (cbor2.dumps(1.5), Decimal, Decimal("1.5")),
        (cbor2.dumps(str(UUID(int=1))), UUID, UUID(int=1)),
        (cbor2.dumps(2.0), float, 2.0),
        (cbor2.dumps(2), float, 2.0),
    ],
    ids=str,
)
def test_text_and_numbers_are_read_where_they_are_plain(data: bytes, form: Any, value: Any) -> None:
    assert read(data, form) == value


def test_text_is_not_read_as_bytes() -> None:
    refused(cbor2.dumps("eA=="), bytes)
    refused(cbor2.dumps("x"), list[bytes])


def test_untyped_messages_are_plain_objects() -> None:
    data = cbor2.dumps({"a": [1, 1.5, "x", b"y", None, True, WHEN, {"s"}]})
    assert read(data, object) == {"a": [1, 1.5, "x", b"y", None, True, WHEN, {"s"}]}


def test_keys_that_collide_do_not_stop_us() -> None:
    modulus = 2**61 - 1
    colliding = {str(number * modulus): 0 for number in range(20_000)}
    start = time.process_time()
    assert len(read(cbor2.dumps(colliding))) == 20_000
    refused(cbor2.dumps({number * modulus: 0 for number in range(1_000)}))
    refused(cbor2.dumps({(-1 - number % 2, number): 0 for number in range(1_000)}))
    assert time.process_time() - start < 5
