"""The baseline: instructions of typedws itself, which a test compares a new count with.

Figures are kept for each kind of interpreter, and for the compiled and the plain form: they differ much more than a
regression would. `python -m benchmarks --baseline` writes those of the interpreter and the codec that it runs with.
"""

from __future__ import annotations

import json
import platform
import sys
import sysconfig
from pathlib import Path

import typedws.protocol
from benchmarks import instructions
from benchmarks.setting import Address, Setting

__all__ = ["ALLOWED", "FILE", "GUARDED", "codec", "count", "expected", "interpreter", "rewrite"]

FILE = Path(__file__).parent / "baseline.json"

ALLOWED = 1.10
"""More than this times the baseline is a regression."""

GUARDED: dict[str, instructions.Lengths] = {
    "stream": (500, 2_500),
    "round_trip": (100, 500),
    "burst": (1_000, 3_000),
    "large": (1, 4),
}
"""The works that are guarded, on asyncio, and the lengths that are counted."""


def interpreter() -> str:
    """The kind of interpreter: one that was built with optimisation needs fewer instructions for the same."""
    arguments = sysconfig.get_config_var("CONFIG_ARGS") or ""
    optimised = " optimised" if "--enable-optimizations" in arguments else ""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return f"{platform.python_implementation()} {version} {platform.machine()}{optimised}"


def codec() -> str:
    return "compiled" if getattr(typedws.protocol, "compiled", False) else "plain"


def count(address: Address) -> dict[str, float]:
    """Counts what is guarded, now."""
    return instructions.count("typedws", Setting(), address, list(GUARDED), GUARDED)


def expected() -> dict[str, float]:
    """What the baseline says; nothing where it has no figures for this interpreter and codec."""
    return _read().get(interpreter(), {}).get(codec(), {})


def rewrite(address: Address) -> dict[str, float]:
    """Counts everything that is guarded, and writes it down."""
    figures: dict[str, float] = {work: round(figure) for work, figure in count(address).items()}
    kept = _read()
    kept.setdefault(interpreter(), {})[codec()] = figures
    FILE.write_text(json.dumps(kept, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return figures


def _read() -> dict[str, dict[str, dict[str, float]]]:
    if not FILE.exists():
        return {}
    kept: dict[str, dict[str, dict[str, float]]] = json.loads(FILE.read_text(encoding="utf-8"))
    return kept
