"""What the runs came to: tables, and their section of docs/conformance.md."""

from __future__ import annotations

import datetime
import os
import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TypeAlias

import typedws

Say: TypeAlias = Callable[[str], None]
"""Prints what is going on."""

BEGIN, END = "<!-- load -->", "<!-- /load -->"

SECTION = """\
## Load and soak

Every part runs with one process that is `serve` and one or two that are clients, on 127.0.0.1 and on each event loop.
`scripts/soak all` makes such a run, with 10,000 sessions and 7 minutes unless told otherwise, and writes this
section anew; `scripts/soak --help` tells of its parts. This was on
{date}, with typedws {typedws}, Python {python}, {dependencies}, on {machine}.
"""


@dataclass
class Outcome:
    """One part of a run.

    Attributes:
        title: what was done.
        columns: what the table's columns are.
        rows: a row for each event loop.
        notes: what has to be known to read the table.
        complaints: what is not as it has to be.
    """

    title: str
    columns: Sequence[str]
    rows: list[list[str]] = field(default_factory=list)
    notes: str = ""
    complaints: list[str] = field(default_factory=list)

    def check(self, right: bool, complaint: str) -> None:
        """Keeps `complaint` unless it is as it has to be."""
        if not right:
            self.complaints.append(complaint)

    def table(self) -> list[str]:
        """The table in Markdown."""
        lines = [list(self.columns), *self.rows]
        widths = [max(len(line[column]) for line in lines) for column in range(len(self.columns))]
        ruler = [f"{'-' * (width - 1)}:" if index else "-" * width for index, width in enumerate(widths)]
        padded = [
            [
                cell.rjust(width) if index else cell.ljust(width)
                for index, (cell, width) in enumerate(zip(line, widths, strict=True))
            ]
            for line in lines
        ]
        return [f"| {' | '.join(line)} |" for line in (padded[0], ruler, *padded[1:])]


def write_section(page: Path, outcomes: Sequence[Outcome]) -> None:
    """Puts these outcomes into the page: between the markers, or at its end where there are none."""
    parts = [
        SECTION.format(
            date=datetime.datetime.now(datetime.UTC).strftime("%-d %B %Y"),
            typedws=typedws.__version__,
            python=platform.python_version(),
            dependencies=", ".join(f"{name} {version(name)}" for name in ("anyio", "trio", "uvloop", "msgspec")),
            machine=machine(),
        )
    ]
    for outcome in outcomes:
        parts.append(f"### {outcome.title}\n\n" + "\n".join(outcome.table()) + f"\n\n{outcome.notes.strip()}\n")
        if outcome.complaints:
            parts.append("Not as it has to be:\n\n" + "".join(f"- {text}\n" for text in outcome.complaints))
    text = page.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    section = "\n".join([BEGIN, *parts]) + END
    page.write_text(f"{before.rstrip()}\n\n{section}{after or chr(10)}", encoding="utf-8")


def machine() -> str:
    """The processors that this runs on."""
    model = platform.machine()
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    except OSError:
        pass
    return f"{os.cpu_count()} cores ({model}) with {platform.system()} {platform.release().split('-')[0]}"
