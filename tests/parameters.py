"""Names of parameters."""

from __future__ import annotations

import re


def stable_id(value: object) -> str:
    """`str(value)`, the same in every process: tests that run side by side are told apart by it."""
    return re.sub(r" at 0x[0-9a-fA-F]+", "", str(value))
