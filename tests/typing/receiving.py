"""The type that is asked for is the type that comes back, whatever its form."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any, Generic, Literal, NamedTuple, NewType, Optional, TypedDict, TypeVar, assert_type

from msgspec import Struct
from pydantic import BaseModel, Field
from typing_extensions import TypeForm

from typedws import Session

T = TypeVar("T")


class Trade(Struct, tag="trade"):
    price: float


class Heartbeat(Struct, tag="heartbeat"):
    number: int


class Page(Struct, Generic[T]):
    items: list[T]


class Cat(BaseModel):
    kind: Literal["cat"]


class Dog(BaseModel):
    kind: Literal["dog"]


class Point(TypedDict):
    x: int


class Pair(NamedTuple):
    left: int
    right: int


@dataclass
class Plain:
    x: int


UserId = NewType("UserId", int)
Event = Trade | Heartbeat
Pet = Annotated[Cat | Dog, Field(discriminator="kind")]


async def a_class(session: Session) -> None:
    assert_type(await session.receive_deserialized(Trade), Trade)
    assert_type(await session.receive_deserialized(Cat), Cat)
    assert_type(await session.receive_deserialized(Plain), Plain)
    assert_type(await session.receive_deserialized(Point), Point)
    assert_type(await session.receive_deserialized(Pair), Pair)
    assert_type(await session.receive_deserialized(UserId), UserId)
    assert_type(await session.receive_deserialized(int), int)


async def a_union(session: Session) -> None:
    assert_type(await session.receive_deserialized(Trade | Heartbeat), Trade | Heartbeat)
    assert_type(await session.receive_deserialized(Event), Trade | Heartbeat)
    assert_type(await session.receive_deserialized(Trade | None), Trade | None)
    assert_type(await session.receive_deserialized(Optional[Trade]), Trade | None)  # noqa: UP045 - it is still written
    assert_type(await session.receive_deserialized(None), None)


async def a_container(session: Session) -> None:
    assert_type(await session.receive_deserialized(list[Trade]), list[Trade])
    assert_type(await session.receive_deserialized(list[Trade | Heartbeat]), list[Trade | Heartbeat])
    assert_type(await session.receive_deserialized(dict[str, Trade | None]), dict[str, Trade | None])
    assert_type(await session.receive_deserialized(tuple[int, str]), tuple[int, str])
    assert_type(await session.receive_deserialized(Page[Trade]), Page[Trade])
    assert_type(await session.receive_deserialized(Page[Trade | Heartbeat]), Page[Trade | Heartbeat])


async def a_special_form(session: Session) -> None:
    assert_type(await session.receive_deserialized(Annotated[Cat | Dog, Field(discriminator="kind")]), Cat | Dog)
    assert_type(await session.receive_deserialized(Pet), Cat | Dog)
    assert_type(await session.receive_deserialized(list[Pet]), list[Cat | Dog])
    assert_type(await session.receive_deserialized(Literal["on", "off"]), Literal["on", "off"])


async def every_message(session: Session) -> None:
    assert_type(session.iter_deserialized(Trade), AsyncIterator[Trade])
    async for trade in session.iter_deserialized(Trade):
        assert_type(trade, Trade)
    async for event in session.iter_deserialized(Trade | Heartbeat):
        assert_type(event, Trade | Heartbeat)
    async for pet in session.iter_deserialized(Pet):
        assert_type(pet, Cat | Dog)
    async for trades in session.iter_deserialized(list[Trade]):
        assert_type(trades, list[Trade])


async def a_type_that_a_caller_chooses(session: Session, model: type[T], form: TypeForm[T]) -> tuple[T, T]:
    return await session.receive_deserialized(model), await session.receive_deserialized(form)


async def what_is_sent(session: Session, anything: Any) -> None:
    await session.send_serialized(Trade(1.0))
    await session.send_serialized(anything)
    await session.send_serialized([Trade(1.0)], list[Trade])
    await session.send_serialized(Cat(kind="cat"), Cat | Dog)
