"""Types of both model libraries, as programs have them, and one message of each."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any, Final, Literal, NamedTuple
from uuid import UUID

import msgspec
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

__all__ = ["FORMS", "MODELS_ONLY", "SAMPLES", "WORDS"]


class Side(enum.Enum):
    BUY = "buy"
    SELL = "sell"


class Tick(msgspec.Struct, tag="tick"):
    symbol: str
    price: float


class Trade(msgspec.Struct, tag="trade", forbid_unknown_fields=True):
    symbol: str
    size: int
    side: Side


class Node(msgspec.Struct):
    value: int
    children: list[Node] = []


class Values(msgspec.Struct):
    """One field of each kind."""

    when: datetime | None = None
    day: date | None = None
    hour: time | None = None
    span: timedelta | None = None
    price: Decimal | None = None
    id: UUID | None = None
    raw: bytes | None = None
    words: set[str] = set()
    numbers: frozenset[int] = frozenset()
    pair: tuple[int, str] = (0, "")
    by_number: dict[int, str] = {}
    by_id: dict[UUID, float] = {}
    level: Annotated[int, msgspec.Meta(ge=0, le=9)] = 0
    code: Annotated[str, msgspec.Meta(pattern="^[a-z]{2}$")] = "ab"


class Row(NamedTuple):
    x: int
    y: str = "y"


class Entry(TypedDict):
    x: int
    y: str


@dataclass
class Plain:
    x: int
    day: date | None = None


class Point(BaseModel):
    x: int
    y: int = 0


class Created(BaseModel):
    kind: Literal["created"] = "created"
    id: int
    point: Point | None = None


class Deleted(BaseModel):
    kind: Literal["deleted"] = "deleted"
    id: int = Field(alias="orderId")


class Model(BaseModel):
    """One field of each kind."""

    when: datetime | None = None
    day: date | None = None
    hour: time | None = None
    span: timedelta | None = None
    price: Decimal | None = None
    id: UUID | None = None
    raw: bytes | None = None
    words: set[str] = set()
    numbers: frozenset[int] = frozenset()
    pair: tuple[int, str] = (0, "")
    by_number: dict[int, str] = {}
    by_id: dict[UUID, float] = {}
    level: int = Field(0, ge=0, le=9)
    code: str = Field("ab", pattern="^[a-z]{2}$")
    side: Side = Side.BUY


class Envelope(msgspec.Struct):
    """A Struct with models in it."""

    point: Point
    by_name: dict[str, Point] = {}


MODELS_ONLY: Final[tuple[Any, ...]] = (
    Any,
    Annotated[Created | Deleted, Field(discriminator="kind")],
    Model,
    list[Point],
    int | Point | None,
    Entry,
)
"""What pydantic reads alone."""

FORMS: Final[tuple[Any, ...]] = (
    Any,
    int,
    Tick | Trade,
    Node,
    Values,
    list[int | str | None],
    dict[int, Decimal],
    Row,
    Plain,
    Envelope,
    *MODELS_ONLY[1:],
)
"""What msgspec reads, alone and with pydantic."""

WHEN: Final = datetime(2026, 11, 22, 19, 30, 15, 250000, UTC)
KINDS: Final[dict[str, Any]] = {
    "when": WHEN.isoformat(),
    "day": "2026-11-22",
    "hour": "19:30:15.25",
    "span": "P1DT30S",
    "price": "64250.250",
    "id": str(UUID(int=2**100 + 7)),
    "raw": "cGxhaW4=",
    "words": ["a", "b"],
    "numbers": [1, 2, 3],
    "pair": [1, "one"],
    "by_number": {"1": "one", "-2": "minus two"},
    "by_id": {str(UUID(int=1)): 1.5},
    "level": 3,
    "code": "xy",
    "side": "sell",
}

SAMPLES: Final[tuple[Any, ...]] = (
    {"type": "tick", "symbol": "BTC-USD", "price": 64250.25},
    {"type": "trade", "symbol": "BTC-USD", "size": 3, "side": "buy"},
    {"value": 1, "children": [{"value": 2}, {"value": 3, "children": []}]},
    KINDS,
    [1, "two", None],
    {"1": "2.50"},
    [1, "y"],
    {"x": 1, "y": "y", "day": "2026-11-22"},
    {"point": {"x": 1, "y": 2}, "by_name": {"a": {"x": 3}}},
    {"kind": "created", "id": 7, "point": {"x": 1}},
    {"kind": "deleted", "orderId": 7},
    [{"x": 1}, {"x": 2, "y": 3}],
    12345678901234567890,
)
"""Messages, as they are read from JSON: at least one for each form."""

WORDS: Final = sorted({key for sample in SAMPLES if isinstance(sample, dict) for key in sample} | {"", "1", "tick"})
"""Keys that mean something."""
