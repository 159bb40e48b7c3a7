"""A receiver gets every message once and in order, however they come and however it comes for them: alone or in floods,
with limits of any size, while reading is paused, after waits that were left early."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Coroutine
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.peers import BINARY, PING, TEXT, frame
from tests.properties.examples import examples
from typedws.config import SessionConfig
from typedws.ending import Ending
from typedws.frames import Frame, TextFrame
from typedws.novalue import NOTHING
from typedws.protocol.connection import Connection
from typedws.wire import Wire

LIMIT = 100_000

sizes = st.sampled_from([0, 5, 120, 125, 126, 300, 2000])
messages = st.tuples(st.sampled_from([TEXT, TEXT, TEXT, BINARY]), sizes)


class ARuntime:
    """Time stands still, and the receiver sleeps until it is told to go on."""

    at_end_of_turn: Any = staticmethod(lambda function: None)

    def __init__(self, burst: int) -> None:
        self.burst = burst
        self.is_asleep = self.is_woken = False

    def sleep(self) -> Awaitable[object]:
        self.is_asleep, self.is_woken = True, False
        return nothing()

    def wake(self) -> None:
        self.is_woken = self.is_asleep

    wake_now = wake

    def time(self) -> float:
        return 0.0

    def read_into_receiver(self, wanted: bool) -> None: ...
    def arm(self, when: float) -> None: ...
    def disarm(self) -> None: ...


async def nothing() -> None: ...


class ATransport:
    is_paused = False

    def pause_reading(self) -> None:
        self.is_paused = True

    def resume_reading(self) -> None:
        self.is_paused = False

    def get_write_buffer_size(self) -> int:
        return 0

    def can_write_eof(self) -> bool:
        return False

    def write(self, data: bytes) -> None: ...
    def write_eof(self) -> None: ...
    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None: ...
    def close(self) -> None: ...
    def abort(self) -> None: ...


class AReceiver(RuleBasedStateMachine):
    """What a session does, one step at a time.

    Attributes:
        network: bytes that have not been delivered.
        is_at: whether the receiver has taken a message and has not come back.
    """

    @initialize(
        burst=st.sampled_from([1, 3, 256]),
        room=st.sampled_from([1, 2, 3, 5, 1024]),
        room_bytes=st.sampled_from([100, 126, 400, 3000, 1_000_000]),
        client=st.booleans(),
    )
    def begin(self, burst: int, room: int, room_bytes: int, client: bool) -> None:
        self.mask = None if client else b"\x00\x12\xff\x80"
        self.room = room
        self.connection = Connection(
            client=client,
            max_frame_size=LIMIT,
            max_message_size=LIMIT,
            max_queued_messages=room,
            max_queued_bytes=room_bytes,
            bare=TextFrame,
        )
        self.runtime, self.transport = ARuntime(burst), ATransport()
        self.wire = Wire(self.connection, SessionConfig(ping_interval=None), self.runtime)
        self.wire.connection_made(self.transport)
        self.inbox = self.wire.inbox
        self.network: deque[bytes] = deque()
        self.sent: list[bytes] = []
        self.taken: list[bytes] = []
        self.waiting: Coroutine[Any, Any, object] | None = None
        self.without_wait = 0
        self.is_at = self.is_violated = self.was_told = self.has_ended = False

    # The peer and the network.

    @precondition(lambda self: not self.is_violated)
    @rule(together=st.lists(messages, min_size=1, max_size=8), pings=st.booleans(), violates=st.integers(0, 5))
    def send(self, together: list[tuple[int, int]], pings: bool, violates: int) -> None:
        for opcode, size in together:
            self.sent.append(b"%d:" % len(self.sent) + b"x" * size)
            self.network.append(frame(opcode, self.sent[-1], mask=self.mask))
            if pings:
                self.network.append(frame(PING, b"", mask=self.mask))
        if not violates:
            self.is_violated = True
            self.network.append(frame(3, b"", mask=self.mask))

    @precondition(lambda self: self.network and not self.transport.is_paused)
    @rule(count=st.integers(1, 20), cut=st.none() | st.integers(1, 200))
    def deliver(self, count: int, cut: int | None) -> None:
        data = b"".join([self.network.popleft() for _ in range(min(count, len(self.network)))])
        if cut is not None and cut < len(data):
            self.network.appendleft(data[cut:])
            data = data[:cut]
        self.wire.data_received(data)

    # The receiver.

    @precondition(lambda self: self.waiting is None)
    @rule(by_value=st.booleans())
    def receive(self, by_value: bool) -> None:
        self.is_at = False
        self.look(by_value)

    @precondition(lambda self: self.waiting is not None and (self.runtime.is_woken or not self.runtime.is_asleep))
    @rule(by_value=st.booleans())
    def go_on(self, by_value: bool) -> None:
        self.end()
        self.inbox.end_wait()
        self.look(by_value)

    @precondition(lambda self: self.waiting is not None)
    @rule()
    def leave(self) -> None:
        self.end()
        self.inbox.leave_wait()

    @precondition(lambda self: self.waiting is not None)
    @rule()
    def somebody_else_looks(self) -> None:
        assert self.inbox.poll() is None
        assert self.inbox.poll_value(self.inbox.type_form) is NOTHING

    def look(self, by_value: bool) -> None:
        item: bytes | Frame | Ending | None = None
        if by_value:
            self.inbox.read_as(bytes, bytes)
            value = self.inbox.poll_value(bytes)
            item = None if value is NOTHING else value
        if item is None and (waiting := self.inbox.begin_wait()) is None:
            item = self.inbox.poll()
            assert item is not None
        elif item is None:
            assert isinstance(waiting, Coroutine)
            self.waiting = waiting
            self.without_wait = 0
            return
        self.without_wait += 1
        if isinstance(item, Ending):
            self.has_ended = True
        else:
            assert item is not None
            self.is_at = True
            self.taken.append(item if isinstance(item, bytes) else item.data)

    def end(self) -> None:
        assert self.waiting is not None
        self.waiting.close()
        self.waiting = None
        self.runtime.is_asleep = False

    # What holds at any time.

    @invariant()
    def every_message_is_taken_once_and_in_order(self) -> None:
        assert self.taken == self.sent[: len(self.taken)]
        assert not self.has_ended or len(self.taken) == len(self.sent)

    @invariant()
    def nobody_sleeps_beside_something_to_take(self) -> None:
        if self.runtime.is_asleep and not self.runtime.is_woken:
            assert not self.connection.backlog
            assert not self.transport.is_paused
            assert not self.inbox.has_ended

    @invariant()
    def others_get_their_turn(self) -> None:
        burst = self.runtime.burst
        assert self.without_wait <= (1 if burst == 1 else burst + 1)

    @invariant()
    def a_violation_is_told_in_its_turn(self) -> None:
        if self.connection.failed and not self.was_told:
            assert not self.is_at
            assert len(self.taken) == len(self.sent)
            self.was_told = True

    @invariant()
    def no_more_waits_than_may(self) -> None:
        assert len(self.connection.backlog) <= self.room

    def teardown(self) -> None:
        if getattr(self, "waiting", None) is not None:
            self.end()


TestAReceiver = AReceiver.TestCase
TestAReceiver.settings = settings(parent=examples(400), stateful_step_count=40)
