"""What comes of a look for a value where there is none. A value may be anything, None included, so these are none."""

from __future__ import annotations

from enum import Enum
from typing import Final

__all__ = ["NOTHING", "OTHERWISE", "NoValue"]


class NoValue(Enum):
    """What `poll_value` of an inbox returns instead of a value."""

    NOTHING = 1
    """No message may be taken now: wait first."""

    OTHERWISE = 2
    """Another type is being read; or there is something else to take: the ending, a frame, or a payload that could not
    be read."""


NOTHING: Final = NoValue.NOTHING
OTHERWISE: Final = NoValue.OTHERWISE
