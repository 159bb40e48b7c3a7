"""A node: a value in a document, and where it stands.

Everything that reads a document reads it through nodes, so that every error and warning can name file, line and JSON
pointer (RFC 6901). A node is cheap; the line is looked up when somebody asks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from typedws.errors import SchemaError
from typedws.schema.document.findings import Finding, Severity
from typedws.schema.document.kinds import is_array, is_object, kind_of

__all__ = ["Node", "SourceLike", "pointer_of"]


class SourceLike(Protocol):
    """A file that nodes are in."""

    @property
    def name(self) -> str:
        """The file, as it is named in messages: relative to the folder of the main document."""
        ...

    def line(self, path: tuple[str | int, ...]) -> int | None:
        """The line of a place, counted from 1; None where it is not known."""
        ...

    def report(self, finding: Finding) -> None:
        """Notes a finding."""
        ...

    def follow(self, node: Node) -> Node:
        """The node that a reference leads to, through any number of further ones; see `Node.target`."""
        ...


def pointer_of(path: tuple[str | int, ...]) -> str:
    """A path as a JSON pointer in a URI fragment: `#/channels/~1feed/messages`."""
    return "#" + "".join("/" + str(key).replace("~", "~0").replace("/", "~1") for key in path)


def _visible(pointer: str) -> str:
    """A pointer that stays on one line of a terminal, and in its bounds."""
    shown = "".join(letter if letter.isprintable() else f"%{ord(letter):02X}" for letter in pointer)
    return shown if len(shown) <= 300 else f"{shown[:200]}...{shown[-80:]}"


@dataclass(frozen=True, slots=True)
class Node:
    """A value and its place. Two nodes are equal if they are the same place.

    Attributes:
        value: the plain value: dict, list, str, int, float, bool or None.
        source: the file.
        path: keys and positions from the root of the file.
    """

    value: Any = field(compare=False, repr=False)
    source: SourceLike = field(repr=False)
    path: tuple[str | int, ...] = ()

    @property
    def pointer(self) -> str:
        """The JSON pointer, `#/channels/feed`."""
        return pointer_of(self.path)

    @property
    def line(self) -> int | None:
        """The line, counted from 1; None where it is not known."""
        return self.source.line(self.path)

    @property
    def key(self) -> str:
        """The last part of the path; empty at the root."""
        return str(self.path[-1]) if self.path else ""

    @property
    def is_reference(self) -> bool:
        """Whether it is an object with a `$ref`."""
        return is_object(self.value) and isinstance(self.value.get("$ref"), str)

    @property
    def target(self) -> Node:
        """What it refers to, where it is a reference, through any number of further ones; itself where it is none.

        Raises:
            SchemaError: the reference leads nowhere, or round in a circle of nothing but references.
        """
        return self.source.follow(self) if self.is_reference else self

    def child(self, key: str | int) -> Node | None:
        """The member or item; None where there is none, or where it is null and the node an object."""
        value: Any = self.value
        if is_object(value) and isinstance(key, str):
            inner = value.get(key)
            return None if inner is None else Node(inner, self.source, (*self.path, key))
        if is_array(value) and isinstance(key, int) and 0 <= key < len(value):
            return Node(value[key], self.source, (*self.path, key))
        return None

    def object(self, key: str) -> Node | None:
        """The member, where it is an object; anything else is reported, and is None."""
        return self._of_kind(key, dict, "an object")

    def array(self, key: str) -> Node | None:
        """The member, where it is an array; anything else is reported, and is None."""
        return self._of_kind(key, list, "an array")

    def text(self, key: str) -> str:
        """The member as text; empty where there is none. Numbers and booleans are written out, as YAML reads `1.0`."""
        value = self.value.get(key) if is_object(self.value) else None
        if isinstance(value, str):
            return value
        if value is None:
            return ""
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int | float):
            return str(value)
        member = self.child(key)
        assert member is not None
        member.warn("wrong-type", f"{key!r} is text, not {kind_of(value)}; it is left out")
        return ""

    def items(self) -> Iterator[tuple[str, Node]]:
        """The members of an object, in the order of the document; nothing where it is none. Null members are left out.

        Names that begin with `x-` are among them.
        """
        if is_object(self.value):
            for key, value in self.value.items():
                if value is not None:
                    yield str(key), Node(value, self.source, (*self.path, key))

    def elements(self) -> Iterator[Node]:
        """The items of an array; nothing where it is none."""
        if is_array(self.value):
            for index, value in enumerate(self.value):
                yield Node(value, self.source, (*self.path, index))

    def error(self, message: str) -> SchemaError:
        """An error at this place, to be raised. Its text names file, line and pointer."""
        line = self.line
        place = self.source.name if line is None else f"{self.source.name}:{line}"
        text = f"{place}: {message} (at {_visible(self.pointer)})"
        return SchemaError(text, document=self.source.name, pointer=self.pointer, line=line)

    def warn(self, code: str, message: str, *, suggestion: str = "", severity: Severity = "warning") -> None:
        """Notes a finding at this place."""
        self.source.report(
            Finding(
                code=code,
                message=message,
                suggestion=suggestion,
                severity=severity,
                document=self.source.name,
                pointer=self.pointer,
                line=self.line,
            )
        )

    def _of_kind(self, key: str, kind: type, word: str) -> Node | None:
        member = self.child(key)
        if member is None or isinstance(member.value, kind):
            return member
        member.warn("wrong-type", f"{key!r} is {word}, not {kind_of(member.value)}; it is left out")
        return None
