"""A WebSocket server that does exactly what a test tells it: byte by byte, over TCP or in memory.

    async with connected() as (session, peer):
        peer.push(text("hello"))
        assert await session.receive() == TextFrame("hello")
        await session.send("world")
        assert await peer.frame() == Sent(TEXT, b"world")

It shares no code with the library. `push` does not wait, so a test decides in which turn of the event loop the bytes
arrive, and `deliver` hands them over in this very turn. Each frame that a peer reads is checked: masked, no reserved
bit, shortest length.

The opening handshake, and the end of a test that does not care how it ends, are blocking calls in a thread, so that no
task of the test's event loop stands around the session under test.
"""

from __future__ import annotations

import base64
import hashlib
import queue
import socket
import struct
import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from types import TracebackType
from typing import Any, NamedTuple, Self

import anyio
import anyio.abc
from anyio.lowlevel import checkpoint

from typedws.client import connect, wrap_stream
from typedws.link import WireLink
from typedws.session import ClientSession, Session
from typedws.wire import Wire

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA

PATIENCE = 10.0
"""Seconds after which a blocking call of a peer gives up: longer than any test waits for it."""


# Frames.


class Sent(NamedTuple):
    """A frame that the session sent, unmasked."""

    opcode: int
    payload: bytes = b""
    fin: bool = True


def frame(opcode: int, payload: bytes = b"", *, fin: bool = True, rsv: int = 0, mask: bytes | None = None) -> bytes:
    """The bytes of a frame, as a server sends it unless a mask is given."""
    size = len(payload)
    marked = 0 if mask is None else 0x80
    head = bytes([fin << 7 | rsv << 4 | opcode])
    if size < 126:
        head += bytes([marked | size])
    elif size < 1 << 16:
        head += bytes([marked | 126]) + struct.pack("!H", size)
    else:
        head += bytes([marked | 127]) + struct.pack("!Q", size)
    return head + payload if mask is None else head + mask + masked(payload, mask)


def masked(payload: bytes, key: bytes) -> bytes:
    """`payload` under the mask: the plainest way to write it down (RFC 6455 section 5.3)."""
    if len(payload) > 4096:  # too slow for big ones
        repeated = (key * (len(payload) // 4 + 1))[: len(payload)]
        return (int.from_bytes(payload) ^ int.from_bytes(repeated)).to_bytes(len(payload))
    return bytes(byte ^ key[i % 4] for i, byte in enumerate(payload))


def text(payload: str, *, fin: bool = True) -> bytes:
    return frame(TEXT, payload.encode(), fin=fin)


def binary(payload: bytes, *, fin: bool = True) -> bytes:
    return frame(BINARY, payload, fin=fin)


def continuation(payload: bytes, *, fin: bool = True) -> bytes:
    return frame(CONTINUATION, payload, fin=fin)


def ping(payload: bytes = b"") -> bytes:
    return frame(PING, payload)


def pong(payload: bytes = b"") -> bytes:
    return frame(PONG, payload)


def close(code: int | None = 1000, message: str = "") -> bytes:
    return frame(CLOSE, b"" if code is None else close_payload(code, message))


def close_payload(code: int, message: str = "") -> bytes:
    return code.to_bytes(2, "big") + message.encode()


class FrameParser:
    """What the session wrote, as frames. It accepts nothing that a client may not send."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self.closed = False

    def feed(self, data: bytes) -> None:
        self._buffer += data

    @property
    def is_between_frames(self) -> bool:
        return not self._buffer

    def next(self) -> Sent | None:
        data = self._buffer
        if len(data) < 2:
            return None
        assert not data[0] & 0x70, "a reserved bit is set"
        assert data[1] & 0x80, "a client must mask"
        size, start = data[1] & 0x7F, 2
        if size >= 126:
            start += 2 if size == 126 else 8
            if len(data) < start:
                return None
            smallest = 126 if size == 126 else 1 << 16
            size = int.from_bytes(data[2:start])
            assert size >= smallest, "the length is not in its shortest form"
        end = start + 4 + size
        if len(data) < end:
            return None
        key = bytes(data[start : start + 4])
        sent = Sent(data[0] & 0x0F, masked(bytes(data[start + 4 : end]), key), bool(data[0] & 0x80))
        assert not self.closed, "a frame after the Close"
        self.closed = sent.opcode == CLOSE
        del data[:end]
        return sent


# The opening handshake.


def upgrade(head: bytes, *fields: str) -> bytes:
    """The response that accepts the request in `head`, with further header fields."""
    key = next(line[19:].strip() for line in head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key: "))
    accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()).decode()
    lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade", *fields]
    return "\r\n".join([*lines, f"Sec-WebSocket-Accept: {accept}", "", ""]).encode()


# Peers.


class Peer(ABC):
    """One end of a connection, in the hands of the test."""

    def __init__(self) -> None:
        self.parser = FrameParser()

    @abstractmethod
    def push(self, data: bytes) -> None:
        """Sends `data` without waiting: it is where the session reads it when this returns."""

    @abstractmethod
    async def send(self, data: bytes) -> None:
        """Sends `data`, and waits where the session does not read. Several tasks may send."""

    @abstractmethod
    async def read(self) -> bytes:
        """What the session wrote, or `b""` at its end."""

    @abstractmethod
    def finish(self) -> None:
        """Ends our direction: the session reads EOF."""

    @abstractmethod
    def farewell(self) -> None:
        """From now on, answers the session's Close and then ends the connection, without the test's help."""

    async def push_each_byte(self, data: bytes) -> None:
        """Sends `data` one byte at a time, each in a turn of its own."""
        for i in range(len(data)):
            self.push(data[i : i + 1])
            await turns(3)

    async def frame(self) -> Sent:
        """The next frame that the session sends."""
        while (sent := self.parser.next()) is None:
            data = await self.read()
            assert data, "the session ended the connection instead of sending a frame"
            self.parser.feed(data)
        return sent

    async def frames(self, count: int) -> list[Sent]:
        """The next frames that the session sends."""
        return [await self.frame() for _ in range(count)]

    async def rest(self) -> list[Sent]:
        """Every further frame until the session ends the connection, which must not be inside a frame."""
        frames = []
        while True:
            while (sent := self.parser.next()) is not None:
                frames.append(sent)
            data = await self.read()
            if not data:
                assert self.parser.is_between_frames, "the session ended the connection inside a frame"
                return frames
            self.parser.feed(data)


class TcpPeer(Peer):
    """A peer on a connected socket."""

    def __init__(self, sock: socket.socket) -> None:
        super().__init__()
        sock.setblocking(False)
        self.sock = sock
        self._sending = anyio.Lock()
        self._farewell: threading.Thread | None = None

    def push(self, data: bytes) -> None:
        assert self.sock.send(data) == len(data), "more than the socket takes at once"

    async def send(self, data: bytes) -> None:
        rest = memoryview(data)
        async with self._sending:
            while rest:
                try:
                    rest = rest[self.sock.send(rest) :]
                except BlockingIOError:
                    await anyio.wait_writable(self.sock)

    async def read(self) -> bytes:
        while True:
            try:
                return self.sock.recv(1 << 16)
            except BlockingIOError:
                await anyio.wait_readable(self.sock)

    def finish(self) -> None:
        self.sock.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """Ends the connection with RST."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def close(self) -> None:
        """Ends the connection; idempotent."""
        self.sock.close()

    def farewell(self) -> None:
        if self.sock.fileno() >= 0:
            self._farewell = threading.Thread(target=self._say_farewell)
            self._farewell.start()

    def _say_farewell(self) -> None:
        with suppress(OSError):
            self.sock.settimeout(PATIENCE)
            while not self.parser.closed:
                if (sent := self.parser.next()) is None:
                    data = self.sock.recv(1 << 16)
                    if not data:
                        break
                    self.parser.feed(data)
                elif sent.opcode == CLOSE:
                    self.sock.sendall(frame(CLOSE, sent.payload))
        self.sock.close()

    def join(self) -> None:
        if self._farewell is not None:
            self._farewell.join(PATIENCE)


Script = Callable[[socket.socket], object]


def accepting(*fields: str, then: bytes = b"") -> Script:
    """A script that accepts, and sends `then` in the same segment."""

    def script(sock: socket.socket) -> None:
        sock.sendall(upgrade(read_head(sock), *fields) + then)

    return script


def read_head(sock: socket.socket) -> bytes:
    """A request's head."""
    head = b""
    while b"\r\n\r\n" not in head:
        data = sock.recv(1 << 16)
        if not data:
            raise ConnectionResetError("the client left before it had asked")
        head += data
    return head


class Server:
    """A listening TCP socket. `script` is run with the blocking socket of each connection, in a thread.

    Args:
        script: makes the opening handshake, or does not.
        receive_buffer: bytes that the kernel keeps for us, so that a session soon notices that we do not read.
    """

    def __init__(self, script: Script | None = None, *, receive_buffer: int | None = None) -> None:
        self._script = script or accepting()
        self._listener = socket.socket()
        if receive_buffer is not None:
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen()
        self.port: int = self._listener.getsockname()[1]
        self.url = f"ws://127.0.0.1:{self.port}/"
        self._is_closing = False
        self._sockets: list[socket.socket] = []
        self._peers: list[TcpPeer] = []
        self._ready: queue.Queue[socket.socket] = queue.Queue()
        self._thread = threading.Thread(target=self._accept)

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            sock.settimeout(PATIENCE)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._sockets.append(sock)
            if self._is_closing:
                return
            with suppress(OSError):
                self._script(sock)
            self._ready.put(sock)

    def peer(self) -> TcpPeer:
        """The next connection whose script has ended."""
        peer = TcpPeer(self._ready.get(timeout=PATIENCE))
        self._peers.append(peer)
        return peer

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for peer in self._peers:
            peer.join()
        self._is_closing = True
        for sock in [self._listener, *self._sockets]:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)  # wakes the thread
        self._thread.join(PATIENCE)
        for sock in [self._listener, *self._sockets]:
            sock.close()
        assert not self._thread.is_alive(), "the script of a connection does not end"


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


# Sessions.


@asynccontextmanager
async def connected(
    *fields: str, then: bytes = b"", receive_buffer: int | None = None, **options: Any
) -> AsyncIterator[tuple[ClientSession, TcpPeer]]:
    """A session over TCP and its peer. `options` are those of `connect`; there is no converter unless one is given."""
    with Server(accepting(*fields, then=then), receive_buffer=receive_buffer) as server:
        async with connect(server.url, **{"converter": None, **options}) as session:
            peer = server.peer()
            try:
                yield session, peer
            finally:
                peer.farewell()


@asynccontextmanager
async def connected_in_memory(
    *fields: str, then: bytes = b"", **options: Any
) -> AsyncIterator[tuple[ClientSession, MemoryPeer]]:
    """A session over a stream in memory and its peer; otherwise as `connected`."""
    peer = MemoryPeer(*fields, then=then)
    async with wrap_stream(peer.stream, "ws://peer.test/", **{"converter": None, **options}) as session:
        try:
            yield session, peer
        finally:
            peer.farewell()


def wire_of(session: Session) -> Wire:
    """What is below a session: for what cannot be seen from outside."""
    link = session._link
    assert isinstance(link, WireLink)
    return link.wire


def deliver(session: Session, data: bytes) -> None:
    """Hands bytes to a session in this turn of the event loop, as its transport does when it has read them."""
    wire_of(session).data_received(data)


async def turns(count: int) -> None:
    """Gives every other task so many turns."""
    for _ in range(count):
        await checkpoint()
