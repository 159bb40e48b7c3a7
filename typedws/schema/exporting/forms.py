"""Which messages a type form stands for: each member of a union is a message, whatever aliases it is behind."""

from __future__ import annotations

import re
import types
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, Never, NoReturn, Union, get_args, get_origin

from typedws.converters.carrier import ALIASES, strip, unwrap
from typedws.schema.exporting.channel import Message

__all__ = ["BINARY", "TEXT", "Form", "class_name", "messages_in"]

TEXT: Final = "text/plain"
BINARY: Final = "application/octet-stream"

_NOTHING = (Never, NoReturn)
_UNIONS = (Union, types.UnionType)
_NAMES: Final[tuple[tuple[Any, str], ...]] = (
    (None, "Null"),
    (type(None), "Null"),
    (str, "Text"),
    (bytes, "Binary"),
    (bytearray, "Binary"),
    (memoryview, "Binary"),
    (int, "Integer"),
    (float, "Number"),
    (bool, "Boolean"),
    (Any, "Anything"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """One message.

    Attributes:
        form: its type, with all metadata but ours.
        name: what to call it where its type has no name of its own; or else empty.
        note: what was said about it beside its type.
        content_type: as it was said there, or follows from the type; None for that of the channel.
    """

    form: Any
    name: str
    note: Message
    content_type: str | None


def messages_in(type_form: Any) -> list[Form]:
    """The messages of a form, in its order.

    Raises:
        ValueError: a union is given the name of a message.
    """
    return list(_messages(type_form, notes=(), alias="", said=Message()))


def _messages(form: Any, *, notes: tuple[Any, ...], alias: str, said: Message) -> Iterator[Form]:
    if isinstance(form, ALIASES):
        yield from _messages(form.__value__, notes=notes, alias=alias or form.__name__, said=said)
    elif isinstance(get_origin(form), ALIASES):
        meant = get_origin(form).__value__[get_args(form)]
        yield from _messages(meant, notes=notes, alias=alias or str(form), said=said)
    elif get_origin(form) is Annotated:
        ours = [note for note in form.__metadata__ if isinstance(note, Message)]
        others = tuple(note for note in form.__metadata__ if not isinstance(note, Message))
        outer = said
        for note in ours:
            outer = _over(outer, note)
        yield from _messages(form.__origin__, notes=(*others, *notes), alias=alias, said=outer)
    elif get_origin(form) in _UNIONS:
        if said.name:
            raise ValueError(f"Message({said.name!r}) is one message, and stands at a union: put it to a member")
        # What else is annotated here is about the union: which of its members it is, for instance.
        for member in get_args(form):
            yield from _messages(member, notes=(), alias="", said=said)
    elif form not in _NOTHING:
        yield _leaf(form, notes=notes, alias=alias, said=said)


def _over(outer: Message, inner: Message) -> Message:
    return Message(
        outer.name or inner.name,
        summary=outer.summary or inner.summary,
        description=outer.description or inner.description,
        content_type=outer.content_type or inner.content_type,
        examples=outer.examples or inner.examples,
    )


def _leaf(form: Any, *, notes: tuple[Any, ...], alias: str, said: Message) -> Form:
    bare = strip(form)
    content_type = said.content_type
    if content_type is None and isinstance(bare, type):
        if issubclass(bare, bytes | bytearray | memoryview):
            content_type = BINARY
        elif bare is str:
            content_type = TEXT
    whole = form
    for note in notes:
        whole = Annotated[whole, note]
    new_type = getattr(form, "__name__", "") if hasattr(form, "__supertype__") else ""
    return Form(whole, said.name or class_name(alias or new_type) or _name_of(form), said, content_type)


def class_name(name: str) -> str:
    """A name as the key of a component: `Page[Trade]` is `Page_Trade`."""
    return re.sub(r"[^A-Za-z0-9_]+", "_", name).strip("_")


def _name_of(form: Any) -> str:
    # A class has a name of its own, which is that of its schema.
    form = unwrap(form)
    origin, arguments = get_origin(form), get_args(form)
    for known, name in _NAMES:
        if form is known:
            return name
    if origin is Literal:
        return class_name("_".join(str(value) for value in arguments)[:40]) or "Literal"
    if origin in (list, set, frozenset) or (origin is tuple and arguments[-1:] == (...,)):
        return f"{_called(arguments[0])}List"
    if origin is dict:
        return f"{_called(arguments[1])}Map"
    if origin is tuple or form is tuple:
        return "Tuple"
    if form in (list, set, frozenset):
        return "List"
    return "Map" if form is dict else ""


def _called(form: Any) -> str:
    bare = strip(form)
    return _name_of(bare) or class_name(getattr(bare, "__name__", "")) or "Value"
