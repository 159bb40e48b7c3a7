"""CBOR: every payload is a value or a `DeserializeError`, and what is read is well-formed and has no monsters in it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

import cbor2

from fuzz.support.decoding import Decoding
from fuzz.support.messages import FORMS
from fuzz.support.well_formed import is_cbor
from typedws.converters import CBORConverter
from typedws.errors import DeserializeError
from typedws.frames import BinaryFrame

__all__ = ["check"]

CONVERTER: Final = CBORConverter()
DECODING: Final = Decoding(CONVERTER, FORMS, cbor2.dumps)

MAX_EXPONENT: Final = 6144
MAX_BITS: Final = 128


def check(data: bytes) -> None:
    """All that is said in `fuzz.support.decoding`; nothing stands behind a value; numbers are bounded."""
    try:
        value = CONVERTER.deserialize(BinaryFrame(data), Any)
    except DeserializeError:
        pass
    else:
        assert is_cbor(data)
        check_bounds(value)
    DECODING.check(data)


def check_bounds(value: Any) -> None:
    """No number is larger than is said, and no object is one of cbor2's."""
    if isinstance(value, dict):
        for key, inner in value.items():
            assert isinstance(key, str | bytes)
            check_bounds(inner)
    elif isinstance(value, list | tuple | set | frozenset):
        for inner in value:
            check_bounds(inner)
    elif isinstance(value, Decimal):
        exponent = value.as_tuple().exponent
        assert not isinstance(exponent, int) or abs(exponent) <= MAX_EXPONENT
    elif isinstance(value, int):
        assert (value if value >= 0 else ~value).bit_length() <= MAX_BITS
    else:
        assert type(value).__module__ != "cbor2"
