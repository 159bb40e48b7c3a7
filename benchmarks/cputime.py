"""CPU time, user and system, per unit of a work.

All clients are connected in one process, and take turns: a round of one, a round of the next. What else runs on the
machine disturbs them alike. Of each client the median of its rounds is kept, and of each pair the median of the ratios
within a round, which is steadier than the ratio of two medians.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from benchmarks.clients import Connected, client
from benchmarks.one import perform, run_on
from benchmarks.setting import Address, Setting
from benchmarks.works import WORKS

__all__ = ["Timed", "measure"]

ROUNDS = 15


@dataclass(frozen=True, slots=True)
class Timed:
    """The CPU time of one client, in microseconds, and that of typedws divided by it."""

    microseconds: float
    ratio: float

    def __repr__(self) -> str:
        return f"{self.microseconds:.2f} ({self.ratio:.2f})"


def measure(names: Sequence[str], work: str, setting: Setting, address: Address) -> dict[str, Timed]:
    """The CPU time of each client; typedws must be among them."""
    seconds: dict[str, list[float]] = run_on(setting.loop, _rounds, names, work, setting, address)
    ours = seconds["typedws"]
    return {
        name: Timed(
            statistics.median(theirs) / WORKS[work].timed * 1e6,
            statistics.median(our / their for our, their in zip(ours, theirs, strict=True)),
        )
        for name, theirs in seconds.items()
    }


async def _rounds(names: Sequence[str], work: str, setting: Setting, address: Address) -> dict[str, list[float]]:
    count = WORKS[work].timed
    async with AsyncExitStack() as stack:
        connected: dict[str, Connected] = {}
        for name in names:
            module = client(name)
            shared = await stack.enter_async_context(module.sharing(setting, address))
            connected[name] = await stack.enter_async_context(module.connect(setting, address, work, shared))
        seconds: dict[str, list[float]] = {name: [] for name in names}
        for number in range(ROUNDS + 1):
            for name in names:
                gc.collect()
                start = time.process_time()
                await perform(connected[name], work, count)
                if number:  # in the first round caches are filled
                    seconds[name].append(time.process_time() - start)
    return seconds
