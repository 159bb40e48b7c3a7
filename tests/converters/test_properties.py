"""What holds for every value and for every payload."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any, Literal

import cbor2
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from tests.converters.messages import (
    ALL,
    MIXED,
    Account,
    Any_,
    Box,
    Color,
    Created,
    Deleted,
    Envelope,
    Event,
    Everything,
    EverythingModel,
    Level,
    Mixed,
    Named,
    Node,
    Page,
    Plain,
    Point,
    Strict,
    Tick,
    Trade,
    Typed,
)
from typedws.converters import CBORConverter, MsgPackConverter
from typedws.errors import DeserializeError
from typedws.frames import BinaryFrame, TextFrame

every_format = pytest.mark.parametrize("converter", MIXED, ids=lambda converter: converter.name)
every_converter = pytest.mark.parametrize("converter", ALL, ids=lambda converter: converter.name)
thorough = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
floats = st.floats(allow_nan=False, allow_infinity=False)
integers = st.integers(-(2**63), 2**64 - 1)
scalars = st.none() | st.booleans() | integers | floats | texts
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=20
)
offsets = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
naive = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31))
decimals = st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**20), max_value=10**20)

everything: dict[str, st.SearchStrategy[Any]] = {
    "aware": st.datetimes(datetime(1971, 1, 1), datetime(9998, 12, 31), timezones=offsets),
    "utc": st.datetimes(datetime(1971, 1, 1), datetime(9998, 12, 31), timezones=st.just(UTC)),
    "naive": naive,
    "day": st.dates(date(2, 1, 1)),
    "hour": st.builds(lambda when: when.time(), naive),
    "span": st.timedeltas(timedelta(days=-10_000), timedelta(days=10_000)),
    "price": decimals,
    "id": st.uuids(),
    "raw": st.binary(max_size=20),
    "color": st.sampled_from(Color),
    "level": st.sampled_from(Level),
    "words": st.sets(texts, max_size=5),
    "numbers": st.frozensets(integers, max_size=5),
    "pair": st.tuples(integers, texts),
    "big": integers,
    "by_number": st.dictionaries(integers, texts, max_size=5),
    "by_id": st.dictionaries(st.uuids(), floats, max_size=5),
    "nothing": st.none() | integers,
    "either": integers | texts,
}


@every_converter
@given(value=values)
@thorough
def test_every_plain_value_comes_back(converter: Any_, value: Any) -> None:
    assert converter.deserialize(converter.serialize(value), object) == value
    assert converter.deserialize(converter.serialize(value, Any), Any) == value


@every_format
@given(fields=st.fixed_dictionaries(everything))
@thorough
def test_every_struct_comes_back(converter: Mixed, fields: dict[str, Any]) -> None:
    value = Everything(**fields)
    assert converter.deserialize(converter.serialize(value), Everything) == value


@every_converter
@given(fields=st.fixed_dictionaries(everything | {"raw": texts.map(str.encode)}))
@thorough
def test_every_model_comes_back(converter: Any_, fields: dict[str, Any]) -> None:
    value = EverythingModel(**fields)
    assert converter.deserialize(converter.serialize(value), EverythingModel) == value


class Blob(BaseModel):
    raw: bytes


@pytest.mark.parametrize("converter", [CBORConverter(), MsgPackConverter()], ids=lambda converter: converter.name)
@given(raw=st.binary())
@thorough
def test_any_bytes_in_a_model_come_back_through_binary_formats(converter: Mixed, raw: bytes) -> None:
    assert converter.deserialize(converter.serialize(Blob(raw=raw)), Blob) == Blob(raw=raw)


points = st.builds(Point, x=integers, y=integers)


@every_format
@given(value=st.builds(Envelope, points, st.lists(points, max_size=4), st.dictionaries(texts, points, max_size=4)))
@thorough
def test_every_struct_with_models_in_it_comes_back(converter: Mixed, value: Envelope) -> None:
    assert converter.deserialize(converter.serialize(value), Envelope) == value


@given(
    value=st.integers(-(2**128), 2**128 - 1) | st.sets(integers) | st.sets(texts) | decimals | st.uuids() | st.dates()
)
@thorough
def test_every_value_with_a_cbor_tag_comes_back(value: Any) -> None:
    converter = CBORConverter()
    assert converter.deserialize(converter.serialize(value), type(value)) == value
    assert converter.deserialize(BinaryFrame(cbor2.dumps(value)), type(value)) == value


@given(value=st.recursive(scalars | st.binary(), lambda inner: st.lists(inner) | st.dictionaries(scalars, inner)))
@thorough
def test_what_is_written_between_trusting_cbor_peers_comes_back(value: Any) -> None:
    converter = CBORConverter(str_keys=False)
    assert converter.deserialize(converter.serialize(value), Any) == value


FORMS: list[Any] = [
    Any,
    int,
    str,
    float,
    bytes,
    datetime,
    time,
    Decimal,
    Color,
    Literal["a", 1],
    list[int | None],
    dict[int, str],
    set[str],
    tuple[int, str],
    Tick,
    Tick | Trade,
    Node,
    Box[Any],
    Plain,
    Named,
    Typed,
    Strict,
    Everything,
    Point,
    Event,
    Created | Deleted,
    int | Point,
    list[Point],
    Page[Point],
    Account,
    EverythingModel,
    Envelope,
]
PLAIN_FORMS = [form for form in FORMS if form not in (Tick, Tick | Trade, Node, Box[Any], Strict, Everything, Envelope)]


def read(converter: Any_, payload: bytes, form: Any) -> DeserializeError | None:
    frame = BinaryFrame(payload) if converter.name in ("cbor", "msgpack") else TextFrame(payload)
    try:
        converter.deserialize(frame, form)
    except DeserializeError as failure:
        error = failure
    else:
        return None
    assert error.frame is frame
    assert error.type_form is form
    assert len(str(error)) <= 600
    return error


def forms_of(converter: Any_) -> list[Any]:
    return PLAIN_FORMS if converter.name == "pydantic" else FORMS


@every_converter
@given(data=st.data(), payload=st.binary(max_size=200))
@thorough
def test_any_bytes_are_a_value_or_a_deserialize_error(converter: Any_, data: st.DataObject, payload: bytes) -> None:
    read(converter, payload, data.draw(st.sampled_from(forms_of(converter))))


@every_converter
@given(data=st.data(), value=values)
@thorough
def test_any_message_is_a_value_or_a_deserialize_error(converter: Any_, data: st.DataObject, value: Any) -> None:
    payload = converter.serialize(value).data
    read(converter, payload, data.draw(st.sampled_from(forms_of(converter))))
    cut = data.draw(st.integers(0, len(payload)))
    junk = data.draw(st.binary(max_size=4))
    read(converter, payload[:cut] + junk + payload[cut + len(junk) :], data.draw(st.sampled_from(forms_of(converter))))


WRITERS: dict[str, Callable[[Any], bytes]] = {
    "json": msgspec.json.encode,
    "pydantic": msgspec.json.encode,
    "msgpack": msgspec.msgpack.encode,
    "cbor": cbor2.dumps,
}
FIELDS = ["type", "kind", "x", "id", "name", "pin", "notes", "content", "symbol", "price", "size", "value", "point"]
SECRET = "hunter2"
keys = st.sampled_from([*FIELDS, SECRET, f"{SECRET} - at `$.x`"])
secrets = st.sampled_from([SECRET, f"{SECRET}`", f"' - at `{SECRET}`", "tick", "created", 1, None, [SECRET]])
telling = st.recursive(
    secrets, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4), max_leaves=8
)


@every_converter
@given(data=st.data(), value=telling)
@thorough
def test_no_error_quotes_its_payload(converter: Any_, data: st.DataObject, value: Any) -> None:
    error = read(converter, WRITERS[converter.name](value), data.draw(st.sampled_from(forms_of(converter))))
    assert SECRET not in str(error)
