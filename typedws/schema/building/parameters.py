"""The arguments of `connect`: variables of servers and addresses, query and header bindings, credentials."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from typedws.schema.building.names import snake, unique
from typedws.schema.building.places import Hint
from typedws.schema.building.schemas import Schemas
from typedws.schema.building.shapes import Shape
from typedws.schema.building.sockets import Socket
from typedws.schema.contract.api import Credential, Parameter, Place
from typedws.schema.contract.types import NULL, Alias, ListOf, LiteralOf, Ref, Scalar, Type, UnionOf
from typedws.schema.document.kinds import is_array
from typedws.schema.document.node import Node
from typedws.schema.document.objects import OperationObject, SecurityScheme, Variable

__all__ = ["Arguments", "variable"]

_TAKEN: Final = ("cls", "self", "server", "url", "options", "headers", "path", "converter", "config")
_SECRET: Final = ("authorization", "api-key", "api_key", "apikey", "token", "secret", "access_token", "signature")
_FORBIDDEN: Final = ("connection", "upgrade", "host", "sec-websocket-key", "sec-websocket-version")


class Arguments:
    """The arguments of one connection.

    Args:
        schemas: builds the types of query and header parameters.
        socket: the connection.
        operations: what is done on it; they may ask for credentials of their own.
    """

    def __init__(self, schemas: Schemas, socket: Socket, operations: Iterable[OperationObject]) -> None:
        self._schemas = schemas
        self.parameters: list[Parameter] = []
        self.credentials: list[Credential] = []
        self.subprotocols: tuple[str, ...] = ()
        templates = " ".join([*(server.url for server in socket.urls), socket.path])
        known: set[str] = set()
        variables = [
            *(variable for server in socket.servers for variable in server.variables),
            *(variable for channel in socket.channels for variable in channel.parameters),
        ]
        for found in variables:
            if found.name not in known and f"{{{found.name}}}" in templates:
                known.add(found.name)
                self.parameters.append(variable(found, self._names))
        self._undeclared(socket, templates, known)
        for found in variables:
            if found.name not in known and any(found in server.variables for server in socket.servers):
                known.add(found.name)
                found.node.warn(
                    "unused-variable",
                    f"the variable {found.name!r} is in no URL; it is taken for a query parameter",
                    suggestion=f"put {{{found.name}}} into host or pathname, or describe the query in a binding",
                )
                self.parameters.append(replace(variable(found, self._names), place="query", required=False))
        for channel in socket.channels:
            if channel.query is not None:
                self._bind(channel.query, "query")
            if channel.headers is not None:
                self._bind(channel.headers, "header")
        for channel in socket.channels:
            # Of a server that speaks several formats, the subprotocols of the one that the document describes.
            spoken = channel.extensions.get("x-typedws-subprotocols")
            if spoken is not None and is_array(spoken.value):
                self.subprotocols = tuple(name for name in spoken.value if isinstance(name, str))
        schemes = [scheme for server in socket.servers for scheme in server.security]
        schemes.extend(scheme for operation in operations for scheme in operation.security)
        for scheme in schemes:
            self._secure(scheme)

    @property
    def _names(self) -> set[str]:
        return {*_TAKEN, *(found.name for found in self.parameters), *(found.name for found in self.credentials)}

    def _undeclared(self, socket: Socket, templates: str, known: set[str]) -> None:
        """Variables that a URL has and nobody describes."""
        for name in dict.fromkeys(re.findall(r"\{([^{}/]+)\}", templates)):
            if name not in known:
                socket.channels[0].node.warn(
                    "undeclared-variable", f"the variable {name!r} is not described; it is a string"
                )
                self.parameters.append(
                    Parameter(
                        name=unique(snake(name), self._names),
                        wire_name=name,
                        place="variable",
                        type=Scalar("str"),
                        required=True,
                    )
                )

    def _bind(self, schema: Node, place: Place) -> None:
        shape = Shape.of((schema,))
        required = shape.required
        known = {(found.place, found.wire_name) for found in self.parameters}
        for wire_name, nodes in shape.properties.items():
            about = Shape.of(nodes)
            lower = wire_name.lower()
            if (place, wire_name) in known:
                continue
            if place == "header" and lower == "sec-websocket-protocol":
                self.subprotocols = tuple(value for value in about.values or () if isinstance(value, str))
                continue
            if place == "header" and (lower in _FORBIDDEN or not _is_token(wire_name)):
                nodes[0].warn("header", f"the header field {wire_name!r} cannot be set; it is left out")
                continue
            description = about.text("description")
            if lower.removeprefix("x-") in _SECRET:
                self._credential(
                    Credential(
                        name=unique(snake(wire_name), self._names),
                        kind="header" if place == "header" else "query",
                        wire_name=wire_name,
                        description=description,
                    )
                )
                continue
            type_ = self._simple(self._schemas.type_of(nodes[0], Hint(wire_name)))
            values: tuple[Any, ...] = about.values or ()
            fixed = len(values) == 1 and isinstance(values[0], str | int | float)
            self.parameters.append(
                Parameter(
                    name=unique(snake(wire_name), self._names),
                    wire_name=wire_name,
                    place=place,
                    type=type_,
                    required=wire_name in required and not fixed,
                    default=values[0] if fixed else None,
                    fixed=fixed,
                    description=_with_default(description, about),
                )
            )

    def _simple(self, type_: Type, *, in_list: bool = False) -> Type:
        """A type that fits into a URL or a header field: anything else is a string."""
        inner = type_
        for _ in range(4):
            declared = self._schemas.declared(inner.name) if isinstance(inner, Ref) else None
            if not isinstance(declared, Alias):
                break
            inner = declared.type
        match inner:
            case Scalar(kind, _) if kind in ("str", "int", "float", "bool"):
                return Scalar(kind)
            case LiteralOf():
                return inner
            case ListOf(item, _) if not in_list:
                return ListOf(self._simple(item, in_list=True))
            case UnionOf(members, _):
                others = [member for member in members if isinstance(member, Scalar | LiteralOf) and member != NULL]
                return self._simple(others[0]) if len(others) == 1 and len(members) == 2 else Scalar("str")
            case _:
                return Scalar("str")

    def _secure(self, scheme: SecurityScheme) -> None:
        name = scheme.name or scheme.key
        match scheme.type, scheme.scheme.lower():
            case ("http", "basic") | ("userPassword", _) | ("plain", _):
                kind, wire_name, wanted = "basic", "Authorization", "basic_auth"
            case ("http", "bearer" | "") | ("oauth2", _) | ("openIdConnect", _):
                kind, wire_name, wanted = "bearer", "Authorization", "token"
            case ("httpApiKey", _) if scheme.location in ("header", "query", "cookie"):
                kind, wire_name, wanted = scheme.location, name, snake(name)
            case ("apiKey", _):
                scheme.node.warn(
                    "security",
                    f"the security scheme {scheme.key!r} says {scheme.type!r}, which a WebSocket has no place for",
                    suggestion="use httpApiKey, or pass what it needs as headers=, subprotocols or a first message",
                )
                return
            case _:
                scheme.node.warn(
                    "security",
                    f"the security scheme {scheme.key!r} ({scheme.type or 'without a type'}) is not expressed",
                    suggestion="pass what it needs as headers=, ssl_context= or a first message",
                )
                return
        self._credential(
            Credential(
                name=unique(wanted, self._names),
                kind=kind,  # type: ignore[arg-type]
                wire_name=wire_name,
                description=scheme.description,
            )
        )

    def _credential(self, credential: Credential) -> None:
        if not any(
            (known.kind, known.wire_name.lower()) == (credential.kind, credential.wire_name.lower())
            for known in self.credentials
        ):
            self.credentials.append(credential)


def variable(found: Variable, taken: Iterable[str]) -> Parameter:
    """A variable of a URL, or of a channel's address, as an argument."""
    return Parameter(
        name=unique(snake(found.name), taken),
        wire_name=found.name,
        place="variable",
        type=LiteralOf(found.enum) if found.enum else Scalar("str"),
        required=found.default is None,
        default=found.default,
        description=found.description,
    )


def _with_default(description: str, about: Shape) -> str:
    default = about.first("default")
    if default is None or isinstance(default, dict | list):
        return description
    said = f"The server's default: {default}."
    return f"{description.rstrip()} {said}".strip() if description else said


def _is_token(name: str) -> bool:
    return (
        name.isascii()
        and bool(name)
        and all(character.isalnum() or character in "!#$%&'*+-.^_`|~" for character in name)
    )
