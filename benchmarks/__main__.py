"""`python -m benchmarks` measures everything that needs no tool, and draws tables and picture.

See docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import sys

from benchmarks import baseline, instructions
from benchmarks.clients import CLIENTS
from benchmarks.page import draw
from benchmarks.plan import MEASURES, Plan
from benchmarks.results import Results
from benchmarks.server import allow_many_connections, serving
from benchmarks.setting import LOOPS


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Measures typedws beside other libraries, on the same work."
    )
    parser.add_argument("what", nargs="*", help=f"works or measures: {', '.join(MEASURES)}; all unless given")
    parser.add_argument("--instructions", action="store_true", help="count instructions with valgrind instead")
    parser.add_argument("--clients", default=",".join(CLIENTS), help="which clients, with commas")
    parser.add_argument("--loops", default=",".join(LOOPS), help="which event loops, with commas")
    parser.add_argument("--quick", action="store_true", help="JSON over TCP only")
    parser.add_argument("--baseline", action="store_true", help="count anew what the test suite compares with")
    parser.add_argument("--draw", action="store_true", help="measure nothing, draw tables and picture anew")
    options = parser.parse_args()
    unknown = set(options.what) - set(MEASURES)
    if unknown:
        parser.error(f"{', '.join(sorted(unknown))}: one of {', '.join(MEASURES)} is meant")
    results = Results.load()
    if options.draw:
        draw(results)
        return
    if (options.instructions or options.baseline) and not instructions.is_possible():
        sys.exit("valgrind is not installed: nothing was counted")
    allow_many_connections()
    with serving() as address:
        if options.baseline:
            for work, instructions_now in baseline.rewrite(address).items():
                print(f"{work}: {instructions_now:,}")
            return
        plan = Plan(
            options.what, options.clients.split(","), options.loops.split(","), quick=options.quick, address=address
        )
        for figure in plan.instructions() if options.instructions else plan.run():
            results.put(figure)
            results.save()
    draw(results)


if __name__ == "__main__":
    main()
