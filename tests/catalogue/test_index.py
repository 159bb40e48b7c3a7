"""The catalogue has a place for every case, and no row without one."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.catalogue.index import CASES, ELSEWHERE, NOT_PROMISED, TABLES

TESTS = Path(__file__).parents[1]

COVERED = {row.case for table in TABLES.values() for row in table}


@pytest.mark.parametrize("case", CASES)
def test_every_case_has_rows_or_tests_or_a_reason(case: str) -> None:
    assert (case in COVERED or case in ELSEWHERE) != (case in NOT_PROMISED)


@pytest.mark.parametrize("name", TABLES)
def test_every_row_has_an_id_of_its_own_and_belongs_to_a_case(name: str) -> None:
    rows = TABLES[name]
    assert {row.case for row in rows} <= CASES.keys()
    counted = Counter((row.id, getattr(row, "converter", "")) for row in rows)
    assert [id for id, count in counted.items() if count > 1] == []


def test_no_case_is_named_that_is_none() -> None:
    assert {*ELSEWHERE, *NOT_PROMISED} <= CASES.keys()


@pytest.mark.parametrize("place", sorted({place for places in ELSEWHERE.values() for place in places}))
def test_what_is_tested_elsewhere_is_tested_there(place: str) -> None:
    path, name = place.split("::")
    assert f"def {name}(" in (TESTS / path).read_text()
