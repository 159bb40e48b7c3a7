"""Who sends what on a connection, seen from the client.

Operations say it. Where a document has none, or none for a message, the message's name has to: requests and commands
go out, and everything else comes in.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from typedws.schema.building.messages import Messages
from typedws.schema.building.sockets import Socket
from typedws.schema.document.node import Node
from typedws.schema.document.objects import Channel, Document, MessageObject, OperationObject

__all__ = ["Step", "Traffic", "is_request_name", "traffic_of"]

_REQUEST: Final = re.compile(
    r"(?:^|_)(request|command|cmd|subscribe|unsubscribe|input|query|call|login|auth|authenticate|join|leave)(?:_|$)"
)
_RESPONSE: Final = re.compile(
    r"(?:^|_)(response|result|reply|event|update|error|ack|notification|output|status)(?:_|$)"
)


@dataclass(frozen=True, slots=True)
class Step:
    """An operation, as the client does it.

    Attributes:
        operation: in the document; None where there is none, and a message stands for itself.
        channel: where.
        sends: the messages that the client sends, by name.
        replies: the messages that answer, by name; None where nothing is said of a reply.
        label: what it is called after.
    """

    channel: Channel
    sends: tuple[str, ...]
    label: str
    operation: OperationObject | None = None
    replies: tuple[str, ...] | None = None


@dataclass(slots=True)
class Traffic:
    """The messages of a connection by direction, and the steps that send them.

    Attributes:
        incoming: names, in the order of the document.
        outgoing: likewise.
        steps: what the client does.
        operations: the operations of the document that were looked at.
    """

    incoming: list[str] = field(default_factory=list[str])
    outgoing: list[str] = field(default_factory=list[str])
    steps: list[Step] = field(default_factory=list[Step])
    operations: list[OperationObject] = field(default_factory=list[OperationObject])

    def add(self, names: Sequence[str], *, out: bool) -> None:
        """Notes messages of one direction."""
        known = self.outgoing if out else self.incoming
        known.extend(name for name in names if name not in known)


def traffic_of(
    socket: Socket, document: Document, messages: Messages, perspective: Literal["client", "server"]
) -> Traffic:
    """The traffic on a connection.

    Raises:
        SchemaError: a payload is no schema.
    """
    traffic = Traffic()
    by_key = {channel.key: channel for channel in socket.channels}
    mentioned: set[Node] = set()
    for operation in document.operations:
        channel = by_key.get(operation.channel)
        if channel is None:
            continue
        traffic.operations.append(operation)
        mentioned.update(entry.node for entry in operation.messages)
        names = _names(operation.messages, channel, messages)
        reply = operation.reply
        answers: tuple[str, ...] | None = None
        if reply is not None:
            mentioned.update(entry.node for entry in reply.messages)
            answers = _names(reply.messages, by_key.get(reply.channel, channel), messages)
        if (operation.action == "send") == (perspective == "client"):
            traffic.add(names, out=True)
            traffic.add(answers or (), out=False)
            if names:
                traffic.steps.append(Step(channel, names, operation.key, operation, answers))
            else:
                operation.node.warn("no-message", f"the operation {operation.key!r} sends no message; it is left out")
        else:
            traffic.add(names, out=False)
            traffic.add(answers or (), out=True)
            for answer in answers or ():
                # The server asks and the client answers: sending the answer is a step of its own.
                traffic.steps.append(Step(channel, (answer,), answer, operation))
    for channel in socket.channels:
        for entry in channel.messages:
            if entry.node not in mentioned:
                _guess(traffic, entry, channel, messages)
    return traffic


def _guess(traffic: Traffic, entry: MessageObject, channel: Channel, messages: Messages) -> None:
    names = messages.names(entry, channel)
    if all(name in traffic.incoming or name in traffic.outgoing for name in names):
        return
    out = is_request_name(entry.key) or is_request_name(entry.name)
    entry.node.warn(
        "no-operation",
        f"no operation says who sends the message {entry.key!r}; by its name, the {'client' if out else 'server'} does",
        suggestion="describe an operation that sends or receives it",
    )
    traffic.add(names, out=out)
    if out:
        traffic.steps.append(Step(channel, names, f"send_{entry.key}"))


def _names(entries: Sequence[MessageObject], channel: Channel, messages: Messages) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for entry in entries for name in messages.names(entry, channel)))


def is_request_name(name: str) -> bool:
    """Whether a message is, by its name, one that clients send."""
    spread = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+", "_", name).lower()
    return _REQUEST.search(spread) is not None and _RESPONSE.search(spread) is None
