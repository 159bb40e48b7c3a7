"""Requests that wait for a reply, and which of them a message answers.

A reply carries the id of its request, or replies come in the order in which all such requests were sent. What answers
no waiting request is no reply here, and flows on: it is late, or is for somebody else.

In order, a request that nobody waits for any more keeps its place until its reply comes or the connection is lost: else
that reply would be taken for the next one's.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast

from typedws.errors import ConnectionClosed
from typedws.schema.decisions import Path
from typedws.schema.runtime.failures import RequestFailed
from typedws.schema.runtime.paths import MISSING, keys_of, value_at, wire_path
from typedws.schema.runtime.turns import Seat

__all__ = ["Exchange", "Pending", "Requests", "copy_of"]

R = TypeVar("R")


@dataclass(frozen=True, kw_only=True, eq=False)  # slots do not go with `Exchange[Reply](...)`
class Exchange(Generic[R]):
    """A request and its replies.

    Attributes:
        replies: the types of messages that answer.
        failures: the types of messages that answer that it failed.
        request_id: where the request has its id, as a path of attributes; empty with `in_order`.
        reply_ids: the same for each of `replies` and `failures`.
        ok_field: the attribute of a reply that is false where the request failed; None where there is none.
        in_order: whether replies have no id, and come in the order of the requests, whatever their exchanges.
        error: what is raised for a failure.
    """

    replies: tuple[Any, ...]
    failures: tuple[Any, ...] = ()
    request_id: Path = ()
    reply_ids: Mapping[Any, Path] = field(default_factory=dict[Any, Path])
    ok_field: str | None = None
    in_order: bool = False
    error: type[RequestFailed] = RequestFailed

    def is_answered_by(self, form: object) -> bool:
        """Whether a message of this type answers, well or badly."""
        return form in self.replies or form in self.failures

    def result(self, reply: object, form: object) -> R:
        """What the request comes to.

        Raises:
            RequestFailed: the reply says that it failed; of the class `error`.
        """
        if form in self.failures:
            raise self.error(reply)
        if self.ok_field is not None and value_at(reply, (self.ok_field,)) is False:
            raise self.error(reply)
        return cast("R", reply)


class Pending(Seat):
    """A request, and what has become of it.

    Attributes:
        exchange: what it is part of.
        key: its id; None where replies come in order.
        is_sent: whether it is on its way.
        reply: the reply and its type, once it is there.
        error: why there will be none.
        is_abandoned: whether nobody waits any more.
    """

    __slots__ = ("error", "exchange", "is_abandoned", "is_sent", "key", "reply")

    def __init__(self, exchange: Exchange[Any], key: object) -> None:
        super().__init__()
        self.exchange = exchange
        self.key = key
        self.is_sent = False
        self.reply: tuple[Any, Any] | None = None
        self.error: Exception | None = None
        self.is_abandoned = False

    @property
    def is_served(self) -> bool:
        """Whether it has come to an end: the reply is there, or there will be none."""
        return self.reply is not None or self.error is not None


@dataclass(frozen=True, slots=True)
class Forms:
    """The types that the reply to one request may be of.

    Attributes:
        fitting: those that have a field for each key of the payload.
        others: those that have not: a server may send more than a document knows.
    """

    fitting: tuple[Any, ...] = ()
    others: tuple[Any, ...] = ()


class Requests:
    """All requests of a connection that have no reply yet."""

    def __init__(self) -> None:
        self._by_id: dict[Any, Pending] = {}
        self._in_order: deque[Pending] = deque()
        self._ids: dict[Any, tuple[Path, ...]] = {}
        self._known: set[Exchange[Any]] = set()
        self._expected: Counter[Exchange[Any]] = Counter()

    def __bool__(self) -> bool:
        return bool(self._by_id) or bool(self._in_order)

    def __contains__(self, form: object) -> bool:
        """Whether a reply of this type may come."""
        return any(exchange.is_answered_by(form) for exchange in self._expected)

    def add(self, message: object, exchange: Exchange[Any]) -> Pending:
        """A request that is about to be sent.

        Raises:
            ValueError: it has no id, or that of another request which waits.
        """
        if exchange.in_order:
            return Pending(exchange, None)
        key = value_at(message, exchange.request_id)
        if key is MISSING or key is None:
            raise ValueError(f"this {type(message).__name__} has no id for its reply")
        if key in self._by_id:
            raise ValueError(f"a request with the id {key!r} waits for its reply already")
        if exchange not in self._known:
            self._known.add(exchange)
            for form, path in exchange.reply_ids.items():
                self._ids[form] = tuple(dict.fromkeys((*self._ids.get(form, ()), path)))
        pending = self._by_id[key] = Pending(exchange, key)
        self._expected[exchange] += 1
        return pending

    def sent(self, pending: Pending) -> None:
        """It has been sent just now, after all that were sent before."""
        pending.is_sent = True
        if pending.exchange.in_order:
            self._in_order.append(pending)
            self._expected[pending.exchange] += 1

    def leave(self, pending: Pending) -> None:
        """Nobody waits for it any more."""
        pending.is_abandoned = True
        if pending.key is not None and self._by_id.get(pending.key) is pending:
            del self._by_id[pending.key]
            self._is_over(pending)
        # In order, it keeps its place: its reply will come, and is not the next one's.

    def answer(self, message: object, form: object) -> bool:
        """Hands a message to the request that has its id. Returns whether there is one."""
        for path in self._ids.get(form, ()) if self._by_id else ():
            key = value_at(message, path)
            pending = self._by_id.get(key) if isinstance(key, str | int) else None
            if pending is not None and not pending.is_served and pending.exchange.reply_ids.get(form) == path:
                return self.serve(pending, message, form)
        return False

    def answer_in_order(self, message: object, form: object) -> bool:
        """Hands a message to the first request that has no id and that its type answers. Returns whether it waits."""
        pending = self._next_in_order(form)
        return pending is not None and not pending.is_abandoned and self.serve(pending, message, form)

    def serve(self, pending: Pending, reply: object, form: object) -> bool:
        """Hands a reply to its request."""
        pending.reply = (reply, form)
        pending.wake()
        return True

    @property
    def have_ids(self) -> bool:
        """Whether one waits that can be found by its id."""
        return bool(self._by_id)

    def find(self, payload: object) -> tuple[Pending | None, Forms]:
        """The waiting request whose id stands where a reply to it would have it, and what the payload may be then.

        Args:
            payload: a message, as builtins.
        """
        for form in self._ids:
            pending = self._at(payload, form)
            if pending is not None:
                return pending, _forms_of(payload, pending)
        return None, Forms()

    def _at(self, payload: object, form: Any) -> Pending | None:
        """The same, if the payload is of this type."""
        for path in self._ids[form]:
            key = value_at(payload, wire_path(form, path))
            pending = self._by_id.get(key) if isinstance(key, str | int) else None
            if pending is not None and not pending.is_served and pending.exchange.reply_ids.get(form) == path:
                return pending
        return None

    def refuse(self, error: Exception, form: object, payload: object) -> bool:
        """Fails the request that an unreadable message answers. Returns whether there is one.

        Args:
            error: why it cannot be read.
            form: the type that it should have been read as.
            payload: what can be read of it, as builtins.
        """
        pending = None
        if self._by_id:
            pending = self._at(payload, form) if form in self._ids else self.find(payload)[0]
        if pending is None:
            pending = self._next_in_order(form)
        return pending is not None and not pending.is_abandoned and self.fail(pending, error)

    def fail(self, pending: Pending, error: Exception) -> bool:
        """Says to a request that there will be no reply, and why."""
        pending.error = error
        pending.wake()
        return True

    def lose(self, error: ConnectionClosed) -> None:
        """Fails every request that is on its way: the connection is lost."""
        for pending in (*self._by_id.values(), *self._in_order):
            if pending.is_sent and not pending.is_served:
                self.fail(pending, copy_of(error))
        for pending in self._in_order:
            self._is_over(pending)
        self._in_order.clear()

    def _next_in_order(self, form: object) -> Pending | None:
        for place, pending in enumerate(self._in_order):
            if pending.exchange.is_answered_by(form):
                del self._in_order[place]
                self._is_over(pending)
                return pending
        return None

    def _is_over(self, pending: Pending) -> None:
        exchange = pending.exchange
        self._expected[exchange] -= 1
        if not self._expected[exchange]:
            del self._expected[exchange]


def _forms_of(payload: object, pending: Pending) -> Forms:
    ids = pending.exchange.reply_ids
    forms = [form for form, path in ids.items() if value_at(payload, wire_path(form, path)) == pending.key]
    keys: set[str] = set(cast("dict[str, Any]", payload)) if isinstance(payload, dict) else set()
    fitting = tuple(form for form in forms if keys <= keys_of(form))
    return Forms(fitting, tuple(form for form in forms if form not in fitting))


def copy_of(error: Exception) -> Exception:
    """Another exception that says the same; one that was raised twice would show two ways."""
    try:
        copied = copy(error)
    except Exception:  # one of a program's own, whose class cannot be called with its `args`
        return error
    copied.__cause__ = error.__cause__
    return copied
