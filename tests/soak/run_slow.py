"""The run of `slow`: what the processes are told to do, and what is made of their figures."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from typing import Final

from tests.soak.host import FLOOD
from tests.soak.limits import IDLE_KIB
from tests.soak.report import Outcome
from tests.soak.worker import Worker
from typedws import SessionConfig

SLEEPERS: Final = 100
READERS: Final = 20
ROUNDS: Final = 3
SECONDS: Final = 4.0

NOTES: Final = f"""\
{READERS} clients send a message whenever the last one has been answered, first alone and then beside {SLEEPERS} clients
to whom the server sends messages of {len(FLOOD) // 1024} KiB as fast as they take them: half of these never receive,
the others one message in 0.1 seconds. That is repeated {ROUNDS} times, and the table has the best of each, alone ->
beside them, because whatever else runs on the machine only makes it slower. A slow client may take `outgoing_bytes`,
one message and an idle session of the server's memory.
"""


def slow(loops: Sequence[str]) -> Outcome:
    """Clients that do not read, beside clients that are in a hurry."""
    outcome = Outcome(
        "Slow clients beside fast ones",
        ["event loop", "round trips a second", "median", "99 of 100 within", "memory for each slow client", "may be"],
        notes=NOTES,
    )
    for loop in loops:
        _slow_on(loop, outcome)
    return outcome


def _slow_on(loop: str, outcome: Outcome) -> None:
    options = {"ping_interval": None, "close_timeout": 0.5}
    alone: list[dict[str, float]] = []
    beside: list[dict[str, float]] = []
    grown: list[float] = []
    with ExitStack() as stack:
        host = stack.enter_context(Worker(loop, "host", connections=SLEEPERS + READERS, options=options))
        url = host.ask("begin")["url"]
        readers = stack.enter_context(Worker(loop, "readers", url=url, sessions=READERS))
        sleepers = stack.enter_context(Worker(loop, "sleepers", url=url))
        readers.ask("measure", seconds=1.0)
        sockets = host.ask("figures")["sockets"]
        for _ in range(ROUNDS):
            before = host.ask("rest", sockets=sockets)
            alone.append(readers.ask("measure", seconds=SECONDS))
            sleepers.ask("come", sessions=SLEEPERS)
            beside.append(readers.ask("measure", seconds=SECONDS))
            grown.append((host.ask("figures")["rss"] - before["rss"]) / SLEEPERS)
            sleepers.ask("leave")
    limit = (SessionConfig().outgoing_bytes + len(FLOOD)) / 1024 + IDLE_KIB[loop]
    speed = [max(measured["per second"] for measured in either) for either in (alone, beside)]
    trip = [min(measured["median ms"] for measured in either) for either in (alone, beside)]
    slowest = [min(measured["p99 ms"] for measured in either) for either in (alone, beside)]
    memory = max(grown)
    outcome.rows.append(
        [
            loop,
            f"{speed[0]:,.0f} -> {speed[1]:,.0f}",
            f"{trip[0]:.2f} -> {trip[1]:.2f} ms",
            f"{slowest[0]:.2f} -> {slowest[1]:.2f} ms",
            f"{memory:.0f} KiB",
            f"{limit:.0f} KiB",
        ]
    )
    outcome.check(speed[1] >= 0.7 * speed[0], f"{loop}: fast clients are slower beside slow ones")
    outcome.check(slowest[1] <= 2 * slowest[0] + 5, f"{loop}: fast clients wait longer beside slow ones")
    outcome.check(memory <= limit, f"{loop}: a slow client takes {memory:.0f} KiB")
