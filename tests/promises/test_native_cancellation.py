"""On asyncio: `task.cancel()`, which no shield holds off, and tasks and timers, which a block does without."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from tests.leaks import open_sockets
from tests.peers import CLOSE, Sent, Server, close_payload, connected, text, turns
from tests.timing import SOON
from typedws.client import WebSocketClient, connect
from typedws.close import CloseReason
from typedws.config import SessionConfig
from typedws.session import ClientSession

pytestmark = pytest.mark.anyio

CONFIG = SessionConfig(close_timeout=0.1)


@pytest.fixture(params=[False, True], ids=["asyncio", "uvloop"])
def anyio_backend(request: pytest.FixtureRequest) -> Any:
    return "asyncio", {"use_uvloop": request.param}


async def test_a_cancelled_task_leaves_its_block_cancelled_and_the_peer_gets_1001() -> None:
    with Server() as server:

        async def use() -> ClientSession:
            async with connect(server.url, config=CONFIG) as session:
                opened.set_result(session)
                await session.receive()
            raise AssertionError("the cancellation was swallowed")

        opened: asyncio.Future[ClientSession] = asyncio.get_running_loop().create_future()
        task = asyncio.ensure_future(use())
        session = await opened
        peer = server.peer()
        await turns(3)
        task.cancel("mine")
        with pytest.raises(asyncio.CancelledError, match="mine"):
            await task
        assert session.close_reason == CloseReason(1001)
        assert await peer.rest() == [Sent(CLOSE, close_payload(1001))]


async def test_a_further_cancellation_while_closing_drops_the_connection_at_once() -> None:
    before = open_sockets()
    with Server() as server:

        async def use() -> None:
            async with connect(server.url, config=SessionConfig(close_timeout=20)) as session:
                opened.set_result(None)
                await session.receive()

        opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        task = asyncio.ensure_future(use())
        await opened
        peer = server.peer()
        started = time.monotonic()
        task.cancel()
        assert await peer.frame() == Sent(CLOSE, close_payload(1001))
        assert not task.done()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await peer.rest() == []
        assert time.monotonic() - started < SOON
    assert open_sockets() == before


async def test_an_asyncio_timeout_around_a_block_raises_timeout_error() -> None:
    with Server() as server:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(None) as timeout:
                async with connect(server.url, config=CONFIG) as session:
                    timeout.reschedule(asyncio.get_running_loop().time() + 0.05)
                    server.peer().farewell()
                    await session.receive()
        assert session.close_reason == CloseReason(1001)


async def test_an_asyncio_task_group_around_a_block_sees_only_its_own_exceptions() -> None:
    failure = ValueError("of a task")

    async def fail() -> None:
        raise failure

    with Server() as server, pytest.raises(ExceptionGroup) as caught:
        async with asyncio.TaskGroup() as tasks, connect(server.url, config=CONFIG) as session:
            server.peer().farewell()
            tasks.create_task(fail())
            await session.receive()
    assert list(caught.value.exceptions) == [failure]


async def test_a_session_may_be_entered_in_one_task_and_left_in_another() -> None:
    with Server() as server:
        block = connect(server.url, converter=None, config=CONFIG)
        session = await asyncio.ensure_future(block.__aenter__())
        peer = server.peer()
        peer.push(text("x"))
        assert (await session.receive()).data == b"x"
        peer.farewell()
        await asyncio.ensure_future(block.__aexit__(None, None, None))
        assert session.close_reason == CloseReason(1000)


async def test_a_client_may_be_entered_in_one_task_and_left_in_another() -> None:
    with Server() as server:
        client = WebSocketClient(config=CONFIG)
        await asyncio.ensure_future(client.__aenter__())
        session = await asyncio.ensure_future(client.websocket_session(server.url))
        server.peer().farewell()
        await asyncio.ensure_future(client.__aexit__(None, None, None))
        assert session.close_reason == CloseReason(1000)


async def test_a_session_has_no_task_of_its_own() -> None:
    before = asyncio.all_tasks()
    async with connected(config=SessionConfig(ping_interval=0.01)) as (session, peer):
        assert asyncio.all_tasks() == before
        await peer.frame()
        assert asyncio.all_tasks() == before
        await session.send("x")
        assert asyncio.all_tasks() == before
    assert asyncio.all_tasks() == before


async def test_a_session_has_one_timer_and_none_afterwards() -> None:
    loop = asyncio.get_running_loop()
    if not isinstance(loop, asyncio.BaseEventLoop):
        return  # uvloop does not show its timers

    def timers() -> int:
        return sum(not handle.cancelled() for handle in vars(loop)["_scheduled"])

    before = timers()
    async with connected() as (session, peer):
        assert timers() == before + 1
        for _ in range(100):
            peer.push(text("x"))
            await session.receive()
            session.ping_interval = 10
            session.ping_interval = 30
        assert timers() == before + 1
        peer.farewell()
        await session.close()
        assert timers() == before
    assert timers() == before
