"""The session: values in, values out. It turns values into frames and frames into values, and knows no socket.

What it needs of a connection is the small protocol `Link`. An item is taken, or a frame queued, by one plain call after
the wait has returned. That is why cancelling a receive loses nothing, and cancelling a send sends nothing, on every
backend.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Any, Final, TypeVar, cast, final, overload

from typing_extensions import TypeForm

from typedws.call import Call
from typedws.close import CloseReason
from typedws.config import SessionConfig
from typedws.converters.base import WebsocketContentConverter, offered
from typedws.ending import Ending
from typedws.errors import ContentConvertError, ConverterNotFoundError, SerializeError, UnsupportedTypeError
from typedws.frames import BinaryFrame, CloseFrame, Frame, PingFrame, PongFrame, TextFrame
from typedws.novalue import NOTHING
from typedws.reading import Values, payload_reader, value_of
from typedws.session_link import Link
from typedws.session_state import SessionState
from typedws.streams import IncomingFrames, OutgoingFrames

__all__ = ["ClientSession", "ServerSession", "Session"]

T = TypeVar("T")

MAX_WRITERS: Final = 64
"""Classes whose writers a session keeps at hand; the converter has the others."""


class Session(SessionState):
    """An open WebSocket, from either end. You get one from `connect`, `WebSocketClient` or `serve`.

    Any number of tasks may send; one at a time may receive, by `receive`, `receive_deserialized`, `iter_deserialized`
    or `incoming`. A session belongs to the event loop that it was opened in.

    When the connection has ended, sending and receiving raise `ConnectionClosedOK` (1000, 1001, no code) or
    `ConnectionClosedError`. Messages that arrived before are still delivered first.
    """

    __slots__ = ("_bare", "_inbox", "_incoming", "_outgoing")

    def __init__(
        self,
        link: Link,
        *,
        call: Call,
        converter: WebsocketContentConverter | None,
        subprotocol: str | None,
        extensions: Sequence[str],
        config: SessionConfig,
        masking: bool,
    ) -> None:
        super().__init__(
            link,
            call=call,
            converter=converter,
            subprotocol=subprotocol,
            extensions=extensions,
            config=config,
            masking=masking,
        )
        self._bare = link.bare
        self._inbox = link.inbox
        self._incoming: IncomingFrames | None = None
        self._outgoing: OutgoingFrames | None = None

    # Typed messages.

    async def send_serialized(self, value: object, type_form: TypeForm[Any] | None = None, /) -> None:
        """Sends a value as one message, through the session's converter.

        Waits for its turn and for room first, then encodes and queues without a pause: cancelled, nothing was sent;
        returned, the message is queued whole. Returning does not mean that the peer has it.

        Args:
            value: what to send.
            type_form: the type to write it as; see the converter. Its own type unless given.

        Raises:
            ConverterNotFoundError: the session has no converter.
            SerializeError: the converter cannot write the value; nothing was sent.
            UnsupportedTypeError: it never can.
            ConnectionClosed: the connection has ended.
        """
        if type_form is None:
            try:
                if self._link.send_value(value):
                    return
            except Exception:
                pass  # nothing was queued; the long way finds a writer, or out what is wrong
        await self._send_by_frame(value, type_form)

    @overload
    async def receive_deserialized(self, type_form: type[T], /) -> T: ...
    @overload
    async def receive_deserialized(self, type_form: TypeForm[T], /) -> T: ...
    async def receive_deserialized(self, type_form: TypeForm[T], /) -> T:
        """Receives one message as a value of the type asked for.

        Args:
            type_form: a class, a union, a generic, an `Annotated` form: whatever the converter can read.

        Raises:
            ConverterNotFoundError: the session has no converter. No message was taken.
            UnsupportedTypeError: the converter can never read this type. No message was taken.
            DeserializeError: the message is not of that type. It has been taken, and is on the error as `.frame`; the
                session stays open, and the next call gets the next message.
            ConnectionClosed: the connection has ended and every message before that was delivered.
            anyio.BusyResourceError: another task is receiving.

        Cancelling it loses no message.
        """
        value = self._inbox.poll_value(type_form)
        while value is NOTHING:
            inbox = self._inbox
            if type_form is not inbox.type_form:
                self._ask_for(type_form)
            else:
                waiting = inbox.begin_wait()
                if waiting is None:
                    return self._read_otherwise(type_form)
                try:
                    await waiting
                except BaseException:
                    inbox.leave_wait()
                    raise
                inbox.end_wait()
            value = inbox.poll_value(type_form)
        return value  # type: ignore[no-any-return]

    @overload
    def iter_deserialized(self, type_form: type[T], /) -> AsyncIterator[T]: ...
    @overload
    def iter_deserialized(self, type_form: TypeForm[T], /) -> AsyncIterator[T]: ...
    def iter_deserialized(self, type_form: TypeForm[T], /) -> AsyncIterator[T]:
        """Iterates over messages as values of the type asked for.

        Ends quietly after 1000, 1001, a Close without a code, or a `close` of ours, and raises `ConnectionClosedError`
        after any other ending. A bad message raises `DeserializeError`; the iterator is still good and goes on with the
        next.

        Raises:
            ConverterNotFoundError: the session has no converter.
            UnsupportedTypeError: the converter can never read this type.
        """
        if self._converter is None:
            raise _no_converter()
        return Values(self._inbox, self._bare, self._converter, type_form)

    # Frames.

    async def send(self, item: Frame | str | bytes, /) -> None:
        """Sends a frame; a `str` as a text message, `bytes` as a binary one.

        Waits for its turn and for room first: cancelled, nothing was sent; returned, the frame is queued whole. A
        `CloseFrame` starts to close without waiting for the peer.

        Raises:
            ConnectionClosed: the connection has ended.
            ValueError: text that is not UTF-8, or a Close that may not be sent.
            TypeError: neither a frame, nor `str`, nor `bytes`.
            LocalProtocolError: a fragment (`fin=False`) without `SessionConfig(raw=True)`, or out of place.
        """
        frame: Any = item if item.__class__ in _FRAMES else _as_frame(item)
        link = self._link
        if not link.may_send:
            await link.wait_to_send()
        link.send(frame)

    async def receive(self) -> Frame:
        """Receives one message as a frame: a `TextFrame` or `BinaryFrame`, or in raw mode any frame.

        Raises:
            ConnectionClosedOK: the connection ended with 1000, 1001 or no code, and every message was delivered.
            ConnectionClosedError: it ended otherwise, and every message was delivered.
            anyio.BusyResourceError: another task is receiving.

        Cancelling it loses no message.
        """
        item = await self._take()
        if isinstance(item, Ending):
            raise item.error()
        return item

    @property
    def incoming(self) -> IncomingFrames:
        """The received frames, as an anyio `ObjectReceiveStream[Frame]`: `async for frame in session.incoming`."""
        if self._incoming is None:
            self._incoming = IncomingFrames(self._take, self.close)
        return self._incoming

    @property
    def outgoing(self) -> OutgoingFrames:
        """Where frames are sent, as an anyio `ObjectSendStream[Frame]`."""
        if self._outgoing is None:
            self._outgoing = OutgoingFrames(self.send, self.close)
        return self._outgoing

    async def flush(self) -> None:
        """Waits until everything sent so far has been handed to the operating system. Returns at once on a closed
        session.

        Over TLS on asyncio it waits until all of it has been handed to the loop's TLS layer, which does not tell what
        is left in the socket below.
        """
        await self._link.flush()

    async def ping(self) -> float:
        """Sends a Ping and waits for its Pong.

        Returns:
            the round trip in seconds.

        Raises:
            ConnectionClosed: the connection has ended, or ended before the Pong came.

        Pongs are read while the incoming queue has room: a task that never receives may wait here for ever.
        """
        return await self._link.ping()

    # Closing.

    async def close(self, reason: CloseReason = CloseReason(), /) -> None:  # noqa: B008 - frozen
        """Closes: sends `reason`, waits for the peer's Close and the end of the connection, at most `close_timeout`.

        Messages that have arrived stay receivable; later ones are discarded. Idempotent: a second call only waits, and
        none raises because the peer is gone. Cancelled, the closing goes on by itself and is over at the same deadline.

        Args:
            reason: code and message; 1000 unless given.

        Raises:
            ValueError: a code that may not be sent, or a message over 123 UTF-8 bytes; nothing was sent.
            TypeError: `reason` is no `CloseReason`.
        """
        if not isinstance(reason, CloseReason):  # pyright: ignore[reportUnnecessaryIsInstance] - a likely slip
            raise TypeError(f"close takes a CloseReason, as in CloseReason(1000, 'done'), not {type(reason).__name__}")
        self._link.close(reason)
        await self._link.wait_gone()

    async def wait_closed(self) -> CloseReason:
        """Waits until the connection is gone.

        Returns:
            why it ended; 1006 where no Close came.
        """
        await self._link.wait_gone()
        ending = self._link.ending()
        return CloseReason(1006) if ending is None else ending.reason

    # Inside.

    async def _take(self) -> Frame | Ending:
        """The next item, at once where there is one."""
        item = self._inbox.poll()
        if item is None:
            item = await self._inbox.next_item()
        return self._as_frame(item) if isinstance(item, bytes) else item

    def _poll_frame(self) -> Any:
        """The next item, a frame or the ending, where there is one; None where there is none."""
        item = self._inbox.poll()
        return self._as_frame(item) if isinstance(item, bytes) else item

    def _read_otherwise(self, type_form: TypeForm[T]) -> T:
        """What the short way of `receive_deserialized` has left to `poll`."""
        item = self._inbox.poll()
        converter = self._converter
        assert item is not None
        assert converter is not None
        return value_of(converter, self._as_frame(item) if isinstance(item, bytes) else item, type_form)

    def _as_frame(self, payload: bytes) -> Frame:
        assert self._bare is not None
        return self._bare(payload)

    async def _send_by_frame(self, value: object, type_form: TypeForm[Any] | None) -> None:
        """The long way of `send_serialized`."""
        converter = self._converter
        if converter is None:
            raise _no_converter()
        link = self._link
        if not link.may_send:
            await link.wait_to_send()
        try:
            frame = converter.serialize(value, type_form)
        except ContentConvertError:
            raise
        except Exception as error:
            raise SerializeError(f"the {converter.name} converter failed with {type(error).__name__}") from error
        if not isinstance(frame, TextFrame | BinaryFrame):  # pyright: ignore[reportUnnecessaryIsInstance]
            message = (
                f"the {converter.name} converter returned a {type(frame).__name__}, not a TextFrame or BinaryFrame"
            )
            raise SerializeError(message)
        # A converter that reads both kinds may write the other one, and only `bare` has a short way.
        if type_form is None and type(frame) is self._bare and type(value) not in link.writers:
            self._learn_to_write(type(value))
        try:
            link.send(frame)
        except ValueError as error:
            raise SerializeError(f"the {converter.name} converter returned text that is not UTF-8") from error

    def _learn_to_write(self, cls: type) -> None:
        build = offered(self._converter, "payload_writer")
        if build is None:
            return
        writers = self._link.writers
        with suppress(UnsupportedTypeError):
            writer = build(cls)
            if len(writers) >= MAX_WRITERS:
                writers.clear()
            writers[cls] = writer

    def _ask_for(self, type_form: TypeForm[Any]) -> None:
        """Gets ready to read a type; refuses one that can never be read, before a message is taken for it."""
        if self._converter is None:
            raise _no_converter()
        self._inbox.read_as(type_form, payload_reader(self._converter, type_form))


@final
class ClientSession(Session):
    """A session that we opened."""

    __slots__ = ()


@final
class ServerSession(Session):
    """A session that a client opened, as a handler of `serve` gets it."""

    __slots__ = ()

    @property
    def remote(self) -> tuple[str, int] | str | None:
        """The client's address: host and port, or the path of its Unix socket; None where it has none."""
        return self._call.request.remote


_FRAMES = frozenset({TextFrame, BinaryFrame, PingFrame, PongFrame, CloseFrame})


def _as_frame(item: object) -> Frame:
    if isinstance(item, str):
        return TextFrame(item)
    if isinstance(item, bytes | bytearray):
        return BinaryFrame(item)
    if isinstance(item, memoryview):
        return BinaryFrame(cast("memoryview[int]", item))
    raise TypeError(
        f"send takes a frame, str or bytes, not {type(item).__name__}; a value goes through send_serialized"
    )


def _no_converter() -> ConverterNotFoundError:
    return ConverterNotFoundError(
        "this session has no converter: give connect or serve a converter=, or use send and receive for frames"
    )
