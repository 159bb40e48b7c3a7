"""The table "What becomes of a value" in docs/converters.md is true."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cbor2
import msgspec
import pytest

from tests.converters.messages import ALL, VALUES, Any_, Color, Named
from typedws.errors import DeserializeError, SerializeError

PAGE = Path(__file__).parent.parent.parent / "docs" / "converters.md"

SAMPLES: dict[str, list[Any]] = {
    "`None`": [None],
    "`datetime`, aware": [VALUES["aware"], VALUES["utc"]],
    "`datetime`, naive": [VALUES["naive"]],
    "`date`": [VALUES["day"]],
    "`time`, `timedelta`": [VALUES["hour"], VALUES["span"]],
    "`Decimal`": [VALUES["price"]],
    "`UUID`": [VALUES["id"]],
    "`bytes`": [b"plain"],
    "`set`, `frozenset`": [VALUES["words"], VALUES["numbers"]],
    "`tuple`, `NamedTuple`": [VALUES["pair"], Named(1)],
    "enum": [Color.RED],
    "int beyond 64 bits": [2**64, -(2**64) - 1, 2**128 - 1],
    "NaN, infinity": [math.nan, math.inf, -math.inf],
    "int as a key of a map": [{1: "one"}],
}
COLUMNS = ["json", "pydantic", "cbor", "msgpack"]


def table() -> dict[str, list[str]]:
    """The cells of the table by the first of each row."""
    text = PAGE.read_text(encoding="utf-8").partition("## What becomes of a value")[2].partition("\n\n|")[2]
    rows = [line.strip("|").split("|") for line in text.partition("\n\n")[0].splitlines()]
    return {row[0].strip(): [cell.strip() for cell in row[1:]] for row in rows[2:]}


def of_json(value: Any) -> str:
    match value:
        case None:
            return "null"
        case str():
            return "text"
        case list():
            return "array"
        case dict():
            return of_json(next(iter(value)))
        case _:
            return "number"


def of_binary(value: Any) -> str:
    match value:
        case cbor2.CBORTag():
            return f"tag {value.tag}"
        case msgspec.msgpack.Ext(code=-1):
            return "timestamp"
        case None | str() | list():
            return of_json(value)
        case dict():
            return of_binary(next(iter(value)))
        case _:
            return type(value).__name__


def plain_cbor(data: bytes) -> Any:
    """What is on the wire, tags left as they are."""

    class AsTags(dict[int, Any]):
        def __missing__(self, tag: int) -> Any:
            return lambda value, immutable: cbor2.CBORTag(tag, value)

    return cbor2.loads(data, semantic_decoders=AsTags())


def plain_msgpack(data: bytes) -> Any:
    if data[0] in (0xC7, 0xD6, 0xD7) and data[2 if data[0] == 0xC7 else 1] == 0xFF:
        return msgspec.msgpack.Ext(-1, data[2:])
    return msgspec.msgpack.decode(data)


def on_the_wire(converter: Any_, value: Any) -> str:
    try:
        data = converter.serialize(value).data
    except SerializeError:
        return "*refused*"
    if converter.name == "cbor":
        return of_binary(plain_cbor(data))
    if converter.name == "msgpack":
        return of_binary(plain_msgpack(data))
    return of_json(json.loads(data))


def test_the_table_has_every_row() -> None:
    assert list(table()) == list(SAMPLES)


@pytest.mark.parametrize("converter", ALL, ids=lambda converter: converter.name)
@pytest.mark.parametrize("row", SAMPLES)
def test_a_cell_says_what_is_on_the_wire(converter: Any_, row: str) -> None:
    cell = table()[row][COLUMNS.index(converter.name)]
    for value in SAMPLES[row]:
        found = on_the_wire(converter, value)
        if cell == "its value":
            assert found == of_json(value.value)
        elif cell.startswith("tag 2 or 3"):
            assert found in ("tag 2", "tag 3")
        else:
            assert cell.strip("*").startswith(found.strip("*"))


@pytest.mark.parametrize("converter", ALL, ids=lambda converter: converter.name)
@pytest.mark.parametrize("row", SAMPLES)
def test_without_italics_a_value_comes_back_equal(converter: Any_, row: str) -> None:
    cell = table()[row][COLUMNS.index(converter.name)]
    for value in SAMPLES[row]:
        form: Any = dict[int, str] if isinstance(value, dict) else type(value)
        if cell.startswith("*"):
            with pytest.raises((SerializeError, DeserializeError)):
                converter.deserialize(converter.serialize(value), form)
            continue
        back = converter.deserialize(converter.serialize(value), form)
        assert back == value or str(back) == str(value) == "nan"
        if isinstance(value, datetime) and value.utcoffset() != UTC.utcoffset(None):
            assert (back.utcoffset() == value.utcoffset()) == ("*" not in cell)
