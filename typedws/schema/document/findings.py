"""Findings: what a document leaves to be desired, and what can be done about it. `typedws lint` prints them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

__all__ = ["Finding", "Findings", "Severity"]

Severity: TypeAlias = Literal["warning", "error"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something in a document that was put up with, or that the generated code cannot express.

    Attributes:
        code: a short name for its kind, as in `dangling-reference`.
        message: what is wrong, in one sentence.
        suggestion: what to do about it; empty where there is nothing to do.
        severity: "error" where messages are lost or mistaken for others, "warning" otherwise.
        document: the file.
        pointer: the JSON pointer to the place, `#/channels/feed`.
        line: the line, counted from 1; None where it is not known.
    """

    code: str
    message: str
    suggestion: str = ""
    severity: Severity = "warning"
    document: str = ""
    pointer: str = ""
    line: int | None = None

    def __str__(self) -> str:
        place = self.document if self.line is None else f"{self.document}:{self.line}"
        text = f"{place}: {self.severity}: {self.message} [{self.code}]"
        return f"{text}\n    {self.suggestion}" if self.suggestion else text


class Findings:
    """A list of findings that has each of them once."""

    def __init__(self) -> None:
        self._found: dict[Finding, None] = {}

    def add(self, finding: Finding) -> None:
        """Notes a finding; one that is known already is dropped."""
        self._found.setdefault(finding)

    def __iter__(self) -> Iterator[Finding]:
        return iter(tuple(self._found))

    def __len__(self) -> int:
        return len(self._found)
