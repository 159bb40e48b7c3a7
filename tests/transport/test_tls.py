"""TLS: whom a client trusts, what it says when it does not, and how a connection ends."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable
from contextlib import suppress

import anyio
import pytest

from tests import peers
from tests.certificates import Certificates
from tests.leaks import open_sockets
from tests.timing import SOON
from typedws import (
    CloseReason,
    ConnectError,
    ConnectionClosedError,
    HandshakeError,
    Server,
    ServerSession,
    SessionConfig,
    connect,
    serve,
)

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("each_tls")]


async def echo(session: ServerSession) -> None:
    async for frame in session.incoming:
        await session.send(frame)


def under(name: str, server: Server) -> str:
    return f"wss://{name}:{server.port}/"


async def refusal(url: str, ssl_context: ssl.SSLContext | None = None) -> str:
    """What a client says that does not connect."""
    before = open_sockets()
    with pytest.raises(ConnectError) as caught:
        async with connect(url, ssl_context=ssl_context):
            pass
    assert isinstance(caught.value, OSError)
    assert caught.value.call is not None
    assert caught.value.call.response is None
    while open_sockets() - before:  # the server's end goes as soon as it is told
        await anyio.sleep(0.001)
    return str(caught.value)


# Whom a client trusts.


async def test_a_trusted_server_is_spoken_to(certificates: Certificates) -> None:
    async with serve(echo, "127.0.0.1", 0, ssl_context=certificates.server_context()) as server:
        assert server.url == f"wss://127.0.0.1:{server.port}"
        for name in ("127.0.0.1", "localhost"):
            async with connect(under(name, server), ssl_context=certificates.client_context()) as session:
                await session.send_serialized("hello")
                assert await session.receive_deserialized(str) == "hello"
                assert session.call.request.url == under(name, server)


async def test_the_server_sees_a_secure_url(certificates: Certificates) -> None:
    async def tell(session: ServerSession) -> None:
        await session.send_serialized([session.call.request.url, type(session.remote).__name__])

    async with (
        serve(tell, "127.0.0.1", 0, ssl_context=certificates.server_context()) as server,
        connect(server.url, ssl_context=certificates.client_context()) as session,
    ):
        assert await session.receive_deserialized(list[str]) == [f"{server.url}/", "tuple"]


async def test_an_unknown_authority_is_refused_unless_it_is_given(certificates: Certificates) -> None:
    async with serve(echo, "127.0.0.1", 0, ssl_context=certificates.server_context()) as server:
        assert "certificate verify failed: unable to get local issuer" in await refusal(server.url)


async def test_a_self_signed_certificate_is_refused(certificates: Certificates) -> None:
    async with serve(echo, "127.0.0.1", 0, ssl_context=certificates.self_signed_context()) as server:
        assert "certificate verify failed: self" in await refusal(server.url)


async def test_a_certificate_for_another_host_is_refused(certificates: Certificates) -> None:
    async with serve(echo, "127.0.0.1", 0, ssl_context=certificates.server_context("other.test")) as server:
        text = await refusal(under("localhost", server), certificates.client_context())
        assert "Hostname mismatch" in text
        assert "localhost" in text
        assert "address mismatch" in await refusal(server.url, certificates.client_context())


async def test_an_expired_certificate_is_refused(certificates: Certificates) -> None:
    async with serve(echo, "127.0.0.1", 0, ssl_context=certificates.server_context(expired=True)) as server:
        assert "certificate has expired" in await refusal(server.url, certificates.client_context())


async def test_the_name_to_look_for_may_be_given(certificates: Certificates) -> None:
    async with (
        serve(echo, "127.0.0.1", 0, ssl_context=certificates.server_context("other.test")) as server,
        connect(server.url, ssl_context=certificates.client_context(), server_hostname="other.test") as session,
    ):
        await session.ping()


async def test_a_context_that_trusts_everybody_is_taken_at_its_word(certificates: Certificates) -> None:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    async with (
        serve(echo, "127.0.0.1", 0, ssl_context=certificates.self_signed_context()) as server,
        connect(server.url, ssl_context=context) as session,
    ):
        await session.ping()


async def test_a_server_may_ask_for_the_clients_certificate(certificates: Certificates) -> None:
    settings = certificates.server_context()
    certificates.require_client_certificate(settings)
    async with serve(echo, "127.0.0.1", 0, ssl_context=settings) as server:
        known = certificates.client_context()
        certificates.add_client_certificate(known)
        async with connect(server.url, ssl_context=known) as session:
            await session.ping()
        text = await refusal(server.url, certificates.client_context())
        assert "closed the connection" in text or "was lost" in text  # TLS 1.3 refuses after the handshake


# TLS on one end only.


async def test_wss_to_a_plain_port_says_so() -> None:
    async with serve(echo, "127.0.0.1", 0) as server:
        assert "not TLS" in await refusal(under("127.0.0.1", server))


async def test_ws_to_a_tls_port_says_so(certificates: Certificates) -> None:
    async with serve(echo, "127.0.0.1", 0, ssl_context=certificates.server_context()) as server:
        assert "closed the connection before it answered" in await refusal(f"ws://127.0.0.1:{server.port}/")


async def test_a_tls_alert_is_no_answer() -> None:
    alert = b"\x15\x03\x01\x00\x02\x02\x46"

    def script(sock: socket.socket) -> None:
        peers.read_head(sock)
        sock.sendall(alert)
        sock.shutdown(socket.SHUT_WR)

    with peers.Server(script) as server, pytest.raises(HandshakeError, match="HTTP"):
        async with connect(server.url):
            pass


# What travels.


async def test_large_messages_travel_whole(certificates: Certificates) -> None:
    message = bytes(range(256)) * 8192
    async with (
        serve(echo, "127.0.0.1", 0, ssl_context=certificates.server_context()) as server,
        connect(server.url, ssl_context=certificates.client_context()) as session,
    ):
        await session.send(message)
        assert (await session.receive()).data == message


# How it ends. The peers here are scripts, because an orderly server does none of this.


class TlsServer(peers.Server):
    """A server that makes both handshakes, does what it is told over TLS, and cuts TCP without ending TLS."""

    def __init__(self, context: ssl.SSLContext, act: Callable[[ssl.SSLSocket], object]) -> None:
        def script(sock: socket.socket) -> None:
            # Without taking it over, so that closing it says nothing on the level of TLS.
            with context.wrap_socket(sock.dup(), server_side=True) as tls:
                tls.settimeout(peers.PATIENCE)
                tls.sendall(peers.upgrade(peers.read_head(tls)))
                act(tls)
            sock.shutdown(socket.SHUT_RDWR)

        super().__init__(script)
        self.url = f"wss://127.0.0.1:{self.port}/"


def take_close(tls: ssl.SSLSocket) -> None:
    parser = peers.FrameParser()
    while not parser.closed:
        parser.feed(tls.recv(1000))
        parser.next()


def answer_close(tls: ssl.SSLSocket) -> None:
    take_close(tls)
    tls.sendall(peers.close(1000))


async def test_a_cut_after_the_close_frames_is_no_loss(certificates: Certificates) -> None:
    with TlsServer(certificates.server_context(), answer_close) as server:
        async with connect(server.url, ssl_context=certificates.client_context()) as session:
            await session.close(CloseReason(1000))
            assert session.close_reason == CloseReason(1000)


async def test_a_cut_after_the_peers_close_is_no_loss(certificates: Certificates) -> None:
    def leave(tls: ssl.SSLSocket) -> None:
        tls.sendall(peers.text("last words") + peers.close(1001))
        take_close(tls)

    with TlsServer(certificates.server_context(), leave) as server:
        async with connect(server.url, ssl_context=certificates.client_context(), converter=None) as session:
            assert [frame.data async for frame in session.incoming] == [b"last words"]
            assert await session.wait_closed() == CloseReason(1001)


async def test_a_cut_before_the_close_frames_is_a_loss(certificates: Certificates) -> None:
    def cut(tls: ssl.SSLSocket) -> None:
        tls.sendall(peers.text("last words"))

    with TlsServer(certificates.server_context(), cut) as server:
        async with connect(server.url, ssl_context=certificates.client_context(), converter=None) as session:
            assert (await session.receive()).data == b"last words"
            with pytest.raises(ConnectionClosedError) as caught:
                await session.receive()
    assert caught.value.reason.code == 1006
    assert caught.value.received is None


async def test_a_close_notify_is_no_close(certificates: Certificates) -> None:
    def end_tls(tls: ssl.SSLSocket) -> None:
        tls.sendall(peers.text("last words"))
        with suppress(OSError):
            tls.unwrap()

    with TlsServer(certificates.server_context(), end_tls) as server:
        async with connect(server.url, ssl_context=certificates.client_context(), converter=None) as session:
            assert (await session.receive()).data == b"last words"
            with pytest.raises(ConnectionClosedError) as caught:
                await session.receive()
    assert caught.value.reason.code == 1006


async def test_a_server_that_never_ends_tls_is_left_after_close_timeout(certificates: Certificates) -> None:
    def hold(tls: ssl.SSLSocket) -> None:
        answer_close(tls)
        while tls.recv(1000):
            pass

    config = SessionConfig(close_timeout=0.1)
    with TlsServer(certificates.server_context(), hold) as server:
        started = time.monotonic()
        async with connect(server.url, ssl_context=certificates.client_context(), config=config):
            pass
        assert 0.08 < time.monotonic() - started < SOON
