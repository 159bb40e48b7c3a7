"""Contracts made by hand, for the tests of what is written from them."""

from __future__ import annotations

from typing import Any

from typedws.schema.contract.api import (
    Connection,
    Contract,
    Credential,
    Direction,
    Exchange,
    Filter,
    Message,
    Operation,
    Parameter,
    Server,
    Subscription,
)
from typedws.schema.contract.types import (
    ANY,
    NULL,
    Alias,
    Constraints,
    Declaration,
    Field,
    ListOf,
    LiteralOf,
    MapOf,
    Record,
    Ref,
    Scalar,
    Tag,
    TupleOf,
    Type,
    UnionOf,
)
from typedws.schema.decisions import ByKind, ByValue, Only, Tagged, Undecided

STR = Scalar("str")
INT = Scalar("int")


def fields(*given: tuple[Any, ...]) -> tuple[Field, ...]:
    """Fields as (name, type) or (name, type, wire name); a name with `?` may be absent."""
    found = []
    for name, type_, *rest in given:
        bare = name.rstrip("?")
        found.append(Field(name=bare, wire_name=rest[0] if rest else bare, type=type_, required=bare == name))
    return tuple(found)


def record(
    name: str, *given: tuple[Any, ...], tag: str | int | None = None, field: str = "type", **more: Any
) -> Record:
    """A record, with the property of its tag in front."""
    made = fields(*given)
    if tag is not None:
        made = (Field(name=field, wire_name=field, type=LiteralOf((tag,)), required=True), *made)
    return Record(
        name=name,
        pointer=f"#/components/schemas/{name}",
        fields=made,
        tag=None if tag is None else Tag(field, tag),
        **more,
    )


def alias(name: str, type_: Type, **more: Any) -> Alias:
    return Alias(name=name, pointer=f"#/components/schemas/{name}", type=type_, **more)


def message(name: str, **more: Any) -> Message:
    return Message(name=name, keys=(name,), format=more.pop("format", "json"), pointer=f"#/messages/{name}", **more)


def contract(*declarations: Declaration, connections: tuple[Connection, ...] | None = None, **more: Any) -> Contract:
    """A contract; without connections it gets one that has nothing."""
    given: dict[str, Any] = {
        "title": "Prices",
        "version": "1.2.0",
        "source": "prices.yaml",
        "digest": "3f0c" * 16,
        "perspective": "server",
        "description": "",
    }
    given.update(more)
    if connections is None:
        connections = (Connection(name="Feed", channels=("feed",)),)
    return Contract(declarations=declarations, connections=connections, **given)


def one(*declarations: Declaration, **more: Any) -> Contract:
    """A contract with one connection."""
    names = [declared.name for declared in declarations]
    both = Direction(messages=tuple(message(name) for name in names), text=Undecided(tuple(names)))
    feed = Connection(name="Feed", channels=(), incoming=both, outgoing=both, **more)
    return contract(*declarations, connections=(feed,))


def types_only(*types: Type, declarations: tuple[Declaration, ...] = ()) -> Contract:
    """A contract with one record that has a required and an optional field of each type."""
    given: list[tuple[Any, ...]] = []
    for number, type_ in enumerate(types):
        given += [(f"field_{number}", type_), (f"maybe_{number}?", type_)]
    return contract(record("Holder", *given), *declarations)


def market() -> Contract:
    """A contract with everything that there is."""
    declarations: tuple[Declaration, ...] = (
        record(
            "Subscribe",
            ("op", LiteralOf(("subscribe", "unsubscribe"))),
            ("symbols", ListOf(STR, Constraints(min_length=1))),
            ("since?", Scalar("datetime")),
            ("from_?", STR, "from"),
            tag="subscribe",
            closed=True,
            description='Which symbols to send. They may be "quoted".',
        ),
        record(
            "Trade", ("symbol", STR), ("price", Scalar("float", Constraints(ge=0))), ("id", Scalar("uuid")), tag="trade"
        ),
        record(
            "Summary",
            ("symbol", STR),
            ("rows", ListOf(TupleOf((STR, Scalar("float"))))),
            ("more?", Ref("Summary")),
            tag="summary",
        ),
        record(
            "ErrorMessage", ("id?", STR), ("ok", LiteralOf((False,))), ("reason", UnionOf((STR, NULL))), tag="error"
        ),
        record(
            "CreateOrderRequest",
            ("id", STR),
            ("payload", Ref("OrderBody")),
            ("timeout?", INT),
            tag="createOrder",
        ),
        record(
            "CreateOrderResponse", ("id", STR), ("ok", Scalar("bool")), ("payload?", ANY), tag="createOrderResponse"
        ),
        record(
            "OrderBody",
            ("side", Ref("Side")),
            ("quantity", Scalar("str", Constraints(pattern=r"^\d+(\.\d+)?$"))),
            ("kind", LiteralOf(("limit",))),
        ),
        record("Pause", tag="pause"),
        record("Resume", tag="resume"),
        record("Cancel", ("order_id", STR, "orderId"), ("reason?", UnionOf((STR, NULL))), tag="cancel"),
        alias("Side", LiteralOf(("buy", "sell")), description="Which side."),
        alias("Audio", Scalar("bytes")),
        record("Extra", ("known", INT), extra=Scalar("float")),
        alias("Json", UnionOf((MapOf(Ref("Json")), ListOf(Ref("Json")), STR, Scalar("float"), Scalar("bool"), NULL))),
    )
    names = ("Subscribe", "CreateOrderRequest", "Pause", "Resume", "Cancel")
    tags = ("subscribe", "createOrder", "pause", "resume", "cancel")
    incoming = Direction(
        messages=(
            message("Trade"),
            message("Summary"),
            message("ErrorMessage", is_error=True),
            message("CreateOrderResponse", correlation=("id",)),
        ),
        text=Tagged(
            "type",
            {
                "trade": "Trade",
                "summary": "Summary",
                "error": "ErrorMessage",
                "createOrderResponse": "CreateOrderResponse",
            },
        ),
        explanation=('Told apart by "type": 4 values.',),
    )
    outgoing = Direction(
        messages=(*(message(name) for name in names), message("Audio", format="binary")),
        text=Tagged("type", dict(zip(tags, names, strict=True))),
        binary=Only("Audio"),
        explanation=('Told apart by "type": 5 values.', "Binary frames are Audio."),
    )
    connection = Connection(
        name="Market",
        channels=("market",),
        servers=(
            Server(name="production", url="wss://api.example.com", description="The real one."),
            Server(name="staging", url="wss://staging.example.com/{stage}"),
        ),
        path="/v1/marketdata/{symbol}",
        parameters=(
            Parameter(
                name="symbol",
                wire_name="symbol",
                place="variable",
                type=STR,
                required=True,
                description="What to trade.",
            ),
            Parameter(
                name="stage",
                wire_name="stage",
                place="variable",
                type=LiteralOf(("a", "b")),
                required=False,
                default="a",
            ),
            Parameter(name="heartbeat", wire_name="heartbeat", place="query", type=Scalar("bool"), required=False),
            Parameter(name="v", wire_name="v", place="query", type=STR, required=False, default="2", fixed=True),
            Parameter(name="headers", wire_name="X-Client", place="header", type=STR, required=False, default="me"),
        ),
        credentials=(
            Credential(name="token", kind="bearer", wire_name="Authorization"),
            Credential(name="login", kind="basic", wire_name="Authorization"),
        ),
        incoming=incoming,
        outgoing=outgoing,
        operations=(
            Operation(name="cancel", key="cancel", messages=("Cancel",), description="Cancels an order."),
            Operation(name="control", key="control", messages=("Pause", "Resume")),
            Operation(name="send", key="send", messages=("Pause",), deprecated=True),
            Operation(name="media", key="media", messages=("Audio",)),
            Operation(
                name="create_order",
                key="createOrder",
                messages=("CreateOrderRequest",),
                exchange=Exchange(
                    replies=("CreateOrderResponse",),
                    failures=("ErrorMessage",),
                    request_id=("id",),
                    reply_ids={"CreateOrderResponse": ("id",), "ErrorMessage": ("id",)},
                    ok_field="ok",
                ),
            ),
        ),
        subscriptions=(
            Subscription(
                name="subscribe_trades",
                channel="trades",
                request="Subscribe",
                set_fields={"op": "subscribe"},
                cancel="Subscribe",
                cancel_fields={"op": "unsubscribe"},
                updates=("Trade", "Summary"),
                filters=(Filter(request=("symbols",), update=("symbol",)),),
            ),
        ),
        subprotocols=("market.v1",),
        description="Market data.",
    )
    control = Connection(
        name="Control",
        channels=("control",),
        incoming=Direction(
            messages=(message("Pause"), message("Resume")),
            text=ByKind({"object": ByValue(("type",), {"pause": Only("Pause")}, Only("Resume"))}),
        ),
        outgoing=Direction(
            messages=(message("Pause"), message("Resume")),
            text=Undecided(("Pause", "Resume")),
        ),
    )
    return contract(*declarations, connections=(connection, control), description="A client subscribes to symbols.")
