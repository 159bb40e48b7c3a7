"""What the server of a connection does: which message it answers with which, and what it sends unasked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from typedws.errors import SchemaError
from typedws.schema.contract.api import Connection, Exchange, Message, Subscription
from typedws.schema.contract.types import LiteralOf, Record, Ref
from typedws.schema.decisions import leaves
from typedws.schema.document.kinds import is_array, is_object
from typedws.schema.mocking.topics import Topics, variables_of
from typedws.schema.mocking.wordings import (
    answer_to,
    confirmation_of,
    is_confirmation,
    is_farewell,
    is_like_answer,
    is_snapshot,
)
from typedws.schema.samples import Sampler
from typedws.schema.samples.places import read_at, wire_path

__all__ = ["Roles", "holds"]


class Roles:
    """The parts that the messages of a connection play.

    Attributes:
        connection: the connection.
        unasked: messages that are no answer, no update of a subscription, no error and no farewell, and are not called
            like one: a greeting, or a feed that needs no request.
        by_hand: messages that are sent only where a test does it.
        errors: messages that report a failure.
        gaps: what cannot be sent, because no sample of it can be made; a sentence for each.
    """

    def __init__(self, connection: Connection, sampler: Sampler) -> None:
        self.connection = connection
        self._sampler = sampler
        self._topics = Topics(connection)
        possible: dict[str, Message] = {}
        gaps: list[str] = []
        incoming = connection.incoming
        known = {*leaves(incoming.text), *leaves(incoming.binary)}
        for message in incoming.messages:
            if message.name not in known:
                gaps.append(f"{message.name} is never sent: it cannot be told from messages of another format")
            try:
                sampler.message(message)
                possible[message.name] = message
            except SchemaError as problem:
                gaps.append(f"{message.name} is never sent: {problem}")
        self.gaps = tuple(gaps)
        self._possible = {name: message for name, message in possible.items() if name in known}
        exchanges = [operation.exchange for operation in connection.operations if operation.exchange]
        self._asked = {name for exchange in exchanges for name in (*exchange.replies, *exchange.failures)}
        self._asked |= {name for subscription in connection.subscriptions for name in subscription.updates}
        free = [m for m in self._possible.values() if m.name not in self._asked and not m.is_error]
        self._answers: dict[str, Message] = {}
        self._endings: dict[str, Message] = {}
        self._find_answers(free)
        answers = {answer.name for answer in (*self._answers.values(), *self._endings.values())}
        rest = [m for m in free if m.name not in answers]
        # Nothing answers a client that says nothing.
        asks = bool(connection.outgoing.messages)
        self.unasked = tuple(m for m in rest if not is_farewell(m) and not (asks and is_like_answer(m)))
        self.by_hand = tuple(m for m in rest if m not in self.unasked)
        self.errors = tuple(m for m in self._possible.values() if m.is_error)

    def _find_answers(self, free: Sequence[Message]) -> None:
        begin = {subscription.request for subscription in self.connection.subscriptions}
        end = {subscription.cancel for subscription in self.connection.subscriptions}
        for request in self.connection.outgoing.messages:
            if self.exchange(request.name) is not None:
                continue
            begins, ends = request.name in begin, request.name in end
            answer = answer_to(request, free, self.connection)
            # One message may do both; what it does then is known only when it comes.
            if ends:
                ending = confirmation_of(request, free, ends=True) or (None if begins else answer)
                if ending is not None:
                    self._endings[request.name] = ending
            if begins:
                answer = confirmation_of(request, free, ends=False) or answer
            if answer is not None and (begins or not ends):
                self._answers[request.name] = answer

    def messages(self, names: Sequence[str]) -> list[Message]:
        """Those of these messages that can be sent."""
        return [self._possible[name] for name in names if name in self._possible]

    def exchange(self, name: str) -> Exchange | None:
        """The exchange that a message begins."""
        found = (operation.exchange for operation in self.connection.operations if name in operation.messages)
        return next((exchange for exchange in found if exchange is not None), None)

    def further(self, exchange: Exchange) -> list[Message]:
        """Replies that come after the one with the id: those that have none, where others do."""
        names = [name for name in exchange.replies if exchange.reply_ids and name not in exchange.reply_ids]
        return [message for message in self.messages(names) if not message.is_error]

    def answer(self, name: str, tree: Any) -> Message | None:
        """What a message is answered with that begins no exchange: a message that is called as an answer to it."""
        ends = self.cancelled(name, tree)
        if ends and (ends[0].cancel_fields or ends[0].request != name) and name in self._endings:
            return self._endings[name]
        return self._answers.get(name)

    @property
    def answers(self) -> dict[str, tuple[str, ...]]:
        """The names of the messages that `answer` has something for, and what that may be."""
        return {
            message.name: tuple(
                found[message.name].name for found in (self._answers, self._endings) if message.name in found
            )
            for message in self.connection.outgoing.messages
            if message.name in self._answers or message.name in self._endings
        }

    def updates(self, subscription: Subscription) -> tuple[list[Message], list[Message], list[Message]]:
        """The updates of a subscription in three parts: what confirms it and comes once, wholes that come first, and
        what comes by turns after them."""
        messages = self.messages(subscription.updates)
        messages = [message for message in messages if not message.is_error] or messages
        confirmations = [message for message in messages if is_confirmation(message)]
        snapshots = [message for message in messages if is_snapshot(message) and message not in confirmations]
        rest = [message for message in messages if message not in confirmations and message not in snapshots]
        if not rest:
            # Nothing comes after them, so that they are the updates.
            rest, snapshots = (snapshots, []) if snapshots else (confirmations, [])
            confirmations = [message for message in confirmations if message not in rest]
        return confirmations, snapshots, rest

    def subscriptions(self, name: str, tree: Any) -> list[Subscription]:
        """The subscriptions that a message asks for. Where several have the same request, what they set in it decides,
        and then the topics that are named in it."""
        asked = [s for s in self.connection.subscriptions if s.request == name]
        found = [s for s in asked if self._sets(s.request, s.set_fields, tree) and self._is_addressed(s, tree)]
        if len(found) > 1 and any(s.set_fields or s.address_field for s in found):
            # What says more is meant: a subscription that sets nothing would take every request.
            most = max(len(s.set_fields) + (s.address_field is not None) for s in found)
            found = [s for s in found if len(s.set_fields) + (s.address_field is not None) == most]
        if len(found) > 1:
            named = self._topics.named(found, tree)
            return [named] if named is not None else []
        return found

    def cancelled(self, name: str, tree: Any) -> list[Subscription]:
        """The subscriptions that a message may end."""
        return [
            s for s in self.connection.subscriptions if s.cancel == name and self._sets(name, s.cancel_fields, tree)
        ]

    def wire_names(self, name: str, fields: Sequence[str]) -> set[str]:
        """Fields of a message by their names on the wire."""
        found = (wire_path(self._sampler.checker, Ref(name), (field,)) for field in fields)
        return {str(path[0]) for path in found if path}

    def constant_names(self, name: str) -> set[str]:
        """The wire names of those fields of a message that have one value always."""
        declared = self._sampler.checker.declaration(Ref(name))
        fields = declared.fields if isinstance(declared, Record) else ()
        return {f.wire_name for f in fields if isinstance(f.type, LiteralOf) and len(f.type.values) == 1}

    def address_in(self, subscription: Subscription, tree: Any) -> dict[str, str] | None:
        """The variables of the address that a request holds; None where it does not hold the subscription's address."""
        if subscription.address is None or subscription.address_field is None:
            return {}
        path = wire_path(self._sampler.checker, Ref(subscription.request), (subscription.address_field,))
        address = None if path is None else read_at(tree, path)
        addresses = address if is_array(address) else [address]
        found = [variables_of(subscription.address, text) for text in addresses if isinstance(text, str)]
        return next((variables for variables in found if variables is not None), None)

    def _is_addressed(self, subscription: Subscription, tree: Any) -> bool:
        return self.address_in(subscription, tree) is not None

    def _sets(self, name: str, fields: dict[str, Any], tree: Any) -> bool:
        for field, wanted in fields.items():
            path = wire_path(self._sampler.checker, Ref(name), (field,))
            if path is None or not holds(read_at(tree, path), wanted):
                return False
        return True


def holds(value: Any, wanted: Any) -> bool:
    """Whether a value has everything that is wanted in it: the members of an object, some item for each of an array."""
    if is_object(wanted):
        return is_object(value) and all(key in value and holds(value[key], part) for key, part in wanted.items())
    if is_array(wanted):
        return is_array(value) and all(any(holds(item, part) for item in value) for part in wanted)
    return bool(value == wanted) or (is_array(value) and wanted in value)
