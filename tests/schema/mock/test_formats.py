"""Messages that are no JSON, alone and beside it."""

from __future__ import annotations

import json

import pytest

from tests.schema.mock.apis import served
from typedws import BinaryFrame, TextFrame

pytestmark = pytest.mark.anyio

DOCUMENT = """
asyncapi: 3.0.0
info: {title: Mixed, version: 1.0.0}
channels:
  all:
    address: /
    messages:
      status: {payload: {type: object, required: [type, at],
               properties: {type: {const: status}, at: {type: string, format: date-time}}}}
      start: {payload: {type: object, required: [type], properties: {type: {const: start}}}}
      audio: {contentType: CONTENT, payload: SCHEMA}
      speech: {contentType: CONTENT, payload: SCHEMA}
operations:
  receive:
    action: receive
    channel: {$ref: '#/channels/all'}
    messages: [{$ref: '#/channels/all/messages/start'}, {$ref: '#/channels/all/messages/speech'}]
  send:
    action: send
    channel: {$ref: '#/channels/all'}
    messages: [{$ref: '#/channels/all/messages/status'}, {$ref: '#/channels/all/messages/audio'}]
"""
RECORD = (
    "{type: object, required: [at, data], "
    "properties: {at: {type: string, format: date-time}, data: {type: string, format: byte}}}"
)


def document(content: str, schema: str) -> str:
    return DOCUMENT.replace("CONTENT", content).replace("SCHEMA", schema)


async def test_bytes_beside_json() -> None:
    text = document("application/octet-stream", "{type: string, format: binary}")
    async with served(text, interval=None) as (server, api), api.Mixed.connect(url=server.url) as mixed:
        assert isinstance(await mixed.receive(), api.Status)
        assert isinstance(await mixed.receive(), bytes)
        await mixed.send(b"\x00\xff")
        await mixed.send(api.Start())
        assert await server.wait_received(2) == (b"\x00\xff", api.Start())
        await server.send(b"more")
        assert await mixed.receive() == b"more"
    assert server.problems == ()


@pytest.mark.parametrize("content", ["application/cbor", "application/msgpack"])
async def test_other_formats_beside_json(content: str) -> None:
    async with (
        served(document(content, RECORD), interval=None) as (server, api),
        api.Mixed.connect(url=server.url) as mixed,
    ):
        assert isinstance(await mixed.receive(), api.Status)
        audio = await mixed.receive()
        assert type(audio).__name__ == "Audio"
        assert isinstance(audio.data, bytes)
        await mixed.send(api.Start())
        speech = api.Speech(at=audio.at, data=audio.data)
        await mixed.send(speech)
        assert await server.wait_received(2) == (api.Start(), speech)
    assert server.problems == ()


async def test_text_that_is_not_looked_into() -> None:
    text = """
asyncapi: 3.0.0
info: {title: Echo, version: 1.0.0}
channels:
  echo:
    address: /
    messages: {text: {contentType: text/plain, payload: {type: string}, examples: [{payload: hello}]}}
operations:
  in: {action: receive, channel: {$ref: '#/channels/echo'}}
  out: {action: send, channel: {$ref: '#/channels/echo'}}
"""
    async with served(text, interval=None) as (server, api), api.Echo.connect(url=server.url) as echo:
        assert await echo.receive() == "hello"
        await echo.send("hi")
        assert await server.wait_received() == ("hi",)


async def test_json_is_sent_as_an_example_has_it() -> None:
    """A document's types may leave out what its examples have."""
    text = """
asyncapi: 3.0.0
info: {title: Wide, version: 1.0.0}
channels:
  wide:
    address: /
    messages:
      m: {payload: {type: object, properties: {a: {type: integer}}}, examples: [{payload: {a: 1, "é": [2]}}]}
operations: {out: {action: send, channel: {$ref: '#/channels/wide'}}}
"""
    async with served(text, interval=None) as (server, api), api.Wide.connect(url=server.url) as wide:
        frame = await wide.session.receive()
        assert isinstance(frame, TextFrame)
        assert not isinstance(frame, BinaryFrame)
        assert json.loads(frame.data) == {"a": 1, "é": [2]}
