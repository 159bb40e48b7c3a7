"""A TLS handshake that is cancelled, in the very turn of the event loop that is the wrong one, leaves no socket.

An asyncio loop ends TLS in order where a handshake was cancelled in the turn in which it was done, and waits half a
minute for a peer to do the same. So these tests go through every turn, with a peer that does its part of the handshake
once a turn, and nothing else.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Iterator

import pytest

from tests.certificates import Certificates
from tests.leaks import no_socket_left
from typedws.transport import dialing
from typedws.transport.interface import Conduit
from typedws.transport.listening import Guest

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.usefixtures("each_tls"),
    pytest.mark.parametrize(
        "anyio_backend",
        [
            pytest.param(("asyncio", {"use_uvloop": False}), id="asyncio"),
            pytest.param(("asyncio", {"use_uvloop": True}), id="uvloop"),
        ],
    ),
    pytest.mark.parametrize("tls", [True, False], ids=["tls", "plain"]),
]

TURNS = range(1, 16)


class Peer:
    """One end of a TLS handshake, which is moved on by hand."""

    def __init__(self, sock: socket.socket, context: ssl.SSLContext, *, server_side: bool) -> None:
        self._sock = sock
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        name = None if server_side else "localhost"
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=server_side, server_hostname=name)

    def go_on(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._incoming.write(self._sock.recv(1 << 16))
        with contextlib.suppress(ssl.SSLWantReadError):
            self._tls.do_handshake()
        self._sock.sendall(self._outgoing.read())


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Two connected TCP sockets: the one under test, and its peer."""
    with no_socket_left(), socket.create_server(("127.0.0.1", 0)) as listener:
        ours = socket.create_connection(listener.getsockname())
        theirs, _ = listener.accept()
        ours.setblocking(False)
        theirs.setblocking(False)
        with ours, theirs:
            yield ours, theirs


async def cancel_after(turns: int, task: asyncio.Task[Conduit], peer: Peer | None) -> None:
    for _ in range(turns):
        if peer is not None:
            peer.go_on()
        await asyncio.sleep(0)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        conduit = await task
        await conduit.abort()


@pytest.mark.parametrize("turns", TURNS)
async def test_a_client_that_is_cancelled_closes_its_socket(
    turns: int,
    tls: bool,
    pair: tuple[socket.socket, socket.socket],
    certificates: Certificates,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ours, theirs = pair

    async def connect(*_: object) -> socket.socket:
        return ours

    monkeypatch.setattr(dialing, "_connect_tcp", connect)
    context = certificates.client_context() if tls else None
    peer = Peer(theirs, certificates.server_context(), server_side=True) if tls else None
    await cancel_after(turns, asyncio.create_task(dialing.dial("localhost", 9, ssl_context=context)), peer)
    assert ours.fileno() == -1


@pytest.mark.parametrize("turns", TURNS)
async def test_a_server_that_is_cancelled_closes_its_socket(
    turns: int, tls: bool, pair: tuple[socket.socket, socket.socket], certificates: Certificates
) -> None:
    ours, theirs = pair
    context = certificates.server_context() if tls else None
    peer = Peer(theirs, certificates.client_context(), server_side=False) if tls else None
    await cancel_after(turns, asyncio.create_task(Guest(ours).admit(context)), peer)
    assert ours.fileno() == -1
