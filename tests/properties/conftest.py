"""A property may take longer than other tests: many examples if asked for, and minutes of shrinking when it fails."""

from __future__ import annotations

import faulthandler

import pytest

from tests.properties.examples import FACTOR


@pytest.fixture(autouse=True)
def time_for_shrinking() -> None:
    """Puts off the last resort against tests that hang (`faulthandler_timeout`), which would cut that short."""
    faulthandler.dump_traceback_later(450 + 150 * FACTOR, exit=True, file=2)
