"""The messages of these runs, and the book that is kept of their numbers."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

import msgspec


class Tick(msgspec.Struct):
    """A message of about a hundred bytes, as a feed of prices sends them.

    Attributes:
        number: counts from 0, for each session and direction.
    """

    number: int
    symbol: str = "BTC-USD"
    price: float = 64250.25
    size: float = 12.5
    side: str = "buy"
    note: str = ""


@dataclass
class Tally:
    """What became of the messages of one direction.

    Attributes:
        received: messages that came, each counted once.
        missing: messages that were overtaken and never came.
        duplicate: messages that came again.
        reordered: messages that came after a later one.
    """

    received: int = 0
    missing: int = 0
    duplicate: int = 0
    reordered: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(**{name: value + getattr(other, name) for name, value in asdict(self).items()})


@dataclass
class Sequence:
    """The numbers that one session received."""

    expected: int = 0
    tally: Tally = field(default_factory=Tally)
    _missing: set[int] = field(default_factory=set)

    def add(self, number: int) -> None:
        """Takes the number of the next message."""
        if number == self.expected:
            self.expected += 1
        elif number > self.expected:
            self._missing.update(range(self.expected, number))
            self.expected = number + 1
        elif number in self._missing:
            self._missing.remove(number)
            self.tally.reordered += 1
        else:
            self.tally.duplicate += 1
            return
        self.tally.received += 1
        self.tally.missing = len(self._missing)
