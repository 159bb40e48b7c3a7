"""What an answer says again of its request."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.schema.mock.apis import served
from typedws import connect

pytestmark = pytest.mark.anyio

DOCUMENT = """
asyncapi: 3.0.0
info: {title: Echo, version: 1.0.0}
channels:
  main:
    address: /
    messages:
      ask: {payload: {type: object, required: [type], properties: {type: {const: ask}}}}
      askReply:
        payload:
          type: object
          required: [type, made]
          properties:
            type: {const: answer}
            made: {type: object, required: [name, at], properties: {name: {type: string}, at: {type: integer}}}
            tags: {type: array, items: {type: string}}
            count: {type: integer, maximum: 10}
            topic: {type: object, properties: {name: {type: string}, depth: {type: integer}}}
            legs:
              type: array
              items: {type: object, required: [id], properties: {id: {type: string}, size: {type: integer}}}
            whole: {type: object, required: [id, size], properties: {id: {type: string}, size: {type: integer}}}
            limits: {type: object, additionalProperties: {type: integer}}
            maybe: {oneOf: [{type: 'null'}, {type: object, properties: {id: {type: string}}}]}
            error: {type: string}
            free: {}
operations:
  ask:
    action: receive
    channel: {$ref: '#/channels/main'}
    messages: [{$ref: '#/channels/main/messages/ask'}]
    reply: {channel: {$ref: '#/channels/main'}, messages: [{$ref: '#/channels/main/messages/askReply'}]}
"""


async def answer_to(request: dict[str, Any]) -> dict[str, Any]:
    async with served(DOCUMENT, interval=None) as (server, _), connect(server.url) as session:
        await session.send(json.dumps({"type": "ask", **request}))
        answer: dict[str, Any] = json.loads((await session.receive()).data)
        assert server.problems == ()
        return answer


@pytest.mark.parametrize(
    "said",
    [
        {"tags": ["a", "b"]},
        {"tags": []},
        {"count": 7},
        {"topic": {"name": "ohlc", "depth": 5}},
        {"legs": [{"id": "1", "size": 2}, {"id": "2"}]},
        {"whole": {"id": "x", "size": 3}},
        {"limits": {"a": 1}},
        {"maybe": {"id": "y"}},
        {"tags": ["a"], "topic": {"name": "b", "depth": 3}, "count": 1},
    ],
    ids=str,
)
async def test_fields_of_one_name_have_one_value(said: dict[str, Any]) -> None:
    answer = await answer_to(said)
    assert answer["type"] == "answer"
    assert {key: answer.get(key) for key in said} == said


async def test_part_of_a_record_is_said_again_too() -> None:
    answer = await answer_to({"topic": {"name": "ohlc", "secret": 1}, "whole": {"id": "x"}})
    assert answer["topic"]["name"] == "ohlc"
    assert "secret" not in answer["topic"]
    assert answer["whole"]["id"] == "x"
    assert isinstance(answer["whole"]["size"], int)


async def test_what_stands_deeper_is_found() -> None:
    answer = await answer_to({"body": {"tags": ["a"], "count": 4}, "made": {"name": "n"}, "name": "other"})
    assert answer["tags"] == ["a"]
    assert answer["count"] == 4
    assert answer["made"]["name"] == "n"


async def test_what_does_not_fit_is_not_said_again() -> None:
    answer = await answer_to({"count": 11, "tags": [1], "topic": "x", "error": "no", "free": 1, "other": 1})
    assert answer.get("count") != 11
    assert answer.get("tags") != [1]
    assert answer.get("topic") != "x"
    assert not {"error", "other"} & answer.keys()
    assert answer.get("free") != 1
