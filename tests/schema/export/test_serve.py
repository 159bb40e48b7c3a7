"""A channel that is declared can be served as it was declared."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal, Never, assert_type

import pytest
from msgspec import Struct
from pydantic import BaseModel, Field
from typing_extensions import TypeForm

import typedws
from typedws import CBORConverter, JSONConverter, Request, Response, ServerSession
from typedws.schema.exporting import Api, Channel, Reply, export

pytestmark = pytest.mark.anyio


class Subscribe(Struct, tag="subscribe"):
    symbol: str


class Order(Struct, tag="order"):
    id: int


class Accepted(Struct, tag="accepted"):
    id: int
    room: str


class Cat(BaseModel):
    kind: Literal["cat"] = "cat"


class Dog(BaseModel):
    kind: Literal["dog"] = "dog"


orders = Channel(
    "orders",
    address="/rooms/{room}/orders",
    incoming=Subscribe | Order,
    outgoing=Accepted,
    replies=[Reply(Order, Accepted, correlation="id")],
    converters={"orders.cbor": CBORConverter(), "orders.json": JSONConverter()},
)
pets = Channel(
    "pets", address=None, incoming=Annotated[Cat | Dog, Field(discriminator="kind")], outgoing=list[Accepted]
)
quiet = Channel("quiet", address="/", incoming=Never, outgoing=Accepted)


def test_a_channel_knows_its_types() -> None:
    assert_type(orders, Channel[Subscribe | Order, Accepted])
    assert_type(pets, Channel[Cat | Dog, list[Accepted]])
    assert_type(orders.incoming, TypeForm[Subscribe | Order])
    # Channels of any types go into an Api.
    assert export(Api("Shop", "1.0.0", channels=[orders, pets, quiet]))["channels"].keys() == {
        "orders",
        "pets",
        "quiet",
    }


async def accept(session: ServerSession) -> None:
    room = orders.variables(session.call.request) or {}
    messages = session.iter_deserialized(orders.incoming)
    assert_type(messages, AsyncIterator[Subscribe | Order])
    async for message in messages:
        if isinstance(message, Order):
            await session.send_serialized(Accepted(message.id, room["room"]))


async def test_a_channel_is_served_with_its_converters() -> None:
    async with orders.serve(accept, "127.0.0.1", 0) as server:
        for name, converter in (("orders.json", JSONConverter()), ("orders.cbor", CBORConverter())):
            url = f"{server.url}/rooms/a%20b/orders?x=1"
            async with typedws.connect(url, converters={name: converter}) as session:
                await session.send_serialized(Subscribe("BTC"))
                await session.send_serialized(Order(7))
                reply = await session.receive_deserialized(orders.outgoing)
                assert_type(reply, Accepted)
                assert reply == Accepted(7, "a b")
                assert session.subprotocol == name


async def test_other_paths_and_who_is_refused_by_the_user_get_an_answer() -> None:
    seen: list[str] = []

    async def check(request: Request) -> Response | None:
        seen.append(request.path)
        return Response(403) if request.path.startswith("/rooms/secret") else None

    def check_at_once(request: Request) -> Response | None:
        return Response(401)

    for process_request, path, status in (
        (check, "/rooms/a/b/orders", 404),
        (check, "/", 404),
        (check, "/rooms//orders", 404),
        (check, "/rooms/secret/orders", 403),
        (check_at_once, "/rooms/a/orders", 401),
    ):
        async with orders.serve(accept, "127.0.0.1", 0, process_request=process_request) as server:
            with pytest.raises(typedws.HandshakeRejectedError) as caught:
                async with typedws.connect(server.url + path):
                    pass
            assert caught.value.call is not None
            assert caught.value.call.response is not None
            assert caught.value.call.response.status == status
    assert seen == ["/rooms/secret/orders"]


async def test_a_channel_without_an_address_is_anywhere() -> None:
    async def handler(session: ServerSession) -> None:
        assert pets.variables(session.call.request) == {}
        pet = await session.receive_deserialized(pets.incoming)
        assert_type(pet, Cat | Dog)
        await session.send(pet.kind)

    async with pets.serve(handler, "127.0.0.1", 0) as server:
        async with typedws.connect(f"{server.url}/any/where") as session:
            await session.send_serialized(Dog())
            frame: Any = await session.receive()
            assert frame.text == "dog"
