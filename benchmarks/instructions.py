"""User-space instructions, counted by valgrind: `--tool=cachegrind --cache-sim=no`.

A client does two lengths of the same work, and the difference is divided: start-up cancels. A figure repeats to about
1 %, on any machine of the same kind, however busy. The system's share is not in it; CPU time has that.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence

from benchmarks.one import arguments
from benchmarks.server import environment
from benchmarks.setting import Address, Setting
from benchmarks.works import WORKS

__all__ = ["Lengths", "count", "is_possible"]

VALGRIND = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
LIMIT = 900.0

Lengths = tuple[int, int]


def is_possible() -> bool:
    return shutil.which("valgrind") is not None


def count(
    name: str, setting: Setting, address: Address, works: Sequence[str], lengths: dict[str, Lengths] | None = None
) -> dict[str, float]:
    """Instructions for one unit of each work.

    Args:
        name: the client.
        setting: the circumstances.
        address: the server.
        works: some of `WORKS`.
        lengths: how much of each is done; the work's own two lengths unless given.

    Raises:
        RuntimeError: the client failed.
    """
    chosen = {work: (lengths or {}).get(work) or WORKS[work].counted for work in works}
    jobs = [(work, length) for work, pair in chosen.items() for length in pair]
    counted = _counted(arguments(name, setting, address, jobs))
    return {
        work: (counted[f"{work}={many}"] - counted[f"{work}={few}"]) / (many - few)
        for work, (few, many) in chosen.items()
    }


def _counted(command: list[str]) -> dict[str, int]:
    """Instructions of each job, the start-up that they share included."""
    run = subprocess.run([*VALGRIND, *command], capture_output=True, text=True, timeout=LIMIT, env=environment())
    if run.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} failed under valgrind:\n{run.stderr}")
    refs = {found[1]: int(found[2].replace(",", "")) for found in re.finditer(REFS, run.stderr)}
    children = (line.split() for line in run.stdout.splitlines())
    return {job: refs[child] for child, job in children}


REFS = re.compile(r"==(\d+)== I\s+refs:\s+([\d,]+)")
