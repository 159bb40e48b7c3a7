"""The plan of a run: which measurements, in which settings, with which clients; a line is printed for each."""

from __future__ import annotations

import functools
import subprocess
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from benchmarks import cputime, growth, instructions, memory, opening
from benchmarks.clients import CLIENTS, why_not
from benchmarks.results import Figure
from benchmarks.setting import Address, Setting
from benchmarks.works import WORKS

__all__ = ["MEASURES", "Plan"]

T = TypeVar("T")

MEASURES = (*WORKS, "memory", "large-memory", "opening", "import", "growth")

LARGE_MESSAGES = (
    (memory.MESSAGE, "one frame", ["typedws", "aiohttp", "websockets", "httpx-ws"]),
    # websockets refuses more than 4096 fragments, and httpx-ws is not done after four minutes.
    (64, "fragments of 64 bytes", ["typedws", "aiohttp"]),
)
"""Sizes of fragments, titles, and the clients that can receive such a message."""


class Plan:
    """What is measured, in order.

    Args:
        what: works and measures; all of them if empty.
        clients: by name.
        loops: by name.
        quick: only JSON over TCP.
        address: the server.
    """

    def __init__(
        self, what: Sequence[str], clients: Sequence[str], loops: Sequence[str], *, quick: bool, address: Address
    ) -> None:
        self.what = what or MEASURES
        self.clients = clients
        self.loops = loops
        self.quick = quick
        self.address = address
        self._told: set[str] = set()

    def settings(self, work: str) -> Iterator[Setting]:
        """The settings in which a work is measured."""
        for loop in self.loops:
            yield Setting(loop)
        if self.quick or work == "iterate":
            return
        for loop in self.loops:
            yield Setting(loop, tls=True)
        if work in ("stream", "round_trip"):
            for format in ("pydantic", "cbor", "msgpack"):
                yield Setting(format=format)
        if work != "large":
            yield Setting(compressed=True)

    def able(self, setting: Setting, names: Sequence[str] | None = None) -> list[str]:
        """The clients that can be measured in a setting. Why another cannot is printed, once."""
        able: list[str] = []
        for name in self.clients:
            if names is not None and name not in names:
                continue
            why = why_not(name, setting)
            if why is None:
                able.append(name)
            elif why not in self._told:
                self._told.add(why)
                print(why, flush=True)
        return able

    def instructions(self) -> Iterator[Figure]:
        for loop in self.loops:
            setting = Setting(loop)
            for name in self.able(setting):
                works = [work for work in self.what if work in WORKS and (work != "iterate" or name == "typedws")]
                measure = functools.partial(instructions.count, name, setting, self.address, works)
                for figures in self._tried(f"instructions, {setting.key}, {name}", measure):
                    for work, value in figures.items():
                        yield Figure("instructions", work, setting.key, name, value)

    def run(self) -> Iterator[Figure]:
        for work in self.what:
            if work in WORKS:
                yield from self._cpu(work)
        if "memory" in self.what:
            yield from self._memory()
        if "large-memory" in self.what:
            yield from self._large_memory()
        if "opening" in self.what:
            yield from self._opening()
        if "import" in self.what:
            yield from self._import()
        if "growth" in self.what:
            yield from self._growth()

    def _tried(self, title: str, measure: Callable[[], T]) -> Iterator[T]:
        """What was measured, or nothing where it failed; either is printed."""
        print(f"{title}: ", end="", flush=True)
        try:
            value = measure()
        except (RuntimeError, OSError, subprocess.SubprocessError) as error:
            print(f"failed, {error}", flush=True)
            return
        print(_in_words(value), flush=True)
        yield value

    def _cpu(self, work: str) -> Iterator[Figure]:
        for setting in self.settings(work):
            names = self.able(setting, ["typedws"] if work == "iterate" else None)
            if "typedws" not in names:
                continue
            measure = functools.partial(cputime.measure, names, work, setting, self.address)
            for timed in self._tried(f"CPU time, {work}, {setting.key}", measure):
                for name, time in timed.items():
                    yield Figure("cpu", work, setting.key, name, time.microseconds)
                    if name != "typedws":
                        yield Figure("ratio", work, setting.key, name, time.ratio)

    def _memory(self) -> Iterator[Figure]:
        for setting in (Setting(), Setting("uvloop"), Setting("trio"), Setting(tls=True)):
            if setting.loop in self.loops:
                for name in self.able(setting):
                    measure = functools.partial(memory.idle_connection, name, setting, self.address)
                    for value in self._tried(f"memory of an idle connection, {setting.key}, {name}", measure):
                        yield Figure("memory", "", setting.key, name, value)

    def _large_memory(self) -> Iterator[Figure]:
        for loop in self.loops:
            for fragment, title, names in LARGE_MESSAGES:
                for name in self.able(Setting(loop), names):
                    measure = functools.partial(
                        memory.large_message, name, Setting(loop), self.address, fragment=fragment
                    )
                    for value in self._tried(f"memory of 64 MiB, {title}, {loop}, {name}", measure):
                        yield Figure("large memory", title, loop, name, value)

    def _opening(self) -> Iterator[Figure]:
        for setting in (*map(Setting, self.loops), *(Setting(loop, tls=True) for loop in self.loops)):
            names = self.able(setting, [name for name in CLIENTS if name != "bare"])
            measure = functools.partial(opening.connections_per_second, names, setting, self.address)
            for values in self._tried(f"connections per second, {setting.key}", measure):
                for name, value in values.items():
                    yield Figure("opening", "", setting.key, name, value)

    def _import(self) -> Iterator[Figure]:
        for name in self.able(Setting(), list(opening.IMPORTS)):
            for value in self._tried(f"import, {name}", functools.partial(opening.import_seconds, name)):
                yield Figure("import", "", "import", name, value)

    def _growth(self) -> Iterator[Figure]:
        for loop in self.loops:
            if loop == "trio":
                continue
            setting = Setting(loop)
            for name in self.able(setting, ["bare", "typedws"]):
                for many in growth.CONNECTIONS:
                    measure = functools.partial(growth.by_connections, name, setting, self.address, many)
                    for value in self._tried(f"growth, {many} connections, {loop}, {name}", measure):
                        yield Figure(
                            "growth",
                            f"{many:,} connection{'s' if many > 1 else ''}, µs a round trip",
                            loop,
                            name,
                            value,
                        )
        for loop in self.loops:
            if why_not("typedws", Setting(loop)) is None:
                for size in growth.SIZES:
                    measure = functools.partial(growth.by_size, Setting(loop), self.address, size)
                    for value in self._tried(f"growth, {size} bytes, {loop}", measure):
                        yield Figure("growth", f"{size:,} bytes, ns a byte", loop, "typedws", value)
                for batch in growth.QUEUES:
                    measure = functools.partial(growth.by_queue, Setting(loop), self.address, batch)
                    for value in self._tried(f"growth, batches of {batch}, {loop}", measure):
                        title = "queue never full" if batch == min(growth.QUEUES) else "queue always full"
                        yield Figure("growth", f"{title}, µs a message", loop, "typedws", value)


def _in_words(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_in_words(figure)}" for name, figure in value.items())
    return f"{value:,.3f}" if isinstance(value, float) else str(value)
