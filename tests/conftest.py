"""What every test gets: three event loops, a limit on its time, and a look at what it left running.

A run stops at once where the compiled form is older than its source.

`@pytest.mark.time_limit(90)` gives a test more than a minute. Tests that block the event loop itself are ended by
`faulthandler_timeout` in pyproject.toml.
"""

from __future__ import annotations

import asyncio
import functools
import importlib.util
import traceback
from collections.abc import Callable, Coroutine
from inspect import iscoroutinefunction
from typing import Any

import anyio
import pytest
from hypothesis import HealthCheck, settings

TIME_LIMIT = 60.0
GRACE = 1.0
"""Seconds that foreign software may take to end its tasks after a test; ours have ended when its blocks are left."""

BACKENDS = [
    pytest.param(("asyncio", {"use_uvloop": False}), id="asyncio"),
    pytest.param(("trio", {}), id="trio"),
]
if importlib.util.find_spec("uvloop") is not None:
    BACKENDS.append(pytest.param(("asyncio", {"use_uvloop": True}), id="uvloop"))

settings.register_profile(
    "patient",
    settings(),
    deadline=None,  # other programs may have the processor
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("patient")


def pytest_configure() -> None:
    """An older compiled form would pass or fail for what was written before."""
    from tests.compiled_form import form

    if form() == "older":
        raise pytest.UsageError("the compiled form is older than its source: run scripts/compile")


@pytest.fixture(scope="module", params=BACKENDS)
def anyio_backend(request: pytest.FixtureRequest) -> Any:
    """The event loop that an async test runs on."""
    return request.param


@pytest.fixture(
    params=["0", "1"] if importlib.util.find_spec("aiofastnet") is not None else ["0"], ids="fast={}".format
)
def each_tls(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """TLS of the event loop's own transport, and of aiofastnet's where that is installed."""
    monkeypatch.setenv("TYPEDWS_FAST", request.param)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> None:
    """Wraps an async test; the plugin of anyio runs it afterwards."""
    if iscoroutinefunction(pyfuncitem.obj):
        marker = pyfuncitem.get_closest_marker("time_limit")
        pyfuncitem.obj = guarded(pyfuncitem.obj, marker.args[0] if marker else TIME_LIMIT)


def guarded(test: Callable[..., Coroutine[Any, Any, None]], limit: float) -> Callable[..., Coroutine[Any, Any, None]]:
    """`test`, cancelled after `limit` seconds, and failing when it leaves an asyncio task behind."""

    @functools.wraps(test)
    async def run(**arguments: Any) -> None:
        before = asyncio_tasks()
        with anyio.fail_after(limit, reason=f"the test took more than {limit:g} seconds"):
            try:
                await test(**arguments)
            except anyio.get_cancelled_exc_class():
                traceback.print_exc()  # the TimeoutError does not say where the test was waiting
                raise
        left = asyncio_tasks() - before
        if left:
            _, left = await asyncio.wait(left, timeout=GRACE)
        assert not left, f"the test left tasks running: {left}"

    return run


def asyncio_tasks() -> set[asyncio.Task[Any]]:
    """The tasks of the running event loop; none on trio, where a task cannot outlive its nursery."""
    try:
        return asyncio.all_tasks()
    except RuntimeError:
        return set()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Prints what tests measured with `record_property`, so that a number can be followed from run to run."""
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            terminalreporter.write_line(f"{name}: {value}")
