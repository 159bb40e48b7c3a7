"""Places: where a schema stands, and what its type is called for it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from typedws.schema.building.names import camel, singular
from typedws.schema.document.kinds import is_object
from typedws.schema.document.node import Node

__all__ = ["Hint", "name_at", "place_of", "webhook_at"]

_NO_NAMES: Final = frozenset(
    {"application/json", "components", "content", "get", "items", "payload", "post", "requestBody"}
) | {
    *("responses", "schema", "schemas", "messages", "definitions", "$defs", "properties", "200"),
}
"""Parts of a pointer that say where something stands, and not what it is."""


@dataclass(frozen=True, slots=True)
class Hint:
    """What a type would be called that has no name of its own, and how deep in the nesting it stands."""

    name: str
    depth: int = 0

    def below(self, name: str) -> Hint:
        """For a part of it."""
        return Hint(f"{self.name}{camel(name)}", self.depth + 1)

    def item(self) -> Hint:
        """For one of several."""
        return Hint(singular(self.name), self.depth + 1)


def place_of(node: Node, main: str) -> str:
    """Where a node stands: a pointer, with the file before it where that is not the main one."""
    return node.pointer if node.source.name == main else f"{node.source.name}{node.pointer}"


def name_at(place: Node) -> str:
    """What a place is called: its key, or its file where it is all of one."""
    chosen = place.value.get("x-typedws-name") if is_object(place.value) else None
    if isinstance(chosen, str):
        return chosen
    event = webhook_at(place)
    if event:
        return event
    named = [str(part) for part in place.path if not isinstance(part, int) and str(part) not in _NO_NAMES]
    if named and not isinstance(place.path[-1], int):
        return named[-1]
    if place.path:
        return ""
    return place.source.name.rsplit("/", 1)[-1].split(".")[0]


def webhook_at(place: Node) -> str:
    """The event that a place is the body of, where it is a webhook of OpenAPI; or else empty."""
    for key, name in pairwise(place.path):
        if key in ("webhooks", "x-webhooks"):
            return str(name)
    return ""
