"""Churn: clients that come and go, most of them badly. What each does is drawn from a seed.

Clients of the library talk, break off at any moment, or do not read. The others are plain sockets that stop in the
middle of their handshake, break the protocol, or drop the connection with a reset.
"""

from __future__ import annotations

import base64
import random
import socket
import struct
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import anyio
import anyio.abc
import pytest

import typedws
from tests.raw_frames import BINARY, CLOSE, CONTINUATION, PING, TEXT, close_payload, frame
from tests.soak.figures import allow_files, objects, rest
from tests.soak.messages import Tick

AT_ONCE = 40
"""Clients at the same time."""

PATIENCE = 90.0
"""Seconds that a client may take for all it does: far more than any needs."""

MASK = b"mask"


class Strangers:
    """Clients of every kind.

    Args:
        url: the server.
        seed: what is drawn from.
        silence: seconds that a client stays which has sent half a request, unless the server loses its patience.
    """

    def __init__(self, url: str, *, seed: int, silence: float) -> None:
        self._silence = silence
        self._url = url
        self._address = ("127.0.0.1", urlsplit(url).port or 0)
        self._random = random.Random(seed)
        self._config = typedws.SessionConfig(ping_interval=0.2, close_timeout=2, incoming_messages=16)
        self.kinds: dict[Callable[[random.Random], Awaitable[None]], int] = {
            self.talk: 6,
            self.talk_compressed: 2,
            self.meet_a_failure: 1,
            self.cancel: 4,
            self.doze: 1,
            self.reset: 2,
            self.stop_in_the_handshake: 2,
            self.say_something_else: 1,
            self.break_the_protocol: 4,
        }

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        return None

    async def come_and_go(self, clients: int, *, at_once: int = AT_ONCE) -> dict[str, Any]:
        """Lets so many clients come and go, of each kind at least one. Returns how many of each kind there were."""
        allow_files(at_once)
        drawn = self._random.choices(list(self.kinds), list(self.kinds.values()), k=clients - len(self.kinds))
        kinds = self._random.sample([*self.kinds, *drawn], clients)
        waiting = [(kind, random.Random(self._random.random())) for kind in kinds]

        async def take_turns() -> None:
            while waiting:
                kind, draw = waiting.pop()
                with anyio.fail_after(PATIENCE):
                    await kind(draw)

        async with anyio.create_task_group() as tasks:
            for _ in range(at_once):
                tasks.start_soon(take_turns)
        return dict(Counter(kind.__name__ for kind in kinds))

    async def rest(self, sockets: int) -> dict[str, Any]:
        """This process, once it has no more sockets than that, or does not get rid of them within half a minute."""
        return (await rest(sockets))._asdict()

    async def objects(self) -> dict[str, int]:
        """Objects of typedws, by class."""
        return objects()

    # Clients of the library.

    def _connect(self, path: str, **options: Any) -> AbstractAsyncContextManager[typedws.ClientSession]:
        return typedws.connect(f"{self._url}/{path}", open_timeout=PATIENCE, config=self._config, **options)

    async def talk(self, draw: random.Random, **options: Any) -> None:
        """Exchanges some messages of many sizes, and leaves in one of three ways."""
        try:
            async with self._connect("echo", **options) as session:
                for number in range(draw.randrange(20)):
                    tick = Tick(number, note="x" * int(2 ** draw.uniform(0, 17)))
                    await session.send_serialized(tick)
                    answer = await session.receive_deserialized(Tick)
                    assert answer == tick
                if draw.random() < 0.2:
                    await session.ping()
                if draw.random() < 0.3:
                    await session.close(typedws.CloseReason(4001, "enough"))
                elif draw.random() < 0.3:
                    raise _LeavingError
        except _LeavingError:
            pass

    async def talk_compressed(self, draw: random.Random) -> None:
        await self.talk(draw, extensions=[typedws.Deflate()])

    async def meet_a_failure(self, draw: random.Random) -> None:
        """The handler raises, or closes with a code of its own, while we wait for an answer."""
        path, code = draw.choice([("fail", 1011), ("leave", 4000)])
        async with self._connect(path) as session:
            await session.send_serialized(Tick(0))
            with pytest.raises(typedws.ConnectionClosedError) as caught:
                await session.receive()
            assert caught.value.reason.code == code

    async def cancel(self, draw: random.Random) -> None:
        """Cancels everything at some moment between the first packet and the last."""
        with anyio.move_on_after(draw.uniform(0, 0.05)):
            await self.talk(draw)

    async def doze(self, draw: random.Random) -> None:
        """Does not read for a while, and leaves with everything unread."""
        async with self._connect("flood"):
            await anyio.sleep(draw.uniform(0.05, 0.5))

    # Plain sockets.

    @asynccontextmanager
    async def _socket(self, draw: random.Random) -> AsyncGenerator[anyio.abc.SocketStream]:
        """A connection that ends with a reset, every other time."""
        async with await anyio.connect_tcp(*self._address) as stream:
            if draw.random() < 0.5:
                sock = stream.extra(anyio.abc.SocketAttribute.raw_socket)
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            with suppress(anyio.BrokenResourceError, anyio.EndOfStream):
                yield stream

    @asynccontextmanager
    async def _guest(self, draw: random.Random, path: str = "echo") -> AsyncGenerator[anyio.abc.SocketStream]:
        """The same after an opening handshake."""
        async with self._socket(draw) as stream:
            await stream.send(_request(draw, path))
            head = b""
            while b"\r\n\r\n" not in head:
                head += await stream.receive()
            assert head.startswith(b"HTTP/1.1 101 "), head
            yield stream

    async def reset(self, draw: random.Random) -> None:
        """Is gone in the middle of a message, or while the server sends one after the other."""
        async with self._guest(draw, draw.choice(["echo", "flood"])) as stream:
            size = draw.randrange(100_000)
            await stream.send(frame(TEXT, b"x" * size, mask=MASK)[: draw.randrange(size + 10)])
            await anyio.sleep(draw.uniform(0, 0.02))

    async def stop_in_the_handshake(self, draw: random.Random) -> None:
        """Is gone, or falls silent, before its request is complete."""
        request = _request(draw, "echo")
        async with self._socket(draw) as stream:
            await stream.send(request[: draw.randrange(len(request))])
            if draw.random() < 0.2:
                with anyio.move_on_after(self._silence):
                    await _read_to_the_end(stream)

    async def say_something_else(self, draw: random.Random) -> None:
        """Asks for something that is no WebSocket, or no HTTP."""
        requests = [
            b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
            _request(draw, "echo").replace(b"Version: 13", b"Version: 12"),
            _request(draw, "echo").replace(b"Key: ", b"Key: x"),
            b"\x16\x03\x01" + draw.randbytes(300),
            b"GET / HTTP/1.1\r\n" + b"X-Field: y\r\n" * 200 + b"\r\n",
            b"x" * 20_000,
        ]
        async with self._socket(draw) as stream:
            await stream.send(draw.choice(requests))
            await _read_to_the_end(stream)

    async def break_the_protocol(self, draw: random.Random) -> None:
        """Sends what no client may, after some messages that are in order."""
        violations = [
            frame(TEXT, b"not masked"),
            frame(TEXT, b"a reserved bit", rsv=4, mask=MASK),
            frame(0x3, b"a reserved opcode", mask=MASK),
            frame(TEXT, b"not UTF-8: \xff", mask=MASK),
            frame(CONTINUATION, b"of nothing", mask=MASK),
            frame(PING, b"in pieces", fin=False, mask=MASK),
            frame(PING, b"too long" * 20, mask=MASK),
            frame(TEXT, b"not", fin=False, mask=MASK) + frame(TEXT, b"finished", mask=MASK),
            frame(CLOSE, b"x", mask=MASK),
            frame(CLOSE, close_payload(1005), mask=MASK),
            b"\x82\xff" + (2**40).to_bytes(8, "big") + MASK,
            frame(BINARY, b"", fin=False, mask=MASK) + frame(CONTINUATION, b"", fin=False, mask=MASK) * 2000,
            draw.randbytes(1000),
        ]
        async with self._guest(draw) as stream:
            good = frame(TEXT, b'{"number": 1}', mask=MASK)
            await stream.send(good * draw.randrange(3) + draw.choice(violations))
            if draw.random() < 0.7:
                with anyio.move_on_after(2):  # random bytes may announce more than they are
                    await _read_to_the_end(stream)


class _LeavingError(Exception):
    """Leaves a session's block."""


def _request(draw: random.Random, path: str) -> bytes:
    key = base64.b64encode(draw.randbytes(16)).decode()
    lines = [f"GET /{path} HTTP/1.1", "Host: localhost", "Upgrade: websocket", "Connection: Upgrade"]
    return "\r\n".join([*lines, f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13", "", ""]).encode()


async def _read_to_the_end(stream: anyio.abc.SocketStream) -> None:
    while True:
        await stream.receive()
