"""Event loops whose clock stands still while there is something to do, and then jumps to whatever is due next.

A program in memory takes no time on them, however long its deadlines are, and is the same in every run. trio has such a
clock; this one is for asyncio.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Mapping
from typing import Any

import trio.testing

__all__ = ["VIRTUAL_LOOPS"]


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """An event loop that never waits."""

    def __init__(self) -> None:
        self._now = 0.0
        super().__init__(_Selector(self))

    def time(self) -> float:
        return self._now

    def advance(self, seconds: float) -> None:
        self._now += seconds


class _Selector(selectors.DefaultSelector):
    def __init__(self, loop: VirtualTimeLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0)
        if not ready and timeout is None:
            raise RuntimeError("every task waits, and nothing is due")
        if not ready and timeout is not None and timeout > 0:
            self._loop.advance(timeout)
        return ready


def asyncio_options() -> Mapping[str, Any]:
    return {"backend": "asyncio", "backend_options": {"loop_factory": VirtualTimeLoop}}


def trio_options() -> Mapping[str, Any]:
    return {"backend": "trio", "backend_options": {"clock": trio.testing.MockClock(autojump_threshold=0)}}


VIRTUAL_LOOPS = {"asyncio": asyncio_options, "trio": trio_options}
"""Arguments of `anyio.run`, made anew for each run."""
