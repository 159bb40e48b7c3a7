"""Frames that come with the answer of the opening handshake are received, wherever the stream is cut."""

from __future__ import annotations

import socket
import time

import pytest

from tests.peers import Script, Server, close, ping, read_head, text, upgrade
from typedws.client import connect
from typedws.config import SessionConfig
from typedws.frames import TextFrame

pytestmark = pytest.mark.anyio


BRIEF = SessionConfig(close_timeout=0.05)


def in_pieces(offset: int, frames: bytes) -> Script:
    """The answer and `frames` as one stream, cut in two."""

    def script(sock: socket.socket) -> None:
        data = upgrade(read_head(sock)) + frames
        sock.sendall(data[:offset])
        time.sleep(0.001)
        sock.sendall(data[offset:])

    return script


async def test_frames_in_the_segment_of_the_answer_are_received_wherever_it_is_cut() -> None:
    frames = text("first") + ping(b"?") + text("second") + close(4000)
    length = len(upgrade(b"Sec-WebSocket-Key: x")) + len(frames)
    for offset in range(1, length):
        with Server(in_pieces(offset, frames)) as server:
            async with connect(server.url, converter=None, config=BRIEF) as session:
                assert await session.receive() == TextFrame("first")
                assert await session.receive() == TextFrame("second")
                server.peer().close()
                assert (await session.wait_closed()).code == 4000


async def test_more_than_a_buffer_full_behind_the_answer_is_received() -> None:
    def script(sock: socket.socket) -> None:
        sock.sendall(upgrade(read_head(sock)) + text("x" * 1000) * 5000)

    with Server(script) as server:
        async with connect(server.url, converter=None, config=BRIEF) as session:
            for _ in range(5000):
                assert len((await session.receive()).data) == 1000


async def test_an_answer_with_frames_that_end_the_stream_is_a_session_all_the_same() -> None:
    def script(sock: socket.socket) -> None:
        sock.sendall(upgrade(read_head(sock)) + text("x") + close(1000))
        sock.shutdown(socket.SHUT_WR)

    with Server(script) as server:
        async with connect(server.url, converter=None) as session:
            assert [frame async for frame in session.incoming] == [TextFrame("x")]
            server.peer().close()


async def test_a_session_whose_connection_was_reset_behind_the_answer_has_what_came_before() -> None:
    def script(sock: socket.socket) -> None:
        sock.sendall(upgrade(read_head(sock)) + text("x") + ping(b"read?"))
        sock.recv(1 << 16)  # its Pong
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        sock.close()

    with Server(script) as server:
        async with connect(server.url, converter=None) as session:
            assert await session.receive() == TextFrame("x")
            assert (await session.wait_closed()).code == 1006
