"""Version 2 in the words of version 3."""

from __future__ import annotations

import pytest

import typedws
from tests.schema.document.reading import codes, read

HEAD = """\
asyncapi: 2.6.0
info: {title: Chat, version: 1.0.0}
servers:
  main: {url: 'wss://chat.test/v1', protocol: wss}
  spare: {url: spare.test, protocol: ws}
"""


def test_publish_is_received_and_subscribe_is_sent() -> None:
    document = read(
        """
        channels:
          /chat/{room}:
            servers: [spare]
            parameters: {room: {schema: {enum: [a, b], default: b}, description: Which.}}
            bindings: {ws: {query: {type: object}}}
            subscribe: {operationId: hear, message: {$ref: '#/components/messages/Said'}}
            publish:
              message:
                oneOf:
                  - $ref: '#/components/messages/Say'
                  - {messageId: leave, payload: {type: object}}
                  - {name: join}
                  - {}
        components: {messages: {Say: {payload: {type: string}}, Said: {payload: true}}}
        """,
        head=HEAD,
    )
    (channel,) = document.channels
    assert (channel.key, channel.address, channel.servers) == ("/chat/{room}", "/chat/{room}", ("spare",))
    assert (channel.parameters[0].enum, channel.parameters[0].default) == (("a", "b"), "b")
    assert channel.query is not None
    hear, say = document.operations
    assert (hear.key, hear.action, hear.channel) == ("hear", "send", "/chat/{room}")
    assert (say.key, say.action) == ("/chat/{room}.publish", "receive")
    assert [message.key for message in say.messages] == ["Say", "leave", "join", "/chat/{room}.publish.3"]
    assert [message.key for message in channel.messages] == ["Said", *(message.key for message in say.messages)]
    assert codes(document) == []


def test_one_of_in_components() -> None:
    document = read(
        """
        channels: {/a: {publish: {message: {$ref: '#/components/messages/Any'}}}}
        components: {messages: {Any: {oneOf: [{$ref: '#/components/messages/A'}, {$ref: '#/none'}]}, A: {}}}
        """,
        head=HEAD,
    )
    assert [message.key for message in document.operations[0].messages] == ["A"]
    assert codes(document) == ["dangling-reference"]


def test_one_of_in_a_circle_is_refused() -> None:
    with pytest.raises(typedws.SchemaError, match="nested too deep"):
        read(
            """
            channels: {/a: {publish: {message: {$ref: '#/components/messages/Any'}}}}
            components: {messages: {Any: {oneOf: [{$ref: '#/components/messages/Any'}]}}}
            """,
            head=HEAD,
        )


def test_two_operations_of_one_name() -> None:
    document = read("channels: {/a: {publish: {operationId: x}, subscribe: {operationId: x}}}", head=HEAD)
    assert [operation.key for operation in document.operations] == ["x", "/a.subscribe"]
    assert codes(document) == ["duplicate-operation"]


def test_traits_win() -> None:
    document = read(
        """
        channels:
          /a:
            publish:
              summary: own
              traits: [{summary: first}, {summary: last, description: more}]
              message: {name: own, traits: [{name: trait}]}
        """,
        head=HEAD,
    )
    (operation,) = document.operations
    assert (operation.summary, operation.description, operation.messages[0].name) == ("last", "more", "trait")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ("channels: []", "#/channels"),
        ("channels: {/a: 3}", "#/channels/~1a"),
        ("channels: {/a: {publish: []}}", "#/channels/~1a/publish"),
        ("channels: {/a: {$ref: '#/none'}}", "#/channels/~1a"),
        ("channels: {/a: {publish: {message: {payload: text}}}}", "#/channels/~1a/publish/message/payload"),
    ],
)
def test_where_meaning_would_be_lost_it_is_an_error(body: str, pointer: str) -> None:
    with pytest.raises(typedws.SchemaError) as caught:
        read(body, head=HEAD)
    assert (caught.value.pointer, caught.value.line) == (pointer, 6)
