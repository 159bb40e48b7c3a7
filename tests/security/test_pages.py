"""Every line of docs/security.md and docs/guarantees.md that promises something names tests, and they are there."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import typedws
from tests.security.amplification import CASES
from typedws.redaction import shown_value

ROOT = Path(__file__).parent.parent.parent
PAGES = [ROOT / "docs" / "security.md", ROOT / "docs" / "guarantees.md"]
LINK = re.compile(r"\[`(test_\w+)`\]\(([^)]+)\)")


def functions(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def tables(page: Path) -> Iterator[list[list[str]]]:
    """The tables of a page, row by row, cell by cell, the line below their heads left out."""
    for found in re.findall(r"(?:^\|.*\|\n)+", page.read_text(encoding="utf-8"), re.MULTILINE):
        rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in found.splitlines()]
        yield [rows[0], *rows[2:]]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_each_test_that_a_page_names_is_there(page: Path) -> None:
    links = LINK.findall(page.read_text(encoding="utf-8"))
    assert len(links) > 50
    missing = [name for name, target in links if name not in functions(page.parent / target)]
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_each_line_of_a_promise_names_a_test(page: Path) -> None:
    promises = [row for table in tables(page) for row in table[1:] if table[0][-1] == "Held by"]
    assert len(promises) > 40
    assert not [row[0] for row in promises if not LINK.search(row[-1])]


def test_each_layer_has_its_threats_by_stride() -> None:
    threats = [table for table in tables(PAGES[0]) if table[0][1:] == ["Threat", "What holds against it", "Held by"]]
    assert len(threats) == 9
    for table in threats:
        letters = [row[0] for row in table[1:]]
        assert letters == sorted(letters, key="STRIDE".index)


def test_each_message_that_is_measured_is_in_the_table() -> None:
    measured = [table[1:] for table in tables(PAGES[0]) if table[0][0] == "Converter"]
    assert [row[:2] for row in measured[0]] == [[case.converter, case.what] for case in CASES]
    for case, row in zip(CASES, measured[0], strict=True):
        assert float(row[2]) < case.most, case


def test_the_fields_that_are_said_to_be_shown_are() -> None:
    text = PAGES[0].read_text(encoding="utf-8")
    listed = re.search(r"known to hold none: (.*?)and their like", text, re.DOTALL)
    assert listed is not None
    names = re.findall(r"`([\w-]+)`", listed[1])
    assert len(names) > 10
    for name in names:
        assert shown_value(f"Sec-WebSocket{name}" if name.startswith("-") else name, "x") == "x"


def test_the_figures_of_memory_are_those_of_the_settings() -> None:
    config = typedws.SessionConfig()
    text = PAGES[1].read_text(encoding="utf-8")
    sizes = [config.incoming_bytes >> 20, config.max_message_size >> 20]
    assert "({} MiB and {} MiB) that is {} MiB".format(*sizes, sizes[0] + 2 * sizes[1]) in text
    due = inspect.signature(typedws.SessionConfig).parameters
    assert due["ping_interval"].default + due["timeout"].default == 40


def test_the_page_for_reports_names_neither_addresses_nor_days() -> None:
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    assert "@" not in text
    assert "security advisory" in text
    assert "docs/security.md" in text
