"""A link: a wire that can be waited for. It is what a session is given, and adds to the wire only turns and waiting.

The session takes and sends through plain calls (`inbox`, `send`), and a wait changes nothing, so a cancelled one loses
nothing.

Senders take turns in order of arrival: each waits until it is first in the line and the peer is not behind.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio
import anyio.lowlevel

from typedws.close import CloseReason
from typedws.ending import Ending
from typedws.frames import DataFrame, Frame, PingFrame
from typedws.protocol.framing import encode_frame
from typedws.protocol.sending import FIN_TEXT
from typedws.protocol.text import is_ascii
from typedws.transport.interface import Runtime
from typedws.wire import Wire

__all__ = ["WireLink"]


class _Turn:
    """A sender's place in the line. It may be woken too early, and looks again."""

    __slots__ = ("_event",)

    def __init__(self) -> None:
        self._event: anyio.Event | None = None

    async def wait(self) -> None:
        self._event = anyio.Event()
        await self._event.wait()

    def wake(self) -> None:
        if self._event is not None:
            self._event.set()


def _without(event: anyio.Event, events: tuple[anyio.Event, ...]) -> tuple[anyio.Event, ...]:
    return tuple([each for each in events if each is not event])


class WireLink:
    """The awaitable face of a wire. Make it inside the event loop.

    Args:
        wire: the wire.
        runtime: the runtime that the wire was given.
        outgoing_bytes: bytes queued for the peer above which senders wait.

    Attributes:
        inbox: the received messages.
        writers: what makes the values of a class into payloads; the owner fills it.
    """

    def __init__(self, wire: Wire, runtime: Runtime, *, outgoing_bytes: int) -> None:
        self.wire = wire
        self.inbox = wire.inbox
        self.writers: dict[type, Callable[[Any], bytes]] = {}
        self._sender = wire.connection.sender
        self._outbox = wire.outbox
        self._burst = runtime.burst
        self._outgoing_bytes = outgoing_bytes
        self._turns: list[_Turn] = []
        # Messages that may be sent without a wait, besides the one that a wait was for; none while somebody is in the
        # line.
        self._send_credit = self._burst - 1
        # Tuples, because most links never have one in them.
        self._flushing: tuple[anyio.Event, ...] = ()
        self._asking: tuple[anyio.Event, ...] = ()
        self._gone: anyio.Event | None = None
        wire.add_listener(self._on_change)

    # Settings and figures.

    @property
    def ping_interval(self) -> float | None:
        return self.wire.pinger.interval

    @ping_interval.setter
    def ping_interval(self, seconds: float | None) -> None:
        self.wire.set_ping_interval(seconds)

    @property
    def timeout(self) -> float | None:
        return self.wire.pinger.timeout

    @timeout.setter
    def timeout(self, seconds: float | None) -> None:
        self.wire.pinger.timeout = seconds

    @property
    def max_frame_size(self) -> int:
        return self.wire.connection.max_frame_size

    @max_frame_size.setter
    def max_frame_size(self, size: int) -> None:
        self.wire.connection.max_frame_size = size

    @property
    def max_message_size(self) -> int:
        return self.wire.connection.max_message_size

    @max_message_size.setter
    def max_message_size(self, size: int) -> None:
        self.wire.connection.max_message_size = size

    @property
    def latency(self) -> float | None:
        return self.wire.pinger.latency

    @property
    def bare(self) -> type[DataFrame] | None:
        """The kind of messages that the inbox hands out as bare payloads, and `send_value` sends."""
        return self.wire.connection.bare

    # Sending.

    @property
    def may_send(self) -> bool:
        """Whether `send` may be called now without waiting for a turn."""
        return self._send_credit > 0 and not self.wire.writing_paused

    async def wait_to_send(self) -> None:
        """Waits for a turn: all earlier senders have sent, and the peer is not behind, or the connection has ended."""
        turn = _Turn()
        self._turns.append(turn)
        self._send_credit = 0
        try:
            await anyio.lowlevel.checkpoint()
            while self.wire.is_writable and (self.wire.writing_paused or self._turns[0] is not turn):
                await turn.wait()
        finally:
            self._turns.remove(turn)
            self._wake_next_sender()
            if not self._turns:
                self._send_credit = self._burst - 1

    def send(self, frame: Frame) -> None:
        """Queues a frame whole. The turn must be ours.

        Raises:
            ConnectionClosed: nothing can be sent any more.
            LocalProtocolError: a fragment out of place.
            ValueError: text that is no UTF-8, or a Close that may not be sent.
        """
        if not self.wire.is_writable:
            raise self._closed()
        if self._send_credit:
            self._send_credit -= 1
        self.wire.send(frame)

    def send_value(self, value: object) -> bool:
        """Makes a value into a message of the kind `bare`, by the function that `writers` has for its class, and queues
        it, if that can be done without a wait.

        Returns:
            False where a wait comes first, or nothing can be sent any more; nothing has been made or queued.

        Raises: KeyError where there is no such function; what the function raises; ValueError and TypeError for what is
            no payload. Nothing was queued.
        """
        write = self.writers[type(value)]
        outbox = self._outbox
        credit = self._send_credit
        if not credit or not outbox.is_open:
            return False
        # The value is made into a message when everything else is settled: not before its turn.
        payload = write(value)
        sender = self._sender
        # What `bare` does with most messages, with one call less.
        if sender.is_simple_text and is_ascii(payload):
            outbox.write(encode_frame(FIN_TEXT, payload, sender.client))
        else:
            outbox.write(sender.bare(payload))
        self._send_credit = credit - 1
        return True

    def _closed(self) -> Exception:
        ending = self.wire.ending()
        if ending is None:  # the transport ended, and what it left behind has not been read yet
            ending = Ending(CloseReason(1006, "the connection was lost"))
        return ending.error()

    def _wake_next_sender(self) -> None:
        if self._turns and not self.wire.writing_paused:
            self._turns[0].wake()

    async def flush(self) -> None:
        """Waits until all that was queued has been handed to the operating system, or the connection is gone."""
        await anyio.lowlevel.checkpoint()
        while self.wire.outbox.unwritten:
            # Each time: what others have sent meanwhile may be kept, and nobody tells when the turn has ended.
            self.wire.outbox.flush()
            if not self.wire.outbox.unwritten:
                break
            written = anyio.Event()
            self._flushing += (written,)
            self.wire.outbox.set_limits(0)
            try:
                await written.wait()
            finally:
                self._flushing = _without(written, self._flushing)
                if not self._flushing:
                    self.wire.outbox.set_limits(self._outgoing_bytes)

    async def ping(self) -> float:
        """Sends a ping and waits for its pong.

        Returns:
            the round trip in seconds.

        Raises:
            ConnectionClosed: the connection ended first.
        """
        if not self.may_send:
            await self.wait_to_send()
        if not self.wire.is_writable:
            raise self._closed()
        answer = anyio.Event()
        trip: list[float] = []

        def answered(seconds: float) -> None:
            trip.append(seconds)
            answer.set()

        payload = self.wire.pinger.ask(answered)
        self.wire.send(PingFrame(payload))
        self._asking += (answer,)
        try:
            await answer.wait()
        finally:
            self._asking = _without(answer, self._asking)
            self.wire.pinger.forget(payload)
        if not trip:
            raise self._closed()
        return trip[0]

    # Ending.

    def close(self, reason: CloseReason) -> None:
        """Queues a Close, unless the connection has ended. It is then gone after `close_timeout` at the latest.

        Raises:
            ValueError: the reason may not be sent.
        """
        self.wire.close(reason)

    def abort(self) -> None:
        """Ends the connection now."""
        self.wire.abort()

    def ending(self) -> Ending | None:
        """How the connection ended, or None while it is open. May be known before the last message has been taken."""
        return self.wire.ending()

    @property
    def is_gone(self) -> bool:
        """Whether the transport is gone."""
        return self.wire.is_gone

    async def wait_gone(self) -> None:
        """Waits until the transport is gone."""
        if self.wire.is_gone:
            await anyio.lowlevel.checkpoint()
            return
        if self._gone is None:
            self._gone = anyio.Event()
        await self._gone.wait()

    def _on_change(self) -> None:
        wire = self.wire
        if wire.is_gone and self._gone is not None:
            self._gone.set()
        if not wire.writing_paused or wire.is_gone:
            for written in self._flushing:
                written.set()
        if wire.close_reason is not None or wire.is_gone:
            for answer in self._asking:
                answer.set()
            for turn in self._turns:
                turn.wake()
        else:
            self._wake_next_sender()
