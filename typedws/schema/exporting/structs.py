"""Schemas of what msgspec reads: builtins, containers, Structs, dataclasses, attrs classes, TypedDicts, NamedTuples.

This walks `msgspec.inspect` instead of editing what `msgspec.json.schema_components` returns, because by then that has
lost what a generator needs: the format of a `datetime` without a constraint on its zone, the keys of a `dict[int, X]`,
the order of an enum, the names in an array-like Struct, and which class a component is.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Sequence
from inspect import cleandoc
from typing import Any, Final, get_origin

import msgspec
from msgspec import inspect

from typedws.converters.carrier import is_model_class
from typedws.schema.exporting.docstrings import attribute_docs
from typedws.schema.exporting.links import Link, Schema, described, in_order, linked, plain

__all__ = ["Structs", "literal"]

_JSON_TYPES: Final[dict[Any, str]] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    type(None): "null",
}
_MADE: Final[tuple[Any, ...]] = (list, dict, set, bytearray)
"""Default factories that can be called to see what they make."""


class Structs:
    """The schemas of msgspec's types; those of classes are collected in `components`.

    Args:
        model: where a pydantic model inside a Struct is described.
    """

    def __init__(self, model: Callable[[type], Schema]) -> None:
        self._model = model
        self.components: dict[Any, Schema] = {}

    def schema(self, form: Any) -> Schema:
        """The schema of a type form.

        Raises:
            TypeError: msgspec cannot read it, or nothing is known about a class in it.
        """
        return self._schema(inspect.type_info(form))

    def _schema(self, node: inspect.Type) -> Schema:
        match node:
            case inspect.Metadata():
                return self._annotated(node.type, _extra(node))
            case inspect.AnyType() | inspect.RawType():
                return {}
            case inspect.NoneType():
                return {"type": "null"}
            case inspect.BoolType():
                return {"type": "boolean"}
            case inspect.IntType() | inspect.FloatType():
                return self._number(node)
            case inspect.StrType():
                limits = {"minLength": node.min_length, "maxLength": node.max_length, "pattern": node.pattern}
                return {"type": "string"} | _given(limits)
            case inspect.BytesType() | inspect.ByteArrayType() | inspect.MemoryViewType():
                return self._bytes(node.min_length, node.max_length)
            case inspect.DateTimeType(tz):
                return _text("date-time-local" if tz is False else "date-time")
            case inspect.TimeType(tz):
                return _text("time-local" if tz is False else "time")
            case inspect.DateType():
                return _text("date")
            case inspect.TimeDeltaType():
                return _text("duration")
            case inspect.UUIDType():
                return _text("uuid")
            case inspect.DecimalType():
                return _text("decimal")
            case inspect.LiteralType(values):
                return literal(values)
            case inspect.UnionType(members):
                return self._union(members)
            case inspect.TupleType(items):
                return _tuple([self._schema(item) for item in items])
            case inspect.CollectionType():
                unique = {"uniqueItems": True} if isinstance(node, inspect.SetType | inspect.FrozenSetType) else {}
                limits = {"minItems": node.min_length, "maxItems": node.max_length}
                return {
                    "type": "array",
                    **_unless_any("items", self._schema(node.item_type)),
                    **unique,
                    **_given(limits),
                }
            case inspect.DictType() | inspect.FrozenDictType():
                return self._map(node)
            case inspect.EnumType(cls):
                if cls not in self.components:
                    self.components[cls] = _enum(cls)
                return linked(Link("msgspec", cls))
            case inspect.CustomType(cls) if cls is object:
                return {}
            case inspect.CustomType(cls) if is_model_class(get_origin(cls) or cls):
                return self._model(cls)
            case inspect.StructType() | inspect.DataclassType() | inspect.TypedDictType() | inspect.NamedTupleType():
                return self._class(node)
            case _:
                cls = getattr(node, "cls", type(node))
                raise TypeError(
                    f"nothing says what {getattr(cls, '__name__', cls)} is on the wire: annotate it, as in "
                    'Annotated[..., Meta(extra_json_schema={"type": "string"})]'
                )

    def _annotated(self, inner: inspect.Type, extra: Schema) -> Schema:
        if isinstance(inner, inspect.CustomType) and extra and not is_model_class(get_origin(inner.cls) or inner.cls):
            return in_order(dict(extra))
        schema = self._schema(inner)
        if "$ref" in schema:
            return linked(schema["$ref"], **extra)
        return in_order({**schema, **extra})

    @staticmethod
    def _number(node: inspect.IntType | inspect.FloatType) -> Schema:
        limits = {
            "minimum": node.ge,
            "exclusiveMinimum": node.gt,
            "maximum": node.le,
            "exclusiveMaximum": node.lt,
            "multipleOf": node.multiple_of,
        }
        return {"type": "integer" if isinstance(node, inspect.IntType) else "number"} | _given(limits)

    @staticmethod
    def _bytes(shortest: int | None, longest: int | None) -> Schema:
        # Lengths are characters of base64 there, four for each three bytes.
        sizes = {"minLength": shortest, "maxLength": longest}
        return _text("byte") | {key: 4 * ((size + 2) // 3) for key, size in _given(sizes).items()}

    def _union(self, members: Sequence[inspect.Type]) -> Schema:
        schemas = [self._schema(member) for member in members]
        bare = [_bare(member) for member in members]
        tags = {
            node.tag_field if isinstance(node, inspect.StructType) and not node.array_like else None for node in bare
        }
        if None not in tags and len(tags) == 1:
            return {"discriminator": tags.pop(), "oneOf": schemas}
        return {"anyOf": schemas}

    def _map(self, node: inspect.DictType | inspect.FrozenDictType) -> Schema:
        key = self._schema(node.key_type)
        if isinstance(_bare(node.key_type), inspect.IntType):
            key = {"pattern": "^-?[0-9]+$"}
        elif isinstance(_bare(node.key_type), inspect.FloatType):
            key = {}
        names = {name: value for name, value in key.items() if name != "type"}
        limits = {"minProperties": node.min_length, "maxProperties": node.max_length}
        return {
            "type": "object",
            **({"propertyNames": names} if names else {}),
            **_unless_any("additionalProperties", self._schema(node.value_type)),
            **_given(limits),
        }

    def _class(
        self, node: inspect.StructType | inspect.DataclassType | inspect.TypedDictType | inspect.NamedTupleType
    ) -> Schema:
        cls = node.cls
        if cls not in self.components:
            self.components[cls] = {}  # it may be in itself
            is_array = isinstance(node, inspect.NamedTupleType) or getattr(node, "array_like", False)
            schema = self._array(node) if is_array else self._object(node)
            self.components[cls] = described(schema, description=_doc(cls))
        return linked(Link("msgspec", cls))

    def _object(self, node: Any) -> Schema:
        properties: Schema = {}
        schema: Schema = {"type": "object"}
        if getattr(node, "tag_field", None) is not None:
            properties[node.tag_field] = literal([node.tag])
            schema["discriminator"] = node.tag_field
        docs = attribute_docs(get_origin(node.cls) or node.cls)
        required = list(properties)
        written = not getattr(getattr(node.cls, "__struct_config__", None), "omit_defaults", False)
        for field in _fields(node):
            made = self._field(field, docs)
            if "const" in made and made.get("default", ...) == made["const"] and written:
                # `kind: Literal["trade"] = "trade"` saves typing in Python; on the wire it is always there.
                del made["default"]
                required.append(field.encode_name)
            elif field.required:
                required.append(field.encode_name)
            properties[field.encode_name] = made
        if required:
            schema["required"] = required
        schema["properties"] = properties
        if getattr(node, "forbid_unknown_fields", False):
            schema["additionalProperties"] = False
        return schema

    def _array(self, node: Any) -> Schema:
        docs = attribute_docs(get_origin(node.cls) or node.cls)
        items = [described(self._field(field, docs), title=field.name) for field in node.fields]
        shortest = len(items)
        while shortest and not node.fields[shortest - 1].required:
            shortest -= 1
        extra = 0
        if getattr(node, "tag_field", None) is not None:
            items.insert(0, literal([node.tag]))
            extra = 1
        closed = isinstance(node, inspect.NamedTupleType) or node.forbid_unknown_fields
        return _tuple(items, shortest=shortest + extra, closed=closed)

    def _field(self, field: inspect.Field, docs: dict[str, str]) -> Schema:
        schema = described(self._schema(field.type), description=docs.get(field.name, ""))
        if field.required:
            return schema
        default: Any = field.default
        factory: Any = field.default_factory
        if default is msgspec.NODEFAULT and factory in _MADE:
            default = factory()
        if default is msgspec.NODEFAULT or isinstance(default, msgspec.Raw):
            return schema
        try:
            written = msgspec.to_builtins(default, str_keys=True, enc_hook=_write_model)
        except (TypeError, ValueError, NotImplementedError):
            return schema  # it has no form in JSON, and is only told to people
        if not plain(written):
            return schema
        return linked(schema["$ref"], default=written) if "$ref" in schema else in_order({**schema, "default": written})


def literal(values: Iterable[Any]) -> Schema:
    """The schema of one of these values."""
    values = list(values)
    kinds = {_JSON_TYPES.get(type(value)) for value in values}
    typed = {"type": kinds.pop()} if len(kinds) == 1 and None not in kinds else {}
    return typed | ({"const": values[0]} if len(values) == 1 else {"enum": values})


def _enum(cls: type[enum.Enum]) -> Schema:
    doc = cleandoc(cls.__doc__ or "")
    return described(literal(member.value for member in cls), description="" if doc == "An enumeration." else doc)


def _tuple(items: list[Schema], *, shortest: int | None = None, closed: bool = True) -> Schema:
    if not items:
        return {"type": "array", "maxItems": 0}
    limits = {"minItems": len(items) if shortest is None else shortest} | ({"maxItems": len(items)} if closed else {})
    return {"type": "array", "items": items, **({"additionalItems": False} if closed else {}), **limits}


def _text(kind: str) -> Schema:
    return {"type": "string", "format": kind}


def _given(values: dict[str, Any]) -> Schema:
    return {key: value for key, value in values.items() if value is not None}


def _unless_any(key: str, schema: Schema) -> Schema:
    return {key: schema} if schema else {}


def _fields(node: Any) -> list[Any]:
    fields: list[Any] = list(node.fields)
    if isinstance(node, inspect.TypedDictType):  # msgspec has them in the order of the alphabet
        written = list((get_origin(node.cls) or node.cls).__annotations__)
        fields.sort(key=lambda field: written.index(field.name) if field.name in written else len(written))
    return fields


def _extra(node: Any) -> Schema:
    extra: Schema | None = node.extra_json_schema
    return extra or {}


def _bare(node: inspect.Type) -> inspect.Type:
    while isinstance(node, inspect.Metadata):
        node = node.type
    return node


def _doc(cls: Any) -> str:
    cls = get_origin(cls) or cls
    doc = cleandoc(cls.__doc__ or "")
    generated = hasattr(cls, "__dataclass_fields__") or hasattr(cls, "_fields")
    return "" if generated and doc.startswith(f"{cls.__name__}(") and doc.endswith(")") else doc


def _write_model(value: Any) -> Any:
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json", by_alias=True)
    raise NotImplementedError
