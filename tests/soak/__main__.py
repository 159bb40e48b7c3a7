"""Puts a server under load, and under clients that come and go, for longer than the tests take. `scripts/soak` is this
program. It prints a table, and fails where a figure is not as it has to be.

    load     10,000 sessions at once, 1,000,000 messages: none is lost, and what a session costs in memory
    churn    clients that come and go, most of them badly, for SECONDS: memory and files stay as they are
    slow     clients that do not read, beside clients that are in a hurry
    all      all of these; writes their section of docs/conformance.md; a quarter of an hour
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import time
from pathlib import Path

from tests.soak.report import Outcome, write_section
from tests.soak.run_churn import churn
from tests.soak.run_load import load
from tests.soak.run_slow import slow

PAGE = Path(__file__).parent.parent.parent / "docs" / "conformance.md"

PARTS = ("load", "slow", "churn")


def main() -> int:
    """Returns the exit status: 0 where all is as it has to be."""
    arguments = parse_arguments()
    if sys.platform == "win32":
        print("scripts/soak reads /proc and /dev/fd, which Windows has not")
        return 0
    outcomes: list[Outcome] = []
    for name in PARTS if arguments.part == "all" else [arguments.part]:
        say(name)
        start = time.monotonic()
        outcomes.append(run(name, arguments))
        print("\n".join(["", *outcomes[-1].table(), "", *outcomes[-1].complaints]))
        say(f"{name} took {time.monotonic() - start:.0f} s")
    wrong = any(outcome.complaints for outcome in outcomes)
    if arguments.part == "all":
        write_section(PAGE, outcomes)
        say(f"wrote {PAGE.name}")
    say("not as it has to be" if wrong else "every figure is as it has to be")
    return wrong


def run(name: str, arguments: argparse.Namespace) -> Outcome:
    if name == "load":
        return load(arguments.loops, say, sessions=arguments.sessions)
    if name == "churn":
        return churn(arguments.loops, seconds=arguments.seconds)
    return slow(arguments.loops)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/soak", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("part", nargs="?", choices=[*PARTS, "all"], default="all")
    parser.add_argument(
        "seconds", nargs="?", type=float, default=420.0, help="how long clients come and go; 420 unless given"
    )
    parser.add_argument("--sessions", type=int, default=10_000, help="sessions of load; 10,000 unless given")
    loops = ["asyncio", *(["uvloop"] if importlib.util.find_spec("uvloop") else []), "trio"]
    parser.add_argument(
        "--loop", action="append", choices=loops, dest="loops", help="an event loop to run on; may be given again"
    )
    arguments = parser.parse_args()
    arguments.loops = arguments.loops or loops
    return arguments


def say(text: str) -> None:
    print(f"==> {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
