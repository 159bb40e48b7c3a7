"""User-space instructions, counted by valgrind: `--tool=cachegrind --cache-sim=no`.

A client runs twice, with two lengths of the same work, and the difference is divided: start-up cancels. A figure
repeats to about 1 %, on any machine of the same kind, however busy. The system's share is not in it; CPU time has that.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor

from benchmarks.one import arguments
from benchmarks.server import environment
from benchmarks.setting import Address, Setting
from benchmarks.works import WORKS

__all__ = ["count", "is_possible"]

VALGRIND = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
LIMIT = 900.0


def is_possible() -> bool:
    return shutil.which("valgrind") is not None


def count(name: str, work: str, setting: Setting, address: Address, lengths: tuple[int, int] | None = None) -> float:
    """Instructions for one unit of a work.

    Args:
        name: the client.
        work: one of `WORKS`.
        setting: the circumstances.
        address: the server.
        lengths: how much is done in the two runs; the work's own unless given.
    """
    few, many = lengths or WORKS[work].counted
    with ThreadPoolExecutor(2) as pool:
        commands = [arguments(name, work, length, setting, address) for length in (few, many)]
        less, more = pool.map(_instructions_of, commands)
    return (more - less) / (many - few)


def _instructions_of(command: list[str]) -> int:
    run = subprocess.run([*VALGRIND, *command], capture_output=True, text=True, timeout=LIMIT, env=environment())
    found = re.search(r"I\s+refs:\s+([\d,]+)", run.stderr)
    if run.returncode != 0 or found is None:
        raise RuntimeError(f"{' '.join(command)} failed under valgrind:\n{run.stderr}")
    return int(found[1].replace(",", ""))
