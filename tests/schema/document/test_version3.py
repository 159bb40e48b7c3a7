"""Channels and operations of version 3, as they should be and as they are."""

from __future__ import annotations

import pytest

import typedws
from tests.schema.document.reading import HEAD, codes, read

CHAT = """\
channels:
  chat:
    address: /chat/{room}
    title: Chat
    parameters: {room: {enum: [a, b], default: a, description: Which., location: $message.payload#/room}}
    bindings: {ws: {query: {$ref: '#/components/schemas/Query'}, headers: {type: object}}}
    messages:
      say: {$ref: '#/components/messages/Say'}
      said: {payload: {type: object}}
    x-note: 7
components:
  messages:
    Say: {payload: {type: string}}
  schemas:
    Query: {type: object}
"""


def test_a_channel() -> None:
    document = read(CHAT)
    (channel,) = document.channels
    assert (channel.key, channel.address, channel.title, channel.servers) == ("chat", "/chat/{room}", "Chat", ("main",))
    assert [message.key for message in channel.messages] == ["Say", "said"]
    assert channel.messages[0].node.pointer == "#/components/messages/Say"
    (room,) = channel.parameters
    assert (room.name, room.enum, room.default, room.description, room.location) == (
        "room", ("a", "b"), "a", "Which.", "$message.payload#/room",
    )  # fmt: skip
    assert channel.query is not None
    assert channel.query.is_reference
    assert channel.headers is not None
    assert channel.extensions["x-note"].value == 7
    assert document.channel("chat") is channel
    assert codes(document) == []


def test_an_address_that_is_null_or_absent() -> None:
    document = read("channels: {a: {address: null}, b: {}, c: {address: 7}, d: {address: []}}")
    assert [channel.address for channel in document.channels] == [None, None, "7", None]


def test_messages_of_an_operation() -> None:
    document = read(
        CHAT
        + """\
operations:
  all: {action: send, channel: {$ref: '#/channels/chat'}}
  none: {action: send, channel: {$ref: '#/channels/chat'}, messages: []}
  one: {action: receive, channel: {$ref: '#/channels/chat'}, messages: [{$ref: '#/channels/chat/messages/said'}]}
  two: {action: receive, channel: {$ref: '#/channels/chat'}, messages: [{$ref: '#/channels/chat/messages/say'}]}
"""
    )
    assert {each.key: [message.key for message in each.messages] for each in document.operations} == {
        "all": ["Say", "said"], "none": [], "one": ["said"], "two": ["Say"],
    }  # fmt: skip
    assert [each.action for each in document.operations] == ["send", "send", "receive", "receive"]
    assert document.operations[3].messages[0] is document.channels[0].messages[0]
    assert codes(document) == []


@pytest.mark.parametrize(
    ("messages", "expected", "code"),
    [
        ("[{$ref: '#/components/messages/Say'}]", ["Say"], ["message-outside-channel"]),
        ("[{$ref: '#/components/messages/Other'}]", ["Other"], ["message-outside-channel"]),
        ("[{payload: {type: object}}]", ["said"], ["inline-message"]),
        ("[{name: new, payload: {type: number}}]", ["new"], ["inline-message"]),
        ("[Say]", ["Say"], ["message-by-name"]),
        ("{a: {$ref: '#/channels/chat/messages/say'}}", ["Say"], ["wrong-type"]),
        (
            "[{$ref: '#/channels/chat/messages/none'}, {$ref: '#/channels/chat/messages/say'}]",
            ["Say"],
            ["dangling-reference"],
        ),
        ("[3]", [], ["wrong-type"]),
    ],
)
def test_messages_that_are_named_in_another_way(messages: str, expected: list[str], code: list[str]) -> None:
    document = read(
        CHAT.replace("  schemas:", "    Other: {}\n  schemas:")
        + f"operations: {{op: {{action: send, channel: {{$ref: '#/channels/chat'}}, messages: {messages}}}}}\n"
    )
    assert [message.key for message in document.operations[0].messages] == expected
    assert codes(document) == code


def test_a_lost_message_is_an_error_in_the_findings() -> None:
    document = read("channels:\n  a:\n    messages:\n      m: {$ref: '#/none'}\n")
    finding = next(finding for finding in document.findings if finding.code == "dangling-reference")
    assert (finding.severity, finding.line, finding.pointer) == ("error", 8, "#/channels/a/messages/m")


def test_messages_of_a_channel_in_an_array() -> None:
    document = read(
        "channels: {a: {messages: [{name: m}, {$ref: '#/components/messages/n'}, {}]}}\ncomponents: {messages: {n: {}}}"
    )
    assert [message.key for message in document.channels[0].messages] == ["m", "n", "message3"]
    assert codes(document) == ["wrong-type"]


@pytest.mark.parametrize(
    ("channel", "expected", "code"),
    [
        ("{$ref: '#/channels/chat'}", "chat", []),
        ("chat", "chat", ["channel-by-name"]),
        ("{address: /x}", "inline", ["inline-channel"]),
        ("{address: /new}", "op", ["channel-outside-channels"]),
        ("{$ref: '#/components/channels/extra'}", "extra", ["channel-outside-channels"]),
        ("{$ref: '#/components/channels/shared'}", "ours", []),
    ],
)
def test_the_channel_of_an_operation(channel: str, expected: str, code: list[str]) -> None:
    document = read(
        f"""
        channels: {{chat: {{}}, inline: {{address: /x}}, ours: {{$ref: '#/components/channels/shared'}}}}
        operations: {{op: {{action: send, channel: {channel}}}}}
        components: {{channels: {{shared: {{address: /s}}, extra: {{address: /e}}}}}}
        """
    )
    assert document.operations[0].channel == expected
    assert document.channel(expected) in document.channels
    assert codes(document) == code


def test_replies() -> None:
    document = read(
        CHAT
        + """\
  replies:
    said: {messages: [{$ref: '#/channels/chat/messages/said'}]}
operations:
  one: {action: send, channel: {$ref: '#/channels/chat'}, reply: {$ref: '#/components/replies/said'}}
  two: {action: send, channel: {$ref: '#/channels/chat'}, reply: {channel: {$ref: '#/channels/chat'}}}
  three: {action: send, channel: {$ref: '#/channels/chat'}, reply: {$ref: '#/none'}}
"""
    )
    one, two, three = document.operations
    assert one.reply is not None
    assert (one.reply.channel, [message.key for message in one.reply.messages]) == ("chat", ["said"])
    assert two.reply is not None
    assert [message.key for message in two.reply.messages] == ["Say", "said"]
    assert three.reply is None
    assert codes(document) == ["dangling-reference"]


def test_servers_of_a_channel() -> None:
    document = read(
        """
        asyncapi: 3.0.0
        servers: {a: {host: a.test, protocol: ws}, b: {host: b.test, protocol: ws}, c: {$ref: '#/components/servers/c'}}
        channels:
          all: {}
          empty: {servers: []}
          one: {servers: [{$ref: '#/servers/b'}]}
          shared: {servers: [{$ref: '#/components/servers/c'}]}
          loose: {servers: [a, none, {$ref: '#/servers/none'}]}
        components: {servers: {c: {host: c.test, protocol: ws}}}
        """,
        head="",
    )
    assert [channel.servers for channel in document.channels] == [
        ("a", "b", "c"),
        ("a", "b", "c"),
        ("b",),
        ("c",),
        ("a",),
    ]
    assert codes(document) == ["server-by-name", "server-by-name", "unknown-server", "dangling-reference"]


def test_what_may_be_missing_is_missing() -> None:
    document = read("asyncapi: 3.0.0", head="")
    assert (document.title, document.servers, document.channels, document.operations) == ("", (), (), ())
    assert [finding.code for finding in document.findings] == [
        "missing-member", "no-servers", "no-channels", "no-operations",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "pointer", "line"),
    [
        ("channels: 3", "#/channels", 5),
        ("channels: [a]", "#/channels", 5),
        ("channels: {$ref: '#/none'}", "#/channels", 5),
        ("channels:\n  a: text", "#/channels/a", 6),
        ("channels:\n  a: {$ref: '#/none'}", "#/channels/a", 6),
        ("channels:\n  a: {messages: 3}", "#/channels/a/messages", 6),
        ("channels:\n  a:\n    messages:\n      m: {payload: 3}", "#/channels/a/messages/m/payload", 8),
        ("channels:\n  a:\n    messages:\n      m: {payload: {$ref: '#/none'}}", "#/channels/a/messages/m/payload", 8),
        ("operations: []", "#/operations", 5),
        ("operations:\n  o: 3", "#/operations/o", 6),
        ("operations:\n  o: {action: send}", "#/operations/o", 6),
        ("operations:\n  o: {action: send, channel: {$ref: '#/channels/a'}}", "#/operations/o/channel", 6),
        ("operations:\n  o: {action: send, channel: 3}", "#/operations/o/channel", 6),
        ("operations:\n  o: {action: send, channel: a}", "#/operations/o/channel", 6),
        ("channels: {a: {}}\noperations:\n  o:\n    channel: {$ref: '#/channels/a'}", "#/operations/o", 7),
        (
            "channels: {a: {}}\noperations:\n  o:\n    channel: {$ref: '#/channels/a'}\n    action: say",
            "#/operations/o/action",
            9,
        ),
        (
            "channels: {a: {}}\noperations:\n  o: {action: send, channel: {$ref: '#/channels/a'}, messages: 3}",
            "#/operations/o/messages",
            7,
        ),
    ],
)
def test_where_meaning_would_be_lost_it_is_an_error(body: str, pointer: str, line: int) -> None:
    with pytest.raises(typedws.SchemaError) as caught:
        read(body, head=HEAD)
    assert (caught.value.document, caught.value.pointer, caught.value.line) == ("api.yaml", pointer, line)
    assert str(caught.value).startswith(f"api.yaml:{line}: ")


def test_bindings() -> None:
    document = read(
        """
        channels:
          one: {bindings: {$ref: '#/components/channelBindings/one'}}
          two: {bindings: {websockets: {query: {type: object}}}}
          three: {bindings: {ws: {method: POST, query: 3}}}
          four: {bindings: {kafka: {}}}
        components: {channelBindings: {one: {ws: {$ref: '#/x-ws'}}}}
        x-ws: {query: {type: object}}
        """
    )
    assert [channel.query is not None for channel in document.channels] == [True, True, False, False]
    assert codes(document) == ["misnamed-binding", "binding-method", "wrong-type"]
