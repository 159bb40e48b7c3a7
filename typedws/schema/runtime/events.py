"""What a client delivers besides the messages that its document knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias, final

from typedws.frames import BinaryFrame, DataFrame, TextFrame

__all__ = ["Reconnected", "TagValue", "Unknown"]

TagValue: TypeAlias = str | int | None
"""A value that tells messages apart; None where there is none."""

SHOWN = 48
"""Bytes of a payload that a `repr` shows."""


@final
@dataclass(frozen=True, slots=True, repr=False)
class Unknown:
    """A message that the document does not know: from a newer server, say.

    Attributes:
        tag: what was found where messages are told apart: a value, a tuple where several places are looked at, None
            where nothing is there.
        raw: the payload.
        is_text: whether it came in a text frame.
    """

    tag: str | int | tuple[TagValue, ...] | None
    raw: bytes
    is_text: bool = True

    @property
    def frame(self) -> DataFrame:
        """The frame that it came in."""
        return TextFrame(self.raw) if self.is_text else BinaryFrame(self.raw)

    def __repr__(self) -> str:
        raw = repr(self.raw) if len(self.raw) <= SHOWN else f"{self.raw[:SHOWN]!r}... {len(self.raw)} in all"
        return f"Unknown(tag={self.tag!r}, raw={raw}, is_text={self.is_text})"


@final
@dataclass(frozen=True, slots=True)
class Reconnected:
    """The connection was lost, and is open again. Everything that was sent in between by the server is missed.

    Live subscriptions have been sent again. Requests that waited for a reply have failed; nothing else was repeated.

    Attributes:
        gap: seconds between the two.
        cause: why the old one ended.
        attempt: how many attempts it took; 1 where the first one worked.
    """

    gap: float
    cause: Exception
    attempt: int
