"""JSON by msgspec: every payload is a value or a `DeserializeError`, and what is read as `Any` is what others read."""

from __future__ import annotations

import json
from typing import Any, Final

from fuzz.support.decoding import Decoding
from fuzz.support.messages import FORMS
from typedws.converters import JSONConverter
from typedws.errors import DeserializeError
from typedws.frames import TextFrame

__all__ = ["check"]

CONVERTER: Final = JSONConverter()


def comes_back(payload: bytes) -> bool:
    """The text "nan" is taken for a float by a model, and written as null; fewer digits are read than are written."""
    lower = payload.lower()
    return b"nan" not in lower and b"inf" not in lower and b"\\u" not in lower and len(payload) < 300


DECODING: Final = Decoding(CONVERTER, FORMS, lambda tree: json.dumps(tree).encode(), comes_back=comes_back)


def check(data: bytes) -> None:
    """All that is said in `fuzz.support.decoding`; and the standard library reads the same."""
    DECODING.check(data)
    try:
        value = CONVERTER.deserialize(TextFrame(data), Any)
    except DeserializeError:
        return
    assert json.loads(data.decode(), parse_constant=refuse) == value


def refuse(name: str) -> float:
    raise AssertionError(f"{name} was read as a number")
