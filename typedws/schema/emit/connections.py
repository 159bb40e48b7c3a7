"""A connection as a class, with the unions of its messages before it and what its methods use behind it."""

from __future__ import annotations

from dataclasses import dataclass, field

from typedws.schema.contract.api import Connection, Direction
from typedws.schema.decisions import leaves
from typedws.schema.emit.connecting import Connecting
from typedws.schema.emit.decisions import Decisions
from typedws.schema.emit.layout import Atom, call, render, subscript, union
from typedws.schema.emit.operations import Operations
from typedws.schema.emit.records import Declarations
from typedws.schema.emit.statements import annotated, assigned
from typedws.schema.emit.subscriptions import Subscriptions
from typedws.schema.emit.text import comment, docstring

__all__ = ["Section", "write_connection"]


@dataclass(slots=True)
class Section:
    """What a connection becomes.

    Attributes:
        before: the unions, and the exceptions.
        lines: the class.
        behind: constants that its methods use.
        names: those that are for others.
    """

    before: list[list[str]] = field(default_factory=list[list[str]])
    lines: list[str] = field(default_factory=list[str])
    behind: list[list[str]] = field(default_factory=list[list[str]])
    names: list[str] = field(default_factory=list[str])


def write_connection(connection: Connection, declarations: Declarations, *, alone: bool) -> Section:
    """Writes a connection.

    Args:
        connection: the connection.
        declarations: writes the types.
        alone: whether it is the only one of the module.
    """
    types = declarations.types
    section = Section()
    name = types.names.of(connection.name)
    prefix = "" if alone else name
    unions: list[str] = []
    for direction, called in ((connection.incoming, "Incoming"), (connection.outgoing, "Outgoing")):
        union_name = types.names.free(f"{prefix}{called}", f"{name}{called}")
        unions.append(union_name)
        section.before.append(_union(direction, union_name, declarations))
    decisions = Decisions(types.names, types.imports)
    connecting = Connecting(types)
    operations = Operations(declarations, connection)
    subscriptions = Subscriptions(declarations, operations, connecting)
    types.imports.typing("ClassVar")
    base = subscript(types.imports.runtime("Connection"), *(Atom(union_name) for union_name in unions))
    body = [docstring(connection.description or f"The connection {connection.name}.", indent=4)]
    messages: list[str] = []
    for attribute, direction, union_name in (
        ("incoming", connection.incoming, unions[0]),
        ("outgoing", connection.outgoing, unions[1]),
    ):
        messages.extend(annotated(attribute, Atom("ClassVar"), decisions.messages(direction, union_name), indent=4))
    body.append(messages)
    body.append(connecting.write(connection))
    body.extend(operations.write(operation) for operation in connection.operations)
    body.extend(subscriptions.write(subscription) for subscription in connection.subscriptions)
    section.lines = render(call(f"class {name}", base), "", indent=0, tail=":")
    for at, lines in enumerate(each for each in body if each):
        section.lines.extend([*([""] if at else []), *lines])
    section.before.extend(operations.failures)
    section.before.extend(decisions.constants)
    section.behind = [*connecting.constants, *operations.constants]
    section.names = [name, *unions, *operations.failure_names]
    return section


def _union(direction: Direction, name: str, declarations: Declarations) -> list[str]:
    types = declarations.types
    types.imports.typing("TypeAlias")
    messages = dict.fromkeys(message.name for message in direction.messages)
    messages.update(dict.fromkeys((*leaves(direction.text), *leaves(direction.binary))))
    if messages:
        value = union(Atom(types.names.of(message)) for message in messages)
    else:
        types.imports.typing("Never")
        value = Atom("Never")
    lines = [line for text in direction.explanation for line in comment(text, indent=0)]
    return [*lines, *assigned(f"{name}: TypeAlias = ", value, indent=0)]
