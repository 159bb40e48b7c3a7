"""Schemas of what pydantic reads, as pydantic writes them, in AsyncAPI's dialect.

Imported only where there is such a type.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from typedws.schema.exporting.docstrings import attribute_docs
from typedws.schema.exporting.links import Link, Mode, Schema, in_order, is_array, is_object, linked
from typedws.schema.exporting.twins import relinked, twins_in

__all__ = ["Models", "check_model"]

_CLASS: Final = "x-typedws-class"
"""Marks a schema with its class until it has a name; it never gets into a document."""

_PREFIX: Final = "#/$defs/"


_SCHEMAS_BY_NAME: Final = frozenset({"properties", "patternProperties", "dependentSchemas"})
_SCHEMAS: Final = frozenset(
    "allOf anyOf oneOf not if then else items prefixItems contains additionalProperties propertyNames contentSchema "
    "unevaluatedProperties".split()
)
"""The keywords whose values are schemas, or lists of them. All others are data, and stay as they are."""


_OBJECT: Final = {"type": "object"}


class _Generator(GenerateJsonSchema):
    """pydantic's own, with the docs of attributes, without the titles that it makes of their names."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        return self._mark(super().model_schema(schema), schema["cls"])

    def dataclass_schema(self, schema: core_schema.DataclassSchema) -> JsonSchemaValue:
        return self._mark(super().dataclass_schema(schema), schema["cls"])

    def typed_dict_schema(self, schema: core_schema.TypedDictSchema) -> JsonSchemaValue:
        made = super().typed_dict_schema(schema)
        cls = schema.get("cls")
        return made if cls is None else self._mark(made, cls)

    def enum_schema(self, schema: core_schema.EnumSchema) -> JsonSchemaValue:
        return self._mark(super().enum_schema(schema), schema["cls"])

    def ser_schema(self, schema: Any) -> JsonSchemaValue | None:
        made = super().ser_schema(schema)
        if schema.get("type") == "function-wrap" and made in ({}, _OBJECT, {**_OBJECT, "additionalProperties": True}):
            return None  # it changes what is written in some way: the model itself says more about it
        return made

    def _mark(self, made: JsonSchemaValue, cls: type) -> JsonSchemaValue:
        made[_CLASS] = cls
        properties = made.get("properties", {})
        for name, text in attribute_docs(cls).items():
            documented = properties.get(self._wire_name(cls, name))
            if documented is not None:
                documented.setdefault("description", text)
        return made

    def _wire_name(self, cls: type, name: str) -> str:
        field = cls.model_fields.get(name) if issubclass(cls, BaseModel) else None
        if field is None:
            return name
        alias = field.validation_alias if self.mode == "validation" else field.serialization_alias
        return alias if isinstance(alias, str) else field.alias or name


def check_model(form: Any, mode: Mode) -> None:
    """Returns if pydantic can describe a form.

    Raises:
        Exception: it cannot; the error is pydantic's, or the model's own.
    """
    TypeAdapter(form).json_schema(mode=mode, schema_generator=_Generator)


class Models:
    """The schemas of pydantic's types; those of classes are in `components`, by pydantic's names for them.

    Args:
        forms: the type forms, each with a key and a mode.

    Attributes:
        schemas: by key and mode.
        components: by pydantic's name.
        classes: the classes of components, likewise.
    """

    def __init__(self, forms: Sequence[tuple[int, Mode, Any]]) -> None:
        made, found = TypeAdapter.json_schemas(
            [(key, mode, TypeAdapter(form)) for key, mode, form in forms], schema_generator=_Generator
        )
        self._tags: dict[str, str] = {}
        classes = {name: schema.get(_CLASS) for name, schema in found.get("$defs", {}).items()}
        components: dict[str, Schema] = {
            name: self._translated(schema) for name, schema in found.get("$defs", {}).items()
        }
        schemas = {key: self._translated(schema) for key, schema in made.items()}
        # A model may be told by its tag where it is read, and stand alone where it is written.
        tags = {classes.get(name): tag for name, tag in self._tags.items()}
        for name, component in components.items():
            tag = tags.get(classes[name]) if classes[name] is not None else None
            if tag is not None and tag in component.get("properties", {}):
                components[name] = in_order({**component, "discriminator": tag})
        names = twins_in(components)
        self.schemas: dict[tuple[int, Mode], Schema] = {key: relinked(schema, names) for key, schema in schemas.items()}
        self.components: dict[str, Schema] = {}
        self.classes: dict[str, type] = {}
        for name, schema in components.items():
            common: str = names.get(name, name)
            self.components[common] = relinked(schema, names)
            cls = classes[name]
            if cls is not None:
                self.classes[common] = cls

    def _translated(self, schema: Any) -> Any:
        if not is_object(schema):
            return schema
        made: Schema = {key: self._member(key, value) for key, value in schema.items()}
        cls = made.pop(_CLASS, None)
        if cls is not None and made.get("title") == cls.__name__:
            del made["title"]  # the key of the component says it
        self._require_constants(made)
        _list_items(made)
        if made.get("format") == "base64":
            made["format"] = "byte"
        elif made.get("format") == "binary":
            del made["format"]  # bytes that a model writes as text
        if len(made.get("enum", ())) == 1:
            made["const"] = made.pop("enum")[0]
        if is_object(made.get("discriminator")):
            made["discriminator"] = self._note_tags(made["discriminator"])
        if isinstance(made.get("$ref"), Link):
            link = made.pop("$ref")
            return linked(link, **made)
        return in_order(made)

    def _member(self, key: str, value: Any) -> Any:
        if key == "$ref" and isinstance(value, str) and value.startswith(_PREFIX):
            return Link("pydantic", value.removeprefix(_PREFIX))
        if key in _SCHEMAS_BY_NAME and is_object(value):
            return {name: self._translated(schema) for name, schema in value.items()}
        if key in _SCHEMAS and is_array(value):
            return [self._translated(schema) for schema in value]
        return self._translated(value) if key in _SCHEMAS else value

    def _note_tags(self, discriminator: Schema) -> str:
        tag: str = discriminator["propertyName"]
        for target in discriminator.get("mapping", {}).values():
            self._tags.setdefault(target.removeprefix(_PREFIX), tag)
        return tag

    @staticmethod
    def _require_constants(made: Schema) -> None:
        # `kind: Literal["trade"] = "trade"` saves typing in Python; on the wire it is always there.
        properties: Schema = made.get("properties", {})
        required: list[str] = made.get("required", [])
        constant = {
            name
            for name, schema in properties.items()
            if "const" in schema and schema.get("default", ...) == schema["const"]
        }
        for name in constant:
            del properties[name]["default"]
        if constant:
            made["required"] = [name for name in properties if name in constant or name in required]


def _list_items(made: Schema) -> None:
    """Tuples as in draft-07: `prefixItems` is what that calls `items`, and `items` is `additionalItems`."""
    if "prefixItems" not in made:
        return
    first = made.pop("prefixItems")
    rest = made.pop("items", None)
    if rest is None and made.get("maxItems") == len(first):
        rest = False
    if first:
        made["items"] = first
        if rest is not None:
            made["additionalItems"] = rest
    else:
        made["maxItems"] = 0
