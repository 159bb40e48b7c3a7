"""What a test left open."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager


def open_sockets() -> set[int]:
    """The sockets of this process, by file descriptor. An event loop has more files, and opens them late."""
    found = set()
    for name in os.listdir("/dev/fd"):
        try:
            if stat.S_ISSOCK(os.fstat(int(name)).st_mode):
                found.add(int(name))
        except OSError:  # the directory itself, closed by now
            pass
    return found


@contextmanager
def no_socket_left() -> Iterator[None]:
    """A block that closes every socket that is opened in it."""
    before = open_sockets()
    yield
    assert open_sockets() == before
