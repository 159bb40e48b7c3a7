"""A look at a payload: only the keys that a decision is about are decoded, the rest is skipped.

    look = Look(); look.values["type"] = None; see = look.build(converter)
    see(frame)      {"type": "trade"}

A payload that is no object comes whole, as builtins, and so does every payload where the converter reads no Structs.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, cast

import msgspec

from typedws.converters.base import WebsocketContentConverter
from typedws.converters.json import JSONConverter
from typedws.converters.msgpack import MsgPackConverter
from typedws.errors import UnsupportedTypeError
from typedws.frames import DataFrame
from typedws.reading import payload_reader, value_of

__all__ = ["Look", "form_reader", "glance"]


def form_reader(form: Any, converter: WebsocketContentConverter) -> Callable[[DataFrame], Any]:
    """The function that reads frames as one form, by the short way where the converter has one.

    Raises:
        UnsupportedTypeError: the converter can never read the form.
    """
    read: Any = payload_reader(converter, form)
    if read is None:
        return lambda frame: value_of(converter, frame, form)

    def short(frame: DataFrame) -> Any:
        try:
            return read(frame.data)
        except Exception:
            return value_of(converter, frame, form)  # finds out once more, and says what is wrong

    return short


class Look:
    """What is to be looked at.

    Attributes:
        values: keys of the object whose values are needed.
        keys: keys of which it matters only whether they are there.
        arrays: whether the payload may be an array whose items are needed.
    """

    def __init__(self) -> None:
        self.values: dict[str, None] = {}
        self.keys: dict[str, None] = {}
        self.arrays = False

    def build(self, converter: WebsocketContentConverter) -> Callable[[DataFrame], Any]:
        """The function that looks. It raises `DeserializeError` where the payload is not of the format at all."""
        whole = form_reader(Any, converter)
        if self.arrays and not self.values and not self.keys:
            return whole
        keys = tuple(key for key in self.keys if key not in self.values)
        # These two leave the value of such a key undecoded.
        raw = isinstance(converter, JSONConverter | MsgPackConverter)
        form = _struct(tuple(self.values), keys, raw)
        read = _struct_reader(form, converter)
        if read is None:
            return whole
        names = tuple(zip(form.__struct_fields__, form.__struct_encode_fields__, strict=True))

        def look(frame: DataFrame) -> Any:
            try:
                seen = read(frame.data)
            except Exception:
                return whole(frame)
            found: dict[str, Any] = {}
            for attribute, key in names:
                value = getattr(seen, attribute)
                if value is not msgspec.UNSET:
                    found[key] = value
            return found

        return look


def glance(key: str, converter: WebsocketContentConverter) -> Callable[[bytes], Any] | None:
    """A function from a payload to an object whose `key_0` is the value of one key, UNSET where it is not there.

    It may raise anything; None where the converter reads no Structs.
    """
    return _struct_reader(_struct((key,), (), False), converter)


def _struct_reader(form: Any, converter: WebsocketContentConverter) -> Callable[[bytes], Any] | None:
    if form is None:
        return None
    try:
        return payload_reader(converter, form)
    except UnsupportedTypeError:
        return None


@lru_cache
def _struct(values: tuple[str, ...], keys: tuple[str, ...], raw: bool) -> Any:
    """A Struct that has these keys and overlooks all others; None where one of them is no name that msgspec takes."""
    kinds = [Any] * len(values) + [msgspec.Raw if raw else Any] * len(keys)
    fields = [
        (f"key_{number}", kind, msgspec.field(default=cast("Any", msgspec.UNSET), name=key))
        for number, (key, kind) in enumerate(zip((*values, *keys), kinds, strict=True))
    ]
    try:
        return msgspec.defstruct("Look", fields)
    except ValueError:
        return None
