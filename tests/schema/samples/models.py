"""The types of a contract as msgspec and pydantic types, made while the test runs."""

from __future__ import annotations

import datetime as dt
import functools
import operator
from collections.abc import Iterable
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
import pydantic
from msgspec import UNSET, Meta, UnsetType
from pydantic import Base64Bytes

from typedws.schema.contract.api import Contract
from typedws.schema.contract.types import (
    Alias,
    Constraints,
    Declaration,
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

PYTHON: dict[str, Any] = {
    "str": str,
    "int": int,
    "float": float,
    "bool": bool,
    "null": None,
    "datetime": dt.datetime,
    "date": dt.date,
    "time": dt.time,
    "uuid": UUID,
    "any": Any,
}
NAMES = ("min_length", "max_length", "pattern", "ge", "gt", "le", "lt", "multiple_of")


def contract_of(*declarations: Declaration) -> Contract:
    return Contract(
        title="Test",
        version="1",
        source="test.yaml",
        digest="",
        perspective="server",
        declarations=declarations,
        connections=(),
    )


def limits(constraints: Constraints) -> dict[str, Any]:
    return {name: getattr(constraints, name) for name in NAMES if getattr(constraints, name) is not None}


def union(forms: Iterable[Any]) -> Any:
    return functools.reduce(operator.or_, (type(None) if form is None else form for form in forms))


class Models:
    """Types of one library for the declarations of a contract."""

    def __init__(self, contract: Contract, *, pydantic: bool) -> None:
        self.pydantic = pydantic
        self.declared: dict[str, Any] = {}
        for declared in contract.declarations:  # each refers only to those before it
            self.declared[declared.name] = (
                self.record(declared) if isinstance(declared, Record) else self.alias(declared)
            )

    def alias(self, declared: Alias) -> Any:
        return self.form(declared.type)

    def record(self, record: Record) -> Any:
        if self.pydantic:
            fields: Any = {}
            for f in record.fields:
                default = ... if f.required else None
                fields[f.name] = (self.form(f.type), pydantic.Field(default=default, alias=f.wire_name))
            config = pydantic.ConfigDict(strict=False, extra="forbid" if record.closed else "ignore")
            return pydantic.create_model(record.name, __config__=config, **fields)
        tag: dict[str, Any] = {} if record.tag is None else {"tag_field": record.tag.field, "tag": record.tag.value}
        return msgspec.defstruct(
            record.name,
            [
                (f.name, self.form(f.type)) if f.required else (f.name, self.form(f.type) | UnsetType, UNSET)
                for f in record.fields
                if record.tag is None or f.wire_name != record.tag.field
            ],
            rename={f.name: f.wire_name for f in record.fields},
            kw_only=True,
            forbid_unknown_fields=record.closed,
            **tag,
        )

    def form(self, type_: Type) -> Any:
        match type_:
            case Scalar(kind, constraints):
                if kind == "bytes":
                    form = Base64Bytes if self.pydantic else bytes
                else:
                    form = PYTHON[kind]
                return self.limited(form, constraints)
            case LiteralOf(values):
                literal: Any = Literal
                return literal[values]
            case ListOf(item, constraints):
                return self.limited(list.__class_getitem__(self.form(item)), constraints)
            case MapOf(value, constraints):
                return self.limited(dict.__class_getitem__((str, self.form(value))), constraints)
            case TupleOf(items):
                return tuple.__class_getitem__(tuple(map(self.form, items)))
            case UnionOf(members):
                return union(map(self.form, members))
            case Ref(name):
                return self.declared[name]

    def limited(self, form: Any, constraints: Constraints) -> Any:
        if constraints.is_free:
            return form
        meta = pydantic.Field(**limits(constraints)) if self.pydantic else Meta(**limits(constraints))
        return Annotated[form, meta]

    def again(self, type_: Type, text: bytes) -> Any:
        """JSON, read as the type and written again."""
        form = self.form(type_)
        if not self.pydantic:
            return msgspec.json.decode(msgspec.json.encode(msgspec.json.decode(text, type=form)))
        adapter = pydantic.TypeAdapter(form)
        value = adapter.validate_json(text)
        return msgspec.json.decode(adapter.dump_json(value, by_alias=True, exclude_unset=True))
