"""JSON that somebody wrote down by hand, completed with what goes without saying: the constants of its message."""

from __future__ import annotations

from typing import Any

from typedws.schema.contract.api import Direction, Message
from typedws.schema.contract.types import Alias, ListOf, LiteralOf, MapOf, Record, Ref, Type, UnionOf
from typedws.schema.document.kinds import is_array, is_object
from typedws.schema.samples import Checker, candidates

__all__ = ["completed"]


def completed(checker: Checker, message: Message, direction: Direction, tree: Any) -> Any:
    """The same with those fields that have one value always: all that must be there, and others only where the message
    is not known without them."""
    type_ = Ref(message.name)
    least = _completed(checker, type_, tree, every=False)
    decision = direction.text if message.format in ("json", "text") else direction.binary
    if message.name in candidates(decision, least):
        return least
    most = _completed(checker, type_, tree, every=True)
    return most if message.name in candidates(decision, most) else least


def _completed(checker: Checker, type_: Type, tree: Any, *, every: bool) -> Any:
    meant = checker.declaration(type_) or type_
    match meant:
        case Record():
            return _record(checker, meant, tree, every=every) if is_object(tree) else tree
        case Alias(type=inner):
            return _completed(checker, inner, tree, every=every)
        case ListOf(item) if is_array(tree):
            return [_completed(checker, item, one, every=every) for one in tree]
        case MapOf(member) if is_object(tree):
            return {key: _completed(checker, member, one, every=every) for key, one in tree.items()}
        case UnionOf(members):
            # Nothing is added to what is valid, and nothing that does not make it so.
            if checker.accepts(type_, tree):
                return tree
            tried = ((member, _completed(checker, member, tree, every=every)) for member in members)
            return next((found for member, found in tried if checker.accepts(member, found)), tree)
        case _:
            return tree


def _record(checker: Checker, record: Record, tree: dict[str, Any], *, every: bool) -> dict[str, Any]:
    result = dict(tree)
    for field in record.fields:
        name = field.wire_name
        if name in result:
            result[name] = _completed(checker, field.type, result[name], every=every)
            continue
        is_tag = record.tag is not None and record.tag.field == name
        if isinstance(field.type, LiteralOf) and len(field.type.values) == 1 and (field.required or is_tag or every):
            result[name] = field.type.values[0]
    return result
