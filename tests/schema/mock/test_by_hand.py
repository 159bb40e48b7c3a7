"""`MockServer.send`: what a test sends itself."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.schema.mock.apis import PRICES, served
from typedws import connect

pytestmark = pytest.mark.anyio

CAMERA = """
asyncapi: 3.0.0
info: {title: Camera, version: 1.0.0}
channels:
  camera:
    address: /
    messages:
      motion:
        payload:
          type: object
          required: [type, room]
          properties: {type: {const: motion}, room: {type: string}, at: {$ref: '#/components/schemas/at'}}
      idle: {payload: {type: object, properties: {type: {const: idle}, note: {type: string}}}}
      report:
        payload:
          type: object
          required: [type, parts]
          properties:
            type: {const: report}
            parts:
              type: array
              items: {oneOf: [{$ref: '#/components/schemas/at'}, {$ref: '#/components/schemas/by'}]}
      snapshot: {contentType: image/jpeg, payload: {type: string, format: binary}}
operations: {out: {action: send, channel: {$ref: '#/channels/camera'}}}
components:
  schemas:
    at: {type: object, required: [kind, n], properties: {kind: {const: at}, n: {type: integer}}}
    by: {type: object, required: [kind, who], properties: {kind: {const: by}, who: {type: string}}}
"""


async def sent(value: Any, **options: Any) -> Any:
    """What a client gets: bytes of a binary frame, or JSON."""
    async with served(CAMERA, greeting=False) as (server, _), connect(server.url) as session:
        await server.wait_clients()
        await server.send(value, **options)
        frame = await session.receive()
        return bytes(frame.data) if type(frame).__name__ == "BinaryFrame" else json.loads(frame.data)


@pytest.mark.parametrize("value", [b"jpeg", b"", b"\xff\xd8\x00", bytearray(b"jpeg")])
async def test_bytes_are_sent_as_they_are(value: bytes) -> None:
    assert await sent(value, message="snapshot") == value


async def test_text_for_a_binary_message_is_base64() -> None:
    assert await sent("/9g=", message="snapshot") == b"\xff\xd8"
    with pytest.raises(ValueError, match="a Snapshot is bytes, or text in base64, which this is not"):
        await sent("jpeg!", message="snapshot")
    with pytest.raises(ValueError, match="a Snapshot is bytes, or text in base64, not dict"):
        await sent({}, message="snapshot")


@pytest.mark.parametrize(
    ("value", "message", "whole"),
    [
        ({"room": "hall"}, "motion", {"type": "motion", "room": "hall"}),
        ({"room": "hall", "at": {"n": 1}}, "motion", {"type": "motion", "room": "hall", "at": {"kind": "at", "n": 1}}),
        ({"room": "hall", "more": 1}, "Motion", {"type": "motion", "room": "hall", "more": 1}),
        ({}, "idle", {"type": "idle"}),
        (
            {"parts": [{"who": "me"}, {"n": 2}, {"kind": "at", "n": 3}]},
            "report",
            {"type": "report", "parts": [{"kind": "by", "who": "me"}, {"kind": "at", "n": 2}, {"kind": "at", "n": 3}]},
        ),
    ],
)
async def test_json_is_completed(value: Any, message: str, whole: Any) -> None:
    before = json.dumps(value)
    assert await sent(value, message=message) == whole
    assert json.dumps(value) == before


@pytest.mark.parametrize(
    ("value", "message", "problem"),
    [
        ({"room": 3}, "motion", r"no valid Motion: \$\.room is no text; check=False"),
        ({}, "motion", r"\$\.room is missing"),
        ({"type": "other", "room": "x"}, "motion", r"\$\.type is none of the known values"),
        ({"room": "x", "at": {"n": "1"}}, "motion", r"\$\.at\.n is no whole number"),
        ([], "motion", r"\$ is no object"),
        (b"x", "motion", "must be JSON"),
        ({"room": float("nan")}, "motion", "must be JSON"),
        ({"room": {1}}, "motion", "must be JSON"),
    ],
)
async def test_json_is_checked(value: Any, message: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        await sent(value, message=message)


async def test_bad_bodies_can_be_sent_on_purpose() -> None:
    assert await sent({"room": 3}, message="motion", check=False) == {"room": 3}
    assert await sent({"type": "motion"}, message="motion", check=False) == {"type": "motion"}


async def test_without_its_name_it_is_not_guessed_at() -> None:
    for check in (True, False):
        with pytest.raises(ValueError, match=r"say which message it is with message=\.\.\."):
            await sent({"room": "x"}, check=check)


async def test_what_is_wrong_is_said_where_no_client_is() -> None:
    async with served(PRICES) as (server, _):
        with pytest.raises(ValueError, match=r"\$\.version is no whole number"):
            await server.send({"version": "x"}, message="hello")
        await server.send({"version": 1}, message="hello")


async def test_a_client_that_is_named_gets_the_same_care() -> None:
    async with served(CAMERA, greeting=False) as (server, _), connect(server.url):
        (client,) = await server.wait_clients()
        with pytest.raises(ValueError, match="message="):
            await server.send({"room": "x"}, client=client)
        with pytest.raises(ValueError, match="Camera has no message 'nothing'"):
            await server.send({}, message="nothing", client=client)
        with pytest.raises(ValueError, match="room is no text"):
            await server.send({"room": 3}, message="motion", client=client)


@pytest.mark.parametrize("content", ["application/cbor", "application/msgpack"])
async def test_other_formats_too(content: str) -> None:
    text = f"""
asyncapi: 3.0.0
info: {{title: Hive, version: 1.0.0}}
channels:
  hive:
    address: /
    messages:
      hum: {{contentType: {content}, payload: {{type: object, required: [type, n],
            properties: {{type: {{const: hum}}, n: {{type: integer}}}}}}}}
      buzz: {{contentType: {content}, payload: {{type: object, required: [type], properties: {{type: {{const: buzz}}}}}}}}
operations: {{out: {{action: send, channel: {{$ref: '#/channels/hive'}}}}}}
"""
    async with served(text, greeting=False) as (server, api), api.Hive.connect(url=server.url) as hive:
        await server.wait_clients()
        await server.send({"n": 1}, message="hum")
        assert await hive.receive() == api.Hum(n=1)
        with pytest.raises(ValueError, match="n is no whole number"):
            await server.send({"n": "x"}, message="hum")
        await server.send({"type": "buzz", "n": "x"}, message="hum", check=False)
        assert await hive.receive() == api.Buzz()
