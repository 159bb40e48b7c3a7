"""Whatever is done to a document, it is read or refused: nothing else comes out."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import typedws
from typedws.schema.building.perspective import detect_perspective
from typedws.schema.document import load

VERSION3: dict[str, Any] = {
    "asyncapi": "3.0.0",
    "info": {"title": "T", "version": "1", "description": "D"},
    "defaultContentType": "application/json",
    "servers": {
        "main": {
            "host": "{r}.a.test", "pathname": "/v", "protocol": "wss",
            "variables": {"r": {"enum": ["a"], "default": "a"}},
            "security": [{"$ref": "#/components/securitySchemes/key"}],
        }
    },
    "channels": {
        "c": {
            "address": "/c/{p}", "servers": [{"$ref": "#/servers/main"}],
            "parameters": {"p": {"$ref": "#/components/parameters/p"}},
            "bindings": {"ws": {"query": {"type": "object"}, "headers": {"$ref": "#/components/schemas/S"}}},
            "messages": {"m": {"$ref": "#/components/messages/M"},
                         "n": {"payload": {"schemaFormat": "x", "schema": {}}}},
        }
    },
    "operations": {
        "o": {
            "action": "send", "channel": {"$ref": "#/channels/c"}, "messages": [{"$ref": "#/channels/c/messages/m"}],
            "traits": [{"summary": "s"}], "security": [{"type": "http", "scheme": "bearer"}],
            "reply": {"channel": {"$ref": "#/channels/c"}, "messages": [{"$ref": "#/channels/c/messages/n"}]},
        }
    },
    "components": {
        "messages": {
            "M": {
                "payload": {"$ref": "#/components/schemas/S"}, "correlationId": {"location": "$message.payload#/id"},
                "traits": [{"$ref": "#/components/messageTraits/t"}], "examples": [{"payload": {"a": 1}}], "tags": [],
            }
        },
        "messageTraits": {"t": {"name": "t"}},
        "parameters": {"p": {"enum": ["x"]}},
        "schemas": {"S": {"type": "object", "properties": {"id": {"type": "string"}}}},
        "securitySchemes": {"key": {"type": "httpApiKey", "name": "k", "in": "query"}},
    },
}  # fmt: skip
VERSION2: dict[str, Any] = {
    "asyncapi": "2.6.0",
    "info": {"title": "T", "version": "1"},
    "servers": {"main": {"url": "wss://a.test/v", "protocol": "wss", "security": [{"key": []}]}},
    "channels": {
        "/c/{p}": {
            "parameters": {"p": {"schema": {"type": "string", "enum": ["a"]}}}, "servers": ["main"],
            "bindings": {"ws": {"query": {}}},
            "publish": {"operationId": "o",
                        "message": {"oneOf": [{"$ref": "#/components/messages/M"}, {"payload": {}}]}},
            "subscribe": {"traits": [{"operationId": "p"}], "message": {"$ref": "#/components/messages/M"}},
        }
    },
    "components": {"messages": {"M": {"payload": {"type": "object"}, "examples": [{"a": 1}]}},
                   "securitySchemes": {"key": {"type": "http", "scheme": "basic"}}},
}  # fmt: skip
INSTEAD: list[Any] = [
    None, True, False, 0, 1.5, "", "text", "#/a", [], {}, [[]], [None], [3], {"": None}, {"a": 1}, "\0", 10**60,
    {"$ref": "#/none"}, {"$ref": ""}, {"$ref": "#"}, {"$ref": 3}, {"$ref": "none.yaml"}, {"$ref": "https://a.test/b"},
    {"$ref": "#/channels"}, {"$ref": "#/components/messages"}, {"$ref": "#/components/messages/M"},
    {"$ref": "#/operations/o"},
    {"oneOf": [{"$ref": "#/channels"}]}, {"schemaFormat": 3, "schema": 4}, {"$ref": "#/servers/main", "host": "x"},
]  # fmt: skip


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, each in inner for place in places(each, (*path, key)))]


def mutate(value: dict[str, Any], chance: random.Random) -> None:
    path = chance.choice(places(value)[1:] or [("asyncapi",)])
    parent: Any = value
    for key in path[:-1]:
        parent = parent[key]
    match chance.randrange(4):
        case 0:
            parent.pop(path[-1], None) if isinstance(parent, dict) else parent.pop(path[-1])
        case 1:
            pointer = "#" + "".join("/" + str(key).replace("/", "~1") for key in chance.choice(places(value)))
            parent[path[-1]] = {"$ref": pointer}
        case _:
            parent[path[-1]] = copy.deepcopy(chance.choice(INSTEAD))


def is_read_or_refused(text: str | bytes) -> None:
    try:
        document = load("api.json", text=text)
    except typedws.SchemaError as error:
        refusal = error
    else:
        detect_perspective(document)
        "".join(str(finding) for finding in document.findings).encode()
        return
    assert refusal.document == "api.json"
    str(refusal).encode()


@pytest.mark.parametrize("original", [VERSION3, VERSION2], ids=["version 3", "version 2"])
def test_the_document_itself_is_read_without_a_remark(original: dict[str, Any]) -> None:
    assert [each.code for each in load("api.json", text=json.dumps(original)).findings] in (
        ["unknown-schema-format"],
        ["loose-example"],
    )


@pytest.mark.parametrize("original", [VERSION3, VERSION2], ids=["version 3", "version 2"])
@pytest.mark.parametrize("seed", range(10))
def test_a_mutated_document(original: dict[str, Any], seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(50):
        value = copy.deepcopy(original)
        for _ in range(chance.randint(1, 5)):
            mutate(value, chance)
        is_read_or_refused(json.dumps(value))


@pytest.mark.parametrize("original", [VERSION3, VERSION2], ids=["version 3", "version 2"])
def test_every_place_with_everything_else_in_it(original: dict[str, Any]) -> None:
    for path in places(original)[1:]:
        for instead in INSTEAD[::3]:
            value = copy.deepcopy(original)
            parent: Any = value
            for key in path[:-1]:
                parent = parent[key]
            parent[path[-1]] = instead
            is_read_or_refused(json.dumps(value))


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200) | st.binary(max_size=200))
def test_any_text(text: str | bytes) -> None:
    is_read_or_refused(text)


BITS = [
    "&a ", "*a", "<<: ", "!!int ", "\t", "\n", "\0", '"', "'", "{", "}", "[", "]", ": ", "- ", "? ", "|\n", "---\n",
    "#", "%YAML 1.1\n", "\\uD800", "@", "`", "\ufeff", "\u2028", "\x85", "!<x>", "...\n", "a: 1\n", "  b:\n",
    "asyncapi: 3.0.0\n",
]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(BITS), max_size=40))
def test_any_yaml(bits: list[str]) -> None:
    is_read_or_refused("asyncapi: 3.0.0\n" + "".join(bits))
