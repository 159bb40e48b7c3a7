"""What comes out of a file: its value, the line of each part, and remarks on how it is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Complaint", "Parsed", "Place", "Remark", "line_at"]


class Place:
    """The line of a value, counted from 1, and the places inside it. Aliases of YAML share theirs."""

    __slots__ = ("line", "members")

    def __init__(self, line: int) -> None:
        self.line = line
        self.members: dict[str | int, Place] = {}


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about how a file is written that is put up with."""

    code: str
    message: str
    suggestion: str
    path: tuple[str | int, ...]


class Complaint(Exception):
    """A file that cannot be read; `line` is None where the whole file is meant. Becomes a SchemaError."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


@dataclass(slots=True)
class Parsed:
    """A file, read. The places may be worked out when they are first asked for."""

    value: Any
    places: Callable[[], Place]
    remarks: list[Remark] = field(default_factory=list[Remark])


def line_at(place: Place, path: tuple[str | int, ...]) -> int:
    """The line of the innermost part of a path that there is."""
    for key in path:
        inner = place.members.get(key)
        if inner is None:
            break
        place = inner
    return place.line
