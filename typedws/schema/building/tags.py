"""Tags: which field each record knows its own kind by.

A record has at most one tag. The messages of the connections choose first, because their decode is the one on the path
of every message; unions inside of them take what is left, and what they cannot have is left to the emitter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from typedws.schema.building.facts import Facts
from typedws.schema.building.schemas import Schemas
from typedws.schema.contract.types import (
    Alias,
    Field,
    ListOf,
    LiteralOf,
    MapOf,
    Record,
    Ref,
    Tag,
    TupleOf,
    Type,
    UnionOf,
)
from typedws.schema.decisions import ByKey, ByKind, ByPattern, ByValue, Decision, leaves

__all__ = ["Tags"]


class Tags:
    """Gives records their tags.

    Args:
        schemas: the records.
    """

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas

    def assign(self, field: str, forms: Mapping[str | int, str]) -> bool:
        """Gives each record this field as its tag, with its value; all of them or none.

        Args:
            field: the name of the field on the wire.
            forms: the records by their value.

        Returns:
            whether all of them have it now.
        """
        chosen: list[Record] = []
        for value, name in forms.items():
            record = self._schemas.record(name)
            if record is None or _only_value(record, field) != value:
                return False
            if record.tag is not None and record.tag != Tag(field, value):
                return False
            chosen.append(replace(_with_required(record, field), tag=Tag(field, value)))
        for record in chosen:
            self._schemas.revise(record)
        return True

    def narrow(self, facts: Iterable[Facts]) -> None:
        """Gives a field the one value that a message has there by its own name, where its schema lists those of all."""
        for one in facts:
            for path, value in one.own.items():
                record = self._schemas.record(one.name)
                if record is not None and len(path) == 1 and one.values.get(path) == (value,):
                    fields = tuple(
                        replace(field, type=LiteralOf((value,))) if field.wire_name == path[0] else field
                        for field in record.fields
                    )
                    self._schemas.revise(replace(record, fields=fields))

    def require(self, decision: Decision[str] | None) -> None:
        """Makes the field that tells a message apart one that is always there: without it nobody would know it."""
        if isinstance(decision, ByValue) and len(decision.path) == 1:
            for value, case in decision.cases.items():
                for name in leaves(case):
                    record = self._schemas.record(name)
                    if record is not None and _only_value(record, str(decision.path[0])) == value:
                        self._schemas.revise(_with_required(record, str(decision.path[0])))
        if isinstance(decision, ByValue | ByPattern | ByKey | ByKind):
            for case in decision.cases.values():
                self.require(case)
            self.require(decision.otherwise)

    def settle_unions(self) -> None:
        """Finds the tag of every union inside of the declarations."""
        for declared in self._schemas.declarations:
            if isinstance(declared, Alias):
                self._schemas.revise(replace(declared, type=self._settled(declared.type)))
                continue
            # The record may have got its tag in the meantime.
            record = self._schemas.record(declared.name)
            assert record is not None
            fields = tuple(replace(field, type=self._settled(field.type)) for field in record.fields)
            extra = None if record.extra is None else self._settled(record.extra)
            current = self._schemas.record(declared.name)
            assert current is not None
            self._schemas.revise(replace(current, fields=fields, extra=extra))

    def _settled(self, type_: Type) -> Type:
        match type_:
            case UnionOf(members, _):
                settled = tuple(self._settled(member) for member in members)
                return UnionOf(settled, self._tag_of(settled))
            case ListOf(item, limits):
                return ListOf(self._settled(item), limits)
            case MapOf(value, limits):
                return MapOf(self._settled(value), limits)
            case TupleOf(items):
                return TupleOf(tuple(self._settled(item) for item in items))
            case _:
                return type_

    def _tag_of(self, members: Sequence[Type]) -> str | None:
        records = [record for record in self._records(members, 0) if record is not None]
        if len(records) < 2:
            return None
        known = [record.tag.field for record in records if record.tag is not None]
        candidates = [*known, *(field.wire_name for field in records[0].fields)]
        for field in dict.fromkeys(candidates):
            values = [_only_value(record, field) for record in records]
            forms = {value: record.name for value, record in zip(values, records, strict=True) if value is not None}
            one_kind = len({isinstance(value, str) for value in forms}) == 1
            if len(forms) == len(records) and one_kind and self.assign(field, forms):
                return field
        return None

    def _records(self, members: Sequence[Type], depth: int) -> list[Record | None]:
        """The records among the members of a union, those of unions that are members included."""
        found: list[Record | None] = []
        for member in members:
            if not isinstance(member, Ref) or depth > 8:
                continue
            declared = self._schemas.declared(member.name)
            if isinstance(declared, Record):
                found.append(declared)
            elif isinstance(declared.type, UnionOf):
                found.extend(self._records(declared.type.members, depth + 1))
            elif isinstance(declared.type, Ref):
                found.extend(self._records((declared.type,), depth + 1))
        return found


def _with_required(record: Record, wire_name: str) -> Record:
    """The record, with a field that is always there: what tells a record apart cannot be left out."""
    fields = tuple(replace(field, required=True) if field.wire_name == wire_name else field for field in record.fields)
    return replace(record, fields=fields)


def _only_value(record: Record, wire_name: str) -> str | int | None:
    """The one value that a field of a record can have; None where there are more, or none is listed."""
    field: Field | None = next((field for field in record.fields if field.wire_name == wire_name), None)
    if field is None or not isinstance(field.type, LiteralOf) or len(field.type.values) != 1:
        return None
    value = field.type.values[0]
    return None if isinstance(value, bool) else value
