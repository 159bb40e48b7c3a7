"""Through an HTTP proxy: what it is asked for, what goes through the tunnel, and what is said when there is none."""

from __future__ import annotations

import asyncio
import base64
import socket
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import anyio
import anyio.to_thread
import pytest

from tests import peers
from tests.certificates import Certificates
from tests.client.proxy import proxy_to
from tests.leaks import no_socket_left
from tests.timing import SOON, in_time
from typedws.client import WebSocketClient, connect
from typedws.errors import ConnectError, HandshakeTimeoutError, ProxyError
from typedws.reconnect import reconnect
from typedws.server import serve
from typedws.session import ServerSession

pytestmark = pytest.mark.anyio

OPEN = b"HTTP/1.1 200 Connection established\r\n\r\n"
SECRET = "0p3n-s3s4m3"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


async def echo(session: ServerSession) -> None:
    async for frame in session.incoming:
        await session.send(frame)


@contextmanager
def answering(*answer: bytes, then: Callable[[socket.socket], object] = lambda sock: None) -> Iterator[str]:
    """The address of a proxy that answers with these pieces, does `then`, and hangs up."""

    def script(sock: socket.socket) -> None:
        peers.read_head(sock)
        for piece in answer:
            sock.sendall(piece)
        then(sock)
        sock.shutdown(socket.SHUT_WR)

    with no_socket_left(), peers.Server(script) as proxy:
        yield f"127.0.0.1:{proxy.port}"


def until_it_leaves(sock: socket.socket) -> None:
    """Waits for the client to hang up."""
    while sock.recv(1 << 16):
        pass


async def failure(address: str, *, user: str = "", **options: Any) -> ProxyError:
    """What a client says that gets no tunnel."""
    with pytest.raises(ProxyError, match=f"^the proxy at {address} ") as caught:
        async with connect("ws://server.test/", proxy=f"http://{user}{address}", **options):
            raise AssertionError("there is no tunnel")
    assert caught.value.call is not None
    assert caught.value.call.request.url == "ws://server.test/"
    return caught.value


def text_of(error: BaseException) -> str:
    """Everything that a log could show of it."""
    return "".join(traceback.format_exception(error)) + repr(error) + repr(getattr(error, "call", None))


# Through it.


async def test_a_session_runs_through_a_tunnel() -> None:
    """To a server that only the proxy knows the name of."""
    async with serve(echo, "127.0.0.1", 0) as server, proxy_to({"server.test:80": server.port}) as proxy:
        async with connect("ws://server.test/feed", proxy=proxy.url) as session:
            await session.send_serialized("hello")
            assert await session.receive_deserialized(str) == "hello"
            assert session.call.request.url == "ws://server.test/feed"
            assert session.call.request.headers["host"] == "server.test"
        assert session.close_reason is not None
        assert session.close_reason.code == 1000
        assert proxy.heads == [["CONNECT server.test:80 HTTP/1.1", "Host: server.test:80"]]


async def test_tls_is_spoken_inside_the_tunnel(certificates: Certificates) -> None:
    context = certificates.client_context()
    async with (
        serve(echo, "127.0.0.1", 0, ssl_context=certificates.server_context("server.test")) as server,
        proxy_to({"server.test:443": server.port}) as proxy,
        connect("wss://server.test/", proxy=proxy.url, ssl_context=context) as session,
    ):
        assert proxy.heads == [["CONNECT server.test:443 HTTP/1.1", "Host: server.test:443"]]
        async with anyio.create_task_group() as both:
            both.start_soon(session.send, b"x" * 1_000_000)
            assert (await session.receive()).data == b"x" * 1_000_000


async def test_the_certificate_must_be_that_of_the_server(certificates: Certificates) -> None:
    """And not that of the proxy, whose address this certificate is for."""
    context = certificates.client_context()
    async with (
        serve(echo, "127.0.0.1", 0, ssl_context=certificates.server_context("127.0.0.1")) as server,
        proxy_to({"server.test:443": server.port}) as proxy,
    ):
        with pytest.raises(ConnectError, match="Hostname mismatch") as caught:
            async with connect("wss://server.test/", proxy=proxy.url, ssl_context=context):
                raise AssertionError("this is another server")
        assert f"cannot connect to server.test:443 through the proxy at {proxy.address}: " in str(caught.value)


async def test_the_name_in_the_certificate_may_be_given(certificates: Certificates) -> None:
    async with (
        serve(echo, "127.0.0.1", 0, ssl_context=certificates.server_context("other.test")) as server,
        proxy_to({"server.test:443": server.port}) as proxy,
        connect(
            "wss://server.test/",
            proxy=proxy.url,
            ssl_context=certificates.client_context(),
            server_hostname="other.test",
        ) as session,
    ):
        await session.ping()


async def test_user_and_password_go_to_the_proxy_and_not_to_the_server() -> None:
    async with serve(echo, "127.0.0.1", 0) as server, proxy_to({"server.test:80": server.port}) as proxy:
        url = proxy.url.replace("http://", "http://ada:p%40ss%3A%C3%BC@")
        async with connect("ws://server.test/", proxy=url) as session:
            (seen,) = server.sessions
            assert not [name for name in seen.call.request.headers if "authorization" in name]
            assert not [name for name in session.call.request.headers if "authorization" in name]
        (head,) = proxy.heads
        assert head[2:] == ["Proxy-Authorization: Basic " + base64.b64encode("ada:p@ss:ü".encode()).decode()]


async def test_user_and_password_of_the_server_are_not_for_the_proxy() -> None:
    async with serve(echo, "127.0.0.1", 0) as server, proxy_to({"server.test:80": server.port}) as proxy:
        async with connect(f"ws://ada:{SECRET}@server.test/", proxy=proxy.url, headers={"X-Token": SECRET}) as session:
            assert "authorization" in session.call.request.headers
        assert len(proxy.heads[0]) == 2


async def test_a_client_has_a_proxy_for_all_its_sessions_unless_one_says_otherwise() -> None:
    async with serve(echo, "127.0.0.1", 0) as server, proxy_to({"server.test:80": server.port}) as proxy:
        async with WebSocketClient(proxy=proxy.url) as client:
            await (await client.websocket_session("ws://server.test/")).ping()
            async with client.websocket("ws://server.test/") as session:
                await session.ping()
            async with client.websocket(server.url, proxy=None) as session:
                await session.ping()
        assert len(proxy.heads) == 2


async def test_each_attempt_of_reconnect_asks_for_a_tunnel() -> None:
    async def hang_up(session: ServerSession) -> None:
        await session.close()

    def always(error: Exception) -> bool:
        return True

    async with serve(hang_up, "127.0.0.1", 0) as server, proxy_to({"server.test:80": server.port}) as proxy:
        async for attempt in reconnect("ws://server.test/", proxy=proxy.url, initial_delay=0.001, should_retry=always):
            async with attempt as session:
                await session.wait_closed()
            if attempt.number == 3:
                break
        assert len(proxy.heads) == 3


async def test_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "ws_proxy", "wss_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
        monkeypatch.setenv(name.upper(), "http://127.0.0.1:1")
    async with serve(echo, "127.0.0.1", 0) as server, connect(server.url) as session:
        await session.ping()


# No tunnel.


async def test_a_proxy_that_nobody_runs_says_so() -> None:
    with no_socket_left(), peers.Server() as server:
        address = f"127.0.0.1:{server.port}"
    with no_socket_left(), pytest.raises(ConnectError, match=f"cannot connect to the proxy at {address}: .*refused"):
        async with connect("ws://server.test/", proxy=f"http://{address}"):
            raise AssertionError("there is no proxy")


async def test_a_server_that_the_proxy_does_not_find_is_told_apart_from_the_proxy() -> None:
    async with proxy_to({}) as proxy:
        error = await failure(proxy.address)
    assert str(error).endswith("answered 502 Bad Gateway to CONNECT server.test:80")
    assert error.call is not None
    assert error.call.response is not None
    assert (error.call.response.status, error.call.response.body) == (502, b"no such name")


async def test_a_proxy_that_wants_credentials_says_so() -> None:
    refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n"
    with answering(refusal) as address:
        error = await failure(address)
        assert "answered 407 Proxy Authentication Required" in str(error)
        assert "give user and password in its URL" in str(error)
    with answering(refusal) as address:
        error = await failure(address, user=f"ada:{SECRET}@")
        assert "answered 407 Proxy Authentication Required" in str(error)
        assert "does not accept" in str(error)
    assert error.call is not None
    assert error.call.response is not None
    assert error.call.response.headers["proxy-authenticate"] == "Basic"


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", "did not answer in valid HTTP: these bytes are not HTTP"),
        (b"\x15\x03\x01\x00\x02\x02\x46", "these bytes are TLS"),
        (b"HTTP/1.1 200 OK\r\nX-A:" + b" " * 100_000, "more than 16384 bytes"),
        (b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 101 + b"\r\n", "more than 100 fields"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 9, "more than 8 informational responses"),
        (OPEN + b"\x81\x02hi", "before anything was sent"),
        (b"", "closed the connection before it answered"),
        (b"HTTP/1.1 2", "closed the connection in the middle of its answer"),
    ],
    ids=["not HTTP", "TLS", "large head", "many fields", "informational", "too early", "nothing", "half a head"],
)
async def test_a_bad_answer_is_the_proxys_fault(answer: bytes, text: str) -> None:
    with answering(answer) as address:
        error = await failure(address)
    assert text in str(error)
    assert error.call is not None
    assert error.call.response is None


async def test_a_connection_that_breaks_says_so() -> None:
    with answering(then=lambda sock: peers.TcpPeer(sock).reset()) as address:
        error = await failure(address)
    assert "closed the connection before it answered" in str(error)
    assert isinstance(error.__cause__, OSError)


async def test_a_connection_that_breaks_in_an_explanation_is_still_a_refusal() -> None:
    refusal = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 100\r\n\r\nbecause"
    with answering(refusal, then=lambda sock: time.sleep(0.05)) as address:
        error = await failure(address)
    assert "answered 403 Forbidden" in str(error)
    assert error.call is not None
    assert error.call.response is not None
    assert error.call.response.body == b"because"


async def test_an_explanation_that_does_not_end_is_still_a_refusal() -> None:
    refusal = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 100\r\n\r\nbecause"

    async def refused(open_timeout: float) -> None:
        with answering(refusal, then=until_it_leaves) as address:
            assert "answered 403 Forbidden" in str(await failure(address, open_timeout=open_timeout))

    await in_time(refused, HandshakeTimeoutError)


def drip(sock: socket.socket) -> None:
    sock.sendall(b"HTTP/1.1 200 OK\r\nX-A: ")
    while True:
        sock.sendall(b"a")
        time.sleep(0.01)


@pytest.mark.parametrize("then", [until_it_leaves, drip])
async def test_a_proxy_that_takes_its_time_is_left_after_open_timeout(then: Callable[[socket.socket], object]) -> None:
    with answering(then=then) as address:
        started = time.monotonic()
        with pytest.raises(
            HandshakeTimeoutError, match=rf"server\.test through the proxy at {address} within .*=0\.2 s"
        ):
            async with connect("ws://server.test/", proxy=f"http://{address}", open_timeout=0.2):
                raise AssertionError("there is no tunnel")
        assert 0.15 < time.monotonic() - started < SOON


async def test_the_tunnel_and_what_is_in_it_share_the_deadline() -> None:
    """Neither takes too long by itself."""

    def slow_server(sock: socket.socket) -> None:
        peers.read_head(sock)
        time.sleep(0.2)
        sock.sendall(OPEN)
        head = peers.read_head(sock)
        time.sleep(0.2)
        sock.sendall(peers.upgrade(head))

    with no_socket_left(), peers.Server(slow_server) as proxy:
        with pytest.raises(HandshakeTimeoutError):
            async with connect("ws://server.test/", proxy=f"http://127.0.0.1:{proxy.port}", open_timeout=0.3):
                raise AssertionError("it was too late")


@pytest.mark.parametrize("native", [False, True], ids=["scope", "task"])
@pytest.mark.parametrize(
    ("url", "answer"),
    [
        ("ws://server.test/", b""),
        ("ws://server.test/", b"HTTP/1.1 403 Forbidden\r\nContent-Length: 9\r\n\r\n"),
        ("wss://server.test/", OPEN),
        ("ws://server.test/", OPEN),
    ],
    ids=["no answer", "no body", "no TLS", "no upgrade"],
)
async def test_cancelling_leaves_no_socket(url: str, answer: bytes, native: bool, anyio_backend: Any) -> None:
    if native and anyio_backend[0] == "trio":
        return  # it has no other way to cancel than scopes
    is_waiting = threading.Event()

    def wait(sock: socket.socket) -> None:
        if answer == OPEN:
            sock.recv(1 << 16)
        is_waiting.set()
        until_it_leaves(sock)

    async def enter() -> None:
        async with connect(url, proxy=f"http://{address}"):
            raise AssertionError("there is no tunnel")

    with answering(answer, then=wait) as address:
        if native:
            task = asyncio.create_task(enter())
            await anyio.to_thread.run_sync(is_waiting.wait, peers.PATIENCE)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        else:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(enter)
                await anyio.to_thread.run_sync(is_waiting.wait, peers.PATIENCE)
                tasks.cancel_scope.cancel()


# Whether to try again.


async def test_reconnect_gives_up_when_the_proxy_refuses_us() -> None:
    with answering(b"HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n") as address:
        with pytest.raises(ProxyError, match="407"):
            async for _ in reconnect("ws://server.test/", proxy=f"http://{address}"):
                raise AssertionError("there is no tunnel")


async def test_reconnect_goes_on_when_the_proxy_does_not_reach_the_server() -> None:
    async with serve(echo, "127.0.0.1", 0) as server, proxy_to({}) as proxy:

        def mend(error: Exception) -> None:
            proxy.servers["server.test:80"] = server.port

        url = proxy.url
        async for attempt in reconnect("ws://server.test/", proxy=url, initial_delay=0.001, should_retry=mend):
            async with attempt as session:
                await session.ping()
            assert attempt.number == 2
            assert isinstance(attempt.cause, ProxyError)


# At the call.


@pytest.mark.parametrize(
    ("proxy", "text"),
    [
        ("", "proxy is an http:// URL"),
        ("env", "proxy is an http:// URL"),
        ("proxy.test:3128", "proxy is an http:// URL"),
        (f"ada:{SECRET}@proxy.test:3128", "proxy is an http:// URL"),
        ("http:proxy.test", "proxy is an http:// URL"),
        (" http://proxy.test", "proxy is an http:// URL"),
        ("ftp://proxy.test", "proxy is an http:// URL"),
        (f"HTTPS://ada:{SECRET}@proxy.test:3128", "https:// proxies are not supported; proxy is an http:// URL"),
        (f"socks5://ada:{SECRET}@proxy.test:1080", "socks5:// proxies are not supported; proxy is an http:// URL"),
        ("http://", "no host"),
        (f"http://ada:{SECRET}@", "no host"),
        ("http://proxy.test:0", "port"),
        ("http://proxy.test:65536", "port"),
        (f"http://proxy.test:{SECRET}", "port"),
        ("http://proxy test/", "a space at index"),
        ("http://proxy.test\r\nX-Injected: 1", "a control or space character"),
        (f"http://ada:{SECRET}%0d%0a@proxy.test", "control character"),
        (f"http://ada:/{SECRET}@proxy.test", "percent-encode"),
        (f"http://ada:{SECRET}#@proxy.test", "percent-encode"),
        (f"http://ada:{SECRET}?@proxy.test", "percent-encode"),
        ("http://proxy.test/path", "percent-encode"),
    ],
)
def test_a_url_that_is_none_of_a_proxy_is_refused_at_the_call(proxy: str, text: str) -> None:
    for call in (
        lambda: connect("ws://server.test/", proxy=proxy),
        lambda: reconnect("ws://server.test/", proxy=proxy),
        lambda: WebSocketClient(proxy=proxy),
        lambda: WebSocketClient().websocket("ws://server.test/", proxy=proxy),
    ):
        with pytest.raises(ValueError, match=text) as caught:
            call()
        assert SECRET not in text_of(caught.value)
        assert type(caught.value) is ValueError


def test_a_proxy_that_is_no_str_is_refused_at_the_call() -> None:
    for proxy in (b"http://proxy.test", 3128, True):
        with pytest.raises(TypeError, match="proxy is a URL as a str"):
            connect("ws://server.test/", proxy=proxy)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def test_a_unix_socket_has_no_proxy() -> None:
    with pytest.raises(ValueError, match="uds and proxy"):
        connect("ws://server.test/", uds="/run/server.sock", proxy="http://proxy.test")
    with pytest.raises(ValueError, match="uds and proxy"):
        WebSocketClient(proxy="http://proxy.test").websocket("ws://server.test/", uds="/run/server.sock")


# User and password.


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n",
        b"garbage",
        OPEN + b"early",
        b"",
    ],
)
async def test_no_error_shows_the_password(answer: bytes, caplog: pytest.LogCaptureFixture) -> None:
    token = base64.b64encode(f"ada:{SECRET}".encode()).decode()
    with answering(answer) as address:
        error = await failure(address, user=f"ada:{SECRET}@")
    assert token not in text_of(error)
    assert SECRET not in text_of(error)
    with answering(answer) as address, pytest.raises(ProxyError):
        async for _ in reconnect("ws://server.test/", proxy=f"http://ada:{SECRET}@{address}", max_attempts=1):
            raise AssertionError("there is no tunnel")
    assert SECRET not in caplog.text


async def test_neither_a_timeout_nor_an_unreachable_proxy_shows_it() -> None:
    with answering(then=until_it_leaves) as address, pytest.raises(HandshakeTimeoutError) as late:
        async with connect("ws://server.test/", proxy=f"http://ada:{SECRET}@{address}", open_timeout=0.1):
            raise AssertionError("there is no tunnel")
    with pytest.raises(ConnectError) as unreachable:
        async with connect("ws://server.test/", proxy=f"http://ada:{SECRET}@{address}"):
            raise AssertionError("there is no proxy")
    assert SECRET not in text_of(late.value) + text_of(unreachable.value)
