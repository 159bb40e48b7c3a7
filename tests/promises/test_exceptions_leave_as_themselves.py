"""What is raised inside a block leaves it as the same object, in no group, and the peer is told how it ended."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from contextlib import AbstractAsyncContextManager

import anyio
import pytest

from tests.peers import CLOSE, MemoryPeer, Sent, Server, accepting, close_payload, text
from tests.timing import SOON
from typedws.client import WebSocketClient, connect, wrap_stream
from typedws.close import CloseReason
from typedws.config import SessionConfig
from typedws.frames import Frame, TextFrame
from typedws.session import ClientSession

pytestmark = pytest.mark.anyio

CONFIG = SessionConfig(close_timeout=0.03)


class Ctrl(KeyboardInterrupt):
    """As Ctrl-C, but nobody else's."""


class Unusual(BaseException):
    pass


class Entry:
    """One of the ways to enter a block, and the peer behind it."""

    def __init__(self, kind: str, server: Server) -> None:
        self._server = server
        self._memory = MemoryPeer()
        self.kind = kind

    def block(self) -> AbstractAsyncContextManager[ClientSession]:
        if self.kind == "stream":
            return wrap_stream(self._memory.stream, "ws://peer.test/", config=CONFIG)
        if self.kind == "client":
            return WebSocketClient(config=CONFIG).websocket(self._server.url)
        return connect(self._server.url, config=CONFIG)

    async def said(self) -> list[Sent]:
        """All that the session sent until its end."""
        return await (self._memory if self.kind == "stream" else self._server.peer()).rest()


@pytest.fixture(params=["connect", "client", "stream"])
def entry(request: pytest.FixtureRequest) -> Iterator[Entry]:
    with Server() as server:
        yield Entry(request.param, server)


RAISED: list[tuple[BaseException, int]] = [
    (ValueError("of the application"), 1011),
    (ExceptionGroup("of the application", [OSError()]), 1011),
    (TimeoutError(), 1011),
    (StopAsyncIteration(), 1011),
    (Ctrl(), 1001),
    (SystemExit(3), 1001),
    (GeneratorExit(), 1001),
    (Unusual(), 1001),
]


@pytest.mark.parametrize(("raised", "code"), RAISED, ids=[type(error).__name__ for error, _ in RAISED])
async def test_an_exception_leaves_as_itself_and_the_peer_gets_its_code(
    entry: Entry, raised: BaseException, code: int
) -> None:
    caught: BaseException | None = None
    try:
        async with entry.block() as session:
            raise raised
    except BaseException as error:
        caught = error
    assert caught is raised
    assert session.close_reason == CloseReason(code)
    assert await entry.said() == [Sent(CLOSE, close_payload(code))]


async def test_a_block_that_ends_normally_closes_with_1000(entry: Entry) -> None:
    async with entry.block() as session:
        pass
    assert session.close_reason == CloseReason(1000)
    assert await entry.said() == [Sent(CLOSE, close_payload(1000))]


async def test_a_block_keeps_the_reason_of_a_close_inside_it(entry: Entry) -> None:
    reason = CloseReason(4001, "done")
    with pytest.raises(ValueError, match="afterwards"):
        async with entry.block() as session:
            await session.close(reason)
            raise ValueError("afterwards")
    assert session.close_reason == reason
    assert await entry.said() == [Sent(CLOSE, close_payload(4001, "done"))]


async def test_a_cancelled_scope_cancels_quietly_and_the_peer_gets_1001(entry: Entry) -> None:
    caught: BaseException | None = None
    with anyio.CancelScope() as scope:
        try:
            async with entry.block() as session:
                scope.cancel()
                await session.receive()
        except BaseException as error:
            caught = error
            raise
    assert scope.cancelled_caught
    assert isinstance(caught, anyio.get_cancelled_exc_class())
    assert session.close_reason == CloseReason(1001)
    assert await entry.said() == [Sent(CLOSE, close_payload(1001))]


async def test_an_exception_wins_over_a_cancellation_around_the_block(entry: Entry) -> None:
    raised = ValueError("of the application")
    caught: BaseException | None = None
    with anyio.CancelScope() as scope:
        try:
            async with entry.block() as session:
                scope.cancel()
                raise raised
        except BaseException as error:
            caught = error
    assert caught is raised
    assert session.close_reason == CloseReason(1011)


async def test_a_scope_that_is_cancelled_before_the_driver_has_run_ends_the_block_too() -> None:
    peer = MemoryPeer()
    with anyio.CancelScope() as scope:
        async with wrap_stream(peer.stream, "ws://peer.test/", config=CONFIG):
            scope.cancel()
            await anyio.lowlevel.checkpoint()
    assert scope.cancelled_caught
    assert peer.stream.is_closed


async def test_a_deadline_around_a_block_raises_its_own_timeout_error() -> None:
    with Server() as server, pytest.raises(TimeoutError, match="mine"):
        with anyio.fail_after(0.1, reason="mine"):
            async with connect(server.url, config=CONFIG) as session:
                server.peer().farewell()
                await session.receive()


async def test_a_scope_inside_the_block_is_the_blocks_own_business() -> None:
    with Server() as server:
        async with connect(server.url, config=CONFIG) as session:
            peer = server.peer()
            with anyio.move_on_after(0.01):
                await session.receive()
            assert session.close_reason is None
            peer.farewell()
        assert session.close_reason == CloseReason(1000)


async def test_an_exception_of_a_task_beside_the_block_is_in_the_group_of_that_task_only() -> None:
    failure = ValueError("of a task")

    async def fail() -> None:
        raise failure

    with Server() as server, pytest.raises(ExceptionGroup) as caught:
        async with anyio.create_task_group() as tasks, connect(server.url, config=CONFIG) as session:
            server.peer().farewell()
            tasks.start_soon(fail)
            await session.receive()
    assert list(caught.value.exceptions) == [failure]
    assert session.close_reason == CloseReason(1001)


async def test_closing_an_async_generator_that_holds_a_block_closes_the_session() -> None:
    sessions: list[ClientSession] = []

    async def messages(url: str) -> AsyncGenerator[Frame, None]:
        async with connect(url, converter=None, config=CONFIG) as session:
            sessions.append(session)
            async for frame in session.incoming:
                yield frame

    with Server(accepting(then=text("x"))) as server:
        generator = messages(server.url)
        assert await anext(generator) == TextFrame("x")
        await generator.aclose()
        assert await server.peer().rest() == [Sent(CLOSE, close_payload(1001))]
    assert sessions[0].close_reason == CloseReason(1001)


async def test_a_failed_block_does_not_take_the_others_of_a_client_with_it() -> None:
    with Server() as server:
        async with WebSocketClient(config=CONFIG, converter=None) as client:
            kept = await client.websocket_session(server.url)
            kept_peer = server.peer()
            with pytest.raises(ValueError, match="mine"):
                async with client.websocket(server.url):
                    server.peer().farewell()
                    raise ValueError("mine")
            kept_peer.push(b"\x81\x01x")
            assert (await kept.receive()).data == b"x"
            kept_peer.farewell()


@pytest.mark.parametrize(("raised", "code"), [(None, 1000), (ValueError("mine"), 1011), (Ctrl(), 1001)])
async def test_a_client_closes_all_its_sessions_with_the_code_of_its_own_end(
    raised: BaseException | None, code: int
) -> None:
    with Server() as server:
        caught: BaseException | None = None
        sessions = []
        try:
            async with WebSocketClient(config=CONFIG) as client:
                for _ in range(3):
                    sessions.append(await client.websocket_session(server.url))
                if raised is not None:
                    raise raised
        except BaseException as error:
            caught = error
        assert caught is raised
        assert [session.close_reason for session in sessions] == [CloseReason(code)] * 3
        for _ in range(3):
            assert await server.peer().rest() == [Sent(CLOSE, close_payload(code))]


async def test_a_client_closes_its_sessions_side_by_side() -> None:
    with Server() as server:
        started = anyio.current_time()
        async with WebSocketClient(config=SessionConfig(close_timeout=0.5)) as client:
            for _ in range(10):
                await client.websocket_session(server.url)
            started = anyio.current_time()
        assert anyio.current_time() - started < SOON  # each of them waits 0.5 s for a Close that does not come
