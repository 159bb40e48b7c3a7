"""The places in a document that are no messages: servers, security, addresses, and the opening handshake."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from typedws.converters.base import WebsocketContentConverter
from typedws.errors import SchemaError
from typedws.schema.exporting.api import Api
from typedws.schema.exporting.channel import CONTENT_TYPES, Channel
from typedws.schema.exporting.declaration import Security, Variable
from typedws.schema.exporting.links import Schema
from typedws.schema.exporting.schemas import Schemas

__all__ = ["bindings_of", "parameters_of", "security_schemes", "servers_of", "spoken_by"]


def spoken_by(channel: Channel[Any, Any]) -> WebsocketContentConverter | None:
    """The converter that messages are described for: that of the first subprotocol, or else the only one."""
    return next(iter((channel.converters or {}).values()), channel.converter)


def security_schemes(api: Api) -> dict[Security, tuple[str, Schema]]:
    """Every scheme that a server asks for, with its key and its description."""
    found: dict[Security, tuple[str, Schema]] = {}
    for server in api.servers:
        for security in server.security:
            key = re.sub(r"[^A-Za-z0-9._-]+", "_", security.name) or security.kind
            taken = {key for key, _ in found.values()}
            number = 2
            while key in taken:
                key, number = f"{security.kind}{number}", number + 1
            found.setdefault(security, (key, _scheme(security)))
    return found


def _scheme(security: Security) -> Schema:
    if security.kind in ("bearer", "basic"):
        scheme = {"type": "http", "scheme": security.kind}
    else:
        scheme = {"type": "httpApiKey", "name": security.name, "in": security.kind}
    return scheme | ({"description": security.description} if security.description else {})


def servers_of(api: Api, schemes: dict[Security, tuple[str, Schema]]) -> Schema:
    """The servers of a document."""
    made: Schema = {}
    for server in api.servers:
        protocol, _, rest = server.url.partition("://")
        host, slash, path = rest.partition("/")
        one: Schema = {"host": host, **({"pathname": slash + path} if path else {}), "protocol": protocol.lower()}
        if server.description:
            one["description"] = server.description
        variables = _variables(server.url, server.variables)
        if variables:
            one["variables"] = variables
        if server.security:
            one["security"] = [{"$ref": f"#/components/securitySchemes/{schemes[each][0]}"} for each in server.security]
        made[server.name] = one
    return made


def parameters_of(channel: Channel[Any, Any]) -> Schema:
    """The parameters of a channel's address."""
    return _variables(channel.address or "", channel.parameters)


def _variables(template: str, variables: Sequence[Variable]) -> Schema:
    known = {variable.name: variable for variable in variables}
    made: Schema = {}
    for name in re.findall(r"\{([^{}]+)\}", template):
        variable = known.get(name, Variable(name))
        one: Schema = {"description": variable.description} if variable.description else {}
        if variable.enum:
            one["enum"] = list(variable.enum)
        if variable.default is not None:
            one["default"] = variable.default
        made[name] = one
    return made


def bindings_of(channel: Channel[Any, Any], schemas: Schemas) -> tuple[Schema, Schema]:
    """The WebSocket binding of a channel, and our own members beside it."""
    made: Schema = {"method": "GET"}
    for key, form in (("query", channel.query), ("headers", channel.headers)):
        if form is not None:
            schema = schemas.inline(form, "validation")
            if schema.get("type") != "object" or "properties" not in schema:
                raise SchemaError(
                    f"channel {channel.name!r}: {key}= is a class whose fields are the parameters, "
                    f"not {getattr(form, '__name__', form)}",
                    pointer=f"#/channels/{channel.name}",
                )
            made[key] = schema
    converters = channel.converters or {}
    subprotocols = list(dict.fromkeys((*converters, *channel.subprotocols)))
    ours: Schema = {}
    if subprotocols:
        headers = made.setdefault("headers", {"type": "object", "properties": {}})
        headers["properties"] = {
            **headers["properties"],
            "Sec-WebSocket-Protocol": {"type": "string", "enum": subprotocols},
        }
        # A client that was generated from the document speaks the format that the document describes.
        spoken = _format(spoken_by(channel))
        same = [name for name in subprotocols if _format(converters.get(name, channel.converter)) == spoken]
        ours["x-typedws-subprotocols"] = same
    made["bindingVersion"] = "0.1.0"
    return made, ours


def _format(converter: WebsocketContentConverter | None) -> str | None:
    return None if converter is None else CONTENT_TYPES.get(converter.name, converter.name)
