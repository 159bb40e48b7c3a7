"""Places in a message: from paths of Python field names, as a contract has them, to values in JSON."""

from __future__ import annotations

from typing import Any, TypeVar

from typedws.schema.contract.types import Alias, ListOf, MapOf, Record, TupleOf, Type, UnionOf
from typedws.schema.decisions import Path
from typedws.schema.document.kinds import is_array, is_object
from typedws.schema.samples.checking import Checker

__all__ = ["inner", "is_at", "read_at", "wire_path", "write_at"]

V = TypeVar("V")


def wire_path(checker: Checker, type_: Type, path: Path) -> Path | None:
    """The same path in the names that stand on the wire; None where the type has no such place."""
    if not path:
        return ()
    step, rest = path[0], path[1:]
    declared = checker.declaration(type_)
    match declared or type_:
        case Alias(type=meant):
            return wire_path(checker, meant, path)
        case Record(fields=fields):
            for field in fields:
                if field.name == step:
                    return _behind(field.wire_name, wire_path(checker, field.type, rest))
            return None
        case UnionOf(members):
            found = (wire_path(checker, member, path) for member in members)
            return next((way for way in found if way is not None), None)
        case ListOf(item) if isinstance(step, int):
            return _behind(step, wire_path(checker, item, rest))
        case TupleOf(items) if isinstance(step, int) and -len(items) <= step < len(items):
            return _behind(step, wire_path(checker, items[step], rest))
        case MapOf(value) if isinstance(step, str):
            return _behind(step, wire_path(checker, value, rest))
        case _:
            return None


def _behind(step: str | int, rest: Path | None) -> Path | None:
    return None if rest is None else (step, *rest)


def inner(values: dict[Path, V], step: str | int) -> dict[Path, V]:
    """What of these values lies behind a step, by the path from there."""
    return {path[1:]: value for path, value in values.items() if path and path[0] == step}


def read_at(value: Any, path: Path, missing: Any = None) -> Any:
    """The value at a place, by its wire path; `missing` where there is none.

    Unlike the runtime's `value_at` this takes JSON only, where an attribute is no place.
    """
    for step in path:
        if not is_at(value, step):
            return missing
        value = value[step]
    return value


def is_at(value: Any, step: str | int) -> bool:
    """Whether a value has such a member or item."""
    if isinstance(step, int):
        return is_array(value) and -len(value) <= step < len(value)
    return is_object(value) and step in value


def write_at(value: Any, path: Path, new: Any) -> Any:
    """A copy of a value that has another one at a place; as it is where there is no such place but its last step."""
    if not path:
        return new
    step, rest = path[0], path[1:]
    if isinstance(step, str) and is_object(value) and (step in value or not rest):
        return {**value, step: write_at(value.get(step), rest, new)}
    if isinstance(step, int) and is_array(value) and is_at(value, step):
        items = list(value)
        items[step] = write_at(items[step], rest, new)
        return items
    return value
