"""The messages of a document: which of them are one, what they are called, and how they travel.

A message is what travels, so two entries of a document with one payload schema are one message here. A payload that is
one of several objects is as many messages: each decodes to its own class.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from typedws.schema.building.names import RESERVED, camel
from typedws.schema.building.places import Hint, name_at, place_of, webhook_at
from typedws.schema.building.schemas import Schemas
from typedws.schema.building.shapes import Shape, pure_target
from typedws.schema.contract.api import Example, Format, Message
from typedws.schema.contract.types import ANY, NULL, Alias, Ref, Scalar, Type, UnionOf
from typedws.schema.document.node import Node
from typedws.schema.document.objects import Channel, Document, MessageObject

__all__ = ["Messages", "format_of", "is_binary_format", "is_error_name", "payload_place"]

_ERROR: Final = re.compile(r"(?:^|[^a-z])(error|errors|failure|failed|fault|rejected|nack|exception)(?:$|[^a-z])")
_MAX_DEPTH: Final = 16
"""Of alternatives in alternatives."""


class Messages:
    """The messages of a document, by the entries in it.

    Args:
        document: the document.
        schemas: builds their types.
    """

    def __init__(self, document: Document, schemas: Schemas) -> None:
        self._document = document
        self._schemas = schemas
        self._main = document.node.source.name
        self._by_name: dict[str, Message] = {}
        self._names: dict[Node, tuple[str, ...]] = {}
        self._events: dict[str, str] = {}
        self._labels = self._label(document.channels)

    def names(self, entry: MessageObject, channel: Channel) -> tuple[str, ...]:
        """The messages that an entry of a channel stands for: one, or as many as its payload has alternatives.

        Raises:
            SchemaError: its payload is no schema.
        """
        names = self._names.get(entry.node)
        if names is None:
            names = self._names[entry.node] = tuple(self._built(entry, channel))
        for name in names:
            known = self._by_name[name]
            if channel.key not in known.channels:
                self._by_name[name] = replace(known, channels=(*known.channels, channel.key))
        return names

    def get(self, name: str) -> Message:
        """The message of this name."""
        return self._by_name[name]

    def describe_records(self) -> None:
        """Gives a record that says nothing of itself the words of the one message that it is."""
        for message in self._by_name.values():
            record = self._schemas.record(message.name)
            if record is not None and not record.description and len(message.keys) == 1:
                self._schemas.revise(replace(record, description=message.description))

    def event(self, name: str) -> str:
        """The event that a message is, where its payload is that of a webhook; or else empty."""
        return self._events.get(name, "")

    def revise(self, message: Message) -> None:
        """Puts a message in the place of the one with its name."""
        self._by_name[message.name] = message

    def _label(self, channels: Iterable[Channel]) -> dict[Node, list[str]]:
        """What each payload would be called after its messages, best name first."""
        found: dict[Node, dict[str, None]] = {}
        owners: dict[str, set[Node]] = {}
        for channel in channels:
            for entry in channel.messages:
                place = payload_place(entry)
                label = label_of(entry)
                found.setdefault(place, {})[label] = None
                owners.setdefault(label, set()).add(place)
        return {
            place: [label for label in labels if len(owners[label]) == 1] if len(labels) == 1 else []
            for place, labels in found.items()
        }

    def _built(self, entry: MessageObject, channel: Channel) -> Iterable[str]:
        label = label_of(entry)
        place = payload_place(entry)
        hint = Hint(self._class_name(entry, place, channel))
        if entry.payload is None:
            entry.node.warn("no-payload", f"the message {entry.key!r} has no payload; anything is read")
            type_: Type = ANY
        else:
            # A payload that leads nowhere is a message that nobody could read: this raises.
            _ = entry.payload.target
            self._schemas.want_name(place, hint.name)
            type_ = self._schemas.at_place(place, hint)
        format_ = self._format(entry, type_)
        for number, member in enumerate(self._alternatives(type_), 1):
            name = self._declared(entry, member, hint, number, format_)
            self._events[name] = webhook_at(place)
            yield self._note(entry, name, format_, label)

    def _class_name(self, entry: MessageObject, place: Node, channel: Channel) -> str:
        """The shorter of what the message and what its schema is called; of the message's channel where both are used
        for several."""
        own = entry.extensions.get("x-typedws-name")
        if own is not None and isinstance(own.value, str):
            return own.value
        labels = self._labels.get(place, [])
        is_shared_place = entry.payload is not None and pure_target(entry.payload) is not None
        schema = camel(name_at(place), fallback="Message") if is_shared_place else ""
        if labels:
            label = camel(labels[0], fallback="Message")
            if schema and len(schema) < len(label):
                return schema
            return f"{label}Message" if label in RESERVED else label
        if schema:
            return schema
        return f"{camel(channel.key, fallback='Channel')}{camel(label_of(entry), fallback='Message')}"

    def _declared(self, entry: MessageObject, member: Type, hint: Hint, number: int, format_: Format) -> str:
        """The declaration that an alternative is, made where it has none."""
        if isinstance(member, Ref):
            return member.name
        about = Shape.of((entry.payload,)) if entry.payload is not None else None
        if format_ == "binary":
            member = Scalar("bytes")
        elif format_ == "text" and not (isinstance(member, Scalar) and member.kind == "str"):
            member = Scalar("str")
        description = entry.summary or entry.title or (about.text("description") if about is not None else "")
        name = hint.name if number == 1 else f"{hint.name}{number}"
        return self._schemas.alias(
            payload_place(entry), member, camel(name, fallback="Message"), description=description
        )

    def _alternatives(self, type_: Type, depth: int = 0) -> list[Type]:
        inner = type_
        for _ in range(8):
            declared = self._schemas.declared(inner.name) if isinstance(inner, Ref) else None
            if not isinstance(declared, Alias):
                break
            inner = declared.type
        if isinstance(inner, UnionOf):
            found: list[Type] = []
            for member in inner.members:
                # An alternative may be a union by itself.
                inner_ones = self._alternatives(member, depth + 1) if depth < _MAX_DEPTH else [member]
                found.extend(one for one in inner_ones if one not in found)
            if any(isinstance(member, Ref) for member in found):
                return [member for member in found if member != NULL]
        return [type_]

    def _note(self, entry: MessageObject, name: str, format_: Format, label: str) -> str:
        examples = tuple(Example(payload=example.payload, name=example.name) for example in entry.examples)
        if not examples and entry.payload is not None:
            examples = tuple(Example(payload=value) for value in Shape.of((entry.payload,)).examples)
        known = self._by_name.get(name)
        if known is None:
            self._by_name[name] = Message(
                name=name,
                keys=(entry.key,),
                format=format_,
                pointer=place_of(entry.node, self._main),
                examples=examples,
                is_error=is_error_name(entry.key) or is_error_name(label) or is_error_name(name),
                description=entry.description or entry.summary or entry.title,
            )
        else:
            keys = known.keys if entry.key in known.keys else (*known.keys, entry.key)
            more = tuple(example for example in examples if example not in known.examples)
            self._by_name[name] = replace(known, keys=keys, examples=(*known.examples, *more))
        return name

    def _format(self, entry: MessageObject, type_: Type) -> Format:
        """How a message travels, by its content type and by what its payload is."""
        said = format_of(entry.content_type)
        whole = Shape.of((entry.payload,)) if entry.payload is not None else Shape()
        is_bytes = whole.text("format") == "binary" or whole.text("contentMediaType").startswith(("audio/", "video/"))
        if said in ("cbor", "msgpack"):
            return said
        if is_bytes and not isinstance(type_, Ref):
            return "binary"
        if said is None and isinstance(type_, Ref | UnionOf):
            entry.node.warn(
                "content-type",
                f"nothing is known of the content type {entry.content_type!r}; the message is taken for JSON",
                suggestion="use application/json, application/cbor or application/msgpack",
            )
            return "json"
        if said is None:
            entry.node.warn(
                "content-type",
                f"nothing is known of the content type {entry.content_type!r}; its messages are binary frames of bytes",
                suggestion="use application/octet-stream where that is right",
            )
            return "binary"
        if said == "json" and not entry.content_type and isinstance(type_, Scalar) and type_.kind == "str":
            return "text"
        if said in ("text", "binary") and isinstance(type_, Ref) and self._schemas.record(type_.name) is not None:
            entry.node.warn(
                "content-type",
                f"an object cannot travel as {entry.content_type!r}; the message is taken for JSON",
                suggestion="use application/json",
            )
            return "json"
        return said


def format_of(content_type: str) -> Format | None:
    """The format of a content type; JSON where there is none, None where it is not known."""
    kind, _, subtype = content_type.partition("/")
    subtype = subtype.removeprefix("x-").removeprefix("vnd.")
    if not content_type or subtype == "json" or subtype.endswith("+json") or subtype == "schema+json":
        return "json"
    if subtype == "cbor" or subtype.endswith("+cbor"):
        return "cbor"
    if subtype in ("msgpack", "messagepack") or subtype.endswith(("+msgpack", ".msgpack")):
        return "msgpack"
    if kind == "text":
        return "text"
    if kind in ("audio", "video", "image") or subtype == "octet-stream":
        return "binary"
    return None


def is_binary_format(document: Document) -> bool:
    """Whether the objects of a document travel in a format that has bytes of its own."""
    formats = Counter(format_of(entry.content_type) for channel in document.channels for entry in channel.messages)
    return formats["msgpack"] + formats["cbor"] > formats["json"]


def is_error_name(name: str) -> bool:
    """Whether a name speaks of an error."""
    spread = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    return _ERROR.search(spread) is not None


def label_of(entry: MessageObject) -> str:
    """What a message is called: its key where that is a name, or else its `name` or `title`."""
    if re.fullmatch(r"[A-Za-z][\w.\- :]*", entry.key) and len(entry.key) <= 60:
        return entry.key
    for other in (entry.name, entry.title):
        if re.fullmatch(r"[A-Za-z][\w.\- :]*", other) and len(other) <= 60:
            return other
    return entry.key or entry.name or entry.title


def payload_place(entry: MessageObject) -> Node:
    """The place of a message's payload, references followed; that of the message where it has none."""
    if entry.payload is None:
        return entry.node
    place = entry.payload
    for _ in range(32):
        target = pure_target(place)
        if target is None or target == place:
            return place
        place = target
    return place
