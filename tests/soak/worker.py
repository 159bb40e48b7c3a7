"""One part of a run in a process of its own: `python -m tests.soak.worker LOOP KIND OPTIONS`.

It reads a line for each thing that it is asked to do, and writes a line with the result; both are JSON. It ends with
its input. `Worker` is the other end.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import anyio
import anyio.to_thread

KINDS = {
    "host": "tests.soak.host:Host",
    "bare host": "tests.soak.bare:BareHost",
    "bare crowd": "tests.soak.bare:BareCrowd",
    "crowd": "tests.soak.load:Crowd",
    "strangers": "tests.soak.churn:Strangers",
    "readers": "tests.soak.slow:Readers",
    "sleepers": "tests.soak.slow:Sleepers",
}


class Worker:
    """A process that does what it is asked to.

    Args:
        loop: its event loop: asyncio, uvloop or trio.
        kind: what it is; see `KINDS`.
        options: keyword arguments of that class.
    """

    def __init__(self, loop: str, kind: str, **options: Any) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.soak.worker", loop, kind, json.dumps(options)],
            cwd=Path(__file__).parent.parent.parent,
            # Without glibc's caches for each thread: it counts what is in them as in use.
            env=os.environ | {"GLIBC_TUNABLES": "glibc.malloc.tcache_count=0", "MALLOC_ARENA_MAX": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self, name: str, **arguments: Any) -> None:
        """Asks for something; `result` has what came of it."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([name, arguments]) + "\n")
        self._process.stdin.flush()

    def result(self) -> Any:
        """What came of the thing that was asked for first.

        Raises:
            RuntimeError: the process failed; it has said on its standard error why.
        """
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"a worker failed: {self._process.args!r}")
        return json.loads(line)

    def ask(self, name: str, **arguments: Any) -> Any:
        """Asks for something and waits for it."""
        self.start(name, **arguments)
        return self.result()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with self._process:
            if exc_type is not None:
                self._process.kill()


async def work(kind: str, options: dict[str, Any]) -> None:
    module, name = KINDS[kind].split(":")
    part = getattr(importlib.import_module(module), name)(**options)
    async with part:
        while line := await anyio.to_thread.run_sync(sys.stdin.readline):
            asked, arguments = json.loads(line)
            # Interned, because CPython's cache of attributes would keep each of these strings.
            print(json.dumps(await getattr(part, sys.intern(asked))(**arguments)), flush=True)


def main() -> None:
    loop, kind, options = sys.argv[1:]
    logging.disable()  # handlers fail on purpose
    anyio.run(
        work,
        kind,
        json.loads(options),
        backend="trio" if loop == "trio" else "asyncio",
        backend_options={} if loop == "trio" else {"use_uvloop": loop == "uvloop"},
    )


if __name__ == "__main__":
    main()
