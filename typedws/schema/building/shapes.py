"""A shape: everything that is said about one value, wherever in the document it is said.

JSON Schema says one thing in many ways: by reference, by reference with something beside it, by `allOf` of several
schemas. A shape collects the parts. It does not decide what type they make; `schemas` does.

Every part must hold (`allOf` is "and"), so members with one name are kept side by side, and are a shape again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Final, cast

from typedws.errors import SchemaError
from typedws.schema.document.kinds import is_array, is_object
from typedws.schema.document.node import Node

__all__ = ["ANNOTATIONS", "Shape", "pure_target"]

ANNOTATIONS: Final = frozenset(
    {
        "$comment",
        "$id",
        "$schema",
        "$ref",
        "deprecated",
        "description",
        "example",
        "examples",
        "externalDocs",
        "default",
    }
    | {"readOnly", "summary", "title", "writeOnly", "xml"}
)
"""What says nothing about which values are valid."""

_UNSAID: Final = ("if", "then", "else", "not", "dependencies", "dependentRequired", "dependentSchemas", "contains")
_UNSAID_TOO: Final = ("propertyNames", "unevaluatedProperties", "unevaluatedItems")

_MAX_PARTS: Final = 500


@dataclass(slots=True)
class Shape:
    """The parts of a schema.

    Attributes:
        parts: the schemas that must hold, references followed; each is an object.
        variants: the `oneOf` and `anyOf` among them, each a list of schemas of which one must hold.
        impossible: whether a part is `false`.
    """

    parts: list[Node] = field(default_factory=list[Node])
    variants: list[Node] = field(default_factory=list[Node])
    impossible: bool = False

    @classmethod
    def of(cls, nodes: Sequence[Node]) -> Shape:
        """Collects the parts of schemas that must all hold.

        Raises:
            SchemaError: a reference leads nowhere, or a schema is made of more parts than anybody would write.
        """
        shape = cls()
        seen: set[Node] = set()
        pending = list(reversed(nodes))
        while pending:
            node = pending.pop()
            if node in seen:
                continue
            seen.add(node)
            if len(seen) > _MAX_PARTS:
                raise node.error(f"a schema of more than {_MAX_PARTS} parts")
            if node.value is True or node.value is None:
                continue
            if node.value is False:
                shape.impossible = True
                continue
            if not is_object(node.value):
                raise node.error("a schema is an object, true or false")
            if node.is_reference:
                target = _schema_at(node)
                if target is not None:
                    pending.append(target)
                if not says_something(node):
                    # Its annotations are the nearest, and count before those of the target.
                    shape.parts.append(node)
                    continue
            shape.parts.append(node)
            _report_slips(node)
            every = node.array("allOf")
            if every is not None:
                pending.extend(reversed(list(every.elements())))
            shape.variants.extend(
                found for key in ("oneOf", "anyOf") if (found := node.array(key)) is not None and found.value
            )
        return shape

    # What the parts say.

    def every(self, key: str) -> Iterator[Node]:
        """The member of each part that has it."""
        for part in self.parts:
            member = part.child(key)
            if member is not None:
                yield member

    def first(self, key: str) -> Any:
        """The member of the nearest part that has it, as a plain value; None where none has."""
        for member in self.every(key):
            return member.value
        return None

    def text(self, key: str) -> str:
        """The same for text; what is no text is left out."""
        return next((member.value for member in self.every(key) if isinstance(member.value, str)), "")

    @property
    def types(self) -> frozenset[str] | None:
        """The types of JSON that are allowed; None where nothing is said."""
        allowed: frozenset[str] | None = None
        for member in self.every("type"):
            said = member.value if is_array(member.value) else [member.value]
            names = frozenset(name for name in cast("list[object]", said) if isinstance(name, str))
            if not names or not names <= KNOWN_TYPES:
                member.warn(
                    "unknown-type",
                    f"no type of JSON: {member.value!r}; anything is allowed",
                    suggestion=f"the types are {', '.join(sorted(KNOWN_TYPES))}",
                    severity="error",
                )
                continue
            both = names if allowed is None else _narrowed(allowed, names)
            if not both:
                member.warn("contradiction", "the types that are required here exclude each other")
            allowed = both or allowed
        if allowed is not None and any(member.value is True for member in self.every("nullable")):
            allowed |= {"null"}
        return allowed

    @property
    def values(self) -> tuple[Any, ...] | None:
        """The values that are allowed by `const` and `enum`; None where nothing is said."""
        allowed: tuple[Any, ...] | None = None
        for part in self.parts:
            said: list[Any] | None = None
            if "const" in part.value:
                said = [part.value["const"]]
            elif isinstance(part.value.get("enum"), list):
                said = part.value["enum"]
            if said is not None:
                distinct = {_key(value): value for value in said}
                if allowed is not None:
                    both = {_key(value) for value in allowed}
                    distinct = {key: value for key, value in distinct.items() if key in both}
                allowed = tuple(distinct.values()) or allowed
        return allowed

    @property
    def properties(self) -> dict[str, list[Node]]:
        """The schemas of each property, in the order of the document."""
        found: dict[str, list[Node]] = {}
        for member in self.every("properties"):
            if not is_object(member.value):
                member.warn("wrong-type", "'properties' is an object; it is left out")
                continue
            for name, value in member.value.items():
                found.setdefault(str(name), []).append(Node(value, member.source, (*member.path, name)))
        return found

    @property
    def required(self) -> set[str]:
        """The names of the properties that must be there."""
        found: set[str] = set()
        for member in self.every("required"):
            if is_array(member.value):
                found.update(name for name in cast("list[object]", member.value) if isinstance(name, str))
            elif not isinstance(member.value, bool):
                member.warn("wrong-type", "'required' is a list of names; it is left out")
        return found

    @property
    def is_closed(self) -> bool:
        """Whether properties that are not named are forbidden."""
        return any(member.value is False for member in self.every("additionalProperties"))

    @property
    def unsaid(self) -> tuple[str, ...]:
        """The keywords among the parts that no type can express, in alphabetical order."""
        return tuple(sorted({key for part in self.parts for key in (*_UNSAID, *_UNSAID_TOO) if key in part.value}))

    @property
    def examples(self) -> list[Any]:
        """Examples, nearest first: `examples`, and `example` as OpenAPI has it."""
        found: list[Any] = []
        for part in self.parts:
            several = part.value.get("examples")
            if is_array(several):
                found.extend(several)
            if part.value.get("example") is not None:
                found.append(part.value["example"])
        return found


KNOWN_TYPES: Final = frozenset({"string", "integer", "number", "boolean", "null", "array", "object"})


_KEYWORDS: Final = ANNOTATIONS | frozenset(
    "$anchor $defs additionalItems additionalProperties allOf anyOf const contains contentEncoding "
    "contentMediaType contentSchema definitions dependencies dependentRequired dependentSchemas "
    "discriminator else enum exclusiveMaximum exclusiveMinimum format if items maxContains maxItems "
    "maxLength maxProperties maximum minContains minItems minLength minProperties minimum multipleOf not "
    "nullable oneOf pattern patternProperties prefixItems properties propertyNames required schema "
    "schemaFormat then type unevaluatedItems unevaluatedProperties uniqueItems".split()
)


def _report_slips(node: Node) -> None:
    """Warns of keywords that are nearly those of JSON Schema: `requird` would be left out without a word."""
    for key in node.value.keys() - _KEYWORDS:
        text = str(key)
        if text.startswith("x-") or len(text) < 4:
            continue
        meant = get_close_matches(text, _KEYWORDS, 1, 0.8)
        if meant:
            node.warn(
                "unknown-keyword",
                f"{text!r} is no keyword of a schema; it is left out",
                suggestion=f"write {meant[0]!r} if that is meant",
            )


def says_something(node: Node) -> bool:
    """Whether there is more in a schema than a reference and annotations."""
    return any(key not in ANNOTATIONS and not str(key).startswith("x-") for key in node.value)


def pure_target(node: Node) -> Node | None:
    """What a schema refers to, where it is a reference and says nothing else."""
    if node.is_reference and not says_something(node):
        return _schema_at(node)
    return None


def _schema_at(node: Node) -> Node | None:
    """The schema that a reference leads to; the payload of a message where it leads to one; None where it leads
    nowhere, which leaves one value untyped and loses no message."""
    try:
        target = node.target
    except SchemaError as error:
        # Without the place, which the finding has by itself.
        reason = str(error).partition(": ")[2].rpartition(" (at ")[0] or str(error)
        node.warn(
            "dangling-reference",
            f"the reference {node.value['$ref']!r} leads nowhere, so anything is read here",
            suggestion=f"correct it: {reason}",
            severity="error",
        )
        return None
    value = target.value
    if is_object(value) and "payload" in value and not value.keys() & {"type", "properties", "$ref"}:
        payload = target.child("payload")
        if payload is not None:
            node.warn(
                "reference-to-message",
                "a schema refers to a message; the message's payload is taken",
                suggestion="refer to the schema of its payload",
            )
            return _schema_at(payload) if payload.is_reference else payload
    if is_object(value) and isinstance(value.get("schema"), dict) and "schemaFormat" in value:
        inner = target.child("schema")
        assert inner is not None
        return _schema_at(inner) if inner.is_reference else inner
    return target


def _narrowed(left: frozenset[str], right: frozenset[str]) -> frozenset[str]:
    """The types that are in both; an integer is a number as well."""
    both = left & right
    if "integer" in left | right and "number" in left | right and not both & {"integer", "number"}:
        both |= {"integer"}
    return both


def _key(value: Any) -> tuple[str, Any]:
    # For JSON, true is not 1.
    hashable = value is None or isinstance(value, str | int | float)
    return type(value).__name__, value if hashable else json.dumps(value, sort_keys=True, default=str)
