"""What generation and telling messages apart may cost."""

from __future__ import annotations

import gc
import json
import statistics
import time
from collections.abc import Callable
from typing import Any, Final

import pytest

from tests.schema.real.documents import FOLDER, LARGEST, MODELS, executed, needs_documents
from tests.timing import least
from typedws import TextFrame
from typedws.converters.json import JSONConverter
from typedws.schema import Messages, Only
from typedws.schema.emit.naming import Models
from typedws.schema.generating import generate

KINDS: Final = 44
ROUNDS: Final = 15
REPEATS: Final = 2000

LONGEST: Final = 3.0
"""Seconds of CPU time for the largest document."""

MOST: Final = 1.3
"""Times what a Struct costs that is expected alone."""


@needs_documents
@pytest.mark.parametrize("models", MODELS)
@pytest.mark.parametrize("name", LARGEST)
def test_the_largest_documents(name: str, models: Models, record_property: Callable[[str, object], None]) -> None:
    taken: list[float] = []
    for _ in range(2):
        start = time.process_time()
        generate(FOLDER / name, models=models)
        taken.append(time.process_time() - start)
        if min(taken) < LONGEST / 2:
            break
    record_property(f"generation of {name} as {models}", f"{min(taken):.2f} s")
    assert min(taken) < LONGEST


def document() -> str:
    """An API with as many tagged messages as a feed of an exchange has."""

    def payload(number: int) -> dict[str, Any]:
        properties = {
            "type": {"const": f"event_{number}"},
            "id": {"type": "integer"},
            "symbol": {"type": "string"},
            "price": {"type": "string"},
            "size": {"type": "number"},
            "levels": {"type": "array", "items": {"type": "array", "items": {"type": "number"}}},
            "note": {"type": ["string", "null"]},
        }
        return {"type": "object", "required": list(properties), "properties": properties}

    return json.dumps({
        "asyncapi": "3.0.0",
        "info": {"title": "Many", "version": "1"},
        "channels": {"feed": {"address": "/", "messages": {f"Event{n}": {"payload": payload(n)} for n in range(KINDS)}}},
        "operations": {"events": {"action": "receive", "channel": {"$ref": "#/channels/feed"}}},
    })  # fmt: skip


def test_a_union_of_44_costs_little_more_than_one_struct(record_property: Callable[[str, object], None]) -> None:
    made = generate("many.json", text=document(), perspective="client", name="Many")
    number = KINDS - 1
    frame = TextFrame(json.dumps({
        "type": f"event_{number}", "id": 4711, "symbol": "BTC-USD", "price": "64000.5", "size": 0.25,
        "levels": [[1.5, 2.5], [3.5, 4.5], [5.5, 6.5]], "note": None,
    }))  # fmt: skip
    with executed(made.text) as module:
        assert len(made.contract.connections[0].incoming.messages) == KINDS
        one = getattr(module, f"Event{number}")
        messages = module.Many.incoming
        converter = JSONConverter()
        assert type(messages.decode(frame)) is one
        assert messages.decode(frame) == converter.deserialize(frame, one)
        alone = Messages[Any](text=Only(one))
        ratio = least(lambda: interleaved(lambda: messages.decode(frame), lambda: alone.decode(frame)), MOST)
    record_property(f"a union of {KINDS} / one Struct", f"{ratio:.2f}")
    assert ratio <= MOST


def interleaved(left: Callable[[], object], right: Callable[[], object]) -> float:
    """How much longer the one takes than the other: the median of rounds that both are in, so that load hits both."""

    def timed(call: Callable[[], object]) -> int:
        start = time.process_time_ns()
        for _ in range(REPEATS):
            call()
        return time.process_time_ns() - start

    timed(left)
    timed(right)
    gc.collect()
    gc.disable()
    try:
        return statistics.median(timed(left) / timed(right) for _ in range(ROUNDS))
    finally:
        gc.enable()
