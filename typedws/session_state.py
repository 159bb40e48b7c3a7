"""What a session reports of its connection, and what may be changed while it is open."""

from __future__ import annotations

from collections.abc import Sequence

from typedws.call import Call
from typedws.close import CloseReason
from typedws.config import SessionConfig, check_interval, check_size
from typedws.converters.base import WebsocketContentConverter
from typedws.session_link import Link

__all__ = ["SessionState"]


class SessionState:
    """The part of a session that neither sends nor receives; see `Session`."""

    __slots__ = (
        "__dict__",  # of those who put something of their own on a session
        "__weakref__",
        "_call",
        "_config",
        "_converter",
        "_extensions",
        "_link",
        "_masking",
        "_subprotocol",
    )

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
        self._call = call
        self._converter = converter
        self._subprotocol = subprotocol
        self._extensions = tuple(extensions)
        self._config = config
        self._masking = masking

    @property
    def close_reason(self) -> CloseReason | None:
        """Why the connection ended, or None while it is open. Known before the last messages have been received."""
        ending = self._link.ending()
        return None if ending is None else ending.reason

    # What was agreed on.

    @property
    def converter(self) -> WebsocketContentConverter | None:
        """The converter of `send_serialized` and `receive_deserialized`: the subprotocol's, or the default; None for
        none."""
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
        """The negotiated extensions with their parameters, as in `("permessage-deflate;
        client_no_context_takeover",)`."""
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
        """Seconds between keepalive pings, None for none. Set, it counts from now.

        Raises:
            ValueError: set to what is not finite and above 0.
        """
        return self._link.ping_interval

    @ping_interval.setter
    def ping_interval(self, seconds: float | None) -> None:
        check_interval("ping_interval", seconds)
        self._link.ping_interval = seconds

    @property
    def timeout(self) -> float | None:
        """Seconds that a keepalive ping may stay unanswered, None for ever. Set, it counts from the next ping.

        Raises:
            ValueError: set to what is not finite and above 0.
        """
        return self._link.timeout

    @timeout.setter
    def timeout(self, seconds: float | None) -> None:
        check_interval("timeout", seconds)
        self._link.timeout = seconds

    @property
    def max_frame_size(self) -> int:
        """The largest payload of one received frame, in bytes. Set, it counts from the next frame header.

        Raises:
            ValueError: set to what is no whole number above 0.
        """
        return self._link.max_frame_size

    @max_frame_size.setter
    def max_frame_size(self, size: int) -> None:
        check_size("max_frame_size", size)
        self._link.max_frame_size = size

    @property
    def max_message_size(self) -> int:
        """The largest received message, joined and inflated, in bytes. Set, it counts from the next frame header.

        Raises:
            ValueError: set to what is no whole number above 0.
        """
        return self._link.max_message_size

    @max_message_size.setter
    def max_message_size(self, size: int) -> None:
        check_size("max_message_size", size)
        self._link.max_message_size = size

    def __repr__(self) -> str:
        reason = self.close_reason
        state = "open" if reason is None else f"closed: {reason}"
        return f"<{type(self).__name__} {self._call.request.url.split('?')[0]} {state}>"
