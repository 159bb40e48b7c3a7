"""Runs the Autobahn test suite against client and server, prints a table, and fails unless every verdict is what it has
to be. `scripts/autobahn` is this program.

    quick    framing, UTF-8, pings, closing: 247 cases, seconds
    full     all 517 cases, with and without permessage-deflate; writes docs/conformance.md; half an hour and more
    setup    only installs the suite
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

import anyio

from tests.autobahn.report import write_page
from tests.autobahn.runs import judge_client, judge_server
from tests.autobahn.suite import UnavailableError, find_or_install
from tests.autobahn.verdicts import DEFLATE, LARGE, QUICK, QUICK_SHARES, Verdicts, complaints, in_shares, table

PAGE = Path(__file__).parent.parent.parent / "docs" / "conformance.md"


def main() -> int:
    """Returns the exit status: 0 where all is as it has to be, or where there is no Python 2.7."""
    arguments = parse_arguments()
    try:
        wstest = find_or_install(say)
    except UnavailableError as error:
        say(f"left out: {error}")
        return 0
    if arguments.set == "setup":
        return 0
    runs: dict[str, Verdicts] = {}
    wrong: list[str] = []
    with tempfile.TemporaryDirectory(prefix="autobahn-") as temporary:
        reports = arguments.reports or Path(temporary)
        for loop in arguments.loops:
            for deflate in (False, True) if arguments.set == "full" else (False,):
                for role in ("client", "server"):
                    name = f"{role}, {loop}{', permessage-deflate' if deflate else ''}"
                    say(f"running {name}")
                    start = time.monotonic()
                    runs[name] = on_loop(loop, partial(judge, wstest, role, arguments.set, deflate, reports / name))
                    say(f"    {len(runs[name])} cases in {time.monotonic() - start:.0f} s")
                    asked = QUICK if arguments.set == "quick" else (*QUICK, *LARGE, *DEFLATE)
                    wrong += [f"{name}: {text}" for text in complaints(runs[name], asked, deflate=deflate)]
    print("\n".join([*table(runs), *wrong]))
    if arguments.set == "full" and not wrong:
        write_page(PAGE, runs)
        say(f"wrote {PAGE.name}")
    say("not as it has to be" if wrong else "every verdict is as it has to be")
    return bool(wrong)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/autobahn", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("set", nargs="?", choices=["quick", "full", "setup"], default="quick")
    loops = ["asyncio", "trio", *(["uvloop"] if importlib.util.find_spec("uvloop") else [])]
    parser.add_argument(
        "--loop", action="append", choices=loops, dest="loops", help="an event loop to run on; may be given again"
    )
    parser.add_argument("--reports", type=Path, help="keep the suite's own reports there")
    arguments = parser.parse_args()
    arguments.loops = arguments.loops or (loops if arguments.set == "quick" else ["asyncio", "trio"])
    return arguments


def on_loop(loop: str, run: Any) -> Verdicts:
    if loop == "trio":
        verdicts: Verdicts = anyio.run(run, backend="trio")
    else:
        verdicts = anyio.run(run, backend_options={"use_uvloop": loop == "uvloop"})
    return verdicts


async def judge(wstest: Path, role: str, which: str, deflate: bool, reports: Path) -> Verdicts:
    if role == "client":
        verdicts = await judge_client(wstest, [QUICK], reports / "quick", deflate=deflate)
    else:
        verdicts = await judge_server(wstest, QUICK_SHARES, reports / "quick", deflate=deflate)
    if which == "full":
        # These have deadlines, and keep both ends busy all the time: a process of the suite for each processor.
        shares = in_shares((*LARGE, *DEFLATE), os.cpu_count() or 1)
        if role == "client":
            verdicts |= await judge_client(wstest, shares, reports / "full", deflate=deflate, at_once=1)
        else:
            verdicts |= await judge_server(wstest, shares, reports / "full", deflate=deflate)
    return verdicts


def say(text: str) -> None:
    print(f"==> {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
