"""Messages, of either version."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from typedws.errors import SchemaError
from typedws.schema.document.kinds import is_array, is_object, kind_of
from typedws.schema.document.layers import Layers, layered
from typedws.schema.document.node import Node
from typedws.schema.document.objects import ExampleObject, MessageObject
from typedws.schema.document.scope import Scope, chain_of, media_type
from typedws.schema.document.tolerance import behind, object_behind

__all__ = ["Messages"]

_READ: Final = re.compile(
    r"application/(?:vnd\.(?:aai\.)?asyncapi|vnd\.oai\.openapi|schema|openapi)(?:\+json|\+yaml|\+yml)?"
)
_NOT_READ: Final = (
    ("avro", "Avro"),
    ("protobuf", "Protobuf"),
    ("raml", "RAML"),
    ("xml", "XML"),
    ("thrift", "Thrift"),
    ("graphql", "GraphQL"),
    ("flatbuffer", "FlatBuffers"),
)
_ABOUT_EXAMPLE: Final = {"name", "summary", "headers", "description", "title"}


class Messages:
    """The messages of a document, each read once."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._read: dict[Node, MessageObject] = {}
        self._components: dict[Node, str] = {}
        components = scope.component("messages")
        for key, node in () if components is None else components.items():
            # One that leads nowhere is reported where it is used.
            if node.is_reference or is_object(node.value):
                for step in _steps(node):
                    self._components.setdefault(step, key)

    def read(self, node: Node, *, key: str) -> MessageObject | None:
        """The message at a place; None where there is none, which is reported as an error.

        Args:
            node: a message, or a reference to one.
            key: what it is called where it is defined nowhere else.
        """
        target = object_behind(node, f"the message {key!r}", severity="error")
        if target is None:
            return None
        known = self._read.get(target)
        if known is None:
            known = self._read[target] = self._message(target, self._key(node, target, key))
        return known

    def _key(self, node: Node, target: Node, key: str) -> str:
        for step in chain_of(node):
            if step in self._components:
                return self._components[step]
        path = target.path
        # An array of messages has positions, not names.
        return path[-1] if len(path) >= 2 and path[-2] == "messages" and isinstance(path[-1], str) else key

    def _message(self, node: Node, key: str) -> MessageObject:
        layers = layered(node, traits_win=self._scope.version == 2)
        payload, schema_format = _payload(node, layers, key)
        correlation = layers.objects("correlationId")
        headers = node.child("headers")
        if headers is not None:
            headers.warn(
                "message-headers",
                f"the message {key!r} has headers, and messages on a WebSocket have none; they are left out",
                suggestion="put them into the payload",
            )
        return MessageObject(
            key=key,
            node=node,
            name=layers.text("name"),
            title=layers.text("title"),
            summary=layers.text("summary"),
            description=layers.text("description"),
            payload=payload,
            content_type=media_type(layers.text("contentType")) or self._scope.default_content_type,
            schema_format=schema_format,
            correlation=correlation.text("location"),
            examples=tuple(_examples(layers)),
            deprecated=layers.flag("deprecated"),
            extensions=layers.extensions(),
        )


def _steps(node: Node) -> tuple[Node, ...]:
    try:
        return chain_of(node)
    except SchemaError:
        return (node,)


def _payload(message: Node, layers: Layers, key: str) -> tuple[Node | None, str]:
    """The schema of the payload, out of its Multi Format Schema Object where it is in one, and its format.

    Raises:
        SchemaError: it is in a format that is not read, or no schema, or a reference that leads nowhere.
    """
    payload = layers.child("payload")
    stated = layers.text("schemaFormat")
    if payload is None:
        return None, ""
    target = payload.target
    if is_object(target.value) and "schemaFormat" in target.value and "schema" in target.value:
        stated = target.text("schemaFormat") or stated
        _check_format(target, stated, key)
        payload = target.child("schema") or target
        target = payload.target
    elif stated:
        _check_format(message, stated, key)
    if not isinstance(target.value, dict | bool):
        raise payload.error(f"the payload of the message {key!r} is a schema, not {kind_of(target.value)}")
    return payload, "" if "asyncapi" in stated.lower() else stated


def _check_format(node: Node, stated: str, key: str) -> None:
    plain = media_type(stated)
    if _READ.fullmatch(plain):
        return
    for part, name in _NOT_READ:
        if part in plain:
            raise node.error(
                f"the payload of the message {key!r} is a schema of {name} ({stated[:100]!r}), which is not read; "
                "JSON Schema, AsyncAPI and OpenAPI 3.0 are"
            )
    node.warn(
        "unknown-schema-format",
        f"the schema format {stated[:100]!r} of the message {key!r} is not known; it is read as JSON Schema",
        suggestion="leave 'schemaFormat' out, or write application/schema+json;version=draft-07",
    )


def _examples(layers: Layers) -> Iterator[ExampleObject]:
    found = layers.child("examples")
    if found is not None:
        found = behind(found, "the examples")
    if found is not None and is_array(found.value):
        for item in found.elements():
            yield from _example(item, "")
    elif found is not None and is_object(found.value):
        found.warn("loose-example", "'examples' is an array, not an object; its members are taken")
        for name, item in found.items():
            yield from _example(item, name)
    elif found is not None:
        found.warn("wrong-type", f"'examples' is an array, not {kind_of(found.value)}; it is left out")
    single = layers.child("example")
    if single is not None:
        single.warn("loose-example", "'example' is no member of messages; it is taken as one of 'examples'")
        yield from _example(single, "")


def _example(item: Node, name: str) -> Iterator[ExampleObject]:
    target = behind(item, "an example")
    if target is None:
        return
    value: Any = target.value
    if is_object(value):
        name = target.text("name") if isinstance(value.get("name"), str) else name
        if "payload" in value:
            yield ExampleObject(payload=value["payload"], name=name)
            return
        if "value" in value and set(value) <= {*_ABOUT_EXAMPLE, "value"}:
            item.warn("loose-example", "the example has 'value', as in OpenAPI; it is taken as 'payload'")
            yield ExampleObject(payload=value["value"], name=name)
            return
        if "headers" in value and set(value) <= _ABOUT_EXAMPLE:
            return
    item.warn("loose-example", "the example has no 'payload'; it is taken as the payload itself")
    yield ExampleObject(payload=value, name="")
