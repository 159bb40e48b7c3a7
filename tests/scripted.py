"""One end of a connection in the hands of a test, and a TCP server whose every byte a test decides."""

from __future__ import annotations

import queue
import socket
import struct
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

import anyio
from anyio.lowlevel import checkpoint

from tests.raw_frames import CLOSE, FrameParser, Sent, frame, upgrade

PATIENCE = 10.0
"""Seconds after which a blocking call of a peer gives up: longer than any test waits for it."""


async def turns(count: int) -> None:
    """Gives every other task so many turns."""
    for _ in range(count):
        await checkpoint()


class Peer(ABC):
    """One end of a connection, in the hands of the test.

    Args:
        key: what the peer masks its own Close with: then it is a client, and the session a server.
    """

    def __init__(self, *, key: bytes | None = None) -> None:
        self.key = key
        self.parser = FrameParser(masked=key is None)

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

    def __init__(self, sock: socket.socket, *, key: bytes | None = None) -> None:
        super().__init__(key=key)
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
                    self.sock.sendall(frame(CLOSE, sent.payload, mask=self.key))
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
