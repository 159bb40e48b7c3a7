"""Subscriptions as methods: `async with client.subscribe_ticker(...) as updates`."""

from __future__ import annotations

from typedws.schema.contract.api import Subscription
from typedws.schema.contract.types import Record
from typedws.schema.emit.connecting import Connecting
from typedws.schema.emit.decisions import path_of
from typedws.schema.emit.entries import field_entry, parameter_entry
from typedws.schema.emit.layout import Atom, Expression, Keyword, call, render, sequence, subscript, union
from typedws.schema.emit.operations import Argument, Operations, message_arguments
from typedws.schema.emit.records import Declarations, constant
from typedws.schema.emit.statements import signature
from typedws.schema.emit.text import docstring, formatted, literal
from typedws.schema.emit.values import Values, is_set

__all__ = ["Subscriptions"]


class Subscriptions:
    """Writes the methods that subscribe.

    Args:
        declarations: writes the types.
        operations: names the methods, and makes messages.
        connecting: writes the types of what becomes text.
    """

    def __init__(self, declarations: Declarations, operations: Operations, connecting: Connecting) -> None:
        self._declarations = declarations
        self._types = declarations.types
        self._operations = operations
        self._connecting = connecting
        self._values = Values(declarations.types)

    def write(self, subscription: Subscription) -> list[str]:
        """The method of a subscription; none at all where its request cannot be made."""
        types = self._types
        types.notes.at(pointer=subscription.channel, name=subscription.name)
        record = types.shapes.record(subscription.request)
        if record is None:
            types.notes.add(
                "subscription-left-out", f"{subscription.request} is no record: nothing can subscribe with it"
            )
            return []
        set_here = self._set_here(record, subscription)
        arguments, keywords, named, may_lack = message_arguments(
            self._declarations,
            record,
            leave_out=set_here,
            reserved=("self", "message", *self._address_names(subscription).values()),
        )
        made = {field.name: Atom(name) for field, name in named}
        request = self._operations.sent(
            record,
            [*(Keyword(types.names.fields(record)[name], value) for name, value in set_here.items()), *keywords],
            may_lack=may_lack,
        )
        addressed, described = self._address_arguments(subscription)
        parameters: list[str | Argument] = ["self"]
        every = sorted([*addressed, *arguments], key=lambda argument: argument[2] is not None)
        parameters.extend(["*", *every] if every else [])
        described.extend(field_entry(name, field) for field, name in named)
        keyword_arguments: list[Expression] = [Keyword("updates", self._operations.forms(subscription.updates))]
        cancel = self._cancel(subscription, {**set_here, **made}, record)
        if cancel is not None:
            keyword_arguments.append(Keyword("cancel", cancel))
        same = self._filters(subscription, record)
        if same:
            keyword_arguments.append(Keyword("same", sequence(same)))
        identity = self._operations.correlation(record)
        if identity is not None and identity.name in set_here:
            keyword_arguments.append(Keyword("request_id", path_of((types.names.fields(record)[identity.name],))))
        name = self._operations.method_name(subscription.name)
        types.imports.add("contextlib", "AbstractAsyncContextManager")
        types.imports.runtime("Subscription")
        yielded: Expression = Atom("Never")
        if subscription.updates:
            yielded = union(Atom(types.names.of(each)) for each in subscription.updates)
        else:
            types.imports.typing("Never")
        returns = subscript("AbstractAsyncContextManager", subscript("Subscription", yielded))
        lines = signature(f"def {name}", parameters, returns, indent=4)
        paragraphs = [subscription.description.strip() or "Subscribes for the length of a block."]
        entries = [entry for entry in described if entry]
        if entries:
            paragraphs.append("\n".join(["Args:", *entries]))
        lines.extend(docstring("\n\n".join(paragraphs), indent=8))
        lines.extend(render(call("return self._subscribe", request, *keyword_arguments), " " * 8, indent=8))
        return lines

    def _set_here(self, record: Record, subscription: Subscription) -> dict[str, Expression]:
        """What the method puts into the request by itself."""
        found: dict[str, Expression] = {}
        identity = self._operations.correlation(record)
        tag = record.tag.field if record.tag else None
        for field in record.fields:
            if is_set(field, tag):
                continue
            value: Expression | None = None
            if field.name in subscription.set_fields:
                value = self._values.of(field.type, subscription.set_fields[field.name])
            elif field.name == subscription.address_field and subscription.address is not None:
                value = self._values.of(field.type, Atom(self._address(subscription)))
            elif identity is not None and field.name == identity.name:
                value = self._values.of(field.type, Atom("self._new_id()"))
                if value is None:
                    value = Atom("self._new_id(int)")
            else:
                continue
            if value is None:
                self._types.notes.add("argument-kept", f"no value can be made for {field.name}; it is an argument")
            else:
                found[field.name] = value
        return found

    def _address_names(self, subscription: Subscription) -> dict[str, str]:
        named: dict[str, str] = {}
        for parameter in subscription.parameters:
            named[parameter.name] = self._types.names.argument(parameter.name, "self", "message", *named.values())
        return named

    def _address(self, subscription: Subscription) -> str:
        """The channel's address as a literal, formatted where it has variables."""
        assert subscription.address is not None
        named = self._address_names(subscription)
        known = {parameter.wire_name: named[parameter.name] for parameter in subscription.parameters}
        return formatted(subscription.address, {**named, **known})

    def _address_arguments(self, subscription: Subscription) -> tuple[list[Argument], list[str]]:
        arguments: list[Argument] = []
        described: list[str] = []
        named = self._address_names(subscription)
        for parameter in subscription.parameters:
            name = named[parameter.name]
            annotation = self._connecting.annotation(parameter.type)
            default = None if parameter.default is None else literal(parameter.default)
            arguments.append((name, annotation, default))
            described.append(parameter_entry(name, parameter))
        return arguments, described

    def _cancel(self, subscription: Subscription, made: dict[str, Expression], request: Record) -> Expression | None:
        if subscription.cancel is None:
            return None
        record = self._types.shapes.record(subscription.cancel)
        if record is None:
            return None
        keywords: list[Expression] = []
        may_lack = False
        identity = self._operations.correlation(record)
        shared = {field.name: field for field in request.fields}
        for field in record.fields:
            if is_set(field, record.tag.field if record.tag else None):
                continue
            value: Expression | None = None
            if field.name in subscription.cancel_fields:
                value = self._values.of(field.type, subscription.cancel_fields[field.name])
            elif identity is not None and field.name == identity.name:
                value = Atom("self._new_id()")
            elif field.name in made:
                value = made[field.name]
                if field.required and not shared[field.name].required and constant(field.type) is None:
                    # It may be absent in one and not in the other.
                    value = None
                may_lack = may_lack or not field.required
            if value is not None:
                keywords.append(Keyword(self._types.names.fields(record)[field.name], value))
            elif field.required:
                self._types.notes.add(
                    "cancel-left-out",
                    f"no value is known for {field.name} of {record.name}, so nothing is sent at the end",
                )
                return None
        return self._operations.sent(record, keywords, may_lack=may_lack)

    def _filters(self, subscription: Subscription, record: Record) -> list[Expression]:
        names = self._types.names
        found: list[Expression] = []
        for known in subscription.filters:
            request = names.path(record.name, known.request)
            updates = dict.fromkeys(names.path(update, known.update) for update in subscription.updates)
            for update in updates:
                found.append(sequence([path_of(request), path_of(update)]))
        return found
