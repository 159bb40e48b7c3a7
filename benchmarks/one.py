"""One client that does one work, as a process of its own: what valgrind counts and what memory is measured in.

`python -m benchmarks.one CLIENT WORK COUNT LOOP FORMAT TLS COMPRESSED PLAIN_PORT TLS_PORT AUTHORITY`
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine
from typing import Any

from benchmarks.clients import Connected, client
from benchmarks.setting import Address, Setting
from benchmarks.works import BURST

__all__ = ["arguments", "do", "perform", "run_on"]


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


async def do(name: str, work: str, count: int, setting: Setting, address: Address) -> None:
    module = client(name)
    async with (
        module.sharing(setting, address) as shared,
        module.connect(setting, address, work, shared) as connected,
    ):
        await perform(connected, work, count)


async def perform(connected: Connected, work: str, count: int) -> None:
    """Does a work on an open connection, so many times."""
    if work == "burst":
        for _ in range(count // BURST):
            await connected.burst(BURST)
    else:
        await getattr(connected, work)(count)


def arguments(name: str, work: str, count: int, setting: Setting, address: Address) -> list[str]:
    """The command line of this module."""
    words: list[object] = [name, work, count, setting.loop, setting.format, int(setting.tls), int(setting.compressed)]
    words += [address.plain, address.tls, address.authority]
    return [sys.executable, "-m", "benchmarks.one", *map(str, words)]


def main() -> None:
    name, work, count, loop, format, tls, compressed, plain, secure, authority = sys.argv[1:]
    setting = Setting(loop, tls == "1", format, compressed == "1")
    run_on(loop, do, name, work, int(count), setting, Address(int(plain), int(secure), authority))


if __name__ == "__main__":
    main()
