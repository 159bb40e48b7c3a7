"""A session in either role, over TCP, and the peer that a test plays against it."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager
from typing import TypeAlias

import anyio

from tests.catalogue.rows import KEY, Compression
from tests.peers import TcpPeer, connected
from tests.server.guests import UPGRADE, request
from typedws.config import SessionConfig
from typedws.converters.base import WebsocketContentConverter as Converter
from typedws.protocol.deflate import Deflate
from typedws.server import serve
from typedws.session import ServerSession, Session

__all__ = ["ROLES", "Role", "client", "key_of", "server"]

CONFIG = SessionConfig()

Role: TypeAlias = Callable[..., AbstractAsyncContextManager[tuple[Session, TcpPeer]]]
"""A way to a session and its peer."""


def key_of(role: Role) -> bytes | None:
    """What the peer of a session in this role masks with."""
    return KEY if role is server else None


@asynccontextmanager
async def client(
    compression: Compression | None = None, config: SessionConfig = CONFIG, converter: Converter | None = None
) -> AsyncIterator[tuple[Session, TcpPeer]]:
    """A session that we opened; the peer is a server."""
    fields = {
        None: [],
        Compression.KEPT: ["Sec-WebSocket-Extensions: permessage-deflate"],
        Compression.FORGOTTEN: ["Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover"],
    }[compression]
    extensions = [Deflate()] if compression else []
    async with connected(*fields, extensions=extensions, config=config, converter=converter) as opened:
        yield opened


@asynccontextmanager
async def server(
    compression: Compression | None = None, config: SessionConfig = CONFIG, converter: Converter | None = None
) -> AsyncIterator[tuple[Session, TcpPeer]]:
    """A session in the hands of a handler; the peer is a client."""
    fields = {
        None: [],
        Compression.KEPT: ["Sec-WebSocket-Extensions: permessage-deflate"],
        Compression.FORGOTTEN: ["Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover"],
    }[compression]
    sessions: list[ServerSession] = []
    welcomed, done = anyio.Event(), anyio.Event()

    async def handler(session: ServerSession) -> None:
        sessions.append(session)
        welcomed.set()
        await done.wait()

    extensions = [Deflate()] if compression else []
    with ExitStack() as after:
        async with serve(handler, "127.0.0.1", 0, converter=converter, extensions=extensions, config=config) as running:
            sock = after.enter_context(socket.create_connection(("127.0.0.1", running.port)))
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            peer = TcpPeer(sock, key=KEY)
            after.callback(peer.join)
            peer.push(request(*UPGRADE, *fields))
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                data = await peer.read()
                assert data, "the server refused"
                head += data
            assert head.startswith(b"HTTP/1.1 101 ")
            assert bool(compression) is (b"permessage-deflate" in head)
            await welcomed.wait()
            try:
                yield sessions[0], peer
            finally:
                peer.farewell()
                done.set()


ROLES: dict[str, Role] = {"client": client, "server": server}
