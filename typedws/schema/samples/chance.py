"""Chance that is the same everywhere: one seed gives one sequence of choices, on every version of Python."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TypeVar

__all__ = ["Chance"]

T = TypeVar("T")


class Chance:
    """Random choices.

    Only `Random.random` is used: of all methods it alone is promised to give the same numbers in the future.
    """

    def __init__(self, seed: int) -> None:
        self._random = Random(seed).random

    def below(self, limit: int) -> int:
        """A whole number from 0 to `limit - 1`; 0 where `limit` is less than 1."""
        return min(int(self._random() * limit), limit - 1) if limit > 0 else 0

    def between(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + self.below(high - low + 1)

    def pick(self, choices: Sequence[T]) -> T:
        """One of these, of which there is at least one."""
        return choices[self.below(len(choices))]

    def toss(self) -> bool:
        """Heads or tails."""
        return self._random() < 0.5

    def shuffled(self, choices: Sequence[T]) -> list[T]:
        """These in another order."""
        rest = list(choices)
        return [rest.pop(self.below(len(rest))) for _ in choices]
