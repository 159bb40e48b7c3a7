"""What the fuzzer found stays found: its corpus, its seeds and every former finding, through the same properties.

Nothing here needs the fuzzer itself. `scripts/fuzz` looks for more.
"""

from __future__ import annotations

import importlib

import pytest

from fuzz.support.campaign import MAX_CORPUS_BYTES, MAX_CORPUS_FILES
from fuzz.support.reference import read_stream
from fuzz.support.targets import ROOT, TARGETS, Target

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
    assert read_stream(masked, client=False, raw=False, limit=100, frame_limit=100, closing=False).frames == [(1, b"Hello", True)]
    assert read_stream(masked, client=True, raw=False, limit=100, frame_limit=100, closing=False).violation == 1002
