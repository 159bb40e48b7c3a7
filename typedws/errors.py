"""Every error of the library: one base, split by the layer that found it.

    TypedWSError
    +-- HandshakeError              opening failed; .call has the request, and the response where one came
    |   +-- InvalidURLError         also a ValueError
    |   +-- ConnectError            also an OSError: name lookup, TCP or TLS failed, or the connection was lost
    |   +-- HandshakeTimeoutError   also a TimeoutError: open_timeout passed
    |   +-- HandshakeRejectedError  the server answered, but not with a valid upgrade
    |   +-- ProxyError              the proxy refused, or did not speak HTTP
    +-- ConnectionClosed            also an anyio.BrokenResourceError; .sent .received .by_peer .reason
    |   +-- ConnectionClosedOK      also an anyio.EndOfStream; 1000, 1001 or no code
    |   +-- ConnectionClosedError   any other ending; __cause__ says why where we know
    +-- ProtocolError
    |   +-- LocalProtocolError      we were asked to do what the protocol forbids
    |   +-- RemoteProtocolError     the peer did; .code is the close code that it gets
    |   +-- FrameTooBigError        .size .limit
    |   +-- PingTimeoutError        no pong in time
    +-- ContentConvertError         between a value and a frame
    |   +-- ConverterNotFoundError  the session has no converter
    |   +-- SerializeError          a value that the converter cannot write
    |   +-- DeserializeError        a frame that is no such value; .frame .type_form
    |   +-- UnsupportedTypeError    also a TypeError: a type that the converter can never read
    +-- SchemaError                 .document .pointer .line

Misuse that is found at the call, before anything was sent, is a plain `ValueError` or `TypeError`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

from typedws.close import CloseReason

if TYPE_CHECKING:
    from typedws.call import Call
    from typedws.frames import Frame

__all__ = [
    "ConnectError",
    "ConnectionClosed",
    "ConnectionClosedError",
    "ConnectionClosedOK",
    "ContentConvertError",
    "ConverterNotFoundError",
    "DeserializeError",
    "FrameTooBigError",
    "HandshakeError",
    "HandshakeRejectedError",
    "HandshakeTimeoutError",
    "InvalidURLError",
    "LocalProtocolError",
    "PingTimeoutError",
    "ProtocolError",
    "ProxyError",
    "RemoteProtocolError",
    "SchemaError",
    "SerializeError",
    "TypedWSError",
    "UnsupportedTypeError",
]


class TypedWSError(Exception):
    """The base of every error of typedws. All of them can be copied and pickled."""

    def __reduce__(self) -> tuple[object, ...]:
        # By default the class is called with `args` again, but some attributes are given by keyword only.
        return _restore, (type(self), self.args), self.__dict__


def _restore(cls: type[TypedWSError], args: tuple[object, ...]) -> TypedWSError:
    error = cls.__new__(cls)
    error.args = args
    return error


class HandshakeError(TypedWSError):
    """The connection could not be opened.

    Attributes:
        call: the request, and the response where one came; None where not even a request was made.
    """

    def __init__(self, message: str, *, call: Call | None = None) -> None:
        super().__init__(message)
        self.call = call


class InvalidURLError(HandshakeError, ValueError):
    """The URL is not one that a WebSocket can be opened to (RFC 6455 section 3)."""


class ConnectError(HandshakeError, OSError):
    """No connection: name lookup, TCP or TLS failed, or the connection was lost before the handshake was complete."""


class HandshakeTimeoutError(HandshakeError, TimeoutError):
    """`open_timeout` passed before the handshake was complete."""


class HandshakeRejectedError(HandshakeError):
    """The peer answered with a refusal, or with something that is no valid WebSocket handshake (RFC 6455 section 4)."""


class ProxyError(HandshakeError):
    """The proxy refused the tunnel, or did not answer in HTTP.

    `.call.response` is what the proxy answered, where it did; `.call.request` was not sent yet.
    """


class ConnectionClosed(TypedWSError, anyio.BrokenResourceError):
    """The connection is closed.

    Attributes:
        sent: the Close that we sent, or None.
        received: the Close that the peer sent, or None.
        by_peer: whether the peer's Close came first; False as well where the connection was lost.
        reason: why the connection ended, as in `Session.close_reason`.
    """

    def __init__(
        self,
        reason: CloseReason,
        *,
        sent: CloseReason | None = None,
        received: CloseReason | None = None,
        by_peer: bool = False,
    ) -> None:
        super().__init__(reason, sent, received, by_peer)
        self.reason = reason
        self.sent = sent
        self.received = received
        self.by_peer = by_peer

    def __str__(self) -> str:
        if self.by_peer:
            return f"closed by the peer: {self.reason}"
        if self.reason.code == 1006:
            return f"connection lost: {self.reason.message or 'it ended without a Close frame'}"
        return f"closed here: {self.reason}"

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}({self.reason!r}, sent={self.sent!r}, received={self.received!r}, "
            f"by_peer={self.by_peer})"
        )


class ConnectionClosedOK(ConnectionClosed, anyio.EndOfStream):
    """The connection ended in order: 1000, 1001, or a Close without a code (1005)."""


class ConnectionClosedError(ConnectionClosed):
    """The connection ended otherwise. `__cause__` is the protocol error, timeout or `OSError` behind it where there is
    one."""


class ProtocolError(TypedWSError):
    """The WebSocket protocol was broken."""


class LocalProtocolError(ProtocolError):
    """We were asked to send what the protocol forbids; nothing was sent."""


class RemoteProtocolError(ProtocolError):
    """The peer sent what the protocol forbids.

    Attributes:
        code: the close code that says so: 1002, 1007 or 1008.
    """

    def __init__(self, message: str, *, code: int = 1002) -> None:
        super().__init__(message)
        self.code = code


class FrameTooBigError(ProtocolError):
    """A frame or message over its limit; the peer gets 1009.

    Attributes:
        size: bytes, as far as it is known: the declared length, or what had been inflated when the limit was passed.
        limit: bytes allowed.
    """

    def __init__(self, message: str, *, size: int, limit: int) -> None:
        super().__init__(message)
        self.size = size
        self.limit = limit


class PingTimeoutError(ProtocolError):
    """The peer did not answer a keepalive ping in time."""


class ContentConvertError(TypedWSError):
    """A value could not be turned into a frame, or a frame into a value. The session stays open."""


class ConverterNotFoundError(ContentConvertError):
    """The session has no converter; only raw frames can be sent and received."""


class SerializeError(ContentConvertError):
    """The converter cannot write this value; nothing was queued. `__cause__` is the library's own error."""


class DeserializeError(ContentConvertError):
    """A frame is not a value of the type asked for. It has been taken; the next receive gets the next message.

    The text never quotes the payload. `__cause__` is the library's own error where there is one, and may.

    Attributes:
        frame: the frame.
        type_form: the type asked for.
    """

    def __init__(self, message: str, *, frame: Frame, type_form: object) -> None:
        super().__init__(message)
        self.frame = frame
        self.type_form = type_form


class UnsupportedTypeError(ContentConvertError, TypeError):
    """The converter can never read or write this type; raised at its first use, before a frame is taken."""


class SchemaError(TypedWSError):
    """An API document that cannot be used.

    Attributes:
        document: the file or name of the document, or None.
        pointer: the JSON pointer to the place, or None.
        line: the line, counted from 1, or None.
    """

    def __init__(
        self, message: str, *, document: str | None = None, pointer: str | None = None, line: int | None = None
    ) -> None:
        super().__init__(message)
        self.document = document
        self.pointer = pointer
        self.line = line
