"""From a received item to a value: the long way, which tells everything apart, and the short way, for most messages.

Nearly every message of a session is of the kind that its converter reads, and comes as a bare payload. It goes straight
to the function that the converter has built for the type (`ReadsPayloads`). Where that function raises, the long way
finds out what is wrong.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

from typing_extensions import TypeForm

from typedws.converters.base import WebsocketContentConverter, offered
from typedws.ending import Ending
from typedws.errors import ContentConvertError, DeserializeError
from typedws.frames import BinaryFrame, Frame, TextFrame
from typedws.novalue import NOTHING
from typedws.session_link import Inbox

__all__ = ["Values", "payload_reader", "value_of"]

T = TypeVar("T")


def payload_reader(converter: WebsocketContentConverter, type_form: TypeForm[T]) -> Callable[[bytes], T]:
    """The short way for a type. It may raise anything, and always does where the converter has none.

    Raises:
        UnsupportedTypeError: the converter can never read the type.
    """
    build: Callable[[TypeForm[T]], Callable[[bytes], T]] | None = offered(converter, "payload_reader")
    if build is not None:
        return build(type_form)
    check = offered(converter, "check_type")
    if check is not None:
        check(type_form)
    return _no_short_way


def _no_short_way(payload: bytes) -> Any:
    raise NotImplementedError


def value_of(converter: WebsocketContentConverter, item: Frame | Ending, type_form: TypeForm[T]) -> T:
    """The long way.

    Raises:
        DeserializeError: the frame is no message of that type.
        ConnectionClosed: there are no more frames.
    """
    if isinstance(item, Ending):
        raise item.error()
    if not item.fin:
        message = "a fragment is not a message; sessions that are not raw join fragments"
        raise DeserializeError(message, frame=item, type_form=type_form)
    kind = type(item).__name__
    if not isinstance(item, TextFrame | BinaryFrame):
        raise DeserializeError(f"a {kind} carries no value", frame=item, type_form=type_form)
    applicable = True
    try:
        applicable = converter.is_applicable(item)
        value = converter.deserialize(item, type_form)
    except ContentConvertError:
        raise
    except Exception as error:
        message = f"the {converter.name} converter failed with {type(error).__name__}"
        if not applicable:
            message = f"the {converter.name} converter does not read a {kind}"
        raise DeserializeError(message, frame=item, type_form=type_form) from error
    if not applicable:
        message = f"the {converter.name} converter does not read a {kind}"
        raise DeserializeError(message, frame=item, type_form=type_form)
    return value


class Values(AsyncIterator[T]):
    """What `Session.iter_deserialized` returns. An exception does not end it: the next step takes the next message.

    Args:
        inbox: the session's received messages.
        as_frame: makes a frame of a bare payload.
        converter: the session's.
        type_form: the type to read.

    Raises:
        UnsupportedTypeError: the converter can never read the type.
    """

    __slots__ = ("_as_frame", "_converter", "_inbox", "_read", "_type_form")

    def __init__(
        self,
        inbox: Inbox,
        as_frame: Callable[[bytes], Frame] | None,
        converter: WebsocketContentConverter,
        type_form: TypeForm[T],
    ) -> None:
        self._inbox = inbox
        self._as_frame = as_frame
        self._converter = converter
        self._type_form = type_form
        self._read = payload_reader(converter, type_form)

    def __aiter__(self) -> Values[T]:
        return self

    async def __anext__(self) -> T:
        # As in `Session.receive_deserialized`.
        inbox = self._inbox
        type_form = self._type_form
        value = inbox.poll_value(type_form)
        while value is NOTHING:
            if type_form is not inbox.type_form:
                inbox.read_as(type_form, self._read)
            else:
                waiting = inbox.begin_wait()
                if waiting is None:
                    return self._read_otherwise()
                try:
                    await waiting
                except BaseException:
                    inbox.leave_wait()
                    raise
                inbox.end_wait()
            value = inbox.poll_value(type_form)
        return value  # type: ignore[no-any-return]

    def _read_otherwise(self) -> T:
        item = self._inbox.poll()
        assert item is not None
        if isinstance(item, bytes):
            assert self._as_frame is not None
            item = self._as_frame(item)
        if isinstance(item, Ending) and item.is_quiet:
            raise StopAsyncIteration
        return value_of(self._converter, item, self._type_form)
