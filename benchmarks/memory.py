"""Memory: of an idle connection, and of a large message while it arrives. Each is measured in a process of its own, on
Linux.

`python -m benchmarks.memory CLIENT WORK LOOP PLAIN_PORT TLS_PORT AUTHORITY [REQUEST]` prints bytes.
"""

from __future__ import annotations

import gc
import re
import resource
import subprocess
import sys
from contextlib import AsyncExitStack
from pathlib import Path

from benchmarks.clients import client
from benchmarks.one import run_on
from benchmarks.server import allow_many_connections, environment
from benchmarks.setting import Address, Setting

__all__ = ["MESSAGE", "idle_connection", "large_message"]

CONNECTIONS = 1000
WARM = 20
"""Connections that are opened before the first look, so that what is loaded once is not counted."""

SMALL = 100_000
"""A message that is received before the first look."""

MESSAGE = 64 * 1024 * 1024


def idle_connection(name: str, setting: Setting, address: Address) -> float:
    """Bytes that a connection takes: the resident memory that 1000 of them add, divided."""
    return _measured(name, "idle", setting, address) / CONNECTIONS


def large_message(name: str, setting: Setting, address: Address, *, fragment: int) -> float:
    """The peak of memory while a message of 64 MiB is received, divided by its length.

    Args:
        fragment: the size of its fragments; `MESSAGE` for one frame.
    """
    return _measured(name, "fetch", setting, address, f"{MESSAGE} {fragment}") / MESSAGE


def _measured(name: str, work: str, setting: Setting, address: Address, request: str = "") -> int:
    command = [sys.executable, "-m", "benchmarks.memory", name, work, setting.loop, str(int(setting.tls))]
    command += [str(address.plain), str(address.tls), address.authority, request]
    run = subprocess.run(command, capture_output=True, text=True, timeout=300, env=environment())
    if run.returncode != 0:
        raise RuntimeError(run.stderr.strip(" |+-\n").rpartition("\n")[2].strip(" |"))
    return int(run.stdout)


def resident() -> int:
    """The resident memory of this process now, in bytes."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize()


def forget_peak() -> None:
    """From now on `peak` knows nothing of what was before."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def peak() -> int:
    """The highest resident memory, in bytes. Not that of `getrusage`, which a process inherits from the one that
    started it."""
    found = re.search(r"^VmHWM:\s+(\d+) kB$", Path("/proc/self/status").read_text(encoding="ascii"), re.MULTILINE)
    assert found is not None
    return int(found[1]) * 1024


async def added_by_connections(name: str, setting: Setting, address: Address) -> int:
    module = client(name)
    async with AsyncExitStack() as stack:
        shared = await stack.enter_async_context(module.sharing(setting, address))
        before = 0
        for number in range(WARM + CONNECTIONS):
            if number == WARM:
                before = resident()
            await stack.enter_async_context(module.connect(setting, address, "idle", shared))
        return resident() - before


async def added_by_message(name: str, setting: Setting, address: Address, request: str) -> int:
    module = client(name)
    async with (
        module.sharing(setting, address) as shared,
        module.connect(setting, address, "fetch", shared) as connected,
    ):
        assert await connected.fetch(f"{SMALL} {SMALL}") == SMALL
        before = resident()
        forget_peak()
        assert await connected.fetch(request) == MESSAGE
        return peak() - before


def main() -> None:
    name, work, loop, tls, plain, secure, authority, request = sys.argv[1:]
    allow_many_connections()
    setting, address = Setting(loop, tls == "1"), Address(int(plain), int(secure), authority)
    if work == "idle":
        print(run_on(loop, added_by_connections, name, setting, address))
    else:
        print(run_on(loop, added_by_message, name, setting, address, request))


if __name__ == "__main__":
    main()
