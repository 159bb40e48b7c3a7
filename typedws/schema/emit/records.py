"""Records as classes, and everything else that has a name as an alias."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from typedws.schema.contract.types import Alias, Declaration, Field, LiteralOf, Record, Type
from typedws.schema.emit.annotations import Annotations
from typedws.schema.emit.layout import Atom, Expression, Keyword, call, render
from typedws.schema.emit.naming import Models
from typedws.schema.emit.statements import annotated, assigned
from typedws.schema.emit.text import comment, docstring, literal, pointer_text

__all__ = ["Declarations", "constant"]

_SHOWN: Final = 300


# The names of fields that msgspec refuses.
_UNWRITABLE: Final = re.compile(r'[\x00-\x1f"\\\ud800-\udfff]')


def _is_tag(record: Record, field: Field) -> bool:
    return record.tag is not None and field.wire_name == record.tag.field


def constant(type_: Type) -> str | int | bool | None:
    """The only value of a type; None where it has several."""
    return type_.values[0] if isinstance(type_, LiteralOf) and len(type_.values) == 1 else None


class Declarations:
    """Writes the declarations of a contract.

    Args:
        types: writes their types.
        models: which library the classes are of.
    """

    def __init__(self, types: Annotations, models: Models) -> None:
        self.types = types
        self.models = models

    def fields(self, record: Record) -> Iterator[Field]:
        """The properties that are fields of the class."""
        for field in record.fields:
            if self.models == "pydantic":
                yield field
            elif not _is_tag(record, field) and not _UNWRITABLE.search(field.wire_name):
                yield field

    def value(self, field: Field, *, bare: bool = False) -> tuple[Expression, str | None]:
        """The annotation of a field, or of an argument for it, and its default as source."""
        only = constant(field.type)
        annotation = self.types.of(field.type, bare=bare)
        if field.required:
            return annotation, None if only is None else literal(only)
        return self.types.optional(annotation)

    def write_record(self, record: Record) -> list[str]:
        """A class."""
        names, notes = self.types.names, self.types.notes
        name = names.of(record.name)
        lines: list[str] = []
        notes.at(pointer=record.pointer, name=name)
        if record.extra is not None:
            if self.models == "msgspec":
                notes.add("extra-dropped", "other properties are allowed, and are not kept")
            else:
                notes.add("extra-unchecked", "other properties are kept, and their type is not checked")
        for field in record.fields:
            if self.models == "msgspec" and not _is_tag(record, field) and _UNWRITABLE.search(field.wire_name):
                notes.add("field-left-out", f"msgspec takes no field of the name {shown(field.wire_name)}")
        lines.extend(_comments(notes.take(), indent=0))
        lines.append(_origin(record))
        lines.extend(render(call(f"class {name}", *self._arguments(record)), "", indent=0, tail=":"))
        body: list[str] = []
        body.extend(docstring(_described(record), indent=4))
        if body:
            body.append("")
        for field in self.fields(record):
            body.extend(self._field(record, field))
        while body and not body[-1]:
            body.pop()
        lines.extend(body or ["    pass"])
        return lines

    def _arguments(self, record: Record) -> Iterator[Expression]:
        closed = record.closed and record.name in self.types.shapes.one_way
        if self.models == "pydantic":
            yield Atom(self.types.imports.runtime("Model"))
            if closed:
                yield Keyword("extra", Atom('"forbid"'))
            elif record.extra is not None:
                yield Keyword("extra", Atom('"allow"'))
            elif record.extra is not None:
                yield Keyword("extra", Atom('"allow"'))
            return
        self.types.imports.models("Struct")
        yield Atom("Struct")
        yield Keyword("kw_only", Atom("True"))
        if record.tag is not None:
            yield Keyword("tag_field", Atom(literal(record.tag.field)))
            yield Keyword("tag", Atom(literal(record.tag.value)))
        if closed:
            yield Keyword("forbid_unknown_fields", Atom("True"))

    def _field(self, record: Record, field: Field) -> list[str]:
        notes = self.types.notes
        name = self.types.names.field(record, field)
        notes.at(pointer=record.pointer, name=f"{self.types.names.of(record.name)}.{name}")
        annotation, default = self.value(field)
        above = _comments(notes.take(), indent=4)
        value = None if default is None else Atom(default)
        written = annotated(name, annotation, self._renamed(field, name, default) or value, indent=4)
        return [*above, *written, *docstring(_field_described(field), indent=4)]

    def _renamed(self, field: Field, name: str, default: str | None) -> Expression | None:
        """What maps a name to the one on the wire; None where they are the same."""
        if name == field.wire_name:
            return None
        given = [] if default is None else [Keyword("default", Atom(default))]
        wire_name = Atom(literal(field.wire_name))
        if self.models == "msgspec":
            self.types.imports.models("field")
            return call("field", *given, Keyword("name", wire_name))
        self.types.imports.models("Field")
        aliases = (Keyword("validation_alias", wire_name), Keyword("serialization_alias", wire_name))
        return call("Field", *given, *aliases)

    def write_alias(self, declared: Declaration) -> list[str]:
        """An alias."""
        types = self.types
        name = types.names.of(declared.name)
        types.notes.at(pointer=declared.pointer, name=name)
        type_ = types.shapes.alias(declared.name)
        assert type_ is not None
        if isinstance(declared, Record):
            known = ", ".join(field.wire_name for field in declared.fields) or "none"
            types.notes.add("record-lowered", f"msgspec keeps nothing beside fields: it is a dict; known keys: {known}")
        written = types.of(type_, inside=declared.name)
        types.imports.typing("TypeAlias")
        lines = _comments(types.notes.take(), indent=0)
        lines.append(_origin(declared))
        lines.extend(assigned(f"{name}: TypeAlias = ", written, indent=0))
        lines.extend(docstring(_described(declared), indent=0))
        return lines


def _comments(notes: tuple[str, ...], *, indent: int) -> list[str]:
    return [line for note in notes for line in comment(f"Note: {note}.", indent=indent)]


def _origin(declared: Declaration) -> str:
    # A module that is generated again reads from here which place has which name.
    part = f"!{declared.part}" if isinstance(declared, Alias) and declared.part else ""
    return f"# from {pointer_text(f'{declared.pointer}{part}')}".rstrip()


def _described(declared: Declaration) -> str:
    paragraphs = [declared.description.strip()]
    if declared.deprecated:
        paragraphs.append("Deprecated.")
    paragraphs.extend(f"Not checked: {note}" for note in declared.notes)
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def _field_described(field: Field) -> str:
    paragraphs = [field.description.strip()]
    if field.deprecated:
        paragraphs.append("Deprecated.")
    if field.default is not None:
        paragraphs.append(f"Default: {shown(field.default)}.")
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def shown(value: object) -> str:
    """A value of JSON for a reader."""
    text = json.dumps(value, ensure_ascii=True, default=str)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
