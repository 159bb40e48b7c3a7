"""What goes into a document: channels, messages, operations, replies, the opening handshake."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Never, NewType, TypedDict

import pytest
from msgspec import Meta, Struct
from pydantic import BaseModel, Field
from typing_extensions import TypeAliasType

from tests.schema.export.official import check_document
from typedws import CBORConverter, JSONConverter, MsgPackConverter, PydanticConverter, SchemaError
from typedws.schema.exporting import Api, Channel, Message, Reply, Security, Server, Variable, export


class Subscribe(Struct, tag="subscribe"):
    """Which symbols to send.

    The server remembers them.
    """

    symbols: list[str]


class Order(Struct, tag="order"):
    id: int


class Accepted(Struct, tag="accepted"):
    id: int


class Refused(Struct, tag="refused"):
    request: int


class Trade(Struct, tag="trade"):
    price: float


class Cat(BaseModel):
    kind: Literal["cat"] = "cat"


class Dog(BaseModel):
    kind: Literal["dog"] = "dog"


Pet = TypeAliasType("Pet", Annotated[Cat | Dog, Field(discriminator="kind")])
Batch = TypeAliasType("Batch", list[Trade])


class Query(TypedDict, total=False):
    limit: Annotated[int, Meta(ge=1)]


class Headers(Struct, rename={"client": "X-Client"}):
    client: str


def exported(channel: Channel[Any, Any], **more: Any) -> dict[str, Any]:
    document = export(Api("Prices", "1.2.0", channels=[channel], **more))
    check_document(document)
    return document


def channel(incoming: Any = Never, outgoing: Any = Never, *, address: str = "/", **more: Any) -> Channel[Any, Any]:
    return Channel("prices", address=address, incoming=incoming, outgoing=outgoing, **more)


def test_a_document_is_told_by_the_server() -> None:
    document = exported(channel(Subscribe, Trade), description="All prices.")
    assert document["asyncapi"] == "3.1.0"
    assert document["info"] == {"title": "Prices", "version": "1.2.0", "description": "All prices."}
    assert document["x-typedws-perspective"] == "server"
    assert document["defaultContentType"] == "application/json"
    assert document["operations"]["subscribe"] == {
        "summary": "Which symbols to send.",
        "action": "receive",
        "channel": {"$ref": "#/channels/prices"},
        "messages": [{"$ref": "#/channels/prices/messages/Subscribe"}],
    }
    assert document["operations"]["sendPrices"]["action"] == "send"


def test_each_member_of_a_union_is_a_message() -> None:
    document = exported(channel(Subscribe | Order, Trade))
    assert list(document["channels"]["prices"]["messages"]) == ["Subscribe", "Order", "Trade"]
    assert document["components"]["messages"]["Order"]["payload"] == {"$ref": "#/components/schemas/Order"}
    assert [name for name in document["operations"]] == ["subscribe", "order", "sendPrices"]


def test_aliases_and_annotations_stand_for_what_is_behind_them() -> None:
    document = exported(channel(Pet, Annotated[Trade | Accepted, "a note of somebody else's"]))
    assert list(document["components"]["messages"]) == ["Cat", "Dog", "Trade", "Accepted"]
    assert document["components"]["schemas"]["Cat"]["discriminator"] == "kind"


def test_the_same_message_in_both_directions_and_channels_is_described_once() -> None:
    first = channel(Trade, Trade)
    second = Channel("more", address="/more", incoming=Trade, outgoing=Never)
    document = export(Api("Prices", "1", channels=[first, second]))
    check_document(document)
    assert list(document["components"]["messages"]) == ["Trade"]
    assert list(document["operations"]) == ["trade", "sendPrices", "moreTrade"]


def test_what_is_no_class_gets_a_name_from_its_form() -> None:
    UserId = NewType("UserId", int)
    forms: list[tuple[Any, str]] = [
        (list[Trade], "TradeList"),
        (dict[str, list[Trade]], "TradeListMap"),
        (Literal["on", "off"], "on_off"),
        (None, "Null"),
        (int, "Integer"),
        (UserId, "UserId"),
        (Batch, "Batch"),
        (Annotated[list[Trade], Message("snapshot")], "snapshot"),
        (tuple[int, str], "Tuple"),
        (Any, "Anything"),
    ]
    for form, name in forms:
        assert list(exported(channel(form))["components"]["messages"]) == [name]


def test_bytes_and_str_are_binary_and_text_messages_as_they_are() -> None:
    document = exported(channel(Trade | bytes | str))
    messages = document["components"]["messages"]
    assert messages["Binary"] == {
        "name": "Binary",
        "contentType": "application/octet-stream",
        "payload": {"type": "string", "format": "binary"},
    }
    assert messages["Text"]["contentType"] == "text/plain"
    assert "contentType" not in messages["Trade"]


def test_a_converter_says_the_content_type() -> None:
    converters: list[tuple[Any, str]] = [
        (JSONConverter(), "application/json"),
        (PydanticConverter(), "application/json"),
        (CBORConverter(), "application/cbor"),
        (MsgPackConverter(), "application/msgpack"),
    ]
    for converter, content_type in converters:
        assert exported(channel(Cat, converter=converter))["defaultContentType"] == content_type
    assert exported(channel(Trade, content_type="application/x"))["defaultContentType"] == "application/x"


def test_a_message_can_have_a_content_type_and_examples_of_its_own() -> None:
    trade = Annotated[Trade, Message("tick", summary="A tick.", content_type="application/cbor", examples=[Trade(1.5)])]
    message = exported(channel(Subscribe, trade))["components"]["messages"]["tick"]
    assert message == {
        "name": "tick",
        "summary": "A tick.",
        "contentType": "application/cbor",
        "payload": {"$ref": "#/components/schemas/Trade"},
        "examples": [{"payload": {"type": "trade", "price": 1.5}}],
    }


def test_an_example_must_be_a_value_of_its_type() -> None:
    for form in (
        Annotated[Trade, Message(examples=[Order(1)])],
        Annotated[Cat, Message(examples=[Dog()])],
        Annotated[list[float], Message(examples=[[float("nan")]])],
    ):
        with pytest.raises(SchemaError, match="channel 'prices'"):
            export(Api("Prices", "1", channels=[channel(Never, form)]))


def test_a_request_has_a_reply_and_both_have_the_correlation() -> None:
    document = exported(
        channel(
            Subscribe | Order,
            Trade | Accepted | Refused,
            replies=[Reply(Order, Accepted, correlation="id"), Reply(Subscribe, Trade)],
        )
    )
    assert document["operations"]["order"]["reply"] == {
        "channel": {"$ref": "#/channels/prices"},
        "messages": [{"$ref": "#/channels/prices/messages/Accepted"}],
    }
    location = {"location": "$message.payload#/id"}
    messages = document["components"]["messages"]
    assert messages["Order"]["correlationId"] == messages["Accepted"]["correlationId"] == location
    assert "correlationId" not in messages["Subscribe"]


def test_the_correlation_may_have_another_name_in_the_reply() -> None:
    reply = Reply(Order, Refused, correlation="id", reply_correlation="request")
    messages = exported(channel(Order, Refused, replies=[reply]))["components"]["messages"]
    assert messages["Refused"]["correlationId"] == {"location": "$message.payload#/request"}


def test_a_reply_that_cannot_be_is_refused() -> None:
    wrong: list[tuple[list[Reply], str]] = [
        ([Reply(Trade, Accepted)], "Trade is in a Reply, and not among incoming="),
        ([Reply(Order, Trade)], "Trade is in a Reply, and not among outgoing="),
        ([Reply(Order, Accepted, correlation="no")], "Order has no property 'no' .* 'type', 'id'"),
        ([Reply(Order, Accepted), Reply(Order, Refused)], "Order has two replies"),
        (
            [Reply(Order, Accepted, correlation="id"), Reply(Subscribe, Accepted, correlation="symbols")],
            "two places|no",
        ),
    ]
    for replies, message in wrong:
        with pytest.raises(SchemaError, match=message) as caught:
            export(Api("A", "1", channels=[channel(Subscribe | Order, Accepted | Refused, replies=replies)]))
        assert caught.value.pointer == "#/channels/prices"


def test_the_opening_handshake_is_a_binding() -> None:
    document = exported(
        channel(
            Trade,
            query=Query,
            headers=Headers,
            converters={"p.json": JSONConverter(), "p.cbor": CBORConverter()},
            subprotocols=["old"],
        )
    )
    found = document["channels"]["prices"]
    assert found["bindings"]["ws"] == {
        "method": "GET",
        "query": {"type": "object", "properties": {"limit": {"type": "integer", "minimum": 1}}},
        "headers": {
            "type": "object",
            "required": ["X-Client"],
            "properties": {
                "X-Client": {"type": "string"},
                "Sec-WebSocket-Protocol": {"type": "string", "enum": ["p.json", "p.cbor", "old"]},
            },
        },
        "bindingVersion": "0.1.0",
    }
    # A generated client speaks JSON, and so offers what means JSON.
    assert found["x-typedws-subprotocols"] == ["p.json", "old"]


def test_query_and_headers_are_classes() -> None:
    for wrong in (list[int], str, dict[str, int]):
        with pytest.raises(SchemaError, match="query= is a class"):
            export(Api("A", "1", channels=[channel(Trade, query=wrong)]))


def test_addresses_and_servers_have_variables() -> None:
    document = exported(
        channel(
            Trade,
            address="/rooms/{room}/{side}",
            parameters=[Variable("side", enum=["buy", "sell"], default="buy", description="Which.")],
            servers=["production"],
        ),
        servers=[
            Server(
                "production",
                "wss://{region}.example.com:{port}/v1",
                variables=[Variable("region", enum=["eu", "us"])],
                security=[Security("bearer"), Security("header", "X-Key"), Security("cookie", "sid")],
                description="The real one.",
            ),
            Server("local", "ws://localhost:8000"),
        ],
    )
    assert document["channels"]["prices"]["parameters"] == {
        "room": {},
        "side": {"description": "Which.", "enum": ["buy", "sell"], "default": "buy"},
    }
    assert document["channels"]["prices"]["servers"] == [{"$ref": "#/servers/production"}]
    assert document["servers"]["local"] == {"host": "localhost:8000", "protocol": "ws"}
    production = document["servers"]["production"]
    assert (production["host"], production["pathname"]) == ("{region}.example.com:{port}", "/v1")
    assert production["variables"] == {"region": {"enum": ["eu", "us"]}, "port": {}}
    assert document["components"]["securitySchemes"] == {
        "bearer": {"type": "http", "scheme": "bearer"},
        "X-Key": {"type": "httpApiKey", "name": "X-Key", "in": "header"},
        "sid": {"type": "httpApiKey", "name": "sid", "in": "cookie"},
    }


def test_nothing_may_travel_one_way() -> None:
    document = exported(channel(Never, Trade))
    assert list(document["operations"]) == ["sendPrices"]
    assert exported(channel(Never, Never))["channels"]["prices"]["address"] == "/"


def test_what_the_server_could_not_read_is_refused_with_channel_and_type() -> None:
    class One(Struct):
        x: int

    class Two(Struct):
        x: int

    class Alien:
        pass

    for form, converter, message in (
        (One | Two, JSONConverter(), r"One \| .*Two"),
        (Cat | Trade, JSONConverter(), "Trade"),
        (Alien, JSONConverter(), "Alien"),
        (Trade, PydanticConverter(), "Trade"),
        (Trade, None, "Trade cannot be described: nothing says how it is written"),
        ("Trade", JSONConverter(), "given as a string"),
    ):
        with pytest.raises(SchemaError, match=message) as caught:
            export(Api("A", "1", channels=[channel(form, converter=converter)]))
        assert str(caught.value).startswith("channel 'prices': ")
    # What is sent need not be told apart by us.
    assert len(exported(channel(Never, One | Two))["components"]["messages"]) == 2


def test_a_declaration_is_checked_at_once() -> None:
    good = channel(Trade)
    for build, error in (
        (lambda: Channel("a b", address="/", incoming=Trade, outgoing=Never), "letters, digits"),
        (lambda: channel(Trade, address="prices"), "begins with"),
        (lambda: channel(Trade, address="/a?b=c"), "begins with"),
        (lambda: channel(Trade, address="/{a}/{a}"), "same one twice"),
        (lambda: channel(Trade, parameters=[Variable("x")]), "no variable {x}"),
        (lambda: channel(Trade, subprotocols=["a", "a"]), "a"),
        (lambda: Reply(Order, Accepted, reply_correlation="id"), "needs a correlation"),
        (lambda: Security("header"), "needs the name"),
        (lambda: Security("bearer", "x"), "has no name"),
        (lambda: Server("a", "https://example.com"), "ws"),
        (lambda: Server("a", "wss://example.com?x=1"), "no query"),
        (lambda: Api("A", "1", channels=[]), "at least one"),
        (lambda: Api("A", "1", channels=[good, good]), "the name 'prices'"),
        (lambda: Api("A", "1", channels=[channel(Trade, servers=["x"])]), "the server 'x'"),
        (lambda: Message("a b"), "letters, digits"),
    ):
        with pytest.raises(ValueError, match=error):
            build()
    wrong: Any = Order
    for build in (lambda: channel(Trade, replies=[wrong]), lambda: Api("A", "1", channels=[wrong])):
        with pytest.raises(TypeError):
            build()
