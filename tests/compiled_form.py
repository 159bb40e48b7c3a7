"""In which form typedws runs here, and whether the compiled one is of the source that is beside it.

`python tests/compiled_form.py` prints `compiled`, `plain` or `older`; the scripts ask it, and so does `conftest.py`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import Literal

from typedws import protocol

__all__ = ["form", "is_older"]

PACKAGE = Path(str(protocol.__file__)).parent.parent
MODULES = (*protocol.HOT, *protocol.IN_C)


def form() -> Literal["compiled", "plain", "older"]:
    """`older`: the source has been written to since it was compiled, or not all of it has been compiled."""
    compiled = compiled_files()
    if protocol.compiled:
        return "older" if is_older(compiled, sources()) else "compiled"
    wanted = os.environ.get("TYPEDWS_PLAIN", "") in ("", "0")
    return "older" if compiled and wanted else "plain"


def compiled_files() -> list[Path]:
    """Those that this Python would load."""
    candidates = (PACKAGE.parent / (name.replace(".", "/") + end) for name in MODULES for end in EXTENSION_SUFFIXES)
    return [path for path in candidates if path.exists()]


def sources() -> list[Path]:
    """What they are made from. An installed wheel has no `.pxd` and no `.c`, so there is nothing to compare."""
    declared = sorted(PACKAGE.rglob("*.pxd"))
    return [*declared, *(path.with_suffix(".py") for path in declared), *PACKAGE.rglob("*.c")]


def is_older(compiled: Sequence[Path], sources: Sequence[Path]) -> bool:
    """Whether any of `compiled` is older than any of `sources`. A compilation writes all of them, so they are of one
    age; what is unpacked or copied may have one time for everything, which is not older."""
    if not sources:
        return False
    return min(path.stat().st_mtime_ns for path in compiled) < max(path.stat().st_mtime_ns for path in sources)


if __name__ == "__main__":
    print(form())
