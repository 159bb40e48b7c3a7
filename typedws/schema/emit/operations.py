"""Operations as methods: what is sent is the argument, or its fields are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from typedws.schema.contract.api import Connection, Exchange, Message, Operation
from typedws.schema.contract.types import Field, Record, Ref
from typedws.schema.emit.decisions import path_of
from typedws.schema.emit.entries import field_entry
from typedws.schema.emit.layout import Atom, Expression, Keyword, call, mapping, render, sequence, subscript, union
from typedws.schema.emit.records import Declarations
from typedws.schema.emit.statements import annotated, assigned, signature
from typedws.schema.emit.text import docstring, literal
from typedws.schema.emit.values import is_set

__all__ = ["Argument", "Operations", "message_arguments"]

Argument = tuple[str, Expression, "str | None"]


def message_arguments(
    declarations: Declarations, record: Record, *, leave_out: Iterable[str] = (), reserved: Sequence[str] = ()
) -> tuple[list[Argument], list[Expression], list[tuple[Field, str]], bool]:
    """The fields of a record as keyword-only arguments.

    Args:
        declarations: writes their types.
        record: the record.
        leave_out: fields that are no arguments, by name in the contract.
        reserved: names that no argument may have.

    Returns:
        The arguments, the required ones first; the keywords that the class is called with; each field with the name of
        its argument; and whether any may be absent.
    """
    names = declarations.types.names
    required: list[Argument] = []
    optional: list[Argument] = []
    keywords: list[Expression] = []
    named: list[tuple[Field, str]] = []
    for field in declarations.fields(record):
        if field.name in leave_out or is_set(field, record.tag.field if record.tag else None):
            continue
        called = names.field(record, field)
        name = names.argument(called, *reserved, *(taken for _, taken in named))
        annotation, default = declarations.value(field, bare=True)
        (required if default is None else optional).append((name, annotation, default))
        keywords.append(Keyword(called, Atom(name)))
        named.append((field, name))
    return [*required, *optional], keywords, named, bool(optional)


class Operations:
    """Writes methods, and the constants and exceptions that they use.

    Args:
        declarations: writes the types.
        connection: what the methods are of.
        prefix: what the name of a constant begins with where it would be another one's.
    """

    def __init__(self, declarations: Declarations, connection: Connection, *, prefix: str = "_") -> None:
        self._declarations = declarations
        self._types = declarations.types
        self._prefix = prefix
        self._messages = {
            message.name: message for message in (*connection.incoming.messages, *connection.outgoing.messages)
        }
        self._methods: set[str] = set()
        self.failures: list[list[str]] = []
        self.failure_names: list[str] = []
        self.constants: list[list[str]] = []

    def method_name(self, name: str) -> str:
        """A name for a method, which is taken then."""
        found = self._types.names.method(name, self._methods)
        self._methods.add(found)
        return found

    def sent(self, record: Record, keywords: Iterable[Expression], *, may_lack: bool) -> Expression:
        """A message that is made of arguments."""
        made = call(self._types.names.of(record.name), *keywords)
        if may_lack and self._declarations.models == "pydantic":
            return call(self._types.imports.runtime("given"), made)
        return made

    def correlation(self, record: Record) -> Field | None:
        """The field of a message that holds its correlation id, where that is a field of its own."""
        message: Message | None = self._messages.get(record.name)
        path = () if message is None or message.correlation is None else message.correlation
        return next((field for field in record.fields if len(path) == 1 and field.name == path[0]), None)

    def write(self, operation: Operation) -> list[str]:
        """The method of an operation."""
        types, exchange = self._types, operation.exchange
        types.notes.at(pointer=operation.key, name=operation.name)
        name = self.method_name(operation.name)
        record = types.shapes.record(operation.messages[0]) if len(operation.messages) == 1 else None
        described: list[str] = []
        parameters: list[str | Argument] = ["self"]
        if record is not None:
            message, arguments, described = self._by_fields(record, exchange)
            if arguments or exchange is not None:
                parameters.append("*")
            parameters.extend(arguments)
        else:
            given = union(Atom(types.names.of(each)) for each in operation.messages)
            parameters.extend([("message", given, None), "/"])
            if exchange is not None:
                parameters.append("*")
            message = Atom("message")
        if exchange is None:
            lines = signature(f"async def {name}", parameters, Atom("None"), indent=4)
            lines.extend(docstring(self._described(operation, described, None), indent=8))
            lines.extend(render(call("await self.send", message), " " * 8, indent=8))
            return lines
        parameters.append(("timeout", Atom("float | None"), "10.0"))
        returns = union(Atom(types.names.of(each)) for each in exchange.replies)
        failed = self._failure(name, exchange)
        constant = self._exchange(name, exchange, request=operation.messages[0], returns=returns, failed=failed)
        lines = signature(f"async def {name}", parameters, returns, indent=4)
        lines.extend(docstring(self._described(operation, described, exchange, failed), indent=8))
        waiting = call("return await self._request", message, Atom(constant), Keyword("timeout", Atom("timeout")))
        lines.extend(render(waiting, " " * 8, indent=8))
        return lines

    def _by_fields(self, record: Record, exchange: Exchange | None) -> tuple[Expression, list[Argument], list[str]]:
        identity, made = self._identity(record, exchange)
        arguments, keywords, named, may_lack = message_arguments(
            self._declarations,
            record,
            leave_out=() if identity is None else (identity.name,),
            reserved=("self", "message") if exchange is None else ("self", "message", "timeout"),
        )
        if identity is not None:
            keywords = [Keyword(self._types.names.field(record, identity), made), *keywords]
        inside = "" if exchange is None or identity is not None else ".".join(map(str, exchange.request_id[1:]))
        holder = exchange.request_id[0] if exchange is not None and inside else None
        replaced = f"Its `{inside}` is replaced by a new one."
        described = [field_entry(name, field, replaced if field.name == holder else "") for field, name in named]
        return self.sent(record, keywords, may_lack=may_lack), arguments, described

    def _identity(self, record: Record, exchange: Exchange | None) -> tuple[Field | None, Expression]:
        """The field with the correlation id, and what it is made of; no field where it has to be an argument."""
        made: Expression = Atom("self._new_id()")
        if exchange is None or not exchange.request_id:
            return None, made
        if exchange.id_type == "int":
            made = Atom("self._new_id(int)")
        elif exchange.id_type == "uuid":
            self._types.imports.add("uuid", "uuid4")
            made = Atom("str(uuid4())")
        first, *rest = exchange.request_id
        field = next((field for field in record.fields if field.name == first), None)
        if field is None or (record.tag is not None and field.wire_name == record.tag.field):
            return None, made
        if not rest:
            return field, made
        # A record around the id that holds nothing else that would have to be given.
        inner = self._types.shapes.record(field.type.name) if isinstance(field.type, Ref) else None
        if inner is None or len(rest) != 1:
            return None, made
        tag = inner.tag.field if inner.tag else None
        asked = [one for one in inner.fields if one.required and one.name != rest[0] and not is_set(one, tag)]
        identity = next((one for one in inner.fields if one.name == rest[0]), None)
        if asked or identity is None:
            return None, made
        name = self._types.names.field(inner, identity)
        return field, call(self._types.names.of(inner.name), Keyword(name, made))

    def _described(
        self, operation: Operation, described: list[str], exchange: Exchange | None, failed: str | None = None
    ) -> str:
        paragraphs = [operation.description.strip()]
        if operation.deprecated:
            paragraphs.append("Deprecated.")
        entries = [entry for entry in described if entry]
        if not paragraphs[0]:
            names = [self._types.names.of(name) for name in operation.messages]
            what = f"`{names[0]}`" if len(names) == 1 else "a message"
            paragraphs[0] = f"Sends {what}." if exchange is None else f"Sends {what} and waits for the reply."
        if exchange is not None:
            entries.append("    timeout: seconds to wait for the reply; None for ever.")
        if entries:
            paragraphs.append("\n".join(["Args:", *entries]))
        if exchange is not None:
            raised = [] if failed is None else [f"    {failed}: the reply says that it failed."]
            raised.append("    RequestTimeoutError: no reply in time; one that is late is delivered as an event.")
            raised.append("    ConnectionClosed: the connection has ended.")
            paragraphs.append("\n".join(["Raises:", *raised]))
        return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)

    # What an exchange needs beside its method.

    def _failure(self, method: str, exchange: Exchange) -> str | None:
        if not exchange.failures and exchange.ok_field is None:
            return None
        types = self._types
        camel = "".join(word[:1].upper() + word[1:] for word in method.split("_"))
        name = types.names.free(f"{camel}Failed")
        failing = exchange.failures if exchange.ok_field is None else (*exchange.replies, *exchange.failures)
        replies = union(Atom(types.names.of(each)) for each in failing)
        base = Atom(types.imports.runtime("RequestFailed"))
        lines = render(call(f"class {name}", base), "", indent=0, tail=":")
        lines.extend(docstring(f"The reply to `{method}` says that it failed.", indent=4))
        lines.append("")
        lines.extend(annotated("reply", replies, None, indent=4))
        self.failures.append(lines)
        self.failure_names.append(name)
        return name

    def _exchange(
        self, method: str, exchange: Exchange, *, request: str, returns: Expression, failed: str | None
    ) -> str:
        types = self._types
        types.imports.runtime("Exchange")
        types.imports.typing("Final")
        constant = method.strip("_").upper()
        name = types.names.free(f"_{constant}", f"{self._prefix}{constant}")
        arguments: list[Expression] = [Keyword("replies", self.forms(exchange.replies))]
        if exchange.failures:
            arguments.append(Keyword("failures", self.forms(exchange.failures)))
        if exchange.request_id:
            path = types.names.path(request, exchange.request_id)
            arguments.append(Keyword("request_id", path_of(path)))
        if exchange.reply_ids:
            ids = mapping(
                (types.names.of(each), path_of(types.names.path(each, path)))
                for each, path in exchange.reply_ids.items()
            )
            arguments.append(Keyword("reply_ids", ids))
        if exchange.ok_field is not None:
            path = types.names.path((*exchange.replies, "")[0], (exchange.ok_field,))
            arguments.append(Keyword("ok_field", Atom(literal(path[0]))))
        if exchange.in_order:
            arguments.append(Keyword("in_order", Atom("True")))
        if failed is not None:
            arguments.append(Keyword("error", Atom(failed)))
        value = call(subscript("Exchange", returns), *arguments)
        self.constants.append(assigned(f"{name}: Final = ", value, indent=0))
        return name

    def forms(self, names: Iterable[str]) -> Expression:
        """Declarations as a tuple."""
        return sequence(Atom(self._types.names.of(name)) for name in names)
