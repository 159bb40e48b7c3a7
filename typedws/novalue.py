"""The word for "no value". A value may be anything, None included, so it has to be one of our own."""

from __future__ import annotations

from enum import Enum
from typing import Final

__all__ = ["NOTHING", "NoValue"]


class NoValue(Enum):
    """Its one member is what `poll_value` of an inbox returns instead of a value."""

    NOTHING = 1


NOTHING: Final = NoValue.NOTHING
