"""Connections opened, and closed, per second, one after the other; and the time that `import` takes."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any

from benchmarks.clients import client
from benchmarks.one import run_on
from benchmarks.server import environment
from benchmarks.setting import Address, Setting

__all__ = ["IMPORTS", "connections_per_second", "import_seconds"]

ROUNDS = 7
CONNECTIONS = 50
IMPORT_RUNS = 7

IMPORTS = {
    "typedws": "import typedws",
    "picows": "import picows",
    "aiohttp": "import aiohttp",
    "websockets": "from websockets.asyncio.client import connect",
    "httpx-ws": "import httpx, httpx_ws",
}
"""What a program imports to be a client."""


def connections_per_second(names: Sequence[str], setting: Setting, address: Address) -> dict[str, float]:
    """The median of rounds in which the clients take turns, by the clock: handshake and close are round trips."""
    seconds: dict[str, list[float]] = run_on(setting.loop, _rounds, names, setting, address)
    return {name: CONNECTIONS / statistics.median(spent) for name, spent in seconds.items()}


async def _rounds(names: Sequence[str], setting: Setting, address: Address) -> dict[str, list[float]]:
    seconds: dict[str, list[float]] = {name: [] for name in names}
    async with AsyncExitStack() as stack:
        shared: dict[str, Any] = {}
        for name in names:
            shared[name] = await stack.enter_async_context(client(name).sharing(setting, address))
        for number in range(ROUNDS + 1):
            for name in names:
                start = time.perf_counter()
                for _ in range(CONNECTIONS):
                    async with client(name).connect(setting, address, "idle", shared[name]):
                        pass
                if number:
                    seconds[name].append(time.perf_counter() - start)
    return seconds


def import_seconds(name: str) -> float:
    """The quickest of some new processes. All of them have the bytecode of what they import, as installed packages do;
    so it makes no difference that typedws runs from a checkout."""
    program = f"import time; start = time.perf_counter(); {IMPORTS[name]}; print(time.perf_counter() - start)"
    command = [sys.executable, "-c", program]
    with tempfile.TemporaryDirectory() as directory:
        kept = {"PYTHONPYCACHEPREFIX": directory, "PYTHONDONTWRITEBYTECODE": ""}
        runs = [
            subprocess.run(command, capture_output=True, text=True, check=True, env={**environment(), **kept})
            for _ in range(IMPORT_RUNS)
        ]
    return min(float(run.stdout) for run in runs)
