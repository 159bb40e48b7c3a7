"""Which messages a JSON value can be, by a decision of a contract; and where it can be none, why."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeVar

from typedws.schema.decisions import (
    ByKey,
    ByKind,
    ByPattern,
    ByValue,
    Decision,
    Kind,
    Only,
    Path,
    Tagged,
    Trial,
    Undecided,
)
from typedws.schema.document.kinds import is_object
from typedws.schema.runtime.paths import MISSING
from typedws.schema.samples.checking import is_same
from typedws.schema.samples.places import read_at

__all__ = ["candidates", "why_unknown"]

V = TypeVar("V")

_SHOWN: Final = 8
"""Values that are named of those that were expected."""

_LONGEST: Final = 40
"""Characters of a value that is quoted: a tag, and nothing that could be a secret or a whole message."""


def candidates(decision: Decision[str] | None, value: Any) -> tuple[str, ...]:
    """The names of the messages that a value can be; none where it is unknown, several where nothing tells."""
    match decision:
        case None:
            return ()
        case Only(form):
            return (form,)
        case Tagged(field, forms):
            name = _case(forms, read_at(value, (field,), MISSING))
            return () if name is None else (name,)
        case Trial(forms) | Undecided(forms):
            return forms
        case _:
            return candidates(_next(decision, value), value)


def why_unknown(decision: Decision[str] | None, value: Any) -> str:
    """What was found where messages are told apart, and what was expected there: `$.type is "x", not "a" or "b"`.

    Empty where nothing is to be said: the value is known, or messages are not told apart.
    """
    while decision is not None:
        if isinstance(decision, Only | Trial | Undecided):
            return ""
        following = None if isinstance(decision, Tagged) else _next(decision, value)
        if following is None:
            break
        decision = following
    match decision:
        case Tagged(field, forms):
            return "" if candidates(decision, value) else _odd(value, (field,), _quoted(forms))
        case ByValue(path, cases):
            return _odd(value, path, _quoted(cases))
        case ByPattern(path, cases):
            return _odd(value, path, [f"text like {pattern}" for pattern in cases])
        case ByKey(cases):
            return f"it has none of the keys {_listed(_quoted(cases))}" if is_object(value) else "it is no object"
        case ByKind(cases):
            return f"it is {_WORDS[_kind(value)]}, not {_listed([_WORDS[kind] for kind in cases])}"
        case _:
            return ""


def _next(decision: ByValue[str] | ByPattern[str] | ByKey[str] | ByKind[str], value: Any) -> Decision[str] | None:
    """The decision that follows; None for an unknown message."""
    match decision:
        case ByValue(path, cases, otherwise):
            chosen = _case(cases, read_at(value, path, MISSING))
            return otherwise if chosen is None else chosen
        case ByPattern(path, cases, otherwise):
            text = read_at(value, path)
            matching = (case for pattern, case in cases.items() if isinstance(text, str) and re.search(pattern, text))
            return next(matching, otherwise)
        case ByKey(cases, otherwise):
            keys = value if is_object(value) else {}
            return next((case for key, case in cases.items() if key in keys), otherwise)
        case ByKind(cases, otherwise):
            return cases.get(_kind(value), otherwise)


def _case(cases: Mapping[Any, V], value: Any) -> V | None:
    return next((case for key, case in cases.items() if is_same(key, value)), None)


def _odd(value: Any, path: Path, expected: list[str]) -> str:
    place = "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    found = read_at(value, path, MISSING)
    if found is MISSING:
        return f"{place} is missing, where {_listed(expected)} should be"
    is_short = isinstance(found, str | int | float) and len(str(found)) <= _LONGEST
    return f"{place} is {_json(found) if is_short else _WORDS[_kind(found)]}, not {_listed(expected)}"


def _quoted(values: Iterable[Any]) -> list[str]:
    return [_json(value) for value in values]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _listed(words: list[str]) -> str:
    if len(words) > _SHOWN:
        return f"{', '.join(words[:_SHOWN])} or one of {len(words) - _SHOWN} more"
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1]))) if words else "anything"


_WORDS: Final[dict[Kind, str]] = {
    "object": "an object",
    "array": "an array",
    "string": "text",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}


def _kind(value: Any) -> Kind:
    match value:
        case dict():
            return "object"
        case list() | tuple():
            return "array"
        case str():
            return "string"
        case bool():
            return "boolean"
        case None:
            return "null"
        case _:
            return "number"
