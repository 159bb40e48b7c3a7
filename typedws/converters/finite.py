"""Numbers in JSON that no float can hold.

pydantic reads `NaN`, `Infinity` and `-Infinity` from JSON, which are not JSON (RFC 8259 section 6), and reads `1e400`
as infinity. msgspec refuses all of them, and so do the converters. pydantic's own switch, `allow_inf_nan`, belongs to
each model, so the text is looked at before pydantic gets it: first by a few passes in C that find nothing in nearly
every message, and only if they find something, with a parser.
"""

from __future__ import annotations

import math
from json import JSONDecoder
from typing import Any, Final

from typedws.converters.failures import Malformed, Refused

__all__ = ["refuse_non_finite"]

FOLD: Final = bytes.maketrans(b"123456789E", b"000000000e")
"""Makes every digit a 0 and every exponent an e."""

LONG_EXPONENT: Final = b"0e000"
"""A digit and an exponent of three digits or more: nothing with a shorter one comes near 1e308, unless it is ..."""

LONG_NUMBER: Final = b"0" * 200
"""... this long."""


def refuse_non_finite(data: bytes, *, also_ints: bool = True) -> None:
    """Returns if every number of a JSON text can be held by a float, or if the text is malformed: others say so better.

    Args:
        data: the text.
        also_ints: whether numbers without fraction and exponent count. They do where a float may be read: pydantic
            makes infinity of an int that is too large for it. An int of Python's holds them.

    Raises:
        Refused: a number cannot, or NaN or an infinity is written out.
    """
    # Looking for one byte is several times as fast as looking for two, so ask for the capital first: 78 is N, 73 is I.
    if not (78 in data and data.find(b"NaN") >= 0) and not (73 in data and data.find(b"Infinity") >= 0):
        folded = data.translate(FOLD, b"+")
        if folded.find(LONG_EXPONENT) < 0 and (len(data) < 200 or folded.find(LONG_NUMBER) < 0):
            return
    parser = PARSER if also_ints else PARSER_OF_INTS
    try:
        parser.decode(data.decode())
    except Refused:
        raise
    except (ValueError, RecursionError):
        pass


def _check_number(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise Refused("it has a number that no float can hold")
    return number


def _refuse_constant(name: str) -> Any:
    raise Malformed(f"it has {name} for a number")


def _take_int(text: str) -> int:
    return 0  # its digits are judged by pydantic


PARSER: Final = JSONDecoder(parse_float=_check_number, parse_int=_check_number, parse_constant=_refuse_constant)
PARSER_OF_INTS: Final = JSONDecoder(parse_float=_check_number, parse_int=_take_int, parse_constant=_refuse_constant)
