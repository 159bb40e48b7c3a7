"""Which event loop is running, and what is different on trio."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

__all__ = ["leave_interrupts_to_the_caller", "on_trio"]


def on_trio() -> bool:
    """Whether the running event loop is trio's."""
    # None of these is there yet while another thread imports trio.
    lowlevel = getattr(sys.modules.get("trio"), "lowlevel", None)
    in_trio_run = getattr(lowlevel, "in_trio_run", None)
    return in_trio_run is not None and bool(in_trio_run())


def leave_interrupts_to_the_caller(*functions: Callable[..., Any]) -> None:
    """Keeps trio from raising `KeyboardInterrupt` in these functions, and in what they call.

    trio raises it in whatever code is running when the user presses Ctrl-C. In a task of ours it would bring that task
    down, and arrive at the caller late and in a group; so it goes to the main task instead, as on asyncio.
    """
    if on_trio():
        for function in functions:
            sys.modules["trio"].lowlevel.enable_ki_protection(function)
