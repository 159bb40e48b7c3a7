"""What a request can end in besides its reply and the end of the connection."""

from __future__ import annotations

from typing import Any

from typedws.errors import TypedWSError

__all__ = ["RequestFailed", "RequestTimeoutError"]


class RequestFailed(TypedWSError):
    """The reply to a request says that it failed. The text never quotes it.

    Attributes:
        reply: the reply.
    """

    reply: Any

    def __init__(self, reply: object) -> None:
        super().__init__(reply)
        self.reply = reply

    def __str__(self) -> str:
        return f"the reply is {type(self.reply).__name__}, which says that the request failed; see .reply"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({type(self.reply).__name__})"


class RequestTimeoutError(TypedWSError, TimeoutError):
    """No reply to a request in time. A reply that comes later is delivered as an event.

    Attributes:
        timeout: the seconds that were waited.
        sent: whether the request was sent. If not, the server knows nothing of it.
    """

    def __init__(self, message: str, *, timeout: float, sent: bool = True) -> None:
        super().__init__(message)
        self.timeout = timeout
        self.sent = sent
