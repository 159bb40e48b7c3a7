"""A receive that is cancelled right when its message is delivered leaves the message for the next receive."""

from __future__ import annotations

import time

import anyio
import pytest

from tests.peers import connected, deliver, text, turns
from tests.promises.receiving import ROUNDS, Collected, Receive
from typedws.converters.json import JSONConverter

pytestmark = pytest.mark.anyio


async def test_a_scope_that_is_cancelled_right_at_delivery_loses_nothing(receive: Receive) -> None:
    async with connected(converter=JSONConverter()) as (session, _):
        collected = Collected(session)

        async def receiver(scope: anyio.CancelScope) -> None:
            with scope:
                collected.numbers.append(await receive(session))

        for n in range(ROUNDS):
            scope = anyio.CancelScope()
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(receiver, scope)
                await turns(3)
                deliver(session, text(str(n)))
                scope.cancel()
            await collected.complete(n)


async def test_a_scope_that_is_cancelled_right_before_delivery_loses_nothing(receive: Receive) -> None:
    async with connected(converter=JSONConverter()) as (session, _):
        collected = Collected(session)

        async def receiver(scope: anyio.CancelScope) -> None:
            with scope:
                collected.numbers.append(await receive(session))

        for n in range(ROUNDS):
            scope = anyio.CancelScope()
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(receiver, scope)
                await turns(3)
                scope.cancel()
                deliver(session, text(str(n)))
            await collected.complete(n)
        assert collected.cancelled == ROUNDS


async def test_a_scope_that_is_cancelled_in_any_turn_around_a_message_from_the_network_loses_nothing() -> None:
    async with connected() as (session, peer):
        collected = Collected(session)

        async def receiver(scope: anyio.CancelScope) -> None:
            with scope:
                collected.numbers.append(int((await session.receive()).data))

        for n in range(ROUNDS):
            scope = anyio.CancelScope()
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(receiver, scope)
                await turns(n % 3)
                peer.push(text(str(n)))
                await turns(n % 7)
                scope.cancel()
            await collected.complete(n)


async def test_a_deadline_that_passes_while_the_message_arrives_loses_nothing() -> None:
    async with connected() as (session, peer):
        collected = Collected(session)
        for n in range(ROUNDS):
            with anyio.move_on_after(0.0005):
                peer.push(text(str(n)))
                if n % 2:
                    time.sleep(0.0005)  # noqa: ASYNC251 - the loop finds the message and the deadline in one turn
                collected.numbers.append(int((await session.receive()).data))
            await collected.complete(n)


async def test_messages_that_are_ready_survive_receives_that_are_cancelled_before_they_begin() -> None:
    async with connected() as (session, _):
        for n in range(ROUNDS):
            deliver(session, text(str(n)))
        received = []
        for _ in range(ROUNDS):
            with anyio.CancelScope() as scope:
                scope.cancel()
                received.append(await session.receive())
        while len(received) < ROUNDS:
            received.append(await session.receive())
        assert [int(frame.data) for frame in received] == list(range(ROUNDS))
