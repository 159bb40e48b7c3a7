"""Channels and operations of version 2, in the words of version 3.

`publish` is what clients send, so the application that the document describes receives it; `subscribe` the reverse.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

from typedws.schema.document.bindings import read_binding
from typedws.schema.document.channels import channel_servers
from typedws.schema.document.kinds import is_array, is_object, kind_of
from typedws.schema.document.layers import layered
from typedws.schema.document.messages import Messages
from typedws.schema.document.node import Node
from typedws.schema.document.objects import Channel, MessageObject, OperationObject
from typedws.schema.document.scope import Scope, extensions_of
from typedws.schema.document.tolerance import behind

__all__ = ["read_version2"]

_ACTIONS: Final[dict[str, Literal["send", "receive"]]] = {"publish": "receive", "subscribe": "send"}
MAX_NESTED: Final = 20


def read_version2(scope: Scope, servers: tuple[str, ...]) -> tuple[tuple[Channel, ...], tuple[OperationObject, ...]]:
    """Channels and operations.

    Raises:
        SchemaError: something is wrong without which nothing useful is left.
    """
    channels = scope.root.child("channels")
    if channels is None:
        scope.root.warn("no-channels", "the document has no channels", severity="error")
        return (), ()
    target = channels.target
    if not is_object(target.value):
        raise target.error(f"'channels' is an object, not {kind_of(target.value)}")
    reader = _Reader(scope, servers)
    found = tuple(reader.channel(key, node) for key, node in target.items() if not key.startswith("x-"))
    return found, tuple(reader.operations.values())


class _Reader:
    def __init__(self, scope: Scope, servers: tuple[str, ...]) -> None:
        self.operations: dict[str, OperationObject] = {}
        self._scope = scope
        self._servers = servers
        self._messages = Messages(scope)

    def channel(self, key: str, node: Node) -> Channel:
        target = node.target
        if not is_object(target.value):
            raise node.error(f"the channel {key!r} is an object, not {kind_of(target.value)}")
        messages: dict[Node, MessageObject] = {}
        # In the order of the document.
        for name, member in target.items():
            if name in _ACTIONS:
                operation = self._operation(key, name, member)
                for message in operation.messages:
                    messages.setdefault(message.node, message)
        query, headers = read_binding(target)
        return Channel(
            key=key,
            node=target,
            address=key,
            title=target.text("title"),
            description=target.text("description"),
            messages=tuple(messages.values()),
            parameters=self._scope.variables(target, "parameters", (key,), "the parameter"),
            servers=channel_servers(self._scope, target, self._servers),
            query=query,
            headers=headers,
            extensions=extensions_of(target),
        )

    def _operation(self, channel: str, name: str, member: Node) -> OperationObject:
        node = member.target
        if not is_object(node.value):
            raise member.error(f"{name!r} of the channel {channel!r} is an object, not {kind_of(node.value)}")
        layers = layered(node, traits_win=True)
        given = layers.text("operationId")
        key = given or f"{channel}.{name}"
        if key in self.operations:
            node.warn("duplicate-operation", f"there is another operation {key!r}; this one is called {channel}.{name}")
            key = f"{channel}.{name}"
            while key in self.operations:
                key += "_"
        message = node.child("message")
        operation = self.operations[key] = OperationObject(
            key=key,
            node=node,
            action=_ACTIONS[name],
            channel=channel,
            messages=() if message is None else self._operation_messages(message, key),
            security=self._scope.security(node, layers.array("security")),
            title=layers.text("title"),
            summary=layers.text("summary"),
            description=layers.text("description"),
            deprecated=layers.flag("deprecated"),
            extensions=layers.extensions(),
        )
        return operation

    def _operation_messages(self, message: Node, key: str) -> tuple[MessageObject, ...]:
        found: dict[Node, MessageObject] = {}
        nodes = list(_flat(message, 0))
        for index, node in enumerate(nodes):
            read = self._messages.read(node, key=_name_of(node, key if len(nodes) == 1 else f"{key}.{index}"))
            if read is not None:
                found.setdefault(read.node, read)
        return tuple(found.values())


def _flat(message: Node, depth: int) -> Iterator[Node]:
    """The messages of an operation: one, or those in its `oneOf`, which may stand in `components` too."""
    target = behind(message, "the message", severity="error")
    if target is None:
        return
    if depth > MAX_NESTED:
        raise message.error("'oneOf' of messages are nested too deep")
    if is_array(target.value):
        message.warn("wrong-type", "'message' is an object, not an array; its items are taken as 'oneOf'")
        items = target
    elif is_object(target.value) and is_array(target.value.get("oneOf")) and "payload" not in target.value:
        items = target.array("oneOf") or target
    else:
        yield message
        return
    for item in items.elements():
        yield from _flat(item, depth + 1)


def _name_of(node: Node, otherwise: str) -> str:
    """`messageId`, `name`, or what the operation gives it."""
    target = node.target
    for key in ("messageId", "name"):
        name = target.value.get(key) if is_object(target.value) else None
        if isinstance(name, str) and name:
            return name
    return otherwise
