"""What an operation left behind when it was cancelled: sockets, tasks and timers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio

from tests.leaks import open_sockets

WhatThereIs = tuple[set[int], set[asyncio.Task[Any]], int]

PATIENCE = 5.0
"""Seconds for the other end, which closes its sockets when it has noticed that ours are closed."""


@asynccontextmanager
async def nothing_left() -> AsyncIterator[None]:
    """A block that leaves no socket, no asyncio task and no timer."""
    before = what_there_is()
    yield
    await nothing_but(before)


async def nothing_but(before: WhatThereIs) -> None:
    """Waits until everything is gone but what was there before.

    What was there must be what stays there: of several attempts, what was there before the first. A server may accept
    a connection that was given up long ago, and such a socket, seen at the beginning, would be missed at the end.
    """
    deadline = time.monotonic() + PATIENCE
    while (left := what_there_is()) != before and time.monotonic() < deadline:
        await anyio.sleep(0.001)
    assert left == before, f"something was left behind: there is {left}, and there was {before}"


def what_there_is() -> WhatThereIs:
    """The open sockets; the tasks and the number of timers of an asyncio loop."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:  # on trio no task and no timer can outlive its nursery
        return open_sockets(), set(), 0
    # uvloop does not show its timers.
    timers = vars(loop)["_scheduled"] if isinstance(loop, asyncio.BaseEventLoop) else []
    return open_sockets(), asyncio.all_tasks(loop), sum(not timer.cancelled() for timer in timers)
