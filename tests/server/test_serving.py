"""What a program that serves sees: where the server listens, who is there, and what it may not be asked for."""

from __future__ import annotations

import socket
import ssl
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from tests.leaks import open_sockets
from tests.parameters import stable_id
from tests.server.handlers import echo, listen
from typedws import ConnectError, JSONConverter, ServerSession, SessionConfig, connect, serve
from typedws.transport.interface import address_of_peer

pytestmark = pytest.mark.anyio


async def test_a_client_is_answered() -> None:
    async with serve(echo, "127.0.0.1", 0) as server, connect(server.url) as session:
        await session.send_serialized({"a": [1, 2]})
        assert await session.receive_deserialized(dict[str, list[int]]) == {"a": [1, 2]}


async def test_many_clients_are_answered_at_the_same_time() -> None:
    async def call(number: int) -> None:
        async with connect(server.url) as session:
            for _ in range(5):
                await session.send_serialized(number)
                assert await session.receive_deserialized(int) == number

    async with serve(echo, "127.0.0.1", 0) as server, anyio.create_task_group() as tasks:
        for number in range(20):
            tasks.start_soon(call, number)


async def test_the_server_says_where_it_listens() -> None:
    async with serve(echo, "127.0.0.1", 0) as server:
        [listening] = server.sockets
        assert listening.getsockname() == ("127.0.0.1", server.port)
        assert server.url == f"ws://127.0.0.1:{server.port}"
    assert server.sockets == ()


async def test_the_port_is_still_known_after_the_block() -> None:
    async with serve(echo, "127.0.0.1", 0) as server:
        port = server.port
    assert server.port == port


async def test_there_is_no_port_before_the_block() -> None:
    server = serve(echo, "127.0.0.1", 0)
    with pytest.raises(AttributeError, match="entered"):
        server.port  # type: ignore[attr-defined]  # noqa: B018  # pyright: ignore[reportAttributeAccessIssue]


async def test_nobody_listens_after_the_block() -> None:
    async with serve(echo, "127.0.0.1", 0) as server:
        pass
    with pytest.raises(ConnectError):
        async with connect(server.url):
            pass


async def test_the_block_may_be_left_at_once() -> None:
    before = open_sockets()
    async with serve(echo, "127.0.0.1", 0):
        pass
    assert open_sockets() == before


@pytest.mark.parametrize("host", [None, "localhost"])
async def test_one_port_serves_every_address_of_the_host(host: str | None) -> None:
    async with serve(echo, host, 0) as server:
        families = {sock.family: sock.getsockname()[1] for sock in server.sockets}
        assert set(families.values()) == {server.port}
        urls = [server.url]
        if socket.AF_INET in families:
            urls.append(f"ws://127.0.0.1:{server.port}")
        if socket.AF_INET6 in families:
            urls.append(f"ws://[::1]:{server.port}")
        for url in urls:
            async with connect(url) as session:
                await session.send_serialized("hello")
                assert await session.receive_deserialized(str) == "hello"


async def test_a_handler_knows_the_client_and_what_it_asked_for() -> None:
    seen: list[ServerSession] = []

    async def look(session: ServerSession) -> None:
        seen.append(session)

    async with serve(look, "127.0.0.1", 0) as server:
        async with connect(f"{server.url}/rooms/7?token=x", headers={"X-Name": "Ada"}) as session:
            await session.wait_closed()
    [served] = seen
    assert isinstance(served.remote, tuple)
    host, port = served.remote
    assert host == "127.0.0.1"
    assert port > 0
    assert served.call.request.path == "/rooms/7"
    assert served.call.request.query == "token=x"
    assert served.call.request.headers["x-name"] == "Ada"
    assert served.call.response is not None
    assert served.call.response.status == 101
    assert not served.masking


async def test_a_client_has_a_host_and_a_port_by_either_version_of_ip() -> None:
    async def tell(session: ServerSession) -> None:
        await session.send_serialized(session.remote)

    async with serve(tell, "localhost", 0) as server:
        for sock in server.sockets:
            host = sock.getsockname()[0]
            url = f"ws://[{host}]:{server.port}" if sock.family == socket.AF_INET6 else f"ws://{host}:{server.port}"
            async with connect(url) as session:
                assert (await session.receive_deserialized(tuple[str, int]))[0] == host


@pytest.mark.parametrize(
    ("address", "remote"),
    [
        (("192.0.2.1", 5000), ("192.0.2.1", 5000)),
        (("::1", 5000, 0, 0), ("::1", 5000)),
        (("fe80::1%eth0", 5000, 0, 2), ("fe80::1%2", 5000)),  # asyncio
        (("fe80::1", 5000, 0, 2), ("fe80::1%2", 5000)),  # uvloop
        (("fe80::1%2", 5000), ("fe80::1%2", 5000)),  # trio
        ("/run/client", "/run/client"),
        (b"\0client", "\0client"),
        ("", None),
        (b"", None),
        (None, None),
    ],
    ids=stable_id,
)
def test_an_address_has_one_form_whatever_the_event_loop(address: object, remote: object) -> None:
    assert address_of_peer(address) == remote


async def test_sessions_are_those_whose_handlers_run() -> None:
    async with serve(listen, "127.0.0.1", 0) as server:
        assert server.sessions == frozenset()
        async with connect(server.url) as first:
            async with connect(server.url) as second:
                await first.ping()
                await second.ping()
                assert len(server.sessions) == 2
            while len(server.sessions) > 1:
                await anyio.lowlevel.checkpoint()
    assert server.sessions == frozenset()


async def test_the_program_can_send_to_every_session() -> None:
    async with (
        serve(listen, "127.0.0.1", 0) as server,
        connect(server.url) as first,
        connect(server.url) as second,
    ):
        await first.ping()  # an answer means that the session is there
        await second.ping()
        for session in server.sessions:
            await session.send_serialized("news")
        assert [await session.receive_deserialized(str) for session in (first, second)] == ["news", "news"]


async def test_the_settings_are_those_of_each_session() -> None:
    config = SessionConfig(max_message_size=1000, ping_interval=None)

    async def tell(session: ServerSession) -> None:
        assert session.config is config
        await session.send_serialized([session.max_message_size, session.ping_interval])

    async with serve(tell, "127.0.0.1", 0, config=config) as server, connect(server.url) as session:
        assert await session.receive_deserialized(list[int | None]) == [1000, None]


async def test_serve_forever_ends_when_it_is_cancelled() -> None:
    with anyio.move_on_after(0.05) as scope:
        async with serve(echo, "127.0.0.1", 0) as server:
            await server.serve_forever()
    assert scope.cancelled_caught


async def test_a_taken_address_is_an_error_on_entering() -> None:
    before = open_sockets()
    async with serve(echo, "127.0.0.1", 0) as server:
        second = serve(echo, "127.0.0.1", server.port)
        with pytest.raises(OSError, match="in use"):
            await second.__aenter__()
    assert open_sockets() == before


async def test_an_unknown_host_is_an_error_on_entering() -> None:
    with pytest.raises(OSError):  # noqa: PT011 - its text is the system's
        async with serve(echo, "no-such-host.invalid", 0):
            pass


async def test_an_address_of_another_machine_is_an_error_on_entering() -> None:
    with pytest.raises(OSError, match="address"):
        async with serve(echo, "203.0.113.1", 0):
            pass


async def test_a_server_is_entered_once() -> None:
    server = serve(echo, "127.0.0.1", 0)
    async with server:
        with pytest.raises(RuntimeError, match="entered before"):
            await server.__aenter__()
    with pytest.raises(RuntimeError, match="entered before"):
        await server.__aenter__()


@pytest.mark.parametrize(
    "options",
    [
        {"port": None},
        {"port": 0, "uds": "/nowhere/socket"},
        {"port": None, "host": "127.0.0.1", "uds": "/nowhere/socket"},
        {"port": -1},
        {"port": 65536},
        {"handshake_timeout": 0},
        {"handshake_timeout": float("inf")},
        {"max_connections": 0},
        {"backlog": 0},
        {"subprotocols": ["no token"]},
        {"subprotocols": ["twice", "twice"]},
        {"converters": {"chat": JSONConverter()}, "subprotocols": ["chat"]},
        {"ssl_context": ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)},
    ],
    ids=stable_id,
)
def test_options_that_make_no_sense_are_refused_at_the_call(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each says something else
        serve(echo, **{"host": None, "port": 0, **options})


@pytest.mark.parametrize(
    "options",
    [{"subprotocols": "chat"}, {"extensions": ["permessage-deflate"]}, {"process_request": "yes"}, {"prot": 80}],
    ids=stable_id,
)
def test_options_of_another_type_are_refused_at_the_call(options: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        serve(echo, "127.0.0.1", 0, **options)


def test_a_handler_is_a_function() -> None:
    with pytest.raises(TypeError, match="handler"):
        serve("echo", "127.0.0.1", 0)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
