"""Compressing and inflating: every setting, bombs, garbage, cut-off and final blocks (RFC 7692 section 7.2)."""

from __future__ import annotations

import itertools
import random
import sys
import time
import tracemalloc
import zlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from typedws.errors import FrameTooBigError, RemoteProtocolError
from typedws.frames import BinaryFrame
from typedws.protocol import compiled, inflating
from typedws.protocol.assembly import Assembler
from typedws.protocol.codec import BINARY, Header
from typedws.protocol.deflate import Compressor, Deflate, DeflateParameters
from typedws.protocol.inflating import BETWEEN_BLOCKS, POSITION_IS_TOLD, Decompressor, can_read_final_block

if compiled:
    from typedws.protocol._inflating import position

MIB = 1024 * 1024
LIMIT = 16 * MIB
TAIL = b"\x00\x00\xff\xff"
TEXT = b'{"type":"tick","symbol":"BTC-USD","price":64250.25,"size":12}'
HELLO = bytes.fromhex("f248cdc9c90700")
"""The message "Hello" of RFC 7692 section 7.2.3.1."""


def parameters(bits: int = 15, *, takeover: bool = True, level: int = 6, mem_level: int = 5) -> DeflateParameters:
    """The same settings for both directions."""
    return DeflateParameters(
        send_window_bits=bits,
        receive_window_bits=bits,
        send_no_context_takeover=not takeover,
        receive_no_context_takeover=not takeover,
        level=level,
        mem_level=mem_level,
    )


def inflate(decompressor: Decompressor, data: bytes, limit: int = LIMIT) -> bytes:
    """A whole message at once."""
    output = decompressor.decompress(data, limit=limit)
    return output + decompressor.finish(limit=limit - len(output))


def deflate_raw(payload: bytes, *flushes: int, bits: int = 15) -> bytes:
    """`payload` once for each way to flush, as zlib writes it."""
    deflater = zlib.compressobj(6, zlib.DEFLATED, -bits)
    return b"".join(deflater.compress(payload) + deflater.flush(flush) for flush in flushes)


def messages() -> list[bytes]:
    """Short, long, repetitive and random ones, some that refer far back into earlier ones."""
    noise = random.Random(7692).randbytes(20_000)
    return [b"", b"a", TEXT, TEXT, noise, TEXT, noise, b"", noise[:9_000] + TEXT, bytes(100_000), b"x", noise]


# Round trips.


@pytest.mark.parametrize("takeover", [True, False], ids=["takeover", "no takeover"])
@pytest.mark.parametrize("bits", range(9, 16))
def test_messages_survive(bits: int, takeover: bool) -> None:
    agreed = parameters(bits, takeover=takeover)
    compressor, decompressor = Compressor(agreed), Decompressor(agreed)
    for message in messages():
        assert inflate(decompressor, compressor.compress(message)) == message


@pytest.mark.parametrize("level", range(1, 10))
@pytest.mark.parametrize("mem_level", [1, 5, 9])
def test_messages_survive_every_effort(level: int, mem_level: int) -> None:
    agreed = parameters(12, level=level, mem_level=mem_level)
    compressor, decompressor = Compressor(agreed), Decompressor(agreed)
    for message in messages():
        assert inflate(decompressor, compressor.compress(message)) == message


@pytest.mark.parametrize(("sent", "received"), list(itertools.combinations_with_replacement(range(9, 16), 2)))
def test_a_smaller_window_than_agreed_may_be_used(sent: int, received: int) -> None:
    compressor, decompressor = Compressor(parameters(sent)), Decompressor(parameters(received))
    for message in messages():
        assert inflate(decompressor, compressor.compress(message)) == message


def test_the_four_bytes_of_the_tail_do_not_travel() -> None:
    assert Compressor(parameters()).compress(b"Hello") == HELLO


@pytest.mark.parametrize("takeover", [True, False])
def test_an_empty_message_is_one_byte_wherever_it_stands(takeover: bool) -> None:
    compressor = Compressor(parameters(takeover=takeover))
    assert compressor.compress(b"") == b"\x00"
    assert compressor.compress(b"") == b"\x00"
    compressor.compress(TEXT)
    assert compressor.compress(b"") == b"\x00"


def test_takeover_makes_repeated_messages_small() -> None:
    kept, forgotten = Compressor(parameters()), Compressor(parameters(takeover=False))
    first = kept.compress(TEXT)
    assert len(kept.compress(TEXT)) < len(first) // 3
    assert forgotten.compress(TEXT) == forgotten.compress(TEXT)


def test_without_takeover_nothing_is_kept_between_messages() -> None:
    compressor = Compressor(parameters(takeover=False))
    decompressor = Decompressor(parameters(takeover=False))
    inflate(decompressor, compressor.compress(TEXT))
    assert compressor._deflater is None
    assert decompressor._inflater is None


def test_an_idle_pair_takes_no_memory_of_zlib() -> None:
    tracemalloc.start()
    try:
        pairs = [(Compressor(parameters()), Decompressor(parameters())) for _ in range(100)]
        size, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert all(compressor._deflater is None for compressor, _ in pairs)
    assert all(decompressor._inflater is None for _, decompressor in pairs)
    assert size / len(pairs) < 1024


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=5)), max_size=5), st.booleans()
)
def test_a_message_may_be_split_anywhere(plan: list[tuple[bytes, list[int]]], takeover: bool) -> None:
    agreed = parameters(9, takeover=takeover)
    compressor, decompressor = Compressor(agreed), Decompressor(agreed)
    for message, cuts in plan:
        data = compressor.compress(message)
        edges = sorted(min(cut, len(data)) for cut in cuts)
        pieces = [data[begin:end] for begin, end in itertools.pairwise([0, *edges, len(data)])]
        room = len(message)
        output = b""
        for piece in pieces:
            output += decompressor.decompress(piece, limit=room - len(output))
        assert output + decompressor.finish(limit=room - len(output)) == message


def test_a_large_message_in_tiny_pieces_takes_linear_time() -> None:
    message = random.Random(1).randbytes(MIB)
    data = Compressor(parameters()).compress(message)
    decompressor = Decompressor(parameters())
    began = time.process_time()
    output = [decompressor.decompress(data[at : at + 16], limit=LIMIT) for at in range(0, len(data), 16)]
    output.append(decompressor.finish(limit=LIMIT))
    assert time.process_time() - began < 5
    assert b"".join(output) == message


# What others may send (RFC 7692 section 7.2.3).


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(HELLO, id="one block"),
        pytest.param(bytes.fromhex("000500faff48656c6c6f00"), id="stored block"),
        pytest.param(bytes.fromhex("f248050000 00ffffcac9c90700".replace(" ", "")), id="two blocks"),
        pytest.param(bytes.fromhex("f348cdc9c9070000"), id="final block"),
        pytest.param(bytes.fromhex("f348cdc9c90700"), id="final block without what pads it"),
        pytest.param(deflate_raw(b"Hello", zlib.Z_FULL_FLUSH)[:-4], id="full flush"),
    ],
)
def test_hello_may_be_written_in_many_ways(data: bytes) -> None:
    decompressor = Decompressor(parameters())
    for _ in range(3):
        assert inflate(decompressor, data) == b"Hello"


def test_a_window_is_shared_with_the_message_before() -> None:
    decompressor = Decompressor(parameters())
    assert inflate(decompressor, HELLO) == b"Hello"
    assert inflate(decompressor, bytes.fromhex("f200110000")) == b"Hello"


@pytest.mark.parametrize("split", range(9))
def test_messages_after_a_final_block_are_read(split: int) -> None:
    data = bytes.fromhex("f348cdc9c9070000")
    decompressor = Decompressor(parameters())
    for _ in range(3):
        output = decompressor.decompress(data[:split], limit=5)
        output += decompressor.decompress(data[split:], limit=5 - len(output))
        assert output + decompressor.finish(limit=0) == b"Hello"
        assert inflate(decompressor, HELLO) == b"Hello"


def test_what_follows_a_final_block_in_a_message_is_read() -> None:
    final = deflate_raw(b"Hello", zlib.Z_FINISH)
    decompressor = Decompressor(parameters())
    assert inflate(decompressor, final + final + HELLO) == b"Hello" * 3
    assert inflate(decompressor, final * 16) == b"Hello" * 16
    assert inflate(decompressor, HELLO) == b"Hello"


def test_final_blocks_without_end_are_refused_quickly() -> None:
    decompressor = Decompressor(parameters())
    began = time.process_time()
    with pytest.raises(RemoteProtocolError, match="final blocks") as caught:
        decompressor.decompress(b"\x03\x00" * (4 * MIB), limit=LIMIT)
    assert time.process_time() - began < 1
    assert caught.value.code == 1007


def test_final_blocks_are_counted_per_message_over_all_its_pieces() -> None:
    decompressor = Decompressor(parameters())
    for _ in range(3):
        for _ in range(16):
            decompressor.decompress(b"\x03\x00", limit=0)
        decompressor.finish(limit=0)
    with pytest.raises(RemoteProtocolError, match="final blocks"):
        for _ in range(17):
            decompressor.decompress(b"\x03\x00", limit=0)


# The limit.


def test_as_many_bytes_as_the_limit_may_come_out() -> None:
    data = Compressor(parameters()).compress(bytes(1000))
    assert inflate(Decompressor(parameters()), data, limit=1000) == bytes(1000)
    with pytest.raises(FrameTooBigError) as caught:
        inflate(Decompressor(parameters()), data, limit=999)
    assert (caught.value.size, caught.value.limit) == (1000, 999)


def test_a_limit_of_zero_lets_an_empty_message_pass() -> None:
    assert inflate(Decompressor(parameters()), b"\x00", limit=0) == b""
    with pytest.raises(FrameTooBigError):
        inflate(Decompressor(parameters()), HELLO, limit=0)


def test_the_largest_limit_there_is_is_none() -> None:
    for limit in (sys.maxsize, 2**64):
        assembler = Assembler(max_message_size=limit, deflate=parameters(), raw=False)
        assembler.begin(Header(True, True, BINARY, len(HELLO), None))
        assembler.add(HELLO)
        assert assembler.end(True) == BinaryFrame(b"Hello")


def test_the_limit_counts_what_follows_a_final_block() -> None:
    final = deflate_raw(b"Hello", zlib.Z_FINISH)
    assert inflate(Decompressor(parameters()), final + final, limit=10) == b"Hello" * 2
    with pytest.raises(FrameTooBigError):
        inflate(Decompressor(parameters()), final + final, limit=9)


def test_the_size_of_what_was_too_big_counts_what_stood_before_a_final_block() -> None:
    final = deflate_raw(b"Hello", zlib.Z_FINISH)
    with pytest.raises(FrameTooBigError) as caught:
        Decompressor(parameters()).decompress(final + final, limit=7)
    assert (caught.value.size, caught.value.limit) == (8, 7)


@pytest.fixture(scope="module")
def bomb() -> bytes:
    """A MiB that would become a GiB."""
    deflater = zlib.compressobj(9, zlib.DEFLATED, -15, 9)
    zeros = bytes(MIB)
    return b"".join([deflater.compress(zeros) for _ in range(1024)] + [deflater.flush(zlib.Z_SYNC_FLUSH)])[:-4]


@pytest.mark.parametrize("pieces", [1, 100])
@pytest.mark.time_limit(60)
def test_a_bomb_costs_no_more_than_the_limit(bomb: bytes, pieces: int) -> None:
    assert len(bomb) <= 1.1 * MIB
    step = -(-len(bomb) // pieces)
    decompressor = Decompressor(parameters())
    room = LIMIT
    tracemalloc.start()
    began = time.process_time()
    try:
        with pytest.raises(FrameTooBigError):
            for at in range(0, len(bomb), step):
                room -= len(decompressor.decompress(bomb[at : at + step], limit=room))
        taken = time.process_time() - began
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak <= 2 * LIMIT + 3 * MIB
    assert taken < 1


# What is wrong.


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"\xff" * 5, id="reserved block type"),
        pytest.param(b"\x00\x05\x00\x05\x00Hello", id="stored block whose lengths differ"),
        pytest.param(b"\x62\x00\x42\x00", id="distance beyond the beginning"),
        pytest.param(b"\xed\xff\xff\xff\xff\xff", id="bad code lengths"),
        pytest.param(deflate_raw(b"Hello", zlib.Z_FINISH) + b"\xff\xff", id="garbage after a final block"),
    ],
)
def test_garbage_is_refused(data: bytes) -> None:
    decompressor = Decompressor(parameters())
    with pytest.raises(RemoteProtocolError) as caught:
        inflate(decompressor, data)
    assert caught.value.code == 1007


@pytest.mark.parametrize("takeover", [True, False])
@pytest.mark.parametrize(
    "data",
    [
        pytest.param(HELLO, id="fixed codes"),
        pytest.param(Compressor(parameters()).compress(TEXT * 5), id="dynamic codes"),
        pytest.param(bytes.fromhex("000500faff48656c6c6f00"), id="stored"),
        pytest.param(deflate_raw(b"Hello", zlib.Z_FINISH), id="final"),
        pytest.param(b"\x00", id="empty"),
    ],
)
def test_a_message_that_is_cut_off_anywhere_is_refused(data: bytes, takeover: bool) -> None:
    for end in range(len(data)):
        if data[:end] == b"\x00":
            continue  # that is an empty message
        decompressor = Decompressor(parameters(takeover=takeover))
        with pytest.raises(RemoteProtocolError) as caught:
            inflate(decompressor, data[:end])
        assert caught.value.code == 1007


def test_a_window_larger_than_agreed_is_refused() -> None:
    noise = random.Random(3).randbytes(2000)
    compressor = Compressor(parameters(15))
    data = [compressor.compress(noise) for _ in range(2)]
    enough, small = Decompressor(parameters(15)), Decompressor(parameters(9))
    assert [inflate(enough, piece) for piece in data] == [noise, noise]
    inflate(small, data[0])
    with pytest.raises(RemoteProtocolError) as caught:
        inflate(small, data[1])
    assert caught.value.code == 1007


def test_a_window_that_was_to_be_forgotten_cannot_be_used() -> None:
    compressor = Compressor(parameters())
    decompressor = Decompressor(parameters(takeover=False))
    inflate(decompressor, compressor.compress(TEXT))
    with pytest.raises(RemoteProtocolError) as caught:
        inflate(decompressor, compressor.compress(TEXT))
    assert caught.value.code == 1007


@pytest.mark.parametrize("data", [b"\xff" * 5, HELLO], ids=["garbage", "too big"])
def test_after_an_error_nothing_is_inflated(data: bytes) -> None:
    decompressor = Decompressor(parameters())
    with pytest.raises((RemoteProtocolError, FrameTooBigError)):
        decompressor.decompress(data, limit=1)
    for _ in range(2):
        with pytest.raises(RemoteProtocolError):
            decompressor.decompress(HELLO, limit=LIMIT)
        with pytest.raises(RemoteProtocolError):
            decompressor.finish(limit=LIMIT)


def test_after_a_message_that_was_cut_off_nothing_is_inflated() -> None:
    decompressor = Decompressor(parameters())
    with pytest.raises(RemoteProtocolError):
        inflate(decompressor, HELLO[:-1])
    with pytest.raises(RemoteProtocolError):
        decompressor.decompress(HELLO, limit=LIMIT)


@settings(deadline=None)
@given(st.lists(st.one_of(st.binary(max_size=40), st.just(HELLO)), max_size=6), st.integers(0, 50), st.booleans())
def test_any_bytes_are_a_message_or_an_error_of_ours(pieces: list[bytes], limit: int, takeover: bool) -> None:
    decompressor = Decompressor(parameters(9, takeover=takeover))
    try:
        for piece in pieces:
            assert len(inflate(decompressor, piece, limit)) <= limit
    except (RemoteProtocolError, FrameTooBigError):
        return


@settings(deadline=None)
@given(st.binary(min_size=1, max_size=60), st.binary(max_size=200))
def test_where_we_see_the_end_of_a_message_zlib_sees_one(data: bytes, message: bytes) -> None:
    """A message that passes is a whole DEFLATE stream once a final block is added."""
    for candidate in (data, Compressor(parameters()).compress(message)[: len(data)]):
        try:
            output = inflate(Decompressor(parameters()), candidate)
        except RemoteProtocolError:
            continue
        if candidate:
            inflater = zlib.decompressobj(-15)
            expected = inflater.decompress(candidate)
            if not inflater.eof:
                expected += inflater.decompress(TAIL + b"\x03\x00")
                assert inflater.eof
                assert output == expected


# Where the stream stands.


@pytest.mark.skipif(not compiled, reason="the plain form does not look")
@pytest.mark.skipif(sys.version_info >= (3, 14), reason="another Python may keep its inflater in another way")
def test_this_python_tells_where_zlib_stands() -> None:
    assert POSITION_IS_TOLD


@pytest.mark.parametrize("told", [True, False])
def test_where_it_is_not_told_a_copy_is_asked(told: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inflating, "POSITION_IS_TOLD", told and POSITION_IS_TOLD)
    for takeover in (True, False):
        agreed = parameters(takeover=takeover)
        compressor, decompressor = Compressor(agreed), Decompressor(agreed)
        for message in messages():
            assert inflate(decompressor, compressor.compress(message)) == message
        with pytest.raises(RemoteProtocolError):
            inflate(decompressor, compressor.compress(TEXT)[:-4])


@pytest.mark.skipif(not compiled, reason="the plain form does not look")
@settings(deadline=None)
@given(st.binary(max_size=200), st.sampled_from([zlib.Z_SYNC_FLUSH, zlib.Z_FULL_FLUSH, zlib.Z_FINISH]), st.data())
def test_what_is_looked_up_is_what_a_copy_can_read(message: bytes, flush: int, data: st.DataObject) -> None:
    stream = deflate_raw(message, flush)
    end = data.draw(st.integers(0, len(stream)))
    for tail in (b"", TAIL, b"\x00" + TAIL, data.draw(st.binary(max_size=4))):
        inflater = zlib.decompressobj(-15)
        try:
            inflater.decompress(stream[:end] + tail)
        except zlib.error:
            continue
        if position(inflater) == BETWEEN_BLOCKS:
            assert can_read_final_block(inflater)
        elif tail == TAIL:
            assert not can_read_final_block(inflater)


# The settings.


def test_the_settings_have_defaults() -> None:
    assert Deflate() == Deflate(
        client_max_window_bits=None,
        server_max_window_bits=None,
        client_no_context_takeover=False,
        server_no_context_takeover=False,
        level=6,
        mem_level=5,
        min_size=64,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[(name, value) for name in ("client_max_window_bits", "server_max_window_bits") for value in (8, 16, 0, True)],
        ("client_max_window_bits", "12"),
        ("level", 0),
        ("level", 10),
        ("level", -1),
        ("level", None),
        ("mem_level", 0),
        ("mem_level", 10),
        ("min_size", -1),
        ("min_size", 1.5),
    ],
)
def test_a_setting_out_of_its_range_is_refused(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=name):
        Deflate(**{name: value})
