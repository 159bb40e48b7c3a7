"""The subscriptions of one client that are live."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from typedws.schema.contract.api import Connection, Subscription
from typedws.schema.document.kinds import is_array, is_object
from typedws.schema.mocking.roles import Roles

__all__ = ["Stream", "Streams"]


@dataclass(slots=True)
class Stream:
    """A live subscription.

    Attributes:
        subscription: what it is.
        tree: the request, as JSON; without what was cancelled since.
        turn: how many updates were sent.
    """

    subscription: Subscription
    tree: Any
    turn: int = 0


class Streams:
    """All live subscriptions of a client.

    Args:
        most: how many there may be.
    """

    def __init__(self, roles: Roles, *, most: int) -> None:
        self._roles = roles
        self._most = most
        self._live: list[Stream] = []

    def __iter__(self) -> Iterator[Stream]:
        return iter(tuple(self._live))

    def __len__(self) -> int:
        return len(self._live)

    def __contains__(self, stream: Stream) -> bool:
        return any(stream is live for live in self._live)

    def start(self, name: str, tree: Any) -> list[Stream]:
        """Begins what a message asks for. The same request once more begins nothing.

        Raises:
            ValueError: there are too many.
        """
        started: list[Stream] = []
        for subscription in self._roles.subscriptions(name, tree):
            key = self._without_ids(subscription.request, tree)
            same = (s for s in self._live if s.subscription is subscription)
            if any(self._without_ids(subscription.request, s.tree) == key for s in same):
                continue
            if len(self._live) >= self._most:
                raise ValueError(f"there are {self._most} subscriptions on this connection already")
            started.append(Stream(subscription, tree))
            self._live.append(started[-1])
        return started

    def stop(self, name: str, tree: Any) -> list[tuple[Stream, bool]]:
        """Ends what a message cancels, or the part of it that is named. Returns each that it concerned, and whether
        nothing is left of it."""
        concerned: list[tuple[Stream, bool]] = []
        cancelled = self._roles.cancelled(name, tree)
        for stream in tuple(self._live):
            if stream.subscription not in cancelled:
                continue
            rest = self._rest(stream, name, tree)
            if rest is stream.tree:
                continue
            concerned.append((stream, rest is None))
            if rest is None:
                self._live = [live for live in self._live if live is not stream]
            else:
                stream.tree = rest
        return concerned

    def _rest(self, stream: Stream, name: str, tree: Any) -> Any:
        """What is left of a request after a cancel message: itself where it is not meant, None where nothing is."""
        if not is_object(stream.tree) or not is_object(tree):
            return None
        subscription = stream.subscription
        fixed = self._roles.wire_names(subscription.request, tuple(subscription.set_fields))
        fixed |= self._roles.wire_names(name, tuple(subscription.cancel_fields))
        fixed |= self._ids(subscription.request) | self._ids(name) | self._roles.constant_names(name)
        narrowed = dict(stream.tree)
        for key, wanted in tree.items():
            if key in fixed or key not in narrowed:
                continue
            had = narrowed[key]
            if is_array(had) and is_array(wanted):
                left = [item for item in had if item not in wanted]
                if len(left) == len(had) and had:
                    return stream.tree
                if left:
                    narrowed[key] = left
            elif had != wanted:
                return stream.tree
        return None if all(narrowed[key] == stream.tree[key] for key in narrowed) else narrowed

    def _without_ids(self, name: str, tree: Any) -> Any:
        ids = self._ids(name)
        return {key: value for key, value in tree.items() if key not in ids} if is_object(tree) else tree

    def _ids(self, name: str) -> set[str]:
        """The members of a message at the top that hold its id."""
        connection: Connection = self._roles.connection
        paths = [m.correlation for m in connection.outgoing.messages if m.name == name and m.correlation]
        exchange = self._roles.exchange(name)
        paths += [exchange.request_id] if exchange is not None else []
        return self._roles.wire_names(name, [str(path[0]) for path in paths if path])
