"""A large message arrives whole and in its place over every kind of connection, whatever happens while it comes."""

from __future__ import annotations

import tracemalloc
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import anyio
import pytest

from tests.certificates import Certificates
from tests.peers import connected, frame, turns, wire_of
from tests.raw_frames import BINARY
from typedws import CloseReason, ServerSession, Session, SessionConfig, connect, serve
from typedws.errors import ConnectionClosed, ConnectionClosedError
from typedws.frames import BinaryFrame, Frame, TextFrame

pytestmark = pytest.mark.anyio

KIB = 1024
MIB = 1024 * KIB

SIZE = 3 * MIB
TEXT = TextFrame("größer als 64 KiB, 漢字\n" * (SIZE // 32))
BYTES = BinaryFrame(bytes(range(256)) * (SIZE // 256))
LIMITS: dict[str, Any] = {"max_frame_size": 64 * MIB, "max_message_size": 64 * MIB, "close_timeout": 20.0}
"""The closing waits for what is on its way; a busy machine takes its time."""


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


Pair = Callable[..., AbstractAsyncContextManager[tuple[Session, Session]]]


@pytest.fixture(params=["ws client", "ws server", "wss client", "wss server"])
def pair(request: pytest.FixtureRequest, certificates: Certificates) -> Pair:
    """Two ends of a connection: one that receives, the client or the server, and one that sends."""
    scheme, receiver = request.param.split()
    tls = certificates if scheme == "wss" else None

    @asynccontextmanager
    async def opened(**config: Any) -> AsyncIterator[tuple[Session, Session]]:
        sessions: list[ServerSession] = []
        came = anyio.Event()

        async def handle(session: ServerSession) -> None:
            sessions.append(session)
            came.set()
            await session.wait_closed()

        settings = SessionConfig(**{**LIMITS, **config})
        server_context = None if tls is None else tls.server_context()
        client_context = None if tls is None else tls.client_context()
        async with (
            serve(handle, "127.0.0.1", 0, config=settings, ssl_context=server_context) as server,
            connect(server.url, config=settings, ssl_context=client_context) as client,
        ):
            await came.wait()
            yield (client, sessions[0]) if receiver == "client" else (sessions[0], client)

    return opened


async def ending(session: Session) -> ConnectionClosed:
    """What a receive raises."""
    with pytest.raises(ConnectionClosed) as caught:
        await session.receive()
    return caught.value


async def test_it_comes_in_its_place_among_small_ones(pair: Pair) -> None:
    sent: list[Frame] = [
        TextFrame("1"), BYTES, TextFrame("2"), BinaryFrame(b"3"), TEXT, TEXT, BinaryFrame(b"4"), BYTES, TextFrame("5"),
    ]  # fmt: skip

    async def send_all(session: Session) -> None:
        for item in sent:
            await session.send(item)

    async with pair() as (receiver, sender), anyio.create_task_group() as tasks:
        tasks.start_soon(send_all, sender)
        for item in sent:
            assert await receiver.receive() == item


async def test_values_may_be_large(pair: Pair) -> None:
    value = ["größer"] * 100_000
    async with pair() as (receiver, sender), anyio.create_task_group() as tasks:
        tasks.start_soon(sender.send_serialized, value)
        assert await receiver.receive_deserialized(list[str]) == value


async def test_a_receive_that_is_cancelled_while_it_comes_loses_nothing(pair: Pair) -> None:
    large = BinaryFrame(bytes(16 * MIB))
    got: list[Frame] = []
    cancelled = rounds = 0

    async def receive(session: Session) -> None:
        got.append(await session.receive())

    async with pair() as (receiver, sender), anyio.create_task_group() as tasks:
        tasks.start_soon(sender.send, large)
        while not got:
            async with anyio.create_task_group() as receiving:
                receiving.start_soon(receive, receiver)
                await turns(1 + rounds % 4)
                receiving.cancel_scope.cancel()
            rounds += 1
            cancelled += not got
        await sender.send("behind")
        assert await receiver.receive() == TextFrame("behind")
    assert got == [large]
    assert cancelled > 0


async def test_it_waits_behind_a_full_queue(pair: Pair) -> None:
    async with pair(incoming_messages=2) as (receiver, sender), anyio.create_task_group() as tasks:
        sent: list[Frame] = [TextFrame(str(number)) for number in range(7)]
        sent += [BYTES, TextFrame("behind"), TEXT, TEXT, TEXT, BinaryFrame(b"last")]

        async def send_all() -> None:
            for item in sent:
                await sender.send(item)

        tasks.start_soon(send_all)
        while not wire_of(receiver).inbox.is_blocked:
            await anyio.sleep(0.001)
        await turns(20)
        assert len(wire_of(receiver).connection.backlog) <= 3
        for item in sent:
            assert await receiver.receive() == item


async def test_the_sender_closes_behind_it(pair: Pair) -> None:
    async with pair() as (receiver, sender), anyio.create_task_group() as tasks:
        await sender.send(BYTES)
        await sender.send(TEXT)
        tasks.start_soon(sender.close, CloseReason(4000, "that was all"))
        assert await receiver.receive() == BYTES
        assert await receiver.receive() == TEXT
        assert (await ending(receiver)).reason == CloseReason(4000, "that was all")
        assert await sender.wait_closed() == CloseReason(4000, "that was all")


async def test_the_receiver_closes_while_it_comes(pair: Pair) -> None:
    async with pair() as (receiver, sender):
        await sender.send("before")
        await sender.send(BinaryFrame(bytes(16 * MIB)))
        assert await receiver.receive() == TextFrame("before")
        await turns(4)
        await receiver.close(CloseReason(4001, "enough"))
        assert await receiver.wait_closed() == CloseReason(4001, "enough")
        assert (await ending(sender)).reason == CloseReason(4001, "enough")


async def test_a_connection_lost_while_it_comes_leaves_what_was_whole(pair: Pair) -> None:
    async with pair() as (receiver, sender):
        await sender.send("before")
        await sender.send(BinaryFrame(bytes(32 * MIB)))
        assert await receiver.receive() == TextFrame("before")
        await turns(4)
        wire_of(sender).abort()
        error = await ending(receiver)
        assert isinstance(error, ConnectionClosedError)
        assert error.reason.code == 1006


@pytest.mark.parametrize("blocked", [False, True], ids=["waiting receiver", "full queue"])
async def test_it_is_held_once(blocked: bool) -> None:
    data = frame(BINARY, bytes(16 * MIB))
    async with connected(config=SessionConfig(**LIMITS, incoming_messages=2)) as (session, peer):
        small = 6 if blocked else 0
        peer.push(frame(BINARY, b"small") * small)
        while blocked and not wire_of(session).inbox.is_blocked:
            await anyio.sleep(0.001)
        async with anyio.create_task_group() as tasks:
            tracemalloc.start()
            try:
                tasks.start_soon(peer.send, data)
                for _ in range(small):
                    assert await session.receive() == BinaryFrame(b"small")
                received = await session.receive()
                peak = tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()
        assert received == BinaryFrame(bytes(16 * MIB))
        assert peak < 2.2 * 16 * MIB
