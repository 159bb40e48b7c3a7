"""Opening a connection to servers that stall, drip, refuse, break off, or send more than was asked for."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable

import anyio
import pytest

from tests.leaks import open_sockets
from tests.peers import Script, Server, accepting, read_head, text, upgrade
from tests.timing import SOON, in_time
from typedws.client import connect
from typedws.config import MAX_HEAD_BYTES, MAX_REFUSAL_BODY, SessionConfig
from typedws.errors import ConnectError, HandshakeError, HandshakeRejectedError, HandshakeTimeoutError
from typedws.frames import TextFrame

pytestmark = pytest.mark.anyio


BRIEF = SessionConfig(close_timeout=0.05)


async def failure(script: Script, *, open_timeout: float = 5, url: str = "") -> HandshakeError:
    """What `connect` raises, having checked that it leaves no socket."""
    before = open_sockets()
    with Server(script) as server:
        beside = open_sockets()
        with pytest.raises(HandshakeError) as caught:
            async with connect(server.url, open_timeout=open_timeout):
                raise AssertionError("there is no WebSocket")
        left = open_sockets() - beside
        assert len(left) <= 1, "our end is still open"  # the server's end is this process's too
    assert open_sockets() == before
    return caught.value


def answering(response: bytes) -> Script:
    def script(sock: socket.socket) -> None:
        read_head(sock)
        sock.sendall(response)

    return script


def waiting(sock: socket.socket) -> None:
    """Until the client has gone."""
    while sock.recv(65536):
        pass


# Time.


async def test_a_server_that_says_nothing_is_left_at_the_open_timeout() -> None:
    started = time.monotonic()
    error = await failure(waiting, open_timeout=0.1)
    assert 0.08 < time.monotonic() - started < SOON
    assert isinstance(error, HandshakeTimeoutError)
    assert isinstance(error, TimeoutError)
    assert "0.1 s" in str(error)
    assert error.call is not None
    assert error.call.response is None


@pytest.mark.parametrize("piece", [b"H", b"X-Drip: x\r\n"], ids=["a byte", "a field"])
async def test_a_server_that_drips_has_the_same_time_in_all(piece: bytes) -> None:
    def drip(sock: socket.socket) -> None:
        read_head(sock)
        sock.sendall(b"HTTP/1.1 101 Switching Protocols\r\n")
        while True:
            sock.sendall(piece)
            time.sleep(0.02)

    started = time.monotonic()
    assert isinstance(await failure(drip, open_timeout=0.1), HandshakeTimeoutError)
    assert time.monotonic() - started < SOON


async def test_informational_answers_do_not_give_more_time() -> None:
    def hint(sock: socket.socket) -> None:
        read_head(sock)
        for _ in range(5):
            sock.sendall(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
            time.sleep(0.02)
        waiting(sock)

    assert isinstance(await failure(hint, open_timeout=0.1), HandshakeTimeoutError)


async def test_informational_answers_before_the_upgrade_are_skipped() -> None:
    def hint(sock: socket.socket) -> None:
        head = read_head(sock)
        sock.sendall(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + upgrade(head) + text("x"))

    with Server(hint) as server:
        async with connect(server.url, converter=None) as session:
            assert await session.receive() == TextFrame("x")
            server.peer().farewell()


# Too much.


@pytest.mark.parametrize("in_one_segment", [True, False])
async def test_endless_fields_are_too_much_soon(in_one_segment: bool) -> None:
    def flood(sock: socket.socket) -> None:
        read_head(sock)
        sock.sendall(b"HTTP/1.1 101 Switching Protocols\r\n")
        if in_one_segment:
            sock.sendall(b"X-Flood: x\r\n" * 100_000)
        while True:
            sock.sendall(b"X-Flood: x\r\n")

    assert isinstance(await failure(flood), HandshakeRejectedError)


async def test_endless_bytes_without_a_line_end_are_too_much_soon() -> None:
    def flood(sock: socket.socket) -> None:
        read_head(sock)
        while True:
            sock.sendall(b"HTTP/1.1 101 " + b"x" * MAX_HEAD_BYTES)

    assert isinstance(await failure(flood), HandshakeRejectedError)


async def test_an_endless_body_of_a_refusal_is_cut() -> None:
    def flood(sock: socket.socket) -> None:
        read_head(sock)
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
        while True:
            sock.sendall(b"<html>" * 1000)

    error = await failure(flood)
    assert isinstance(error, HandshakeRejectedError)
    assert error.call is not None
    assert error.call.response is not None
    assert error.call.response.status == 200
    assert len(error.call.response.body) == MAX_REFUSAL_BODY


# Refusals.


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 407, 426, 429, 500, 503])
async def test_a_refusal_is_told_with_status_fields_and_body(status: int) -> None:
    error = await failure(answering(b"HTTP/1.1 %d No\r\nRetry-After: 7\r\nContent-Length: 6\r\n\r\nnot us" % status))
    assert isinstance(error, HandshakeRejectedError)
    assert str(status) in str(error)
    assert error.call is not None
    response = error.call.response
    assert response is not None
    assert (response.status, response.headers["retry-after"], response.body) == (status, "7", b"not us")


async def test_a_refusal_whose_body_never_ends_is_told_at_the_open_timeout() -> None:
    def stall(sock: socket.socket) -> None:
        read_head(sock)
        sock.sendall(b"HTTP/1.1 503 Busy\r\nContent-Length: 100\r\n\r\npartly")
        waiting(sock)

    async def refused(open_timeout: float) -> None:
        error = await failure(stall, open_timeout=open_timeout)
        if isinstance(error, HandshakeTimeoutError):
            raise error
        assert isinstance(error, HandshakeRejectedError)
        assert error.call is not None
        assert error.call.response is not None
        assert (error.call.response.status, error.call.response.body) == (503, b"partly")

    await in_time(refused, HandshakeTimeoutError)


@pytest.mark.parametrize(
    "response",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\x15\x03\x01\x00\x02\x02\x50",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
        b"\x00" * 100,
        b"\r\n\r\n",
    ],
    ids=["SSH", "a TLS alert", "no fields", "another key's answer", "zeros", "empty lines"],
)
async def test_what_is_no_valid_answer_is_refused(response: bytes) -> None:
    assert isinstance(await failure(answering(response), open_timeout=1), HandshakeError)


# Ends.


@pytest.mark.parametrize("sent", [0, 1, 12, 40, -1], ids=["nothing", "a byte", "a status", "a field", "all but a byte"])
@pytest.mark.parametrize("reset", [False, True], ids=["FIN", "RST"])
async def test_a_connection_that_ends_during_the_handshake_is_a_connect_error(sent: int, reset: bool) -> None:
    def script(sock: socket.socket) -> None:
        head = read_head(sock)
        sock.sendall(upgrade(head)[:sent])
        if reset:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        sock.close()

    error = await failure(script)
    assert isinstance(error, ConnectError)
    assert isinstance(error, OSError)


async def test_a_connection_that_ends_at_once_is_a_connect_error() -> None:
    assert isinstance(await failure(lambda sock: sock.close()), ConnectError)


async def test_a_port_without_a_server_is_a_connect_error() -> None:
    with Server() as server:
        url = server.url
    with pytest.raises(ConnectError) as caught:
        async with connect(url):
            raise AssertionError("there is no server")
    assert isinstance(caught.value.__cause__, OSError)
    assert "127.0.0.1" in str(caught.value)


async def test_a_name_that_does_not_exist_is_a_connect_error() -> None:
    with pytest.raises(ConnectError):
        async with connect("ws://peer.invalid/"):
            raise AssertionError("there is no such host")


# The deadline and the answer at the same time.


async def test_an_answer_at_the_deadline_gives_a_session_or_a_timeout_and_never_a_socket() -> None:
    def late(sock: socket.socket) -> None:
        head = read_head(sock)
        time.sleep(0.02)
        sock.sendall(upgrade(head))

    before = open_sockets()
    outcomes = set()
    for open_timeout in (0.005, *(0.018 + step * 0.0004 for step in range(20)), 5):
        with Server(late) as server:
            try:
                async with connect(server.url, open_timeout=open_timeout, config=BRIEF):
                    server.peer().farewell()
                    outcomes.add("a session")
            except HandshakeTimeoutError:
                outcomes.add("a timeout")
        assert open_sockets() == before
    assert outcomes == {"a session", "a timeout"}


async def test_a_cancelled_connect_does_not_wait_for_its_server() -> None:
    before = open_sockets()
    with Server(waiting) as server:
        started = time.monotonic()
        with anyio.move_on_after(0.05):
            async with connect(server.url):
                raise AssertionError("nobody answered")
        assert time.monotonic() - started < SOON
    assert open_sockets() == before


@pytest.mark.parametrize("options", [{"headers": {"X-A": "b\r\nc"}}, {"subprotocols": ["a b"]}, {"origin": "a\nb"}])
async def test_what_cannot_be_asked_is_refused_before_a_connection_is_made(options: dict) -> None:
    accepted: list[object] = []
    script: Callable[[socket.socket], object] = accepted.append
    with Server(script) as server:
        with pytest.raises(ValueError):  # noqa: PT011 - the texts are tested with the handshake
            connect(server.url, **options)
    assert not accepted


async def test_a_name_with_several_addresses_is_tried_at_all_of_them() -> None:
    with Server(accepting(then=text("x"))) as server:
        async with connect(f"ws://localhost:{server.port}/", converter=None) as session:
            assert await session.receive() == TextFrame("x")
            server.peer().farewell()
