"""Runs the Autobahn test suite against client and server, prints a table, and fails unless every verdict is what it has
to be. `scripts/autobahn` is this program.

    quick    framing, UTF-8, pings, closing: 247 cases, seconds
    full     all 517 cases, with and without permessage-deflate; writes docs/conformance.md; an hour and more
    setup    only installs the suite

The protocol is tried in both of its forms, compiled on every event loop and plain on the first. A process has one form,
so the other one runs in a process of its own.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import anyio

from tests.autobahn.report import write_page
from tests.autobahn.runs import judge_client, judge_server
from tests.autobahn.suite import UnavailableError, find_or_install
from tests.autobahn.verdicts import DEFLATE, LARGE, QUICK, QUICK_SHARES, Verdicts, complaints, in_shares, table
from typedws.protocol import compiled

FORM = "compiled" if compiled else "plain"
"""What this process has."""

FORMS = ["compiled", "plain"] if compiled else ["plain"]
"""What there is. Where `TYPEDWS_PLAIN=1` is set there is nothing else to be had."""

WITH_DEFLATE = ", permessage-deflate"

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
    with tempfile.TemporaryDirectory(prefix="autobahn-") as temporary:
        reports = arguments.reports or Path(temporary)
        for form in arguments.forms:
            loops = arguments.loops if form == arguments.forms[0] else arguments.loops[:1]
            if form == FORM:
                runs |= run(wstest, arguments.set, loops, reports)
            else:
                runs |= run_elsewhere(form, arguments.set, loops, reports, Path(temporary) / "verdicts.json")
    if arguments.verdicts is not None:
        arguments.verdicts.write_text(json.dumps(runs))
        return 0
    asked = QUICK if arguments.set == "quick" else (*QUICK, *LARGE, *DEFLATE)
    wrong = [
        f"{name}: {text}"
        for name, verdicts in runs.items()
        for text in complaints(verdicts, asked, deflate=name.endswith(WITH_DEFLATE))
    ]
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
    parser.add_argument(
        "--form", action="append", choices=FORMS, dest="forms", help="a form of the protocol; may be given again"
    )
    parser.add_argument("--reports", type=Path, help="keep the suite's own reports there")
    parser.add_argument("--verdicts", type=Path, help=argparse.SUPPRESS)  # of a process for the other form
    arguments = parser.parse_args()
    arguments.loops = arguments.loops or (loops if arguments.set == "quick" else ["asyncio", "trio"])
    arguments.forms = arguments.forms or FORMS
    return arguments


def run(wstest: Path, which: str, loops: Sequence[str], reports: Path) -> dict[str, Verdicts]:
    """The verdicts on this process's form, by the name of the run."""
    runs = {}
    for loop in loops:
        for deflate in (False, True) if which == "full" else (False,):
            for role in ("client", "server"):
                name = f"{role}, {loop}, {FORM}{WITH_DEFLATE if deflate else ''}"
                say(f"running {name}")
                start = time.monotonic()
                runs[name] = on_loop(loop, partial(judge, wstest, role, which, deflate, reports / name))
                say(f"    {len(runs[name])} cases in {time.monotonic() - start:.0f} s")
    return runs


def run_elsewhere(form: str, which: str, loops: Sequence[str], reports: Path, verdicts: Path) -> dict[str, Verdicts]:
    """The same on the other form, in a process that has it."""
    command = [sys.executable, "-m", "tests.autobahn", which, "--form", form, "--reports", str(reports)]
    command += [f"--loop={loop}" for loop in loops]
    environment = {**os.environ, "TYPEDWS_PLAIN": "1" if form == "plain" else "0"}
    subprocess.run([*command, "--verdicts", str(verdicts)], env=environment, check=True)
    return {
        name: {case: (behavior, closing) for case, (behavior, closing) in cases.items()}
        for name, cases in json.loads(verdicts.read_text()).items()
    }


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
