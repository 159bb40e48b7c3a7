"""CBOR: every payload is a value or a `DeserializeError`."""

from __future__ import annotations

from typing import Final

import cbor2

from fuzz.support.decoding import Decoding
from fuzz.support.messages import FORMS
from typedws.converters import CBORConverter

__all__ = ["check"]

DECODING: Final = Decoding(CBORConverter(), FORMS, cbor2.dumps)


def check(data: bytes) -> None:
    """All that is said in `fuzz.support.decoding`."""
    DECODING.check(data)
