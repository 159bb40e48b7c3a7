"""Runs the fuzzer: `scripts/fuzz SECONDS [TARGET...]`. Exit status 1 where something was found."""

from __future__ import annotations

import argparse
import sys

from fuzz.support.campaign import run
from fuzz.support.targets import TARGETS


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/fuzz", description="Looks for inputs that break a promise.")
    parser.add_argument("seconds", type=int, help="how long to look, for all targets together")
    parser.add_argument("targets", nargs="*", metavar="target", help=f"which of {', '.join(TARGETS)}; all unless given")
    parser.add_argument("--minimise", action="store_true", help="choose the kept corpus anew, as small as it may be")
    options = parser.parse_args()
    unknown = sorted(set(options.targets) - set(TARGETS))
    if unknown:
        parser.error(f"there is no target {', '.join(unknown)}; there are {', '.join(TARGETS)}")
    chosen = [TARGETS[name] for name in options.targets or TARGETS]
    if options.seconds < len(chosen):
        parser.error(f"{len(chosen)} targets need at least {len(chosen)} seconds")
    outcomes = []
    for target in chosen:
        outcome = run(target, options.seconds // len(chosen), minimise=options.minimise)
        outcomes.append(outcome)
        print(outcome, flush=True)
    failed = [outcome for outcome in outcomes if outcome.words]
    if failed:
        print(f"found something: {', '.join(outcome.name for outcome in failed)}; docs/fuzzing.md says what to do")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
