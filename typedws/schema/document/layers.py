"""Traits: an object, and what is put under or over it, read as one.

By the Traits Merge Mechanism (version 3) traits are merged by JSON Merge Patch in their order and the object itself
wins; in version 2 traits are merged into the object, and win. Nothing is merged here: a member is looked for in one
layer after the other, so that what is found still stands in its own file, at its own line.
"""

from __future__ import annotations

from collections.abc import Iterator

from typedws.schema.document.kinds import is_object
from typedws.schema.document.node import Node
from typedws.schema.document.tolerance import object_behind

__all__ = ["Layers", "layered"]


class Layers:
    """Objects that are read as one; the first that has a member wins. A null that wins takes the member away."""

    def __init__(self, *nodes: Node) -> None:
        self._nodes = nodes

    def has(self, key: str) -> bool:
        """Whether there is such a member."""
        return self.child(key) is not None

    def child(self, key: str) -> Node | None:
        """The member; None where there is none."""
        for node in self._nodes:
            if is_object(node.value) and key in node.value:
                return node.child(key)
        return None

    def text(self, key: str) -> str:
        """The member as text; empty where there is none."""
        for node in self._nodes:
            if is_object(node.value) and key in node.value:
                return node.text(key)
        return ""

    def flag(self, key: str) -> bool:
        """Whether the member is true."""
        member = self.child(key)
        return member is not None and member.value is True

    def array(self, key: str) -> Node | None:
        """The member, where it is an array; anything else is reported, and is None."""
        for node in self._nodes:
            if is_object(node.value) and key in node.value:
                return node.array(key)
        return None

    def objects(self, key: str) -> Layers:
        """The members that are objects, one under the other: a merge patch goes into objects."""
        found: list[Node] = []
        for node in self._nodes:
            if is_object(node.value) and key in node.value:
                member = node.object(key)
                behind = None if member is None else object_behind(member, key)
                if behind is None:
                    break
                found.append(behind)
        return Layers(*found)

    def extensions(self) -> dict[str, Node]:
        """The members that begin with `x-`."""
        found: dict[str, Node] = {}
        for node in self._nodes:
            for key, member in node.items():
                if key.startswith("x-"):
                    found.setdefault(key, member)
        return found


def layered(node: Node, *, traits_win: bool) -> Layers:
    """An object with its traits."""
    traits = list(_traits(node))
    # The last trait wins over those before it, as it is merged after them.
    traits.reverse()
    return Layers(*traits, node) if traits_win else Layers(node, *traits)


def _traits(node: Node) -> Iterator[Node]:
    traits = node.array("traits")
    for trait in () if traits is None else traits.elements():
        # In version 1 a trait could be a pair of itself and its parameters.
        behind = object_behind(trait, "a trait")
        if behind is not None:
            yield behind
