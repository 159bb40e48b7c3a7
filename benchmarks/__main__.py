"""`python -m benchmarks`: see docs/benchmarks.md."""

from __future__ import annotations

import argparse
import sys

from benchmarks import instructions
from benchmarks.clients import CLIENTS, why_not
from benchmarks.server import serving
from benchmarks.setting import LOOPS, Setting
from benchmarks.works import WORKS


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("works", nargs="*")
    parser.add_argument("--instructions", action="store_true")
    parser.add_argument("--clients", default=",".join(CLIENTS))
    parser.add_argument("--loops", default="asyncio,uvloop")
    parser.add_argument("--format", default="json")
    parser.add_argument("--tls", action="store_true")
    parser.add_argument("--compressed", action="store_true")
    options = parser.parse_args()
    with serving() as address:
        for work in options.works or ["stream", "iterate", "round_trip", "burst", "large"]:
            for loop in options.loops.split(","):
                for name in options.clients.split(","):
                    setting = Setting(loop, options.tls, options.format, options.compressed)
                    if why_not(name, setting) or (work == "iterate" and name != "typedws"):
                        continue
                    figure = instructions.count(name, work, setting, address)
                    print(f"{work:12} {setting.key:20} {name:12} {figure:14,.0f}", flush=True)


if __name__ == "__main__":
    main()
