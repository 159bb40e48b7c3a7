"""Whatever a peer sends, a converter returns a value of the type or raises a `DeserializeError` that can be logged."""

from __future__ import annotations

import sys
import threading
import traceback
import uuid
from typing import Any, Literal

import cbor2
import msgspec
import pydantic
import pytest

from tests.converters.messages import (
    ALL,
    MIXED,
    Account,
    Any_,
    Box,
    Closed,
    Color,
    Created,
    Deleted,
    Even,
    Event,
    Level,
    Mixed,
    Page,
    Point,
    Strict,
    Tick,
    Trade,
)
from typedws.converters import CBORConverter, JSONConverter, MsgPackConverter, PydanticConverter
from typedws.errors import ContentConvertError, DeserializeError, SerializeError, TypedWSError, UnsupportedTypeError
from typedws.frames import BinaryFrame, CloseFrame, PingFrame, PongFrame, TextFrame

every_format = pytest.mark.parametrize("converter", MIXED, ids=lambda converter: converter.name)
every_converter = pytest.mark.parametrize("converter", ALL, ids=lambda converter: converter.name)

SECRET = "hunter2"


def refusal(converter: Any_, frame: Any, form: Any) -> DeserializeError:
    """The error that reading raises, after the promises that hold for every one of them."""
    with pytest.raises(DeserializeError) as caught:
        converter.deserialize(frame, form)
    error = caught.value
    assert error.frame is frame
    assert error.type_form is form
    assert isinstance(error, ContentConvertError)
    assert isinstance(error, TypedWSError)
    assert 0 < len(str(error)) <= 600
    assert SECRET not in str(error)
    return error


# kinds of frames


@every_converter
@pytest.mark.parametrize("frame", [PingFrame(b"{}"), PongFrame(b"{}"), CloseFrame()], ids=lambda f: type(f).__name__)
def test_a_control_frame_carries_no_value(converter: Any_, frame: Any) -> None:
    assert not converter.is_applicable(frame)
    assert f"a {type(frame).__name__} carries no Point" in str(refusal(converter, frame, Point))


@every_converter
def test_a_fragment_carries_no_value(converter: Any_) -> None:
    whole = converter.serialize(Point(x=1))
    error = refusal(converter, type(whole)(whole.data, fin=False), Point)
    assert "join the fragments" in str(error)


@pytest.mark.parametrize("cls", [JSONConverter, PydanticConverter])
def test_json_in_a_binary_frame_is_refused_unless_asked_for(cls: type[JSONConverter | PydanticConverter]) -> None:
    frame = BinaryFrame(b'{"x": 1}')
    assert not cls().is_applicable(frame)
    assert "accept_binary=True" in str(refusal(cls(), frame, Point))
    assert cls(accept_binary=True).is_applicable(frame)
    assert cls(accept_binary=True).deserialize(frame, Point) == Point(x=1)
    assert type(cls(accept_binary=True).serialize(Point(x=1))) is TextFrame


@pytest.mark.parametrize("converter", [CBORConverter(), MsgPackConverter()], ids=lambda converter: converter.name)
def test_a_text_frame_is_refused_by_binary_formats(converter: Mixed) -> None:
    assert not converter.is_applicable(TextFrame("{}"))
    assert "reads binary frames" in str(refusal(converter, TextFrame("{}"), Point))


# malformed payloads

NOT_JSON = [
    b"",
    b"{",
    b"[1,]",
    b'{"a":1,}',
    b"\xef\xbb\xbf{}",
    b"{}\x00",
    b"{}{}",
    b"{} x",
    b"01",
    b"1.",
    b".5",
    b"+1",
    b"nul",
    b"'x'",
    b"NaN",
    b"[NaN]",
    b"[Infinity]",
    b"[-Infinity]",
    b'"a\x01b"',
    b'"\\x41"',
    b'"\\ud800"',
    b'"\xff"',
    b'"\xed\xa0\x80"',
    b'"\xc0\xaf"',
    b"\xff\xfe{\x00}\x00",
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b'{"x": 1, "unknown": ' + b"[" * 100_000,
]


@pytest.mark.parametrize("converter", [JSONConverter(), PydanticConverter()], ids=lambda converter: converter.name)
@pytest.mark.parametrize("form", [Any, Tick, Point, Box[Point], int | Point, str], ids=str)
@pytest.mark.parametrize("payload", NOT_JSON, ids=lambda payload: repr(payload[:12]))
def test_what_is_not_json_is_refused(converter: Any_, form: Any, payload: bytes) -> None:
    if isinstance(converter, PydanticConverter) and form in (Tick, Box[Point]):
        form = list[Point]
    refusal(converter, TextFrame(payload), form)


NOT_MSGPACK = [b"", b"\xc1", b"\x92\x01", b"\xa5abc", b"\xa1\xff", b"\x01\x01", b"\x81\x81\x01\x01\x01"]
NOT_MSGPACK += [b"\xdf\xff\xff\xff\xff", b"\xdd\xff\xff\xff\xff", b"\xc6\xff\xff\xff\xff", b"\x91" * 100_000]
NOT_MSGPACK += [b"\xd6\xff", b"\xc7\x0c\xff" + b"\xff" * 12]


@pytest.mark.parametrize("form", [Any, Tick, Point, Box[Point], int | Point, str], ids=str)
@pytest.mark.parametrize("payload", NOT_MSGPACK, ids=lambda payload: repr(payload[:12]))
def test_what_is_not_messagepack_is_refused(form: Any, payload: bytes) -> None:
    refusal(MsgPackConverter(), BinaryFrame(payload), form)


@every_converter
@pytest.mark.parametrize("depth", [900, 1_100, 20_000])
def test_deep_nesting_does_not_end_the_interpreter(converter: Any_, depth: int) -> None:
    binary = {"cbor": b"\x81", "msgpack": b"\x91"}.get(converter.name)
    payload = binary * depth + b"\x01" if binary else b"[" * depth + b"]" * depth
    frame = BinaryFrame(payload) if binary else TextFrame(payload)
    failures: list[BaseException] = []

    def read() -> None:
        for form in (Any, Tick, Point) if converter.name != "pydantic" else (Any, Point):
            try:
                converter.deserialize(frame, form)
            except DeserializeError:
                pass
            except BaseException as error:
                failures.append(error)

    read()
    thread = threading.Thread(target=read)  # threads may have a smaller stack
    thread.start()
    thread.join()
    assert not failures


# payloads of another type


@every_converter
@pytest.mark.parametrize(
    ("value", "form"),
    [
        (None, Point),
        (None, int),
        ("1", list[int]),
        ({}, Point),
        ({"x": None}, Point),
        ([], Point),
        ({"x": 1.5}, Point),
        ("x", int | Point),
        ({"kind": "other", "id": 1}, Event),
        ({"id": 1}, Event),
        ({"kind": "created"}, Created | Deleted),
        (5, Literal["a"]),
        ("green", Color),
        (3, Level),
    ],
    ids=str,
)
def test_a_value_of_another_type_is_refused(converter: Any_, value: Any, form: Any) -> None:
    refusal(converter, converter.serialize(value), form)


@every_format
@pytest.mark.parametrize(
    ("value", "form"),
    [
        ("1", int),
        (1.5, int),
        (True, int),
        ("true", bool),
        (1, str),
        (1, bool),
        (None, Tick),
        ({"type": "tick", "symbol": "a"}, Tick),
        ({"type": "tick", "symbol": "a", "price": "1.0"}, Tick),
        ({"type": "other", "symbol": "a", "price": 1.0}, Tick | Trade),
        ({"symbol": "a", "price": 1.0}, Tick | Trade),
    ],
    ids=str,
)
def test_msgspec_types_are_read_strictly(converter: Mixed, value: Any, form: Any) -> None:
    refusal(converter, converter.serialize(value), form)


@pytest.mark.parametrize(
    "converter", [JSONConverter(strict=False), MsgPackConverter(strict=False), CBORConverter(strict=False)], ids=str
)
def test_unless_the_converter_is_lax(converter: Mixed) -> None:
    assert converter.deserialize(converter.serialize("1"), int) == 1


@pytest.mark.parametrize("value", ["1", 1.0, True])
def test_pydantic_is_as_strict_as_it_is_told_to_be(value: Any) -> None:
    frame = JSONConverter().serialize({"x": value})
    assert PydanticConverter().deserialize(frame, Point) == Point(x=1)
    assert PydanticConverter(strict=False).deserialize(frame, Point) == Point(x=1)
    refusal(PydanticConverter(strict=True), frame, Point)


@every_format
def test_unknown_keys_are_ignored_unless_the_type_forbids_them(converter: Mixed) -> None:
    frame = converter.serialize({"x": 1, "later": [1, 2]})
    assert converter.deserialize(frame, Point) == Point(x=1)
    refusal(converter, frame, Strict)
    refusal(converter, frame, Closed)


# texts


@every_converter
@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        ({"name": SECRET, "pin": SECRET}, Account, "int_parsing at `$.pin`"),
        ({"name": SECRET, "pin": -1}, Account, "value_error at `$.pin`"),
        ({"name": 1, "pin": 2, "notes": {SECRET: SECRET}}, Account, "int_parsing at `$.notes....`"),
        ({SECRET: 1}, Closed, "extra_forbidden at `$....`"),
        ({"kind": SECRET, "id": 1}, Event, "union_tag_invalid at `$`"),
        ({"kind": "created", "id": SECRET}, Event, "int_parsing at `$.created.id`"),
        (SECRET, Color, ""),
        (SECRET, Literal["a"], ""),
        (SECRET, int, ""),
        ({SECRET: SECRET}, dict[str, int], ""),
        ({SECRET: {"x": SECRET}}, dict[str, Point], ""),
    ],
    ids=str,
)
def test_the_text_of_an_error_never_quotes_the_payload(converter: Any_, value: Any, form: Any, text: str) -> None:
    assert text in str(refusal(converter, converter.serialize(value), form))


@every_format
@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        ({"type": SECRET}, Tick | Trade, "Invalid value - at `$.type`"),
        ({"type": "tick", "symbol": 1, "price": SECRET}, Tick, "Expected `str`, got `int` - at `$.symbol`"),
        ({"x": 1, SECRET: 2}, Strict, "Object contains unknown field"),
        ({"content": SECRET}, Box[Color], "Invalid enum value - at `$.content`"),
        ({"content": f"{SECRET} - at `$.content`"}, Box[Color], "Invalid enum value - at `$.content`"),
        (f"a - at `{SECRET}", Color, "Invalid enum value"),
        ([{"number": 3}], list[Even], "refused by the type's own check (ValueError) - at `$[0]`"),
        ({"content": {"pin": SECRET}}, Box[Account], " - at `$.content`"),
    ],
    ids=str,
)
def test_neither_does_it_quote_what_msgspec_quotes(converter: Mixed, value: Any, form: Any, text: str) -> None:
    error = str(refusal(converter, converter.serialize(value), form))
    assert text in error
    assert " 3 " not in error


@every_format
def test_numbers_that_are_keys_are_not_quoted_either(converter: Mixed) -> None:
    frame = converter.serialize({"name": "a", "pin": 2, "notes": {"x": 1}})
    with pytest.raises(DeserializeError):
        converter.deserialize(frame, dict[int, int])
    card = 4111111111111111
    raw = CBORConverter(str_keys=False)
    error = refusal(raw, BinaryFrame(cbor2.dumps({card: "x"})), dict[int, Point] | Point)
    assert str(card) not in str(error)


@every_converter
def test_the_text_stays_short_whatever_the_number_of_errors(converter: Any_) -> None:
    for count in (5, 100_000):
        error = refusal(converter, converter.serialize({"items": ["x"] * count}), Many)
        assert len(str(error)) < 300
        assert f"{count} errors" in str(error) or f"and {count - 3} more" in str(error)


class Many(pydantic.BaseModel):
    items: list[int]


@every_format
def test_the_text_stays_short_whatever_the_length_of_names(converter: Mixed) -> None:
    long = msgspec.defstruct("A" * 5000, [("f" * 5000, int)])
    refusal(converter, converter.serialize({}), long)
    refusal(converter, converter.serialize({"f" * 5000: "x"}), long)
    union: Any = Literal[tuple(f"value {number}" for number in range(1000))]
    refusal(converter, converter.serialize(5), union)


@every_converter
def test_the_librarys_own_error_is_the_cause(converter: Any_) -> None:
    error = refusal(converter, converter.serialize({"pin": "x"}), Account)
    assert isinstance(error.__cause__, pydantic.ValidationError)
    assert {detail["loc"] for detail in error.__cause__.errors()} == {("name",), ("pin",)}


@every_converter
@pytest.mark.parametrize("form", [Account, Account | Point, list[Account], Page[Account], int], ids=str)
def test_a_traceback_shows_no_input_of_pydantics(converter: Any_, form: Any) -> None:
    value: Any = {"name": "a", "pin": SECRET}
    value = [value] if form == list[Account] else {"items": [value]} if form is Page[Account] else value
    error = refusal(converter, converter.serialize(value), form)
    assert SECRET not in "".join(traceback.format_exception(error))


@every_format
def test_the_cause_is_msgspecs_where_msgspec_read(converter: Mixed) -> None:
    error = refusal(converter, converter.serialize({"type": "tick"}), Tick)
    assert isinstance(error.__cause__, msgspec.ValidationError)


def test_the_cause_of_malformed_cbor_is_cbor2s() -> None:
    assert isinstance(refusal(CBORConverter(), BinaryFrame(b"\x1c"), int).__cause__, cbor2.CBORDecodeError)


# the user's own code


class Celsius:
    def __init__(self, degrees: float) -> None:
        self.degrees = degrees


def make(cls: type, *, enc_hook: Any = None, dec_hook: Any = None) -> Mixed:
    converter: Mixed = cls(enc_hook=enc_hook, dec_hook=dec_hook)
    return converter


every_class = pytest.mark.parametrize("cls", [JSONConverter, CBORConverter, MsgPackConverter])


@every_class
def test_hooks_carry_classes_that_no_library_knows(cls: type) -> None:
    converter = make(cls, enc_hook=lambda value: value.degrees, dec_hook=lambda form, value: form(value))
    value = Box([Celsius(21.5)])
    back = converter.deserialize(converter.serialize(value), Box[list[Celsius]])
    assert back.content[0].degrees == 21.5
    assert converter.deserialize(converter.serialize(Celsius(3.5)), Celsius).degrees == 3.5


@every_class
def test_models_never_reach_the_hooks(cls: type) -> None:
    def never(*_: Any) -> Any:
        raise AssertionError("a hook was called")

    converter = make(cls, enc_hook=never, dec_hook=never)
    value = Box([Point(x=1)])
    assert converter.deserialize(converter.serialize(value), Box[list[Point]]) == value
    assert converter.deserialize(converter.serialize([1, "a"]), list[object]) == [1, "a"]


@every_class
@pytest.mark.parametrize("raised", [KeyError, ValueError, TypeError, ZeroDivisionError, RecursionError, MemoryError])
def test_whatever_a_hook_raises_is_the_cause(cls: type, raised: type[Exception]) -> None:
    def fail(*_: Any) -> Any:
        raise raised(SECRET)

    converter = make(cls, enc_hook=fail, dec_hook=fail)
    error = refusal(converter, converter.serialize({"content": 1}), Box[Celsius])
    causes = [error.__cause__, error.__cause__ and error.__cause__.__cause__]
    assert any(type(cause) is raised for cause in causes)
    with pytest.raises(SerializeError) as caught:
        converter.serialize([Celsius(1.0)])
    assert type(caught.value.__cause__) is raised
    assert SECRET not in str(caught.value)


@every_class
@pytest.mark.parametrize("raised", [KeyboardInterrupt, SystemExit])
def test_an_interrupt_passes(cls: type, raised: type[BaseException]) -> None:
    def stop(*_: Any) -> Any:
        raise raised

    converter = make(cls, enc_hook=stop, dec_hook=stop)
    frame = converter.serialize(1)
    with pytest.raises(raised):
        converter.deserialize(frame, Celsius)
    with pytest.raises(raised):
        converter.serialize(Celsius(1.0))


@every_format
def test_without_a_hook_an_unknown_object_is_not_written(converter: Mixed) -> None:
    with pytest.raises(SerializeError, match="Celsius in it, which needs an enc_hook"):
        converter.serialize([Celsius(1.0)])


@every_converter
def test_a_validator_may_raise_anything(converter: Any_) -> None:
    frame = converter.serialize({"x": 1})
    error = refusal(converter, frame, Fragile)
    assert "ZeroDivisionError" in str(error)
    assert isinstance(error.__cause__, ZeroDivisionError)


class Fragile(pydantic.BaseModel):
    x: int

    @pydantic.field_validator("x")
    @classmethod
    def check(cls, value: int) -> int:
        raise ZeroDivisionError(SECRET)


class Mute(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


class MuteType:
    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        raise Mute


@every_class
def test_an_error_that_has_no_words_is_the_cause_as_well(cls: type) -> None:
    def fail(*_: Any) -> Any:
        raise Mute

    converter = make(cls, enc_hook=fail, dec_hook=fail)
    frame = converter.serialize({"content": 1})
    assert isinstance(refusal(converter, frame, Box[Celsius]).__cause__, Mute)
    with pytest.raises(SerializeError):
        converter.serialize(Celsius(1.0))
    with pytest.raises(UnsupportedTypeError, match="Mute"):
        converter.check_type(MuteType)


def test_where_no_library_raised_there_is_no_cause() -> None:
    assert refusal(JSONConverter(), BinaryFrame(b"1"), int).__cause__ is None
    assert refusal(PydanticConverter(), TextFrame("1e400"), float).__cause__ is None
    assert refusal(CBORConverter(), BinaryFrame(b"\x01\x01"), int).__cause__ is None


# writing

endless: list[Any] = []
endless.append(endless)
looped = Tick("a", 1.0)
deep: Any = None
for _ in range(100_000):
    deep = [deep]


@every_converter
@pytest.mark.parametrize("value", [endless, deep, {"a": endless}, "\ud800", {"\ud800": 1}, object(), [object()], ...])
def test_what_cannot_be_written_is_a_serialize_error(converter: Any_, value: Any) -> None:
    with pytest.raises((SerializeError, TypeError)) as caught:
        converter.serialize(value)
    assert isinstance(caught.value, ContentConvertError)
    assert len(str(caught.value)) <= 600


@pytest.mark.parametrize("value", [2**64, -(2**63) - 1, [2**70], {"a": 10**30}])
def test_an_int_that_messagepack_cannot_carry_is_said_to_be_one(value: Any) -> None:
    with pytest.raises(SerializeError, match="an int in it has more than the 64 bits of MessagePack: send it as text"):
        MsgPackConverter().serialize(value)


def test_an_int_with_too_many_digits_is_said_to_have_them() -> None:
    with pytest.raises(SerializeError, match="an int in it has more than 4300 digits"):
        JSONConverter().serialize([10**4300])
    assert JSONConverter().deserialize(JSONConverter().serialize(10**4299), int) == 10**4299


def test_other_overflows_of_a_hook_are_not_taken_for_it() -> None:
    def fail(value: object) -> Any:
        raise OverflowError(SECRET)

    with pytest.raises(SerializeError, match="OverflowError was raised"):
        MsgPackConverter(enc_hook=fail).serialize(Celsius(1.0))


@pytest.mark.parametrize("value", [10**308, 10**309, -(10**309), 10**4299])
def test_pydantic_reads_every_int_that_it_writes(value: int) -> None:
    converter = PydanticConverter()
    for form in (int, object, dict[str, int]):
        given = {"a": value} if form == dict[str, int] else value
        assert converter.deserialize(converter.serialize(given), form) == given
    assert converter.deserialize(converter.serialize(Point(x=value)), Point) == Point(x=value)


class Measure(pydantic.BaseModel):
    number: int
    value: float | None = None


@pytest.mark.parametrize("form", [float, list[float], int | float, Measure], ids=str)
def test_an_int_is_no_way_to_infinity(form: Any) -> None:
    """pydantic makes infinity of an int that is too large for a float."""
    text = f"1{'0' * 309}"
    payload = {list[float]: f"[{text}]", Measure: f'{{"number": 1, "value": {text}}}'}.get(form, text)
    assert "no float can hold" in str(refusal(PydanticConverter(), TextFrame(payload), form))


@pytest.mark.parametrize("form", [int, object, Point], ids=str)
def test_numbers_that_no_float_holds_are_refused_beside_ints_too(form: Any) -> None:
    for text in ("1e400", "-1e400", "NaN", "[1e400]", '{"x": 1, "y": Infinity}'):
        refusal(PydanticConverter(), TextFrame(text), form)


# words


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (int, "is not an int:"),
        (Event, "is not a "),
        (Account, "is not an Account:"),
        (Tick, "is not a Tick:"),
        (uuid.UUID, "is not a UUID:"),
        (int | None, "is not an int | None:"),
    ],
    ids=str,
)
def test_the_article_fits_the_name(form: Any, text: str) -> None:
    assert text in str(refusal(JSONConverter(), TextFrame('"x"'), form))


@every_format
def test_what_is_malformed_is_said_to_be_so_once(converter: Mixed) -> None:
    malformed = {"json": TextFrame("{x"), "msgpack": BinaryFrame(b"\xc1"), "cbor": BinaryFrame(b"\x1c")}
    text = str(refusal(converter, malformed[converter.name], Any))
    assert " is not valid " in text
    assert "malformed" not in text


@pytest.mark.parametrize("form", [Tick, list[Tick], Tick | None, dict[str, list[Tick]]], ids=str)
def test_pydantic_sends_structs_to_the_other_converter(form: Any) -> None:
    with pytest.raises(UnsupportedTypeError, match="use JSONConverter, which reads msgspec's Tick") as caught:
        PydanticConverter().check_type(form)
    assert "arbitrary_types_allowed" not in str(caught.value)
    with pytest.raises(UnsupportedTypeError, match="use JSONConverter"):
        PydanticConverter().serialize(Tick("a", 1.0))


def teardown_module() -> None:
    """Takes the deep list apart, level by level."""
    global deep
    while deep is not None:
        (deep,) = deep
    assert sys.getrecursionlimit() >= 1000
