"""`connect` of a connection class: servers, parameters and credentials as typed arguments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from typedws.schema.contract.api import Connection
from typedws.schema.contract.types import ListOf, LiteralOf, Scalar, Type
from typedws.schema.emit.annotations import Annotations
from typedws.schema.emit.entries import credential_entry, parameter_entry, server_entry
from typedws.schema.emit.layout import (
    Atom,
    Conditional,
    Expression,
    Keyword,
    call,
    mapping,
    render,
    sequence,
    subscript,
    union,
)
from typedws.schema.emit.statements import assigned, signature
from typedws.schema.emit.text import docstring, literal

__all__ = ["Connecting"]

_OPTIONS: Final = (
    "config",
    "converter",
    "extensions",
    "headers",
    "max_events",
    "on_open",
    "open_timeout",
    "origin",
    "overflow",
    "proxy",
    "reconnect",
    "server_hostname",
    "ssl_context",
    "subprotocols",
    "uds",
)
"""What `ConnectOptions` has, which no other argument may be called."""


@dataclass(slots=True)
class _Arguments:
    required: list[tuple[str, Expression, str | None]] = field(default_factory=list[tuple[str, Expression, str | None]])
    optional: list[tuple[str, Expression, str | None]] = field(default_factory=list[tuple[str, Expression, str | None]])
    described: list[str] = field(default_factory=list[str])
    places: dict[str, list[tuple[str, Expression]]] = field(
        default_factory=lambda: {"variable": [], "query": [], "header": []}
    )


class Connecting:
    """Writes `connect`, and the constants that it uses.

    Args:
        types: writes the types of the arguments.
        prefix: what the names of the constants begin with.
    """

    def __init__(self, types: Annotations, *, prefix: str = "_") -> None:
        self._types = types
        self._prefix = prefix
        self.constants: list[list[str]] = []

    def write(self, connection: Connection) -> list[str]:
        """The method."""
        types, servers = self._types, connection.servers
        runtime = types.imports.runtime
        types.imports.add("contextlib", "AbstractAsyncContextManager")
        for name in ("Self", "Unpack"):
            types.imports.typing(name)
        runtime("ConnectOptions")
        arguments = self._arguments(connection)
        parameters: list[str | tuple[str, Expression, str | None]] = ["cls"]
        if len(servers) > 1:
            types.imports.typing("Literal")
            annotation = subscript("Literal", *(Atom(literal(server.name)) for server in servers))
            parameters.append(("server", annotation, literal(servers[0].name)))
        text: Expression = Atom("str")
        url_default = "None" if servers else None
        url = ("url", union([text, Atom("None")]) if servers else text, url_default)
        parameters.append("*")
        parameters.extend(arguments.required)
        parameters.extend([url] if not servers else [])
        parameters.extend(arguments.optional)
        parameters.extend([url] if servers else [])
        parameters.append("**options: Unpack[ConnectOptions]")
        lines = ["    @classmethod"]
        lines.extend(
            signature("def connect", parameters, subscript("AbstractAsyncContextManager", Atom("Self")), indent=4)
        )
        lines.extend(docstring(self._described(connection, arguments), indent=8))
        lines.extend(render(call("return cls._open", *self._opening(connection, arguments)), " " * 8, indent=8))
        return lines

    def _described(self, connection: Connection, arguments: _Arguments) -> str:
        entries: list[str] = []
        if len(connection.servers) > 1:
            entries.append(server_entry(connection.servers))
        entries.extend(arguments.described)
        if connection.servers:
            entries.append("    url: another server, instead; the path and query of the channel are added to it.")
        else:
            entries.append("    url: of the server; the path and query of the channel are added to it.")
        entries.append("    options: those of `typedws.connect`, and `on_open`, `reconnect`, `max_events`, `overflow`.")
        arguments_text = "\n".join(entries)
        return (
            "Opens the connection for the length of a block.\n\n"
            f"Args:\n{arguments_text}\n\n"
            "Raises: as `typedws.connect`."
        )

    def _opening(self, connection: Connection, arguments: _Arguments) -> Iterator[Expression]:
        types, servers = self._types, connection.servers
        if not servers:
            yield Atom("url")
        elif len(servers) == 1:
            name = types.names.free(f"{self._prefix}SERVER")
            self.constants.append(self._constant(name, Atom(literal(servers[0].url))))
            yield Conditional(Atom(name), Atom("url is None"), Atom("url"))
        else:
            name = types.names.free(f"{self._prefix}SERVERS")
            known = mapping((literal(server.name), Atom(literal(server.url))) for server in servers)
            self.constants.append(self._constant(name, known))
            yield Conditional(subscript(name, Atom("server")), Atom("url is None"), Atom("url"))
        if connection.path:
            yield Keyword("path", Atom(literal(connection.path)))
        for place, keyword in (("variable", "variables"), ("query", "query"), ("header", "headers")):
            if arguments.places[place]:
                yield Keyword(keyword, mapping(arguments.places[place]))
        if connection.credentials:
            types.imports.runtime("Credential")
            taken = self._credential_names(connection)
            yield Keyword(
                "credentials",
                sequence(
                    call(
                        "Credential",
                        Atom(literal(credential.kind)),
                        Atom(literal(credential.wire_name)),
                        Atom(taken[credential.name]),
                    )
                    for credential in connection.credentials
                ),
            )
        if connection.subprotocols:
            yield Keyword("subprotocols", sequence(Atom(literal(name)) for name in connection.subprotocols))
        yield Keyword("options", Atom("options"))

    def _constant(self, name: str, value: Expression) -> list[str]:
        self._types.imports.typing("Final")
        return assigned(f"{name}: Final = ", value, indent=0)

    # Arguments.

    def _name(self, name: str) -> str:
        return self._types.names.argument(name, "cls", "server", "url", "options", *_OPTIONS)

    def _credential_names(self, connection: Connection) -> dict[str, str]:
        taken = [self._name(parameter.name) for parameter in connection.parameters]
        named: dict[str, str] = {}
        for credential in connection.credentials:
            named[credential.name] = self._types.names.argument(
                self._name(credential.name), *taken, *named.values(), *_OPTIONS
            )
        return named

    def _arguments(self, connection: Connection) -> _Arguments:
        found = _Arguments()
        self._types.notes.at(pointer=connection.name, name=f"{connection.name}.connect")
        self._types.is_bare = True
        for parameter in connection.parameters:
            if parameter.fixed:
                found.places[parameter.place].append((literal(parameter.wire_name), Atom(literal(parameter.default))))
                continue
            name = self._name(parameter.name)
            annotation = self.annotation(parameter.type)
            if parameter.default is not None:
                if not _is_valid(parameter.default, parameter.type):
                    annotation = self._types.union([annotation, Atom(type(parameter.default).__name__)])
                found.optional.append((name, annotation, literal(parameter.default)))
            elif parameter.required:
                found.required.append((name, annotation, None))
            else:
                found.optional.append((name, union([annotation, Atom("None")]), "None"))
            found.places[parameter.place].append((literal(parameter.wire_name), Atom(name)))
            found.described.append(parameter_entry(name, parameter))
        names = self._credential_names(connection)
        for credential in connection.credentials:
            name = names[credential.name]
            secret = subscript("tuple", Atom("str"), Atom("str")) if credential.kind == "basic" else Atom("str")
            found.optional.append((name, union([secret, Atom("None")]), "None"))
            found.described.append(credential_entry(name, credential))
        return found

    def annotation(self, type_: Type) -> Expression:
        """The type of an argument that becomes text."""
        match type_:
            case Scalar("str" | "int" | "float" | "bool" | "datetime" | "date" | "time" | "uuid" as kind):
                return self._types.write(Scalar(kind))
            case LiteralOf():
                return self._types.write_literal(type_)
            case ListOf(inner):
                return subscript("list", self.annotation(inner))
            case _:
                return Atom("str")


def _is_valid(default: str | int | float | bool, type_: Type) -> bool:
    match type_:
        case LiteralOf(values):
            return any(type(default) is type(value) and default == value for value in values)
        case Scalar("str" | "int" | "bool" as kind):
            return type(default).__name__ == kind
        case Scalar("float"):
            return type(default) in (int, float)
        case _:
            return False
