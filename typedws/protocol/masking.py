"""Masking (RFC 6455 section 5.3): what a client does to every payload, with a fresh and unpredictable key each time.

Keys come from `os.urandom` through a pool, because a system call per message costs more than the rest of a small frame.
A pool must not be shared by two processes: a child that went on with its parent's pool would repeat the parent's keys,
so a fork empties it.

What stands here in Python is also written in C, in `_masking.c`; see `typedws.protocol.compiled`.
"""

from __future__ import annotations

import os
from struct import iter_unpack
from typing import TYPE_CHECKING, Final

from typedws.protocol import compiled

__all__ = ["apply_mask", "new_key"]

_POOL_BYTES: Final = 4096

_keys = iter_unpack("4s", b"")


def draw_key() -> bytes:
    """Four random bytes that nobody was given before. Taking one is a single step, so threads never share a key."""
    global _keys
    for (key,) in _keys:
        return key  # type: ignore[no-any-return]
    _keys = iter_unpack("4s", os.urandom(_POOL_BYTES))
    return draw_key()


def drop_keys() -> None:
    """Empties the pool."""
    global _keys
    _keys = iter_unpack("4s", b"")


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


if compiled or TYPE_CHECKING:
    from typedws.protocol._masking import apply_mask, empty_pool, new_key
else:
    apply_mask, empty_pool, new_key = mask_by_integers, drop_keys, draw_key

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=empty_pool)
