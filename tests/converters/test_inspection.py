"""What a form is asked about before its first message."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Literal, TypedDict
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.converters.messages import Point, Tick
from typedws.converters.inspection import needed_options


class Side(Enum):
    BUY = "buy"
    SELL = "sell"


class Row(TypedDict):
    cells: list[int]


class Node(msgspec.Struct):
    name: str
    children: list[Node] = []


class Blob(msgspec.Struct):
    raw: bytes


def pass_on(form: Any, value: Any) -> Any:
    return value


OPTIONS = {
    "strict": True,
    "str_keys": True,
    "dec_hook": pass_on,
    "builtin_types": (bytes, bytearray, memoryview),
}


@pytest.mark.parametrize(
    ("form", "needed"),
    [
        (int, set()),
        (Tick, set()),
        (Node, set()),
        (Row, set()),
        (dict[str, list[int | None]], set()),
        (Any, set()),
        (dict[int, str], {"str_keys"}),
        (list[dict[UUID, int]], {"str_keys"}),
        (bytes, {"builtin_types"}),
        (Blob, {"builtin_types"}),
        (list[bytearray | None], {"builtin_types"}),
        (object, {"dec_hook"}),
        (list[Point], {"dec_hook"}),
    ],
    ids=str,
)
def test_options_that_make_no_difference_are_left_out(form: Any, needed: set[str]) -> None:
    assert needed_options(form, OPTIONS).keys() == needed
    assert needed_options(form, {**OPTIONS, "strict": False}).keys() == {*needed, "strict"}


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-3, 2**70)
    | st.floats()
    | st.sampled_from(["buy", "1", "eA==", "2026-11-22", "2026-11-22T17:30:15Z", str(UUID(int=1)), b"buy", b"\0" * 16])
    | st.sampled_from([UUID(int=1), date(2026, 11, 22), datetime(2026, 11, 22), Decimal("1.5")])
)
KEYS = st.sampled_from(["cells", "name", "raw", "1", "buy", b"raw", b"1"])
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=2) | st.sets(KEYS, max_size=2) | st.dictionaries(KEYS, inner, max_size=2),
    max_leaves=5,
)
FORMS: list[Any] = [
    *(int, str, bytes, float, bool, date, datetime, Decimal, UUID, Side, Literal["buy"], Row, Node, Blob, Any, object),
    *(str | bytes | None, list[str], set[str], dict[str, int], dict[str, bytes], dict[int, str], dict[Side, int]),
    *(dict[bytes, int], tuple[str, ...], dict[str, Any], dict[Any, Any], msgspec.Raw, list[UUID | None]),
]


def converted(tree: Any, form: Any, options: dict[str, Any]) -> str:
    try:
        return repr(msgspec.convert(tree, form, **options))
    except Exception as error:
        return repr(error)


@given(TREES, st.sampled_from(FORMS), st.booleans())
def test_without_them_the_same_is_read(tree: Any, form: Any, strict: bool) -> None:
    options = {**OPTIONS, "strict": strict}
    assert converted(tree, form, needed_options(form, options)) == converted(tree, form, options)
