"""What a process looks like from outside and from inside: memory, files, objects; and whether that grows.

Resident memory is read from `smaps_rollup`, page by page. The short figures in `statm` and `status` are kept per
processor by newer kernels, and may be off by more than what is looked for here.
"""

from __future__ import annotations

import ctypes
import functools
import gc
import os
import re
import resource
import sys
from collections import Counter
from collections.abc import Sequence
from math import inf, sqrt
from pathlib import Path
from statistics import fmean, median
from typing import Any, NamedTuple, TypeAlias

import anyio

from typedws.transport.backend import on_trio

_RSS = re.compile(rb"^Rss: +(\d+) kB", re.MULTILINE)
_BLOCKS = re.compile(rb"# bytes in allocated blocks += +([\d,]+)")

Point: TypeAlias = tuple[float, float]
"""Minutes, and a figure."""

SPARE_FILES = 64
"""File descriptors that a process needs besides those of its connections."""


class Figures(NamedTuple):
    """A process at one moment, after the garbage collector has run and the C library has given back what is free.

    Attributes:
        rss: resident memory, in KiB.
        used: KiB that Python's allocator and the C library have handed out and not got back. That is exact, where
            resident memory goes up and down with how the allocators fill their pages. 0 where they do not tell.
        files: open file descriptors.
        sockets: those of them that are sockets.
        objects: objects of typedws.
        tracked: all objects that the garbage collector knows.
    """

    rss: float
    used: float
    files: int
    sockets: int
    objects: int
    tracked: int


def look() -> Figures:
    """This process now."""
    empty_caches()
    gc.collect()
    trim()
    return Figures(resident(), used(), *open_files(), sum(objects().values()), len(gc.get_objects()))


async def rest(sockets: int) -> Figures:
    """This process, once it has no more sockets than that and nothing changes any more, or after half a minute."""
    before, now = None, look()
    with anyio.move_on_after(30):
        while now.sockets > sockets or before is None or now.objects < before.objects:
            await anyio.sleep(0.1)
            before, now = now, look()
    return now


def objects() -> Counter[str]:
    """How many objects of each class of typedws there are."""
    kinds = Counter(map(type, gc.get_objects()))
    return Counter(
        {
            f"{kind.__module__}.{kind.__qualname__}": count
            for kind, count in kinds.items()
            if str(kind.__module__).partition(".")[0] == "typedws"
        }
    )


def _read(file: int) -> bytes:
    """All of a file, by means that leave nothing behind; it is closed."""
    pieces = []
    while piece := os.read(file, 65536):
        pieces.append(piece)
    os.close(file)
    return b"".join(pieces)


def resident() -> float:
    """KiB of memory that this process holds."""
    try:
        rss = _RSS.search(_read(os.open("/proc/self/smaps_rollup", os.O_RDONLY)))
    except OSError:
        rss = None
    if rss is not None:
        return float(rss[1])
    # Elsewhere only the highest ever is told, in bytes on macOS.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "darwin" else 1)


class _Mallinfo2(ctypes.Structure):
    names = ("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost")
    _fields_ = [(name, ctypes.c_size_t) for name in names]


@functools.cache
def _library() -> Any:
    """The C library, if it is glibc, which tells what it has handed out."""
    try:
        library = ctypes.CDLL(None)
        library.mallinfo2.restype = _Mallinfo2
        library.malloc_trim.argtypes = [ctypes.c_size_t]
    except (AttributeError, OSError, TypeError):
        return None
    return library


def used() -> float:
    """KiB that the allocators have handed out."""
    if _library() is None:
        return 0.0
    told = _library().mallinfo2()
    # Python tells of its own allocator on the standard error only: some kilobytes, which a pipe holds.
    reading, writing = os.pipe()
    stderr = os.dup(2)
    sys.stderr.flush()
    os.dup2(writing, 2)
    sys._debugmallocstats()
    os.dup2(stderr, 2)
    os.close(stderr)
    os.close(writing)
    blocks = _BLOCKS.search(_read(reading))
    if blocks is None:  # as with PYTHONMALLOC=malloc
        return float(told.uordblks + told.hblkhd) / 1024
    return float(told.uordblks + told.hblkhd + int(blocks[1].replace(b",", b""))) / 1024


def empty_caches() -> None:
    """Empties what others keep for a while: it is bounded, but looks like a leak until it is full."""
    # CPython remembers thousands of attributes by their names, and with them keeps strings that nobody else has.
    getattr(sys, "_clear_internal_caches", sys._clear_type_cache)()
    # trio keeps up to a thousand cancel scopes that have been left, until it looks through its deadlines.
    if on_trio():
        sys.modules["trio._core._run"].GLOBAL_RUN_CONTEXT.runner.deadlines._prune()


def trim() -> None:
    """Gives free memory back to the operating system."""
    if _library() is not None:
        _library().malloc_trim(0)


class Files(NamedTuple):
    """How many file descriptors a process has, and how many of them are sockets."""

    all: int
    sockets: int


def open_files() -> Files:
    """Those of this process."""
    files = sockets = 0
    for name in os.listdir("/dev/fd"):
        try:
            sockets += os.readlink(f"/dev/fd/{name}").startswith("socket:")
            files += 1
        except OSError:  # the directory itself, closed by now
            pass
    return Files(files, sockets)


def allow_files(connections: int) -> int:
    """Lets this process have so many connections, or as many as it may. Returns how many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + SPARE_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return connections if soft == resource.RLIM_INFINITY else min(connections, soft - SPARE_FILES)


def local_ports() -> int:
    """How many connections may lead from one address to one port."""
    try:
        first, last = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()
    except OSError:
        return 16_000
    return int(last) - int(first)


def theil_sen(points: Sequence[Point]) -> float:
    """The median of the slopes between any two points: a few outliers do not move it."""
    slopes = [(b - y) / (a - x) for i, (x, y) in enumerate(points) for a, b in points[i + 1 :] if a != x]
    return median(slopes) if slopes else 0.0


def uncertainty(points: Sequence[Point]) -> float:
    """Two standard errors of the slope: how far off it may be, by how the points scatter around the straight line."""
    middle, mean = fmean(x for x, _ in points), fmean(y for _, y in points)
    spread = sum((x - middle) ** 2 for x, _ in points)
    if len(points) < 3 or not spread:
        return inf
    slope = sum((x - middle) * (y - mean) for x, y in points) / spread
    scatter = sum((y - mean - slope * (x - middle)) ** 2 for x, y in points) / (len(points) - 2)
    return 2 * sqrt(scatter / spread)
