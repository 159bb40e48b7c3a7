"""Entries below `Args:` in a docstring: what an argument is, and what it is called on the wire where that differs.

An argument of `connect` has an entry in any case, since its name does not say whether it goes into the address, the
query or a header field. A field of a message has one where there is something to say about it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from typedws.schema.contract.api import Credential, Parameter, Place, Server
from typedws.schema.contract.types import Field
from typedws.schema.emit.records import shown
from typedws.schema.emit.text import prose

__all__ = ["credential_entry", "field_entry", "parameter_entry", "server_entry"]

_PLACES: Final[dict[Place, str]] = {
    "variable": "the variable `{}` of the address",
    "query": "the query parameter `{}`",
    "header": "the header field `{}`",
}

_SENT: Final = {
    "header": "sent in the header field `{}`",
    "query": "sent as the query parameter `{}`",
    "cookie": "sent as the cookie `{}`",
}


def parameter_entry(name: str, parameter: Parameter) -> str:
    """An argument that goes into the address, the query or a header field."""
    place = f"{_PLACES[parameter.place].format(parameter.wire_name)}."
    if not prose(parameter.description).strip():
        return _entry(name, place)
    return _entry(name, parameter.description, _capital(place) if name != parameter.wire_name else "")


def credential_entry(name: str, credential: Credential) -> str:
    """A secret."""
    is_described = bool(prose(credential.description).strip())
    match credential.kind:
        case "bearer":
            return _entry(name, credential.description if is_described else "sent as `Authorization: Bearer`.")
        case "basic":
            return _entry(name, credential.description if is_described else "user name and password.")
        case kind:
            sent = f"{_SENT[kind].format(credential.wire_name)}."
            if not is_described:
                return _entry(name, f"a secret, {sent}")
            return _entry(name, credential.description, _capital(sent) if name != credential.wire_name else "")


def field_entry(name: str, field: Field, more: str = "") -> str:
    """A field of a message: its description, its name on the wire, and what it means to leave it out; maybe nothing.

    Args:
        name: of the argument.
        field: the field.
        more: a sentence to add.
    """
    wire_name = "" if name == field.wire_name else f"`{field.wire_name}` on the wire."
    default = "" if field.default is None else f"Default: {shown(field.default)}."
    return _entry(name, field.description, wire_name, default, more)


def server_entry(servers: Iterable[Server]) -> str:
    """The choice of a server, with a line for each that is described."""
    lines = ["    server: which one."]
    for server in servers:
        if prose(server.description).strip():
            lines.append(f"    {_entry(_line(server.name), server.description)}")
    return "\n".join(lines)


def _entry(name: str, *texts: str) -> str:
    said = [text for text in map(_line, texts) if text]
    whole = [text if text.endswith((".", "!", "?", ":", "。")) else f"{text}." for text in said[:-1]]
    return f"    {name}: {' '.join([*whole, *said[-1:]])}" if said else ""


def _line(text: str) -> str:
    return " ".join(prose(text).split())


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
