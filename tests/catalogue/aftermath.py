"""What holds after every row: errors of ours that quote no payload, bounded memory, and nothing left open."""

from __future__ import annotations

import os
import tracemalloc
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from tests.catalogue.rows import CANARY
from tests.conftest import asyncio_tasks
from tests.leaks import no_socket_left
from typedws.errors import TypedWSError

MIB = 1 << 20


def check_error(error: BaseException) -> None:
    """The error is ours, and what is behind it tells of the network or of zlib; all of it is short, and none quotes the
    peer."""
    assert isinstance(error, TypedWSError)
    behind: BaseException | None = error
    while behind is not None:
        assert isinstance(behind, TypedWSError | OSError | zlib.error), f"a foreign exception: {behind!r}"
        assert CANARY not in f"{behind} {behind!r}"
        assert len(str(behind)) < 300
        behind = behind.__cause__ or (None if behind.__suppress_context__ else behind.__context__)


@contextmanager
def nothing_left() -> Iterator[None]:
    """A block that leaves no socket, no other file and no asyncio task, not even for a turn of the event loop."""
    tasks = asyncio_tasks()
    files = open_files()
    with no_socket_left():
        yield
        assert open_files() == files
    assert asyncio_tasks() == tasks


def open_files() -> set[str]:
    """What this process has open, but for sockets, of which `no_socket_left` takes care, and for the directory of this
    list."""
    found = set()
    for name in os.listdir("/dev/fd"):
        try:
            target = os.readlink(f"/dev/fd/{name}")
        except OSError:  # the directory itself, closed by now
            continue
        if not target.startswith("socket:"):
            found.add(f"{name} {target}")
    return found


@contextmanager
def memory_bounded(by: int = MIB) -> Iterator[None]:
    """A block that never has more than so many bytes more than at its beginning."""
    tracemalloc.start()
    try:
        yield
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak <= by, f"{peak} bytes"
