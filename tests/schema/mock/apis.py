"""Small APIs for the tests of the mock server, and a client for each that is generated while the test runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import ModuleType
from typing import Any

from typedws.schema.building.contract import build_contract
from typedws.schema.building.options import BuildOptions
from typedws.schema.contract.api import Contract
from typedws.schema.document import load
from typedws.schema.mocking import MockServer, mock
from typedws.schema.mocking.module import module_for

PRICES = """
asyncapi: 3.0.0
info: {title: Prices, version: 1.0.0}
x-typedws-perspective: server
servers:
  main: {host: api.example.com, pathname: /v1, protocol: wss}
channels:
  control:
    messages:
      hello: {$ref: '#/components/messages/hello'}
      order: {$ref: '#/components/messages/order'}
      orderReply: {$ref: '#/components/messages/orderReply'}
      note: {$ref: '#/components/messages/note'}
      goodbye: {$ref: '#/components/messages/goodbye'}
      error: {$ref: '#/components/messages/error'}
      subscribe: {$ref: '#/components/messages/subscribe'}
      unsubscribe: {$ref: '#/components/messages/unsubscribe'}
  ticker:
    address: ticker
    messages:
      tick: {$ref: '#/components/messages/tick'}
operations:
  sendHello:
    action: send
    channel: {$ref: '#/channels/control'}
    messages: [{$ref: '#/channels/control/messages/hello'}, {$ref: '#/channels/control/messages/goodbye'},
               {$ref: '#/channels/control/messages/error'}]
  placeOrder:
    action: receive
    channel: {$ref: '#/channels/control'}
    messages: [{$ref: '#/channels/control/messages/order'}]
    reply:
      channel: {$ref: '#/channels/control'}
      messages: [{$ref: '#/channels/control/messages/orderReply'}]
  note:
    action: receive
    channel: {$ref: '#/channels/control'}
    messages: [{$ref: '#/channels/control/messages/note'}]
  commands:
    action: receive
    channel: {$ref: '#/channels/control'}
    messages: [{$ref: '#/channels/control/messages/subscribe'}, {$ref: '#/channels/control/messages/unsubscribe'}]
  sendTick:
    action: send
    channel: {$ref: '#/channels/ticker'}
    messages: [{$ref: '#/channels/ticker/messages/tick'}]
components:
  messages:
    hello:
      payload: {type: object, required: [type, version], properties: {type: {const: hello}, version: {type: integer}}}
      examples: [{payload: {type: hello, version: 7}}, {payload: {type: hello, version: not a number}}]
    goodbye:
      name: Disconnect
      payload: {type: object, required: [type], properties: {type: {const: goodbye}}}
    note:
      payload: {type: object, required: [type, text], properties: {type: {const: note}, text: {type: string}}}
    order:
      correlationId: {location: '$message.payload#/id'}
      payload:
        type: object
        required: [type, id, symbol, size]
        properties:
          type: {const: order}
          id: {type: string}
          symbol: {type: string, pattern: '^[A-Z]{3}-[A-Z]{3}$'}
          size: {type: number, exclusiveMinimum: 0}
    orderReply:
      correlationId: {location: '$message.payload#/id'}
      payload:
        type: object
        required: [type, id, ok, symbol, order_id]
        properties:
          type: {const: orderReply}
          id: {type: string}
          ok: {type: boolean}
          symbol: {type: string}
          order_id: {type: string, format: uuid}
          error: {type: object, properties: {message: {type: string}}}
    subscribe:
      payload:
        type: object
        required: [type, channel, symbols]
        properties:
          type: {const: subscribe}
          channel: {type: string}
          symbols: {type: array, items: {type: string}}
    unsubscribe:
      payload:
        type: object
        required: [type, channel, symbols]
        properties:
          type: {const: unsubscribe}
          channel: {type: string}
          symbols: {type: array, items: {type: string}}
    tick:
      payload:
        type: object
        required: [type, symbol, price]
        properties:
          type: {const: tick}
          symbol: {type: string}
          price: {type: number, minimum: 0, maximum: 100}
          at: {type: string, format: date-time}
    error:
      payload:
        type: object
        required: [type, message]
        properties: {type: {const: error}, message: {type: string}, code: {type: integer}}
"""

FEED = """
asyncapi: 3.0.0
info: {title: Feed, version: 1.0.0}
x-typedws-perspective: server
channels:
  feed:
    address: /feed/{room}
    parameters: {room: {enum: [red, blue]}}
    bindings:
      ws:
        query:
          type: object
          required: [user]
          properties: {user: {type: string}, depth: {type: integer}, raw: {type: boolean}}
        headers: {type: object, required: [X-Client], properties: {X-Client: {type: string}}}
    messages:
      a: {payload: {type: object, required: [a], properties: {a: {type: integer}}}}
      b: {payload: {type: object, required: [b], properties: {b: {type: integer}}}}
      c: {payload: {type: object, required: [c], properties: {c: {type: string, minLength: 2}}}}
operations:
  out:
    action: send
    channel: {$ref: '#/channels/feed'}
    messages: [{$ref: '#/channels/feed/messages/a'}, {$ref: '#/channels/feed/messages/b'}]
  in:
    action: receive
    channel: {$ref: '#/channels/feed'}
    messages: [{$ref: '#/channels/feed/messages/c'}]
"""


def contract_of(text: str, *, perspective: Any = "server") -> Contract:
    return build_contract(load("api.yaml", text=text), BuildOptions(perspective=perspective))


@asynccontextmanager
async def served(text: str, **options: Any) -> AsyncIterator[tuple[MockServer, ModuleType]]:
    """A mock server, and the module that its clients are made of."""
    contract = contract_of(text)
    with module_for(contract) as module:
        async with mock(contract, module=module, **options) as server:
            yield server, module
