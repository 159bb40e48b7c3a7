"""What waits to be taken is bounded in messages and in bytes, however it came and however it is taken."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.peers import BINARY, PONG, TEXT, frame
from tests.properties.examples import examples
from typedws.frames import BinaryFrame
from typedws.protocol.backlog import ALONE
from typedws.protocol.connection import Connection
from typedws.protocol.deflate import DeflateParameters

LIMIT = 300

sizes = st.integers(0, LIMIT) | st.integers(20, ALONE + 2)
messages = st.tuples(st.sampled_from([TEXT, BINARY]), sizes)


class ABacklog(RuleBasedStateMachine):
    """The owner of a connection, who stops to read when it is full, and goes on after as many messages as it says."""

    @initialize(
        room=st.integers(1, 6),
        room_bytes=st.integers(1, 600) | st.integers(ALONE - 2, ALONE + 3),
        client=st.booleans(),
        compressed=st.booleans(),
    )
    def begin(self, room: int, room_bytes: int, client: bool, compressed: bool) -> None:
        self.room, self.room_bytes = room, room_bytes
        self.mask = None if client else b"\x00\x12\xff\x80"
        self.end = Connection(
            client=client,
            max_frame_size=LIMIT,
            max_message_size=LIMIT,
            max_queued_messages=room,
            max_queued_bytes=room_bytes,
            deflate=DeflateParameters() if compressed else None,
            bare=BinaryFrame,
        )
        self.sent = self.taken = 0
        self.may_stay: int | None = None

    @precondition(lambda self: self.may_stay is None)
    @rule(together=st.lists(messages, min_size=1, max_size=8), pongs=st.booleans(), cut=st.none() | st.integers(1, 400))
    def receive(self, together: list[tuple[int, int]], pongs: bool, cut: int | None) -> None:
        data = b""
        for opcode, size in together:
            data += frame(opcode, b"x" * size, mask=self.mask)
            if pongs:
                data += frame(PONG, b"", mask=self.mask)
        for part in [data] if cut is None else [data[:cut], data[cut:]]:
            if part:
                self.end.receive_data(part)
        self.sent += len(together)
        self.look()

    @precondition(lambda self: self.end.backlog)
    @rule()
    def take(self) -> None:
        self.end.backlog.take()
        self.taken += 1
        if self.may_stay is not None and len(self.end.backlog) <= self.may_stay:
            self.may_stay = None
            assert self.bytes_in_it() <= self.room_bytes // 2 or not self.end.backlog
            assert len(self.end.backlog) <= self.room // 2
            self.end.resume()
            self.look()

    def look(self) -> None:
        if self.end.is_full:
            surplus = self.end.backlog.surplus()
            assert 0 < surplus <= len(self.end.backlog)
            self.may_stay = len(self.end.backlog) - surplus

    def bytes_in_it(self) -> int:
        return sum(len(item) if isinstance(item, bytes) else len(item.data) for item in self.end.backlog)

    @invariant()
    def it_is_full_exactly_when_it_is(self) -> None:
        inbox = self.end.backlog
        assert self.end.is_full is (len(inbox) >= self.room or self.bytes_in_it() >= self.room_bytes)

    @invariant()
    def no_more_is_let_in_than_there_may_be(self) -> None:
        assert len(self.end.backlog) <= self.room
        assert self.bytes_in_it() < self.room_bytes + LIMIT

    @invariant()
    def nothing_is_lost(self) -> None:
        assert self.end.violation is None
        if not self.end.is_stalled and self.may_stay is None:
            assert self.sent - self.taken - len(self.end.backlog) in (0, 1)


TestABacklog = ABacklog.TestCase
TestABacklog.settings = settings(parent=examples(400), stateful_step_count=12)
