"""Runs one target in this process, guided by its coverage: `python -m fuzz.support.instrumented TARGET [OPTIONS...]`.

The options are those of libFuzzer. This is the only place that needs atheris.
"""

from __future__ import annotations

import importlib
import shlex
import sys
from typing import Any

INSTRUMENTED = ["typedws", "wsproto", "h11"]
"""Packages whose branches guide the fuzzer; those in C show none."""


def main() -> None:
    name = sys.argv.pop(1)
    atheris: Any = importlib.import_module("atheris")  # which not everybody who checks types has
    with atheris.instrument_imports(include=INSTRUMENTED):
        target = importlib.import_module(f"fuzz.{name}")
    # libFuzzer starts itself anew by a shell, to merge: its own name is how this target is run.
    command = shlex.join([sys.executable, "-m", "fuzz.support.instrumented", name])
    atheris.Setup([command, *sys.argv[1:]], target.check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
