"""A contract check for converters: what a session relies on, tried out.

A session trusts its converter with whatever a peer sends. The check plays both: it writes values and reads them
back, and then it is the peer, with broken copies of good frames, and bytes that mean nothing.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from typedws.converters.base import ChecksTypes, ReadsPayloads, WebsocketContentConverter
from typedws.errors import DeserializeError, SerializeError, UnsupportedTypeError
from typedws.frames import BinaryFrame, CloseFrame, DataFrame, Frame, PingFrame, PongFrame, TextFrame

__all__ = ["REFUSED", "VALUES", "check_converter"]

VALUES: Final[tuple[tuple[object, Any], ...]] = (
    (None, None),
    (True, bool),
    (-1, int),
    (2**53, int),
    (0.5, float),
    ("", str),
    ("héllo \U0001f44b", str),
    ([1, 2, 3], list[int]),
    ({"a": 1, "b": 2}, dict[str, int]),
    ({"a": [{"b": None}]}, dict[str, list[dict[str, int | None]]]),
)
"""Pairs of a value and the type to read it as, that any general format carries."""

REFUSED: Final[tuple[tuple[object, Any], ...]] = (("text", int), (None, int), ([1], str))
"""Pairs of a value, and a type that it is not of."""

CONTROL_FRAMES: Final = (PingFrame(b"x"), PongFrame(b"x"), CloseFrame())
OPENINGS: Final = (b"[", b'{"a":', b"\x81", b"\xa1\x61a", b"\x91", b"\xd9\x01\x02")
"""What opens an array or a map in JSON, CBOR and MessagePack, or a tag in CBOR."""

SEED: Final = 20100
MAX_TEXT: Final = 2000
"""Characters of an error's text: it goes into logs, and a peer can make many of them."""

MIN_SECRET: Final = 12
"""Characters of a payload that an error's text must not quote; fewer may occur there by chance."""


def check_converter(
    converter: WebsocketContentConverter,
    *,
    values: Iterable[tuple[object, Any]] = VALUES,
    refused: Iterable[tuple[object, Any]] = REFUSED,
    rounds: int = 200,
) -> None:
    """Checks a converter against its contract. Deterministic, synchronous, no network.

    It makes sure that values come back equal, also interleaved and with the type given for writing; that what is
    written is a whole text or binary frame of an applicable kind; that frames of other kinds, fragments, broken
    payloads and values of another type are a `DeserializeError` with `.frame` and `.type_form`; that values and types
    that cannot travel are a `SerializeError` or `UnsupportedTypeError`; and that error texts are short and do not
    quote the payload.

    Args:
        converter: the one to check.
        values: pairs of a value and the type form to read it as. They must come back equal. By default builtins that
            any general format carries; give your own for a converter that reads its own types only.
        refused: pairs of a value that can be written, and a type form that it is not of.
        rounds: how many broken copies of each frame are tried.

    Raises:
        AssertionError: the contract is broken; the text says how.
    """
    pairs = list(values)
    _demand(bool(pairs), "there are no values to check with")
    _check_shape(converter)
    frames = [_check_round_trip(converter, value, form) for value, form in pairs]
    for _ in range(2):
        _check_nothing_is_kept(converter, pairs, frames)
    for value, form in refused:
        frame = _written(converter, value)
        _check_refusal(converter, frame, form, f"{value!r}, read as {form!r},")
    for (_, form), frame in zip(pairs, frames, strict=True):
        for strange, what in _strange_kinds(converter, frame):
            _check_refusal(converter, strange, form, what)
        for broken in _broken(frame, rounds):
            _read_hostile(converter, broken, form)
    _check_unwritable(converter)
    _check_unreadable(converter, frames[0])
    _check_nothing_is_kept(converter, pairs, frames)


def _demand(condition: bool, text: str) -> None:
    # An `assert` would do nothing under `python -O`.
    if not condition:
        raise AssertionError(text)


def _written(converter: WebsocketContentConverter, value: object, form: Any = None) -> DataFrame:
    try:
        return converter.serialize(value, form)
    except Exception as error:
        raise AssertionError(f"writing {value!r} raised {error!r}") from error


def _read(converter: WebsocketContentConverter, frame: DataFrame, form: Any) -> Any:
    try:
        return converter.deserialize(frame, form)
    except Exception as error:
        raise AssertionError(f"reading {frame!r} as {form!r} raised {error!r}") from error


def _check_shape(converter: WebsocketContentConverter) -> None:
    for member in ("name", "is_applicable", "serialize", "deserialize"):
        _demand(hasattr(converter, member), f"{type(converter).__name__} has no {member}")
    name: Any = converter.name
    _demand(isinstance(name, str) and bool(name), "name is not a text")
    for frame in CONTROL_FRAMES:
        _demand(converter.is_applicable(frame) is False, f"is_applicable({frame!r}) is not False")


def _check_round_trip(converter: WebsocketContentConverter, value: object, form: Any) -> DataFrame:
    frame = _written(converter, value)
    _demand(type(frame) in (TextFrame, BinaryFrame), f"{value!r} became a {type(frame).__name__}")
    _demand(frame.fin is True, f"{value!r} became a fragment")
    _demand(converter.is_applicable(frame) is True, f"the frame that {value!r} became is not applicable")
    for written in (frame, _written(converter, value, form)):
        back = _read(converter, written, form)
        _demand(back == value and type(back) is type(value), f"{value!r} came back as {back!r}")
        if isinstance(converter, ReadsPayloads):
            back = converter.payload_reader(form)(written.data)
            _demand(back == value, f"payload_reader reads {value!r} as {back!r}")
    if isinstance(converter, ChecksTypes):
        converter.check_type(form)
    return frame


def _check_nothing_is_kept(
    converter: WebsocketContentConverter, pairs: list[tuple[object, Any]], frames: list[DataFrame]
) -> None:
    for (value, form), frame in reversed(list(zip(pairs, frames, strict=True))):
        _demand(_read(converter, frame, form) == value, f"{value!r} is read differently after other frames")
        _demand(_written(converter, value) == frame, f"{value!r} is written differently after other values")


def _strange_kinds(converter: WebsocketContentConverter, frame: DataFrame) -> Iterator[tuple[Frame, str]]:
    yield from ((control, f"a {type(control).__name__}") for control in CONTROL_FRAMES)
    yield type(frame)(frame.data, fin=False), "a fragment"
    other = BinaryFrame(frame.data) if type(frame) is TextFrame else TextFrame(frame.data)
    if not converter.is_applicable(other):
        yield other, f"a {type(other).__name__}, which is not applicable,"


def _check_refusal(converter: WebsocketContentConverter, frame: Frame, form: Any, what: str) -> None:
    _demand(_read_hostile(converter, frame, form), f"{what} was read, and no DeserializeError raised")


def _read_hostile(converter: WebsocketContentConverter, frame: Any, form: Any) -> bool:
    # Whether it was refused.
    try:
        converter.deserialize(frame, form)
    except DeserializeError as error:
        _demand(error.frame is frame, "the .frame of a DeserializeError is not the frame")
        _demand(error.type_form is form, "the .type_form of a DeserializeError is not the type asked for")
        text = str(error)
        payload = frame.data.decode("utf-8", "ignore").strip("\"' ")
        _demand(len(payload) < MIN_SECRET or payload not in text, f"an error quotes the payload: {text[:MAX_TEXT]}")
        _demand(len(text) <= MAX_TEXT, f"the text of a DeserializeError has {len(text)} characters")
        return True
    except Exception as error:
        raise AssertionError(f"reading {frame!r} raised {error!r}, not a DeserializeError") from error
    return False


def _broken(frame: DataFrame, rounds: int) -> Iterator[DataFrame]:
    kind, data = type(frame), frame.data
    chance = random.Random(SEED)
    yield kind(b"")
    yield kind(data + data)
    yield kind(data + b"\x00")
    yield from (kind(data[:length]) for length in range(1, min(len(data), rounds)))
    yield from (kind(opening * 100_000) for opening in OPENINGS)
    for _ in range(rounds):
        yield kind(chance.randbytes(chance.randrange(1, 40)))
        changed = bytearray(data)
        for _ in range(chance.randrange(1, 4)):
            place = chance.randrange(len(changed) + 1)
            changed[place : place + chance.randrange(3)] = chance.randbytes(chance.randrange(4))
        yield kind(bytes(changed))


def _check_unwritable(converter: WebsocketContentConverter) -> None:
    endless: list[Any] = []
    endless.append(endless)
    unwritable = ((object(), "object()"), (endless, "a list that contains itself"), ("\ud800", "a lone surrogate"))
    for value, what in unwritable:
        try:
            converter.serialize(value)
        except (SerializeError, UnsupportedTypeError):
            pass
        except Exception as error:
            raise AssertionError(f"writing {what} raised {error!r}, not a SerializeError") from error


def _check_unreadable(converter: WebsocketContentConverter, frame: DataFrame) -> None:
    no_type: Any = 3
    attempts: list[Callable[[], object]] = [lambda: converter.deserialize(frame, no_type)]
    if isinstance(converter, ChecksTypes):
        checking = converter
        attempts.append(lambda: checking.check_type(no_type))
    if isinstance(converter, ReadsPayloads):
        reading = converter
        attempts.append(lambda: reading.payload_reader(no_type))
    for attempt in attempts:
        try:
            attempt()
        except UnsupportedTypeError:
            continue
        except Exception as error:
            raise AssertionError(f"3, which is no type, raised {error!r}, not an UnsupportedTypeError") from error
        raise AssertionError("3, which is no type, was not refused")
