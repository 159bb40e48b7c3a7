"""No task, timer, socket or object is left when a block has been left, or could not be entered."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from tests.leaks import open_sockets
from tests.peers import MemoryPeer, Server, accepting, close, connected, connected_in_memory, text, wire_of
from typedws.client import WebSocketClient, connect, wrap_stream
from typedws.config import SessionConfig
from typedws.errors import HandshakeError

pytestmark = pytest.mark.anyio

CONFIG = SessionConfig(close_timeout=0.05)


async def test_a_block_leaves_no_socket() -> None:
    before = open_sockets()
    async with connected() as (session, peer):
        peer.push(text("x"))
        await session.receive()
        assert len(open_sockets()) > len(before)
    assert open_sockets() == before


async def test_a_block_that_fails_leaves_no_socket() -> None:
    before = open_sockets()
    with pytest.raises(ValueError, match="mine"):
        async with connected(config=CONFIG):
            raise ValueError("mine")
    assert open_sockets() == before


async def test_a_block_whose_peer_never_closes_leaves_no_socket() -> None:
    before = open_sockets()
    with Server() as server:
        async with connect(server.url, config=CONFIG):
            pass
    assert open_sockets() == before


async def test_a_client_leaves_no_socket() -> None:
    before = open_sockets()
    with Server() as server:
        async with WebSocketClient(config=CONFIG) as client:
            for _ in range(3):
                session = await client.websocket_session(server.url)
            await session.close()
    assert open_sockets() == before


@pytest.mark.parametrize(
    "script",
    [
        lambda sock: sock.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
        lambda sock: sock.sendall(b"SSH-2.0-OpenSSH_9.2\r\n"),
        lambda sock: sock.close(),
        lambda sock: sock.recv(65536) and sock.recv(65536),
    ],
    ids=["refused", "not HTTP", "closed", "silent"],
)
async def test_a_handshake_that_fails_leaves_no_socket(script: Callable[..., object]) -> None:
    before = open_sockets()
    with Server(script) as server:
        with pytest.raises(HandshakeError):
            async with connect(server.url, open_timeout=0.1):
                raise AssertionError("there is no WebSocket")
    assert open_sockets() == before


async def test_a_port_where_nobody_listens_leaves_no_socket() -> None:
    with Server() as server:
        url = server.url
    before = open_sockets()
    with pytest.raises(HandshakeError):
        async with connect(url):
            raise AssertionError("there is no server")
    assert open_sockets() == before


async def test_a_stream_whose_handshake_fails_is_closed() -> None:
    peer = MemoryPeer()
    peer.finish()
    peer.stall()
    with pytest.raises(HandshakeError):
        async with wrap_stream(peer.stream, "ws://peer.test/", open_timeout=0.05):
            raise AssertionError("there is no WebSocket")
    assert peer.stream.is_closed


async def test_sessions_and_all_behind_them_are_garbage_afterwards() -> None:
    left: list[weakref.ref[Any]] = []
    for opened in (connected, connected_in_memory):
        async with opened() as (session, peer):
            peer.push(text("x"))
            await session.receive()
            wire = wire_of(session)
            left += map(weakref.ref, [session, session._link, wire, wire.connection, wire._runtime])
            del wire
        del session, peer
    await anyio.lowlevel.checkpoint()
    gc.collect()
    assert [ref() for ref in left] == [None] * 10


async def test_sessions_that_the_peer_ended_are_garbage_too() -> None:
    async with connected() as (session, peer):
        peer.push(close(1001))
        peer.finish()
        await session.wait_closed()
        wire = weakref.ref(wire_of(session))
    del session, peer
    await anyio.lowlevel.checkpoint()
    gc.collect()
    assert wire() is None


async def test_many_blocks_after_one_another_leave_nothing() -> None:
    before = open_sockets()
    with Server(accepting(then=text("x") + close())) as server:
        for _ in range(30):
            async with connect(server.url, converter=None, config=CONFIG) as session:
                server.peer().close()
                assert (await session.receive()).data == b"x"
    assert open_sockets() == before
