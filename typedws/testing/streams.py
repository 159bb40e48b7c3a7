"""A byte stream in memory: the two ends of a connection without a network between them.

What one end sends, the other receives, in order, and nothing depends on time. Each direction holds a bounded number of
bytes, so that a reader who is behind pushes back as TCP does.
"""

from __future__ import annotations

import anyio
from anyio.abc import ByteStream
from anyio.lowlevel import checkpoint

__all__ = ["MemoryByteStream", "memory_stream_pair"]


def memory_stream_pair(*, capacity: int = 64 * 1024) -> tuple[MemoryByteStream, MemoryByteStream]:
    """Makes two byte streams, each the other's peer, for asyncio and trio.

    Args:
        capacity: bytes that each direction holds before `send` waits; 64 KiB unless given.

    Raises:
        ValueError: `capacity` is not above 0.
    """
    if capacity <= 0:
        raise ValueError(f"capacity must be above 0, not {capacity}")
    there, back = _Direction(capacity), _Direction(capacity)
    return MemoryByteStream(back, there), MemoryByteStream(there, back)


class MemoryByteStream(ByteStream):
    """One end of a `memory_stream_pair`. One task at a time may receive, and one send."""

    def __init__(self, incoming: _Direction, outgoing: _Direction) -> None:
        self._incoming = incoming
        self._outgoing = outgoing
        self._receiving = anyio.ResourceGuard("receiving from")
        self._sending = anyio.ResourceGuard("sending to")
        self._closed = False

    async def receive(self, max_bytes: int = 65536) -> bytes:
        """Receives at least one byte, and at most `max_bytes`. Cancelling it loses nothing.

        Raises:
            anyio.EndOfStream: the peer has ended its direction, and everything was received.
            anyio.ClosedResourceError: this end is closed.
            anyio.BusyResourceError: another task is receiving.
        """
        with self._receiving:
            await checkpoint()
            incoming = self._incoming
            while not self._closed:
                if incoming.data:
                    return incoming.take(max_bytes)
                if incoming.ended:
                    raise anyio.EndOfStream
                await incoming.changed()
            raise anyio.ClosedResourceError

    async def send(self, item: bytes) -> None:
        """Sends all of `item`, waiting for room as often as it must. Cancelled, it may have sent a part.

        Raises:
            anyio.BrokenResourceError: the peer is closed.
            anyio.ClosedResourceError: this end is closed, or was told `send_eof`.
            anyio.BusyResourceError: another task is sending.
        """
        with self._sending:
            await checkpoint()
            outgoing = self._outgoing
            rest = memoryview(item)
            while True:
                if self._closed or outgoing.ended:
                    raise anyio.ClosedResourceError
                if outgoing.abandoned:
                    raise anyio.BrokenResourceError
                rest = rest[outgoing.put(rest) :]
                if not rest:
                    return
                await outgoing.changed()

    async def send_eof(self) -> None:
        """Ends our direction: the peer gets what is on its way, and then `EndOfStream`.

        Raises:
            anyio.ClosedResourceError: this end is closed.
        """
        await checkpoint()
        if self._closed:
            raise anyio.ClosedResourceError
        self._outgoing.end()

    async def aclose(self) -> None:
        """Closes this end; idempotent. The peer still gets what is on its way."""
        self._closed = True
        self._outgoing.end()
        self._incoming.abandon()
        await checkpoint()


class _Direction:
    """Bytes that were sent and not yet received.

    Attributes:
        data: the bytes.
        ended: whether nothing more will be sent.
        abandoned: whether nobody will receive any more.
    """

    def __init__(self, capacity: int) -> None:
        self.data = bytearray()
        self.ended = False
        self.abandoned = False
        self._capacity = capacity
        self._waiting: list[anyio.Event] = []

    async def changed(self) -> None:
        """Waits until anything about it has changed."""
        event = anyio.Event()
        self._waiting.append(event)
        try:
            await event.wait()
        finally:
            self._waiting.remove(event)

    def put(self, data: memoryview) -> int:
        """Adds as much as there is room for, and returns how much that was."""
        size = max(0, min(len(data), self._capacity - len(self.data)))
        self.data += data[:size]
        self._change()
        return size

    def take(self, max_bytes: int) -> bytes:
        data = bytes(self.data[:max_bytes])
        del self.data[:max_bytes]
        self._change()
        return data

    def end(self) -> None:
        self.ended = True
        self._change()

    def abandon(self) -> None:
        self.abandoned = True
        self.data.clear()
        self._change()

    def _change(self) -> None:
        for event in self._waiting:
            event.set()
