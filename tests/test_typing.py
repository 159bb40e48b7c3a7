"""What a type checker infers is part of the interface; `tests/typing` says what, and both checkers must agree."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
EXAMPLES = "tests/typing"


def check(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )


def test_mypy_infers_what_the_examples_say() -> None:
    # no settings of ours: --strict is all that a user's program has
    done = check("mypy", "--config-file=", "--strict", "--follow-imports=silent", EXAMPLES)
    assert done.returncode == 0, done.stdout + done.stderr


def test_pyright_infers_what_the_examples_say() -> None:
    probe = check("pyright", "--version")
    if probe.returncode != 0:
        pytest.skip(f"pyright cannot run here, it needs Node: {probe.stderr.strip().splitlines()[-1:]}")
    done = check("pyright", "--pythonpath", sys.executable, EXAMPLES)
    assert done.returncode == 0, done.stdout + done.stderr
