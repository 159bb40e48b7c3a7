"""What telling apart costs: ratios, measured in turns, with room for a busy machine."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from time import perf_counter_ns
from typing import Any

import msgspec
import pytest
from msgspec import Struct

from tests.timing import least
from typedws.frames import TextFrame
from typedws.schema import ByValue, Messages, Only, Tagged


class Body(Struct):
    id: str
    author: str
    channel: str
    content: str
    mentions: list[str]
    position: int


KINDS: dict[str | int, Any] = {
    f"Event{number}": msgspec.defstruct(
        f"Event{number}",
        [("id", str), ("author", str), ("channel", str), ("content", str), ("mentions", list[str]), ("position", int)],
        tag_field="type",
        tag=f"Event{number}",
    )
    for number in range(44)
}
BODY = Body("01H0", "01HA", "01HC", "hello there", ["01HX", "01HY"], 7)
FRAME = TextFrame(msgspec.json.encode({"type": "Event30", **msgspec.structs.asdict(BODY)}))


def ratio(one: Callable[[], object], other: Callable[[], object]) -> float:
    """How many times as long the one takes."""
    found = []
    for _ in range(41):
        before = perf_counter_ns()
        for _ in range(200):
            one()
        between = perf_counter_ns()
        for _ in range(200):
            other()
        found.append((between - before) / (perf_counter_ns() - between))
    return median(found)


@pytest.mark.parametrize(
    ("name", "decision", "most"),
    [
        ("a tagged union of 44", Tagged("type", KINDS), 1.3),
        ("a look at one field", ByValue(("type",), {tag: Only(form) for tag, form in KINDS.items()}), 2.5),
    ],
)
def test_the_cost_over_a_single_struct(name: str, decision: Any, most: float, record_property: Any) -> None:
    codec = Messages[Any](text=decision).codec()
    single = Messages[Any](text=Only(KINDS["Event30"])).codec()
    assert type(codec.decode(FRAME)) is KINDS["Event30"]
    found = least(lambda: ratio(lambda: codec.decode(FRAME), lambda: single.decode(FRAME)), most)
    record_property(f"{name}, times a single Struct", f"{found:.2f}")
    assert found < most
