"""Dialling: many addresses, none that answers, and one deadline for everything."""

from __future__ import annotations

import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import anyio
import pytest

from tests import peers
from tests.certificates import Certificates
from tests.leaks import no_socket_left
from tests.lookup import Answers, Lookup, address, black_hole, install_lookup
from tests.timing import SOON, in_time
from typedws import ConnectError, HandshakeRejectedError, HandshakeTimeoutError, ServerSession, connect, serve
from typedws.transport.dialing import give_up, identity_of

pytestmark = pytest.mark.anyio

Resolve = Callable[[Lookup], None]


async def echo(session: ServerSession) -> None:
    async for frame in session.incoming:
        await session.send(frame)


@pytest.fixture
async def resolve_with(monkeypatch: pytest.MonkeyPatch, anyio_backend_name: str) -> Resolve:
    """Puts a function in the place of the system's name lookup."""

    return partial(install_lookup, monkeypatch=monkeypatch, anyio_backend_name=anyio_backend_name)


async def test_the_next_address_is_tried_when_the_first_refuses(resolve_with: Resolve) -> None:
    resolve_with(lambda host, port: [address("127.0.0.3", port), address("127.0.0.1", port)])
    async with serve(echo, "127.0.0.1", 0) as server, connect(f"ws://two.test:{server.port}/") as session:
        await session.ping()
        assert session.call.request.headers["host"] == f"two.test:{server.port}"


async def test_the_next_address_is_tried_when_the_first_does_not_answer(resolve_with: Resolve) -> None:
    resolve_with(lambda host, port: [address("127.0.0.2", port), address("127.0.0.1", port)])
    async with serve(echo, "127.0.0.1", 0) as server:
        with no_socket_left(), black_hole(server.port):
            started = time.monotonic()
            async with connect(f"ws://two.test:{server.port}/") as session:
                assert time.monotonic() - started < 5
                await session.ping()


async def test_both_families_are_tried(resolve_with: Resolve) -> None:
    """As "localhost" is ::1 on many machines, where a server often listens on 127.0.0.1 only."""
    resolve_with(lambda host, port: [address("::1", port), address("127.0.0.1", port)])
    async with serve(echo, "127.0.0.1", 0) as server, connect(f"ws://both.test:{server.port}/") as session:
        await session.ping()


async def test_when_every_address_refuses_it_says_so(resolve_with: Resolve) -> None:
    resolve_with(lambda host, port: [address("127.0.0.3", port), address("127.0.0.4", port)])
    with (
        no_socket_left(),
        pytest.raises(ConnectError, match=r"cannot connect to two\.test:9: Connection refused") as caught,
    ):
        async with connect("ws://two.test:9/"):
            pass
    assert isinstance(caught.value.__cause__, OSError)


async def test_a_name_that_does_not_exist_says_so() -> None:
    with pytest.raises(ConnectError, match=r"cannot connect to no-such-host\.invalid:80: ") as caught:
        async with connect("ws://no-such-host.invalid/"):
            pass
    assert caught.value.call is not None
    assert caught.value.call.request.url == "ws://no-such-host.invalid/"


async def test_a_name_without_an_address_says_so(resolve_with: Resolve) -> None:
    resolve_with(lambda host, port: [])
    with pytest.raises(ConnectError, match=r"empty\.test"):
        async with connect("ws://empty.test/"):
            pass


# One deadline for everything.


@contextmanager
def slow_names() -> Iterator[Callable[[str, int], Answers]]:
    """A name lookup that takes as long as the block."""
    release = threading.Event()

    def lookup(host: str, port: int) -> Answers:
        release.wait(peers.PATIENCE)
        return [address("127.0.0.1", port)]

    try:
        yield lookup
    finally:
        release.set()


async def timed_out(url: str, **options: Any) -> None:
    """Makes sure that connecting ends by `open_timeout`."""
    started = time.monotonic()
    with pytest.raises(HandshakeTimeoutError, match=r"open_timeout=0\.1 s") as caught:
        async with connect(url, open_timeout=0.1, **options):
            pass
    assert 0.08 < time.monotonic() - started < SOON
    assert isinstance(caught.value, TimeoutError)
    assert caught.value.call is not None


async def test_a_name_lookup_that_hangs(resolve_with: Resolve) -> None:
    with no_socket_left(), slow_names() as lookup:
        resolve_with(lookup)
        await timed_out("ws://slow.test/")


async def test_an_address_that_does_not_answer() -> None:
    with no_socket_left(), black_hole() as port:
        await timed_out(f"ws://127.0.0.2:{port}/")


async def test_a_tls_handshake_that_stalls() -> None:
    with no_socket_left(), peers.Server(lambda sock: sock.recv(1000)) as server:
        await timed_out(f"wss://127.0.0.1:{server.port}/")


async def test_a_server_that_says_nothing() -> None:
    with no_socket_left(), peers.Server(peers.read_head) as server:
        await timed_out(server.url)


async def test_a_server_that_drips_its_answer() -> None:
    def drip(sock: socket.socket) -> None:
        peers.read_head(sock)
        sock.sendall(b"HTTP/1.1 101 Switching Protocols\r\nX-A: ")
        while True:
            sock.sendall(b"a")
            time.sleep(0.01)

    with no_socket_left(), peers.Server(drip) as server:
        await timed_out(server.url)


async def test_a_server_that_sends_informational_responses_without_an_end() -> None:
    def stall(sock: socket.socket) -> None:
        peers.read_head(sock)
        sock.sendall(b"HTTP/1.1 103 Early Hints\r\n\r\n")

    with no_socket_left(), peers.Server(stall) as server:
        await timed_out(server.url)


async def test_slow_phases_share_the_deadline(resolve_with: Resolve) -> None:
    """Each of them is in time; all of them together are not."""

    def slow_lookup(host: str, port: int) -> Answers:
        time.sleep(0.07)
        return [address("127.0.0.1", port)]

    def slow_answer(sock: socket.socket) -> None:
        head = peers.read_head(sock)
        time.sleep(0.07)
        sock.sendall(peers.upgrade(head))

    resolve_with(slow_lookup)
    with no_socket_left(), peers.Server(slow_answer) as server:
        await timed_out(f"ws://slow.test:{server.port}/")


async def test_no_timeout_means_none() -> None:
    def slow_answer(sock: socket.socket) -> None:
        head = peers.read_head(sock)
        time.sleep(0.1)
        sock.sendall(peers.upgrade(head))

    with no_socket_left(), peers.Server(slow_answer) as server:
        async with connect(server.url, open_timeout=None):
            server.peer().farewell()


async def test_the_deadline_is_over_once_the_session_is_open() -> None:
    async with serve(echo, "127.0.0.1", 0) as server:

        async def open_and_wait(open_timeout: float) -> None:
            async with connect(server.url, open_timeout=open_timeout) as session:
                await anyio.sleep(2 * open_timeout)
                await session.ping()

        await in_time(open_and_wait, HandshakeTimeoutError)


async def test_a_connection_that_breaks_in_the_handshake_says_so() -> None:
    def reset(sock: socket.socket) -> None:
        peers.read_head(sock)
        peers.TcpPeer(sock).reset()

    with no_socket_left(), peers.Server(reset) as server:
        with pytest.raises(ConnectError, match="lost during the opening handshake: Connection reset by peer"):
            async with connect(server.url):
                pass


async def test_a_connection_that_ends_in_the_answer_says_so() -> None:
    def end(sock: socket.socket) -> None:
        peers.read_head(sock)
        sock.sendall(b"HTTP/1.1 101 Sw")
        sock.shutdown(socket.SHUT_WR)

    with (
        no_socket_left(),
        peers.Server(end) as server,
        pytest.raises(ConnectError, match="in the middle of its answer"),
    ):
        async with connect(server.url):
            pass


async def test_tls_over_a_unix_socket(certificates: Certificates, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("ws") / "socket"
    context: ssl.SSLContext = certificates.client_context()
    async with (
        serve(echo, uds=path, ssl_context=certificates.server_context()),
        connect("wss://localhost/", uds=path, ssl_context=context) as session,
    ):
        await session.ping()
        assert session.call.request.url == "wss://localhost/"


async def test_a_refusal_whose_body_does_not_end_is_still_a_refusal() -> None:
    def refuse(sock: socket.socket) -> None:
        peers.read_head(sock)
        sock.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 100\r\n\r\nbecause")

    async def refused(open_timeout: float) -> None:
        with peers.Server(refuse) as server, pytest.raises(HandshakeRejectedError, match="403") as caught:
            async with connect(server.url, open_timeout=open_timeout):
                pass
        assert caught.value.call is not None
        assert caught.value.call.response is not None
        assert caught.value.call.response.body == b"because"

    await in_time(refused, HandshakeTimeoutError)


async def test_a_number_that_is_another_sockets_by_now_is_left_alone() -> None:
    """uvloop may have closed a socket without telling it, and the next one gets its number."""
    sock = socket.socket()
    identity = identity_of(sock)
    other, far = socket.socketpair()
    with other, far:
        os.dup2(other.fileno(), sock.fileno())
        number = sock.fileno()
        await give_up(sock, identity)
        assert sock.fileno() == -1
        far.sendall(b"still here")
        assert other.recv(100) == b"still here"
        assert os.read(number, 0) == b""  # nor has it been closed
        os.close(number)
