"""Constraints of a type as keyword arguments, as far as a model library takes them and means the same."""

from __future__ import annotations

import math
import re
from typing import Final

from typedws.schema.contract.types import Constraints
from typedws.schema.emit.layout import Atom, Expression, Keyword
from typedws.schema.emit.notes import Notes
from typedws.schema.emit.text import literal

__all__ = ["length_arguments", "number_arguments", "text_arguments"]

_INT64: Final = 1 << 63
_LONGEST: Final = (1 << 63) - 1

# What the engine behind pydantic does not have: looking around, references back, atomic groups, conditions.
_ONLY_IN_RE: Final = re.compile(r"\(\?[=!>(]|\(\?<[=!]|\(\?P=|\\[1-9]|\\Z|[*+?}]\+")


def length_arguments(constraints: Constraints, notes: Notes) -> list[Expression]:
    """How long a string, a list or a dict is."""
    found: list[Expression] = []
    for name, value in (("min_length", constraints.min_length), ("max_length", constraints.max_length)):
        if value is None or (name == "min_length" and value == 0):
            continue
        if not 0 <= value <= _LONGEST:
            notes.add("constraint-dropped", f"{name} {value} cannot be checked")
            continue
        found.append(Keyword(name, Atom(literal(value))))
    return found


def text_arguments(constraints: Constraints, notes: Notes, *, anywhere: bool = True) -> list[Expression]:
    """What a string is.

    Args:
        constraints: what the document says.
        notes: is told what is dropped.
        anywhere: whether `re` will be what looks for the pattern.
    """
    found = length_arguments(constraints, notes)
    pattern = constraints.pattern
    if pattern is not None:
        try:
            re.compile(pattern)
            pattern.encode()
        except (re.error, UnicodeError, OverflowError, RecursionError):
            notes.add("constraint-dropped", "the pattern is none that Python can compile, and is not checked")
            return found
        if not anywhere and (_ONLY_IN_RE.search(pattern) or not pattern.isascii()):
            notes.add("constraint-dropped", "the pattern is none that pydantic can compile here, and is not checked")
            return found
        found.append(Keyword("pattern", Atom(literal(pattern))))
    return found


def number_arguments(constraints: Constraints, notes: Notes, *, whole: bool) -> list[Expression]:
    """What a number is.

    Args:
        constraints: what the document says.
        notes: is told what is dropped.
        whole: whether it is an integer.
    """
    bounds: dict[str, float] = {}
    for low, high in (("ge", "gt"), ("le", "lt")):
        inclusive, exclusive = getattr(constraints, low), getattr(constraints, high)
        if inclusive is not None and exclusive is not None:
            # Only one of the two may be said; the narrower one says both.
            is_exclusive = exclusive >= inclusive if low == "ge" else exclusive <= inclusive
            inclusive, exclusive = (None, exclusive) if is_exclusive else (inclusive, None)
        if inclusive is not None:
            bounds[low] = inclusive
        if exclusive is not None:
            bounds[high] = exclusive
    found: list[Expression] = []
    for name, bound in bounds.items():
        value = _bound(name, bound, whole=whole)
        if value is None:
            notes.add("constraint-dropped", f"{name} {_short(bound)} cannot be checked")
        else:
            found.append(Keyword(name, Atom(literal(value))))
    step = constraints.multiple_of
    if step is not None:
        if not math.isfinite(step) or step <= 0 or step != int(step) or step >= _INT64:
            # The remainder of a fraction is hardly ever zero.
            notes.add("constraint-dropped", f"multiple_of {_short(step)} is not checked")
        elif whole or step != 1:
            found.append(Keyword("multiple_of", Atom(literal(int(step)))))
    return found


def _short(number: float) -> str:
    text = repr(number)
    return text if len(text) <= 40 else f"{text[:37]}..."


def _bound(name: str, bound: float, *, whole: bool) -> int | float | None:
    if not math.isfinite(bound):
        return None
    if whole:
        up = name in ("ge", "lt")
        exact = bound if isinstance(bound, int) else math.ceil(bound) if up else math.floor(bound)
        return exact if -_INT64 <= exact < _INT64 else None
    if abs(bound) > 1 << 53:
        return float(bound)
    return int(bound) if bound == int(bound) else bound
