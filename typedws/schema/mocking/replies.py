"""What the server answers: samples that belong to the request, by their ids and by what they have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from typedws.schema.contract.api import Direction, Exchange, Message, Subscription
from typedws.schema.contract.types import Alias, Field, LiteralOf, Record, Ref, Scalar, Type, UnionOf
from typedws.schema.decisions import Path
from typedws.schema.mocking.roles import Roles
from typedws.schema.mocking.topics import scalars_of
from typedws.schema.samples import Checker, Sampler, candidates
from typedws.schema.samples.kinds import is_array, is_object
from typedws.schema.samples.places import read_at, wire_path

__all__ = ["Replies"]

_ERRORS: Final = frozenset({"error", "errors", "err", "error_code", "errorCode", "error_message", "errorMessage"})
"""Fields that a good reply does not have."""

_TEXTS: Final = ("message", "msg", "error_message", "errorMessage", "error", "reason", "description", "detail", "text")
"""Fields that say what is wrong, the likeliest first."""


class Replies:
    """Makes what is sent to one client.

    Args:
        direction: what the server sends, so that each message is told from the others.
    """

    def __init__(self, roles: Roles, sampler: Sampler, direction: Direction) -> None:
        self._roles = roles
        self._sampler = sampler
        self._checker = sampler.checker
        self._direction = direction

    def unasked(self, message: Message) -> tuple[Message, Any]:
        """A message that nobody asked for."""
        return message, self._sampler.message(message, direction=self._direction)

    def reply(self, exchange: Exchange, name: str, tree: Any) -> tuple[Message, Any] | None:
        """The reply to a request that succeeded; None where none can be made."""
        found = self._roles.messages(exchange.replies)
        message = next((m for m in found if m.name in exchange.reply_ids), found[0] if found else None)
        if message is None:
            return None
        fixed = self._id_in(exchange, name, tree, message)
        if exchange.ok_field is not None:
            fixed[(exchange.ok_field,)] = True
        value = self._sampler.message(message, direction=self._direction, fixed=fixed, without=_ERRORS)
        return message, self._echoed(message, value, dict(scalars_of(tree)), fixed)

    def answer(self, message: Message, tree: Any) -> tuple[Message, Any]:
        """A message that answers one without an exchange."""
        value = self._sampler.message(message, direction=self._direction, without=_ERRORS)
        return message, self._echoed(message, value, dict(scalars_of(tree)), {})

    def failure(self, text: str, name: str, tree: Any) -> tuple[Message, Any] | None:
        """The message that says what is wrong with a request; None where the document has none.

        Args:
            text: what is wrong.
            name: the message that it was meant to be; empty where that is not known.
            tree: what of it could be read.
        """
        exchange = self._roles.exchange(name) if name else None
        failures = self._roles.messages(exchange.failures) if exchange is not None else []
        message = next(iter((*failures, *self._roles.errors)), None)
        if message is None:
            return None
        fixed = self._id_in(exchange, name, tree, message) if exchange is not None else {}
        if exchange is not None and exchange.ok_field is not None:
            fixed[(exchange.ok_field,)] = False
        fixed |= {path: text for path in self._places_for_text(Ref(message.name))}
        return message, self._sampler.message(message, direction=self._direction, fixed=fixed)

    def update(self, subscription: Subscription, tree: Any, turn: int) -> tuple[Message, Any] | None:
        """An update of a subscription that was asked for so; its messages take turns."""
        messages = self._roles.messages(subscription.updates)
        messages = [message for message in messages if not message.is_error] or messages
        if not messages:
            return None
        message = messages[turn % len(messages)]
        fixed: dict[Path, Any] = {}
        for filter_ in subscription.filters:
            asked = wire_path(self._checker, Ref(subscription.request), filter_.request)
            there = wire_path(self._checker, Ref(message.name), filter_.update)
            value = read_at(tree, asked) if asked is not None else None
            if value is None or there is None:
                continue
            # The update is about one of them.
            fixed[filter_.update] = value[turn // len(messages) % len(value)] if is_array(value) and value else value
        value = self._sampler.message(message, direction=self._direction, fixed=fixed)
        known = dict(scalars_of(tree)) | (self._roles.address_in(subscription, tree) or {})
        return message, self._echoed(message, value, known, fixed)

    def _id_in(self, exchange: Exchange, name: str, tree: Any, message: Message) -> dict[Path, Any]:
        """The id of a request where the reply has it."""
        place = exchange.reply_ids.get(message.name, message.correlation)
        asked = wire_path(self._checker, Ref(name), exchange.request_id) if exchange.request_id else None
        value = None if asked is None else read_at(tree, asked)
        return {} if place is None or value is None else {place: value}

    def _places_for_text(self, type_: Type) -> list[Path]:
        """The first place in an error message that is meant for people, if there is one."""
        record = _record_of(self._checker, type_)
        fields = () if record is None else record.fields
        by_name = {field.wire_name: field for field in fields}
        for wire_name in _TEXTS:
            field = by_name.get(wire_name)
            if field is None:
                continue
            if self._checker.accepts(field.type, "text"):
                return [(field.name,)]
            inner = _record_of(self._checker, field.type)
            if inner is not None:
                for part in inner.fields:
                    if part.wire_name in _TEXTS and self._checker.accepts(part.type, "text"):
                        return [(field.name, part.name)]
        return []

    def _echoed(self, message: Message, value: Any, known: Mapping[str, Any], fixed: Mapping[Path, Any]) -> Any:
        """A reply whose fields have the values of the request's fields of the same name, where they fit."""
        kept = {path[-1] for path in fixed if path}
        decision = self._direction.text if message.format in ("json", "text") else self._direction.binary
        echoed = self._echo(Ref(message.name), value, known, kept)
        # It must still be taken for the message that it is.
        if candidates(decision, echoed) != candidates(decision, value):
            return value
        return echoed if self._checker.accepts(Ref(message.name), echoed) else value

    def _echo(self, type_: Type, value: Any, known: Mapping[str, Any], kept: set[str | int]) -> Any:
        record = _record_of(self._checker, type_)
        if record is None or not is_object(value):
            return value
        result = dict(value)
        for field in record.fields:
            if field.name in kept or field.wire_name in _ERRORS:
                continue
            if field.wire_name in known and self._takes(field, known[field.wire_name]):
                result[field.wire_name] = known[field.wire_name]
            elif field.wire_name in result:
                result[field.wire_name] = self._echo(field.type, result[field.wire_name], known, kept)
        return result

    def _takes(self, field: Field, value: Any) -> bool:
        return not _is_free(field.type) and self._checker.accepts(field.type, value)


def _is_free(type_: Type) -> bool:
    """Whether it is a literal that says what the message is, or takes anything, so that an equal name says little."""
    return (isinstance(type_, LiteralOf) and len(type_.values) == 1) or type_ == Scalar("any")


def _record_of(checker: Checker, type_: Type) -> Record | None:
    """The record that a type is, behind aliases and beside null."""
    for _ in range(20):
        match checker.declaration(type_) or type_:
            case Record() as record:
                return record
            case Alias(type=meant):
                type_ = meant
            case UnionOf(members):
                records = [member for member in members if isinstance(member, Ref)]
                if len(records) != 1:
                    return None
                type_ = records[0]
            case _:
                return None
    return None
