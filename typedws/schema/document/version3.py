"""Channels and operations of version 3."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from typedws.schema.document.bindings import read_binding
from typedws.schema.document.channels import channel_servers
from typedws.schema.document.kinds import is_array, is_object, kind_of
from typedws.schema.document.layers import Layers, layered
from typedws.schema.document.messages import Messages
from typedws.schema.document.node import Node
from typedws.schema.document.objects import Channel, MessageObject, OperationObject, ReplyObject
from typedws.schema.document.scope import Scope, chain_of, extensions_of
from typedws.schema.document.tolerance import object_behind, without_siblings

__all__ = ["read_version3"]


def read_version3(scope: Scope, servers: tuple[str, ...]) -> tuple[tuple[Channel, ...], tuple[OperationObject, ...]]:
    """Channels and operations.

    Raises:
        SchemaError: something is wrong without which nothing useful is left.
    """
    reader = _Reader(scope, servers)
    reader.read_channels()
    operations = tuple(reader.read_operations())
    return tuple(reader.channels.values()), operations


class _Reader:
    def __init__(self, scope: Scope, servers: tuple[str, ...]) -> None:
        self.channels: dict[str, Channel] = {}
        self._scope = scope
        self._servers = servers
        self._messages = Messages(scope)
        # Every place that means a channel: its own, and those that its reference leads through.
        self._places: dict[Node, str] = {}

    def read_channels(self) -> None:
        channels = self._scope.root.child("channels")
        if channels is None:
            self._scope.root.warn("no-channels", "the document has no channels", severity="error")
            return
        target = channels.target
        if not is_object(target.value):
            raise target.error(f"'channels' is an object, not {kind_of(target.value)}")
        for key, node in target.items():
            if not key.startswith("x-"):
                self._read_channel(key, node)

    def _read_channel(self, key: str, node: Node) -> None:
        chain = chain_of(node)
        target = chain[-1]
        if not is_object(target.value):
            raise node.error(f"the channel {key!r} is an object, not {kind_of(target.value)}")
        if node.is_reference:
            without_siblings(node)
        for step in chain:
            self._places.setdefault(step, key)
        address = target.child("address")
        text = target.text("address") if address is not None else ""
        query, headers = read_binding(target)
        self.channels[key] = Channel(
            key=key,
            node=target,
            address=text if address is not None and not isinstance(address.value, dict | list) else None,
            title=target.text("title"),
            description=target.text("description") or target.text("summary"),
            messages=tuple(self._channel_messages(target)),
            parameters=self._scope.variables(target, "parameters", (text,), "the parameter"),
            servers=channel_servers(self._scope, target, self._servers),
            query=query,
            headers=headers,
            extensions=extensions_of(target),
        )

    def _channel_messages(self, channel: Node) -> list[MessageObject]:
        messages = channel.child("messages")
        if messages is None:
            return []
        target = messages.target
        if is_array(target.value):
            messages.warn(
                "wrong-type",
                "'messages' of a channel is an object, not an array; its items are taken",
                severity="warning",
            )
            items = [(_name_of(item, f"message{index}"), item) for index, item in enumerate(target.elements(), 1)]
        elif is_object(target.value):
            items = [(key, item) for key, item in target.items() if not key.startswith("x-")]
        else:
            raise messages.error(f"'messages' is an object, not {kind_of(target.value)}")
        return _each_once(self._messages.read(item, key=key) for key, item in items)

    # Operations.

    def read_operations(self) -> Iterable[OperationObject]:
        operations = self._scope.root.child("operations")
        if operations is None:
            self._scope.root.warn(
                "no-operations",
                "the document has no operations, so nothing says who sends a message",
                suggestion="add 'operations'",
            )
            return
        target = operations.target
        if not is_object(target.value):
            raise target.error(f"'operations' is an object, not {kind_of(target.value)}")
        for key, node in target.items():
            if not key.startswith("x-"):
                behind = node.target
                if not is_object(behind.value):
                    raise node.error(f"the operation {key!r} is an object, not {kind_of(behind.value)}")
                yield self._operation(key, behind)

    def _operation(self, key: str, node: Node) -> OperationObject:
        layers = layered(node, traits_win=False)
        member = node.child("channel")
        if member is None:
            raise node.error(f"the operation {key!r} has no 'channel'")
        channel = self._channel_key(member, f"the operation {key!r}")
        return OperationObject(
            key=key,
            node=node,
            action=_action(key, node),
            channel=channel,
            messages=self._operation_messages(node, channel, key),
            reply=self._reply(node, channel, key),
            security=self._scope.security(node, layers.array("security")),
            title=layers.text("title"),
            summary=layers.text("summary"),
            description=layers.text("description"),
            deprecated=layers.flag("deprecated") or Layers(node).flag("x-deprecated"),
            extensions=layers.extensions(),
        )

    def _channel_key(self, member: Node, what: str) -> str:
        """Which channel is meant.

        Raises:
            SchemaError: none that there is.
        """
        if isinstance(member.value, str):
            if member.value not in self.channels:
                raise member.error(f"there is no channel {member.value!r}, which {what} is on")
            member.warn(
                "channel-by-name",
                "a channel is named by a reference",
                suggestion=f"write $ref: '#/channels/{member.value}'",
            )
            return member.value
        if not is_object(member.value):
            raise member.error(f"the channel of {what} is a reference, not {kind_of(member.value)}")
        chain = chain_of(member)
        for step in chain:
            if step in self._places:
                return self._places[step]
        target = chain[-1]
        if not member.is_reference:
            for key, channel in self.channels.items():
                if channel.node.value == target.value:
                    member.warn("inline-channel", f"the channel {key!r} is written out; it should be a reference")
                    return key
        if not is_object(target.value):
            raise member.error(f"the channel of {what} is an object, not {kind_of(target.value)}")
        key = target.key if member.is_reference and target.path else what.split("'")[-2]
        while key in self.channels:
            key += "_"
        member.warn(
            "channel-outside-channels",
            f"{what} is on a channel that is not one of 'channels'; it is added to them as {key!r}",
            suggestion="refer to a member of '#/channels'",
        )
        self._read_channel(key, target)
        return key

    def _operation_messages(self, node: Node, channel: str, key: str) -> tuple[MessageObject, ...]:
        messages = node.child("messages")
        if messages is None:
            return self.channels[channel].messages
        target = messages.target
        if is_object(target.value):
            messages.warn("wrong-type", "'messages' of an operation is an array, not an object; its members are taken")
            items = [item for _, item in target.items()]
        elif is_array(target.value):
            items = list(target.elements())
        else:
            raise messages.error(f"'messages' is an array, not {kind_of(target.value)}")
        known = self.channels[channel].messages
        return tuple(_each_once(self._operation_message(item, known, key) for item in items))

    def _operation_message(self, item: Node, known: tuple[MessageObject, ...], key: str) -> MessageObject | None:
        if isinstance(item.value, str):
            for message in known:
                if message.key == item.value:
                    item.warn("message-by-name", "a message is named by a reference to it in its channel")
                    return message
        if not item.is_reference:
            for message in known:
                if message.node.value == item.value:
                    item.warn("inline-message", f"the message {message.key!r} is written out; it should be a reference")
                    return message
            if is_object(item.value):
                item.warn(
                    "inline-message", f"the operation {key!r} has a message that its channel has not; it is taken"
                )
            return self._messages.read(item, key=_name_of(item, key))
        found = self._messages.read(item, key=_name_of(item, key))
        if found is not None:
            # By the specification it must be one of the channel's, named by way of the channel.
            places = [step.path for step in chain_of(item)[1:]]
            if found not in known:
                item.warn(
                    "message-outside-channel",
                    f"the operation {key!r} has the message {found.key!r}, which its channel has not; it is taken",
                    suggestion="add it to 'messages' of the channel, and refer to it there",
                )
            elif places[0][:1] == ("components",):
                item.warn(
                    "message-outside-channel",
                    f"the operation {key!r} refers to the message {found.key!r} in 'components', not in its channel",
                    suggestion="refer to it in 'messages' of the channel",
                )
        return found

    def _reply(self, node: Node, channel: str, key: str) -> ReplyObject | None:
        member = node.child("reply")
        target = None if member is None else object_behind(member, f"the reply of {key!r}", severity="error")
        if target is None:
            return None
        named = target.child("channel")
        where = channel if named is None else self._channel_key(named, f"the reply of {key!r}")
        if target.child("messages") is None and named is None:
            # Any message of the operation's own channel would be a reply, requests among them.
            if target.child("address") is None:
                target.warn("empty-reply", f"the reply of {key!r} names neither a channel nor messages")
        return ReplyObject(node=target, channel=where, messages=self._operation_messages(target, where, key))


def _action(key: str, node: Node) -> Literal["send", "receive"]:
    text = node.text("action").strip().lower()
    if text == "send":
        return "send"
    if text == "receive":
        return "receive"
    place = node.child("action") or node
    raise place.error(f"the operation {key!r} has the action {text[:40]!r}; it is 'send' or 'receive'")


def _name_of(node: Node, otherwise: str) -> str:
    """What a message may be called that is not in a map."""
    if node.is_reference:
        last = str(node.value["$ref"]).rpartition("#")[2].rpartition("/")[2]
        return last.replace("~1", "/").replace("~0", "~") or otherwise
    name = node.value.get("name") or node.value.get("messageId") if is_object(node.value) else None
    return name if isinstance(name, str) else otherwise


def _each_once(messages: Iterable[MessageObject | None]) -> list[MessageObject]:
    found: dict[Node, MessageObject] = {}
    for message in messages:
        if message is not None:
            found.setdefault(message.node, message)
    return list(found.values())
