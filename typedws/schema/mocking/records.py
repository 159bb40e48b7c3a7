"""What a mock server remembers: bounded, the newest last."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from typedws.frames import Frame

__all__ = ["Arrival", "Problem", "Refused"]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that a client did and the document does not allow.

    Attributes:
        text: what it is, in a sentence that quotes no more of the message than what tells it from others, if short.
        connection: the class name of the connection; empty where the path belongs to none.
        message: the name of the message that it was meant to be; empty where that is not known, and for a handshake.
        frame: what was received; None for a handshake.
    """

    text: str
    connection: str = ""
    message: str = ""
    frame: Frame | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return ": ".join(part for part in (self.connection, self.message, self.text) if part)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message that was received.

    Attributes:
        name: of its declaration in the contract.
        value: an object of the generated module.
        tree: the same as JSON.
        others: the names of further messages that it can be, where nothing tells them apart.
    """

    name: str
    value: Any
    tree: Any
    others: tuple[str, ...] = ()


class Refused(Exception):
    """A frame that is no valid message.

    Attributes:
        code: what the connection is closed with if no message can say it.
        name: the message that it was meant to be; empty where that is not known.
        tree: what it holds, as far as it could be read.
    """

    def __init__(self, text: str, code: int, *, name: str = "", tree: Any = None) -> None:
        super().__init__(text)
        self.code = code
        self.name = name
        self.tree = tree
