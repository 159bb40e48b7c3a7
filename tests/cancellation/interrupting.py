"""Runs an operation again and again, and cancels it in each run one wait later, until it gets to its end.

    async def check(attempt: Attempt) -> None:
        async with connected() as (session, peer):
            await attempt.run(session.send("x"))
            ...

    await at_every_wait(check, way)

A wait can be cancelled in two ways, by a scope of anyio's and by a bare `task.cancel()`, and at two moments: when it
begins, and when what it waited for has come but the task has not gone on yet. The second moment is where a queue that
hands its item to the waiting task loses it.
"""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import Callable, Coroutine, Generator
from enum import Enum
from typing import Any, TypeVar

import anyio
import pytest

from tests.cancellation.leftovers import nothing_but, what_there_is

T = TypeVar("T")

LOOPS: dict[str, tuple[str, dict[str, bool]]] = {
    "asyncio": ("asyncio", {"use_uvloop": False}),
    "uvloop": ("asyncio", {"use_uvloop": True}),
    "trio": ("trio", {}),
}
NATIVE = {"asyncio": (True, False), "uvloop": (True,), "trio": (False,)}
"""Which ways are tried on which loop: native ones, others."""

if importlib.util.find_spec("uvloop") is None:
    del LOOPS["uvloop"]


class Way(Enum):
    """How and when an operation is cancelled."""

    SCOPE = "scope"
    SCOPE_LATE = "scope, when it has come"
    TASK = "task"
    TASK_LATE = "task, when it has come"

    @property
    def is_native(self) -> bool:
        return self in (Way.TASK, Way.TASK_LATE)

    @property
    def is_late(self) -> bool:
        return self in (Way.SCOPE_LATE, Way.TASK_LATE)


def ways(*, late: bool = True) -> pytest.MarkDecorator:
    """Every way on every event loop, as the arguments `anyio_backend` and `way`. trio knows scopes only, and scopes on
    uvloop are those on asyncio.

    Args:
        late: also when what was waited for has come; not for waits that only the cancellation ends.
    """
    return pytest.mark.parametrize(
        ("anyio_backend", "way"),
        [
            pytest.param(loop, way, id=f"{name}, {way.value}")
            for name, loop in LOOPS.items()
            for way in Way
            if (late or not way.is_late) and way.is_native in NATIVE[name]
        ],
    )


async def at_every_wait(check: Callable[[Attempt], Coroutine[Any, Any, None]], way: Way, *, at_least: int = 1) -> None:
    """Makes one attempt for each time that an operation waits, and a last one that nobody interrupts. None may leave
    anything behind.

    Args:
        check: gets an attempt, runs the operation by it, and looks at what has come of it.
        way: how to cancel.
        at_least: attempts that must have been interrupted, so that a test does not pass because nothing waited.
    """
    before = what_there_is()
    for n in range(500):
        attempt = Attempt(way, n)
        await check(attempt)
        await nothing_but(before)
        assert attempt.was_run, "the operation was not run"
        if not attempt.was_reached:
            assert n >= at_least, f"the operation waited {n} times only"
            return
    raise AssertionError("the operation does not come to its end")


class Attempt:
    """One run of an operation, which is cancelled in its n-th wait.

    Attributes:
        n: which wait it is, from 0 on.
        was_run: whether there was a run yet.
        was_reached: whether there was an n-th wait.
        was_cancelled: whether the operation ended by the cancellation, which left it as itself.
        value: what it returned otherwise.
    """

    def __init__(self, way: Way, n: int) -> None:
        self.n = n
        self.was_run = False
        self.was_reached = False
        self.was_cancelled = False
        self.value: Any = None
        self._way = way
        self._steps: Suspending | None = None

    async def run(
        self,
        operation: Coroutine[Any, Any, Any],
        *,
        meanwhile: Callable[[], object] | None = None,
        counts: bool = True,
    ) -> None:
        """Runs the operation.

        Args:
            operation: what to run.
            meanwhile: called when it waits for the n-th time, before it is cancelled.
            counts: whether its first wait counts; otherwise the first one after `count_from_here`.

        An exception that is no cancellation is raised. A cancellation that the operation swallows is an error of its
        own.
        """
        assert not self.was_run, "an attempt is made once"
        self.was_run = True
        task = asyncio.current_task() if self._way.is_native else None
        with anyio.CancelScope() as scope:

            def waits() -> None:
                self.was_reached = True
                if meanwhile is not None:
                    meanwhile()
                if not self._way.is_late:
                    cancel()

            def cancel() -> None:
                if task is None:
                    scope.cancel()
                else:
                    task.cancel()

            steps = Suspending(operation, self.n, waits, cancel if self._way.is_late else None)
            steps.counts = counts
            self._steps = steps
            try:
                self.value = await steps
            except BaseException as error:
                self._look_at(error)
                if task is None:
                    raise
            if task is not None and self.was_reached:
                assert self.was_cancelled, f"the cancellation in wait {self.n} was swallowed"
                task.uncancel()
        if task is None:
            assert scope.cancelled_caught == self.was_cancelled, "it ended by a cancellation that was no longer itself"

    def count_from_here(self) -> None:
        """Called by the operation where the part of it begins that is to be interrupted."""
        assert self._steps is not None
        self._steps.counts = True

    def _look_at(self, error: BaseException) -> None:
        if not isinstance(error, anyio.get_cancelled_exc_class()):
            raise error
        assert self.was_reached, "it was cancelled by somebody else"
        self.was_cancelled = True


class Suspending:
    """Awaits a coroutine, and is there when it suspends for the n-th time, counted from 0.

    Args:
        coroutine: what to await.
        n: which suspension is meant.
        waits: called when it comes.
        goes_on: called when what the coroutine waits for has come, before the coroutine knows.

    Attributes:
        suspensions: how often it has suspended.
        counts: whether suspensions are counted; settable.
    """

    def __init__(
        self,
        coroutine: Coroutine[Any, Any, T],
        n: int,
        waits: Callable[[], object],
        goes_on: Callable[[], object] | None = None,
    ) -> None:
        self.suspensions = 0
        self.counts = True
        self._coroutine = coroutine
        self._n = n
        self._waits = waits
        self._goes_on = goes_on

    def __await__(self) -> Generator[Any, Any, Any]:
        answer: Any = None
        thrown: BaseException | None = None
        while True:
            try:
                trap = self._coroutine.send(answer) if thrown is None else self._coroutine.throw(thrown)
            except StopIteration as result:
                return result.value
            meant = self.counts and self.suspensions == self._n
            self.suspensions += self.counts
            goes_on = self._goes_on if meant else None
            if meant:
                if goes_on is not None and (asyncio.isfuture(trap) or trap is None):
                    self._call_before_the_task(goes_on, trap)
                    goes_on = None
                self._waits()
            answer = thrown = None
            try:
                answer = yield trap
            except BaseException as error:
                thrown = error
            if goes_on is not None:
                goes_on()

    @staticmethod
    def _call_before_the_task(callback: Callable[[], object], trap: asyncio.Future[Any] | None) -> None:
        """On asyncio, the task goes on by a callback of its own, which is added later than this one."""
        if trap is None:
            asyncio.get_running_loop().call_soon(callback)
        else:
            trap.add_done_callback(lambda _: callback())
