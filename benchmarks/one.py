"""One client that does its work in a process of its own, which is what valgrind counts.

`python -m benchmarks.one CLIENT LOOP FORMAT TLS COMPRESSED PLAIN_PORT TLS_PORT AUTHORITY WORK=COUNT...`

Each piece of work is done in a child that is forked when everything has been imported, two of them at a time, and the
number of each child is printed. So start-up, which takes longer than the work, is paid for once.
"""

from __future__ import annotations

import asyncio
import os
import sys
import traceback
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from benchmarks.clients import Connected, client
from benchmarks.setting import Address, Setting
from benchmarks.works import BURST

__all__ = ["arguments", "perform", "run_on"]

AT_A_TIME = 2


def run_on(loop: str, function: Callable[..., Coroutine[Any, Any, Any]], *arguments: Any) -> Any:
    """Runs a coroutine function on an event loop."""
    if loop == "trio":
        import trio

        return trio.run(function, *arguments)
    if loop == "uvloop":
        import uvloop

        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(function(*arguments))
    return asyncio.run(function(*arguments))


async def perform(connected: Connected, work: str, count: int) -> None:
    """Does a work on an open connection, so many times."""
    if work == "burst":
        for _ in range(count // BURST):
            await connected.burst(BURST)
    else:
        await getattr(connected, work)(count)


async def do(name: str, work: str, count: int, setting: Setting, address: Address) -> None:
    module = client(name)
    async with (
        module.sharing(setting, address) as shared,
        module.connect(setting, address, work, shared) as connected,
    ):
        await perform(connected, work, count)


def in_child(job: str, name: str, setting: Setting, address: Address) -> None:
    """Forks a child that does a job, and prints its number and the job."""
    child = os.fork()
    if child:
        print(child, job, flush=True)
        return
    status = 1
    try:
        work, count = job.split("=")
        run_on(setting.loop, do, name, work, int(count), setting, address)
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def arguments(name: str, setting: Setting, address: Address, jobs: Sequence[tuple[str, int]]) -> list[str]:
    """The command line of this module."""
    words: list[object] = [name, setting.loop, setting.format, int(setting.tls), int(setting.compressed)]
    words += [address.plain, address.tls, address.authority, *(f"{work}={count}" for work, count in jobs)]
    return [sys.executable, "-m", "benchmarks.one", *map(str, words)]


def main() -> None:
    name, loop, format, tls, compressed, plain, secure, authority, *jobs = sys.argv[1:]
    setting = Setting(loop, tls == "1", format, compressed == "1")
    address = Address(int(plain), int(secure), authority)
    client(name)
    setting.codec()
    if loop != "asyncio":
        __import__(loop)
    failed = running = 0
    for job in jobs:
        if running == AT_A_TIME:
            failed |= os.wait()[1]
            running -= 1
        in_child(job, name, setting, address)
        running += 1
    for _ in range(running):
        failed |= os.wait()[1]
    sys.exit(failed != 0)


if __name__ == "__main__":
    main()
