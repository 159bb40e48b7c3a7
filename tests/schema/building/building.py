"""Small documents, and the contracts that are made of them."""

from __future__ import annotations

import json
from textwrap import dedent
from typing import Any

from typedws.schema.building.contract import build_contract
from typedws.schema.building.options import BuildOptions
from typedws.schema.contract.api import Connection, Contract
from typedws.schema.contract.types import Alias, Field, Record, Type
from typedws.schema.document import Document, load

HEAD = """\
asyncapi: 3.0.0
x-typedws-perspective: client
info: {title: Shop, version: 1.0.0}
servers:
  main: {host: shop.test, protocol: wss}
"""


def read(body: str, *, head: str = HEAD) -> Document:
    """Reads a document: the head above, then a body."""
    return load("shop.yaml", text=head + dedent(body).lstrip("\n"))


def build(body: str, *, head: str = HEAD, **options: Any) -> Contract:
    """The contract of a document: the head above, then a body."""
    return build_contract(read(body, head=head), BuildOptions(**options))


def with_messages(*, incoming: dict[str, Any], outgoing: Any = None, **more: Any) -> str:
    """A document of one channel; payloads by the names of the messages. `more` goes into the channel."""
    messages = {**incoming, **(outgoing or {})}
    document: dict[str, Any] = {
        "asyncapi": "3.0.0",
        "x-typedws-perspective": "client",
        "info": {"title": "Shop", "version": "1.0.0"},
        "servers": {"main": {"host": "shop.test", "protocol": "wss"}},
        "channels": {
            "feed": {
                "address": "/feed",
                "messages": {name: {"payload": payload} for name, payload in messages.items()},
                **more,
            }
        },
        "operations": {
            "receiveAll": {
                "action": "receive",
                "channel": {"$ref": "#/channels/feed"},
                "messages": [{"$ref": f"#/channels/feed/messages/{name}"} for name in incoming],
            }
        },
    }
    for name in outgoing or {}:
        document["operations"][f"send{name}"] = {
            "action": "send",
            "channel": {"$ref": "#/channels/feed"},
            "messages": [{"$ref": f"#/channels/feed/messages/{name}"}],
        }
    return json.dumps(document)


def contract_of(*, incoming: dict[str, Any], outgoing: Any = None, **more: Any) -> Contract:
    """The contract of `with_messages`."""
    text = with_messages(incoming=incoming, outgoing=outgoing, **more)
    return build_contract(load("shop.json", text=text))


def only(contract: Contract) -> Connection:
    """The one connection of a contract."""
    (connection,) = contract.connections
    return connection


def record(contract: Contract, name: str) -> Record:
    """A record by name."""
    declared = contract.declaration(name)
    assert isinstance(declared, Record), declared
    return declared


def alias(contract: Contract, name: str) -> Type:
    """What an alias stands for."""
    declared = contract.declaration(name)
    assert isinstance(declared, Alias), declared
    return declared.type


def field(contract: Contract, record_name: str, wire_name: str) -> Field:
    """A field of a record, by its name on the wire."""
    return next(one for one in record(contract, record_name).fields if one.wire_name == wire_name)


def type_of(schema: Any, *, components: dict[str, Any] | None = None) -> Type:
    """The type of a schema, as a required property of a message."""
    body = {
        "asyncapi": "3.0.0",
        "x-typedws-perspective": "client",
        "info": {"title": "Shop", "version": "1"},
        "channels": {"feed": {"address": "/feed", "messages": {"Item": {"payload": payload(value=schema)}}}},
        "operations": {"receiveItem": {"action": "receive", "channel": {"$ref": "#/channels/feed"}}},
        "components": {"schemas": components or {}},
    }
    return field(build_contract(load("shop.json", text=json.dumps(body))), "Item", "value").type


def payload(*, required: Any = True, **properties: Any) -> dict[str, Any]:
    """An object with these properties, all of them required unless said otherwise."""
    return {"type": "object", "properties": properties, **({"required": [*properties]} if required else {})}
