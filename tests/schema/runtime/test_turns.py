"""One reads for all; a message wakes the one that it is for, and nobody else."""

from __future__ import annotations

import random
from collections import deque

import anyio
import anyio.lowlevel
import pytest

from typedws.schema.runtime.turns import Seat, Turns

pytestmark = pytest.mark.anyio


class Waiter(Seat):
    def __init__(self) -> None:
        super().__init__()
        self.has_it = False
        self.wakes = 0

    @property
    def is_served(self) -> bool:
        return self.has_it

    async def sleep(self) -> None:
        await super().sleep()
        self.wakes += 1


class Post:
    """Messages for waiters. It checks that one reads at a time."""

    def __init__(self) -> None:
        self.waiting: deque[Waiter] = deque()
        self.came = anyio.Event()
        self.is_read = False

    def send(self, waiter: Waiter) -> None:
        self.waiting.append(waiter)
        self.came.set()

    def read_ready(self) -> bool:
        assert not self.is_read
        if len(self.waiting) < 3:
            return False
        self.hand_on()
        return True

    def hand_on(self) -> None:
        waiter = self.waiting.popleft()
        waiter.has_it = True
        waiter.wake()

    async def read(self) -> None:
        assert not self.is_read
        self.is_read = True
        try:
            while not self.waiting:
                self.came = anyio.Event()
                await self.came.wait()
            await anyio.lowlevel.checkpoint()
        finally:
            self.is_read = False
        self.hand_on()


async def test_each_is_woken_for_its_own_and_at_most_once_more_to_read() -> None:
    post = Post()
    turns = Turns(post.read, post.read_ready)
    waiters = [Waiter() for _ in range(100)]
    async with anyio.create_task_group() as group:
        for waiter in waiters:
            group.start_soon(turns.wait, waiter)
        await anyio.wait_all_tasks_blocked()
        chance = random.Random(3)
        for waiter in chance.sample(waiters, 100):
            post.send(waiter)
            for _ in range(chance.randrange(8)):
                await anyio.lowlevel.checkpoint()
    assert max(waiter.wakes for waiter in waiters) <= 2
    assert all(waiter not in turns for waiter in waiters)


@pytest.mark.parametrize("seed", range(10))
async def test_whoever_is_cancelled_nobody_is_forgotten(seed: int) -> None:
    chance = random.Random(seed)
    post = Post()
    turns = Turns(post.read, post.read_ready)
    waiters = [Waiter() for _ in range(40)]
    scopes = [anyio.CancelScope() for _ in waiters]

    async def wait(waiter: Waiter, scope: anyio.CancelScope) -> None:
        with scope:
            await turns.wait(waiter)

    async with anyio.create_task_group() as group:
        for waiter, scope in zip(waiters, scopes, strict=True):
            group.start_soon(wait, waiter, scope)
        await anyio.wait_all_tasks_blocked()
        order = list(zip(waiters, scopes, strict=True))
        chance.shuffle(order)
        for number, (waiter, scope) in enumerate(order):
            if number % 3 == 0:
                scope.cancel()
            if number % 3 != 0 or chance.random() < 0.5:
                post.send(waiter)
            for _ in range(chance.randrange(3)):
                await anyio.lowlevel.checkpoint()
    assert all(waiter.has_it for number, (waiter, _) in enumerate(order) if number % 3)


async def test_one_that_is_served_from_elsewhere_stops_to_read() -> None:
    post = Post()
    turns = Turns(post.read, post.read_ready)
    first, second = Waiter(), Waiter()
    first.may_be_interrupted = True
    async with anyio.create_task_group() as group:
        group.start_soon(turns.wait, first)
        await anyio.wait_all_tasks_blocked()
        group.start_soon(turns.wait, second)
        await anyio.wait_all_tasks_blocked()
        first.has_it = True
        first.interrupt()
        await anyio.wait_all_tasks_blocked()
        assert first not in turns
        post.send(second)


async def test_an_error_of_reading_is_of_the_one_who_reads() -> None:
    served = Waiter()

    async def read() -> None:
        if not served.wakes:
            await anyio.wait_all_tasks_blocked()
            raise OSError("once")
        served.has_it = True

    turns = Turns(read, lambda: False)
    async with anyio.create_task_group() as group:

        async def fail() -> None:
            with pytest.raises(OSError, match="once"):
                await turns.wait(Waiter())

        group.start_soon(fail)
        await anyio.lowlevel.checkpoint()
        group.start_soon(turns.wait, served)
    assert served.has_it
