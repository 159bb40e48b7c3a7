"""What the server answers: samples that belong to the request, by their ids and by what they have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from typedws.schema.contract.api import Direction, Exchange, Message, Subscription
from typedws.schema.contract.types import Ref, Type
from typedws.schema.decisions import Path
from typedws.schema.document.kinds import is_array
from typedws.schema.mocking.echoing import ERRORS, Known, echoed, known_in, record_of
from typedws.schema.mocking.roles import Roles
from typedws.schema.samples import Sampler, candidates
from typedws.schema.samples.places import read_at, wire_path

__all__ = ["Replies"]

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
        value = self._sampler.message(message, direction=self._direction, fixed=fixed, without=ERRORS)
        return message, self._echoed(message, value, known_in(tree), fixed)

    def answer(self, message: Message, tree: Any) -> tuple[Message, Any]:
        """A message that answers one without an exchange."""
        value = self._sampler.message(message, direction=self._direction, without=ERRORS)
        return message, self._echoed(message, value, known_in(tree), {})

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
        """An update of a subscription that was asked for so: what confirms it, then a whole of each thing that was
        asked for, where there is such a message, and then the others by turns."""
        confirmations, snapshots, rest = self._roles.updates(subscription)
        if not rest:
            return None
        if turn < len(confirmations):
            message = confirmations[turn]
            value = self._sampler.message(message, direction=self._direction, without=ERRORS)
            return message, self._echoed(message, value, known_in(tree), {})
        turn -= len(confirmations)
        count = self._things(subscription, tree)
        wholes = len(snapshots) * count
        message, thing = (
            (snapshots[turn % len(snapshots)], turn // len(snapshots))
            if turn < wholes
            else (rest[(turn - wholes) % len(rest)], (turn - wholes) // len(rest))
        )
        fixed: dict[Path, Any] = {}
        for filter_ in subscription.filters:
            there = wire_path(self._checker, Ref(message.name), filter_.update)
            value = self._asked(subscription, filter_.request, tree)
            if value is None or there is None:
                continue
            # The update is about one of them.
            fixed[filter_.update] = value[thing % len(value)] if is_array(value) and value else value
        value = self._sampler.message(message, direction=self._direction, fixed=fixed)
        address = self._roles.address_in(subscription, tree) or {}
        known = {**known_in(tree), **{name: (text,) for name, text in address.items()}}
        return message, self._echoed(message, value, known, fixed)

    def _things(self, subscription: Subscription, tree: Any) -> int:
        """How many things a request asks for: each has a whole of its own."""
        asked = [self._asked(subscription, filter_.request, tree) for filter_ in subscription.filters]
        return max([1, *(len(value) for value in asked if is_array(value))])

    def _asked(self, subscription: Subscription, path: Path, tree: Any) -> Any:
        way = wire_path(self._checker, Ref(subscription.request), path)
        return None if way is None else read_at(tree, way)

    def _id_in(self, exchange: Exchange, name: str, tree: Any, message: Message) -> dict[Path, Any]:
        """The id of a request where the reply has it."""
        place = exchange.reply_ids.get(message.name, message.correlation)
        asked = wire_path(self._checker, Ref(name), exchange.request_id) if exchange.request_id else None
        value = None if asked is None else read_at(tree, asked)
        return {} if place is None or value is None else {place: value}

    def _places_for_text(self, type_: Type) -> list[Path]:
        """The first place in an error message that is meant for people, if there is one."""
        record = record_of(self._checker, type_)
        fields = () if record is None else record.fields
        by_name = {field.wire_name: field for field in fields}
        for wire_name in _TEXTS:
            field = by_name.get(wire_name)
            if field is None:
                continue
            if self._checker.accepts(field.type, "text"):
                return [(field.name,)]
            inner = record_of(self._checker, field.type)
            if inner is not None:
                for part in inner.fields:
                    if part.wire_name in _TEXTS and self._checker.accepts(part.type, "text"):
                        return [(field.name, part.name)]
        return []

    def _echoed(self, message: Message, value: Any, known: Known, fixed: Mapping[Path, Any]) -> Any:
        """A reply whose fields have the values of the request's fields of the same name, where they fit."""
        kept = {path[-1] for path in fixed if path}
        decision = self._direction.text if message.format in ("json", "text") else self._direction.binary
        result = echoed(self._checker, Ref(message.name), value, known, kept, self._least)
        # It must still be taken for the message that it is.
        if candidates(decision, result) != candidates(decision, value):
            return value
        return result if self._checker.accepts(Ref(message.name), result) else value

    def _least(self, type_: Type) -> Any:
        return self._sampler.value(type_, presence="none")
