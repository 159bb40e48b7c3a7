"""Which messages a JSON value can be, by a decision of a contract."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

from typedws.schema.decisions import ByKey, ByKind, ByPattern, ByValue, Decision, Kind, Only, Tagged, Trial, Undecided
from typedws.schema.samples.checking import is_same
from typedws.schema.samples.kinds import is_object
from typedws.schema.samples.places import is_at

__all__ = ["candidates"]

V = TypeVar("V")


def candidates(decision: Decision[str] | None, value: Any) -> tuple[str, ...]:
    """The names of the messages that a value can be; none where it is unknown, several where nothing tells."""
    match decision:
        case None:
            return ()
        case Only(form):
            return (form,)
        case Tagged(field, forms):
            found = _at(value, (field,))
            name = None if found is None else _case(forms, found[0])
            return () if name is None else (name,)
        case ByValue(path, cases, otherwise):
            found = _at(value, path)
            chosen = None if found is None else _case(cases, found[0])
            return candidates(otherwise if chosen is None else chosen, value)
        case ByPattern(path, cases, otherwise):
            found = _at(value, path)
            text = found[0] if found is not None and isinstance(found[0], str) else None
            matching = (case for pattern, case in cases.items() if text is not None and re.search(pattern, text))
            return candidates(next(matching, otherwise), value)
        case ByKey(cases, otherwise):
            keys = value if is_object(value) else {}
            return candidates(next((case for key, case in cases.items() if key in keys), otherwise), value)
        case ByKind(cases, otherwise):
            return candidates(cases.get(_kind(value), otherwise), value)
        case Trial(forms) | Undecided(forms):
            return forms


def _case(cases: Mapping[Any, V], value: Any) -> V | None:
    return next((case for key, case in cases.items() if is_same(key, value)), None)


def _at(value: Any, path: tuple[str | int, ...]) -> tuple[Any] | None:
    for step in path:
        if not is_at(value, step):
            return None
        value = value[step]
    return (value,)


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
