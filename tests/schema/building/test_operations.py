"""What the client does: operations as methods, requests with their replies, subscriptions."""

from __future__ import annotations

from typing import Any

import pytest

from tests.schema.building.building import build, field, only, read
from typedws.schema.building.contract import build_contract
from typedws.schema.contract.api import Exchange, Filter
from typedws.schema.contract.types import Scalar


def conversation(*, request: str = "", reply: str = "", operation: str = "", more: str = "") -> str:
    """A channel with a request, its reply and an error."""
    return f"""
        channels:
          api:
            address: /api
            messages:
              Ask:
                {request}
                payload:
                  type: object
                  required: [type, id]
                  properties: {{type: {{const: ask}}, id: {{type: string}}, meta: {{$ref: '#/components/schemas/Meta'}}}}
              Answer:
                {reply}
                payload:
                  type: object
                  required: [type, id]
                  properties: {{type: {{const: answer}}, id: {{type: string}}, meta: {{$ref: '#/components/schemas/Meta'}}}}
              ErrorReply:
                payload:
                  type: object
                  required: [type]
                  properties: {{type: {{const: error}}, id: {{type: string}}}}
        operations:
          sendAsk:
            action: send
            channel: {{$ref: '#/channels/api'}}
            messages: [{{$ref: '#/channels/api/messages/Ask'}}]
            {operation}
          receiveError:
            action: receive
            channel: {{$ref: '#/channels/api'}}
            messages: [{{$ref: '#/channels/api/messages/ErrorReply'}}]
          {more}
        components:
          schemas:
            Meta: {{type: object, properties: {{key: {{type: integer}}}}}}
    """


REPLY = "reply: {messages: [{$ref: '#/channels/api/messages/Answer'}]}"
BY_ID = "correlationId: {location: '$message.payload#/id'}"


def exchange(body: str) -> Exchange | None:
    (operation,) = only(build(body)).operations
    return operation.exchange


def test_a_declared_correlation_id_links_reply_and_request() -> None:
    found = exchange(conversation(request=BY_ID, reply=BY_ID, operation=REPLY))
    assert found is not None
    assert (found.replies, found.failures) == (("Answer",), ("ErrorReply",))
    assert (found.request_id, found.id_type) == (("id",), "str")
    assert found.reply_ids == {"Answer": ("id",), "ErrorReply": ("id",)}


def test_the_correlation_id_may_be_nested_and_a_number() -> None:
    where = "correlationId: {location: '$message.payload#/meta/key'}"
    found = exchange(conversation(request=where, reply=where, operation=REPLY))
    assert found is not None
    assert (found.request_id, found.id_type) == (("meta", "key"), "int")


def test_an_id_that_both_sides_have_is_taken_with_a_warning() -> None:
    document = read(conversation(operation=REPLY))
    (operation,) = only(build_contract(document)).operations
    assert operation.exchange is not None
    assert operation.exchange.request_id == ("id",)
    assert "inferred-correlation" in [finding.code for finding in document.findings]


def test_without_a_declared_reply_nothing_is_awaited() -> None:
    assert exchange(conversation(request=BY_ID, reply=BY_ID)) is None


def test_a_correlation_id_in_a_header_is_nowhere() -> None:
    where = "correlationId: {location: '$message.header#/id'}"
    document = read(conversation(request=where, reply=where, operation=REPLY))
    build_contract(document)
    assert "correlation-in-header" in [finding.code for finding in document.findings]


def test_replies_in_order_are_for_those_who_ask() -> None:
    found = exchange(conversation(operation=f"{REPLY}\n            x-typedws-reply: in-order"))
    assert found is not None
    assert found.in_order
    assert found.request_id == ()


def test_an_id_that_has_to_be_a_uuid_is_a_string_that_we_make() -> None:
    body = conversation(request=BY_ID, reply=BY_ID, operation=REPLY).replace(
        "id: {type: string}", "id: {type: string, format: uuid}"
    )
    assert field(build(body), "Ask", "id").type == Scalar("str")


def test_a_reply_may_say_by_a_field_that_the_request_failed() -> None:
    body = conversation(request=BY_ID, reply=BY_ID, operation=REPLY).replace(
        "{const: answer}, ", "{const: answer}, ok: {type: boolean}, reason: {type: string}, "
    )
    found = exchange(body)
    assert found is not None
    assert found.ok_field == "ok"


def test_what_the_server_asks_is_answered_by_a_method() -> None:
    contract = build("""
        channels:
          api:
            address: /api
            messages:
              Event: {payload: {type: object, required: [type], properties: {type: {const: event}}}}
              Ack: {payload: {type: object, required: [type], properties: {type: {const: ack}}}}
        operations:
          onEvent:
            action: receive
            channel: {$ref: '#/channels/api'}
            messages: [{$ref: '#/channels/api/messages/Event'}]
            reply: {messages: [{$ref: '#/channels/api/messages/Ack'}]}
    """)
    (operation,) = only(contract).operations
    assert (operation.name, operation.messages) == ("ack", ("Ack",))


def operations(*keys: str, action: str = "send") -> str:
    lines = ["channels:", "  api:", "    address: /api", "    messages:"]
    lines.extend(
        f"      M{number}: {{payload: {{type: object, required: [k{number}], properties: {{k{number}: {{}}}}}}}}"
        for number, _ in enumerate(keys)
    )
    lines.append("operations:")
    for number, key in enumerate(keys):
        lines.append(
            f"  {key}: {{action: {action}, channel: {{$ref: '#/channels/api'}}, "
            f"messages: [{{$ref: '#/channels/api/messages/M{number}'}}]}}"
        )
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("keys", "names"),
    [
        (("sendCreateOrder",), ["create_order"]),
        (("publishTrade", "sendCancel"), ["trade", "cancel"]),
        (("sendPing", "publishPing"), ["send_ping", "publish_ping"]),
        (("level2.subscribe",), ["level2_subscribe"]),
        (("send",), ["send_send"]),
        (("close",), ["send_close"]),
        (("import",), ["import_"]),
        (("/v1/agent.publish",), ["v1_agent_publish"]),
        (("a-b", "a_b"), ["a_b", "a_b2"]),
        (("发送",), ["u53d1u9001"]),
    ],
)
def test_a_method_is_called_after_its_operation(keys: tuple[str, ...], names: list[str]) -> None:
    found = [operation.name for operation in only(build(operations(*keys))).operations]
    assert [name.lower() for name in found] == [name.lower() for name in names]


@pytest.mark.parametrize(("perspective", "sends"), [("client", True), ("server", False)])
def test_the_perspective_says_whose_send_it_is(perspective: Any, sends: bool) -> None:
    head = "asyncapi: 3.0.0\ninfo: {title: Shop, version: 1.0.0}\n"
    connection = only(build(operations("sendA", "sendB"), head=head, perspective=perspective))
    assert len(connection.operations) == (2 if sends else 0)
    assert len(connection.outgoing.messages) == (2 if sends else 0)
    assert len(connection.incoming.messages) == (0 if sends else 2)


def test_messages_that_no_operation_mentions_are_not_lost() -> None:
    document = read("""
        channels:
          api:
            address: /api
            messages:
              joinRequest: {payload: {type: object, required: [a], properties: {a: {}}}}
              joinResponse: {payload: {type: object, required: [b], properties: {b: {}}}}
    """)
    connection = only(build_contract(document))
    assert [message.name for message in connection.outgoing.messages] == ["JoinRequest"]
    assert [message.name for message in connection.incoming.messages] == ["JoinResponse"]
    assert [operation.name for operation in connection.operations] == ["join_request"]
    assert "no-operation" in [finding.code for finding in document.findings]


TOPICS = """
        channels:
          ticker:
            address: ticker
            messages:
              subscribeTicker: {payload: {$ref: '#/components/schemas/Subscribe'}}
              tick:
                payload:
                  type: object
                  required: [symbol, last]
                  properties: {symbol: {type: string}, last: {type: number}}
          depth:
            address: depth
            messages:
              subscribeDepth: {payload: {$ref: '#/components/schemas/Subscribe'}}
              book: {payload: {type: object, required: [bids], properties: {bids: {}}}}
        operations:
          subscribeTicker: {action: send, channel: {$ref: '#/channels/ticker'}, messages: [{$ref: '#/channels/ticker/messages/subscribeTicker'}]}
          onTick: {action: receive, channel: {$ref: '#/channels/ticker'}, messages: [{$ref: '#/channels/ticker/messages/tick'}]}
          subscribeDepth: {action: send, channel: {$ref: '#/channels/depth'}, messages: [{$ref: '#/channels/depth/messages/subscribeDepth'}]}
          onBook: {action: receive, channel: {$ref: '#/channels/depth'}, messages: [{$ref: '#/channels/depth/messages/book'}]}
        components:
          schemas:
            Subscribe:
              type: object
              required: [op, symbols]
              properties:
                op: {type: string, enum: [subscribe, unsubscribe]}
                symbols: {type: array, items: {type: string}}
"""


def test_topics_on_one_socket_are_subscriptions() -> None:
    ticker, depth = only(build(TOPICS)).subscriptions
    assert (ticker.name, ticker.request, ticker.updates) == ("subscribe_ticker", "Subscribe", ("Tick",))
    assert (ticker.set_fields, ticker.cancel, ticker.cancel_fields) == (
        {"op": "subscribe"},
        "Subscribe",
        {"op": "unsubscribe"},
    )
    assert depth.updates == ("Book",)


def test_updates_belong_to_the_subscription_that_asked_for_them() -> None:
    ticker, depth = only(build(TOPICS)).subscriptions
    assert ticker.filters == (Filter(request=("symbols",), update=("symbol",)),)
    assert depth.filters == ()


def test_one_message_may_subscribe_to_every_topic_by_its_address() -> None:
    contract = build("""
        channels:
          control:
            address: null
            messages:
              subscribe: {payload: {type: object, required: [type, channel], properties: {type: {const: subscribe}, channel: {type: string}}}}
              unsubscribe: {payload: {type: object, required: [type, channel], properties: {type: {const: unsubscribe}, channel: {type: string}}}}
          trades:
            address: /trades/{symbol}
            parameters: {symbol: {}}
            messages:
              trades: {payload: {type: object, required: [type, channel], properties: {type: {const: trades}, channel: {type: string}}}}
        operations:
          sendSubscribe: {action: send, channel: {$ref: '#/channels/control'}, messages: [{$ref: '#/channels/control/messages/subscribe'}]}
          sendUnsubscribe: {action: send, channel: {$ref: '#/channels/control'}, messages: [{$ref: '#/channels/control/messages/unsubscribe'}]}
          receiveTrades: {action: receive, channel: {$ref: '#/channels/trades'}}
    """)
    (found,) = only(contract).subscriptions
    assert (found.name, found.request, found.cancel) == ("subscribe_trades", "Subscribe", "Unsubscribe")
    assert (found.address, found.address_field) == ("/trades/{symbol}", "channel")
    assert [parameter.name for parameter in found.parameters] == ["symbol"]


def test_a_channel_of_its_own_needs_no_subscription() -> None:
    assert only(build(operations("sendSubscribe"))).subscriptions == ()
