"""MessagePack: every payload is a value or a `DeserializeError`, and what is read is well-formed."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from fuzz.support.decoding import Decoding
from fuzz.support.messages import FORMS
from fuzz.support.well_formed import is_msgpack
from typedws.converters import MsgPackConverter
from typedws.errors import DeserializeError
from typedws.frames import BinaryFrame

__all__ = ["check"]

CONVERTER: Final = MsgPackConverter()
DECODING: Final = Decoding(CONVERTER, FORMS, msgspec.msgpack.encode)


def check(data: bytes) -> None:
    """All that is said in `fuzz.support.decoding`; nothing stands behind a value."""
    try:
        CONVERTER.deserialize(BinaryFrame(data), Any)
    except DeserializeError:
        pass
    else:
        assert is_msgpack(data)
    DECODING.check(data)
