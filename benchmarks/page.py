"""Writes the tables into `docs/benchmarks.md`, between markers, and draws `docs/benchmarks.svg`."""

from __future__ import annotations

import re
from pathlib import Path

from benchmarks.picture import picture
from benchmarks.results import Results
from benchmarks.table import TABLES

__all__ = ["draw"]

DOCS = Path(__file__).parent.parent / "docs"
MARKED = re.compile(r"(<!-- measured: ([a-z ]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def draw(results: Results) -> None:
    page = DOCS / "benchmarks.md"

    def filled(match: re.Match[str]) -> str:
        return f"{match[1]}\n{TABLES[match[2]](results)}\n\n{match[3]}"

    page.write_text(MARKED.sub(filled, page.read_text(encoding="utf-8")), encoding="utf-8")
    (DOCS / "benchmarks.svg").write_text(picture(results), encoding="utf-8")
