"""Unions that are only each other: `Price` is a `Book` or a string, and `Book` is a `Price` or a string.

To be one of these or what contains it is to be one of these. Such a union gets the members that are no union of the
circle, and neither a type checker nor a decoder is led round.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from typedws.schema.building.unions import union
from typedws.schema.contract.types import ANY, Alias, Declaration, Ref, Type, UnionOf

__all__ = ["opened"]


def opened(declarations: Iterable[Declaration]) -> Iterator[Alias]:
    """The aliases that are in a circle, as they are outside of it."""
    aliases = {declared.name: declared for declared in declarations if isinstance(declared, Alias)}
    for alias in aliases.values():
        circle = _circle(alias.name, aliases)
        if circle:
            members = [member for name in circle for member in _members(aliases[name]) if not _is_in(member, circle)]
            yield Alias(
                name=alias.name,
                pointer=alias.pointer,
                type=union(members) if members else ANY,
                description=alias.description,
                deprecated=alias.deprecated,
                notes=alias.notes,
            )


def _circle(name: str, aliases: dict[str, Alias]) -> list[str]:
    """The aliases that lead to this one and that it leads to, through nothing but unions; none where it is in none."""
    reached = _reached(name, aliases)
    return [other for other in reached if name in _reached(other, aliases)] if name in reached else []


def _reached(name: str, aliases: dict[str, Alias]) -> dict[str, None]:
    found: dict[str, None] = {}
    pending = [name]
    while pending:
        for member in _members(aliases[pending.pop()]):
            if isinstance(member, Ref) and member.name in aliases and member.name not in found:
                found[member.name] = None
                pending.append(member.name)
    return found


def _members(alias: Alias) -> tuple[Type, ...]:
    return alias.type.members if isinstance(alias.type, UnionOf) else (alias.type,)


def _is_in(member: Type, circle: Iterable[str]) -> bool:
    return isinstance(member, Ref) and member.name in circle
