"""Values of the document as expressions that make them: what a subscription puts into its request."""

from __future__ import annotations

from typing import Any, TypeGuard

from typedws.schema.contract.types import Field, ListOf, LiteralOf, MapOf, Ref, Scalar, TupleOf, Type
from typedws.schema.emit.annotations import Annotations
from typedws.schema.emit.layout import Atom, Expression, Keyword, array, call, mapping, sequence
from typedws.schema.emit.records import constant
from typedws.schema.emit.text import literal

__all__ = ["Values"]


class Values:
    """Writes values.

    Args:
        types: knows the declarations.
    """

    def __init__(self, types: Annotations) -> None:
        self._types = types

    def of(self, type_: Type, value: Any) -> Expression | None:
        """A value of a type, given as JSON or as an expression; None where it cannot be written."""
        for leaf in self._types.shapes.leaves(type_):
            written = self._leaf(leaf, value)
            if written is not None:
                return written
        return None

    def _leaf(self, type_: Type, value: Any) -> Expression | None:
        if isinstance(value, Atom):
            if isinstance(type_, ListOf):
                inner = self.of(type_.item, value)
                return None if inner is None else array([inner])
            return value if isinstance(type_, Scalar) and type_.kind in ("str", "any") else None
        match type_:
            case Scalar("any"):
                return self._plain(value)
            case Scalar("null"):
                return Atom("None") if value is None else None
            case Scalar("bool"):
                return Atom(literal(value)) if isinstance(value, bool) else None
            case Scalar("int"):
                return Atom(literal(value)) if isinstance(value, int) and not isinstance(value, bool) else None
            case Scalar("float"):
                return Atom(literal(value)) if isinstance(value, int | float) and not isinstance(value, bool) else None
            case Scalar("str"):
                return Atom(literal(value)) if isinstance(value, str) else None
            case LiteralOf(values):
                known = any(type(each) is type(value) and each == value for each in values)
                return Atom(literal(value)) if known else None
            case ListOf(of_items):
                return None if (items := self._items([of_items], value)) is None else array(items)
            case TupleOf(each):
                return None if (items := self._items(list(each), value)) is None else sequence(items)
            case MapOf(of_values):
                return self._mapping(of_values, value)
            case Ref(name):
                return self._record(name, value)
            case _:
                return None

    def _items(self, types: list[Type], value: Any) -> list[Expression] | None:
        if not _is_array(value):
            return None
        written = [self.of(types[min(at, len(types) - 1)], each) for at, each in enumerate(value)]
        found = [each for each in written if each is not None]
        return found if len(found) == len(value) else None

    def _mapping(self, inner: Type, value: Any) -> Expression | None:
        if not _is_object(value):
            return None
        entries = [(str(key), self.of(inner, each)) for key, each in value.items()]
        found = [(literal(key), each) for key, each in entries if each is not None]
        return mapping(found) if len(found) == len(entries) else None

    def _record(self, name: str, value: Any) -> Expression | None:
        record = self._types.shapes.record(name)
        if record is None or not _is_object(value):
            return None
        written: list[Expression] = []
        for field in record.fields:
            if is_set(field, record.tag.field if record.tag else None) or field.wire_name not in value:
                if field.required and field.wire_name not in value and constant(field.type) is None:
                    return None
                continue
            inner = self.of(field.type, value[field.wire_name])
            if inner is None:
                return None
            written.append(Keyword(self._types.names.field(record, field), inner))
        return call(self._types.names.of(name), *written)

    def _plain(self, value: Any) -> Expression | None:
        match value:
            case None | bool() | int() | float() | str():
                return Atom(literal(value))
            case list():
                return self._leaf(ListOf(Scalar("any")), value)
            case dict():
                return self._leaf(MapOf(Scalar("any")), value)
            case _:
                return None


def _is_array(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def _is_object(value: object) -> TypeGuard[dict[Any, Any]]:
    return isinstance(value, dict)


def is_set(field: Field, tag: str | None) -> bool:
    """Whether a class sets a field by itself: a tag, or a required field with one value."""
    return field.wire_name == tag or (field.required and constant(field.type) is not None)
