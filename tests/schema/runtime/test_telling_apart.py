"""Frames become the messages that they are, whatever tells them apart, and in every format."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from typedws import CBORConverter, JSONConverter, MsgPackConverter, PydanticConverter
from typedws.errors import DeserializeError
from typedws.frames import BinaryFrame, TextFrame
from typedws.schema import ByKey, ByKind, ByPattern, ByValue, Messages, Model, Only, Tagged, Trial, Undecided, Unknown
from typedws.schema.decisions import Decision


class Trade(Struct, tag_field="type", tag="trade"):
    price: float


class Quote(Struct, tag_field="type", tag="quote"):
    bid: float


class One(Struct, tag_field="op", tag=1):
    n: int


class Two(Struct, tag_field="op", tag=2):
    n: int


class Plain(Struct):
    n: int


class Other(Struct):
    text: str


Row: TypeAlias = list[Any]
Candles: TypeAlias = list[float]

TAGGED: Decision[Any] = Tagged("type", {"trade": Trade, "quote": Quote})


def text(value: object) -> TextFrame:
    return TextFrame(value if isinstance(value, str) else msgspec.json.encode(value))


def read(decision: Decision[Any], value: object, expected: Any = ()) -> Any:
    return Messages[Any](text=decision).decode(text(value), expected)


def unknown(tag: Any, value: object) -> Unknown:
    return Unknown(tag, text(value).data)


def test_a_tag_tells() -> None:
    assert read(TAGGED, {"type": "trade", "price": 1.5}) == Trade(1.5)
    assert read(TAGGED, {"bid": 2.5, "type": "quote"}) == Quote(2.5)
    assert read(Tagged("op", {1: One, 2: Two}), {"op": 2, "n": 3}) == Two(3)


@pytest.mark.parametrize(
    ("value", "tag"),
    [
        ({"type": "new", "price": 1}, "new"),
        ({"type": 7}, 7),
        ({"price": 1.5}, None),
        ({"type": None}, None),
        ({"type": ["trade"]}, None),
        ([1, 2], None),
        ("3", None),
    ],
)
def test_a_message_with_an_unknown_tag_is_unknown(value: object, tag: object) -> None:
    assert read(TAGGED, value) == unknown(tag, value)


def test_one_tagged_message_alone_is_not_read_without_its_tag() -> None:
    alone: Decision[Any] = Tagged("type", {"trade": Trade})
    assert read(alone, {"type": "trade", "price": 1}) == Trade(1)
    assert read(alone, {"price": 1}) == unknown(None, {"price": 1})
    assert read(Tagged("op", {1: One}), {"n": 1}) == unknown(None, {"n": 1})


def test_a_known_message_with_a_bad_body_is_an_error_that_names_it() -> None:
    with pytest.raises(DeserializeError, match="is not a Trade: Expected `float`") as caught:
        read(TAGGED, {"type": "trade", "price": "x"})
    assert caught.value.type_form is Trade


@pytest.mark.parametrize(
    "decision",
    [
        TAGGED,
        Only(Plain),
        ByValue(("type",), {"a": Only(Plain)}),
        ByValue((1,), {"a": Only(Row)}),
        ByKey({"n": Only(Plain)}),
        ByKind({"object": Only(Plain)}),
        Trial((Plain, Other)),
        Undecided((Plain, Other)),
    ],
)
def test_what_is_no_json_is_unknown_whatever_tells(decision: Decision[Any]) -> None:
    """Servers send a bare "pong" among their JSON, and no loop over events should end by it."""
    for text in ("pong", '{"type": "trade", '):
        assert read(decision, text) == Unknown(None, text.encode())


TWO_FIELDS: Decision[Any] = ByValue(
    ("event",),
    {"subscribe": ByValue(("status",), {"ok": Only(Plain), "error": Only(Other)}), "note": Only(Other)},
)


def test_two_fields_tell() -> None:
    assert read(TWO_FIELDS, {"event": "subscribe", "status": "ok", "n": 1}) == Plain(1)
    assert read(TWO_FIELDS, {"event": "subscribe", "status": "error", "text": "x"}) == Other("x")
    assert read(TWO_FIELDS, {"event": "note", "text": "x"}) == Other("x")
    for value, tag in (
        ({"event": "subscribe", "status": "new"}, ("subscribe", "new")),
        ({"event": "subscribe"}, ("subscribe", None)),
        ({"event": "new"}, "new"),
        ({}, None),
    ):
        assert read(TWO_FIELDS, value) == unknown(tag, value)


def test_a_nested_field_tells() -> None:
    decision: Decision[Any] = ByValue(("data", "kind"), {"a": Only(dict[str, Any])}, otherwise=Only(Other))
    assert read(decision, {"data": {"kind": "a"}}) == {"data": {"kind": "a"}}
    assert read(decision, {"data": {"kind": "b"}, "text": "x"}) == Other("x")
    assert read(decision, {"data": ["a"], "text": "x"}) == Other("x")


def test_a_position_in_an_array_tells() -> None:
    decision: Decision[Any] = ByKind(
        {
            "array": ByValue((2,), {"ticker": Only(tuple[int, float, str]), "row": Only(Row)}),
            "object": Tagged("type", {"trade": Trade, "quote": Quote}),
        }
    )
    assert read(decision, [1, 2.5, "ticker"]) == (1, 2.5, "ticker")
    assert read(decision, [1, None, "row", 4]) == [1, None, "row", 4]
    assert read(decision, [1, 2, "new"]) == unknown("new", [1, 2, "new"])
    assert read(decision, [1]) == unknown(None, [1])
    assert read(decision, {"type": "quote", "bid": 1}) == Quote(1)
    assert read(decision, "true") == Unknown(None, b"true")


def test_a_position_alone_tells() -> None:
    decision: Decision[Any] = ByValue((0,), {"a": Only(Row), 7: Only(Row)})
    assert read(decision, ["a", 1]) == ["a", 1]
    assert read(decision, [7]) == [7]
    assert read(decision, {"0": "a"}) == unknown(None, {"0": "a"})


def test_what_a_string_looks_like_tells() -> None:
    decision: Decision[Any] = ByPattern(("at",), {"^/a/": Only(Plain), "/b$": Only(Other)})
    assert read(decision, {"at": "/a/b", "n": 1}) == Plain(1)
    assert read(decision, {"at": "x/b", "text": "x"}) == Other("x")
    assert read(decision, {"at": "x"}) == unknown("x", {"at": "x"})
    assert read(decision, {"at": 1}) == unknown(1, {"at": 1})
    assert read(decision, [1]) == unknown(None, [1])


def test_the_first_key_that_is_there_tells() -> None:
    decision: Decision[Any] = ByKey({"n": Only(Plain), "text": Only(Other)})
    assert read(decision, {"n": 1, "text": "x"}) == Plain(1)
    assert read(decision, {"text": "x", "more": {"n": 1}}) == Other("x")
    assert read(decision, {"x": 1}) == unknown(None, {"x": 1})
    assert read(decision, "[]") == Unknown(None, b"[]")
    with pytest.raises(DeserializeError):
        read(decision, {"n": None})


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ({}, "object"),
        ([], "array"),
        ('"x"', "string"),
        (1, "number"),
        (1.5, "number"),
        (True, "boolean"),
        (None, "null"),
    ],
)
def test_the_kind_tells(value: object, kind: Any) -> None:
    decision: Decision[Any] = ByKind({kind: Only(object)}, otherwise=Only(Plain))
    read(decision, value)
    with pytest.raises(DeserializeError):
        read(ByKind({kind: Only(Plain)}), value)
    others: Any = {other: Only(object) for other in ("object", "array", "string", "number", "boolean", "null")}
    del others[kind]
    assert type(read(ByKind(others), value)) is Unknown


def test_true_is_not_one_and_one_is_one_point_zero() -> None:
    decision: Decision[Any] = ByValue(("v",), {1: Only(dict[str, Any]), False: Only(Plain)})
    assert read(decision, {"v": 1}) == {"v": 1}
    assert read(decision, '{"v": 1.0}') == {"v": 1.0}
    assert read(decision, {"v": True}) == unknown(True, {"v": True})
    assert read(decision, {"v": False, "n": 1}) == Plain(1)
    assert read(decision, {"v": 0}) == unknown(0, {"v": 0})


def test_a_trial_takes_the_first_that_reads() -> None:
    decision: Decision[Any] = Trial((Plain, Other, Candles))
    assert read(decision, {"n": 1, "text": "x"}) == Plain(1)
    assert read(decision, {"n": "", "text": "x"}) == Other("x")
    assert read(decision, [1.0]) == [1.0]
    assert read(decision, {}) == unknown(None, {})


def test_what_is_expected_decides_where_nothing_else_does() -> None:
    decision: Decision[Any] = Undecided((Plain, Other, Candles))
    assert read(decision, {"n": 1}, {Plain}) == Plain(1)
    assert read(decision, [1.0], {Candles, Trade}) == [1.0]
    assert read(decision, {"n": 1}) == unknown(None, {"n": 1})
    assert read(decision, {"n": 1}, {Plain, Other}) == Plain(1), "only one of them has such a field"
    assert read(decision, {}, {Plain, Other}) == unknown(None, {})
    assert read(decision, {"text": 1}, {Plain}) == unknown(None, {"text": 1})


def test_a_struct_whose_tag_is_another_field_is_found_by_value() -> None:
    decision: Decision[Any] = Tagged("n", {"1": Plain, 2: Trade})
    assert read(decision, {"n": 2, "type": "trade", "price": 1}) == Trade(1)
    with pytest.raises(DeserializeError):
        read(decision, {"n": "1"})


# Pydantic.


class PTrade(Model):
    type: Literal["trade"] = "trade"
    price: float


class PQuote(Model):
    type: Literal["quote"] = "quote"
    bid: float


@pytest.mark.parametrize("converter", [JSONConverter(), PydanticConverter()], ids=lambda each: each.name)
def test_pydantic_models_are_told_apart(converter: Any) -> None:
    messages = Messages[Any](text=Tagged("type", {"trade": PTrade, "quote": PQuote})).codec({"json": converter})
    assert messages.decode(text({"type": "trade", "price": 1})) == PTrade(price=1)
    assert messages.decode(text({"type": "quote", "bid": 1})) == PQuote(bid=1)
    assert messages.decode(text({"type": "new"})) == unknown("new", {"type": "new"})
    assert messages.decode(text({"price": 1})) == unknown(None, {"price": 1})
    assert messages.decode(text([1])) == unknown(None, [1])
    with pytest.raises(DeserializeError, match="PTrade"):
        messages.decode(text({"type": "trade"}))
    assert messages.decode(TextFrame("{")) == Unknown(None, b"{")


# Formats.


@pytest.mark.parametrize(("format_", "converter"), [("cbor", CBORConverter()), ("msgpack", MsgPackConverter())])
@pytest.mark.parametrize(
    "decision", [TAGGED, ByValue(("type",), {"trade": Only(Trade)}), ByKey({"price": Only(Trade)})]
)
def test_binary_formats_are_told_apart_likewise(format_: Any, converter: Any, decision: Decision[Any]) -> None:
    messages = Messages[Any](binary=decision, binary_format=format_)
    assert messages.decode(converter.serialize(Trade(1.5))) == Trade(1.5)
    strange = converter.serialize({"type": "new"})
    tag = None if isinstance(decision, ByKey) else "new"
    assert messages.decode(strange) == Unknown(tag, strange.data, is_text=False)
    assert messages.decode(TextFrame("{}")) == Unknown(None, b"{}")
    with pytest.raises(DeserializeError):
        messages.decode(converter.serialize({"type": "trade", "price": "x"}))
    assert messages.decode(BinaryFrame(b"\xc1\x1f")) == Unknown(None, b"\xc1\x1f", is_text=False)


def test_text_and_binary_live_on_one_connection() -> None:
    messages = Messages[Any](text=TAGGED, binary=Only(bytes))
    assert messages.decode(text({"type": "trade", "price": 1})) == Trade(1)
    assert messages.decode(BinaryFrame(b"\x00\xff")) == b"\x00\xff"
    both = Messages[Any](text=TAGGED, binary=Only(Plain), binary_format="msgpack")
    assert both.decode(text({"type": "trade", "price": 1})) == Trade(1)
    assert both.decode(MsgPackConverter().serialize(Plain(1))) == Plain(1)


def test_text_that_is_not_looked_into_is_text() -> None:
    messages = Messages[str](text=Only(str), text_format="text")
    assert messages.decode(TextFrame("{ é")) == "{ é"
    assert messages.decode(BinaryFrame(b"x")) == Unknown(None, b"x", is_text=False)


def test_an_unknown_message_shows_its_frame() -> None:
    assert Unknown(None, b"x").frame == TextFrame("x")
    assert Unknown(None, b"x", is_text=False).frame == BinaryFrame(b"x")
    assert len(repr(Unknown("t", b"x" * 10_000))) < 200


# Any input.

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["type", "event", "status", "n", "text", "data", "kind"]), inner, max_size=4)
    ),
    max_leaves=8,
)
FORMATS: list[Any] = ["cbor", "msgpack"]
DECISIONS: list[Decision[Any]] = [
    TAGGED,
    TWO_FIELDS,
    ByValue(("data", "kind"), {"a": Only(Plain)}),
    ByValue((0, "type"), {"a": Only(Plain)}),
    ByKey({"n": Only(Plain), "text": Only(Other)}),
    ByKind({"object": Trial((Plain, Other)), "array": ByValue((0,), {1: Only(Row)})}),
]


@settings(max_examples=200, deadline=None)
@given(value=JSON, decision=st.sampled_from(DECISIONS))
def test_every_json_is_a_message_or_unknown_or_a_bad_body(value: object, decision: Decision[Any]) -> None:
    messages = Messages[Any](text=decision)
    frame = TextFrame(msgspec.json.encode(value))
    try:
        found = messages.decode(frame)
    except DeserializeError as error:
        asked, refused = error.frame, error.type_form
        found = None
    else:
        asked, refused = frame, next(messages.forms())
    assert asked == frame
    assert refused in set(messages.forms())
    assert not isinstance(found, Unknown) or found.frame == frame


@settings(max_examples=100, deadline=None)
@given(payload=st.binary(max_size=40), is_text=st.booleans())
def test_every_payload_ends_well(payload: bytes, is_text: bool) -> None:
    for decision in DECISIONS:
        for format_ in FORMATS:
            messages = Messages[Any](text=decision, binary=decision, binary_format=format_)
            try:
                messages.decode(TextFrame(payload) if is_text else BinaryFrame(payload))
            except DeserializeError:
                pass
