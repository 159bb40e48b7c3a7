"""Subscriptions: channels that are topics on a shared connection, and the messages that ask for them.

A message is one that subscribes if its name says so, or one of its fields is called like a command and may be
"subscribe". The documents of exchanges mostly have one such message for both ways, told apart by that field, and one
message for all channels, with the channel's address in a field.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from typedws.schema.building.messages import Messages
from typedws.schema.building.names import snake, unique, words
from typedws.schema.building.parameters import variable
from typedws.schema.building.schemas import Schemas
from typedws.schema.building.sockets import Socket
from typedws.schema.building.traffic import Traffic
from typedws.schema.contract.api import Filter, Parameter, Subscription
from typedws.schema.contract.types import Field, ListOf, LiteralOf, Record, Ref, Scalar, Type, UnionOf
from typedws.schema.document.objects import Channel

__all__ = ["is_subscribe_name", "subscriptions_of"]

_COMMANDS: Final = ("op", "cmd", "command", "action", "event", "method", "type", "operation", "request", "req")
_SUBJECTS: Final = frozenset(
    "account address asset channel coin currency device feed game group inst instrument interval market match pair "
    "period portfolio product region resolution room sensor stream subject symbol team ticker timeframe topic wallet "
    "zone".split()
)
"""Words in the names of fields that say what a subscription is about."""

_PASSING: Final = frozenset(
    "at cursor date hash id key message msg nonce offset req reqid request secret seq sequence sig signature sent "
    "status t text time timestamp token ts uuid version".split()
)
"""Words in the names of fields that say nothing of the kind."""

_TOPICS: Final = ("channel", "topic", "stream", "feed", "subject", "room", "address", "destination")


@dataclass(frozen=True, slots=True)
class _Ask:
    """A message that subscribes or unsubscribes."""

    record: Record
    fields: dict[str, Any]


def subscriptions_of(
    socket: Socket, traffic: Traffic, schemas: Schemas, messages: Messages
) -> tuple[Subscription, ...]:
    """The subscriptions of a connection; none where it has only one channel."""
    if not socket.is_shared:
        return ()
    sent = {channel.key: _sent(channel, traffic) for channel in socket.channels}
    shared_asks = [
        record
        for channel in socket.channels
        if not _updates(channel, traffic, messages) or channel.address is None
        for name in sent[channel.key]
        if (record := schemas.record(name)) is not None
    ]
    has_topics = any(channel.address for channel in socket.channels)
    made: list[Subscription] = []
    for channel in socket.channels:
        updates = _updates(channel, traffic, messages)
        if not updates:
            continue
        own = [record for name in sent[channel.key] if (record := schemas.record(name)) is not None]
        subscribe = _ask(own, "subscribe")
        unsubscribe = _ask(own, "unsubscribe")
        address: str | None = None
        field: str | None = None
        if subscribe is not None and not channel.address and _topic_field(subscribe.record) and has_topics:
            # Where one subscribes to the others; what comes back there belongs to none of them.
            continue
        if subscribe is None and channel.address:
            subscribe = _ask(shared_asks, "subscribe")
            unsubscribe = _ask(shared_asks, "unsubscribe")
            field = _topic_field(subscribe.record) if subscribe is not None else None
            address = channel.address
        if subscribe is None or (address is not None and field is None):
            continue
        parameters: list[Parameter] = []
        if address is not None:
            known = {one.name for one in subscribe.record.fields}
            for found in channel.parameters:
                parameters.append(variable(found, {*known, *(one.name for one in parameters)}))
        name = snake(channel.key, fallback="channel")
        filters = _filters(subscribe.record, [schemas.record(one) for one in updates], schemas)
        made.append(
            Subscription(
                name=unique(f"subscribe_{name.removeprefix('subscribe_')}", {one.name for one in made}),
                channel=channel.key,
                request=subscribe.record.name,
                set_fields=subscribe.fields,
                cancel=unsubscribe.record.name if unsubscribe is not None else None,
                cancel_fields=unsubscribe.fields if unsubscribe is not None else {},
                updates=updates,
                filters=filters,
                parameters=tuple(parameters),
                address=address,
                address_field=field,
                description=_described(channel, filters, subscribe.record, updates, schemas),
            )
        )
    return tuple(made)


def _described(
    channel: Channel, filters: Sequence[Filter], request: Record, updates: Sequence[str], schemas: Schemas
) -> str:
    """What a subscription yields, in words."""
    text = channel.description.strip() or channel.title.strip()
    update = schemas.record(updates[0])
    asked = {field.name: field.wire_name for field in request.fields}
    there = {} if update is None else {field.name: field.wire_name for field in update.fields}
    named = [(there.get(str(one.update[0]), ""), asked.get(str(one.request[0]), "")) for one in filters]
    conditions = [f"`{mine}` is that of `{theirs}`" for mine, theirs in named]
    if not conditions:
        return text
    return f"{text}\n\nYields the updates whose {' and '.join(conditions)}.".strip()


def _sent(channel: Channel, traffic: Traffic) -> list[str]:
    return list(dict.fromkeys(name for step in traffic.steps if step.channel.key == channel.key for name in step.sends))


def _updates(channel: Channel, traffic: Traffic, messages: Messages) -> tuple[str, ...]:
    """What a channel yields: its incoming messages, without those that other channels have as well."""
    names = [name for entry in channel.messages for name in messages.names(entry, channel) if name in traffic.incoming]
    own = [name for name in names if messages.get(name).channels == (channel.key,)]
    return tuple(dict.fromkeys(own or names))


def _ask(records: Sequence[Record], word: str) -> _Ask | None:
    """The message that says this word, and what its fields must be for that."""
    other = "unsubscribe" if word == "subscribe" else "subscribe"
    for record in records:
        by_field = _command(record, word)
        if by_field is not None:
            return _Ask(record, by_field)
    for record in records:
        name = record.name.lower()
        if word == "subscribe" and is_subscribe_name(record.name) and "unsubscri" not in name:
            return _Ask(record, {})
        if word == "unsubscribe" and "unsubscri" in name and _command(record, other) is None:
            return _Ask(record, {})
    return None


def _command(record: Record, word: str) -> dict[str, Any] | None:
    """The field that makes a message say the word; empty where it can say nothing else."""
    for field in record.fields:
        if field.wire_name.lower() not in _COMMANDS:
            continue
        values = _texts(field.type)
        said = [
            value for value in values if value.lower() in (word, f"{word}_request", f"{word.removesuffix('e')}ption")
        ]
        if said:
            return {} if len(values) == 1 else {field.name: said[0]}
        if not values and isinstance(field.type, Scalar) and field.type.kind == "str":
            hint = f"{field.example} {field.default} {field.description}".lower()
            if re.search(rf"\b{word}\b", hint) or (str(field.example).lower() in ("subscribe", "unsubscribe")):
                return {field.name: word}
    return None


def _texts(type_: Type) -> list[str]:
    members = type_.members if isinstance(type_, UnionOf) else (type_,)
    return [
        value
        for member in members
        if isinstance(member, LiteralOf)
        for value in member.values
        if isinstance(value, str)
    ]


def _topic_field(record: Record) -> str | None:
    for field in record.fields:
        if field.wire_name.lower() in _TOPICS and field.type == Scalar("str"):
            return field.name
    return None


def _filters(request: Record, updates: Sequence[Record | None], schemas: Schemas) -> tuple[Filter, ...]:
    """Fields that request and every update have, and that name what was asked for."""
    found: list[Filter] = []
    for field in request.fields:
        if field.wire_name.lower() in _COMMANDS or len(_texts(field.type)) == 1:
            continue
        listed = isinstance(field.type, LiteralOf) or (
            isinstance(field.type, Ref) and schemas.record(field.type.name) is None
        )
        plain = listed or (field.type == Scalar("str") and _names_a_topic(field, updates))
        several = isinstance(field.type, ListOf) and field.type.item == Scalar("str")
        if not plain and not several:
            continue
        names = {field.wire_name} if plain else {field.wire_name, field.wire_name.removesuffix("s")}
        matches = [
            next((one.name for one in record.fields if one.wire_name in names and _alike(field.type, one.type)), None)
            for record in updates
            if record is not None
        ]
        if matches and len(matches) == len(updates) and all(matches) and len(set(matches)) == 1:
            assert matches[0] is not None
            found.append(Filter(request=(field.name,), update=(matches[0],)))
    return tuple(found)


def _names_a_topic(field: Field, updates: Sequence[Record | None]) -> bool:
    """Whether a field says what a subscription is about: by its name, or because neither side can be without it.

    What else both sides happen to have, as a time or a number that is used once, differs in each update.
    """
    found = {word.lower().rstrip("s") for word in words(field.wire_name)}
    if found & _SUBJECTS:
        return True
    everywhere = all(
        record is not None and any(one.wire_name == field.wire_name and one.required for one in record.fields)
        for record in updates
    )
    return field.required and everywhere and not found & _PASSING


def _alike(request: Type, update: Type) -> bool:
    """Whether a value of the one, or one of several, can be compared with the other."""
    return update == (request.item if isinstance(request, ListOf) else request)


def is_subscribe_name(name: str) -> bool:
    """Whether a message subscribes, by its name."""
    return (
        re.search(r"(?i)(?<!un)subscri(be|ption)(?!.*(response|result|reply|ack|status|confirmed|success|error))", name)
        is not None
    )
