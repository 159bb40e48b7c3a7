"""Which message a frame is: decisions, turned into functions once, that run for each frame.

What has a tag is read in one decode, and the tag is looked at only where that fails. Every other decision looks first,
and then reads the frame as the message that it turned out to be.

A message that leads nowhere is `Unknown`. One that is known and has a bad body is a `DeserializeError`, and so is a
payload that is not of the wire format at all.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from functools import lru_cache
from typing import Any, Union, cast

import msgspec

from typedws.converters.base import WebsocketContentConverter
from typedws.errors import DeserializeError, UnsupportedTypeError
from typedws.frames import DataFrame, TextFrame
from typedws.reading import payload_reader
from typedws.schema.decisions import (
    ByKey,
    ByKind,
    ByPattern,
    ByValue,
    Decision,
    Only,
    Tagged,
    Trial,
    Undecided,
)
from typedws.schema.runtime.choosing import Found, Reader, Steps, is_tag, shown
from typedws.schema.runtime.events import Unknown
from typedws.schema.runtime.paths import keys_of, value_at
from typedws.schema.runtime.peeking import Look, form_reader, glance

__all__ = ["Reader", "reader_for", "unknown"]


def unknown(frame: DataFrame, found: Found | None = None) -> tuple[Any, Any]:
    """The frame as an unknown message."""
    tag = None if not found else found[0] if len(found) == 1 else tuple(found)
    return Unknown(tag, frame.data, type(frame) is TextFrame), Unknown


def reader_for(decision: Decision[Any], converter: WebsocketContentConverter) -> Reader:
    """The function that reads frames by this decision.

    Raises:
        UnsupportedTypeError: the converter can never read one of the forms.
    """
    match decision:
        case Only(form):
            return _only(form, converter)
        case Tagged(field, forms):
            # pydantic reads one model faster than it finds it in a union, even with the look before.
            by_value = ByValue((field,), {tag: Only(form) for tag, form in forms.items()})
            return _tagged(field, forms, converter) or _looking(by_value, converter)
        case Trial(forms):
            return _trial([_only(form, converter) for form in forms], converter)
        case Undecided(forms):
            return _undecided([(form, _only(form, converter)) for form in forms], converter)
        case ByValue() | ByPattern() | ByKey() | ByKind():
            return _looking(decision, converter)


def _only(form: Any, converter: WebsocketContentConverter) -> Reader:
    read = form_reader(form, converter)
    return lambda frame, expected: (read(frame), form)


# One decode for all.


def _tagged(field: str, forms: Mapping[str | int, Any], converter: WebsocketContentConverter) -> Reader | None:
    """None where these are no Structs with these tags, or the converter does not take them together."""
    for tag, form in forms.items():
        config = getattr(form, "__struct_config__", None)
        if config is None or config.tag_field != field or config.tag != tag:
            return None
    members = tuple(forms.values())
    if len(members) == 1:
        # Alone, a Struct is read without its tag as well.
        members = (*members, _nobody(field, next(iter(forms))))
    try:
        union: Any = Union[members]  # noqa: UP007 - as many as there are
        read: Any = payload_reader(converter, union)
    except UnsupportedTypeError:
        return None
    if read is None:
        return None
    look = Look()
    look.values[field] = None
    see = look.build(converter)
    alone = {tag: form_reader(form, converter) for tag, form in forms.items()}

    def tagged(frame: DataFrame, expected: Container[Any]) -> tuple[Any, Any]:
        try:
            value = read(frame.data)
        except Exception:
            tag = value_at(see(frame), (field,))
            if not is_tag(tag) or tag not in alone:
                return unknown(frame, [shown(tag)])
            return alone[tag](frame), forms[tag]  # says what is wrong with this one
        return value, value.__class__

    return tagged


@lru_cache
def _nobody(field: str, tag: str | int) -> Any:
    """A Struct whose tag nobody sends."""
    other = f"{tag}\0" if isinstance(tag, str) else -(2**62)
    return msgspec.defstruct("Nobody", [], tag_field=field, tag=other)


# Several tries.


def _trial(readers: list[Reader], converter: WebsocketContentConverter) -> Reader:
    check = form_reader(Any, converter)

    def trial(frame: DataFrame, expected: Container[Any]) -> tuple[Any, Any]:
        for read in readers:
            try:
                return read(frame, expected)
            except DeserializeError:
                continue
        check(frame)
        return unknown(frame)

    return trial


def _undecided(readers: list[tuple[Any, Reader]], converter: WebsocketContentConverter) -> Reader:
    check = form_reader(Any, converter)

    def undecided(frame: DataFrame, expected: Container[Any]) -> tuple[Any, Any]:
        likely = [(form, read) for form, read in readers if form in expected]
        if len(likely) > 1:
            # Of several, the one that has a field for every key.
            value = check(frame)
            keys: set[str] = set(cast("dict[str, Any]", value)) if isinstance(value, dict) else set()
            likely = [(form, read) for form, read in likely if keys and keys <= keys_of(form)]
        if len(likely) == 1:
            try:
                return likely[0][1](frame, expected)
            except DeserializeError:
                pass  # it was no more than likely
        check(frame)
        return unknown(frame)

    return undecided


# A look first.


def _looking(decision: Decision[Any], converter: WebsocketContentConverter) -> Reader:
    steps = Steps(lambda leaf: reader_for(leaf, converter))
    step = steps.of(decision)
    see = steps.look.build(converter)

    def looking(frame: DataFrame, expected: Container[Any]) -> tuple[Any, Any]:
        found: Found = []
        read = step(see(frame), found)
        return unknown(frame, found) if read is None else read(frame, expected)

    return _glancing(decision, converter, looking) or looking


def _glancing(decision: Decision[Any], converter: WebsocketContentConverter, looking: Reader) -> Reader | None:
    """The short way for the text of one field; None where that is not what tells. `looking` reads everything else."""
    match decision:
        case ByValue((str(key),), cases):
            see = glance(key, converter)
        case _:
            return None
    if see is None:
        return None
    readers = {
        value: reader_for(case, converter)
        for value, case in cases.items()
        if isinstance(value, str) and not isinstance(case, ByValue | ByPattern | ByKey | ByKind)
    }

    def glancing(frame: DataFrame, expected: Container[Any]) -> tuple[Any, Any]:
        try:
            read = readers[see(frame.data).key_0]
        except Exception:
            return looking(frame, expected)
        return read(frame, expected)

    return glancing
