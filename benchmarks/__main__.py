"""`python -m benchmarks` measures everything that needs no tool, and draws tables and picture.

See docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import os
import sys

from benchmarks import baseline, instructions
from benchmarks.clients import CLIENTS
from benchmarks.page import draw
from benchmarks.plan import MEASURES, Plan
from benchmarks.results import Results
from benchmarks.server import allow_many_connections, serving
from benchmarks.setting import LOOPS
from typedws.protocol import compiled


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Measures typedws beside other libraries, on the same work."
    )
    parser.add_argument("what", nargs="*", help=f"works or measures: {', '.join(MEASURES)}; all unless given")
    parser.add_argument("--instructions", action="store_true", help="count instructions with valgrind instead")
    parser.add_argument("--clients", default=",".join(CLIENTS), help="which clients, with commas")
    parser.add_argument("--loops", default=",".join(LOOPS), help="which event loops, with commas")
    parser.add_argument("--quick", action="store_true", help="works with JSON over TCP only")
    parser.add_argument("--baseline", action="store_true", help="count anew what the test suite compares with")
    parser.add_argument("--draw", action="store_true", help="measure nothing, draw tables and picture anew")
    options = parser.parse_args()
    clients = options.clients.split(",")
    for given, known in ((options.what, MEASURES), (clients, CLIENTS)):
        if unknown := set(given) - set(known):
            parser.error(f"{', '.join(sorted(unknown))}: one of {', '.join(known)} is meant")
    if "typedws" not in clients:
        parser.error("--clients: typedws is what the others are compared with, so it has to be among them")
    # typedws is measured as it is installed without extras, in this process and in those that it starts.
    os.environ.setdefault("TYPEDWS_FAST", "0")
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
        plan = Plan(options.what, clients, options.loops.split(","), quick=options.quick, address=address)
        for figure in plan.instructions() if options.instructions else plan.run():
            results.put(figure)
            if compiled:
                results.save()
    if compiled:
        draw(results)
    else:
        print("these figures are of the plain form, and not kept: the page is about the compiled one")


if __name__ == "__main__":
    main()
