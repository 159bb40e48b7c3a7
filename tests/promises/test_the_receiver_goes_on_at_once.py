"""On asyncio and uvloop a task that waits for a message goes on while its transport still hands it over. Nobody else is
to notice: not the transport, not the loop, not the task."""

from __future__ import annotations

import asyncio
import importlib.util
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any

import pytest

from tests.certificates import Certificates
from tests.peers import connected, deliver, text, turns
from tests.promises.receiving import Receive
from typedws.client import connect
from typedws.close import CloseReason
from typedws.converters.json import JSONConverter
from typedws.errors import ConnectionClosedError
from typedws.server import serve
from typedws.session import ClientSession, ServerSession, Session

pytestmark = pytest.mark.anyio

Main = Callable[[], Coroutine[Any, Any, None]]


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(params=[False, True], ids=["asyncio", "uvloop"])
def anyio_backend(request: pytest.FixtureRequest) -> Any:
    if request.param:
        pytest.importorskip("uvloop")
    return "asyncio", {"use_uvloop": request.param}


@pytest.fixture(
    params=[
        (package, tls)
        for package in ("asyncio", "uvloop", "aiofastnet")
        for tls in (False, True)
        if package == "asyncio" or importlib.util.find_spec(package) is not None
    ],
    ids=lambda param: f"{param[0]}{', TLS' if param[1] else ''}",
)
def transport(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, certificates: Certificates
) -> tuple[Callable[[Main], None], dict[str, ssl.SSLContext], dict[str, ssl.SSLContext]]:
    """What runs a program on its loop, and the options of `serve` and of `connect`."""
    package, tls = request.param
    monkeypatch.setenv("TYPEDWS_FAST", "1" if package == "aiofastnet" else "0")

    def run(main: Main) -> None:
        if package == "uvloop":
            import uvloop

            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(main())
        else:
            asyncio.run(main())

    if not tls:
        return run, {}, {}
    return run, {"ssl_context": certificates.server_context()}, {"ssl_context": certificates.client_context()}


async def echo(session: ServerSession) -> None:
    async for frame in session.incoming:
        await session.send(frame)


class Ctrl(KeyboardInterrupt):
    """As Ctrl-C, but nobody else's."""


@pytest.mark.parametrize("kind", [SystemExit, Ctrl])
@pytest.mark.parametrize("where", ["client", "handler"])
def test_who_exits_there_ends_the_program(transport: Any, where: str, kind: type[BaseException]) -> None:
    """Not only its connection, as an error of a protocol does."""
    run, serving, connecting = transport
    error = kind(3)

    async def exit_in_the_handler(session: ServerSession) -> None:
        await session.receive()
        await session.receive()
        raise error

    async def main() -> None:
        handler = exit_in_the_handler if where == "handler" else echo
        async with serve(handler, "127.0.0.1", 0, **serving) as server, connect(server.url, **connecting) as session:
            await session.send("1")
            if where == "client":
                await session.receive()
                raise error
            await asyncio.sleep(0.01)
            await session.send("2")
            await asyncio.sleep(30)

    with pytest.raises(kind) as raised:
        run(main)
    assert raised.value is error
    error.with_traceback(None)  # with what it holds, the sessions among it


def test_its_transport_does_not_see_who_exits(transport: Any) -> None:
    run, serving, connecting = transport
    returned: list[str] = []

    async def exit_later(session: Session) -> None:
        await session.receive()
        raise Ctrl

    def read(session: Session) -> None:
        deliver(session, text("1"))
        returned.append("as if nothing were")

    async def main() -> None:
        async with serve(echo, "127.0.0.1", 0, **serving) as server, connect(server.url, **connecting) as session:
            task = asyncio.ensure_future(exit_later(session))
            await asyncio.sleep(0.01)
            asyncio.get_running_loop().call_soon(read, session)
            await task

    with pytest.raises(Ctrl):
        run(main)
    assert returned == ["as if nothing were"]


def test_what_it_does_there_to_the_connection_is_done(transport: Any) -> None:
    """Closing, dropping and sending much, from inside of the transport's own call."""
    run, serving, connecting = transport
    ended: list[CloseReason] = []

    async def handler(session: ServerSession) -> None:
        await session.receive()
        match session.call.request.path:
            case "/close":
                await session.close(CloseReason(4000, "there"))
            case "/raise":
                raise OSError("there")
            case _:
                await session.send(b"x" * 3_000_000)
                async for _ in session.incoming:
                    pass

    async def main() -> None:
        async with serve(handler, "127.0.0.1", 0, **serving) as server:
            for path in ("/close", "/raise", "/much"):
                async with connect(server.url + path, **connecting) as session:
                    await asyncio.sleep(0.005)  # the handler waits
                    await session.send("now")
                    if path == "/much":
                        assert len((await session.receive()).data) == 3_000_000
                    else:
                        with pytest.raises(ConnectionClosedError):
                            await session.receive()
                ended.append(session.close_reason or CloseReason(1006))

    run(main)
    assert [reason.code for reason in ended] == [4000, 1011, 1000]


@asynccontextmanager
async def waiting(receive: Receive) -> AsyncIterator[tuple[ClientSession, list[int]]]:
    """A session, and what a task has received that waits for the next message."""
    async with connected(converter=JSONConverter()) as (session, _):
        received: list[int] = []

        async def receive_all() -> None:
            while True:
                received.append(await receive(session))

        task = asyncio.ensure_future(receive_all())
        await asyncio.sleep(0)
        try:
            yield session, received
        finally:
            task.cancel()


async def test_it_has_gone_on_when_the_transport_has_the_control_back(receive: Receive) -> None:
    async with waiting(receive) as (session, received):
        seen: list[list[int]] = []

        def read() -> None:
            for number in ("1", "2" * 200):
                deliver(session, text(number))
                seen.append(received.copy())

        asyncio.get_running_loop().call_soon(read)
        await turns(5)
        assert seen == [[1], [1, int("2" * 200)]]


async def test_it_waits_for_its_turn_where_another_task_is_at_work(receive: Receive) -> None:
    """Some transports hand over what they have while a task lets them read on."""
    async with waiting(receive) as (session, received):
        deliver(session, text("1"))
        assert received == []
        await asyncio.sleep(0)
        assert received == [1]
        deliver(session, text("2") + text("3"))
        deliver(session, text("4"))
        await asyncio.sleep(0)
        assert received == [1, 2, 3, 4]


async def test_it_goes_on_in_its_own_context(receive: Receive) -> None:
    variable: ContextVar[str] = ContextVar("variable", default="nobody's")
    async with connected(converter=JSONConverter()) as (session, peer):
        variable.set("its own")
        seen: list[str] = []
        for number in range(3):
            asyncio.get_running_loop().call_later(0.001, peer.push, text(str(number)))
            assert await receive(session) == number
            seen.append(variable.get())
            variable.set(f"of {number}")
    assert seen == ["its own", "of 0", "of 1"]
    assert variable.get() == "of 2"


async def test_tasks_of_another_make_go_on_as_well(receive: Receive) -> None:
    loop = asyncio.get_running_loop()
    in_python: Any = getattr(asyncio.tasks, "_PyTask")  # noqa: B009 - the one that is not written in C
    loop.set_task_factory(lambda loop, coroutine, **options: in_python(coroutine, loop=loop, **options))
    try:
        async with waiting(receive) as (session, received):
            loop.call_soon(deliver, session, text("1"))
            deliver(session, text("2"))
            await turns(5)
            assert received == [2, 1]
    finally:
        loop.set_task_factory(None)


async def test_who_looks_on_does_not_hold_it_up(receive: Receive) -> None:
    """Somebody else has asked to be told when the wait is over, as debuggers do."""
    async with waiting(receive) as (session, received):
        task: Any = next(task for task in asyncio.all_tasks() if "receive_all" in repr(task))
        told: list[object] = []
        task._fut_waiter.add_done_callback(told.append)
        asyncio.get_running_loop().call_soon(deliver, session, text("1"))
        await turns(5)
        assert received == [1]
        assert len(told) == 1


async def test_a_cancellation_in_the_same_turn_leaves_the_message_there(receive: Receive) -> None:
    async with connected(converter=JSONConverter()) as (session, _):

        async def receive_one() -> int:
            return await receive(session)

        def cancel_and_read(task: asyncio.Task[int]) -> None:
            task.cancel()
            deliver(session, text("1"))

        task = asyncio.ensure_future(receive_one())
        await asyncio.sleep(0)
        asyncio.get_running_loop().call_soon(cancel_and_read, task)
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await receive(session) == 1
