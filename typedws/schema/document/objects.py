"""A document, read: servers, channels, messages and operations, whatever its version.

Documents of AsyncAPI 2 are told in the words of 3: `publish` is an operation that receives, `subscribe` one that sends.
References are followed, traits are applied, and what may be left out has its default. Schemas stay nodes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from typedws.schema.document.findings import Findings
from typedws.schema.document.node import Node

__all__ = [
    "Channel",
    "Document",
    "ExampleObject",
    "MessageObject",
    "OperationObject",
    "ReplyObject",
    "SecurityScheme",
    "ServerObject",
    "Variable",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """A server variable, or a parameter of a channel's address; `enum` is empty where anything goes.

    `location` is a runtime expression, `$message.payload#/symbol`, or empty.
    """

    name: str
    node: Node
    enum: tuple[str, ...] = ()
    default: str | None = None
    description: str = ""
    location: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityScheme:
    """A way to say who we are. `type`, `scheme`, `name` and `location` (`in`) are as in the document; `key` is its name
    there."""

    key: str
    node: Node
    type: str
    scheme: str = ""
    name: str = ""
    location: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerObject:
    """A server. `host` has no scheme and no path, `pathname` is empty or begins with "/" or "?"; both may hold
    `{variables}`."""

    key: str
    node: Node
    host: str
    pathname: str
    protocol: str
    variables: tuple[Variable, ...] = ()
    security: tuple[SecurityScheme, ...] = ()
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleObject:
    """An example of a message; `payload` is plain JSON."""

    payload: Any
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageObject:
    """A message.

    Attributes:
        key: its name in `components/messages` where it stands there, or else in its channel; in version 2, where it
            stands in an operation, its `messageId`, `name` or the operation's id.
        node: the place where it is defined, behind every reference: messages are the same if this is.
        payload: its schema, not followed; None where there is none.
        content_type: lower case, without parameters; the document's default, or else empty.
        schema_format: empty where it is the default.
        correlation: the runtime expression of its correlation id, or empty.
        examples: of its payload, from `examples` of the message.
        extensions: the nodes of its `x-` members.
    """

    key: str
    node: Node
    name: str = ""
    title: str = ""
    summary: str = ""
    description: str = ""
    payload: Node | None = None
    content_type: str = ""
    schema_format: str = ""
    correlation: str = ""
    examples: tuple[ExampleObject, ...] = ()
    deprecated: bool = False
    extensions: dict[str, Node] = field(default_factory=dict[str, Node])


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A channel.

    Attributes:
        address: None where it is null or absent (in version 2 it is the key).
        messages: in the order of the document.
        servers: the keys of the servers it is on; all of them where the document does not say.
        query: the schema of the query parameters, from its WebSocket binding; `headers` likewise.
    """

    key: str
    node: Node
    address: str | None
    title: str = ""
    description: str = ""
    messages: tuple[MessageObject, ...] = ()
    parameters: tuple[Variable, ...] = ()
    servers: tuple[str, ...] = ()
    query: Node | None = None
    headers: Node | None = None
    extensions: dict[str, Node] = field(default_factory=dict[str, Node])


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyObject:
    """The reply to an operation; `channel` is the operation's own where the document names no other."""

    node: Node
    channel: str
    messages: tuple[MessageObject, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationObject:
    """An operation.

    Attributes:
        action: as the document says it; whose `send` it is, the document's perspective says.
        channel: the key of its channel.
        messages: those it names, or all of its channel.
    """

    key: str
    node: Node
    action: Literal["send", "receive"]
    channel: str
    messages: tuple[MessageObject, ...] = ()
    reply: ReplyObject | None = None
    security: tuple[SecurityScheme, ...] = ()
    title: str = ""
    summary: str = ""
    description: str = ""
    deprecated: bool = False
    extensions: dict[str, Node] = field(default_factory=dict[str, Node])


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """An AsyncAPI document.

    Attributes:
        node: the root.
        version: `asyncapi`, as in "3.0.0".
        name: the file name, without a folder.
        digest: SHA-256 over the bytes of every file that was read, in the order of their names, in hexadecimal.
        findings: what was put up with; more are added by whoever reads the nodes.
    """

    node: Node
    version: str
    name: str
    digest: str
    title: str
    api_version: str
    description: str
    servers: tuple[ServerObject, ...]
    channels: tuple[Channel, ...]
    operations: tuple[OperationObject, ...]
    findings: Findings
    extensions: dict[str, Node] = field(default_factory=dict[str, Node])

    def channel(self, key: str) -> Channel:
        """The channel of this key.

        Raises:
            KeyError: there is none.
        """
        for channel in self.channels:
            if channel.key == key:
                return channel
        raise KeyError(key)
