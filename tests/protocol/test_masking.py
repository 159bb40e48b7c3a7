"""Masking (RFC 6455 section 5.3): the operation, byte for byte, and keys that nobody can foresee."""

from __future__ import annotations

import os
import threading
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from typedws.protocol.masking import apply_mask, new_key

keys = st.binary(min_size=4, max_size=4)


def by_the_letter(data: bytes, key: bytes, offset: int = 0) -> bytes:
    """j = i MOD 4; transformed-octet-i = original-octet-i XOR masking-key-octet-j"""
    return bytes(octet ^ key[(offset + i) % 4] for i, octet in enumerate(data))


def test_the_example_of_the_rfc() -> None:
    # Section 5.7: a masked "Hello".
    key, masked = bytes.fromhex("37fa213d"), bytes.fromhex("7f9f4d5158")
    assert apply_mask(b"Hello", key) == masked
    assert apply_mask(masked, key) == b"Hello"


@given(st.binary(max_size=300), keys)
def test_it_is_what_the_rfc_says_for_any_length(data: bytes, key: bytes) -> None:
    assert apply_mask(data, key) == by_the_letter(data, key)
    assert apply_mask(bytearray(data), key) == by_the_letter(data, key)


@given(st.binary(max_size=300), keys, st.integers(0, 1000))
def test_masking_twice_gives_the_payload_back(data: bytes, key: bytes, offset: int) -> None:
    assert apply_mask(apply_mask(data, key, offset), key, offset) == data


@given(st.binary(max_size=100), keys, st.lists(st.integers(0, 100), max_size=5))
def test_a_payload_masked_in_pieces_is_the_payload_masked_whole(data: bytes, key: bytes, cuts: list[int]) -> None:
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    pieces = [apply_mask(data[start:stop], key, start) for start, stop in pairwise(places) if stop > start]
    assert b"".join(pieces) == apply_mask(data, key)


@pytest.mark.parametrize("key", [bytes(4), b"\xff" * 4, b"\0\0\0\1", b"\1\0\0\0"])
@pytest.mark.parametrize("data", [b"", b"\0", b"\0\0\0\0\0", b"\xff" * 9], ids=len)
def test_zeros_are_kept_at_both_ends(data: bytes, key: bytes) -> None:
    assert apply_mask(data, key) == by_the_letter(data, key)


def test_a_long_payload_is_masked_whole() -> None:
    data = bytes(range(256)) * 4096 + b"abc"
    assert apply_mask(data, b"\x01\x80\xff\x10", 3) == by_the_letter(data, b"\x01\x80\xff\x10", 3)


def test_keys_are_four_bytes_and_do_not_repeat() -> None:
    drawn = [new_key() for _ in range(10_000)]
    assert {len(key) for key in drawn} == {4}
    assert len(set(drawn)) > 9_990  # two of 10,000 may be the same by chance: once in 86 runs


def test_every_bit_of_a_key_is_as_often_set_as_not() -> None:
    count = 10_000
    bits = Counter[int]()
    for _ in range(count):
        key = int.from_bytes(new_key())
        bits.update(bit for bit in range(32) if key >> bit & 1)
    assert len(bits) == 32
    assert all(abs(ones - count / 2) < 350 for ones in bits.values())  # seven standard deviations


def test_threads_never_share_a_key() -> None:
    drawn: list[list[bytes]] = []

    def draw() -> None:
        drawn.append([new_key() for _ in range(5_000)])

    threads = [threading.Thread(target=draw) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    keys = [key for part in drawn for key in part]
    assert len(keys) == 20_000
    assert len(set(keys)) > 19_970


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork.*:DeprecationWarning")
def test_a_forked_child_does_not_repeat_its_parents_keys() -> None:
    new_key()  # the pool is full now
    receive, send = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.write(send, b"".join(new_key() for _ in range(100)))
        os._exit(0)
    os.waitpid(pid, 0)
    os.close(send)
    with os.fdopen(receive, "rb") as pipe:
        theirs = pipe.read()
    ours = {new_key() for _ in range(100)}
    assert len(theirs) == 400
    assert not ours & {theirs[i : i + 4] for i in range(0, 400, 4)}
