"""Notes: what the generated code cannot say as the document says it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Note", "Notes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something that was lowered: the generated type accepts more than the document.

    Attributes:
        code: a short name for its kind, as in `union-lowered`.
        message: what was done and why, in one sentence.
        pointer: the declaration or the connection that it happened in.
        name: its name in the generated module, with the field or the method where it is about one.
    """

    code: str
    message: str
    pointer: str = ""
    name: str = ""


class Notes:
    """Collects the notes, and the comments that they become at the place that is being written."""

    def __init__(self) -> None:
        self._all: dict[Note, None] = {}
        self._here: dict[str, None] = {}
        self._pointer = ""
        self._name = ""

    def at(self, *, pointer: str, name: str) -> None:
        """Says what is being written now."""
        self._pointer, self._name = pointer, name
        self._here.clear()

    def add(self, code: str, message: str) -> None:
        """Notes something about what is being written now."""
        self._all.setdefault(Note(code=code, message=message, pointer=self._pointer, name=self._name))
        self._here.setdefault(message)

    def take(self) -> tuple[str, ...]:
        """What was noted since the last call of `at` or `take`, for a comment there."""
        here = tuple(self._here)
        self._here.clear()
        return here

    def all(self) -> tuple[Note, ...]:
        """Every note, each of them once."""
        return tuple(self._all)
