"""No connection outlives its attempt, entered or not."""

from __future__ import annotations

import socket
from contextlib import suppress

import anyio
import pytest

from tests.reconnect.server import listen, nobody, serving, waiting
from typedws.reconnect import reconnect

pytestmark = pytest.mark.anyio


async def test_an_attempt_that_is_not_entered_is_dropped_when_the_loop_goes_on(waits: list[float]) -> None:
    with serving(forever=waiting) as server:
        loop = reconnect(server.url)
        skipped = await anext(loop)
        async with await anext(loop) as session:
            await session.receive()
            assert await server.codes(1) == [1006]
        with pytest.raises(RuntimeError, match="over"):
            async with skipped:
                pass
        assert waits == [5]


async def test_an_attempt_that_is_not_entered_can_be_dropped_by_hand() -> None:
    with serving(forever=waiting) as server:
        attempt = await anext(reconnect(server.url))
        await attempt.aclose()
        assert await server.codes(1) == [1006]
        await attempt.aclose()


async def test_an_attempt_in_use_is_not_dropped() -> None:
    with serving(forever=waiting) as server:
        async with await anext(reconnect(server.url)) as session:
            await session.receive()
        assert await server.codes(1) == [1000]


async def test_an_attempt_is_entered_once() -> None:
    with serving(forever=waiting) as server:
        attempt = await anext(reconnect(server.url))
        async with attempt:
            await attempt.aclose()
            with pytest.raises(RuntimeError, match="once"):
                await attempt.__aenter__()
        assert await server.codes(1) == [1000]


async def test_the_loop_does_not_go_on_while_a_block_runs() -> None:
    with serving(forever=waiting) as server:
        loop = reconnect(server.url)
        async with await anext(loop) as session:
            with pytest.raises(RuntimeError, match="has not been left"):
                await anext(loop)
            await session.receive()
        with pytest.raises(StopAsyncIteration):
            await anext(loop)


async def test_a_loop_that_is_cancelled_before_it_enters_leaves_no_connection() -> None:
    with serving(forever=waiting) as server:
        with anyio.CancelScope() as scope:
            async for attempt in reconnect(server.url):
                scope.cancel()
                async with attempt:
                    raise AssertionError("entered")
        assert scope.cancelled_caught
        assert await server.codes(1) == [1006]


async def test_cancelling_the_handshake_leaves_no_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"ws://127.0.0.1:{silent.getsockname()[1]}/"
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(listen, reconnect(url, open_timeout=None))
            connection, _ = await anyio.to_thread.run_sync(silent.accept)
            with connection:
                connection.settimeout(10)
                await anyio.to_thread.run_sync(connection.recv, 65536)
                tasks.cancel_scope.cancel()
                with anyio.CancelScope(shield=True), suppress(ConnectionResetError):
                    assert await anyio.to_thread.run_sync(connection.recv, 65536) == b""


async def test_cancelling_a_wait_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting_now = anyio.Event()

    async def sleep(delay: float) -> None:
        waiting_now.set()
        await anyio.sleep_forever()

    monkeypatch.setattr(anyio, "sleep", sleep)
    with nobody() as url:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(listen, reconnect(url))
            await waiting_now.wait()
            tasks.cancel_scope.cancel()
