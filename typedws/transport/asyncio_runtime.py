"""Time, and the sleeping receiver, on asyncio and uvloop.

A task that waits for a Future runs a turn of the loop after the Future has its result: the loop asks the operating
system for news in between, which on asyncio costs more than all else that a small message does. So where bytes have
come and the loop is about to take control back, the task goes on at once, inside the transport's call, just as a
callback would that a protocol calls from there.
"""

from __future__ import annotations

import asyncio
from asyncio import Future
from typing import Any, Final, NoReturn, cast

from typedws.transport.interface import Receiver

__all__ = ["AsyncioRuntime"]

BURST: Final = 256
"""Messages that may be taken, or sent, before other tasks get a turn."""


class AsyncioRuntime:
    """Time, one lazily re-armed timer, and one sleeping receiver, on the running loop."""

    def __init__(self) -> None:
        self.burst = BURST
        self._loop = asyncio.get_running_loop()
        self.at_end_of_turn = self._loop.call_soon
        self._sleeper: Future[None] | None = None
        self._timer: asyncio.Handle | None = None
        self._due = 0.0
        self._receiver: Receiver | None = None
        self._reads_into_it = False
        self._transport: asyncio.Transport | None = None

    def time(self) -> float:
        return self._loop.time()

    def sleep(self) -> Future[None]:
        # Not the loop's `create_future`: `wake_now` has to know what it is.
        sleeper: Future[None] = Future(loop=self._loop)
        self._sleeper = sleeper
        return sleeper

    def wake(self) -> None:
        sleeper = self._sleeper
        if sleeper is not None:
            self._sleeper = None
            if not sleeper.done():
                sleeper.set_result(None)

    def wake_now(self) -> None:
        sleeper = self._sleeper
        if sleeper is None:
            return
        # Whom the result is told, and in which context: the one task that waits, as a rule. None where that has been
        # cancelled, or has not come to it yet.
        waiting: Any = getattr(sleeper, "_callbacks", None)
        if waiting is None or len(waiting) != 1:
            self.wake()
            return
        self._sleeper = None
        ((step, context),) = waiting
        sleeper.remove_done_callback(step)
        sleeper.set_result(None)
        try:
            context.run(step, sleeper)
        except RuntimeError:
            # We are inside of another task, where a transport may call us when it is let read on, or inside of that
            # very context. The task has not been entered.
            self._loop.call_soon(step, sleeper, context=context)
        except BaseException as error:
            # SystemExit and KeyboardInterrupt: a transport may take them for a fault of ours, the loop does not.
            self._loop.call_soon(_raise, error)

    def watch(self, receiver: Receiver, transport: asyncio.Transport | None) -> None:
        """From now on the timer calls this receiver, and so does the transport."""
        self._receiver = receiver
        self._transport = transport
        self._reads_into_it = False
        self._follow()

    def read_into_receiver(self, wanted: bool) -> None:
        self._reads_into_it = wanted
        if wanted:
            self._follow()
        else:
            # Not at once: a transport that has just filled a buffer may ask for the next one before it looks whether
            # its protocol is another now (aiofastnet).
            self.at_end_of_turn(self._follow)

    def _follow(self) -> None:
        receiver = self._receiver
        if self._transport is not None and receiver is not None:
            protocol = _Buffered(receiver) if self._reads_into_it else cast(asyncio.BaseProtocol, receiver)
            self._transport.set_protocol(protocol)

    def arm(self, when: float) -> None:
        # A timer that is due earlier is left alone: when it fires, nothing is due, and it is set anew.
        if self._timer is not None:
            if self._due <= when:
                return
            self._timer.cancel()
        # Not `TimerHandle.when()`: for a time in the past uvloop gives a plain handle, which has none.
        self._due = when
        self._timer = self._loop.call_at(when, self._fire)

    def disarm(self) -> None:
        self._transport = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _fire(self) -> None:
        self._timer = None
        if self._receiver is None:
            return
        # A loop's clock may call a timer up to its resolution early; then nothing is due, and it is set once more.
        self._receiver.on_deadline(self._loop.time())
        when = self._receiver.next_deadline()
        if when is not None:
            self.arm(max(when, self._loop.time() + 0.001))


def _raise(error: BaseException) -> NoReturn:
    raise error


class _Buffered(asyncio.BufferedProtocol):
    """A receiver that reads into memory of its own, for a loop that wants to see a `BufferedProtocol`. The methods are
    the receiver's, in slots, so nothing is called in between."""

    __slots__ = (
        "buffer_updated",
        "connection_lost",
        "eof_received",
        "get_buffer",
        "pause_writing",
        "resume_writing",
    )

    def __init__(self, receiver: Receiver) -> None:
        for name in self.__slots__:
            setattr(self, name, getattr(receiver, _OTHER_NAMES.get(name, name)))


_OTHER_NAMES: Final = {"get_buffer": "lend_buffer", "buffer_updated": "take_buffer"}
"""A receiver must not have these methods under their own names: uvloop takes whatever has a `get_buffer` for a
`BufferedProtocol`."""
