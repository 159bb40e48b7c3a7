"""The wire: an open connection between a transport and a link. Bytes and time come in; frames, writes and one ending
come out.

It is an `asyncio.Protocol` in shape and never waits: everything here happens inside one call of the event loop, or of
the task that uses the session, so no lock is needed. It holds what the protocol leaves open: when reading pauses, when
a violation is acted on, when pings are due, and when a closing connection is dropped.

How an ending comes about. The first of these settles `close_reason`, and nothing changes it afterwards:

    the application closes             its reason      Close sent; the peer's Close awaited, at most `close_timeout`
    the peer's Close is read           the peer's      echoed at once
    a violation is reached             1002/7/8/9      Close sent; input discarded until EOF or `close_timeout`
    a keepalive ping stays unanswered  1011            Close sent, transport closed without awaiting an answer
    the transport ends first           1006

A violation is reached when everything before it has been taken from the inbox and the receiver has come back for more,
at the latest after `close_timeout`: until then the application may still answer what it has taken.

Once both Closes are exchanged a server closes TCP, and a client waits for it to do so (RFC 6455 section 7.1.1): then
the server, not the client, is left with the connection in TIME_WAIT. A client that waited `close_timeout` in vain
aborts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from typedws.close import CloseReason, check_sendable
from typedws.config import SessionConfig
from typedws.ending import Ending, reason_of
from typedws.errors import PingTimeoutError, ProtocolError
from typedws.frames import BinaryFrame, CloseFrame, Frame, PingFrame, TextFrame
from typedws.inbox import Inbox
from typedws.keepalive import Pinger
from typedws.outbox import MOST, Outbox
from typedws.protocol.connection import Connection
from typedws.transport.interface import Runtime, Transport

__all__ = ["Wire"]

_LOST: Final = "the connection ended without a Close frame"


class Wire:
    """One open connection.

    Args:
        connection: the protocol.
        config: the timers; the limits are the connection's already.
        runtime: time, and the sleeping receiver.

    Attributes:
        connection: the protocol.
        inbox: what was received and has not been taken.
        outbox: what was sent and has not been given to the transport.
        pinger: the keepalive.
        close_reason: why the connection ended, or None while it is open.
        is_gone: whether the transport is gone as well.
        writing_paused: whether the peer is behind with taking what we sent.
    """

    def __init__(self, connection: Connection, config: SessionConfig, runtime: Runtime) -> None:
        self.connection = connection
        self.inbox = Inbox(connection.backlog, runtime, self)
        self.outbox = Outbox(limit=min(config.outgoing_bytes, MOST), at_end_of_turn=runtime.at_end_of_turn)
        self.close_reason: CloseReason | None = None
        self.is_gone = False
        self.writing_paused = False
        self.pinger = Pinger(config.ping_interval, config.timeout, runtime.time())

        self._runtime = runtime
        self._wake_now = runtime.wake_now
        self._reads_into_us = False
        self._spare: bytearray | None = None
        self._transport: Transport | None = None
        self._lost: tuple[Exception | None] | None = None
        self._asked_for = False
        self._cause: BaseException | None = None
        self._close_timeout = config.close_timeout
        self._violation_due: float | None = None
        self._drop_due: float | None = None
        self._on_change: tuple[Callable[[], None], ...] = ()

    # From the transport.

    def connection_made(self, transport: Transport) -> None:
        self._transport = self.outbox.transport = transport
        self.outbox.is_open = not self.writing_paused
        self._arm()

    def data_received(self, data: bytes) -> None:
        outbox = self.outbox
        if not outbox.size:
            outbox.is_fresh = True
        connection = self.connection
        if connection.receive_data(data):
            self._look_around()
        self._wake_now()

    def _look_around(self) -> None:
        connection = self.connection
        self._choose_memory()
        if connection.has_news:
            self._attend()
        if connection.is_full and not self.inbox.is_blocked and connection.sent is None:
            self._pause_reading()

    def _choose_memory(self) -> None:
        """A large message is read into its own memory from its first bytes to its last ones, and nothing else is."""
        is_landing = self.connection.is_landing
        if is_landing is not self._reads_into_us:
            self._reads_into_us = is_landing
            self._runtime.read_into_receiver(is_landing)

    def lend_buffer(self, sizehint: int) -> memoryview:
        window = self.connection.window()
        if window is not None:
            self._spare = None
            return window
        self._spare = spare = bytearray(4096)  # small: a transport that asks and reads nothing leaves it here
        return memoryview(spare)

    def take_buffer(self, nbytes: int) -> None:
        spare = self._spare
        if spare is not None:
            # The message is over, and the transport has not been told, or asks once more for what it has read already.
            self._spare = None
            self.data_received(bytes(spare[:nbytes]))
        else:
            if self.connection.landed(nbytes):
                self._look_around()
            self._wake_now()

    def eof_received(self) -> None:
        # The transport closes when it has written what is queued, so this is the last time to tell the peer anything.
        # And it may have stopped to read as well: then what is queued is not awaited for ever.
        self._fail()
        self.outbox.flush()
        self._wait_for_end()

    def connection_lost(self, exc: Exception | None) -> None:
        if self.is_gone:
            return
        self.is_gone = True
        self._transport = None
        self.outbox.discard()
        self._drop_due = None
        self._lost = (exc,)
        self._runtime.disarm()
        self._settle_loss()
        self._changed()

    def pause_writing(self) -> None:
        self.writing_paused = True
        self.outbox.is_open = False

    def resume_writing(self) -> None:
        self.writing_paused = False
        self.outbox.emptied(is_open=self.is_writable and self.close_reason is None)
        self.outbox.write(self.connection.data_to_send())
        self._changed()

    # From the clock.

    def next_deadline(self) -> float | None:
        """When `on_deadline` is due next, or None."""
        if self.is_gone:
            return None
        times = [self._violation_due, self._drop_due]
        if self.connection.sent is None:
            times.append(self.pinger.next_deadline())
        return min((when for when in times if when is not None), default=None)

    def on_deadline(self, now: float) -> None:
        """Does what is due."""
        if self._drop_due is not None and now >= self._drop_due:
            self._drop_due = None
            if self._transport is not None:
                self._transport.abort()
            return
        if self._violation_due is not None and now >= self._violation_due:
            self._fail()
        if self.connection.sent is not None or self.is_gone:
            return
        if self.pinger.is_overdue(now):
            self._give_up()
            return
        if self.pinger.timeout is not None or not self.writing_paused:
            payload = self.pinger.due_ping(now)
            if payload is not None:
                self.outbox.write(self.connection.sender.ping(payload))
        else:
            self.pinger.skip(now)

    def reach_ending(self) -> Ending:
        """The receiver has taken everything there was."""
        if self.connection.violation is not None:
            self._fail()
        ending = self.ending()
        assert ending is not None
        return ending

    def ending(self) -> Ending | None:
        """How the connection ended, or None while it is open."""
        if self.close_reason is None:
            return None
        connection = self.connection
        return Ending(
            self.close_reason,
            sent=connection.sent,
            received=connection.received,
            by_peer=connection.by_peer,
            asked_for=self._asked_for,
            cause=self._cause,
        )

    # From the sender. Each of these queues all of its bytes or none.

    @property
    def is_writable(self) -> bool:
        """Whether frames can still be sent: no Close has been, and the transport is there."""
        return self.connection.sent is None and self._transport is not None

    def send(self, frame: Frame) -> None:
        """Queues a frame. The wire must be writable.

        Raises:
            LocalProtocolError: a fragment out of place.
            ValueError: text that is no UTF-8, or a Close that may not be sent.
        """
        if isinstance(frame, TextFrame | BinaryFrame):
            self.outbox.write(self.connection.sender.data(frame))
        elif isinstance(frame, CloseFrame):
            self.close(frame.reason)
        elif isinstance(frame, PingFrame):
            self.outbox.write(self.connection.sender.ping(frame.data))
        else:
            self.outbox.write(self.connection.sender.pong(frame.data))

    def close(self, reason: CloseReason) -> None:
        """Starts to close, unless that has happened already.

        Raises:
            ValueError: the reason may not be sent.
        """
        check_sendable(reason)  # whatever has happened already: a wrong code is a mistake of the caller's
        if self.connection.violation is not None:
            self._asked_for = True
            self._fail()
        if self.is_gone and self.close_reason is None:
            # Closing gives up what was received and not read, and with it a Close that may be in there.
            self.connection.discard()
            self._settle_loss()
            self._changed()
        if self.connection.sent is not None or self.is_gone:
            self._asked_for = True
            return
        data = self.connection.close(reason)
        self._choose_memory()
        self._asked_for = True
        self._settle(reason)
        self.outbox.write(data)
        self._wait_for_end()

    def abort(self) -> None:
        """Ends the connection now, without a Close of ours if none was sent."""
        self._settle(CloseReason(1006, "the connection was dropped here"))
        if self._transport is not None:
            self._transport.abort()

    def set_ping_interval(self, interval: float | None) -> None:
        """Changes the keepalive's interval, from now on."""
        self.pinger.set_interval(interval, self._runtime.time())
        self._arm()

    def add_listener(self, listener: Callable[[], None]) -> None:
        """Calls `listener` when sending may go on, the connection has ended, or the transport is gone."""
        self._on_change += (listener,)

    # How things end.

    def _attend(self) -> None:
        """Looks at what the last bytes brought besides messages."""
        connection = self.connection
        if connection.pongs:
            now = self._runtime.time()
            for payload in connection.pongs:
                self.pinger.on_pong(payload, now)
            connection.pongs.clear()
            self._arm()
        if not self.writing_paused or connection.received is not None:
            self.outbox.write(connection.data_to_send())
        if connection.received is not None:
            if self.close_reason is None:
                self._settle(connection.received)
            if not connection.client:
                self.outbox.close()
            self._wait_for_end()
        elif connection.violation is not None and not connection.failed:
            self.inbox.has_ended = True
            if self.inbox.precedes:
                if self._violation_due is None:
                    self._violation_due = self._runtime.time() + self._close_timeout
                    self._arm()
            else:
                self._fail()

    def _fail(self, error: ProtocolError | None = None) -> None:
        """Tells the peer what it did wrong, if it has not been told."""
        self._violation_due = None
        connection = self.connection
        error = error or connection.violation
        if connection.failed or error is None:
            return
        reason = reason_of(error)
        self._settle(reason, error)
        data = connection.fail(error, reason)
        self.outbox.write(data)
        if data:
            self.outbox.write_eof()
        self._wait_for_end()

    def _give_up(self) -> None:
        """The peer does not answer pings, so its answer to our Close is not awaited: only that the Close is handed
        over."""
        error = PingTimeoutError(f"no pong within {self.pinger.allowed:g} s")
        reason = reason_of(error)
        self._settle(reason, error)
        self.outbox.write(self.connection.fail(error, reason))
        self.outbox.close()
        self._wait_for_end()

    def _wait_for_end(self) -> None:
        """From here on only the end of the transport is awaited, up to the deadline. What is kept leaves now: an event
        loop that was late may look at its timers before its turn has ended."""
        self.outbox.flush()
        if self._drop_due is None and not self.is_gone:
            self._drop_due = self._runtime.time() + self._close_timeout
            self._arm()
        self.resume_reading()
        self._changed()

    def _settle(self, reason: CloseReason, cause: BaseException | None = None) -> None:
        self.outbox.is_open = False
        if self.close_reason is None:
            self.close_reason = reason
            self._cause = cause
            self.inbox.has_ended = True

    def _settle_loss(self) -> None:
        """The transport is gone. The bytes that it left behind may still tell a better reason, once they can be
        read."""
        if self._lost is None or self.connection.is_stalled:
            return
        violation = self.connection.violation
        if violation is not None:
            self._settle(reason_of(violation), violation)
            self.connection.failed = True  # there is nobody to tell
            return
        (exc,) = self._lost
        self._settle(CloseReason(1006, _LOST if exc is None else f"{_LOST}: {exc}"), exc)

    def _pause_reading(self) -> None:
        self.inbox.block()
        self.pinger.pause(self._runtime.time())
        if self._transport is not None:
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        """The inbox has room again."""
        if not self.inbox.is_blocked:
            return
        self.inbox.unblock()
        connection = self.connection
        connection.resume()
        self._choose_memory()
        if connection.has_news:
            self._attend()
        if connection.is_full and connection.sent is None:
            self.inbox.block()
            return
        if self.is_gone:
            self._settle_loss()
            self._changed()
        self.pinger.resume(self._runtime.time())
        self._arm()
        if self._transport is not None:
            self._transport.resume_reading()

    def _arm(self) -> None:
        when = self.next_deadline()
        if when is not None:
            self._runtime.arm(when)

    def _changed(self) -> None:
        self._runtime.wake()
        for listener in self._on_change:
            listener()
