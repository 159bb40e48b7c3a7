"""Each promise about receiving is kept by every way to receive."""

from __future__ import annotations

import pytest

from tests.promises.receiving import WAYS, Receive


@pytest.fixture(params=WAYS, ids=lambda way: way.__name__)
def receive(request: pytest.FixtureRequest) -> Receive:
    """A way to receive a message that is a number."""
    return request.param  # type: ignore[no-any-return]


@pytest.fixture(params=WAYS, ids=lambda way: f"then {way.__name__}")
def receive_second(request: pytest.FixtureRequest) -> Receive:
    """Another one, or the same."""
    return request.param  # type: ignore[no-any-return]
