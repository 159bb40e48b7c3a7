"""The run of `load`: what the processes are told to do, and what is made of their figures."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any, Final

from tests.soak.figures import local_ports
from tests.soak.limits import IDLE_KIB
from tests.soak.report import Outcome, Say
from tests.soak.worker import Worker

EACH: Final = 100
"""Messages of a session in each direction: a million, where there are 10,000 sessions."""

CROWDS: Final = 2
"""Processes that sessions are opened from."""

WARM_UP: Final = 10
"""Sessions that come and go before anything is measured."""

TRIO_SHARE: Final = 10
"""trio needs about that much more time for a message, and gets that much fewer sessions."""

NOTES: Final = """\
Each session sends numbered messages of about 100 bytes and gets as many from the server, ten on the way at a time; both
ends check every number. Then all are closed with 1000. Memory is what the process takes for each session, on the
server with the task of its handler; the transport alone is an `asyncio.Protocol`, or a task that waits on a socket of
trio, without typedws. Files are those of the server process: before, with all sessions open, and after.
"""


def load(loops: Sequence[str], say: Say, *, sessions: int) -> Outcome:
    """Many sessions at once, and many messages."""
    outcome = Outcome(
        "Many sessions",
        [
            "event loop",
            "sessions",
            "messages",
            "lost, repeated, out of order",
            "opened in",
            "exchanged in",
            "an idle session",
            "after the messages",
            "idle on a client",
            "the transport alone",
            "files",
        ],
        notes=NOTES,
    )
    for loop in loops:
        wanted = sessions // TRIO_SHARE if loop == "trio" else sessions
        if local_ports() < wanted + WARM_UP:
            say(f"the system has {local_ports()} ports for connections to one server (ip_local_port_range)")
            wanted = local_ports() - WARM_UP
        _load_on(loop, wanted, outcome, say)
    return outcome


def _load_on(loop: str, wanted: int, outcome: Outcome, say: Say) -> None:
    # Pongs stand in line behind messages, and one loop has to get through all of them.
    options = {"timeout": 300.0}
    bare = transport_kib(loop)
    with ExitStack() as stack:
        host = stack.enter_context(Worker(loop, "host", connections=wanted, options=options))
        begun = host.ask("begin")
        sessions = min(wanted, begun["files_allowed"])
        crowds = [stack.enter_context(Worker(loop, "crowd", url=begun["url"], options=options)) for _ in range(CROWDS)]
        for crowd in crowds:
            sessions = min(sessions, crowd.ask("allow", sessions=sessions))
            crowd.ask("open", sessions=WARM_UP)
            crowd.ask("exchange", messages=1)
        clients = [crowd.ask("close")["figures"]["rss"] for crowd in crowds]
        sessions = sessions // CROWDS * CROWDS
        if sessions < wanted:
            say(f"{loop}: room for {sessions} sessions only, as a process may not open more files (ulimit -n)")
        before = host.ask("rest", sockets=host.ask("begin")["sockets"])

        opened_in, opened = timed(crowds, "open", sessions=sessions // CROWDS)
        idle = host.ask("figures")
        exchanged_in, sent = timed(crowds, "exchange", messages=EACH)
        busy = host.ask("figures")
        _, closed = timed(crowds, "close")
        after = host.ask("rest", sockets=before["sockets"])
        book = host.ask("book")

    cost, later = (idle["rss"] - before["rss"]) / sessions, (busy["rss"] - before["rss"]) / sessions
    clients_cost = (sum(figures["rss"] for figures in opened) - sum(clients)) / sessions
    total = sum(sent)
    ends = [book, *closed]
    # The host's book has the sessions of the warm-up in it, with one message each.
    received = [book["received"]["received"] - CROWDS * WARM_UP, sum(crowd["received"]["received"] for crowd in closed)]
    lost = sum(total - count for count in received)
    repeated, reordered = (sum(end["received"][what] for end in ends) for what in ("duplicate", "reordered"))
    outcome.rows.append(
        [
            loop,
            f"{sessions:,}",
            f"{total:,} + {total:,}",
            f"{lost}, {repeated}, {reordered}",
            f"{opened_in:.1f} s",
            f"{exchanged_in:.1f} s",
            f"{cost:.1f} KiB",
            f"{later:.1f} KiB",
            f"{clients_cost:.1f} KiB",
            f"{bare:.1f} KiB",
            f"{before['files']} -> {idle['files']} -> {after['files']}",
        ]
    )
    outcome.check(not (lost or repeated or reordered), f"{loop}: messages were lost, repeated or out of order")
    codes = [set(end["codes"]) for end in ends]
    outcome.check(all(code == {"1000"} for code in codes), f"{loop}: sessions ended with {codes}")
    outcome.check(after["files"] == before["files"], f"{loop}: {after['files'] - before['files']} files are left")
    outcome.check(after["objects"] == before["objects"], f"{loop}: objects are left")
    outcome.check(cost <= IDLE_KIB[loop], f"{loop}: an idle session takes {cost:.1f} KiB, not {IDLE_KIB[loop]} at most")


def transport_kib(loop: str, *, connections: int = 2000) -> float:
    """KiB that a connection costs a process without typedws."""
    with ExitStack() as stack:
        host = stack.enter_context(Worker(loop, "bare host"))
        begun = host.ask("begin", connections=WARM_UP + connections)
        connections = begun["allowed"] - WARM_UP
        crowd = stack.enter_context(Worker("asyncio", "bare crowd", url=begun["url"]))
        crowd.ask("open", connections=WARM_UP)
        before = host.ask("wait_for", connections=WARM_UP)
        crowd.ask("open", connections=connections)
        after = host.ask("wait_for", connections=WARM_UP + connections)
    return float(after["rss"] - before["rss"]) / connections


def timed(workers: Sequence[Worker], name: str, **arguments: Any) -> tuple[float, list[Any]]:
    """Asks all of them for the same at the same time. Returns how long it took, and what came of it."""
    start = time.monotonic()
    for worker in workers:
        worker.start(name, **arguments)
    results = [worker.result() for worker in workers]
    return time.monotonic() - start, results
