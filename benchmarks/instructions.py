"""User-space instructions per received message, from the socket to a typed value.

`python -m benchmarks.instructions` runs the same client under `valgrind --tool=cachegrind` for two lengths of the same
stream and divides the difference, so that start-up cancels. The figure repeats to about 1 % on any machine, however
busy. It needs valgrind.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import sys

import msgspec

from typedws.client import connect

SHORT, LONG = 2_000, 12_000


class Tick(msgspec.Struct, tag_field="type", tag="tick"):
    symbol: str
    price: float
    size: int
    ts: int
    side: str


async def receive(url: str, count: int) -> None:
    async with connect(url) as session:
        for _ in range(count):
            await session.receive_deserialized(Tick)


async def iterate(url: str, count: int) -> None:
    seen = 0
    async with connect(url) as session:
        async for _ in session.iter_deserialized(Tick):
            seen += 1
    assert seen == count


CLIENTS = {"receive": receive, "iterate": iterate}


def count_instructions(name: str, port: str, count: int) -> int:
    command = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null", sys.executable]
    command += ["-m", "benchmarks.instructions", name, f"ws://127.0.0.1:{port}/{count}", str(count)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    refs = re.search(r"I\s+refs:\s+([\d,]+)", run.stderr)
    assert refs is not None, run.stderr
    return int(refs[1].replace(",", ""))


def main() -> None:
    if len(sys.argv) == 4:
        asyncio.run(CLIENTS[sys.argv[1]](sys.argv[2], int(sys.argv[3])))
        return
    if shutil.which("valgrind") is None:
        sys.exit("valgrind is not installed: nothing was measured")
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.feed"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as feed:
        assert feed.stdout is not None
        port = feed.stdout.readline().strip()
        for name in CLIENTS:
            few, many = (count_instructions(name, port, count) for count in (SHORT, LONG))
            print(f"{name}: {(many - few) / (LONG - SHORT):,.0f} instructions per message", flush=True)
        feed.terminate()


if __name__ == "__main__":
    main()
