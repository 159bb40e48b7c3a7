"""Rows that are alike: a few of them are played over sockets, all of them without I/O."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import Field, replace
from typing import Any, ClassVar, Protocol, TypeVar


class Playable(Protocol):
    """**Protocol:** a row, which is a frozen dataclass. `pure` ones are played without I/O only."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def pure(self) -> bool: ...


R = TypeVar("R", bound=Playable)


def alike(rows: Iterable[R], *, wired: int) -> list[R]:
    """The rows of one family, all of them pure but for so many, evenly spread and the first among them."""
    family = list(rows)
    chosen = {i * len(family) // wired for i in range(wired)}
    return [row if i in chosen else replace(row, pure=True) for i, row in enumerate(family)]
