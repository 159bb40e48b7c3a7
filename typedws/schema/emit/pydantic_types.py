"""Annotations for pydantic: constraints are `Field`, what is absent is None, and any union can be had.

Models that are told apart by one field are a discriminated union, which reads in one step and whose errors speak of the
one model that it is. Any other union is tried member by member.
"""

from __future__ import annotations

from collections.abc import Iterable

from typedws.schema.contract.types import ANY, Record, Ref, Scalar, ScalarKind, Type, UnionOf
from typedws.schema.emit.annotations import Annotations
from typedws.schema.emit.layout import Atom, Expression, Keyword, call, subscript, union
from typedws.schema.emit.text import literal

__all__ = ["PydanticTypes"]


class PydanticTypes(Annotations):
    """Writes types for pydantic."""

    constraint = "Field"

    def optional(self, annotation: Expression) -> tuple[Expression, str]:
        """`None` is what is absent; whether a field was given tells it from null."""
        return self.union([annotation, Atom("None")]), "None"

    def compiles_with_re(self) -> bool:
        """Whether it is written for a model, whose settings say so."""
        # An alias may be read by itself, without the settings of a model.
        return not self.inside

    def scalar_name(self, kind: ScalarKind) -> str:
        """The name of a scalar; bytes inside of JSON are base64."""
        # A frame that is bytes as a whole is no JSON.
        if kind == "bytes" and not self.is_bare and self.inside not in self.shapes.raw:
            return self.imports.runtime("Base64")
        return super().scalar_name(kind)

    def write_union(self, type_: UnionOf) -> Expression:
        """A union, as a discriminated one where one field tells its models apart."""
        leaves = list(self.shapes.leaves(type_, self.circle))
        if Scalar("any") in leaves:
            return self.write(ANY)
        told = None if self.is_bare else self._told_apart(leaves)
        if told is None:
            return self.union(self.write(member) for member in type_.members)
        field, records = told
        self.imports.typing("Annotated")
        self.imports.models("Field")
        models = union(Atom(self.names.of(record.name)) for record in records)
        tagged = subscript("Annotated", models, call("Field", Keyword("discriminator", Atom(literal(field)))))
        others = [leaf for leaf in leaves if not isinstance(leaf, Ref)]
        return self.union([tagged, *(self.write(other) for other in others)])

    def _told_apart(self, leaves: Iterable[Type]) -> tuple[str, list[Record]] | None:
        """The field that tells the models of a union apart, and the models; None where nothing does."""
        found: dict[str, Record] = {}
        for leaf in leaves:
            if isinstance(leaf, Ref):
                record = self.shapes.record(leaf.name)
                if record is None or record.tag is None:
                    return None
                found[record.name] = record
        records = list(found.values())
        places: set[tuple[str, str]] = set()
        values: set[str] = set()
        for record in records:
            assert record.tag is not None
            field = next((field for field in record.fields if field.wire_name == record.tag.field), None)
            if field is None:
                return None
            places.add((self.names.field(record, field), field.wire_name))
            values.add(literal(record.tag.value))
        if len(records) < 2 or len(places) != 1 or len(values) < len(records):
            return None
        return next(iter(places))[0], records
