"""Export, then generate: the same types come back, and read and write the same messages."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from types import ModuleType
from typing import Any, Never, Required, TypedDict, Union

import msgspec
import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from tests.schema.export.likeness import unlike
from tests.schema.export.official import check_document, is_valid
from tests.schema.export.worlds import (
    MSGSPEC_ONLY,
    Library,
    OneOf,
    Record,
    Shape,
    World,
    forget,
    load_module,
    record_values,
    source,
    worlds,
)
from typedws.schema.building.contract import build_contract
from typedws.schema.document import load
from typedws.schema.emit import emit
from typedws.schema.exporting import Api, Channel, Reply, Security, Server, Variable, export, to_json, to_yaml

LIBRARIES: list[Library] = ["msgspec", "pydantic"]

WITHOUT: dict[tuple[Library, Library], tuple[str, ...]] = {
    ("pydantic", "msgspec"): MSGSPEC_ONLY,
    ("pydantic", "pydantic"): MSGSPEC_ONLY,
}

a_while = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def exported(module: ModuleType, incoming: tuple[str, ...], outgoing: tuple[str, ...]) -> dict[str, Any]:
    union: Any = Union
    channel: Channel[Any, Any] = Channel(
        "everything",
        address="/",
        incoming=union[tuple(getattr(module, name) for name in incoming)],
        outgoing=union[tuple(getattr(module, name) for name in outgoing)],
    )
    return export(Api("Everything", "1.0.0", channels=[channel]))


def generated(document: dict[str, Any], models: Library, *, as_json: bool = False) -> ModuleType:
    name, text = ("api.json", to_json(document)) if as_json else ("api.yaml", to_yaml(document))
    code = emit(build_contract(load(name, text=text)), models=models).text
    note(code)
    return load_module(code, "generated")


def reads(form: Any, library: Library, value: object) -> bool:
    try:
        again(form, library, value)
    except (msgspec.ValidationError, ValidationError):
        return False
    return True


def again(form: Any, library: Library, value: object) -> Any:
    """A value, read and written by a class."""
    text = json.dumps(value)
    if library == "msgspec":
        return json.loads(msgspec.json.encode(msgspec.json.decode(text, type=form)))
    model = TypeAdapter(form).validate_json(text)
    return json.loads(TypeAdapter(form).dump_json(model, by_alias=True, exclude_unset=True))


def is_constant(shape: Shape) -> bool:
    return isinstance(shape, OneOf) and len(shape.values) == 1


def spoiled(record: Record, value: dict[str, Any]) -> list[dict[str, Any]]:
    """The same, each time without one of the properties that must be there. (A constant is known without it.)"""
    needed = [field.wire_name for field in record.fields if field.required and not is_constant(field.shape)]
    return [{key: one for key, one in value.items() if key != name} for name in needed]


@pytest.mark.time_limit(300)
@pytest.mark.parametrize("models", LIBRARIES)
@pytest.mark.parametrize("library", LIBRARIES)
@a_while
@given(data=st.data())
def test_what_is_exported_generates_the_same_types(data: st.DataObject, library: Library, models: Library) -> None:
    world: World = data.draw(worlds(WITHOUT.get((library, models), ())))
    text = source(world, library)
    note(text)
    ours = load_module(text, "ours")
    document = exported(ours, world.incoming, world.outgoing)
    check_document(document)
    theirs = generated(document, models, as_json=data.draw(st.booleans()))
    try:
        back = exported(theirs, world.incoming, world.outgoing)
        loose = "pydantic" in (library, models)
        for name in {*world.incoming, *world.outgoing}:
            left, right = ({"$ref": f"#/components/schemas/{name}"} for _ in "ab")
            assert not unlike(left, right, (document, back), loose=loose)
        for name in {*world.incoming, *world.outgoing}:
            record = world.record(name)
            value = data.draw(record_values(record, world))
            schema = document["components"]["messages"][name]["payload"]
            assert is_valid(value, schema, document)
            mine, yours = getattr(ours, name), getattr(theirs, name)
            assert again(mine, library, value) == value
            assert again(yours, models, value) == value
            for bad in spoiled(record, value):
                assert not reads(mine, library, bad)
                assert not reads(yours, models, bad)
                assert not is_valid(bad, schema, document)
            more = {**value, "one more": 1}
            assert reads(mine, library, more) is is_valid(more, schema, document) is not record.closed
    finally:
        forget(ours, theirs)


class Order(msgspec.Struct, tag="order"):
    """Places an order."""

    id: int
    """Comes back in the reply."""
    price: float


class Accepted(msgspec.Struct, tag="accepted"):
    request: int


class Refused(msgspec.Struct, tag="refused"):
    request: int
    reason: str | None = None


class Query(TypedDict, total=False):
    limit: Required[int]
    """How many."""
    full: bool


def test_a_whole_declaration_comes_back() -> None:
    orders = Channel(
        "orders",
        address="/rooms/{room}",
        incoming=Order | bytes,
        outgoing=Accepted | Refused | str,
        replies=[Reply(Order, Accepted | Refused, correlation="id", reply_correlation="request")],
        parameters=[Variable("room", enum=["a", "b"])],
        query=Query,
        subprotocols=["orders.v1"],
        description="Where orders are placed.",
    )
    server = Server("main", "wss://example.com/v1", security=[Security("bearer"), Security("query", "key")])
    document = export(Api("Orders", "1.0.0", channels=[orders], servers=[server], description="All orders."))
    check_document(document)
    contract = build_contract(load("api.yaml", text=to_yaml(document)))
    assert (contract.title, contract.version, contract.description) == ("Orders", "1.0.0", "All orders.")
    assert contract.perspective == "server"
    (connection,) = contract.connections
    assert [(server.url, connection.path) for server in connection.servers] == [
        ("wss://example.com/v1", "/rooms/{room}")
    ]
    assert connection.subprotocols == ("orders.v1",)
    assert [(one.wire_name, one.place, one.required) for one in connection.parameters] == [
        ("room", "variable", True),
        ("limit", "query", True),
        ("full", "query", False),
    ]
    assert [(one.kind, one.wire_name) for one in connection.credentials] == [
        ("bearer", "Authorization"),
        ("query", "key"),
    ]
    order, binary = connection.operations
    assert (order.name, order.messages, binary.messages) == ("order", ("Order",), ("Binary",))
    exchange = order.exchange
    assert exchange is not None
    assert (exchange.request_id, exchange.id_type) == (("id",), "int")
    assert {*exchange.replies, *exchange.failures} == {"Accepted", "Refused"}
    assert exchange.reply_ids == {"Accepted": ("request",), "Refused": ("request",)}
    assert [message.format for message in connection.incoming.messages] == ["json", "json", "text"]
    assert [message.format for message in connection.outgoing.messages] == ["json", "binary"]


def test_what_is_said_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    channel = Channel("orders", address="/", incoming=Order, outgoing=Never)
    document = export(Api("Orders", "1.0.0", channels=[channel]))
    assert document["components"]["schemas"]["Order"]["description"] == "Places an order."
    code = emit(build_contract(load("api.yaml", text=to_yaml(document)))).text
    (tmp_path / "client_of_orders.py").write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    theirs = importlib.import_module("client_of_orders")
    again = export(
        Api("Orders", "1.0.0", channels=[Channel("orders", address="/", incoming=theirs.Order, outgoing=Never)])
    )
    forget(theirs)
    assert again == document
