"""What a test may say about time: a busy machine stands still for a second now and then, and timers may be early."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

SOON: Final = 4.0
"""Seconds in which everything has happened that waits for a fraction of one, or for nothing. The default
`close_timeout` is longer: what waits for that one instead is not mistaken for it."""


def least(measure: Callable[[], float], enough: float) -> float:
    """The least of what `measure` finds: it is asked again, a few times, until that is less than `enough`."""
    found = measure()
    for _ in range(4):
        if found < enough:
            break
        found = min(found, measure())
    return found


async def in_time(attempt: Callable[[float], Awaitable[None]], *late: type[Exception]) -> None:
    """Calls `attempt` with a deadline in seconds that it has to be in time for: a short one, because something waits
    for it to pass, and longer ones where the machine stood still. With the last one it has to succeed.

    Args:
        attempt: raises one of `late` if it was not in time.
    """
    for seconds in (0.1, 0.5):
        with suppress(*late):
            await attempt(seconds)
            return
    await attempt(SOON)
