"""Pings that we send and the Pongs that answer them (RFC 6455 sections 5.5.2 and 5.5.3).

A `Pinger` knows when the next keepalive ping is due and when an unanswered one means that the peer is gone. It does
nothing by itself: the wire asks it for its next deadline and tells it the time.

Only time in which we could have read the answer counts. The deadline stands still while reading is paused because the
application is behind, and an event loop that was blocked and looks at the clock too late gets the time that it missed
once more, since the Pong may wait unread in the socket.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Final

__all__ = ["Pinger"]

LATE: Final = 0.1
"""Seconds after its deadline from which a look at the clock counts as late."""

PREFIX: Final = 4
"""Random bytes that the payloads of a connection begin with."""


class Pinger:
    """The keepalive of one connection, and the round trips that it measures.

    Args:
        interval: seconds between keepalive pings, or None.
        timeout: seconds for an answer, or None.
        now: the time.
        clock: measures round trips; finer than the time of some event loops, which moves on once per turn or
            millisecond.

    Attributes:
        timeout: seconds for an answer, or None; settable, from the next ping on.
        allowed: seconds that the last keepalive ping with a deadline was given, whatever `timeout` is by now.
        latency: the last round trip in seconds, or None before the first.
    """

    __slots__ = (
        "_asked",
        "_clock",
        "_clocked_at",
        "_count",
        "_deadline",
        "_grace_given",
        "_interval",
        "_last_payload",
        "_next_ping",
        "_paused_at",
        "_payload",
        "_prefix",
        "_sent_at",
        "allowed",
        "latency",
        "timeout",
    )

    def __init__(
        self,
        interval: float | None,
        timeout: float | None,
        now: float,
        *,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.timeout = timeout
        self.allowed = 0.0
        self.latency: float | None = None
        self._clock = clock
        self._interval = interval
        self._next_ping = None if interval is None else now + interval
        # Made with the first ping.
        self._prefix = b""
        self._count = 0
        self._last_payload = b""
        # The keepalive ping that waits for its Pong.
        self._payload: bytes | None = None
        self._sent_at = 0.0
        self._clocked_at = 0.0
        self._deadline: float | None = None
        self._grace_given = False
        self._paused_at: float | None = None
        # The application's own pings, oldest first; None as long as there was none.
        self._asked: dict[bytes, tuple[float, Callable[[float], None]]] | None = None

    @property
    def interval(self) -> float | None:
        """Seconds between keepalive pings, or None."""
        return self._interval

    def set_interval(self, interval: float | None, now: float) -> None:
        """Changes the interval; the next ping is due one interval from now."""
        self._interval = interval
        self._next_ping = None if interval is None else now + interval
        if interval is None:
            self._payload = self._deadline = None

    def next_deadline(self) -> float | None:
        """When to look again; None for never."""
        if self._deadline is not None and self._paused_at is None:
            return self._deadline
        return self._next_ping if self._deadline is None else None

    def pause(self, now: float) -> None:
        """Reading has stopped on our side: the time for an answer stands still."""
        if self._paused_at is None:
            self._paused_at = now

    def resume(self, now: float) -> None:
        """Reading goes on."""
        if self._paused_at is not None and self._deadline is not None:
            self._deadline += now - max(self._paused_at, self._sent_at)
        self._paused_at = None

    def is_overdue(self, now: float) -> bool:
        """Whether the answer to a keepalive ping is out of time."""
        if self._deadline is None or self._paused_at is not None or now < self._deadline:
            return False
        late = now - self._deadline
        if late > LATE and not self._grace_given:
            self._grace_given = True
            self._deadline = now + min(late, self.allowed)
            return False
        return True

    def due_ping(self, now: float) -> bytes | None:
        """The payload of the keepalive ping to send now, or None where none is due."""
        if self._next_ping is None or self._interval is None or now < self._next_ping:
            return None
        if self._deadline is not None:
            return None  # one question at a time; the last one still has time
        self._next_ping = now + self._interval
        self._payload = self._new_payload()
        self._sent_at = now
        self._clocked_at = self._clock()
        self._deadline = None
        if self.timeout is not None:
            self.allowed = self.timeout
            self._deadline = now + self.timeout
        self._grace_given = False
        return self._payload

    def skip(self, now: float) -> None:
        """A ping that is due is not sent, because it could not leave; the next one is due an interval from now."""
        if self._next_ping is not None and self._interval is not None and now >= self._next_ping:
            self._next_ping = now + self._interval

    def ask(self, answered: Callable[[float], None]) -> bytes:
        """The payload of a ping of the application's; `answered` gets the round trip in seconds."""
        payload = self._new_payload()
        if self._asked is None:
            self._asked = {}
        self._asked[payload] = (self._clock(), answered)
        return payload

    def forget(self, payload: bytes) -> None:
        """Nobody waits for the answer to this ping any more."""
        if self._asked is not None:
            self._asked.pop(payload, None)

    def on_pong(self, payload: bytes, now: float) -> None:
        """A Pong came. It answers its ping and every earlier one (section 5.5.3); one that nobody asked for is
        ignored."""
        if len(payload) != PREFIX + 8 or not self._prefix < payload <= self._last_payload:
            return
        # Our payloads count up, so that one is earlier than another is a comparison of bytes.
        if self._payload is not None and self._payload <= payload:
            if self._payload == payload:
                self.latency = self._clock() - self._clocked_at
            self._payload = self._deadline = None
            if self._next_ping is not None:
                self._next_ping = max(self._next_ping, now)
        if not self._asked:
            return
        read_at = self._clock()
        for asked in [asked for asked in self._asked if asked <= payload]:
            clocked_at, answered = self._asked.pop(asked)
            if asked == payload:
                self.latency = read_at - clocked_at
            answered(read_at - clocked_at)

    def _new_payload(self) -> bytes:
        if not self._count:
            self._prefix = os.urandom(PREFIX)
        self._count += 1
        self._last_payload = self._prefix + self._count.to_bytes(8, "big")
        return self._last_payload
