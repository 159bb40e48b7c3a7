"""Schemas that are not written down yet: a reference is a `Link` to a class, until every class has its name."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias, TypeGuard

__all__ = ["Link", "Mode", "Schema", "described", "in_order", "is_array", "is_object", "linked", "plain"]

Schema: TypeAlias = dict[str, Any]
"""A JSON Schema in AsyncAPI's dialect, a superset of draft-07."""

Mode: TypeAlias = Literal["validation", "serialization"]
"""Whether values are read or written, which pydantic describes differently."""


@dataclass(frozen=True, slots=True)
class Link:
    """Stands for the address of a component, as the value of `$ref`.

    Attributes:
        library: "msgspec" or "pydantic".
        key: the class, or what its library calls it.
    """

    library: str
    key: Any


def linked(link: Link, /, **more: Any) -> Schema:
    """A reference, and what is said beside it. AsyncAPI ignores what stands beside a `$ref`, so it goes around it."""
    return {**more, "allOf": [{"$ref": link}]} if more else {"$ref": link}


def described(schema: Schema, /, **more: Any) -> Schema:
    """The schema with more said about it, where it says nothing about that itself."""
    new = {key: value for key, value in more.items() if value and key not in schema}
    if new and "$ref" in schema:
        return linked(schema["$ref"], **new)
    return in_order({**schema, **new})


_ORDER: Final = {
    key: position
    for position, key in enumerate(
        (
            "title",
            "description",
            "deprecated",
            "type",
            "format",
            "contentEncoding",
            "const",
            "enum",
            "discriminator",
            "allOf",
            "oneOf",
            "anyOf",
            "required",
            "properties",
            "patternProperties",
            "propertyNames",
            "additionalProperties",
            "items",
            "additionalItems",
        )
    )
}
_LAST: Final = {"default": 98, "examples": 99}


def in_order(schema: Schema) -> Schema:
    """The same, as people like to read it: what it is, what it has, and then limits, defaults and examples."""
    keys = sorted(schema, key=lambda key: _ORDER.get(key, _LAST.get(key, 97)))
    return {key: schema[key] for key in keys}


def is_array(value: object) -> TypeGuard[list[Any]]:
    """Whether a value is an array of JSON."""
    return isinstance(value, list)


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether a value is an object of JSON."""
    return isinstance(value, dict)


def plain(value: object) -> bool:
    """Whether a value is JSON as it stands."""
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return False
    return True
