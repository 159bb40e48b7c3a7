"""The works: what every client does, and where at the server it does it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["BURST", "MARK", "WORKS", "Work", "path_of"]

BURST = 1000
"""How many sends stand in a row."""

MARK = "."
"""The message that the server sends back from `/sink`."""


@dataclass(frozen=True, slots=True)
class Work:
    """One kind of work.

    Args:
        title: for tables.
        unit: what one of it is.
        path: the part of the server.
        counted: two lengths for counting instructions; their difference is what is divided.
        timed: how many make a round when CPU time is measured.
    """

    title: str
    unit: str
    path: str
    counted: tuple[int, int]
    timed: int


WORKS = {
    "stream": Work("stream of typed messages", "message", "/stream", (2_000, 8_000), 10_000),
    "iterate": Work("the same by `async for`", "message", "/stream", (2_000, 8_000), 10_000),
    "round_trip": Work("typed round trip", "round trip", "/echo", (300, 1_500), 500),
    "burst": Work("1000 typed sends in a row", "message", "/sink", (2_000, 8_000), 5_000),
    "large": Work("1 MiB binary message, there and back", "message", "/echo", (4, 16), 10),
}

PATHS = {"idle": "/sink", "fetch": "/large"}
"""What is no work of a length, and still needs a part of the server."""


def path_of(work: str) -> str:
    return PATHS.get(work) or WORKS[work].path
