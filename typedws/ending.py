"""How a connection ended, as a value that an exception is made from."""

from __future__ import annotations

from dataclasses import dataclass

from typedws.close import CloseReason
from typedws.errors import (
    ConnectionClosed,
    ConnectionClosedError,
    ConnectionClosedOK,
    FrameTooBigError,
    ProtocolError,
    RemoteProtocolError,
)

__all__ = ["Ending", "reason_of"]


@dataclass(frozen=True, slots=True)
class Ending:
    """The end of a connection, as the receiver meets it after the last message.

    Attributes:
        reason: what `Session.close_reason` says.
        sent: the Close that we sent, or None.
        received: the Close that the peer sent, or None.
        by_peer: whether the peer's Close came first.
        asked_for: whether the application closed the session itself: iteration then ends quietly whatever the code.
        cause: the error behind it, where there is one.
    """

    reason: CloseReason
    sent: CloseReason | None = None
    received: CloseReason | None = None
    by_peer: bool = False
    asked_for: bool = False
    cause: BaseException | None = None

    @property
    def is_quiet(self) -> bool:
        """Whether iteration ends here without an exception."""
        return self.asked_for or self.reason.is_ok

    def error(self) -> ConnectionClosed:
        """A new exception that tells of this ending; a raised one must not be raised again, or its traceback grows."""
        kind = ConnectionClosedOK if self.reason.is_ok else ConnectionClosedError
        error = kind(self.reason, sent=self.sent, received=self.received, by_peer=self.by_peer)
        error.__cause__ = self.cause
        return error


def reason_of(error: ProtocolError) -> CloseReason:
    """What the peer is told of an error that ends the connection: 1002, 1007, 1008, 1009 or 1011."""
    if isinstance(error, RemoteProtocolError):
        return CloseReason(error.code, str(error))
    if isinstance(error, FrameTooBigError):
        return CloseReason(1009, str(error))
    return CloseReason(1011, "Ping timeout")
