"""Topics: what a message is about, read from the text in it. It decides where nothing else does."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from typedws.schema.contract.api import Connection, Subscription
from typedws.schema.document.kinds import is_array, is_object
from typedws.schema.mocking.records import Arrival

__all__ = ["Topics", "scalars_of", "variables_of"]

_MOST = 2000
"""Values of a message that are looked at."""


def scalars_of(tree: Any) -> Iterator[tuple[str, Any]]:
    """Every value in a message that has no parts, with the key that it stands under, those nearest to the top first."""
    level: list[tuple[str, Any]] = [("", tree)]
    seen = 0
    while level and seen < _MOST:
        below: list[tuple[str, Any]] = []
        for key, value in level:
            seen += 1
            if is_object(value):
                below += value.items()
            elif is_array(value):
                below += [(key, item) for item in value]
            elif value is not None:
                yield key, value
        level = below


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()


class Topics:
    """The topics of a connection: the keys and addresses of its channels, and the values in their examples."""

    def __init__(self, connection: Connection) -> None:
        self._by_message: dict[str, set[str]] = {}
        addresses = {
            subscription.channel: subscription.address
            for subscription in connection.subscriptions
            if subscription.address
        }
        for message in connection.outgoing.messages:
            words = {_plain(channel) for channel in message.channels}
            words |= {_plain(addresses[channel]) for channel in message.channels if channel in addresses}
            for example in message.examples:
                words |= {_plain(value) for _, value in scalars_of(example.payload) if isinstance(value, str)}
            self._by_message[message.name] = words - {""}

    def likely(self, arrivals: Sequence[Arrival]) -> Arrival:
        """That of several readings of one message whose topics are named in it most; the first of those."""
        return max(arrivals, key=lambda arrival: self._score(arrival.name, arrival.tree))

    def _score(self, name: str, tree: Any) -> int:
        topics = self._by_message.get(name, set[str]())
        return len(topics & {_plain(value) for _, value in scalars_of(tree) if isinstance(value, str)})

    def named(self, subscriptions: Sequence[Subscription], tree: Any) -> Subscription | None:
        """That of several subscriptions whose topic is named in a request; the first where none is."""
        words = {_plain(value) for _, value in scalars_of(tree) if isinstance(value, str)}

        def score(subscription: Subscription) -> int:
            topics = {_plain(subscription.channel), _plain(subscription.address or "")} - {""}
            return len(topics & words)

        return max(subscriptions, key=score, default=None)


def variables_of(template: str, text: str) -> dict[str, str] | None:
    """The values of the `{variables}` of a template in a text that is made from it; None where it is not."""
    names: list[str] = []
    pattern = ""
    for index, part in enumerate(re.split(r"\{([^{}]*)\}", template)):
        if index % 2:
            names.append(part)
            pattern += "([^/]+?)"
        else:
            pattern += re.escape(part)
    found = re.fullmatch(pattern, text)
    return None if found is None else dict(zip(names, found.groups(), strict=True))
