"""A few values of a type that together take every branch of it: every literal, every member of a union, every field
once there and once not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from typedws.schema.contract.types import Constraints, ListOf, LiteralOf, MapOf, Record, Scalar, TupleOf, Type, UnionOf
from typedws.schema.samples.checking import Checker
from typedws.schema.samples.making import Impossible, Presence

__all__ = ["variants_of"]

_DEPTH: Final = 4
_EACH: Final = 12
"""Values of a part that are tried in its whole."""

_MOST: Final = 1000
"""Items of an array, or members of an object."""


def variants_of(checker: Checker, make: Callable[[Type, Presence], Any], type_: Type) -> Iterator[Any]:
    """The values, the simplest first; some may come more than once, and none where none can be made.

    Args:
        make: makes one value, or raises `Impossible`.
    """
    yield from _Variants(checker, make).of(type_, _DEPTH)


def _count(limits: Constraints) -> Iterator[int]:
    """How many values make one that is not empty; nothing where that may not or cannot be."""
    count = max(limits.min_length or 0, 1)
    if count <= (_MOST if limits.max_length is None else min(limits.max_length, _MOST)):
        yield count


class _Variants:
    def __init__(self, checker: Checker, make: Callable[[Type, Presence], Any]) -> None:
        self._checker = checker
        self._make = make

    def of(self, type_: Type, depth: int) -> Iterator[Any]:
        yield from self._made(type_, "none")
        if depth <= 0:
            return
        declared = self._checker.declaration(type_)
        if isinstance(declared, Record):
            yield from self._of_record(type_, declared, depth)
            return
        match declared.type if declared is not None else type_:
            case Scalar():
                yield from self._made(type_, "all")
            case LiteralOf(values):
                yield from values
            case UnionOf(members):
                for member in members:
                    yield from self.of(member, depth - 1)
            case ListOf(item, limits):
                for count in _count(limits):
                    for variant in self._parts(item, depth):
                        yield [variant] * count
            case TupleOf(items):
                for whole in self._made(type_, "all"):
                    for index, item in enumerate(items):
                        for variant in self._parts(item, depth):
                            yield [*whole[:index], variant, *whole[index + 1 :]]
            case MapOf(member, limits):
                for count in _count(limits):
                    for variant in self._parts(member, depth):
                        yield {f"key{i}": variant for i in range(1, count + 1)}
            case reference:
                yield from self.of(reference, depth)

    def _of_record(self, type_: Type, record: Record, depth: int) -> Iterator[Any]:
        for whole in self._made(type_, "all"):
            yield whole
            for field in record.fields:
                if not field.required and not (record.tag and record.tag.field == field.wire_name):
                    yield {key: member for key, member in whole.items() if key != field.wire_name}
                for variant in self._parts(field.type, depth):
                    yield {**whole, field.wire_name: variant}

    def _parts(self, type_: Type, depth: int) -> Iterator[Any]:
        for count, variant in enumerate(self.of(type_, depth - 1)):
            if count == _EACH:
                return
            yield variant

    def _made(self, type_: Type, presence: Presence) -> Iterator[Any]:
        try:
            yield self._make(type_, presence)
        except Impossible:
            return
