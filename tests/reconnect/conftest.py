"""Skips the waits of the loop, but in the tests of time."""

from __future__ import annotations

import anyio
import anyio.lowlevel
import pytest

import typedws.retry


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> list[float]:
    """The seconds that the loop waits, which take no time here, and are the longest that may be drawn."""
    waited: list[float] = []
    if "real_time" not in request.fixturenames:

        async def sleep(delay: float) -> None:
            waited.append(delay)
            await anyio.lowlevel.checkpoint()

        monkeypatch.setattr(anyio, "sleep", sleep)
        monkeypatch.setattr(typedws.retry, "_random", lambda: 1.0)
    return waited
