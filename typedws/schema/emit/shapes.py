"""What is behind a type: declarations followed, and what cannot be said in Python replaced.

Two things are the same for both model libraries: an alias that leads to itself ends in `Any` there, because a plain
alias in Python cannot; and aliases are put in an order in which each is defined before it is used.
"""

from __future__ import annotations

from collections.abc import Iterator

from typedws.schema.contract.api import Connection, Contract, Direction
from typedws.schema.contract.types import ANY, Alias, Declaration, MapOf, Record, Ref, Type, UnionOf, parts
from typedws.schema.decisions import leaves
from typedws.schema.emit.naming import Models

__all__ = ["Shapes"]


class Shapes:
    """The declarations of a contract, by name and in order.

    Attributes:
        maps: records that become a plain `dict`, with its type.
        one_way: the records that only ever travel from us.
        raw: what is a frame as a whole, and is not looked into.
    """

    def __init__(self, contract: Contract, models: Models) -> None:
        self.declarations: dict[str, Declaration] = {declared.name: declared for declared in contract.declarations}
        self.maps: dict[str, MapOf] = {}
        incoming = self._reached(name for connection in contract.connections for name in _received(connection))
        outgoing = self._reached(name for connection in contract.connections for name in _sent(connection))
        self.one_way = outgoing - incoming
        self.raw = frozenset(
            message.name
            for connection in contract.connections
            for message in (*connection.incoming.messages, *connection.outgoing.messages)
            if message.format in ("binary", "text")
        )
        if models == "msgspec":
            messages = {name for connection in contract.connections for name in _travelling(connection)}
            for declared in contract.declarations:
                if isinstance(declared, Record) and declared.extra is not None and declared.tag is None:
                    if declared.name not in messages:
                        self.maps[declared.name] = MapOf(_any_of(declared))
        self._circles = self._find_circles()

    def record(self, name: str) -> Record | None:
        """The record of this name, where it is a class."""
        declared = self.declarations.get(name)
        return declared if isinstance(declared, Record) and name not in self.maps else None

    def alias(self, name: str) -> Type | None:
        """The type behind an alias, or a record that is none; None where it is a class."""
        if name in self.maps:
            return self.maps[name]
        declared = self.declarations.get(name)
        return declared.type if isinstance(declared, Alias) else None

    def leaves(self, type_: Type, seen: frozenset[str] = frozenset()) -> Iterator[Type]:
        """The members of a type, where it is a union or leads to one; declarations that are no classes are followed."""
        match type_:
            case UnionOf(members):
                for member in members:
                    yield from self.leaves(member, seen)
            case Ref(name):
                behind = self.alias(name)
                if behind is None:
                    yield type_ if self.record(name) is not None else ANY
                elif name in seen or len(seen) > 50:
                    yield ANY
                else:
                    yield from self.leaves(behind, seen | {name})
            case _:
                yield type_

    def circle(self, inside: str) -> frozenset[str]:
        """The aliases that lead to this one and back; none where it does not lead to itself."""
        number = self._circles.get(inside)
        return frozenset(name for name, other in self._circles.items() if other == number and number is not None)

    def ordered(self) -> Iterator[Alias | Record]:
        """What becomes an alias, each after those that it uses."""
        done: set[str] = set()
        for start in self.declarations:
            if self.alias(start) is None or start in done:
                continue
            done.add(start)
            pending = [(start, iter(self._used(start)))]
            while pending:
                name, used = pending[-1]
                following = next((other for other in used if other not in done), None)
                if following is None:
                    pending.pop()
                    yield self.declarations[name]
                else:
                    done.add(following)
                    pending.append((following, iter(self._used(following))))

    def _used(self, name: str) -> list[str]:
        behind = self.alias(name)
        if behind is None:
            return []
        return [part.name for part in parts(behind) if isinstance(part, Ref) and self.alias(part.name) is not None]

    def _find_circles(self) -> dict[str, int]:
        """A number for each alias that leads to itself: the same for those that lead to each other."""
        reached: dict[str, set[str]] = {}
        for name in self.declarations:
            found: set[str] = set()
            pending = self._used(name)
            while pending:
                other = pending.pop()
                if other not in found:
                    found.add(other)
                    pending.extend(self._used(other))
            reached[name] = found
        numbers: dict[str, int] = {}
        for number, name in enumerate(reached, 1):
            if name in reached[name] and name not in numbers:
                for other in reached[name]:
                    if name in reached[other]:
                        numbers[other] = number
        return numbers

    def _reached(self, names: Iterator[str]) -> set[str]:
        found: set[str] = set()
        pending = list(names)
        while pending:
            name = pending.pop()
            if name in found or name not in self.declarations:
                continue
            found.add(name)
            declared = self.declarations[name]
            inside = [declared.type] if isinstance(declared, Alias) else [field.type for field in declared.fields]
            if isinstance(declared, Record) and declared.extra is not None:
                inside.append(declared.extra)
            pending.extend(part.name for type_ in inside for part in parts(type_) if isinstance(part, Ref))
        return found


def _any_of(record: Record) -> Type:
    types = [field.type for field in record.fields]
    if record.extra is not None:
        types.append(record.extra)
    members: dict[Type, None] = {}
    for type_ in types:
        members.update(dict.fromkeys(type_.members if isinstance(type_, UnionOf) else (type_,)))
    return next(iter(members)) if len(members) == 1 else UnionOf(tuple(members))


def _in_direction(direction: Direction) -> Iterator[str]:
    for message in direction.messages:
        yield message.name
    yield from leaves(direction.text)
    yield from leaves(direction.binary)


def _received(connection: Connection) -> Iterator[str]:
    yield from _in_direction(connection.incoming)
    for operation in connection.operations:
        if operation.exchange is not None:
            yield from operation.exchange.replies
            yield from operation.exchange.failures
    for subscription in connection.subscriptions:
        yield from subscription.updates


def _sent(connection: Connection) -> Iterator[str]:
    yield from _in_direction(connection.outgoing)
    for operation in connection.operations:
        yield from operation.messages
    for subscription in connection.subscriptions:
        yield subscription.request
        if subscription.cancel is not None:
            yield subscription.cancel


def _travelling(connection: Connection) -> Iterator[str]:
    yield from _received(connection)
    yield from _sent(connection)
