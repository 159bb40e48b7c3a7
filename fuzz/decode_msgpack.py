"""MessagePack: every payload is a value or a `DeserializeError`."""

from __future__ import annotations

from typing import Final

import msgspec

from fuzz.support.decoding import Decoding
from fuzz.support.messages import FORMS
from typedws.converters import MsgPackConverter

__all__ = ["check"]

DECODING: Final = Decoding(MsgPackConverter(), FORMS, msgspec.msgpack.encode)


def check(data: bytes) -> None:
    """All that is said in `fuzz.support.decoding`."""
    DECODING.check(data)
