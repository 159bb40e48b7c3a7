"""Requests and their replies: where the id is that both have, and which replies say that the request failed.

The id is where the messages' `correlationId` says. Where a document declares a reply and no correlation id, a field
that both sides have, and that is called as such fields are, is taken, with a warning.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final, Literal

from typedws.schema.building.messages import Messages
from typedws.schema.building.schemas import Schemas
from typedws.schema.building.traffic import Step
from typedws.schema.contract.api import Exchange
from typedws.schema.contract.types import NULL, Alias, Field, Record, Ref, Scalar, Type, UnionOf
from typedws.schema.decisions import Path
from typedws.schema.document.objects import Document, MessageObject

__all__ = ["Exchanges"]

_ID_NAMES: Final = (
    *("id", "request_id", "requestId", "req_id", "reqId", "reqid", "correlation_id", "correlationId", "rid", "nonce"),
    *("message_id", "messageId", "msg_id", "msgId", "client_id", "ref", "seq"),
)
_OK_NAMES: Final = ("ok", "success", "succeeded", "successful")
_REASONS: Final = ("error", "errors", "code", "message", "reason", "msg", "detail")


class Exchanges:
    """Finds the exchanges of a document.

    Args:
        document: the document.
        schemas: the types that have been built.
        messages: the messages that have been built.
    """

    def __init__(self, document: Document, schemas: Schemas, messages: Messages) -> None:
        self._schemas = schemas
        self._messages = messages
        self._correlations: dict[str, str] = {}
        self._uuids: set[tuple[str, Path]] = set()
        for channel in document.channels:
            for entry in channel.messages:
                self._correlate(entry, messages.names(entry, channel))

    def _correlate(self, entry: MessageObject, names: Sequence[str]) -> None:
        if not entry.correlation:
            return
        found = re.fullmatch(r"\$message\.(payload|header)#(/.*)?", entry.correlation.strip())
        if found is None:
            entry.node.warn("correlation", f"{entry.correlation!r} is no runtime expression; it is left out")
        elif found[1] == "header":
            entry.node.warn(
                "correlation-in-header",
                "messages on a WebSocket have no headers, so this correlation id is nowhere",
                suggestion="put it into the payload: $message.payload#/id",
            )
        else:
            for name in names:
                self._correlations.setdefault(name, found[2] or "")

    def of(self, step: Step, incoming: Sequence[str]) -> Exchange | None:
        """The exchange of a step; None where it has no reply, or one that nothing links to its request.

        Args:
            step: what the client does.
            incoming: every message that the server may send on the connection.
        """
        if not step.replies or step.operation is None:
            return None
        said = step.operation.extensions.get("x-typedws-reply")
        replies = tuple(name for name in step.replies if not self._messages.get(name).is_error) or step.replies
        failures = tuple(name for name in step.replies if name not in replies)
        if said is not None and said.value == "in-order":
            return Exchange(replies=replies, failures=failures, in_order=True, ok_field=self._ok_field(replies))
        request_id = self._request_id(step)
        if request_id is None:
            step.operation.node.warn(
                "reply-without-correlation",
                f"nothing links the replies of {step.operation.key!r} to its requests; they are delivered as events",
                suggestion="give both messages a correlationId, or say x-typedws-reply: in-order",
            )
            return None
        kind = self._id_type(step.sends[0], request_id)
        found = {name: path for name in replies if (path := self._reply_id(name, step.sends[0], request_id))}
        if not found:
            step.operation.node.warn(
                "reply-without-correlation",
                f"no reply of {step.operation.key!r} has the id of its request; they are delivered as events",
                suggestion="give the reply a correlationId",
            )
            return None
        for name in [*failures, *(name for name in incoming if self._messages.get(name).is_error)]:
            path = self._reply_id(name, step.sends[0], request_id)
            if path is not None and name not in replies:
                found[name] = path
                if name not in failures:
                    failures = (*failures, name)
        return Exchange(
            replies=replies,
            failures=failures,
            request_id=request_id,
            id_type=kind,
            reply_ids=found,
            ok_field=self._ok_field(replies),
        )

    # Where the ids are.

    def _request_id(self, step: Step) -> Path | None:
        paths = {self._declared(name) for name in step.sends}
        if len(paths) == 1 and (path := paths.pop()) is not None:
            return path
        if len(step.sends) != 1 or step.operation is None:
            return None
        request = self._schemas.record(step.sends[0])
        records = [record for name in step.replies or () if (record := self._schemas.record(name)) is not None]
        if request is None or not records:
            return None
        for wire_name in _ID_NAMES:
            own = _field(request, wire_name)
            others = [_field(record, wire_name) for record in records]
            if own is not None and _is_id(own.type) and all(field and _is_id(field.type) for field in others):
                step.operation.node.warn(
                    "inferred-correlation",
                    f"no correlation id is declared; {wire_name!r} is taken, which request and reply have",
                    suggestion=f"declare correlationId: {{location: '$message.payload#/{wire_name}'}}",
                )
                return (own.name,)
        return None

    def _reply_id(self, name: str, request: str, request_id: Path) -> Path | None:
        declared = self._declared(name)
        if declared is not None:
            return declared
        asking, answering = self._schemas.record(request), self._schemas.record(name)
        if asking is None or answering is None or len(request_id) != 1:
            return None
        wire_name = next(field.wire_name for field in asking.fields if field.name == request_id[0])
        own = _field(answering, wire_name)
        return (own.name,) if own is not None and _is_id(own.type) else None

    def _declared(self, name: str) -> Path | None:
        """Where a message has its correlation id by its own word, as Python names."""
        pointer = self._correlations.get(name)
        if pointer is None:
            return None
        record = self._schemas.record(name)
        path: list[str] = []
        keys = [key.replace("~1", "/").replace("~0", "~") for key in pointer.split("/")[1:]]
        for number, key in enumerate(keys, 1):
            field = None if record is None else _field(record, key)
            if field is None:
                return None
            path.append(field.name)
            if number == len(keys):
                if not _is_id(field.type):
                    return None
                assert record is not None
                if field.type == Scalar("uuid"):
                    self._uuids.add((name, tuple(path)))
                self._plain(record, field)
                self._messages.revise(replace(self._messages.get(name), correlation=tuple(path)))
                return tuple(path)
            record = self._record(field.type)
        return None

    def _plain(self, record: Record, field: Field) -> None:
        """An id that we make is any string to us, so a field that asks for a UUID is a string here."""
        if field.type == Scalar("uuid"):
            fields = tuple(replace(one, type=Scalar("str")) if one == field else one for one in record.fields)
            self._schemas.revise(replace(record, fields=fields))

    def _record(self, type_: Type) -> Record | None:
        if isinstance(type_, UnionOf):
            members = [member for member in type_.members if member != NULL]
            return self._record(members[0]) if len(members) == 1 else None
        if not isinstance(type_, Ref):
            return None
        declared = self._schemas.declared(type_.name)
        return self._record(declared.type) if isinstance(declared, Alias) else declared

    def _id_type(self, name: str, path: Path) -> Literal["str", "int", "uuid"]:
        record = self._schemas.record(name)
        type_: Type | None = None
        for part in path:
            field = None if record is None else next((one for one in record.fields if one.name == part), None)
            if field is None:
                return "str"
            type_ = field.type
            record = self._record(type_)
        members = type_.members if isinstance(type_, UnionOf) else (type_,)
        kinds = [member.kind for member in members if isinstance(member, Scalar) and member != NULL]
        if kinds in (["int"], ["float"]):
            return "int"
        if (name, path) in self._uuids:
            return "uuid"
        pattern = next((one.constraints.pattern for one in members if isinstance(one, Scalar)), None)
        return "uuid" if pattern is not None and not re.search(pattern, "1") else "str"

    def _ok_field(self, replies: Sequence[str]) -> str | None:
        """The field that is false in a reply that reports a failure."""
        for name in replies:
            record = self._schemas.record(name)
            if record is None or not any(field.wire_name in _REASONS for field in record.fields):
                continue
            for field in record.fields:
                if field.wire_name in _OK_NAMES and field.type == Scalar("bool"):
                    return field.name
        return None


def _field(record: Record, wire_name: str) -> Field | None:
    return next((field for field in record.fields if field.wire_name == wire_name), None)


def _is_id(type_: Type) -> bool:
    members = type_.members if isinstance(type_, UnionOf) else (type_,)
    kinds = ("str", "int", "float", "uuid", "null")
    return all(isinstance(member, Scalar) and member.kind in kinds for member in members)
