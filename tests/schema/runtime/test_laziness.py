"""A program that uses a client loads no more than the client needs."""

from __future__ import annotations

import subprocess
import sys
from typing import get_origin

import pytest

import typedws.schema

TOOLS = ["emit", "building", "document", "exporting", "linting", "mocking", "generating", "samples"]


def run(program: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=30
    ).stdout


def test_the_runtime_loads_neither_models_nor_tools() -> None:
    loaded = run("import sys, typedws.schema; print(*sys.modules)").split()
    assert not {"pydantic", "cbor2", "ruamel", "ruamel.yaml"} & set(loaded)
    assert not [name for name in loaded if name.startswith(tuple(f"typedws.schema.{tool}" for tool in TOOLS))]


def test_a_client_without_pydantic_loads_none() -> None:
    program = "import sys; sys.path.insert(0, '.'); import tests.schema.runtime.prices as p; print(*sys.modules)"
    assert "pydantic" not in run(program).split()


@pytest.mark.parametrize("name", typedws.schema.__all__)
def test_every_name_is_there_and_explains_itself(name: str) -> None:
    value = getattr(typedws.schema, name)
    assert get_origin(value) is not None or value.__doc__  # an alias of types has no words of its own
    assert name in dir(typedws.schema)


def test_another_name_is_none() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        getattr(typedws.schema, "nonsense")  # noqa: B009 - a type checker knows that there is none
