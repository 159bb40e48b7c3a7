"""From a declaration to a document: `export(api)` is AsyncAPI 3.1, as plain data.

The document is told by the server: what it receives is `receive`, and `x-typedws-perspective` says so. Each message
that can be received is an operation of its own, so that a generated client has a method for it; what is sent is one
operation for each channel.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Union, cast

from typedws.converters.base import ChecksTypes
from typedws.converters.failures import describe
from typedws.errors import SchemaError
from typedws.schema.exporting.api import Api
from typedws.schema.exporting.channel import CONTENT_TYPES, Channel, Reply
from typedws.schema.exporting.endpoints import bindings_of, parameters_of, security_schemes, servers_of, spoken_by
from typedws.schema.exporting.examples import written_examples
from typedws.schema.exporting.forms import BINARY, Form, messages_in
from typedws.schema.exporting.links import Mode, Schema
from typedws.schema.exporting.schemas import Schemas

__all__ = ["export"]

_READ: Final[Mode] = "validation"
_WRITTEN: Final[Mode] = "serialization"


def export(api: Api) -> dict[str, Any]:
    """Describes an API as an AsyncAPI 3.1 document.

    Returns:
        the document: dicts, lists, str, int, float, bool and None.

    Raises:
        SchemaError: a type that cannot be described, or that the server could not read. It names the channel and the
            type.
    """
    return _Exporter(api).document()


@dataclass(frozen=True, slots=True, eq=False)
class _Traffic:
    """A channel with its messages, by the names that they have in the document once they have some."""

    channel: Channel[Any, Any]
    content_type: str | None
    incoming: list[Form]
    outgoing: list[Form]
    keys: dict[Form, str] = field(default_factory=dict[Form, str])


class _Exporter:
    def __init__(self, api: Api) -> None:
        self._api = api
        self._schemas = Schemas()
        self._messages: dict[str, Schema] = {}
        self._operations: dict[str, Schema] = {}

    def document(self) -> dict[str, Any]:
        api = self._api
        traffic = [self._survey(channel) for channel in api.channels]
        for one in traffic:
            self._add_read(one)
        for one in traffic:
            self._add_messages(one, one.channel.outgoing, one.outgoing, _WRITTEN)
        self._schemas.settle()
        default = next((one.content_type for one in traffic if one.content_type), CONTENT_TYPES["json"])
        for one in traffic:
            for form in one.incoming:
                one.keys[form] = self._message(one, form, _READ, default)
            for form in one.outgoing:
                one.keys[form] = self._message(one, form, _WRITTEN, default)
        channels = {one.channel.name: self._channel(one) for one in traffic}
        for one in traffic:
            self._operate(one)
        schemes = security_schemes(api)
        components = {
            "messages": self._messages,
            "schemas": self._schemas.components,
            "securitySchemes": {key: scheme for key, scheme in schemes.values()},
        }
        return {
            "asyncapi": "3.1.0",
            "info": _said(title=api.title, version=api.version, description=api.description),
            "x-typedws-perspective": "server",
            "defaultContentType": default,
            **_said(servers=servers_of(api, schemes)),
            "channels": channels,
            **_said(operations=self._operations, components=_said(**components)),
        }

    # What there is.

    def _survey(self, channel: Channel[Any, Any]) -> _Traffic:
        spoken = spoken_by(channel)
        content_type = channel.content_type or (CONTENT_TYPES.get(spoken.name) if spoken else None)
        with _naming(channel, channel.incoming):
            incoming = messages_in(channel.incoming)
        with _naming(channel, channel.outgoing):
            outgoing = messages_in(channel.outgoing)
        return _Traffic(channel, content_type, incoming, outgoing)

    def _add_read(self, traffic: _Traffic) -> None:
        channel = traffic.channel
        self._add_messages(traffic, channel.incoming, traffic.incoming, _READ)
        converted = tuple(form.form for form in traffic.incoming if form.content_type is None)
        spoken = spoken_by(channel)
        if converted and isinstance(spoken, ChecksTypes):
            with _naming(channel, channel.incoming):
                union: Any = cast("Any", Union)[converted]
                spoken.check_type(union)
        for parameters in (channel.query, channel.headers):
            if parameters is not None:
                with _naming(channel, parameters):
                    self._schemas.add(parameters, _READ)

    def _add_messages(self, traffic: _Traffic, whole: Any, forms: list[Form], mode: Mode) -> None:
        for form in forms:
            with _naming(traffic.channel, form.form):
                if form.content_type is None and traffic.content_type is None:
                    raise TypeError(
                        "nothing says how it is written: give the channel a converter of ours, or content_type="
                    )
                self._schemas.add(form.form, mode)
        if len(forms) > 1 and all(form.content_type is None for form in forms):
            with _naming(traffic.channel, whole):
                self._schemas.add_union(whole, mode)

    # Messages.

    def _message(self, traffic: _Traffic, form: Form, mode: Mode, default: str) -> str:
        content_type = form.content_type or traffic.content_type
        payload = self._schemas.schema(form.form, mode)
        if content_type == BINARY:
            payload = {"type": "string", "format": "binary"}
        note = form.note
        with _naming(traffic.channel, form.form):
            examples = written_examples(form)
        own = payload["$ref"].rpartition("/")[2] if "$ref" in payload else form.name
        name = note.name or own or "Message"
        message = _said(
            name=name,
            summary=note.summary,
            description=note.description,
            contentType="" if content_type == default else content_type,
        )
        message["payload"] = payload
        message |= _said(examples=[{"payload": example} for example in examples])
        key, number = name, 2
        while self._messages.setdefault(key, message) != message:
            key, number = f"{name}{number}", number + 1
            message["name"] = key
        return key

    # Channels and operations.

    def _channel(self, traffic: _Traffic) -> Schema:
        channel = traffic.channel
        bindings, ours = bindings_of(channel, self._schemas)
        reference = "#/components/messages/"
        return {
            **_said(title=channel.title, description=channel.description),
            "address": channel.address,
            **_said(
                servers=[{"$ref": f"#/servers/{name}"} for name in channel.servers],
                parameters=parameters_of(channel),
                messages={key: {"$ref": reference + key} for key in dict.fromkeys(traffic.keys.values())},
            ),
            "bindings": {"ws": bindings},
            **ours,
        }

    def _operate(self, traffic: _Traffic) -> None:
        channel = traffic.channel
        replies: dict[str, tuple[Reply, list[str]]] = {}
        for reply in channel.replies:
            requests = self._named(traffic, reply.request, traffic.incoming, "incoming")
            answers = self._named(traffic, reply.reply, traffic.outgoing, "outgoing")
            for key in requests:
                if key in replies:
                    raise _error(channel, f"{key} has two replies: give it one Reply with a union")
                replies[key] = (reply, answers)
                self._correlate(channel, key, reply.correlation)
            for key in answers:
                self._correlate(channel, key, reply.reply_correlation or reply.correlation)
        for form in traffic.incoming:
            key = traffic.keys[form]
            operation = self._operation(channel, "receive", [key])
            if key in replies:
                reply, answers = replies[key]
                operation |= _said(description=reply.description)
                operation["reply"] = {
                    "channel": {"$ref": f"#/channels/{channel.name}"},
                    "messages": _references(channel, answers),
                }
            operation = {**_said(summary=form.note.summary or self._summary(form)), **operation}
            self._add_operation(_lower(key), f"{_lower(channel.name)}{_upper(key)}", operation)
        sent = list(dict.fromkeys(traffic.keys[form] for form in traffic.outgoing))
        if sent:
            name = f"send{_upper(channel.name)}"
            self._add_operation(name, name, self._operation(channel, "send", sent))

    @staticmethod
    def _operation(channel: Channel[Any, Any], action: str, keys: list[str]) -> Schema:
        return {
            "action": action,
            "channel": {"$ref": f"#/channels/{channel.name}"},
            "messages": _references(channel, keys),
        }

    def _add_operation(self, short: str, long: str, operation: Schema) -> None:
        key, number = short if short not in self._operations else long, 2
        while key in self._operations:
            key, number = f"{long}{number}", number + 1
        self._operations[key] = operation

    @staticmethod
    def _summary(form: Form) -> str:
        doc = getattr(form.form, "__doc__", None) if isinstance(form.form, type) else None
        first = (doc or "").strip().partition("\n")[0].strip()
        return "" if first.startswith(f"{getattr(form.form, '__name__', '')}(") or form.content_type else first

    def _named(self, traffic: _Traffic, wanted: Any, forms: list[Form], where: str) -> list[str]:
        """The keys of the messages in a part of a `Reply`."""
        channel = traffic.channel
        with _naming(channel, wanted):
            members = messages_in(wanted)
        keys: list[str] = []
        for member in members:
            found = next((form for form in forms if form.form is member.form or form.form == member.form), None)
            if found is None:
                raise _error(channel, f"{describe(member.form)} is in a Reply, and not among {where}= of the channel")
            keys.append(traffic.keys[found])
        return keys

    def _correlate(self, channel: Channel[Any, Any], key: str, name: str | None) -> None:
        if name is None:
            return
        message = self._messages[key]
        schema = message["payload"]
        for part in name.split("."):
            while "$ref" in schema:
                schema = self._schemas.components[schema["$ref"].rpartition("/")[2]]
            properties = schema.get("properties", {})
            if part not in properties:
                known = ", ".join(repr(one) for one in properties) or "none"
                raise _error(
                    channel, f"{key} has no property {part!r} for the correlation {name!r}; its properties: {known}"
                )
            schema = properties[part]
        pointer = "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in name.split("."))
        location = {"location": f"$message.payload#{pointer}"}
        if message.setdefault("correlationId", location) != location:
            raise _error(channel, f"{key} is told to have its correlation at two places, one of them {name!r}")


def _references(channel: Channel[Any, Any], keys: list[str]) -> list[Schema]:
    return [{"$ref": f"#/channels/{channel.name}/messages/{key}"} for key in dict.fromkeys(keys)]


def _said(**members: Any) -> Schema:
    """Those that are not empty."""
    return {key: value for key, value in members.items() if value}


def _lower(name: str) -> str:
    return name[:1].lower() + name[1:]


def _upper(name: str) -> str:
    return name[:1].upper() + name[1:]


def _error(channel: Channel[Any, Any], message: str) -> SchemaError:
    return SchemaError(f"channel {channel.name!r}: {message}", pointer=f"#/channels/{channel.name}")


@contextmanager
def _naming(channel: Channel[Any, Any], form: Any) -> Generator[None]:
    """What goes wrong inside is an error that names the channel and the type."""
    try:
        yield
    except SchemaError:
        raise
    except Exception as error:  # describing a type runs code of its classes
        text = " ".join(str(error).split())
        raise _error(channel, f"{describe(form)} cannot be described: {text or type(error).__name__}") from error
