"""What a JSON value is, told so that type checkers of both kinds follow."""

from __future__ import annotations

from typing import Any

from typing_extensions import TypeIs

__all__ = ["is_array", "is_object"]


def is_array(value: object) -> TypeIs[list[Any]]:
    """Whether it is an array."""
    return isinstance(value, list)


def is_object(value: object) -> TypeIs[dict[str, Any]]:
    """Whether it is an object."""
    return isinstance(value, dict)
