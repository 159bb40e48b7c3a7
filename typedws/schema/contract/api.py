"""The rest of a contract: connections, and the messages, operations and subscriptions on them.

Everything is seen from the client: `outgoing` is what the client sends, whoever wrote the document.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from typedws.schema.contract.types import Declaration, Type
from typedws.schema.decisions import Decision, Path

__all__ = [
    "Connection",
    "Contract",
    "Credential",
    "Direction",
    "Example",
    "Exchange",
    "Filter",
    "Format",
    "Message",
    "Operation",
    "Parameter",
    "Place",
    "Server",
    "Subscription",
]

Format: TypeAlias = Literal["json", "cbor", "msgpack", "text", "binary"]
"""How a message travels: through a converter, or as a text or binary frame that is not looked into."""

Place: TypeAlias = Literal["variable", "query", "header"]
"""Where an argument of `connect` goes: into a `{variable}` of the URL or its path, the query, or a header field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """An argument of `connect`.

    Attributes:
        name: its name in Python, unique in the connection.
        wire_name: its name in the URL, the query or the request.
        place: where it goes.
        type: a scalar, a `LiteralOf`, or a list of them (repeated in a query).
        required: whether it must be given: there is no default, and the document requires it.
        default: what is sent where it is not given; None for nothing.
        fixed: whether `default` is the only value, so that there is no argument.
        description: as in the document.
    """

    name: str
    wire_name: str
    place: Place
    type: Type
    required: bool
    default: str | int | float | bool | None = None
    fixed: bool = False
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """An argument of `connect` that is a secret; never required, as a server may know us by other means.

    Attributes:
        name: its name in Python; with `kind="basic"`, of a pair of user name and password.
        kind: how it travels: `Authorization: Bearer ...`, `Authorization: Basic ...`, a header field, a query
            parameter, a cookie.
        wire_name: of the header field, query parameter or cookie; `Authorization` for the first two.
        description: as in the document.
    """

    name: str
    kind: Literal["bearer", "basic", "header", "query", "cookie"]
    wire_name: str
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where a connection can be opened: `url` is a template without the connection's own path."""

    name: str
    url: str
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """An example of a message from the document, as JSON."""

    payload: Any
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A kind of message.

    Attributes:
        name: the declaration that it is: a record, or an alias for what is no object. Several messages of a document
            that have one payload schema are one message here.
        keys: the names that the document has for it.
        format: how it travels.
        pointer: where it stands in the document.
        examples: valid or not, as the document has them.
        correlation: where its correlation id is, as a path of Python field names; None where it has none.
        is_error: whether it reports a failure.
        channels: the keys of the channels that it is on.
        description: as in the document.
    """

    name: str
    keys: tuple[str, ...]
    format: Format
    pointer: str
    examples: tuple[Example, ...] = ()
    correlation: Path | None = None
    is_error: bool = False
    channels: tuple[str, ...] = ()
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Direction:
    """All messages that travel one way on a connection, or on one channel of it, and how to tell them apart.

    Attributes:
        messages: in the order of the document.
        text: the decision for text frames; None where there are none.
        binary: the decision for binary frames; None where there are none.
        text_format: what text frames are; of no meaning where there are none.
        binary_format: what binary frames are; likewise.
        explanation: the decision in words, one line each, for a comment.
    """

    messages: tuple[Message, ...] = ()
    text: Decision[str] | None = None
    binary: Decision[str] | None = None
    text_format: Literal["json", "text"] = "json"
    binary_format: Literal["cbor", "msgpack", "binary"] = "binary"
    explanation: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request and its reply.

    Attributes:
        replies: the messages that answer, by name.
        failures: the messages that answer that it failed, by name; not among `replies`.
        request_id: where the request has its id, as a path of Python field names.
        id_type: what an id is made as: a number that is counted up, as text or as it is, or a UUID as text.
        reply_ids: the same for each of `replies` and `failures` that has one.
        ok_field: the field of a reply that is false where the request failed; None where there is none.
        in_order: whether replies have no id and are matched in the order of the requests; `request_id` is empty then.
    """

    replies: tuple[str, ...]
    failures: tuple[str, ...] = ()
    request_id: Path = ()
    id_type: Literal["str", "int", "uuid"] = "str"
    reply_ids: dict[str, Path] = field(default_factory=dict[str, Path])
    ok_field: str | None = None
    in_order: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """Something that the client sends: a method.

    Attributes:
        name: of the method, unique in the connection.
        key: in the document.
        messages: what it sends, by name; at least one.
        exchange: the reply that it waits for; None where it waits for none.
        channel: the key of its channel.
        description: as in the document.
        deprecated: whether the document says so.
    """

    name: str
    key: str
    messages: tuple[str, ...]
    exchange: Exchange | None = None
    channel: str = ""
    description: str = ""
    deprecated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """An update belongs to a subscription only if the value at `update` is, or is in, the one at `request`.

    Both are paths of Python field names.
    """

    request: Path
    update: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A topic on a connection that is shared by several: `async with client.subscribe_x(...) as updates`.

    Attributes:
        name: of the method: `subscribe_ticker`.
        channel: the key of the channel.
        request: the message that subscribes, by name.
        set_fields: what the request must hold to subscribe, by Python field name, as JSON; not arguments.
        cancel: the message that unsubscribes, by name; None where the document has none.
        cancel_fields: what that must hold besides the values that it shares with the request, likewise.
        updates: the messages that it yields, by name.
        filters: what tells its updates from those of another subscription to the same channel.
        parameters: variables of the channel's address, by Python name; `address` and `address_field` use them.
        address: the template that `address_field` of the request is made from; None where the request has none.
        address_field: the Python name of the request's field that holds the channel's address.
        description: as in the document.
    """

    name: str
    channel: str
    request: str
    set_fields: dict[str, Any] = field(default_factory=dict[str, Any])
    cancel: str | None = None
    cancel_fields: dict[str, Any] = field(default_factory=dict[str, Any])
    updates: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    address: str | None = None
    address_field: str | None = None
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One WebSocket: a class.

    Attributes:
        name: of the class, unique in the contract.
        channels: the keys of the channels that it carries.
        servers: where it can be opened; empty where the document has none.
        path: a template that is put behind a server's URL: "", or something that begins with "/".
        parameters: the arguments of `connect`, in the order of the document.
        credentials: likewise.
        incoming: what the server sends.
        outgoing: what the client sends.
        operations: what the client can do.
        subscriptions: likewise.
        subprotocols: to be offered, in this order.
        description: as in the document.
    """

    name: str
    channels: tuple[str, ...]
    servers: tuple[Server, ...] = ()
    path: str = ""
    parameters: tuple[Parameter, ...] = ()
    credentials: tuple[Credential, ...] = ()
    incoming: Direction = Direction()
    outgoing: Direction = Direction()
    operations: tuple[Operation, ...] = ()
    subscriptions: tuple[Subscription, ...] = ()
    subprotocols: tuple[str, ...] = ()
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """An API.

    Attributes:
        title: as in the document, as are the next two.
        version: of the API.
        description: may be long, and Markdown.
        source: the document's file name, without a folder.
        digest: SHA-256 of everything that was read, in hexadecimal.
        perspective: whose `send` the document speaks of.
        declarations: every type with a name, in the order of the document.
        connections: at least one.
    """

    title: str
    version: str
    source: str
    digest: str
    perspective: Literal["client", "server"]
    declarations: tuple[Declaration, ...]
    connections: tuple[Connection, ...]
    description: str = ""

    def declaration(self, name: str) -> Declaration:
        """The declaration of this name.

        Raises:
            KeyError: there is none.
        """
        for declared in self.declarations:
            if declared.name == name:
                return declared
        raise KeyError(name)
