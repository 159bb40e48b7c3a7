"""A scripted peer in memory, for event loops of any kind and clocks that jump."""

from __future__ import annotations

from collections import deque

import anyio
import anyio.abc
from anyio.lowlevel import checkpoint

from tests.raw_frames import CLOSE, frame, upgrade
from tests.scripted import Peer


class MemoryPeer(Peer):
    """A peer in memory; the session's end is `stream`. It accepts the handshake by itself.

    Args:
        then: what follows the response at once.
    """

    def __init__(self, *fields: str, then: bytes = b"") -> None:
        super().__init__()
        self.stream = MemoryStream(self)
        self._fields = fields
        self._then = then
        self._head: bytes | None = b""
        self._to_session: deque[bytes] = deque()
        self._from_session: deque[bytes] = deque()
        self._error: Exception | None = None
        self._finished = False
        self._stalled = False
        self._answers_close = False
        self.session_finished = False
        self._changed = anyio.Event()

    @property
    def unread(self) -> int:
        """Bytes that the session has not read."""
        return sum(map(len, self._to_session))

    def push(self, data: bytes) -> None:
        self._to_session.append(data)
        self.change()

    async def send(self, data: bytes) -> None:
        self.push(data)
        while self._to_session and not self.session_finished:
            await self.wait()

    async def read(self) -> bytes:
        while not self._from_session:
            if self.session_finished:
                return b""
            await self.wait()
        return self._from_session.popleft()

    def finish(self) -> None:
        self._finished = True
        self.change()

    def break_off(self, error: Exception) -> None:
        """From now on reading and writing raise `error`."""
        self._error = error
        self.change()

    def stall(self) -> None:
        """From now on takes nothing of what the session writes."""
        self._stalled = True

    def go_on(self) -> None:
        self._stalled = False
        self.change()

    def farewell(self) -> None:
        self._answers_close = True
        self.go_on()
        if self.parser.closed:
            self.finish()
        while self._from_session:
            self._answer(self._from_session.popleft())

    def _answer(self, data: bytes) -> None:
        self.parser.feed(data)
        while (sent := self.parser.next()) is not None:
            if sent.opcode == CLOSE:
                self.push(frame(CLOSE, sent.payload))
                self.finish()

    # For the stream.

    def change(self) -> None:
        self._changed.set()
        self._changed = anyio.Event()

    async def wait(self) -> None:
        await self._changed.wait()

    async def take(self, data: bytes) -> None:
        while self._stalled and not self._error:
            await self.wait()
        if self._error:
            raise self._error
        if self._head is not None:
            self._head += data
            if self._head.endswith(b"\r\n\r\n"):
                self.push(upgrade(self._head, *self._fields) + self._then)
                self._head = None
        elif self._answers_close:
            self._answer(data)
        else:
            self._from_session.append(data)
            self.change()

    async def give(self, max_bytes: int) -> bytes:
        while not self._to_session:
            if self._error:
                raise self._error
            if self._finished:
                raise anyio.EndOfStream
            await self.wait()
        data = self._to_session.popleft()
        if len(data) > max_bytes:
            self._to_session.appendleft(data[max_bytes:])
        self.change()
        return data[:max_bytes]


class MemoryStream(anyio.abc.ByteStream):
    """The session's end of a `MemoryPeer`."""

    def __init__(self, peer: MemoryPeer) -> None:
        self._peer = peer
        self.is_closed = False

    async def receive(self, max_bytes: int = 65536) -> bytes:
        await checkpoint()
        if self.is_closed:
            raise anyio.ClosedResourceError
        return await self._peer.give(max_bytes)

    async def send(self, item: bytes) -> None:
        await checkpoint()
        if self.is_closed:
            raise anyio.ClosedResourceError
        await self._peer.take(bytes(item))

    async def send_eof(self) -> None:
        await checkpoint()
        self._peer.session_finished = True
        self._peer.change()

    async def aclose(self) -> None:
        self.is_closed = True
        self._peer.session_finished = True
        self._peer.change()
        await checkpoint()
