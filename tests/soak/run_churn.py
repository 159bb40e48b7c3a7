"""The run of `churn`: what the processes are told to do, and what is made of their figures."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Final

from tests.soak.churn import AT_ONCE
from tests.soak.figures import theil_sen, uncertainty
from tests.soak.limits import SLOPE
from tests.soak.report import Outcome
from tests.soak.worker import Worker

ROUND: Final = 200
"""Clients after which all that is left is looked at."""

WARM_UP: Final = 0.3
"""The share of a run in which more clients come at once than afterwards, so that the allocators take early the pages
that they are going to need."""

SETTLED: Final = 0.4
"""The share of a run after which figures count."""

SEED: Final = 20261125

NOTES: Final = """\
{at_once} clients at a time connect and talk, with and without compression, break off at any moment, do not read, drop
the connection with a reset, stop in the middle of their handshake, ask for something else, or break the protocol in one
of a dozen ways; some handlers raise. Which does what is drawn from a fixed seed. After every {round} all have to be
gone, and server and clients are looked at: memory in use is what the allocators have handed out, to the byte; resident
memory is what the system has given. The figures are the growth in the last {share} of the run, as the median of the
slopes between any two looks ± two standard errors. Memory in use has to grow by less than {slope} KiB in a minute, and
resident memory, which moves by whole pages, by no more than its errors allow for that: the longer the run, the smaller
they are. Open files and objects of typedws, of the server and of the clients, have to be the same at each look.
"""


def churn(loops: Sequence[str], *, seconds: float) -> Outcome:
    """Clients that come and go, on all event loops side by side."""
    outcome = Outcome(
        "Clients that come and go",
        [
            "event loop",
            "minutes",
            "clients",
            "server, in use",
            "server, resident",
            "clients, in use",
            "clients, resident",
            "files",
            "objects",
        ],
        notes=NOTES.format(at_once=AT_ONCE, round=ROUND, share=f"{1 - SETTLED:.0%}", slope=f"{SLOPE:g}"),
    )
    with ThreadPoolExecutor(len(loops)) as threads:
        for loop, soaked in zip(loops, threads.map(lambda loop: soak(loop, seconds), loops), strict=True):
            _judge(loop, soaked, outcome)
    return outcome


@dataclass
class Soaked:
    """What a process looked like, each time that all clients were gone."""

    clients: int = 0
    minutes: list[float] = field(default_factory=list)
    server: list[dict[str, float]] = field(default_factory=list)
    strangers: list[dict[str, float]] = field(default_factory=list)

    def slope(self, looks: list[dict[str, float]], figure: str) -> tuple[float, float]:
        """How much a figure grows in a minute, after the processes have settled, and how far off that may be."""
        start = self.minutes[-1] * SETTLED
        points = [(when, look[figure]) for when, look in zip(self.minutes, looks, strict=True) if when >= start]
        return theil_sen(points), uncertainty(points)

    def settled(self, looks: list[dict[str, float]], figure: str) -> list[float]:
        """The values of a figure, after the processes have settled."""
        start = self.minutes[-1] * SETTLED
        return [look[figure] for when, look in zip(self.minutes, looks, strict=True) if when >= start]


def soak(loop: str, seconds: float) -> Soaked:
    """Lets clients come and go for so long."""
    soaked = Soaked()
    options = {"ping_interval": 0.2, "close_timeout": 2.0}
    with ExitStack() as stack:
        host = stack.enter_context(Worker(loop, "host", handshake_timeout=10.0, options=options))
        begun = host.ask("begin")
        strangers = stack.enter_context(Worker(loop, "strangers", url=begun["url"], seed=SEED, silence=15.0))
        alone = strangers.ask("rest", sockets=1 << 20)["sockets"]
        start = time.monotonic()
        while time.monotonic() < start + seconds:
            is_warm = time.monotonic() > start + seconds * WARM_UP
            strangers.ask("come_and_go", clients=ROUND, at_once=AT_ONCE if is_warm else AT_ONCE * 2)
            soaked.clients += ROUND
            soaked.server.append(host.ask("rest", sockets=begun["sockets"]))
            soaked.strangers.append(strangers.ask("rest", sockets=alone))
            soaked.minutes.append((time.monotonic() - start) / 60)
    return soaked


def _judge(loop: str, soaked: Soaked, outcome: Outcome) -> None:
    ends = {"server": soaked.server, "clients": soaked.strangers}
    growth = {(end, figure): soaked.slope(looks, figure) for end, looks in ends.items() for figure in ("used", "rss")}
    flat = {
        figure: {end: soaked.settled(looks, figure) for end, looks in ends.items()} for figure in ("files", "objects")
    }
    outcome.rows.append(
        [
            loop,
            f"{soaked.minutes[-1]:.1f}",
            f"{soaked.clients:,}",
            *(f"{slope:+.2f} ± {off:.2f} KiB/min" for slope, off in growth.values()),
            *(" and ".join(span(values) for values in flat[figure].values()) for figure in flat),
        ]
    )
    for (end, figure), (slope, off) in growth.items():
        # What is in use is exact. Resident memory moves by pages, so that a few looks tell little of it.
        surely = slope if figure == "used" else slope - off
        outcome.check(surely < SLOPE, f"{loop}: {figure} of the {end} grows by {slope:.2f} ± {off:.2f} KiB in a minute")
    for figure, of in flat.items():
        for end, values in of.items():
            outcome.check(len(set(values)) == 1, f"{loop}: {figure} of the {end} are not flat: {span(values)}")


def span(values: Sequence[float]) -> str:
    """The lowest and the highest of them."""
    low, high = f"{min(values):,.0f}", f"{max(values):,.0f}"
    return low if low == high else f"{low} to {high}"
