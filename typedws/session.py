"""The session: values in, values out. It turns values into frames and frames into values, and knows no socket.

What it needs of a connection is the small protocol `Link`. All waiting happens in `Link.wait` and `Link.wait_to_send`, which
change nothing; an item is taken, or a frame queued, by one plain call after the wait has returned. That is why cancelling a
receive loses nothing, and cancelling a send sends nothing, on every backend.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any, Protocol, TypeVar, cast, final, overload

import anyio
from typing_extensions import TypeForm

from typedws.call import Call
from typedws.close import CloseReason
from typedws.config import SessionConfig, check_interval, check_size
from typedws.converters.base import ChecksTypes, WebsocketContentConverter
from typedws.ending import Ending
from typedws.errors import ContentConvertError, ConverterNotFoundError, DeserializeError, SerializeError
from typedws.frames import BinaryFrame, CloseFrame, DataFrame, Frame, PingFrame, PongFrame, TextFrame
from typedws.streams import IncomingFrames, OutgoingFrames

__all__ = ["ClientSession", "Link", "ServerSession", "Session"]

T = TypeVar("T")


class Link(Protocol):
    """**Protocol:** what a session needs of a connection.

    `poll`, `send` and `close` are plain calls; `wait`, `wait_to_send`, `wait_gone` and `flush` only wait, and may be cancelled
    without a trace.
    """

    ping_interval: float | None
    timeout: float | None
    max_frame_size: int
    max_message_size: int

    @property
    def latency(self) -> float | None: ...
    @property
    def may_send(self) -> bool: ...
    def poll(self) -> Frame | Ending | None: ...
    async def wait(self) -> None: ...
    async def wait_to_send(self) -> None: ...
    def send(self, frame: Frame, /) -> None: ...
    async def flush(self) -> None: ...
    async def ping(self) -> float: ...
    def close(self, reason: CloseReason, /) -> None: ...
    def abort(self) -> None: ...
    def ending(self) -> Ending | None: ...
    async def wait_gone(self) -> None: ...


class Session:
    """An open WebSocket, from either end. You get one from `connect`, `WebSocketClient` or `serve`.

    Any number of tasks may send; one at a time may receive, by `receive`, `receive_deserialized`, `iter_deserialized` or
    `incoming`. A session belongs to the event loop that it was opened in.

    When the connection has ended, sending and receiving raise `ConnectionClosedOK` (1000, 1001, no code) or
    `ConnectionClosedError`. Messages that arrived before are still delivered first.
    """

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
        self._link = link
        self._poll = link.poll
        self._call = call
        self._converter = converter
        self._checked: object = None
        self._subprotocol = subprotocol
        self._extensions = tuple(extensions)
        self._config = config
        self._masking = masking
        self._receiving = False
        self._kind: type | None = None
        self._incoming = IncomingFrames(self._take, self.close)
        self._outgoing = OutgoingFrames(self.send, self.close)

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
        link.send(frame)

    @overload
    async def receive_deserialized(self, type_form: type[T], /) -> T: ...
    @overload
    async def receive_deserialized(self, type_form: TypeForm[T], /) -> T: ...
    async def receive_deserialized(self, type_form: Any, /) -> Any:
        """Receives one message as a value of the type asked for.

        Args:
            type_form: a class, a union, a generic, an `Annotated` form: whatever the converter can read.

        Raises:
            ConverterNotFoundError: the session has no converter. No message was taken.
            UnsupportedTypeError: the converter can never read this type. No message was taken.
            DeserializeError: the message is not of that type. It has been taken, and is on the error as `.frame`; the session
                stays open, and the next call gets the next message.
            ConnectionClosed: the connection has ended and every message before that was delivered.
            anyio.BusyResourceError: another task is receiving.

        Cancelling it loses no message.
        """
        converter = self._converter
        if converter is None:
            raise _no_converter()
        if type_form is not self._checked:
            self._check_type(type_form)
        item = self._poll() if not self._receiving else None
        if item is None:
            item = await self._next_item()
        return self._value(converter, item, type_form)

    @overload
    def iter_deserialized(self, type_form: type[T], /) -> AsyncIterator[T]: ...
    @overload
    def iter_deserialized(self, type_form: TypeForm[T], /) -> AsyncIterator[T]: ...
    def iter_deserialized(self, type_form: Any, /) -> AsyncIterator[Any]:
        """Iterates over messages as values of the type asked for.

        Ends quietly after 1000, 1001, a Close without a code, or a `close` of ours, and raises `ConnectionClosedError`
        after any other ending. A bad message raises `DeserializeError`; the iterator is still good and goes on with the next.

        Raises:
            ConverterNotFoundError: the session has no converter.
            UnsupportedTypeError: the converter can never read this type.
        """
        if self._converter is None:
            raise _no_converter()
        self._check_type(type_form)
        return _Values(self, type_form)

    # Frames.

    async def send(self, item: Frame | str | bytes, /) -> None:
        """Sends a frame; a `str` as a text message, `bytes` as a binary one.

        Waits for its turn and for room first: cancelled, nothing was sent; returned, the frame is queued whole. A `CloseFrame`
        starts to close without waiting for the peer.

        Raises:
            ConnectionClosed: the connection has ended.
            ValueError: text that is not UTF-8, or a Close that may not be sent.
            TypeError: neither a frame, nor `str`, nor `bytes`.
            LocalProtocolError: a fragment (`fin=False`) without `SessionConfig(raw=True)`, or out of place.
        """
        frame = item if item.__class__ in _FRAMES else _as_frame(item)
        link = self._link
        if not link.may_send:
            await link.wait_to_send()
        link.send(cast(Frame, frame))

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
        return self._incoming

    @property
    def outgoing(self) -> OutgoingFrames:
        """Where frames are sent, as an anyio `ObjectSendStream[Frame]`."""
        return self._outgoing

    async def flush(self) -> None:
        """Waits until everything sent so far has been handed to the operating system. Returns at once on a closed session."""
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

        Messages that have arrived stay receivable; later ones are discarded. Idempotent: a second call only waits, and none
        raises because the peer is gone. Cancelled, the closing goes on by itself and is over at the same deadline.

        Args:
            reason: code and message; 1000 unless given.

        Raises:
            ValueError: a code that may not be sent, or a message over 123 UTF-8 bytes; nothing was sent.
        """
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

    @property
    def close_reason(self) -> CloseReason | None:
        """Why the connection ended, or None while it is open. Known before the last messages have been received."""
        ending = self._link.ending()
        return None if ending is None else ending.reason

    # What was agreed on.

    @property
    def converter(self) -> WebsocketContentConverter | None:
        """The converter of `send_serialized` and `receive_deserialized`: the subprotocol's, or the default; None for none."""
        return self._converter

    @property
    def call(self) -> Call:
        """The opening handshake: `call.request` and `call.response`."""
        return self._call

    @property
    def subprotocol(self) -> str | None:
        """The negotiated subprotocol, or None."""
        return self._subprotocol

    @property
    def extensions(self) -> tuple[str, ...]:
        """The negotiated extensions with their parameters, as in `("permessage-deflate; client_no_context_takeover",)`."""
        return self._extensions

    @property
    def config(self) -> SessionConfig:
        """The settings that the session was opened with."""
        return self._config

    @property
    def masking(self) -> bool:
        """Whether our frames are masked: True on a client, False on a server (RFC 6455 section 5.1)."""
        return self._masking

    @property
    def latency(self) -> float | None:
        """The last measured round trip in seconds, of a keepalive or of `ping`; None before the first."""
        return self._link.latency

    # What may be changed while open.

    @property
    def ping_interval(self) -> float | None:
        """Seconds between keepalive pings, None for none. Set, it counts from now."""
        return self._link.ping_interval

    @ping_interval.setter
    def ping_interval(self, seconds: float | None) -> None:
        check_interval("ping_interval", seconds)
        self._link.ping_interval = seconds

    @property
    def timeout(self) -> float | None:
        """Seconds that a keepalive ping may stay unanswered, None for ever. Set, it counts from the next ping."""
        return self._link.timeout

    @timeout.setter
    def timeout(self, seconds: float | None) -> None:
        check_interval("timeout", seconds)
        self._link.timeout = seconds

    @property
    def max_frame_size(self) -> int:
        """The largest payload of one received frame, in bytes. Set, it counts from the next frame header."""
        return self._link.max_frame_size

    @max_frame_size.setter
    def max_frame_size(self, size: int) -> None:
        check_size("max_frame_size", size)
        self._link.max_frame_size = size

    @property
    def max_message_size(self) -> int:
        """The largest received message, joined and inflated, in bytes. Set, it counts from the next frame header."""
        return self._link.max_message_size

    @max_message_size.setter
    def max_message_size(self, size: int) -> None:
        check_size("max_message_size", size)
        self._link.max_message_size = size

    def __repr__(self) -> str:
        reason = self.close_reason
        state = "open" if reason is None else f"closed: {reason}"
        return f"<{type(self).__name__} {self._call.request.url.split('?')[0]} {state}>"

    # Inside.

    async def _next_item(self) -> Frame | Ending:
        """Waits for the next item and takes it."""
        if self._receiving:
            raise anyio.BusyResourceError("receiving from")
        self._receiving = True
        try:
            while True:
                await self._link.wait()
                item = self._poll()
                if item is not None:
                    return item
        finally:
            self._receiving = False

    async def _take(self) -> Frame | Ending:
        """The next item, at once where there is one."""
        item = self._poll() if not self._receiving else None
        return await self._next_item() if item is None else item

    def _value(self, converter: WebsocketContentConverter, item: Frame | Ending, type_form: Any) -> Any:
        """What a taken item is as a value of that type."""
        if item.__class__ is not self._kind:
            self._admit(converter, item, type_form)
        frame = cast(DataFrame, item)
        try:
            return converter.deserialize(frame, type_form)
        except ContentConvertError:
            raise
        except Exception as error:
            message = f"the {converter.name} converter failed with {type(error).__name__}"
            raise DeserializeError(message, frame=frame, type_form=type_form) from error

    def _admit(self, converter: WebsocketContentConverter, item: Frame | Ending, type_form: object) -> None:
        """Raises for what is not a message that the converter reads. A kind that it reads is not asked for again."""
        if isinstance(item, Ending):
            raise item.error()
        if not item.fin:
            message = "a fragment is not a message; raw sessions join fragments themselves"
            raise DeserializeError(message, frame=item, type_form=type_form)
        if not isinstance(item, TextFrame | BinaryFrame):
            message = f"a {type(item).__name__} carries no value"
            raise DeserializeError(message, frame=item, type_form=type_form)
        if not converter.is_applicable(item):
            converter.deserialize(item, type_form)  # knows best why not
            message = f"the {converter.name} converter does not read a {type(item).__name__}"
            raise DeserializeError(message, frame=item, type_form=type_form)
        if not self._config.raw:
            self._kind = item.__class__

    def _check_type(self, type_form: object) -> None:
        """Refuses a type that the converter can never read, before a message is taken for it."""
        if isinstance(self._converter, ChecksTypes):
            self._converter.check_type(type_form)
        self._checked = type_form


@final
class ClientSession(Session):
    """A session that we opened."""


@final
class ServerSession(Session):
    """A session that a client opened, as a handler of `serve` gets it."""

    @property
    def remote(self) -> object:
        """The client's address, as the socket gives it; None over a stream without one."""
        return self._call.request.remote


class _Values(AsyncIterator[T]):
    """The iterator of `iter_deserialized`. It has no state of its own, so an exception does not end it."""

    __slots__ = ("_converter", "_session", "_type_form")

    def __init__(self, session: Session, type_form: TypeForm[T]) -> None:
        self._session = session
        self._type_form = type_form
        assert session.converter is not None
        self._converter = session.converter

    def __aiter__(self) -> _Values[T]:
        return self

    async def __anext__(self) -> T:
        session = self._session
        item = session._poll() if not session._receiving else None
        if item is None:
            item = await session._next_item()
        if item.__class__ is Ending and cast(Ending, item).is_quiet:
            raise StopAsyncIteration
        return cast(T, session._value(self._converter, item, self._type_form))


_FRAMES = frozenset({TextFrame, BinaryFrame, PingFrame, PongFrame, CloseFrame})


def _as_frame(item: object) -> Frame:
    if isinstance(item, str):
        return TextFrame(item)
    if isinstance(item, bytes | bytearray | memoryview):
        return BinaryFrame(item)
    raise TypeError(f"send takes a frame, str or bytes, not {type(item).__name__}; a value goes through send_serialized")


def _no_converter() -> ConverterNotFoundError:
    return ConverterNotFoundError(
        "this session has no converter: give connect or serve a converter=, or use send and receive for frames"
    )


