"""Text that matches regular expressions."""

from __future__ import annotations

import re

import pytest

from typedws.schema.samples import text_matching
from typedws.schema.samples.chance import Chance

PATTERNS = [
    r"^[A-Z]{3}-[A-Z]{3}$",
    r"^\d+(\.\d{1,8})?$",
    r"^0x[0-9a-fA-F]{40}$",
    r"(foo|ba[rz])+",
    r"^(?=.*\d)(?=.*[a-z]).{8,12}$",
    r"^(?P<half>\w+)-(?P=half)$",
    r"[^a-z]",
    r"^[\w.-]+@[\w-]+\.[a-z]{2,}$",
    r"^(?!abc)\w{3}$",
    r"\bword\b",
    r"^$",
    r"(?i)abc",
    r"^[^\s]+$",
    r"^[\u4e00-\u9fff]+$",
    r"^(?:[01]\d|2[0-3]):[0-5]\d$",
    r"^(a|b)?(?(1)c|d)$",
    r"^(?>ab+)c*+$",
    r"^\S+? \D\W$",
]


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("seed", range(5))
def test_text_matches_its_pattern(pattern: str, seed: int) -> None:
    text = text_matching(pattern, Chance(seed))
    assert text is not None
    assert re.search(pattern, text)


def test_text_is_as_long_as_it_shall_be() -> None:
    for seed in range(20):
        text = text_matching(r"^[a-z]+(-\d+)*$", Chance(seed), min_length=12, max_length=15)
        assert text is not None
        assert 12 <= len(text) <= 15


def test_what_is_not_anchored_is_padded() -> None:
    text = text_matching(r"^x", Chance(0), min_length=30)
    assert text is not None
    assert len(text) == 30


@pytest.mark.parametrize("pattern", ["(", "a{1000000000}", "((a{100}){100}){100}", r"a(?<!a)", r"^ab$"])
def test_what_cannot_be_made_is_said(pattern: str) -> None:
    assert text_matching(pattern, Chance(0), min_length=3) is None


def test_a_seed_makes_the_same_text() -> None:
    pattern = r"^[a-z0-9]{20}$"
    assert text_matching(pattern, Chance(7)) == text_matching(pattern, Chance(7))
    assert text_matching(pattern, Chance(7)) != text_matching(pattern, Chance(8))


def test_chance_is_the_same_on_every_version_of_python() -> None:
    chance = Chance(42)
    assert [chance.below(100) for _ in range(5)] == [63, 2, 27, 22, 73]
