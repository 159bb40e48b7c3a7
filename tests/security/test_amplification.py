"""What a message becomes is larger than the message, but not without limit: the figures of docs/security.md, held.

The bounds are twice what was measured, and more where a busy machine could disturb them; `python -m
tests.security.amplification` shows what they are today.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.security.amplification import CASES, MIB, Case, Cost

ROOT = Path(__file__).parent.parent.parent
SIZE = 128 * 1024
SLACK = 1 * MIB
"""What the allocators take at once, whatever is asked for."""

MEASURE = """
import json
from dataclasses import asdict
from tests.security import amplification as it
costs = [asdict(it.read(case, {size})) for case in it.CASES]
bombs = [asdict(it.inflate(it.MIB // 16, limit)) for limit in (it.MIB, 8 * it.MIB)]
print(json.dumps([costs, bombs]))
"""


@pytest.fixture(scope="module")
def measured() -> tuple[dict[Case, Cost], list[Cost]]:
    """Every case, measured in a process without threads and without what the tests before it left in memory."""
    command = [sys.executable, "-c", MEASURE.format(size=SIZE)]
    output = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=140).stdout
    costs, bombs = json.loads(output)
    return dict(zip(CASES, (Cost(**cost) for cost in costs), strict=True)), [Cost(**cost) for cost in bombs]


@pytest.mark.skipif(sys.platform != "linux", reason="the memory of a process is measured by /proc")
@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_memory_of_a_message_is_in_proportion(measured: tuple[dict[Case, Cost], list[Cost]], case: Case) -> None:
    cost = measured[0][case]
    assert cost.memory < case.most * cost.size + SLACK
    assert cost.outcome in ("read", "DeserializeError")


@pytest.mark.skipif(sys.platform != "linux", reason="the memory of a process is measured by /proc")
@pytest.mark.parametrize("case", CASES, ids=str)
def test_so_is_its_time(measured: tuple[dict[Case, Cost], list[Cost]], case: Case) -> None:
    models = case.most > 1000
    assert measured[0][case].seconds_per_mib < (60 if models else 5)


@pytest.mark.skipif(sys.platform != "linux", reason="the memory of a process is measured by /proc")
def test_what_nests_without_end_or_promises_too_much_is_refused_for_little(
    measured: tuple[dict[Case, Cost], list[Cost]],
) -> None:
    refused = [case for case in CASES if "[[[[" in case.what or "8181" in case.what or "9191" in case.what]
    refused += [case for case in CASES if "holds nothing" in case.what]
    assert len(refused) == 6
    for case in refused:
        cost = measured[0][case]
        assert cost.outcome == "DeserializeError"
        assert cost.memory < 30 * cost.size + SLACK


@pytest.mark.skipif(sys.platform != "linux", reason="the memory of a process is measured by /proc")
def test_a_bomb_takes_what_its_limit_allows(measured: tuple[dict[Case, Cost], list[Cost]]) -> None:
    """64 KiB that would become 64 MiB."""
    for limit, cost in zip((MIB, 8 * MIB), measured[1], strict=True):
        assert cost.outcome == "FrameTooBigError"
        assert cost.memory < 2 * limit + 2 * SLACK
        assert cost.seconds < 2
