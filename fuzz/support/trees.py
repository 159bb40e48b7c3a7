"""Values made by an input: what a writer of the format turns into a well-formed payload.

Bytes at random are seldom JSON, and hardly ever a message. So each input is also read as instructions: which of the
known messages to begin with, and what to put in the place of its parts. A canary stands in many of them, and must not
be found in any error.
"""

from __future__ import annotations

import struct
import zlib
from typing import Any

from fuzz.support.messages import SAMPLES, WORDS

__all__ = ["canary_of", "tree_of"]

MAX_DEPTH = 6
SIZE = 4


def canary_of(data: bytes) -> str:
    """A text that stands nowhere else."""
    return f"canary{zlib.crc32(data):08x}"


def tree_of(data: bytes) -> Any:
    """The value that an input makes."""
    return _Maker(data).value(0)


class _Maker:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0
        self._canary = canary_of(data)

    def _byte(self) -> int:
        # Behind the end there is nothing but zeros, which make small values.
        self._at += 1
        return self._data[self._at - 1] if self._at <= len(self._data) else 0

    def _bytes(self, count: int) -> bytes:
        return bytes(self._byte() for _ in range(count))

    def value(self, depth: int) -> Any:
        choice = self._byte() % 16
        if choice == 0:
            return None
        if choice == 1:
            return self._byte() % 2 > 0
        if choice == 2:
            return int.from_bytes(self._bytes(1), "big", signed=True)
        if choice == 3:
            return int.from_bytes(self._bytes(self._byte() % 9), "big", signed=True)
        if choice == 4:
            (number,) = struct.unpack("!d", self._bytes(8))
            return number
        if choice == 5:
            return self._byte() * 10.0 ** (self._byte() - 128)
        if choice in (6, 7):
            return self._text()
        if choice == 8:
            return self._canary
        if choice in (9, 10) and depth < MAX_DEPTH:
            return [self.value(depth + 1) for _ in range(self._byte() % SIZE)]
        if choice == 11 and depth < MAX_DEPTH:
            return {self._key(): self.value(depth + 1) for _ in range(self._byte() % SIZE)}
        return self._changed(SAMPLES[self._byte() % len(SAMPLES)], depth)

    def _changed(self, sample: Any, depth: int) -> Any:
        """A message, of which some parts are others now."""
        if depth >= MAX_DEPTH or not isinstance(sample, dict | list):
            return sample
        items: dict[Any, Any] = dict(sample) if isinstance(sample, dict) else dict(enumerate(sample))
        for _ in range(self._byte() % SIZE):
            if not items:
                break
            key = list(items)[self._byte() % len(items)]
            action = self._byte() % 8
            if action == 0:
                del items[key]
            elif action == 1 and isinstance(sample, dict):
                items[self._key()] = items.pop(key)
            elif action == 2:
                items[key] = self._changed(items[key], depth + 1)
            else:
                items[key] = self.value(depth + 1)
        return items if isinstance(sample, dict) else list(items.values())

    def _key(self) -> str:
        choice = self._byte()
        if choice < 16:
            return self._canary
        return self._text() if choice < 48 else WORDS[choice % len(WORDS)]

    def _text(self) -> str:
        text = self._bytes(self._byte() % 24).decode("utf-8", "replace")
        return f"{text}{self._canary}`{text}" if text.startswith("c") else text
