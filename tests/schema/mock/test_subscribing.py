"""Subscriptions that are confirmed, and those that begin with a snapshot."""

from __future__ import annotations

import json

import pytest

from tests.schema.mock.apis import contract_of, served
from typedws import ClientSession, connect
from typedws.schema.mocking import mock

pytestmark = pytest.mark.anyio

DOCUMENT = """
asyncapi: 3.0.0
info: {title: Topics, version: 1.0.0}
channels:
  control:
    messages:
      subscribe: {payload: {$ref: '#/components/schemas/subscribe'}}
      unsubscribe: {payload: {$ref: '#/components/schemas/unsubscribe'}}
      subscribed: {payload: {$ref: '#/components/schemas/subscribed'}}
      unsubscribed: {payload: {$ref: '#/components/schemas/unsubscribed'}}
      ping: {payload: {type: object, required: [type], properties: {type: {const: ping}, nonce: {type: integer}}}}
      pong: {payload: {type: object, required: [type], properties: {type: {const: pong}, nonce: {type: integer}}}}
  ticker:
    address: ticker
    messages: {tick: {payload: {$ref: '#/components/schemas/tick'}}}
  book:
    address: book
    messages:
      bookDelta: {payload: {$ref: '#/components/schemas/delta'}}
      bookSnapshot: {payload: {$ref: '#/components/schemas/snapshot'}}
operations:
  commands:
    action: receive
    channel: {$ref: '#/channels/control'}
    messages: [{$ref: '#/channels/control/messages/subscribe'}, {$ref: '#/channels/control/messages/unsubscribe'},
               {$ref: '#/channels/control/messages/ping'}]
  answers:
    action: send
    channel: {$ref: '#/channels/control'}
    messages: [{$ref: '#/channels/control/messages/subscribed'}, {$ref: '#/channels/control/messages/unsubscribed'},
               {$ref: '#/channels/control/messages/pong'}]
  sendTick: {action: send, channel: {$ref: '#/channels/ticker'}}
  sendBook: {action: send, channel: {$ref: '#/channels/book'}}
components:
  schemas:
    subscribe:
      type: object
      required: [type, channel, symbols]
      properties: {type: {const: subscribe}, channel: {type: string}, symbols: {type: array, items: {type: string}}}
    unsubscribe:
      type: object
      required: [type, channel, symbols]
      properties: {type: {const: unsubscribe}, channel: {type: string}, symbols: {type: array, items: {type: string}}}
    subscribed:
      type: object
      required: [type, channel]
      properties: {type: {const: subscribed}, channel: {type: string}, symbols: {type: array, items: {type: string}}}
    unsubscribed:
      type: object
      required: [type, channel]
      properties: {type: {const: unsubscribed}, channel: {type: string}}
    tick:
      type: object
      required: [type, symbol]
      properties: {type: {const: tick}, symbol: {type: string}}
    delta:
      type: object
      required: [type, symbol]
      properties: {type: {const: bookDelta}, symbol: {type: string}}
    snapshot:
      type: object
      required: [type, symbol]
      properties: {type: {const: bookSnapshot}, symbol: {type: string}}
"""


async def say(session: ClientSession, type_: str, channel: str = "", *symbols: str) -> None:
    message = {"type": type_, "channel": channel, "symbols": symbols} if channel else {"type": type_, "nonce": 7}
    await session.send(json.dumps(message))


async def heard(session: ClientSession, count: int) -> list[tuple[str, str]]:
    """The type of each message, and what it is about."""
    trees = [json.loads((await session.receive()).data) for _ in range(count)]
    return [(tree["type"], tree.get("symbol") or tree.get("channel")) for tree in trees]


async def test_a_subscription_is_confirmed_and_so_is_its_end() -> None:
    lines: list[str] = []
    async with (
        served(DOCUMENT, interval=None, on_event=lines.append) as (server, _),
        connect(server.url) as session,
    ):
        await say(session, "subscribe", "ticker", "A", "B")
        first = json.loads((await session.receive()).data)
        assert first == {"type": "subscribed", "channel": "ticker", "symbols": ["A", "B"]}
        assert await heard(session, 1) == [("tick", "A")]
        await say(session, "subscribe", "book", "C")
        assert await heard(session, 2) == [("subscribed", "book"), ("bookSnapshot", "C")]
        await say(session, "unsubscribe", "ticker", "A")
        await say(session, "unsubscribe", "ticker", "B")
        assert await heard(session, 2) == [("unsubscribed", "ticker")] * 2
        await server.wait_received(4)
    assert server.problems == ()
    assert [line.removeprefix("Topics 1: ") for line in lines if line.endswith(("begins", "ends"))] == [
        "subscribe_ticker begins",
        "subscribe_book begins",
        "a part of subscribe_ticker ends",
        "subscribe_ticker ends",
    ]


async def test_nothing_of_that_is_said_unasked() -> None:
    async with mock(contract_of(DOCUMENT)) as server:
        assert server.roles("Topics").unasked == ()
        assert server.roles("Topics").by_hand == ()
        assert server.roles("Topics").answers == {
            "Subscribe": ("Subscribed",),
            "Unsubscribe": ("Unsubscribed",),
            "Ping": ("Pong",),
        }


async def test_a_ping_is_answered_with_what_it_held() -> None:
    async with served(DOCUMENT) as (server, _), connect(server.url) as session:
        await say(session, "ping")
        assert json.loads((await session.receive()).data) == {"type": "pong", "nonce": 7}


async def test_a_snapshot_of_each_comes_first_and_then_what_changes() -> None:
    async with served(DOCUMENT, interval=0.01) as (server, _), connect(server.url) as session:
        await say(session, "subscribe", "book", "A", "B")
        assert await heard(session, 7) == [
            ("subscribed", "book"),
            ("bookSnapshot", "A"),
            ("bookSnapshot", "B"),
            ("bookDelta", "A"),
            ("bookDelta", "B"),
            ("bookDelta", "A"),
            ("bookDelta", "B"),
        ]


async def test_one_message_may_begin_and_end_a_subscription() -> None:
    text = """
asyncapi: 3.0.0
info: {title: One, version: 1.0.0}
channels:
  control:
    messages:
      command:
        payload:
          type: object
          required: [op, channel]
          properties: {op: {enum: [subscribe, unsubscribe]}, channel: {type: string}}
      subscribed: {payload: {type: object, required: [event], properties: {event: {const: subscribed}}}}
      unsubscribed: {payload: {type: object, required: [event], properties: {event: {const: unsubscribed}}}}
  ticker:
    address: ticker
    messages:
      tick: {payload: {type: object, required: [event], properties: {event: {const: tick}}}}
operations:
  commands:
    action: receive
    channel: {$ref: '#/channels/control'}
    messages: [{$ref: '#/channels/control/messages/command'}]
  answers:
    action: send
    channel: {$ref: '#/channels/control'}
    messages: [{$ref: '#/channels/control/messages/subscribed'}, {$ref: '#/channels/control/messages/unsubscribed'}]
  ticks: {action: send, channel: {$ref: '#/channels/ticker'}}
"""
    async with served(text, interval=None) as (server, _), connect(server.url) as session:
        for op in ("subscribe", "unsubscribe"):
            await session.send(json.dumps({"op": op, "channel": "ticker"}))
        events = [json.loads((await session.receive()).data)["event"] for _ in range(3)]
        assert events == ["subscribed", "tick", "unsubscribed"]
