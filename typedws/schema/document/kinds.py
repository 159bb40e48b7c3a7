"""What a plain value is, for a type checker and in words."""

from __future__ import annotations

from typing import Any

from typing_extensions import TypeIs

__all__ = ["is_array", "is_object", "kind_of", "text_of"]


def is_object(value: Any) -> TypeIs[dict[str, Any]]:
    """Whether it is an object; every key of one is text."""
    return isinstance(value, dict)


def is_array(value: Any) -> TypeIs[list[Any]]:
    """Whether it is an array."""
    return isinstance(value, list)


def text_of(value: Any) -> str | None:
    """A scalar as text, as it would be written; None for what is none."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case _:
            return None


def kind_of(value: Any) -> str:
    """What a value is, in words."""
    match value:
        case dict():
            return "an object"
        case list():
            return "an array"
        case str():
            return "text"
        case bool():
            return "true or false"
        case None:
            return "null"
        case _:
            return "a number"
