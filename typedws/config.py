"""The settings of a session: one frozen object, every field with its default, its unit and its reason."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

__all__ = [
    "MAX_HEADERS",
    "MAX_HEAD_BYTES",
    "MAX_REFUSAL_BODY",
    "SessionConfig",
    "check_config",
    "check_interval",
    "check_size",
]

MIB: Final = 1024 * 1024

MAX_HEAD_BYTES: Final = 16 * 1024
"""Bytes of a handshake's head, request or response: what h11 and most servers allow."""

MAX_HEADERS: Final = 100
"""Header fields of a handshake."""

MAX_REFUSAL_BODY: Final = 64 * 1024
"""Bytes kept of the body of a refused handshake; the rest is not read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionConfig:
    """Limits and timers of a session. Every limit is finite unless you set it higher.

    Raises:
        ValueError: a size that is not a positive whole number, or a time that is not positive or is infinite.
        TypeError: `raw` is not a bool.
    """

    max_frame_size: int = 16 * MIB
    """Bytes of one frame's payload as it stands on the wire. Checked when the header is read, before memory is taken;
    over it the peer gets 1009. 16 MiB holds what market-data, AI and notebook APIs send."""

    max_message_size: int = 16 * MIB
    """Bytes of one whole message, its fragments joined and inflated. Counted while inflating; over it the peer gets
    1009."""

    ping_interval: float | None = 20.0
    """Seconds between keepalive pings; None for none. 20 s is below the idle limits of common proxies and NATs (30-60
    s)."""

    timeout: float | None = 20.0
    """Seconds that a keepalive ping may stay unanswered before the connection is given up with 1011; None for ever.
    It stands still while our own full queue keeps us from reading."""

    close_timeout: float = 5.0
    """Seconds for closing: the peer's Close and the end of TCP are awaited that long, then the connection is
    dropped."""

    incoming_messages: int = 1024
    """Messages that wait to be received before reading from the peer pauses; reading goes on at half of it."""

    incoming_bytes: int = 4 * MIB
    """Bytes of messages that wait to be received before reading pauses. One message always fits, whatever its size."""

    outgoing_bytes: int = 64 * 1024
    """Bytes that the peer has not taken yet before `send` waits. It bounds the memory of a connection to a slow
    peer."""

    raw: bool = False
    """Whether `incoming` and `receive` show Ping, Pong and Close frames and single fragments, and `send` takes
    fragments."""

    def __post_init__(self) -> None:
        for name in ("max_frame_size", "max_message_size", "incoming_messages", "incoming_bytes", "outgoing_bytes"):
            check_size(name, getattr(self, name))
        check_interval("ping_interval", self.ping_interval)
        check_interval("timeout", self.timeout)
        # Never None: an unanswered Close must not wait for ever.
        check_interval("close_timeout", self.close_timeout, optional=False)
        if not isinstance(self.raw, bool):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"raw is True or False, not {self.raw!r}")


def check_config(config: object) -> None:
    """Raises `TypeError` unless `config` is a `SessionConfig`."""
    if not isinstance(config, SessionConfig):
        raise TypeError(f"config is a SessionConfig, as in SessionConfig(timeout=10), not {type(config).__name__}")


def check_size(name: str, value: object) -> None:
    """Raises `ValueError` unless `value` is a whole number above 0."""
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        raise ValueError(f"{name} must be a whole number above 0, not {value!r}")


def check_interval(name: str, value: object, *, optional: bool = True) -> None:
    """Raises `ValueError` unless `value` is a finite number of seconds above 0, or None where that is allowed."""
    if value is None and optional:
        return
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
        raise ValueError(f"{name} must be seconds above 0{', or None' if optional else ''}, not {value!r}")
