"""The catalogue is played on asyncio and trio; uvloop drives the same wire as asyncio does."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> Any:
    """The event loop that a row is played on."""
    return (request.param, {"use_uvloop": False} if request.param == "asyncio" else {})
