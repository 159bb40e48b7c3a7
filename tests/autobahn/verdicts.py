"""What the test suite says about each case, and what it has to say.

Every case has two verdicts: on what was done, and on how the connection was closed. Three cases are INFORMATIONAL
whatever is done in them (a Close right behind a large message, and close codes from 5000 on). Without
permessage-deflate its cases are UNIMPLEMENTED. All else must be OK: NON-STRICT is not good enough.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, TypeAlias

QUICK: Final = ("1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "10.*")
"""Framing, UTF-8, pings, closing."""

QUICK_SHARES: Final = (
    ("6.4.*",),  # waits 4 seconds in all
    ("1.*", "2.*", "3.*", "4.*", "5.*", "7.*", "10.*"),  # waits 2 seconds
    tuple(f"6.{number}.*" for number in range(1, 24) if number != 4),
)
"""The same in shares that take about as long as each other."""

LARGE: Final = ("9.*",)
"""Messages of up to 16 MiB, in one piece and in up to 65,536."""

DEFLATE: Final = ("12.*", "13.*")
"""1000 messages in each case, of many sizes, with many parameters of permessage-deflate."""

COUNTS: Final = {"1": 16, "2": 11, "3": 7, "4": 10, "5": 20, "6": 145, "7": 37, "9": 54, "10": 1, "12": 90, "13": 126}
"""How many cases there are in each group."""

SUBGROUPS: Final = {"9": 8, "12": 5, "13": 7}

ALWAYS_INFORMATIONAL: Final = frozenset({"7.1.6", "7.13.1", "7.13.2"})

Verdicts: TypeAlias = dict[str, tuple[str, str]]
"""By the number of a case: the verdict on what was done, and the one on the closing."""


def read(report: Path) -> Verdicts:
    """The verdicts in an index.json, which has one agent."""
    (cases,) = json.loads(report.read_text()).values()
    return {case: (result["behavior"], result["behaviorClose"]) for case, result in cases.items()}


def complaints(verdicts: Verdicts, patterns: Iterable[str], *, deflate: bool) -> list[str]:
    """What is not as it has to be; nothing where all is well.

    Args:
        verdicts: those of a run.
        patterns: the cases that were asked for: QUICK, LARGE, DEFLATE or several of them.
        deflate: whether permessage-deflate was offered and accepted.
    """
    groups = [pattern.removesuffix(".*") for pattern in patterns]
    run = Counter(group_of(case) for case in verdicts)
    found = [
        f"group {group}: {run[group]} cases were run, not {COUNTS[group]}"
        for group in groups
        if run[group] != COUNTS[group]
    ]
    for case, (behavior, closing) in sorted(verdicts.items(), key=lambda item: order(item[0])):
        wanted = expected(case, deflate=deflate)
        if behavior != wanted:
            found.append(f"{case}: {behavior}, not {wanted}")
        if closing not in ("OK", wanted):
            found.append(f"{case}: {closing} in closing")
    return found


def doubtful(verdicts: Verdicts, *, deflate: bool) -> list[str]:
    """The cases whose verdicts are not as they have to be."""
    return sorted({text.partition(":")[0] for text in complaints(verdicts, (), deflate=deflate)}, key=order)


def expected(case: str, *, deflate: bool) -> str:
    """What the verdict on a case has to be."""
    if case in ALWAYS_INFORMATIONAL:
        return "INFORMATIONAL"
    if not deflate and group_of(case) in ("12", "13"):
        return "UNIMPLEMENTED"
    return "OK"


def group_of(case: str) -> str:
    return case.split(".")[0]


def order(case: str) -> tuple[int, ...]:
    return tuple(int(number) for number in case.split("."))


def table(runs: Mapping[str, Verdicts]) -> list[str]:
    """The runs and their verdicts as lines of a Markdown table."""
    kinds = ["OK", "INFORMATIONAL", "UNIMPLEMENTED", "NON-STRICT", "FAILED"]
    rows = [["run", "cases", *kinds]]
    for name, verdicts in runs.items():
        counts = Counter(behavior for behavior, _ in verdicts.values())
        counts["FAILED"] = len(verdicts) - sum(counts[kind] for kind in kinds[:-1])
        rows.append([name, str(len(verdicts)), *(str(counts[kind]) for kind in kinds)])
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]))]
    rule = "|".join(["-" * (widths[0] + 2), *("-" * (width + 1) + ":" for width in widths[1:])])
    lines = ["| " + " | ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) + " |" for row in rows]
    return [lines[0], f"|{rule}|", *lines[1:]]


def in_shares(patterns: Iterable[str], number: int) -> list[list[str]]:
    """The cases of some groups, dealt out by subgroup."""
    subgroups = [
        f"{pattern.removesuffix('.*')}.{subgroup}.*"
        for pattern in patterns
        for subgroup in range(1, 1 + SUBGROUPS[pattern.removesuffix(".*")])
    ]
    return [subgroups[index::number] for index in range(number)]
