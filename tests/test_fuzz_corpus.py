"""What the fuzzer found stays found: its corpus, its seeds and every former finding, through the same properties.

Nothing here needs the fuzzer itself. `scripts/fuzz` looks for more.
"""

from __future__ import annotations

import importlib

import pytest

from fuzz.support.campaign import MAX_CORPUS_BYTES, MAX_CORPUS_FILES
from fuzz.support.inflating import Messages
from fuzz.support.reference import read_stream
from fuzz.support.targets import ROOT, TARGETS, Target
from fuzz.support.well_formed import is_cbor, is_msgpack

every_target = pytest.mark.parametrize("target", TARGETS.values(), ids=str)


@every_target
@pytest.mark.time_limit(120)
def test_the_property_holds_for_all_that_is_kept(target: Target) -> None:
    failed = []
    for name, data in target.inputs().items():
        try:
            target.check(data)
        except Exception as error:
            failed.append(f"{name}: {type(error).__name__}: {error}")
    assert not failed, "\n".join(failed)


@every_target
def test_seeds_are_no_longer_than_what_is_tried(target: Target) -> None:
    assert target.seeds
    assert max(map(len, target.seeds.values())) <= target.max_length


@every_target
def test_a_corpus_is_small(target: Target) -> None:
    sizes = [len(data) for name, data in target.inputs().items() if name.startswith("corpus ")]
    assert len(sizes) <= MAX_CORPUS_FILES
    assert sum(sizes) <= MAX_CORPUS_BYTES


def test_every_module_is_a_target_and_has_what_a_target_has() -> None:
    modules = {path.stem for path in (ROOT / "fuzz").glob("*.py")} - {"__main__"}
    assert modules == set(TARGETS)
    for name in modules:
        assert importlib.import_module(f"fuzz.{name}").__all__ == ["check"]
    for folder in ("corpus", "findings"):
        assert {path.name for path in (ROOT / "fuzz" / folder).iterdir()} <= modules


def test_the_second_reader_knows_the_example_of_the_rfc() -> None:
    """RFC 6455 section 5.7: it judges the library, so it is judged by the RFC."""
    stream = bytes.fromhex("810548656c6c6f 010348656c 8902abcd 80026c6f 8a0548656c6c6f 880203e8")
    read = read_stream(stream, client=True, raw=False, limit=100, frame_limit=100, closing=False)
    assert read.frames == [(1, b"Hello", True), (1, b"Hello", True)]
    assert read.pings == [b"\xab\xcd"]
    assert read.pongs == [b"Hello"]
    assert read.close == (1000, "")
    assert read.violation is None
    masked = bytes.fromhex("818537fa213d7f9f4d5158")
    assert read_stream(masked, client=False, raw=False, limit=100, frame_limit=100, closing=False).frames == [
        (1, b"Hello", True)
    ]
    assert read_stream(masked, client=True, raw=False, limit=100, frame_limit=100, closing=False).violation == 1002


@pytest.mark.parametrize(
    ("payload", "cbor", "msgpack"),
    [
        ("f6", True, True),
        ("83010203", True, False),
        ("93010203", False, True),
        ("9f0102ff", True, False),
        ("bf6161 01ff", True, False),
        ("bf6161ff", False, False),
        ("5f420102 4103ff", True, False),
        ("5f6161ff", False, False),
        ("d81c00", True, False),
        ("f818", False, False),
        ("d6ff00000000", False, True),
        ("c703ff010203", False, True),
        ("c703ff0102", False, False),
        ("a1ff", False, False),
        ("0000", False, False),
        ("", False, False),
        ("ff", False, True),
        ("c1", False, False),
        ("82a1610102", False, False),
        ("82a1610102 03", True, True),
    ],
)
def test_the_second_look_at_payloads_sees_what_is_well_formed(payload: str, cbor: bool, msgpack: bool) -> None:
    data = bytes.fromhex(payload)
    assert (is_cbor(data), is_msgpack(data)) == (cbor, msgpack)


def test_the_second_reader_inflates_the_examples_of_the_rfc() -> None:
    """RFC 7692 section 7.2.3."""
    read = Messages(window_bits=15, forgets=False, limit=100, raw=False)
    for payload in ("f248cdc9c90700", "f200110000", "000500faff48656c6c6f00", "f348cdc9c9070000"):
        read.take(1, bytes.fromhex(payload), fin=True, rsv1=True)
    assert read.frames == [(1, b"Hello", True)] * 4
    read.take(1, b"\xff", fin=True, rsv1=True)
    assert read.violation == 1007
