"""Requests that wait for a reply, and which of them a message answers.

A reply carries the id of its request, or the replies of an exchange come in the order of the requests. What answers no
waiting request is no reply here, and flows on: it is late, or is for somebody else.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast

from typedws.errors import ConnectionClosed
from typedws.schema.decisions import Path
from typedws.schema.runtime.failures import RequestFailed
from typedws.schema.runtime.paths import MISSING, value_at, wire_path
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
        in_order: whether replies have no id, and come in the order of the requests.
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
        return self.reply is not None or self.error is not None


class Requests:
    """All requests of a connection that have no reply yet."""

    def __init__(self) -> None:
        self._by_id: dict[Any, Pending] = {}
        self._in_order: dict[Exchange[Any], deque[Pending]] = {}
        self._ids: dict[Any, tuple[Path, ...]] = {}
        self._known: set[Exchange[Any]] = set()

    def __bool__(self) -> bool:
        return bool(self._by_id) or any(self._in_order.values())

    def forms(self) -> Iterator[Any]:
        """The types of the replies that may come."""
        for exchange in {pending.exchange for pending in self._all()}:
            yield from exchange.replies
            yield from exchange.failures

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
        return pending

    def sent(self, pending: Pending) -> None:
        """It has been sent just now, after all that were sent before."""
        pending.is_sent = True
        if pending.exchange.in_order:
            self._in_order.setdefault(pending.exchange, deque()).append(pending)

    def leave(self, pending: Pending) -> None:
        """Nobody waits for it any more."""
        pending.is_abandoned = True
        if pending.key is not None and self._by_id.get(pending.key) is pending:
            del self._by_id[pending.key]
        # In order, it keeps its place: its reply will come, and is not the next one's.

    def answer(self, message: object, form: object) -> bool:
        """Hands a message to the request that it answers. Returns whether there is one."""
        pending = self._match(message, form)
        if pending is None or pending.is_abandoned:
            return False
        pending.reply = (message, form)
        pending.wake()
        return True

    def refuse(self, error: Exception, form: object, payload: object) -> bool:
        """Fails the request that an unreadable message answers. Returns whether there is one.

        Args:
            error: why it cannot be read.
            form: the type that it should have been read as.
            payload: what can be read of it, as builtins.
        """
        forms = [form] if form in self._ids else list(self._ids)
        for each in forms if self._by_id else ():
            for path in self._ids[each]:
                key = value_at(payload, wire_path(each, path))
                pending = self._by_id.get(key) if isinstance(key, str | int) else None
                if pending is not None and not pending.is_served and each in pending.exchange.reply_ids:
                    return self._fail(pending, error)
        pending = self._next_in_order(form)
        return pending is not None and not pending.is_abandoned and self._fail(pending, error)

    def lose(self, error: ConnectionClosed) -> None:
        """Fails every request that is on its way: the connection is lost."""
        for pending in [pending for pending in self._all() if pending.is_sent and not pending.is_served]:
            self._fail(pending, copy_of(error))
        self._in_order.clear()

    def _all(self) -> Iterator[Pending]:
        yield from self._by_id.values()
        for line in self._in_order.values():
            yield from line

    def _match(self, message: object, form: object) -> Pending | None:
        if self._by_id and form in self._ids:
            for path in self._ids[form]:
                key = value_at(message, path)
                pending = self._by_id.get(key) if isinstance(key, str | int) else None
                if pending is not None and not pending.is_served and pending.exchange.reply_ids.get(form) == path:
                    return pending
        return self._next_in_order(form)

    def _next_in_order(self, form: object) -> Pending | None:
        for exchange, line in self._in_order.items():
            if line and exchange.is_answered_by(form):
                return line.popleft()
        return None

    def _fail(self, pending: Pending, error: Exception) -> bool:
        pending.error = error
        pending.wake()
        return True


def copy_of(error: Exception) -> Exception:
    """Another exception that says the same; one that was raised twice would show two ways."""
    copied = copy(error)
    copied.__cause__ = error.__cause__
    return copied
