"""The contract check passes what keeps the contract, and says what is wrong with what does not."""

from __future__ import annotations

import json
from typing import Any, TypeVar

import msgspec
import pytest

from tests.converters.messages import ALL, MIXED, Any_, Created, Deleted, Event, Mixed, Point, Tick, Trade
from typedws.converters import CBORConverter, JSONConverter, MsgPackConverter, PydanticConverter
from typedws.errors import DeserializeError, SerializeError, UnsupportedTypeError
from typedws.frames import BinaryFrame, DataFrame, Frame, TextFrame
from typedws.testing.converters import VALUES, check_converter

T = TypeVar("T")

CONVERTERS: list[Any_] = [
    *ALL,
    JSONConverter(strict=False, accept_binary=True),
    PydanticConverter(strict=True, accept_binary=True),
    CBORConverter(str_keys=False, max_depth=10),
    MsgPackConverter(strict=False),
]


@pytest.mark.parametrize("converter", CONVERTERS, ids=str)
def test_every_converter_keeps_the_contract(converter: Any_) -> None:
    refused = [(None, int), ([1], str)]
    check_converter(converter, refused=refused)


@pytest.mark.parametrize("converter", MIXED, ids=lambda converter: converter.name)
def test_they_keep_it_for_structs(converter: Mixed) -> None:
    check_converter(
        converter,
        values=[(Tick("a", 1.5), Tick), (Trade("b", 2), Tick | Trade), ([Tick("a", 0.5)], list[Tick])],
        refused=[(Tick("a", 1.5), Trade), (5, Tick)],
    )


@pytest.mark.parametrize("converter", ALL, ids=lambda converter: converter.name)
def test_they_keep_it_for_models(converter: Any_) -> None:
    check_converter(
        converter,
        values=[
            (Point(x=1), Point),
            (Created(id=5), Event),
            (Deleted(id=5), Created | Deleted),
            ([Point(x=2)], list[Point]),
        ],
        refused=[(Created(id=5), Point), ("text", Event)],
        rounds=50,
    )


class Words:
    """A converter of one's own: lists of words in text frames."""

    name = "words"

    def is_applicable(self, frame: Frame, /) -> bool:
        return isinstance(frame, TextFrame)

    def serialize(self, value: object, type_form: Any = None, /) -> DataFrame:
        if not isinstance(value, list):
            raise SerializeError("only lists of words can be written")
        try:
            return TextFrame(" ".join(value))
        except (TypeError, ValueError) as error:
            raise SerializeError("only words can be written") from error

    def deserialize(self, frame: Any, type_form: Any, /) -> Any:
        if type_form != list[str]:
            raise UnsupportedTypeError("only lists of words can be read")
        if not isinstance(frame, TextFrame) or not frame.fin:
            raise DeserializeError("words come in text frames", frame=frame, type_form=type_form)
        try:
            return frame.text.split(" ")
        except ValueError as error:
            raise DeserializeError("the words are not UTF-8", frame=frame, type_form=type_form) from error


WORDS = [(["a", "b"], list[str]), (["long", "words", "éè"], list[str])]


def test_a_converter_of_ones_own_can_keep_it() -> None:
    check_converter(Words(), values=WORDS, refused=[])


def test_a_converter_without_values_cannot_be_checked() -> None:
    with pytest.raises(AssertionError, match="no values"):
        check_converter(Words(), values=[])


class NoName(Words):
    name = ""


class Nothing:
    name = "nothing"


class ReadsEverything(Words):
    def is_applicable(self, frame: Frame, /) -> bool:
        return True


class WritesFragments(Words):
    def serialize(self, value: object, type_form: Any = None, /) -> DataFrame:
        return TextFrame(super().serialize(value).data, fin=False)


class WritesWhatItDoesNotRead(Words):
    def serialize(self, value: object, type_form: Any = None, /) -> DataFrame:
        return BinaryFrame(super().serialize(value).data)


class WritesText(Words):
    def serialize(self, value: object, type_form: Any = None, /) -> Any:
        return super().serialize(value).data.decode()


class Forgets(Words):
    def deserialize(self, frame: Any, type_form: Any, /) -> Any:
        return super().deserialize(frame, type_form)[:1]


class Remembers(Words):
    def __init__(self) -> None:
        self.seen: list[str] = []

    def deserialize(self, frame: Any, type_form: Any, /) -> Any:
        words = super().deserialize(frame, type_form)
        if self.seen and words != self.seen:
            words = words + self.seen[:1]
        else:
            self.seen = words
        return words


class Counts(Words):
    count = 0

    def serialize(self, value: object, type_form: Any = None, /) -> DataFrame:
        self.count += 1
        frame = super().serialize(value)
        return frame if self.count < 10 else TextFrame(frame.data + b" ")


class ReadsFragments(Words):
    def deserialize(self, frame: Any, type_form: Any, /) -> Any:
        if isinstance(frame, TextFrame):
            frame = TextFrame(frame.data)
        return super().deserialize(frame, type_form)


class LetsErrorsOut(Words):
    def deserialize(self, frame: Any, type_form: Any, /) -> Any:
        if not isinstance(frame, TextFrame) or not frame.fin:
            return super().deserialize(frame, type_form)
        if type_form != list[str]:
            raise UnsupportedTypeError("only lists of words can be read")
        return frame.text.split(" ")


class LetsErrorsOutWhenWriting(Words):
    def serialize(self, value: Any, type_form: Any = None, /) -> DataFrame:
        return TextFrame(" ".join(value))


class LosesTheFrame(Words):
    def deserialize(self, frame: Any, type_form: Any, /) -> Any:
        try:
            return super().deserialize(frame, type_form)
        except DeserializeError:
            raise DeserializeError("no", frame=TextFrame(""), type_form=type_form) from None


class LosesTheType(Words):
    def deserialize(self, frame: Any, type_form: Any, /) -> Any:
        try:
            return super().deserialize(frame, type_form)
        except DeserializeError as error:
            raise DeserializeError("no", frame=error.frame, type_form=None) from None


class Quotes(Words):
    def deserialize(self, frame: Any, type_form: Any, /) -> Any:
        try:
            return super().deserialize(frame, type_form)
        except DeserializeError as error:
            text = error.frame.data.decode(errors="ignore")
            raise DeserializeError(f"cannot read {text}", frame=error.frame, type_form=type_form) from None


class Chatters(Words):
    def deserialize(self, frame: Any, type_form: Any, /) -> Any:
        try:
            return super().deserialize(frame, type_form)
        except DeserializeError as error:
            raise DeserializeError("no" * 5000, frame=error.frame, type_form=type_form) from None


class ReadsNoTypes(Words):
    def deserialize(self, frame: Any, type_form: Any, /) -> Any:
        return super().deserialize(frame, list[str])


class ReadsPayloadsOtherwise(Words):
    def payload_reader(self, type_form: Any, /) -> Any:
        return lambda data: data.decode()


class ChecksNothing(Words):
    def check_type(self, type_form: Any, /) -> None:
        return None


BROKEN: list[tuple[Any, str]] = [
    (NoName(), "name is not a text"),
    (Nothing(), "has no is_applicable"),
    (ReadsEverything(), "is_applicable"),
    (WritesFragments(), "became a fragment"),
    (WritesWhatItDoesNotRead(), "is not applicable"),
    (WritesText(), "became a str"),
    (Forgets(), "came back as"),
    (Remembers(), "came back as|read differently"),
    (Counts(), "written differently"),
    (ReadsFragments(), "a fragment was read"),
    (LetsErrorsOut(), "not a DeserializeError"),
    (LetsErrorsOutWhenWriting(), "not a SerializeError"),
    (LosesTheFrame(), "frame of a DeserializeError"),
    (LosesTheType(), "type_form of a DeserializeError"),
    (Quotes(), "quotes the payload"),
    (Chatters(), "10000 characters"),
    (ReadsNoTypes(), "not refused|not an UnsupportedTypeError|DeserializeError is not the type"),
    (ReadsPayloadsOtherwise(), "payload_reader reads"),
    (ChecksNothing(), "3, which is no type, was not refused"),
]


@pytest.mark.parametrize(("converter", "text"), BROKEN, ids=lambda value: type(value).__name__)
def test_a_broken_converter_is_told_what_is_broken(converter: Any, text: str) -> None:
    with pytest.raises(AssertionError, match=text):
        check_converter(converter, values=WORDS, refused=[])


class Plain:
    """What one writes at first: nothing is checked, nothing is wrapped."""

    name = "plain"

    def is_applicable(self, frame: Frame, /) -> bool:
        return isinstance(frame, TextFrame)

    def serialize(self, value: object, type_form: Any = None, /) -> DataFrame:
        return TextFrame(json.dumps(value))

    def deserialize(self, frame: Any, type_form: Any, /) -> Any:
        return json.loads(frame.text)


def test_the_converter_that_one_writes_at_first_is_found_out() -> None:
    with pytest.raises(AssertionError):
        check_converter(Plain())


def test_a_value_of_another_type_must_be_refused() -> None:
    class Trusting(JSONConverter):
        def deserialize(self, frame: Any, type_form: Any, /) -> Any:
            if type_form is int and isinstance(frame, TextFrame) and frame.fin:
                try:
                    return msgspec.json.decode(frame.data)
                except Exception:
                    pass
            return super().deserialize(frame, type_form)

    with pytest.raises(AssertionError, match="'text', read as <class 'int'>, was read"):
        check_converter(Trusting())


def test_the_check_gives_the_same_answer_each_time() -> None:
    seen: list[list[Frame]] = []

    class Recording(JSONConverter):
        def deserialize(self, frame: Any, type_form: Any, /) -> Any:
            seen[-1].append(frame)
            return super().deserialize(frame, type_form)

    for _ in range(2):
        seen.append([])
        check_converter(Recording(), values=VALUES[:3], rounds=20)
    assert seen[0] == seen[1]
