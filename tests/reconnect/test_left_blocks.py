"""What follows when the block of an attempt is left, in whichever way."""

from __future__ import annotations

import anyio
import pytest

from tests.reconnect.server import closing, dropping, receive_to_the_end, refusing, serving, waiting
from typedws.client import connect
from typedws.close import CloseReason
from typedws.errors import ConnectionClosed, ConnectionClosedError
from typedws.frames import TextFrame
from typedws.reconnect import reconnect
from typedws.session import ClientSession

pytestmark = pytest.mark.anyio


async def test_the_loop_ends_when_a_block_is_left_with_the_connection_open() -> None:
    with serving(dropping, forever=waiting) as server:
        greetings = 0
        async for attempt in reconnect(server.url):
            async with attempt as session:
                await session.receive()
                greetings += 1
                if attempt.number == 1:
                    await session.receive()
        assert greetings == 2
        assert await server.codes(2) == [1006, 1000]


async def test_return_ends_it_with_a_proper_close() -> None:
    async def first_greeting(url: str) -> str:
        async for attempt in reconnect(url):
            async with attempt as session:
                frame = await session.receive()
                assert isinstance(frame, TextFrame)
                return frame.text
        raise AssertionError("the loop ended by itself")

    with serving(refusing(503), forever=waiting) as server:
        assert await first_greeting(server.url) == "hello"
        assert await server.codes(1) == [1000]


async def test_break_ends_it_with_a_proper_close() -> None:
    with serving(forever=waiting) as server:
        async for attempt in reconnect(server.url):
            async with attempt as session:
                await session.receive()
                break
        assert await server.codes(1) == [1000]
        assert len(server.requests) == 1


async def test_a_loss_that_the_block_has_dealt_with_leads_to_the_next_attempt() -> None:
    with serving(dropping, closing(1000)) as server:
        seen = []
        async for attempt in reconnect(server.url):
            async with attempt as session:
                try:
                    await receive_to_the_end(session)
                except ConnectionClosed as error:
                    seen.append(error.reason.code)
        assert seen == [1006, 1000]


async def test_closing_with_a_code_that_may_pass_starts_over_on_purpose() -> None:
    with serving(forever=waiting) as server:
        async for attempt in reconnect(server.url):
            async with attempt as session:
                await session.close(CloseReason(1001, "once more") if attempt.number < 3 else CloseReason(1000))
        assert await server.codes(3) == [1001, 1001, 1000]


async def test_an_exception_of_the_block_leaves_the_loop_as_itself() -> None:
    with serving(forever=waiting) as server:
        with pytest.raises(KeyError, match="mine"):
            async for attempt in reconnect(server.url):
                async with attempt:
                    raise KeyError("mine")
        assert await server.codes(1) == [1011]


async def test_the_loss_of_another_connection_is_not_held_back() -> None:
    with serving(forever=waiting) as server, serving(dropping) as other:
        with pytest.raises(ConnectionClosedError):
            async for attempt in reconnect(server.url):
                async with attempt, connect(other.url) as another:
                    await receive_to_the_end(another)
        assert len(server.requests) == 1


async def test_tasks_that_lose_the_connection_together_lead_to_the_next_attempt() -> None:
    async def ping(session: ClientSession) -> None:
        await session.wait_closed()
        await session.ping()

    with serving(dropping, dropping, forever=waiting) as server:
        async for attempt in reconnect(server.url):
            async with attempt as session:
                if attempt.number == 3:
                    break
                async with anyio.create_task_group() as outer:
                    outer.start_soon(receive_to_the_end, session)
                    async with anyio.create_task_group() as inner:
                        inner.start_soon(ping, session)
        assert len(server.requests) == 3


async def test_a_group_with_anything_else_in_it_is_not_held_back() -> None:
    async def fail_at_the_end() -> None:
        try:
            await anyio.sleep_forever()
        finally:
            raise KeyError("mine")

    with serving(dropping, forever=waiting) as server:
        with pytest.raises(ExceptionGroup) as caught:
            async for attempt in reconnect(server.url):
                async with attempt as session, anyio.create_task_group() as tasks:
                    tasks.start_soon(fail_at_the_end)
                    await session.receive()
                    await session.receive()
        assert caught.value.subgroup(ConnectionClosedError) is not None
        assert caught.value.subgroup(KeyError) is not None
        assert len(server.requests) == 1


async def test_who_catches_a_final_error_and_stays_gets_the_next_attempt() -> None:
    with serving(closing(4001), closing(1000)) as server:
        tokens = ["old", "new"]
        caught = []
        async for attempt in reconnect(server.url, headers=lambda: {"Authorization": tokens[0]}):
            try:
                async with attempt as session:
                    async for _ in session.incoming:
                        pass
            except ConnectionClosedError as error:
                caught.append(error.reason.code)
                tokens.pop(0)
        assert caught == [4001]
        assert [request.headers["Authorization"] for request in server.requests] == ["old", "new"]


async def test_cancelling_a_block_leaves_the_loop() -> None:
    with serving(forever=waiting) as server:
        with anyio.CancelScope() as scope:
            async for attempt in reconnect(server.url):
                async with attempt as session:
                    await session.receive()
                    scope.cancel()
                    await session.receive()
        assert scope.cancelled_caught
        assert await server.codes(1) == [1001]


async def test_an_attempt_that_ran_out_of_time_leads_to_the_next() -> None:
    with serving(forever=waiting) as server:
        async for attempt in reconnect(server.url):
            with anyio.CancelScope() as scope:
                async with attempt as session:
                    await session.receive()
                    if attempt.number == 1:
                        scope.cancel()
                        await session.receive()
        assert await server.codes(2) == [1001, 1000]
