"""Masking (RFC 6455 section 5.3): what a client does to every payload, with a fresh and unpredictable key each time.

Keys come from `os.urandom` through a pool, because a system call per message costs more than the rest of a small frame.
A pool must not be shared by two processes: a child that went on with its parent's pool would repeat the parent's keys,
so a fork empties it.

What stands here in Python is also written in C, in `_framing.h` and `_masking.c`; see `typedws.protocol.compiled`.
"""

from __future__ import annotations

import os
from struct import unpack
from typing import TYPE_CHECKING, Final

from typedws.protocol import compiled

__all__ = ["apply_mask", "fill_pool", "keys", "new_key", "unmask"]

_POOL_KEYS: Final = 1024

keys: Final[list[int]] = []
"""The pool of the plain form: keys that nobody was given before, as numbers, their first byte the lowest. Taking one is
a single step, `pop`, so threads never share a key."""


def fill_pool() -> int:
    """Puts fresh keys into the pool, and returns one more."""
    key, *fresh = unpack(f"<{_POOL_KEYS}I", os.urandom(4 * _POOL_KEYS))
    keys.extend(fresh)
    return key  # type: ignore[no-any-return]


def draw_key() -> bytes:
    """Four random bytes that nobody was given before."""
    try:
        key = keys.pop()
    except IndexError:
        key = fill_pool()
    return key.to_bytes(4, "little")


_to_int: Final = int.from_bytes


def mask_by_integers(data: bytes | bytearray, key: bytes, offset: int = 0) -> bytes:
    """`data` exclusive-or `key`, which starts at its byte `offset % 4`. The same operation masks and unmasks.

    One exclusive-or of two long integers: the quickest way that the interpreter offers, and linear in the length.
    """
    length = len(data)
    if offset % 4:
        key = key[offset % 4 :] + key[: offset % 4]
    stream = (key * (length // 4 + 1))[:length]
    return (_to_int(data, "little") ^ _to_int(stream, "little")).to_bytes(length, "little")


def unmask_by_integers(data: bytes, start: int, stop: int) -> bytes:
    """The payload, unmasked, of which the key and then the masked bytes stand in `data` from `start` to `stop`."""
    return mask_by_integers(data[start + 4 : stop], data[start : start + 4])


if compiled or TYPE_CHECKING:
    from typedws.protocol._masking import apply_mask, empty_pool, new_key, unmask
else:
    apply_mask, empty_pool, new_key, unmask = mask_by_integers, keys.clear, draw_key, unmask_by_integers

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=empty_pool)
