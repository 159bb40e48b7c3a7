"""A receive that is cancelled, wherever it waits, loses no message: the next receive gets it. So with a ping."""

from __future__ import annotations

import anyio
import pytest

from tests.cancellation.interrupting import Attempt, Way, at_every_wait, ways
from tests.cancellation.leftovers import nothing_left
from tests.cancellation.opened import OPENED, Opened, over_tcp
from tests.peers import CLOSE, PING, TEXT, Peer, Sent, close, close_payload, pong, text, turns
from tests.promises.receiving import WAYS as RECEIVES
from tests.promises.receiving import Receive, receive
from typedws import ClientSession, CloseReason, ConnectionClosedError

pytestmark = pytest.mark.anyio


async def the_session_goes_on(session: ClientSession, peer: Peer) -> None:
    await session.send("after")
    assert await peer.frame() == Sent(TEXT, b"after")
    peer.push(text("99"))
    assert await receive(session) == 99


async def received_in_order(session: ClientSession, attempt: Attempt, count: int) -> None:
    """Every number from 1 to `count` came out, in order, whether the attempt got one or not."""
    numbers = [] if attempt.was_cancelled else [attempt.value]
    numbers += [await receive(session) for _ in range(count - len(numbers))]
    assert numbers == list(range(1, count + 1))


async def when_it_was_read(session: ClientSession, peer: Peer) -> None:
    """Waits until the session has read what the peer has sent so far."""
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(session.ping)
        peer.push(pong((await peer.frame()).payload))


class Once:
    """Pushes bytes when it is told to, and by itself soon afterwards where nobody tells it."""

    def __init__(self, peer: Peer, data: bytes) -> None:
        self._peer = peer
        self._data = data

    def push(self) -> None:
        self._peer.push(self._data)
        self._data = b""

    async def at_the_latest_soon(self) -> None:
        await anyio.sleep(0.01)
        self.push()


@ways()
@pytest.mark.parametrize("opened", OPENED)
@pytest.mark.parametrize("receive", RECEIVES)
async def test_when_a_message_comes(opened: Opened, receive: Receive, way: Way) -> None:
    """It comes in the moment of the cancellation, and another one behind it."""

    async def check(attempt: Attempt) -> None:
        async with opened() as (session, peer), anyio.create_task_group() as tasks:
            messages = Once(peer, text("1") + text("2"))
            tasks.start_soon(messages.at_the_latest_soon)
            await attempt.run(receive(session), meanwhile=messages.push)
            await received_in_order(session, attempt, 2)
            await the_session_goes_on(session, peer)

    await at_every_wait(check, way)


@ways()
@pytest.mark.parametrize("receive", RECEIVES)
async def test_when_messages_wait(receive: Receive, way: Way, anyio_backend_name: str) -> None:
    # On asyncio a receive that has a message does not wait.
    async def check(attempt: Attempt) -> None:
        async with over_tcp() as (session, peer):
            peer.push(text("1") + text("2"))
            await when_it_was_read(session, peer)
            await attempt.run(receive(session))
            await received_in_order(session, attempt, 2)
            await the_session_goes_on(session, peer)

    await at_every_wait(check, way, at_least=0 if anyio_backend_name == "asyncio" else 1)


@ways(late=False)
@pytest.mark.parametrize("receive", RECEIVES)
async def test_when_nothing_comes(receive: Receive, way: Way) -> None:
    attempt = Attempt(way, 0)
    async with nothing_left(), over_tcp() as (session, peer):
        await attempt.run(receive(session))
        assert attempt.was_cancelled
        await the_session_goes_on(session, peer)


@ways()
@pytest.mark.parametrize("opened", OPENED)
async def test_when_the_peer_closes_behind_a_message(opened: Opened, way: Way) -> None:
    async def check(attempt: Attempt) -> None:
        async with opened() as (session, peer), anyio.create_task_group() as tasks:
            messages = Once(peer, text("1") + close(4000, "enough"))
            tasks.start_soon(messages.at_the_latest_soon)
            await attempt.run(receive(session), meanwhile=messages.push)
            await received_in_order(session, attempt, 1)
            with pytest.raises(ConnectionClosedError) as caught:
                await session.receive()
            assert caught.value.reason == session.close_reason == CloseReason(4000, "enough")
            assert await peer.frame() == Sent(CLOSE, close_payload(4000))

    await at_every_wait(check, way)


@ways()
@pytest.mark.parametrize("opened", OPENED)
async def test_in_the_middle_of_a_stream_of_messages(opened: Opened, way: Way) -> None:
    """Every other receive is interrupted in its first wait, while messages come in pieces of odd sizes."""
    data = b"".join(text(str(number)) for number in range(100))

    async def push(peer: Peer) -> None:
        for start in range(0, len(data), 7):
            peer.push(data[start : start + 7])
            await turns(1)

    async with nothing_left(), opened() as (session, peer), anyio.create_task_group() as tasks:
        tasks.start_soon(push, peer)
        numbers: list[int] = []
        while len(numbers) < 100:
            attempt = Attempt(way, 0)
            await attempt.run(receive(session))
            if not attempt.was_cancelled:
                numbers.append(attempt.value)
            if len(numbers) < 100:
                numbers.append(await receive(session))
        assert numbers == list(range(100))
        await the_session_goes_on(session, peer)


@ways()
@pytest.mark.parametrize("opened", OPENED)
async def test_a_ping_that_is_answered(opened: Opened, way: Way) -> None:
    async def check(attempt: Attempt) -> None:
        async with opened() as (session, peer), anyio.create_task_group() as tasks:
            pings: list[Sent] = []

            async def answer() -> None:
                while (sent := await peer.frame()) != Sent(TEXT, b"end"):
                    assert sent.opcode == PING
                    pings.append(sent)
                    peer.push(pong(sent.payload))

            tasks.start_soon(answer)
            await attempt.run(session.ping())
            assert attempt.was_cancelled or attempt.value > 0
            assert await session.ping() > 0
            await session.send("end")
        assert len(pings) in (1, 2)
        assert attempt.was_cancelled or len(pings) == 2

    await at_every_wait(check, way)


@ways(late=False)
@pytest.mark.parametrize("opened", OPENED)
async def test_a_ping_whose_answer_comes_too_late(opened: Opened, way: Way, anyio_backend_name: str) -> None:
    """Nobody waits for its Pong any more, and it is no answer to a later ping."""
    async with nothing_left(), opened() as (session, peer):
        # It has been sent before its last wait; on trio, and over a stream, it waits for its turn before that.
        attempt = Attempt(way, 0 if anyio_backend_name == "asyncio" and opened is over_tcp else 1)
        await attempt.run(session.ping())
        assert attempt.was_cancelled
        first = await peer.frame()
        async with anyio.create_task_group() as tasks:

            async def answer() -> None:
                second = await peer.frame()
                assert {first.opcode, second.opcode} == {PING}
                peer.push(pong(first.payload))
                await anyio.sleep(0.05)
                assert not done.is_set()
                peer.push(pong(second.payload))

            done = anyio.Event()
            tasks.start_soon(answer)
            assert await session.ping() > 0.04
            done.set()
        await the_session_goes_on(session, peer)
