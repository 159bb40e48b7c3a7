"""`memory_stream_pair`: what one end sends the other receives, as over a socket, and nothing depends on time."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import anyio
import pytest
from anyio.lowlevel import checkpoint

from typedws.testing import MemoryByteStream, memory_stream_pair

pytestmark = pytest.mark.anyio

Act = Callable[[MemoryByteStream], Coroutine[Any, Any, None]]


async def turns(count: int = 10) -> None:
    """Gives every other task its turns."""
    for _ in range(count):
        await checkpoint()


async def test_bytes_arrive_in_order_both_ways() -> None:
    near, far = memory_stream_pair()
    await near.send(b"one ")
    await near.send(b"two")
    await far.send(b"three")
    assert await far.receive() == b"one two"
    assert await near.receive() == b"three"


async def test_no_more_is_received_than_was_asked_for() -> None:
    near, far = memory_stream_pair()
    await near.send(b"abcdef")
    assert await far.receive(4) == b"abcd"
    assert await far.receive(4) == b"ef"


async def test_sending_waits_for_room() -> None:
    near, far = memory_stream_pair(capacity=4)
    sent: list[bytes] = []

    async def send() -> None:
        await near.send(b"abcdefghij")
        sent.append(b"all")

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(send)
        await turns()
        assert await far.receive() == b"abcd"
        await turns()
        assert await far.receive() == b"efgh"
        assert not sent
        await turns()
        assert await far.receive() == b"ij"
    assert sent


async def test_receiving_waits_for_bytes() -> None:
    near, far = memory_stream_pair()
    received: list[bytes] = []

    async def receive() -> None:
        received.append(await far.receive())

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(receive)
        await turns()
        assert not received
        await near.send(b"hello")
    assert received == [b"hello"]


async def test_a_cancelled_receive_loses_nothing() -> None:
    near, far = memory_stream_pair()
    received: list[bytes] = []

    async def receive() -> None:
        received.append(await far.receive())

    for step in range(20):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(receive)
            await turns(step % 4)
            tasks.cancel_scope.cancel()
            with anyio.CancelScope(shield=True):
                await near.send(b"x")
    with anyio.move_on_after(0.01):
        await receive()
    assert b"".join(received) == b"x" * 20


async def test_the_end_of_one_direction_comes_after_its_bytes_and_leaves_the_other_one_open() -> None:
    near, far = memory_stream_pair()
    await near.send(b"last words")
    await near.send_eof()
    assert await far.receive() == b"last words"
    for _ in range(2):
        with pytest.raises(anyio.EndOfStream):
            await far.receive()
    await far.send(b"still here")
    assert await near.receive() == b"still here"
    with pytest.raises(anyio.ClosedResourceError):
        await near.send(b"too late")


async def test_a_closed_peer_is_an_end_and_nothing_can_be_sent_to_it() -> None:
    near, far = memory_stream_pair()
    await near.send(b"last words")
    await near.aclose()
    assert await far.receive() == b"last words"
    with pytest.raises(anyio.EndOfStream):
        await far.receive()
    with pytest.raises(anyio.BrokenResourceError):
        await far.send(b"hello?")


async def test_a_closed_end_does_nothing_more() -> None:
    near, _ = memory_stream_pair()
    await near.aclose()
    await near.aclose()
    for act in (near.receive, lambda: near.send(b"x"), near.send_eof):
        with pytest.raises(anyio.ClosedResourceError):
            await act()


async def receive(stream: MemoryByteStream) -> None:
    await stream.receive()


async def send_much(stream: MemoryByteStream) -> None:
    await stream.send(b"x" * 100)


@pytest.mark.parametrize("act", [receive, send_much], ids=lambda act: act.__name__)
async def test_closing_an_end_ends_what_waits_there(act: Act) -> None:
    near, _ = memory_stream_pair(capacity=10)
    ended: list[str] = []

    async def wait() -> None:
        with pytest.raises(anyio.ClosedResourceError):
            await act(near)
        ended.append("ended")

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(wait)
        await turns()
        await near.aclose()
    assert ended


async def test_closing_the_peer_ends_a_send_that_waits() -> None:
    near, far = memory_stream_pair(capacity=10)
    ended: list[str] = []

    async def wait() -> None:
        with pytest.raises(anyio.BrokenResourceError):
            await near.send(b"x" * 100)
        ended.append("ended")

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(wait)
        await turns()
        await far.aclose()
    assert ended


@pytest.mark.parametrize("act", [receive, send_much], ids=lambda act: act.__name__)
async def test_one_task_at_a_time(act: Act) -> None:
    near, _ = memory_stream_pair(capacity=10)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(act, near)
        await turns()
        with pytest.raises(anyio.BusyResourceError):
            await act(near)
        tasks.cancel_scope.cancel()


async def test_nothing_may_be_sent() -> None:
    near, far = memory_stream_pair()
    await near.send(b"")
    await near.send(b"x")
    assert await far.receive() == b"x"


@pytest.mark.parametrize("capacity", [0, -1])
def test_a_capacity_is_above_0(capacity: int) -> None:
    with pytest.raises(ValueError, match="capacity"):
        memory_stream_pair(capacity=capacity)
