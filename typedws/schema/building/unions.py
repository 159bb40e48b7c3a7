"""Unions: one of several types, written as short as they can be."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from typedws.schema.contract.types import ANY, LiteralOf, Type, UnionOf

__all__ = ["union"]


def union(types: Iterable[Type]) -> Type:
    """One of these types: flat, each once, literals together."""
    flat: list[Type] = []
    tag: str | None = None
    for type_ in types:
        members = type_.members if isinstance(type_, UnionOf) else (type_,)
        tag = tag or (type_.tag if isinstance(type_, UnionOf) else None)
        flat.extend(member for member in members if member not in flat)
    if ANY in flat:
        return ANY
    literals = [member for member in flat if isinstance(member, LiteralOf)]
    if len(literals) > 1:
        values: dict[Any, None] = dict.fromkeys(value for literal in literals for value in literal.values)
        first = flat.index(literals[0])
        flat = [member for member in flat if not isinstance(member, LiteralOf)]
        flat.insert(first, LiteralOf(tuple(values)))
    return flat[0] if len(flat) == 1 else UnionOf(tuple(flat), None)
