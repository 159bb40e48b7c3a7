"""A decision in words, for the comment above the union that it is about."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from typedws.schema.decisions import (
    ByKey,
    ByKind,
    ByPattern,
    ByValue,
    Decision,
    Only,
    Path,
    Tagged,
    Trial,
    Undecided,
    leaves,
)

__all__ = ["explain"]


def explain(decision: Decision[str], depth: int = 0) -> Iterable[str]:
    """A decision in words, a line for each step."""
    pad = "    " * depth
    match decision:
        case Only(name):
            if depth == 0:
                yield f"There is only {name}."
        case Tagged(field, forms) if len(forms) == 1 and depth == 0:
            ((value, name),) = forms.items()
            yield f'There is only {name}; its "{field}" is {_shown(value)}.'
        case Tagged(field, forms):
            yield f'{pad}Told apart by the tag "{field}": {len(forms)} {_plural(len(forms), "value")}.'
        case ByValue(path, cases, None) if depth == 0 and len({*leaves(decision)}) == 1:
            values = ", ".join(_shown(value) for value in cases)
            which = "one of " if len(cases) > 1 else ""
            yield f"There is only {next(leaves(decision))}; {_place(path)} is {which}{values}."
        case ByValue(path, cases, otherwise):
            yield f"{pad}Told apart by {_place(path)}: {len(cases)} {_plural(len(cases), 'value')}."
            yield from _explain_cases(cases, otherwise, depth)
        case ByPattern(path, cases, otherwise):
            yield f"{pad}Told apart by what {_place(path)} looks like: {len(cases)} {_plural(len(cases), 'pattern')}."
            yield from _explain_cases(cases, otherwise, depth)
        case ByKey(cases, otherwise):
            shown = ", ".join(f'"{key}"' for key in list(cases)[:8])
            more = f" and {len(cases) - 8} more" if len(cases) > 8 else ""
            yield f"{pad}Told apart by which key is there: {shown}{more}."
            yield from _explain_cases(cases, otherwise, depth)
        case ByKind(cases, otherwise):
            yield f"{pad}Told apart by what they are: {', '.join(cases)}."
            yield from _explain_cases(cases, otherwise, depth)
        case Trial(forms):
            yield f"{pad}Tried one after the other: {', '.join(forms)}."
        case Undecided(forms):
            shown = ", ".join(forms[:6]) + (f" and {len(forms) - 6} more" if len(forms) > 6 else "")
            yield f"{pad}Nothing tells these apart: {shown}."


def _explain_cases(cases: object, otherwise: Decision[str] | None, depth: int) -> Iterable[str]:
    for value, case in cast("dict[object, Decision[str]]", cases).items():
        lines = list(explain(case, depth + 2)) if not isinstance(case, Only) else []
        if lines:
            yield f"{'    ' * (depth + 1)}{_shown(value)}:"
            yield from lines
    if otherwise is not None:
        lines = list(explain(otherwise, depth + 2)) or [f"{'    ' * (depth + 2)}{_first(otherwise)}."]
        yield f"{'    ' * (depth + 1)}otherwise:"
        yield from lines


def _first(decision: Decision[str]) -> str:
    return decision.form if isinstance(decision, Only) else ""


def _shown(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


def _place(path: Path) -> str:
    if not path:
        return "the value itself"
    if len(path) == 1 and isinstance(path[0], str):
        return f'the field "{path[0]}"'
    return f'the value at "/{"/".join(str(part) for part in path)}"'


def _plural(count: int, word: str) -> str:
    return word if count == 1 else f"{word}s"
