"""Tables of the results, as Markdown: a row for each work and setting, a column for each client."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from benchmarks.clients import CLIENTS
from benchmarks.results import Results
from benchmarks.works import WORKS

__all__ = ["TABLES", "grid"]


def grid(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table; the first column stands left, the others right."""
    head = list(head)
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *map(list, rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def by_client(results: Results, measure: str, form: Callable[[float], str], *, works: bool = True) -> str:
    """A table with the clients as columns; the best figure of a row is bold, the bare client aside."""
    rows = results.rows(measure)
    names = [name for name in CLIENTS if any(results.value(measure, *row, name) is not None for row in rows)]
    lines: list[list[str]] = []
    for work, setting in rows:
        values = {name: results.value(measure, work, setting, name) for name in names}
        known = [value for name, value in values.items() if value is not None and name != "bare"]
        best = (max if measure == "opening" else min)(known, default=None)
        title = f"{WORKS[work].title}, {setting}" if works else f"{work}, {setting}" if work else setting
        cells = [
            "" if value is None else f"**{form(value)}**" if value == best and name != "bare" else form(value)
            for name, value in values.items()
        ]
        lines.append([title, *cells])
    return grid(["", *names], lines)


def whole(value: float) -> str:
    return f"{value:,.0f}"


def three_digits(value: float) -> str:
    """A figure of any size, to three digits."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def instructions(results: Results) -> str:
    return by_client(results, "instructions", whole)


def cpu(results: Results) -> str:
    return by_client(results, "cpu", lambda value: f"{value:,.2f}" if value < 100 else f"{value:,.0f}")


def ratio(results: Results) -> str:
    rows = [row for row in results.rows("ratio") if row[0] != "iterate"]
    names = [name for name in CLIENTS if name not in ("bare", "typedws")]
    lines: list[list[str]] = []
    for work, setting in rows:
        values = [results.value("ratio", work, setting, name) for name in names]
        lines.append(
            [f"{WORKS[work].title}, {setting}", *["" if value is None else f"{value:.2f}" for value in values]]
        )
    return grid(["typedws divided by", *names], lines)


def memory(results: Results) -> str:
    return by_client(results, "memory", lambda value: f"{value / 1024:,.1f}", works=False)


def large(results: Results) -> str:
    return by_client(results, "large memory", lambda value: f"{value:.2f}", works=False)


def opening(results: Results) -> str:
    return by_client(results, "opening", whole, works=False)


def importing(results: Results) -> str:
    return by_client(results, "import", lambda value: f"{value * 1000:,.0f}", works=False)


def growth(results: Results) -> str:
    return by_client(results, "growth", three_digits, works=False)


def not_first(results: Results) -> str:
    """Where typedws needs more CPU time than another client, by more than noise."""
    lines: list[list[str]] = []
    for work, setting in results.rows("ratio"):
        for name in CLIENTS:
            value = results.value("ratio", work, setting, name)
            if name not in ("bare", "typedws") and value is not None and value >= 1.05:
                lines.append([f"{WORKS[work].title}, {setting}", name, f"{value:.2f}"])
    return grid(["", "ahead of typedws", "typedws needs so many times as much"], lines) if lines else "Nowhere."


def about(results: Results) -> str:
    known = results.about
    if not known:
        return ""
    versions = ", ".join(f"{name} {version}" for name, version in known["versions"].items())
    form = "compiled" if known["compiled"] else "plain"
    return f"Measured on {known['date']}: {known['machine']}; {known['python']}; the {form} form; {versions}."


TABLES: dict[str, Callable[[Results], str]] = {
    "about": about,
    "not first": not_first,
    "ratio": ratio,
    "cpu": cpu,
    "instructions": instructions,
    "memory": memory,
    "large memory": large,
    "opening": opening,
    "import": importing,
    "growth": growth,
}
"""Each by the name that the page has between its markers."""
