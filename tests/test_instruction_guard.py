"""No change makes typedws slower unseen: instructions are counted again and compared with `benchmarks/baseline.json`.

Instructions, because they repeat to about 1 % on a busy machine, where time does not. A change that is worth its cost
comes with a new baseline: `python -m benchmarks --baseline`.
"""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable, Iterator

import pytest

from benchmarks import baseline
from benchmarks.setting import Address

for tool, found in [
    ("valgrind", shutil.which("valgrind")),
    ("picows", importlib.util.find_spec("picows")),
    ("trustme", importlib.util.find_spec("trustme")),
]:
    if found is None:
        pytest.skip(f"{tool} is not installed: instructions cannot be counted", allow_module_level=True)


@pytest.fixture(scope="module")
def server() -> Iterator[Address]:
    from benchmarks.server import serving

    with serving() as address:
        yield address


@pytest.mark.parametrize("name", baseline.GUARDED)
def test_instructions_stay_near_the_baseline(
    name: str, server: Address, record_property: Callable[[str, object], None]
) -> None:
    expected = baseline.expected(name)
    if expected is None:
        pytest.skip(f"baseline.json has no figures for {baseline.interpreter()} with the {baseline.codec()} codec")
    counted = baseline.count(name, server)
    record_property(f"instructions, {name}", f"{counted:,.0f} ({counted / expected - 1:+.1%})")
    assert counted <= expected * baseline.ALLOWED
