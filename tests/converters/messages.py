"""Messages in both model libraries, for the tests of the converters."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from ipaddress import IPv4Address
from typing import Annotated, Any, Generic, Literal, NamedTuple, TypeAlias, TypeVar
from uuid import UUID

import attrs
import msgspec
from pydantic import AnyUrl, BaseModel, ConfigDict, Field, RootModel, SecretStr, field_validator
from pydantic.dataclasses import dataclass as pydantic_dataclass
from typing_extensions import TypedDict

from typedws.converters import CBORConverter, JSONConverter, MsgPackConverter, PydanticConverter

T = TypeVar("T")

Mixed: TypeAlias = JSONConverter | CBORConverter | MsgPackConverter
Any_: TypeAlias = Mixed | PydanticConverter

MIXED: list[Mixed] = [JSONConverter(), CBORConverter(), MsgPackConverter()]
"""The converters that carry both libraries."""

ALL: list[Any_] = [*MIXED, PydanticConverter()]


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


# msgspec


class Tick(msgspec.Struct, tag="tick"):
    symbol: str
    price: float


class Trade(msgspec.Struct, tag="trade"):
    symbol: str
    size: int


class Node(msgspec.Struct):
    value: int
    children: list[Node] = []


class Box(msgspec.Struct, Generic[T]):
    content: T


class Strict(msgspec.Struct, forbid_unknown_fields=True):
    x: int


class Even(msgspec.Struct):
    number: int

    def __post_init__(self) -> None:
        if self.number % 2:
            raise ValueError(f"{self.number} is odd")


@dataclass
class Plain:
    x: int
    when: date | None = None


@attrs.define
class Attrs:
    x: int
    tags: list[str] = attrs.field(factory=list)


class Named(NamedTuple):
    x: int
    y: str = "y"


class Typed(TypedDict):
    x: int
    y: str


# pydantic


class Point(BaseModel):
    x: int
    y: int = 0


class Aliased(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    order_id: int = Field(alias="orderId")


class Child(Point):
    z: int = 0


class StrictPoint(BaseModel):
    model_config = ConfigDict(strict=True)

    x: int
    day: date | None = None


class Created(BaseModel):
    kind: Literal["created"] = "created"
    id: int


class Deleted(BaseModel):
    kind: Literal["deleted"] = "deleted"
    id: int


Event = Annotated[Created | Deleted, Field(discriminator="kind")]


class Points(RootModel[list[Point]]):
    pass


class Page(BaseModel, Generic[T]):
    items: list[T]


class Account(BaseModel):
    name: str
    pin: int
    notes: dict[str, int] = {}

    @field_validator("pin")
    @classmethod
    def check_pin(cls, pin: int) -> int:
        if pin < 0:
            raise ValueError(f"{pin} is no pin")
        return pin


class Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Foreign(BaseModel):
    url: AnyUrl
    address: IPv4Address
    secret: SecretStr


@pydantic_dataclass
class PydanticPlain:
    x: int


# one of everything

WHEN = datetime(2026, 11, 22, 19, 30, 15, 250000, timezone(timedelta(hours=2)))
VALUES: dict[str, Any] = {
    "aware": WHEN,
    "utc": WHEN.astimezone(UTC),
    "naive": WHEN.replace(tzinfo=None),
    "day": WHEN.date(),
    "hour": time(19, 30, 15),
    "span": timedelta(days=1, seconds=30),
    "price": Decimal("64250.250"),
    "id": UUID(int=2**100 + 7),
    "raw": b"plain bytes",
    "color": Color.BLUE,
    "level": Level.HIGH,
    "words": {"a", "b"},
    "numbers": frozenset({1, 2, 3}),
    "pair": (1, "one"),
    "big": 2**63 + 1,
    "by_number": {1: "one", -2: "minus two"},
    "by_id": {UUID(int=1): 1.5},
    "nothing": None,
    "either": "text",
}


class Everything(msgspec.Struct):
    aware: datetime
    utc: datetime
    naive: datetime
    day: date
    hour: time
    span: timedelta
    price: Decimal
    id: UUID
    raw: bytes
    color: Color
    level: Level
    words: set[str]
    numbers: frozenset[int]
    pair: tuple[int, str]
    big: int
    by_number: dict[int, str]
    by_id: dict[UUID, float]
    nothing: int | None
    either: int | str


class EverythingModel(BaseModel):
    aware: datetime
    utc: datetime
    naive: datetime
    day: date
    hour: time
    span: timedelta
    price: Decimal
    id: UUID
    raw: bytes
    color: Color
    level: Level
    words: set[str]
    numbers: frozenset[int]
    pair: tuple[int, str]
    big: int
    by_number: dict[int, str]
    by_id: dict[UUID, float]
    nothing: int | None
    either: int | str


class Envelope(msgspec.Struct):
    """A Struct with models in it."""

    point: Point
    points: list[Point]
    by_name: dict[str, Point]
    maybe: Point | None = None


@dataclass
class PlainEnvelope:
    point: Point


@attrs.define
class AttrsEnvelope:
    point: Point
