"""The steps of a decision: from what was seen of a payload to who reads it.

A step looks at one place, and goes on to the next step; the last one names the reader.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Mapping
from typing import Any, TypeAlias, cast

from typedws.frames import DataFrame
from typedws.schema.decisions import ByKey, ByKind, ByPattern, ByValue, Decision, Kind, Path
from typedws.schema.runtime.events import TagValue
from typedws.schema.runtime.paths import value_at
from typedws.schema.runtime.peeking import Look

__all__ = ["Found", "Reader", "Step", "Steps", "is_tag", "shown"]

Reader: TypeAlias = Callable[[DataFrame, Container[Any]], tuple[Any, Any]]
"""From a frame, and the forms that are expected now, to the value and the form that it was read as."""

Found: TypeAlias = list[TagValue]
"""The values that were met on the way."""

Step: TypeAlias = Callable[[Any, Found], "Reader | None"]
"""From what was seen of a payload to who reads it; notes the values that it met. None for an unknown message."""


class Steps:
    """Makes steps of decisions.

    Args:
        reader_for: makes the reader of a decision that does not look first.

    Attributes:
        look: what the steps that were made need to see.
    """

    def __init__(self, reader_for: Callable[[Decision[Any]], Reader]) -> None:
        self._reader_for = reader_for
        self.look = Look()

    def of(self, decision: Decision[Any] | None) -> Step:
        """The step that a decision begins with."""
        match decision:
            case None:
                return lambda seen, found: None
            case ByValue(path, cases, otherwise):
                return self._by_value(path, cases, otherwise)
            case ByPattern(path, patterns, otherwise):
                return self._by_pattern(path, patterns, otherwise)
            case ByKey(cases, otherwise):
                return self._by_key(cases, otherwise)
            case ByKind(cases, otherwise):
                return self._by_kind(cases, otherwise)
            case _:
                read = self._reader_for(decision)
                return lambda seen, found: read

    def _needs(self, path: Path) -> None:
        if path and isinstance(path[0], str):
            self.look.values[path[0]] = None
        else:
            self.look.arrays = True

    def _by_value(
        self, path: Path, cases: Mapping[str | int | bool, Decision[Any]], otherwise: Decision[Any] | None
    ) -> Step:
        self._needs(path)
        # 1 == True in Python, but not in a message.
        flags = {value: self.of(case) for value, case in cases.items() if isinstance(value, bool)}
        steps = {value: self.of(case) for value, case in cases.items() if not isinstance(value, bool)}
        other = self.of(otherwise)

        def by_value(seen: Any, found: Found) -> Reader | None:
            value = value_at(seen, path)
            found.append(shown(value))
            if isinstance(value, bool):
                step = flags.get(value, other)
            else:
                step = steps.get(value, other) if is_tag(value) else other
            return step(seen, found)

        return by_value

    def _by_pattern(self, path: Path, cases: Mapping[str, Decision[Any]], otherwise: Decision[Any] | None) -> Step:
        self._needs(path)
        steps = [(re.compile(pattern).search, self.of(case)) for pattern, case in cases.items()]
        other = self.of(otherwise)

        def by_pattern(seen: Any, found: Found) -> Reader | None:
            value = value_at(seen, path)
            found.append(shown(value))
            if isinstance(value, str):
                for matches, step in steps:
                    if matches(value):
                        return step(seen, found)
            return other(seen, found)

        return by_pattern

    def _by_key(self, cases: Mapping[str, Decision[Any]], otherwise: Decision[Any] | None) -> Step:
        self.look.keys.update(dict.fromkeys(cases))
        steps = {key: self.of(case) for key, case in cases.items()}
        other = self.of(otherwise)

        def by_key(seen: Any, found: Found) -> Reader | None:
            if isinstance(seen, dict):
                for key, step in steps.items():
                    if key in seen:
                        return step(cast("Any", seen), found)
            return other(cast("Any", seen), found)

        return by_key

    def _by_kind(self, cases: Mapping[Kind, Decision[Any]], otherwise: Decision[Any] | None) -> Step:
        steps = {kind: self.of(case) for kind, case in cases.items()}
        other = self.of(otherwise)
        return lambda seen, found: steps.get(_kind_of(seen), other)(seen, found)


def is_tag(value: object) -> bool:
    """Whether a value may be one that tells messages apart; a float with a whole value is an integer in JSON."""
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def shown(value: object) -> TagValue:
    """A value that was found where messages are told apart, for the tag of an unknown one."""
    return value if isinstance(value, str | int) else None


def _kind_of(value: object) -> Kind:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case dict():
            return "object"
        case list() | tuple():
            return "array"
        case _:
            return "string"
