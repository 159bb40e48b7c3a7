"""What the docstrings of methods say about their arguments."""

from __future__ import annotations

import inspect
from dataclasses import replace
from typing import Any

import pytest

from tests.schema.emit.contracts import STR, contract, one, record
from tests.schema.emit.modules import MODELS, emitted, formatted, imported
from typedws.schema.contract.api import Connection, Credential, Operation, Parameter, Server, Subscription
from typedws.schema.contract.types import Field
from typedws.schema.emit.naming import Models


def arguments(function: Any) -> dict[str, str]:
    """What the docstring of a function says about its arguments, each on one line."""
    doc = inspect.getdoc(function)
    assert doc is not None
    found: dict[str, str] = {}
    for line in doc.partition("Args:\n")[2].split("\n\n")[0].splitlines():
        if not line.startswith("     "):
            name, _, text = line.strip().partition(": ")
            found[name] = text
        else:
            found[name] += f" {line.strip()}"
    return found


def test_an_argument_of_connect_says_where_it_goes() -> None:
    def argument(name: str, wire_name: str, place: Any, description: str = "") -> Parameter:
        return Parameter(name=name, wire_name=wire_name, place=place, type=STR, required=True, description=description)

    feed = Connection(
        name="Feed",
        channels=(),
        parameters=(
            argument("url2", "url", "variable"),
            argument("url3", "url", "query", "Where to call"),
            argument("url4", "Url", "header", "Is it?"),
            argument("symbol", "symbol", "query", "What to trade."),
            argument("depth", "depth", "query"),
        ),
        credentials=(
            Credential(name="api_key", kind="header", wire_name="X-Key", description="The key"),
            Credential(name="key", kind="query", wire_name="key"),
            Credential(name="sid", kind="cookie", wire_name="sid", description="A session."),
            Credential(name="login", kind="basic", wire_name="Authorization"),
            Credential(name="token", kind="bearer", wire_name="Authorization"),
        ),
    )
    with imported(emitted(contract(connections=(feed,))).text) as module:
        said = arguments(module.Feed.connect)
        assert list(said)[-2:] == ["url", "options"]
        assert {name: text for name, text in said.items() if name not in ("url", "options")} == {
            "url2": "the variable `url` of the address.",
            "url3": "Where to call. The query parameter `url`.",
            "url4": "Is it? The header field `Url`.",
            "symbol": "What to trade.",
            "depth": "the query parameter `depth`.",
            "api_key": "The key. Sent in the header field `X-Key`.",
            "key": "a secret, sent as the query parameter `key`.",
            "sid": "A session.",
            "login": "user name and password.",
            "token": "sent as `Authorization: Bearer`.",
        }


@pytest.mark.parametrize("models", MODELS)
def test_an_argument_for_a_field_says_how_the_field_is_called(models: Models) -> None:
    renamed = Field(name="from_", wire_name="from", type=STR, required=True, default="a", description="Where from")
    ask = record("Ask", ("copy", STR), ("str", STR), ("plain", STR))
    ask = replace(ask, fields=(*ask.fields, renamed))
    made = one(
        ask,
        operations=(Operation(name="ask", key="ask", messages=("Ask",)),),
        subscriptions=(Subscription(name="subscribe_asks", channel="asks", request="Ask", updates=("Ask",)),),
    )
    with imported(emitted(made, models).text) as module:
        known = {"str_": "`str` on the wire.", "from_": 'Where from. `from` on the wire. Default: "a".'}
        if models == "pydantic":
            known["copy_"] = "`copy` on the wire."
        assert arguments(module.Feed.ask) == known
        assert arguments(module.Feed.subscribe_asks) == known


def test_each_server_has_its_line() -> None:
    servers = (
        Server(name="production", url="wss://a", description="The real one,\nwhich " + "really " * 12 + "is."),
        Server(name="eu-1", url="wss://b", description="In Europe"),
        Server(name="plain", url="wss://c"),
    )
    feed = Connection(name="Feed", channels=(), servers=servers)
    text = emitted(contract(connections=(feed,))).text
    assert formatted(text) == text
    entry = text.partition("Args:\n")[2].partition("            url: ")[0]
    assert entry == (
        "            server: which one.\n"
        "                production: The real one, which really really really really really\n"
        "                    really really really really really really really is.\n"
        "                eu-1: In Europe\n"
    )
