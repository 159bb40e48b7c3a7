"""What a request and its answer have in common: an answer says again what was asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from typedws.errors import SchemaError
from typedws.schema.contract.types import Alias, Field, ListOf, LiteralOf, MapOf, Record, Ref, Scalar, Type, UnionOf
from typedws.schema.document.kinds import is_array, is_object
from typedws.schema.samples import Checker

__all__ = ["ERRORS", "Known", "echoed", "known_in", "record_of"]

ERRORS: Final = frozenset({"error", "errors", "err", "error_code", "errorCode", "error_message", "errorMessage"})
"""Fields that a good reply does not have."""

_MOST: Final = 2000
"""Values of a request that are looked at."""

_DEEPEST: Final = 20
"""Records within records that are looked into."""

Known: TypeAlias = Mapping[str, Sequence[Any]]
"""The values of a request by the keys that they stand under, those nearest to the top first."""


def known_in(tree: Any) -> Known:
    """Every value in a request: scalars, arrays and objects."""
    found: dict[str, list[Any]] = {}
    level: list[Any] = [tree]
    seen = 0
    while level and seen < _MOST:
        below: list[Any] = []
        for whole in level:
            for key, value in _members(whole):
                seen += 1
                if value is not None:
                    found.setdefault(key, []).append(value)
                below += value if is_array(value) else [value]
        level = below
    # What stands in an array is known by the key of the array, too, but it is not what was meant first.
    for values in found.values():
        values += [item for value in values if is_array(value) for item in value if not is_object(item)]
    return found


def _members(whole: Any) -> Iterator[tuple[str, Any]]:
    if is_object(whole):
        yield from whole.items()


def echoed(
    checker: Checker, type_: Type, value: Any, known: Known, kept: Collection[str | int], make: Callable[[Type], Any]
) -> Any:
    """An answer whose fields have the values of those fields of the request that are called the same, where they fit;
    also such fields as the answer was made without.

    Args:
        kept: the Python names of fields that stay as they are.
        make: makes the least value of a type, or raises `SchemaError`.
    """
    return _Echo(checker, frozenset(kept), make).of(type_, value, known, _DEEPEST)


class _Echo:
    def __init__(self, checker: Checker, kept: Collection[str | int], make: Callable[[Type], Any]) -> None:
        self._checker = checker
        self._kept = kept
        self._make = make

    def of(self, type_: Type, value: Any, known: Known, depth: int) -> Any:
        record = record_of(self._checker, type_, value)
        if record is None or not is_object(value) or depth == 0:
            return value
        result = dict(value)
        for field in record.fields:
            if field.name in self._kept or field.wire_name in ERRORS:
                continue
            found = self._field(field, result, known, depth)
            if found is not None:
                result[field.wire_name] = found
        return result

    def _field(self, field: Field, value: Mapping[str, Any], known: Known, depth: int) -> Any:
        """The value of a field; None where it stays as it is."""
        if _is_free(field.type):
            return None
        asked = known.get(field.wire_name, ())
        if record_of(self._checker, field.type, value.get(field.wire_name)) is None:
            fitted = (self._fitted(field.type, one, depth) for one in asked)
            return next((one for one in fitted if self._checker.accepts(field.type, one)), None)
        same = next(filter(is_object, asked), None)
        if field.wire_name in value:
            # What stands at the same place says more than what is called the same elsewhere.
            return self.of(field.type, value[field.wire_name], _with(known, same), depth - 1)
        if same is None:
            return None
        fitted_whole = self._fitted(field.type, same, depth)
        if fitted_whole and self._checker.accepts(field.type, fitted_whole):
            return fitted_whole
        try:
            made = self._make(field.type)
        except SchemaError:
            return None
        whole = self.of(field.type, made, known_in(same), depth - 1)
        # Nothing in common, nothing to say again.
        return None if whole == made else whole

    def _fitted(self, type_: Type, value: Any, depth: int) -> Any:
        """A value without those members of its objects that the type does not know."""
        meant = self._checker.declaration(type_) or type_
        meant = meant.type if isinstance(meant, Alias) else meant
        if depth == 0:
            return value
        if is_array(value) and isinstance(meant, ListOf):
            return [self._fitted(meant.item, item, depth - 1) for item in value]
        if is_object(value) and isinstance(meant, MapOf):
            return {key: self._fitted(meant.value, member, depth - 1) for key, member in value.items()}
        record = record_of(self._checker, type_, value)
        if is_object(value) and record is not None:
            fields = {field.wire_name: field for field in record.fields}
            return {k: self._fitted(fields[k].type, v, depth - 1) for k, v in value.items() if k in fields}
        return value


def _with(known: Known, nearer: Any) -> Known:
    if nearer is None:
        return known
    near = known_in(nearer)
    return {key: (*near.get(key, ()), *known.get(key, ())) for key in {**known, **near}}


def _is_free(type_: Type) -> bool:
    """Whether it is a literal that says what the message is, or takes anything, so that an equal name says little."""
    return (isinstance(type_, LiteralOf) and len(type_.values) == 1) or type_ == Scalar("any")


def record_of(checker: Checker, type_: Type, value: Any = None) -> Record | None:
    """The record that a type is, behind aliases and beside null; of several, the one that a value is of."""
    for _ in range(_DEEPEST):
        match checker.declaration(type_) or type_:
            case Record() as record:
                return record
            case Alias(type=meant):
                type_ = meant
            case UnionOf(members):
                records = [member for member in members if isinstance(member, Ref)]
                if len(records) > 1:
                    records = [member for member in records if is_object(value) and checker.accepts(member, value)]
                if not records:
                    return None
                type_ = records[0]
            case _:
                return None
    return None
