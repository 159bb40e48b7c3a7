"""A connection as a class, with the unions of its messages before it and what its methods use behind it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from typedws.schema.building.names import snake
from typedws.schema.contract.api import Connection, Direction
from typedws.schema.decisions import leaves
from typedws.schema.emit.connecting import Connecting
from typedws.schema.emit.decisions import Decisions, is_decided, is_long
from typedws.schema.emit.layout import Atom, call, render, subscript, union
from typedws.schema.emit.operations import Operations
from typedws.schema.emit.records import Declarations
from typedws.schema.emit.statements import annotated, assigned
from typedws.schema.emit.subscriptions import Subscriptions
from typedws.schema.emit.text import comment, docstring

__all__ = ["Section", "write_connection"]

_APART: Final = "How the server tells apart what is sent; a client does not need it."


@dataclass(slots=True)
class Section:
    """What a connection becomes.

    Attributes:
        before: the unions, and the exceptions.
        lines: the class.
        behind: constants that its methods use, and what nobody has to read.
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
    constants = "_" if alone else f"_{snake(name).upper()}_"
    connecting = Connecting(types, prefix=constants)
    operations = Operations(declarations, connection, prefix=constants)
    subscriptions = Subscriptions(declarations, operations, connecting)
    reading, sending = Decisions(types.names, types.imports), Decisions(types.names, types.imports)
    received, sent = reading.messages(connection.incoming, unions[0]), sending.messages(connection.outgoing, unions[1])
    is_apart = is_long(connection.outgoing) or not is_decided(connection.outgoing)
    types.imports.typing("ClassVar")
    base = subscript(types.imports.runtime("Connection"), *(Atom(union_name) for union_name in unions))
    messages = annotated("incoming", Atom("ClassVar"), received, indent=4)
    if is_apart:
        kind = subscript("ClassVar", subscript("Messages", Atom(unions[1])))
        messages.extend(comment("It is set below the class.", indent=4))
        messages.extend(annotated("outgoing", kind, None, indent=4))
    else:
        messages.extend(annotated("outgoing", Atom("ClassVar"), sent, indent=4))
    body = [docstring(connection.description or f"The connection {connection.name}.", indent=4), messages]
    body.append(connecting.write(connection))
    body.extend(operations.write(operation) for operation in connection.operations)
    body.extend(subscriptions.write(subscription) for subscription in connection.subscriptions)
    section.lines = render(call(f"class {name}", base), "", indent=0, tail=":")
    for at, lines in enumerate(each for each in body if each):
        section.lines.extend([*([""] if at else []), *lines])
    section.before.extend(operations.failures)
    section.before.extend(reading.constants)
    section.behind = [*connecting.constants, *operations.constants]
    if is_apart:
        first, *others = [*sending.constants, assigned(f"{name}.outgoing = ", sent, indent=0)]
        section.behind.extend([[*comment(_APART, indent=0), *first], *others])
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
