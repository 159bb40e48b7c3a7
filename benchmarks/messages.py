"""The messages: a tick of a market, as a msgspec type and as a pydantic model. Its JSON has 93 bytes, always."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    import pydantic

__all__ = ["BLOCK", "LARGE", "TICKS", "Tick", "tick_model"]

BLOCK = 1000
"""How many ticks differ from one another; a longer stream repeats them."""

LARGE = 1024 * 1024


class Tick(msgspec.Struct, tag_field="type", tag="tick"):
    symbol: str
    price: float
    size: int
    ts: int
    side: str


def _ticks() -> list[Tick]:
    chance = random.Random(1)
    return [
        Tick(
            symbol="BTC-USD",
            price=(6_400_000 + 10 * chance.randrange(10_000) + 1 + number % 9) / 100,  # two digits after the point
            size=10 + number % 90,
            ts=1763830000000 + number,
            side="buy",
        )
        for number in range(BLOCK)
    ]


TICKS = _ticks()


def tick_model() -> type[pydantic.BaseModel]:
    """The same as a pydantic model. Made when it is asked for: a run without pydantic must not import it."""
    from typing import Literal

    import pydantic

    class TickModel(pydantic.BaseModel):
        type: Literal["tick"] = "tick"
        symbol: str
        price: float
        size: int
        ts: int
        side: str

    return TickModel


def as_builtins(tick: Tick) -> dict[str, Any]:
    builtins: dict[str, Any] = msgspec.to_builtins(tick)
    return builtins
