"""`WebSocketClient`: settings that sessions share, and sessions that are closed by hand."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from typing import Any

import anyio
import anyio.to_thread
import pytest

from tests import peers
from tests.client.handlers import echo, tell_request
from tests.leaks import no_socket_left
from tests.peers import CLOSE, Sent, close_payload
from tests.timing import SOON
from typedws import (
    CloseReason,
    ConnectError,
    ConnectionClosedOK,
    MsgPackConverter,
    SessionConfig,
    WebSocketClient,
    serve,
)

pytestmark = pytest.mark.anyio

HASTY = SessionConfig(close_timeout=0.1)


async def fields(client: WebSocketClient, url: str, **changes: Any) -> list[tuple[str, str]]:
    """The X- fields that the server sees."""
    async with client.websocket(url, **changes) as session:
        _, *seen = await session.receive_deserialized(list[Any])
        return [(name, value) for name, value in seen if name.lower().startswith("x-")]


# Settings.


async def test_sessions_share_the_clients_settings() -> None:
    client = WebSocketClient(headers={"X-A": "1"}, config=HASTY)
    async with serve(tell_request, "127.0.0.1", 0) as server:
        for _ in range(2):
            assert await fields(client, server.url) == [("X-A", "1")]
        async with client.websocket(server.url) as session:
            assert session.config is HASTY


async def test_a_session_may_differ() -> None:
    other = SessionConfig(max_message_size=1000)
    client = WebSocketClient(config=HASTY, subprotocols=["chat"])
    async with serve(echo, "127.0.0.1", 0, subprotocols=["talk", "chat"]) as server:
        async with client.websocket(
            server.url, config=other, converter=MsgPackConverter(), subprotocols=["talk"]
        ) as session:
            assert session.config is other
            assert session.subprotocol == "talk"
            assert session.converter is not None
            assert session.converter.name == "msgpack"
        async with client.websocket(server.url) as session:
            assert session.config is HASTY
            assert session.subprotocol == "chat"


async def test_headers_of_a_session_are_added_to_the_clients() -> None:
    client = WebSocketClient(headers=[("X-A", "1"), ("X-B", "2"), ("X-B", "3")])
    async with serve(tell_request, "127.0.0.1", 0) as server:
        assert await fields(client, server.url, headers={"X-C": "4"}) == [
            ("X-A", "1"),
            ("X-B", "2"),
            ("X-B", "3"),
            ("X-C", "4"),
        ]
        assert await fields(client, server.url, headers={"x-b": "5"}) == [("X-A", "1"), ("x-b", "5")]
        assert await fields(client, server.url) == [("X-A", "1"), ("X-B", "2"), ("X-B", "3")]


async def test_changing_the_headers_afterwards_changes_nothing() -> None:
    headers = {"X-A": "1"}
    client = WebSocketClient(headers=headers)
    headers["X-A"] = "2"
    async with serve(tell_request, "127.0.0.1", 0) as server:
        assert await fields(client, server.url) == [("X-A", "1")]


async def test_blocks_need_no_entered_client() -> None:
    async with serve(echo, "127.0.0.1", 0) as server:
        async with WebSocketClient().websocket(server.url) as session:
            await session.ping()


# Sessions by hand.


async def test_a_session_is_closed_by_hand() -> None:
    async with serve(echo, "127.0.0.1", 0) as server, WebSocketClient() as client:
        with no_socket_left():
            session = await client.websocket_session(server.url)
            await session.send_serialized("hello")
            assert await session.receive_deserialized(str) == "hello"
            await session.close(CloseReason(4000, "done"))
            while server.sessions:
                await anyio.lowlevel.checkpoint()
        assert session.close_reason == CloseReason(4000, "done")


async def test_at_the_latest_the_client_closes_it() -> None:
    async with serve(echo, "127.0.0.1", 0) as server:
        async with WebSocketClient() as client:
            sessions = [await client.websocket_session(server.url) for _ in range(5)]
            await sessions[0].close(CloseReason(4000))
        assert [session.close_reason for session in sessions] == [CloseReason(4000)] + [CloseReason(1000)] * 4
        with pytest.raises(ConnectionClosedOK):
            await sessions[1].send("late")


async def test_sessions_that_were_closed_are_let_go() -> None:
    async with serve(echo, "127.0.0.1", 0) as server, WebSocketClient() as client:

        async def open_and_close(sessions: int) -> int:
            for _ in range(sessions):
                session = await client.websocket_session(server.url)
                await session.close()
            gc.collect()
            return len(gc.get_objects())

        before = await open_and_close(20)
        after = await open_and_close(120)
        assert after - before < 120


async def test_sessions_are_closed_side_by_side() -> None:
    """With peers that do not answer, it takes one `close_timeout` and not one for each."""
    with no_socket_left(), peers.Server() as server:
        async with WebSocketClient(config=SessionConfig(close_timeout=0.5)) as client:
            for _ in range(10):
                await client.websocket_session(server.url)
                server.peer()
            started = time.monotonic()
        assert 0.45 < time.monotonic() - started < SOON


async def test_a_cancelled_client_tells_peers_1001() -> None:
    with no_socket_left(), peers.Server() as server:
        with anyio.CancelScope() as scope:
            async with WebSocketClient(config=HASTY) as client:
                await client.websocket_session(server.url)
                peer = server.peer()
                scope.cancel()
                await anyio.sleep_forever()
        assert scope.cancelled_caught
        assert await peer.frame() == Sent(CLOSE, close_payload(1001))


async def test_an_exception_leaves_the_client_as_itself() -> None:
    error = KeyError("mine")
    async with serve(echo, "127.0.0.1", 0) as server:
        with pytest.raises(KeyError) as caught:
            async with WebSocketClient() as client:
                session = await client.websocket_session(server.url)
                raise error
    assert caught.value is error
    assert session.close_reason == CloseReason(1011)


async def test_a_session_by_hand_needs_an_entered_client() -> None:
    client = WebSocketClient()
    with pytest.raises(RuntimeError, match="async with"):
        await client.websocket_session("ws://127.0.0.1:9/")
    async with client:
        pass
    with pytest.raises(RuntimeError, match="async with"):
        await client.websocket_session("ws://127.0.0.1:9/")


async def test_a_client_that_is_entered_may_not_be_entered_again() -> None:
    async with WebSocketClient() as client:
        with pytest.raises(RuntimeError, match="entered already"):
            await client.__aenter__()


async def test_a_session_that_cannot_be_opened_harms_no_other() -> None:
    async with serve(echo, "127.0.0.1", 0) as server, WebSocketClient() as client:
        session = await client.websocket_session(server.url)
        with pytest.raises(ConnectError):
            await client.websocket_session("ws://127.0.0.1:9/")
        await session.send_serialized("still here")
        assert await session.receive_deserialized(str) == "still here"


async def test_sessions_may_be_opened_by_many_tasks() -> None:
    async def call(number: int) -> None:
        session = await client.websocket_session(server.url)
        await session.send_serialized(number)
        assert await session.receive_deserialized(int) == number
        await session.close()

    async with serve(echo, "127.0.0.1", 0) as server, WebSocketClient() as client:
        async with anyio.create_task_group() as tasks:
            for number in range(20):
                tasks.start_soon(call, number)


async def test_a_session_that_is_lost_does_not_delay_the_client() -> None:
    with no_socket_left(), peers.Server() as server:
        async with WebSocketClient() as client:
            session = await client.websocket_session(server.url)
            server.peer().reset()
            assert (await session.wait_closed()).code == 1006
            started = time.monotonic()
        assert time.monotonic() - started < SOON


async def test_a_client_that_is_left_takes_no_session_that_comes_late() -> None:
    """A task that is still opening one when the client is left gets an error, and no connection stays."""
    outcome: list[Exception] = []

    asked = threading.Event()
    left = threading.Event()

    def answer_late(sock: Any) -> None:
        head = peers.read_head(sock)
        asked.set()
        left.wait(peers.PATIENCE)
        sock.sendall(peers.upgrade(head))

    async def open_late() -> None:
        try:
            await client.websocket_session(server.url)
        except RuntimeError as error:
            outcome.append(error)

    with no_socket_left(), peers.Server(answer_late) as server:
        async with anyio.create_task_group() as tasks:
            async with WebSocketClient() as client:
                tasks.start_soon(open_late)
                await anyio.to_thread.run_sync(asked.wait)
            left.set()
    [error] = outcome
    assert "left" in str(error)


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_task_that_is_cancelled_while_the_client_closes_drops_all_connections() -> None:
    leaving = asyncio.Event()

    async def run() -> None:
        async with WebSocketClient(config=SessionConfig(close_timeout=20)) as client:
            for _ in range(3):
                await client.websocket_session(server.url)
            leaving.set()

    with no_socket_left(), peers.Server() as server:
        task = asyncio.create_task(run())
        await leaving.wait()
        peer = server.peer()
        assert await peer.frame() == Sent(CLOSE, close_payload(1000))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, SOON)
