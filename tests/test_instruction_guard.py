"""No change makes typedws slower unseen: instructions are counted again and compared with `benchmarks/baseline.json`.

Instructions, because they repeat to about 1 % on a busy machine, where time does not. A change that is worth its cost
comes with a new baseline: `python -m benchmarks --baseline`.
"""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable

import pytest

from benchmarks import baseline

for tool, found in [
    ("valgrind", shutil.which("valgrind")),
    ("picows", importlib.util.find_spec("picows")),
    ("trustme", importlib.util.find_spec("trustme")),
]:
    if found is None:
        pytest.skip(f"{tool} is not installed: instructions cannot be counted", allow_module_level=True)


@pytest.fixture(scope="module")
def counted() -> dict[str, float]:
    from benchmarks.server import serving

    with serving() as address:
        return baseline.count(address)


@pytest.mark.parametrize("work", baseline.GUARDED)
def test_instructions_stay_near_the_baseline(
    work: str, request: pytest.FixtureRequest, record_property: Callable[[str, object], None]
) -> None:
    expected = baseline.expected().get(work)
    if expected is None:
        pytest.skip(f"baseline.json has no figures for {baseline.interpreter()} with the {baseline.codec()} codec")
    counted: dict[str, float] = request.getfixturevalue("counted")
    record_property(f"instructions, {work}", f"{counted[work]:,.0f} ({counted[work] / expected - 1:+.1%})")
    assert counted[work] <= expected * baseline.ALLOWED
