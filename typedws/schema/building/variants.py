"""`oneOf` and `anyOf`: which of them are types of their own, and what a declared discriminator says about them.

Many documents use them for something else than alternatives: to say that one of two properties must be there, or that
a value is free with a list of known ones. Only alternatives that say something about a type are counted.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import replace
from typing import Any

from typedws.schema.building.shapes import ANNOTATIONS, Shape, pure_target
from typedws.schema.contract.types import LiteralOf, Record, Scalar
from typedws.schema.document.kinds import is_object
from typedws.schema.document.node import Node

__all__ = ["declared_values", "discriminator_of", "merged_union", "variants_of", "with_value", "words_for"]

_BESIDE = frozenset({"oneOf", "anyOf", "discriminator", "type", "nullable", "allOf"})
_CONDITIONS = frozenset({"required", "not", "if", "then", "else", "dependencies", "maxProperties", "minProperties"})


def variants_of(shape: Shape) -> list[Node] | None:
    """The alternatives of a shape, where it has any; of several lists the first that is one of types."""
    beside = shape.properties
    for listed in shape.variants:
        found = [variant for variant in listed.elements() if _is_type(variant, beside)]
        if found:
            return found
    return None


def words_for(variants: Sequence[Node]) -> list[str]:
    """What tells each alternative from the others, in a word: its title, a constant, or a property that only it has.

    Empty where there is nothing; a title that is a sentence says too much.
    """
    titles = [variant.text("title") if is_object(variant.value) else "" for variant in variants]
    properties: list[dict[str, Any]] = []
    for variant in variants:
        found = variant.object("properties") if is_object(variant.value) and "properties" in variant.value else None
        properties.append(found.value if found is not None else {})
    words: list[str] = []
    for number, title in enumerate(titles):
        others = [*properties[:number], *properties[number + 1 :]]
        own = [name for name in properties[number] if not any(name in other for other in others)]
        constants = [
            schema["const"]
            for schema in properties[number].values()
            if is_object(schema) and isinstance(schema.get("const"), str)
        ]
        candidates = [title if len(title) <= 40 else "", *constants[:1], *own[:1]]
        words.append(next((word for word in candidates if word and words.count(word) == 0), ""))
    return words


def merged_union(shape: Shape) -> list[Node] | None:
    """What must hold beside the alternatives; None where that is nothing, so that each stands for itself."""
    rest: list[Node] = []
    for part in shape.parts:
        kept = {
            key: value
            for key, value in part.value.items()
            if key not in _BESIDE and key not in ANNOTATIONS and not str(key).startswith("x-")
        }
        if kept:
            if "type" in part.value:
                kept["type"] = part.value["type"]
            rest.append(Node(kept, part.source, part.path))
    return rest or None


def discriminator_of(shape: Shape) -> tuple[str, dict[str, str]] | None:
    """The property that a `discriminator` names, and its mapping from values to references (OpenAPI)."""
    for member in shape.every("discriminator"):
        if isinstance(member.value, str) and member.value:
            return member.value, {}
        if is_object(member.value):
            name: Any = member.value.get("propertyName")
            mapping: Any = member.value.get("mapping")
            if isinstance(name, str) and name:
                pairs = mapping.items() if is_object(mapping) else ()
                return name, {str(value): str(target) for value, target in pairs}
        member.warn("discriminator", "a discriminator is the name of a property; it is left out")
    return None


def declared_values(shape: Shape, variants: list[Node]) -> list[tuple[Node, str, str]]:
    """What a declared discriminator says of the alternatives that are references: target, property and value.

    A value is what the mapping says, or else the name of the schema (AsyncAPI, Composition and Inheritance).
    """
    declared = discriminator_of(shape)
    if declared is None:
        return []
    field, mapping = declared
    by_target = {target.rsplit("/", 1)[-1]: value for value, target in mapping.items()}
    targets = [target for variant in variants if (target := pure_target(variant)) is not None]
    return [(target, field, by_target.get(target.key, target.key)) for target in targets]


def with_value(record: Record, wire_name: str, value: str) -> Record:
    """The record, with one value for a property that is any string so far."""
    fields = tuple(
        replace(field, type=LiteralOf((value,)))
        if field.wire_name == wire_name and field.type == Scalar("str")
        else field
        for field in record.fields
    )
    return replace(record, fields=fields)


def _is_type(variant: Node, beside: Container[str]) -> bool:
    """Whether an alternative says something about a type, and not only about which properties are there.

    Args:
        variant: the alternative.
        beside: the properties that there are anyway.
    """
    if not is_object(variant.value):
        return variant.value is True
    if variant.is_reference:
        return True
    keys = {key for key in variant.value if key not in ANNOTATIONS and not str(key).startswith("x-")}
    if not keys:
        return not variant.value
    if keys <= _CONDITIONS:
        return False
    if keys <= _CONDITIONS | {"properties"}:
        properties = variant.object("properties")
        # {"properties": {"ok": {"const": true}}} beside a property `ok` is a condition on it.
        return properties is None or not all(name in beside and _is_condition(it) for name, it in properties.items())
    return True


def _is_condition(schema: Node) -> bool:
    return is_object(schema.value) and set(schema.value) <= {"const", "enum", "not", *ANNOTATIONS} - {"$ref"}
