"""Clients that are not let in: what they asked for was wrong, or took too long, or there is no room."""

from __future__ import annotations

import logging
import ssl
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

import anyio
import anyio.lowlevel
import pytest

from tests.leaks import open_sockets
from tests.peers import CLOSE
from tests.server.guests import UPGRADE, Guest, guest, request, welcome_guest
from tests.server.handlers import HASTY, echo, listen
from tests.timing import SOON, in_time
from typedws import ConnectError, HandshakeRejectedError, Request, Response, Server, admission, connect, serve

pytestmark = pytest.mark.anyio


def without(field: str) -> list[str]:
    return [line for line in UPGRADE if not line.startswith(f"{field}:")]


BAD = {
    "no websocket": (request("Host: server.test"), 426),
    "another protocol": (request(*without("Upgrade"), "Upgrade: h2c"), 426),
    "another version": (request(*without("Sec-WebSocket-Version"), "Sec-WebSocket-Version: 8"), 426),
    "POST": (request(*UPGRADE, line="POST / HTTP/1.1"), 405),
    "HEAD": (request(*UPGRADE, line="HEAD / HTTP/1.1"), 405),
    "HTTP/1.0": (request(*UPGRADE, line="GET / HTTP/1.0"), 426),
    "HTTP/2.0": (request(*UPGRADE, line="GET / HTTP/2.0"), 505),
    "no host": (request(*without("Host")), 400),
    "two hosts": (request(*UPGRADE, "Host: other.test"), 400),
    "no key": (request(*without("Sec-WebSocket-Key")), 400),
    "short key": (request(*without("Sec-WebSocket-Key"), "Sec-WebSocket-Key: c2hvcnQ="), 400),
    "body": (request(*UPGRADE, "Content-Length: 5") + b"hello", 400),
    "bad subprotocol": (request(*UPGRADE, "Sec-WebSocket-Protocol: a b"), 400),
    "bad extension": (request(*UPGRADE, "Sec-WebSocket-Extensions: ;;"), 400),
    "folded field": (request(*UPGRADE, "X-A: b", " c"), 400),
    "no colon": (request(*UPGRADE, "nonsense"), 400),
    "nonsense": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
    "long field": (request(*UPGRADE, "X-A: " + "a" * 20_000), 431),
    "many fields": (request(*UPGRADE, *(f"X-{n}: a" for n in range(200))), 431),
    "no end": (b"GET / HTTP/1.1\r\nX-A: " + b"a" * 1_000_000, 431),
}


@pytest.mark.parametrize("name", BAD)
async def test_a_bad_request_is_answered(name: str) -> None:
    data, status = BAD[name]
    async with serve(echo, "127.0.0.1", 0) as server:
        async with guest(server) as client:
            await client.send(data)
            answer = await client.answer() if name != "HEAD" else None
            rest = await client.rest()
    if answer is None:
        assert rest.startswith(b"HTTP/1.1 405 ")
        assert rest.endswith(b"\r\n\r\n")  # no body is an answer to HEAD
    else:
        assert answer.status == status
        assert answer.headers["content-type"].startswith("text/plain")
        assert answer.body.decode("ascii").strip()
        assert "close" in answer.headers["connection"].lower()
        assert rest == b""


async def test_a_browser_is_told_what_this_is() -> None:
    async with serve(echo, "127.0.0.1", 0) as server, guest(server) as client:
        await client.send(request("Host: server.test", "Accept: text/html"))
        answer = await client.answer()
    assert answer.status == 426
    assert answer.headers["upgrade"] == "websocket"
    assert b"WebSocket" in answer.body


async def test_the_answer_reaches_a_client_that_is_still_sending() -> None:
    """A reset, which unread bytes would cause, could take the answer away from it."""
    async with serve(echo, "127.0.0.1", 0) as server, guest(server) as client:

        async def go_on() -> None:
            for _ in range(20):
                await client.send(b"a" * 100_000)

        async with anyio.create_task_group() as tasks:
            await client.send(b"GET / HTTP/1.1\r\nX-A: ")
            tasks.start_soon(go_on)
            assert (await client.answer()).status == 431


async def test_a_refused_client_that_stays_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "_LINGER", 0.1)
    async with serve(echo, "127.0.0.1", 0) as server, guest(server) as client:
        await client.send(request("Host: server.test"))
        assert (await client.answer()).status == 426
        started = time.monotonic()
        with pytest.raises((anyio.BrokenResourceError, anyio.ClosedResourceError)):
            while time.monotonic() - started < 10:
                await client.send(b"more and more")
                await anyio.sleep(0.02)


async def test_bad_requests_are_no_news_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async with serve(echo, "127.0.0.1", 0) as server:
        for data, _ in BAD.values():
            async with guest(server) as client:
                await client.send(data[:1000])
    assert [record for record in caplog.records if record.levelno > logging.INFO] == []


# Clients that take their time.


async def says_nothing(client: Guest) -> None:
    await client.rest()


async def drips(client: Guest) -> None:
    """Sends a header field for ever, byte by byte."""
    await client.send(b"GET / HTTP/1.1\r\nX-A: ")
    with pytest.raises((anyio.BrokenResourceError, anyio.ClosedResourceError)):
        while True:
            await client.send(b"a")
            await anyio.sleep(0.01)


@pytest.mark.parametrize("behave", [says_nothing, drips], ids=lambda behave: behave.__name__)
async def test_a_client_that_does_not_ask_in_time_is_dropped(behave: Callable[[Guest], Awaitable[None]]) -> None:
    before = open_sockets()
    async with serve(echo, "127.0.0.1", 0, handshake_timeout=0.1) as server:
        async with guest(server) as client:
            started = time.monotonic()
            await behave(client)
            assert 0.08 < time.monotonic() - started < SOON
    assert open_sockets() == before


async def test_a_client_that_takes_its_time_is_in_nobody_elses_way() -> None:
    async with serve(echo, "127.0.0.1", 0) as server, guest(server) as client:
        await client.send(b"GET / HTTP/1.1\r\nX-A: ")
        async with connect(server.url) as session:
            await session.ping()


@pytest.mark.parametrize("sent", [b"", b"\x16\x03\x01", b"GET / HTTP/1.1\r\n\r\n"], ids=["nothing", "a part", "http"])
async def test_a_client_that_does_not_finish_tls_is_dropped(sent: bytes, server_tls: ssl.SSLContext) -> None:
    before = open_sockets()
    async with serve(echo, "127.0.0.1", 0, handshake_timeout=0.1, ssl_context=server_tls) as server:
        async with guest(server) as client:
            if sent:
                await client.send(sent)
            await client.rest()
    assert open_sockets() == before


async def test_time_in_the_session_does_not_count() -> None:
    async def open_and_wait(seconds: float) -> None:
        async with serve(echo, "127.0.0.1", 0, handshake_timeout=seconds) as server, connect(server.url) as session:
            await anyio.sleep(2 * seconds)
            await session.ping()

    await in_time(open_and_wait, ConnectError)


async def test_the_first_frame_may_take_as_long_as_it_likes_to_no_limit() -> None:
    async with serve(echo, "127.0.0.1", 0, handshake_timeout=None) as server, guest(server) as client:
        await anyio.sleep(0.05)
        await client.ask()
        assert (await client.answer()).status == 101


# A server that is full.


async def test_beyond_the_limit_clients_are_told_to_come_later() -> None:
    async with serve(listen, "127.0.0.1", 0, max_connections=2, config=HASTY) as server:
        async with AsyncExitStack() as sessions:
            for _ in range(2):
                await sessions.enter_async_context(welcome_guest(server))
            with pytest.raises(HandshakeRejectedError, match="503") as caught:
                async with connect(server.url):
                    pass
            assert caught.value.call is not None
            assert caught.value.call.response is not None
            assert caught.value.call.response.headers["retry-after"] == "5"
            assert caught.value.call.response.body
            first = await sessions.enter_async_context(guest(server))
            await first.ask()
            assert (await first.answer()).status == 503


async def test_there_is_room_again_when_one_leaves() -> None:
    async with serve(listen, "127.0.0.1", 0, max_connections=1) as server:
        for _ in range(3):
            async with welcome_guest(server) as client:
                await client.say(CLOSE)
                assert (await client.frame()).opcode == CLOSE
                assert await client.rest() == b""
            await until_nobody_is_there(server)


async def until_nobody_is_there(server: Server) -> None:
    while server.sessions:
        await anyio.lowlevel.checkpoint()
    await anyio.lowlevel.checkpoint()


async def test_the_limit_holds_for_clients_that_come_together() -> None:
    """Also while the application is still looking at their requests."""
    together = 8
    asked = 0
    all_asked = anyio.Event()
    statuses: list[int] = []

    async def decide(request: Request) -> None:
        nonlocal asked
        asked += 1
        await all_asked.wait()

    async def come() -> None:
        async with guest(server) as client:
            await client.ask()
            statuses.append((await client.answer()).status)
            if len(statuses) == together - 3:
                all_asked.set()  # everybody else has been turned away
            await done.wait()

    done = anyio.Event()
    async with (
        serve(listen, "127.0.0.1", 0, max_connections=3, process_request=decide, config=HASTY) as server,
        anyio.create_task_group() as tasks,
    ):
        for _ in range(together):
            tasks.start_soon(come)
        while len(statuses) < together:
            await anyio.sleep(0.001)
        done.set()
    assert sorted(statuses) == [101] * 3 + [503] * (together - 3)
    assert asked == 3


async def test_a_refused_client_takes_no_place() -> None:
    def refuse(request: Request) -> Response | None:
        return Response(403) if request.path == "/bad" else None

    async with (
        serve(listen, "127.0.0.1", 0, max_connections=1, process_request=refuse) as server,
        guest(server) as refused,
        guest(server) as client,
    ):
        await refused.ask(path="/bad")
        assert (await refused.answer()).status == 403  # and it stays connected
        await client.ask()
        assert (await client.answer()).status == 101


async def test_a_full_server_does_not_ask_the_application() -> None:
    asked: list[Request] = []

    async with (
        serve(listen, "127.0.0.1", 0, max_connections=1, process_request=asked.append, config=HASTY) as server,
        welcome_guest(server),
        guest(server) as client,
    ):
        await client.ask()
        assert (await client.answer()).status == 503
    assert len(asked) == 1


async def test_clients_far_beyond_the_limit_wait_and_are_served_in_the_end() -> None:
    """On every address: all listeners wait for room, and all go on."""

    async def come(seconds: float) -> None:
        async with serve(listen, None, 0, max_connections=1, handshake_timeout=seconds, config=HASTY) as server:
            hosts = [sock.getsockname()[0].replace("0.0.0.0", "127.0.0.1") for sock in server.sockets]
            async with AsyncExitStack() as idle:
                for host in [hosts[0]] * 80 + hosts * 2:
                    await idle.enter_async_context(guest(server, host=host))
                for host in hosts:
                    async with guest(server, host=host) as client:
                        await client.ask()
                        assert (await client.answer()).status in (101, 503)

    await in_time(come, EOFError, ConnectionResetError)


async def test_a_client_that_is_lost_in_its_handshake_is_no_news(caplog: pytest.LogCaptureFixture) -> None:
    async with serve(listen, "127.0.0.1", 0) as server:
        async with guest(server) as client:
            await client.send(b"GET /")
        async with connect(server.url) as session:
            await session.ping()
    assert [record for record in caplog.records if record.levelno > logging.INFO] == []
