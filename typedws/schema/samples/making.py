"""One value of a type: a walk through the type that ends, however recursive the type is."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final, Literal, TypeAlias

from typedws.schema.contract.types import (
    NULL,
    Alias,
    Field,
    ListOf,
    LiteralOf,
    MapOf,
    Record,
    Ref,
    Scalar,
    TupleOf,
    Type,
    UnionOf,
)
from typedws.schema.decisions import Path
from typedws.schema.samples.chance import Chance
from typedws.schema.samples.checking import Checker
from typedws.schema.samples.heights import Heights
from typedws.schema.samples.places import inner, wire_path
from typedws.schema.samples.scalars import scalar_value

__all__ = ["Impossible", "Making", "Presence"]

Presence: TypeAlias = Literal["some", "all", "none"]
"""Which of the fields that may be absent are there."""

_DEPTH: Final = 6
_VALUES: Final = 1000
"""Values in one message from which on only what must be there is made."""


class Impossible(Exception):
    """No value can be made; the text says where and why."""


class Making:
    """The making of one value.

    Args:
        presence: which optional fields are made.
        use_examples: whether the examples of fields are taken.
        without: wire names of optional fields that are left out, wherever they are.
    """

    def __init__(
        self,
        checker: Checker,
        heights: Heights,
        chance: Chance,
        *,
        presence: Presence = "some",
        use_examples: bool = True,
        without: Collection[str] = (),
    ) -> None:
        self._checker = checker
        self._heights = heights
        self._chance = chance
        self._presence = presence
        self._use_examples = use_examples
        self._without = without
        self._made = 0

    def value(self, type_: Type, *, fixed: Mapping[Path, Any], depth: int = _DEPTH, where: str = "$") -> Any:
        """A value.

        Args:
            fixed: what stands at places in it, by paths of Python names; what does not fit there is not heeded.
            depth: how much deeper it may be before only what must be there is made.
            where: the place of the value, for messages.

        Raises:
            Impossible: there is none, or none was found.
        """
        values = dict(fixed)
        if () in values and self._checker.accepts(type_, values[()]):
            return values[()]
        self._made += 1
        if self._made > _VALUES:
            depth = 0
        match type_:
            case Scalar():
                value = scalar_value(type_, self._chance)
                if value is None and type_ != NULL:
                    raise Impossible(f"{where}: nothing was found that has all of its limits")
                return value
            case LiteralOf(known):
                return self._chance.pick(known)
            case ListOf(item, limits):
                count = self._count(limits.min_length, limits.max_length, item, values, depth)
                return [self._item(item, i, values, depth, where) for i in range(count)]
            case TupleOf(items):
                # A place may be counted from the end.
                values = {
                    (p[0] % len(items), *p[1:]) if isinstance(p[0], int) else p: v for p, v in values.items() if p
                }
                return [self._item(item, i, values, depth, where) for i, item in enumerate(items)]
            case MapOf(member, limits):
                count = self._count(limits.min_length, limits.max_length, member, {}, depth)
                keys = [str(path[0]) for path in values if path]
                keys += [f"key{i}" for i in range(1, count + 1 - len(keys))]
                return {key: self._item(member, key, values, depth, where) for key in keys}
            case UnionOf(members):
                return self._one_of(members, values, depth, where)
            case Ref(name):
                declared = self._checker.declaration(type_)
                if declared is None:
                    raise Impossible(f"{where}: there is no type {name!r}")
                if math.isinf(self._heights.of(type_)):
                    raise Impossible(f"{where}: {name} needs itself, so that there is no finite one")
                if isinstance(declared, Alias):
                    return self.value(declared.type, fixed=values, depth=depth, where=where)
                return self._record(declared, values, depth, where)

    def _item(self, type_: Type, step: str | int, fixed: dict[Path, Any], depth: int, where: str) -> Any:
        return self.value(type_, fixed=inner(fixed, step), depth=depth - 1, where=f"{where}[{step!r}]")

    def _count(self, low: int | None, high: int | None, item: Type, fixed: dict[Path, Any], depth: int) -> int:
        least = max([low or 0, *(path[0] + 1 for path in fixed if path and isinstance(path[0], int))])
        if least > _VALUES * 10:
            raise Impossible(f"an array or object of at least {least} values is too much to make")
        if depth <= self._heights.of(item) or self._presence == "none":
            return least
        most = max(least, 2) if high is None else high
        # An empty one says little about its type.
        return min(max(least, 1) + self._chance.below(2), max(most, least))

    def _one_of(self, members: tuple[Type, ...], fixed: dict[Path, Any], depth: int, where: str) -> Any:
        height = self._heights.of
        paths = [path for path in fixed if path]
        open_ = [member for member in members if height(member) < max(depth, 1)] or [min(members, key=height)]
        choices = self._chance.shuffled(open_)
        # Those first that have the places that are asked for, and something rather than null.
        choices.sort(
            key=lambda member: (sum(wire_path(self._checker, member, p) is None for p in paths), member == NULL)
        )
        if not paths and self._presence == "some" and NULL in choices and self._chance.below(4) == 0:
            return None
        problems: list[Impossible] = []
        for member in choices:
            try:
                return self.value(member, fixed=fixed, depth=depth, where=where)
            except Impossible as problem:
                problems.append(problem)
        raise problems[0]

    def _record(self, record: Record, fixed: dict[Path, Any], depth: int, where: str) -> dict[str, Any]:
        value: dict[str, Any] = {}
        for field in record.fields:
            asked = inner(fixed, field.name)
            if not (field.required or asked or self._is_wanted(record, field, depth)):
                continue
            place = f"{where}.{field.wire_name}"
            try:
                value[field.wire_name] = self._field(field, asked, depth - 1, place)
            except Impossible:
                if field.required:
                    raise
        return value

    def _is_wanted(self, record: Record, field: Field, depth: int) -> bool:
        if record.tag is not None and record.tag.field == field.wire_name:
            return True
        if field.wire_name in self._without or self._presence == "none" or self._heights.of(field.type) >= depth:
            return False
        return self._presence == "all" or self._chance.toss()

    def _field(self, field: Field, fixed: dict[Path, Any], depth: int, where: str) -> Any:
        hints = list(self._hints(field))
        if not fixed and self._use_examples and field.example is not None and hints:
            return hints[0]
        try:
            return self.value(field.type, fixed=fixed, depth=depth, where=where)
        except Impossible:
            if hints:
                return hints[0]
            raise

    def _hints(self, field: Field) -> Iterator[Any]:
        for hint in (field.example, field.default):
            if hint is not None and self._checker.accepts(field.type, hint):
                yield hint
