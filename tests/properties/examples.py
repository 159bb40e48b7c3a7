"""How many examples a property is tried with.

`TYPEDWS_EXAMPLES=50 python -m pytest tests/properties` tries fifty times as many as a run of all tests does.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

__all__ = ["FACTOR", "examples"]

FACTOR = float(os.environ.get("TYPEDWS_EXAMPLES", "1"))


def examples(count: int) -> settings:
    """The settings of a property that is tried `count` times in a run of all tests."""
    return settings(
        max_examples=max(1, round(count * FACTOR)),
        deadline=None,  # other programs may have the processor
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )
