"""Plain scalars of YAML, by the core schema of version 1.2 (YAML 1.2.2 section 10.3.2)."""

from __future__ import annotations

import math
import re
from typing import Any, Final

from typedws.schema.document.limits import MAX_DIGITS
from typedws.schema.document.places import Complaint

__all__ = ["scalar"]

_INTEGER: Final = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NO_NUMBER: Final = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_CONSTANTS: Final[dict[str, bool | None]] = {
    **dict.fromkeys(("null", "Null", "NULL", "~", ""), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


def scalar(text: str, line: int) -> Any:
    """The value of a plain scalar.

    Raises:
        Complaint: it is a number that JSON cannot hold.
    """
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text[0] not in "+-.0123456789":
        return text
    if _INTEGER.fullmatch(text):
        if len(text) > MAX_DIGITS:
            raise Complaint(f"a number has more than {MAX_DIGITS} digits", line)
        return int(text[2:], 8 if text[1] == "o" else 16) if text[:2] in ("0o", "0x") else int(text)
    if _FLOAT.fullmatch(text):
        number = float(text)
        if math.isinf(number):
            raise Complaint("a number is too large", line)
        return number
    if _NO_NUMBER.fullmatch(text):
        raise Complaint(f"{text} cannot be written in JSON", line)
    return text
