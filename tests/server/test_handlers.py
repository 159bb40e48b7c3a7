"""A handler returns, fails or is left by its client, and no other connection notices."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

import anyio
import pytest

from tests.peers import CLOSE, PING, Sent, close_payload
from tests.server.guests import welcome_guest
from tests.server.handlers import HASTY, echo
from typedws import CloseReason, ConnectionClosedError, ConnectionClosedOK, ServerSession, Session, connect, serve

pytestmark = pytest.mark.anyio


@pytest.fixture
def failures(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """What the server has logged as an error or a warning."""
    caplog.set_level(logging.DEBUG, "typedws.server")
    return lambda: [record.getMessage() for record in caplog.records if record.levelno > logging.INFO]


async def ending(session: Session) -> CloseReason:
    return await session.wait_closed()


async def test_a_handler_that_returns_closes_with_1000(failures: Callable[[], list[str]]) -> None:
    async def goodbye(session: ServerSession) -> None:
        await session.send_serialized("goodbye")

    async with serve(goodbye, "127.0.0.1", 0) as server, connect(server.url) as session:
        assert [message async for message in session.iter_deserialized(str)] == ["goodbye"]
        assert await ending(session) == CloseReason(1000)
    assert failures() == []


async def test_a_handler_that_fails_closes_with_1011(failures: Callable[[], list[str]]) -> None:
    async def fail(session: ServerSession) -> None:
        raise ZeroDivisionError("secret")

    async with serve(fail, "127.0.0.1", 0) as server, connect(server.url) as session:
        with pytest.raises(ConnectionClosedError) as caught:
            await session.receive()
    assert caught.value.reason == CloseReason(1011)  # no word of what went wrong
    assert failures() == ["the handler of / failed"]


async def test_the_log_has_the_traceback_of_a_failure(caplog: pytest.LogCaptureFixture) -> None:
    async def fail(session: ServerSession) -> None:
        raise ZeroDivisionError("by zero")

    async with serve(fail, "127.0.0.1", 0) as server, connect(f"{server.url}/rooms/7?token=secret") as session:
        await session.wait_closed()
    [record] = [record for record in caplog.records if record.name == "typedws.server"]
    assert record.levelno == logging.ERROR
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], ZeroDivisionError)
    assert record.getMessage() == "the handler of /rooms/7 failed"  # a query may hold a token


async def test_the_server_outlives_a_failing_handler() -> None:
    async def fail_once(session: ServerSession) -> None:
        if session.call.request.path == "/bad":
            raise ZeroDivisionError
        await echo(session)

    async with serve(fail_once, "127.0.0.1", 0) as server, connect(server.url) as session:
        for _ in range(3):
            async with connect(f"{server.url}/bad") as bad:
                assert (await bad.wait_closed()).code == 1011
        await session.send_serialized("still here")
        assert await session.receive_deserialized(str) == "still here"


async def test_a_handler_may_choose_how_it_closes(failures: Callable[[], list[str]]) -> None:
    async def refuse(session: ServerSession) -> None:
        await session.close(CloseReason(4003, "not today"))

    async with serve(refuse, "127.0.0.1", 0) as server, connect(server.url) as session:
        assert await ending(session) == CloseReason(4003, "not today")
    assert failures() == []


async def test_a_failure_after_the_close_is_logged_and_changes_nothing(failures: Callable[[], list[str]]) -> None:
    async def close_and_fail(session: ServerSession) -> None:
        await session.close(CloseReason(4003))
        raise ZeroDivisionError

    async with serve(close_and_fail, "127.0.0.1", 0) as server, connect(server.url) as session:
        assert await ending(session) == CloseReason(4003)
    assert failures() == ["the handler of / failed"]


# The client leaves. That a handler meets it as an exception is no failure of the handler's.


async def receive_once_more(session: ServerSession) -> None:
    while True:
        await session.receive()


async def receive_in_a_group(session: ServerSession) -> None:
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(send_until_it_fails, session)
        tasks.start_soon(receive_once_more, session)


async def send_until_it_fails(session: ServerSession) -> None:
    while True:
        await session.send("tick")
        await anyio.sleep(0.001)


LEAVERS = [receive_once_more, send_until_it_fails, receive_in_a_group]


@pytest.mark.parametrize("handler", LEAVERS, ids=lambda handler: handler.__name__)
@pytest.mark.parametrize("code", [1000, 1001, 4000])
async def test_a_client_that_closes_is_no_failure(
    handler: Callable[[ServerSession], Awaitable[None]], code: int, failures: Callable[[], list[str]]
) -> None:
    async with serve(handler, "127.0.0.1", 0) as server:
        async with connect(server.url) as session:
            await session.ping()
            await session.close(CloseReason(code))
    assert failures() == []


@pytest.mark.parametrize("handler", LEAVERS, ids=lambda handler: handler.__name__)
async def test_a_client_that_drops_the_connection_is_no_failure(
    handler: Callable[[ServerSession], Awaitable[None]], failures: Callable[[], list[str]]
) -> None:
    async with serve(handler, "127.0.0.1", 0) as server:
        async with welcome_guest(server) as client:
            await client.say(PING)
            while (await client.frame()).opcode != 0xA:
                pass
        while server.sessions:
            await anyio.sleep(0.001)
    assert failures() == []


async def test_a_dropped_connection_is_1006_to_the_handler() -> None:
    seen: list[BaseException] = []
    done = anyio.Event()

    async def watch(session: ServerSession) -> None:
        try:
            await session.receive()
        except ConnectionClosedError as error:
            seen.append(error)
            assert session.close_reason is not None
            assert session.close_reason.code == 1006
        done.set()

    async with serve(watch, "127.0.0.1", 0) as server:
        async with welcome_guest(server):
            pass
        await done.wait()
    [error] = seen
    assert isinstance(error, ConnectionClosedError)
    assert error.reason.code == 1006
    assert not error.by_peer


async def test_the_clients_close_is_what_the_handler_sees() -> None:
    seen: list[CloseReason] = []

    async def watch(session: ServerSession) -> None:
        with pytest.raises(ConnectionClosedOK) as caught:
            await session.receive()
        seen.append(caught.value.reason)

    async with serve(watch, "127.0.0.1", 0) as server, welcome_guest(server) as client:
        await client.say(CLOSE, close_payload(1001, "so long"))
        assert await client.frame() == Sent(CLOSE, close_payload(1001))
        assert await client.rest() == b""  # the server ends TCP
    assert seen == [CloseReason(1001, "so long")]


async def test_the_end_of_another_session_is_a_failure(failures: Callable[[], list[str]]) -> None:
    """A handler that passes messages on fails when its own upstream goes, and must not hide it."""

    async def pass_on(session: ServerSession) -> None:
        async with connect(upstream.url) as other:
            await other.receive()

    async def leave(session: ServerSession) -> None:
        await session.close(CloseReason(1000))

    async with (
        serve(leave, "127.0.0.1", 0) as upstream,
        serve(pass_on, "127.0.0.1", 0) as server,
        connect(server.url) as session,
    ):
        assert await ending(session) == CloseReason(1011)
    assert failures() == ["the handler of / failed"]


async def test_a_failure_beside_the_clients_leaving_is_a_failure(failures: Callable[[], list[str]]) -> None:
    async def fail(session: ServerSession) -> None:
        try:
            await receive_once_more(session)
        finally:
            raise ExceptionGroup("both", [ConnectionClosedOK(CloseReason(1000)), ZeroDivisionError()])

    async with serve(fail, "127.0.0.1", 0) as server, connect(server.url):
        pass
    assert failures() == ["the handler of / failed"]


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_cancelled_future_in_a_handler_is_its_own_failure(failures: Callable[[], list[str]]) -> None:
    async def wait_for_something_cancelled(session: ServerSession) -> None:
        if session.call.request.path == "/bad":
            future = asyncio.get_running_loop().create_future()
            future.cancel()
            await future
        await echo(session)

    async with serve(wait_for_something_cancelled, "127.0.0.1", 0) as server, connect(server.url) as session:
        async with connect(f"{server.url}/bad") as bad:
            assert (await bad.wait_closed()).code == 1011
        await session.send_serialized("still here")
        assert await session.receive_deserialized(str) == "still here"
    assert len(failures()) == 1


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_handlers_task_may_be_cancelled_without_harm_to_others() -> None:
    tasks: list[asyncio.Task[None]] = []

    async def remember(session: ServerSession) -> None:
        if session.call.request.path == "/victim":
            task = asyncio.current_task()
            assert task is not None
            tasks.append(task)
        await echo(session)

    async with serve(remember, "127.0.0.1", 0) as server, connect(server.url) as session:
        async with connect(f"{server.url}/victim") as victim:
            await victim.ping()
            tasks[0].cancel()
            assert (await victim.wait_closed()).code == 1011
        await session.send_serialized("still here")
        assert await session.receive_deserialized(str) == "still here"


async def test_a_client_that_never_answers_the_close_does_not_keep_the_handlers_place() -> None:
    async def leave(session: ServerSession) -> None:
        pass

    async with serve(leave, "127.0.0.1", 0, config=HASTY) as server, welcome_guest(server) as client:
        assert await client.frame() == Sent(CLOSE, close_payload(1000))
        assert await client.rest() == b""  # after close_timeout
