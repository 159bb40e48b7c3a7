"""What is valid in the eyes of a document, decided without any of the builder's work: by `jsonschema`, from the nodes.

Nodes know where references lead, in other files and through keys with slashes; everything else is taken as it stands.
"""

from __future__ import annotations

import functools
from typing import Any, Final

from jsonschema import Draft202012Validator

from typedws import SchemaError
from typedws.schema.document.node import Node

__all__ = ["Oracle", "oracle_for"]

_MAPS: Final = frozenset({"properties", "patternProperties"})
_LISTS: Final = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_SCHEMAS: Final = frozenset(
    {"additionalProperties", "items", "additionalItems", "not", "if", "then", "else", "contains"}
)
_NUMBERS: Final = frozenset({"exclusiveMinimum", "exclusiveMaximum"})
_UNSAID: Final = frozenset({"not", "if", "then", "else"})
_DROPPED: Final = frozenset(
    {"$id", "id", "$schema", "$ref", "definitions", "$defs", "$anchor", "discriminator", "examples"}
)


class Oracle:
    """Says which values a schema of a document allows.

    Args:
        payload: the schema.
        loose: whether to leave out what no type can say: `not`, `if`, and that only one member of `oneOf` may be right.
    """

    def __init__(self, payload: Node, *, loose: bool = False) -> None:
        self._loose = loose
        self._definitions: dict[str, Any] = {}
        self._names: dict[Node, str] = {}
        schema = {"allOf": [self._schema(payload)], "$defs": self._definitions}
        self._validator = Draft202012Validator(schema)

    def allows(self, value: Any) -> bool:
        """Whether a value is valid."""
        return bool(self._validator.is_valid(value))

    def problem(self, value: Any) -> str:
        """What is wrong with it; empty where nothing is."""
        found = next(self._validator.iter_errors(value), None)
        return "" if found is None else f"{found.json_path}: {found.message[:300]}"

    def _schema(self, node: Node) -> Any:
        if not isinstance(node.value, dict):
            return node.value if isinstance(node.value, bool) else True
        own = self._own(node)
        if not node.is_reference:
            return own
        try:
            return {"allOf": [self._reference(node.target), own]}
        except SchemaError:
            return own  # what leads nowhere says nothing

    def _reference(self, target: Node) -> dict[str, str]:
        name = self._names.get(target)
        if name is None:
            name = self._names[target] = str(len(self._names))
            self._definitions[name] = True
            self._definitions[name] = self._schema(self._behind(target))
        return {"$ref": f"#/$defs/{name}"}

    @staticmethod
    def _behind(target: Node) -> Node:
        """A reference to a message means its payload."""
        payload = target.child("payload") if isinstance(target.value, dict) else None
        return target if payload is None or "type" in target.value else payload

    def _own(self, node: Node) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in node.value.items():
            if key in _DROPPED or (self._loose and key in _UNSAID):
                continue
            inner = Node(value, node.source, (*node.path, key))
            if key == "items" and isinstance(value, list):
                found["prefixItems"] = self._several(inner)
            elif key in _MAPS and isinstance(value, dict):
                found[key] = {
                    name: self._schema(Node(each, node.source, (*inner.path, name))) for name, each in value.items()
                }
            elif key in _LISTS and isinstance(value, list):
                found["anyOf" if self._loose and key == "oneOf" and "anyOf" not in node.value else key] = self._several(
                    inner
                )
            elif key in _SCHEMAS:
                found[key] = self._schema(inner)
            elif key == "required" and not isinstance(value, list):
                continue  # OpenAPI once had a boolean there
            elif key in _NUMBERS and isinstance(value, bool):
                continue
            else:
                found[key] = value
        found.update(_nullable(found))
        return found

    def _several(self, node: Node) -> list[Any]:
        return [self._schema(Node(each, node.source, (*node.path, number))) for number, each in enumerate(node.value)]


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """`nullable` of OpenAPI, in the words of JSON Schema."""
    if schema.get("nullable") is not True or "type" not in schema:
        return {}
    said = schema["type"]
    types = [*(said if isinstance(said, list) else [said]), "null"]
    return {"type": types, **({"enum": [*schema["enum"], None]} if "enum" in schema else {})}


@functools.cache
def oracle_for(payload: Node, *, loose: bool = False) -> Oracle:
    """The oracle of a payload, made once."""
    return Oracle(payload, loose=loose)
