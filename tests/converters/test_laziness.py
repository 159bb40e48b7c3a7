"""pydantic and cbor2 are imported when a value needs them, and not before."""

from __future__ import annotations

import subprocess
import sys

import pytest

SETUP = """
import sys
import msgspec
from typing import Any
from typedws.converters import CBORConverter, JSONConverter, MsgPackConverter, PydanticConverter
from typedws.converters import adapters, base, cache, carrier, failures, finite, formats, hooks, inspection, mixed
from typedws.converters import cbor_tags, cbor_trees, model_errors, msgpack_keys

class Tick(msgspec.Struct):
    price: float

def loaded():
    return sorted({"pydantic", "pydantic_core", "cbor2", "annotated_types", "attrs"} & sys.modules.keys())

converters = [CBORConverter(), JSONConverter(), MsgPackConverter(), PydanticConverter()]
"""

CASES = {
    "import": ("", "[]"),
    "json": ("c = converters[1]; c.deserialize(c.serialize(Tick(1.5)), Tick | None)", "[]"),
    "msgpack": ("c = converters[2]; c.deserialize(c.serialize([Tick(1.5)]), list[Any])", "[]"),
    "json error": (
        "from typedws.errors import DeserializeError\n"
        "c = converters[1]\n"
        "try: c.deserialize(c.serialize('x'), Tick)\n"
        "except DeserializeError: pass",
        "[]",
    ),
    "cbor": ("c = converters[0]; c.deserialize(c.serialize(Tick(1.5)), Tick)", "['cbor2']"),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_not_used_is_not_imported(case: str) -> None:
    code, expected = CASES[case]
    done = subprocess.run(
        [sys.executable, "-c", f"{SETUP}\n{code}\nprint(loaded())"], capture_output=True, text=True, timeout=30
    )
    assert (done.stdout.strip(), done.stderr) == (expected, "")
