"""Values of scalars as JSON, in the form in which they are written again: whole seconds in UTC, lower case UUIDs."""

from __future__ import annotations

import math
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any, Final

from typedws.schema.contract.types import Constraints, Scalar
from typedws.schema.samples.chance import Chance
from typedws.schema.samples.patterns import text_matching

__all__ = ["scalar_value"]

_WORDS: Final = (
    "amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "harbor", "indigo", "jasper", "kelp", "lumen",
    "maple", "north", "olive", "pearl", "quartz", "river", "slate", "thyme", "umber", "violet", "willow", "zephyr",
)  # fmt: skip

_START: Final = datetime(2025, 1, 1, tzinfo=UTC)
_YEAR: Final = 365 * 24 * 60 * 60
_LONGEST: Final = 1_000_000
"""Characters, bytes or items that are made at the most."""


def scalar_value(scalar: Scalar, chance: Chance) -> Any:
    """A value, or None where there is none that can be made (and for null)."""
    limits = scalar.constraints
    match scalar.kind:
        case "str":
            return _text(limits, chance)
        case "int":
            return _integer(limits, chance)
        case "float":
            return _number(limits, chance)
        case "bool":
            return chance.toss()
        case "bytes":
            # Of letters only, base64 is the same in its two alphabets.
            text = _text(Constraints(min_length=limits.min_length, max_length=limits.max_length), chance)
            return None if text is None else b64encode(text.encode()).decode()
        case "datetime":
            return f"{_moment(chance):%Y-%m-%dT%H:%M:%SZ}"
        case "date":
            return f"{_moment(chance):%Y-%m-%d}"
        case "time":
            return f"{_moment(chance):%H:%M:%SZ}"
        case "uuid":
            digits = "".join(chance.pick("0123456789abcdef") for _ in range(30))
            return f"{digits[:8]}-{digits[8:12]}-4{digits[12:15]}-{chance.pick('89ab')}{digits[15:18]}-{digits[18:]}"
        case "any":
            return {chance.pick(_WORDS): chance.pick(_WORDS)}
        case "null":
            return None


def _moment(chance: Chance) -> datetime:
    return _START + timedelta(seconds=chance.below(_YEAR))


def _text(limits: Constraints, chance: Chance) -> str | None:
    low = limits.min_length or 0
    high = _LONGEST if limits.max_length is None else limits.max_length
    if low > min(high, _LONGEST):
        return None
    if limits.pattern is not None:
        return text_matching(limits.pattern, chance, min_length=low, max_length=limits.max_length)
    text = chance.pick(_WORDS)
    while len(text) < low:
        text += chance.pick(_WORDS)
    # Cut only where it must be, so that it is made of words.
    return text if len(text) <= high else text[: max(low, high)]


def _integer(limits: Constraints, chance: Chance) -> int | None:
    lows = [*_whole(limits.ge, math.ceil), *(n + 1 for n in _whole(limits.gt, math.floor))]
    highs = [*_whole(limits.le, math.floor), *(n - 1 for n in _whole(limits.lt, math.ceil))]
    low, high = _range(max(lows, default=None), min(highs, default=None), 1000)
    # The whole multiples of p/q, in lowest terms, are those of p.
    step = abs(Fraction(str(limits.multiple_of)).numerator) if limits.multiple_of else 1
    if not lows and limits.multiple_of:
        low = min(low, 0)
    if not highs and limits.multiple_of:
        high = max(high, low + 10 * step)
    first, last = -(-low // step), high // step
    return chance.between(first, last) * step if first <= last else None


def _whole(bound: float | None, rounded: Any) -> list[int]:
    return [] if bound is None or math.isinf(bound) else [rounded(bound)]


def _range(low: Any, high: Any, width: int) -> tuple[Any, Any]:
    if low is None and high is None:
        return 0, width
    if low is None:
        return (0, high) if high > 0 else (high - width, high)
    if high is None:
        return low, low + width
    return low, high


def _number(limits: Constraints, chance: Chance) -> float | None:
    lows = [bound for bound in (limits.ge, limits.gt) if bound is not None]
    highs = [bound for bound in (limits.le, limits.lt) if bound is not None]
    low, high = _range(max(lows, default=None), min(highs, default=None), 1000)
    if limits.multiple_of:
        # Doubling is exact, so whoever divides finds no remainder.
        unit = float(limits.multiple_of)
        candidates = chance.shuffled([unit * 2**power for power in range(12)])
        first = math.ceil(low / unit) if math.isfinite(low) else 0
        candidates += [unit * step for step in range(first, first + 200)] + [float(low), float(high), 0.0]
    else:
        # Quarters are exact in binary, and look like prices.
        candidates = [float(chance.between(math.ceil(low), math.floor(high))) + chance.pick((0.0, 0.25, 0.5, 0.75))]
        candidates += [candidates[0] // 1, low + (high - low) * 0.5, low + (high - low) * 0.25, float(low), float(high)]
    return next((float(number) for number in candidates if _fits(float(number), limits)), None)


def _fits(number: float, limits: Constraints) -> bool:
    return (
        math.isfinite(number)
        and (limits.ge is None or number >= limits.ge)
        and (limits.gt is None or number > limits.gt)
        and (limits.le is None or number <= limits.le)
        and (limits.lt is None or number < limits.lt)
        and (not limits.multiple_of or math.fmod(number, limits.multiple_of) == 0)
    )
