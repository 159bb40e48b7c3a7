"""`typedws export`: finding the object, choosing the format, and errors that say what to do."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from typedws import SchemaError
from typedws.schema.exporting.command import export_command, find_api

MODULE = """
from msgspec import Struct
from typing import Never
from typedws.schema.exporting import Api, Channel

class Trade(Struct, tag="trade"):
    price: float

api = Api("Prices", "1.0.0", channels=[Channel("prices", address="/", incoming=Never, outgoing=Trade)])
other = 3

def make():
    return api

def broken():
    raise RuntimeError("no")

class Holder:
    api = api
"""

numbers = count()


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The name of a module in the current directory."""
    monkeypatch.chdir(tmp_path)
    name = f"channels_of_test_{next(numbers)}"
    Path(tmp_path, f"{name}.py").write_text(MODULE)
    yield name
    sys.modules.pop(name, None)


def test_the_object_is_named_or_the_only_one(module: str) -> None:
    path = list(sys.path)
    for target in (f"{module}:api", module, f"{module}:make", f"{module}:Holder.api"):
        assert find_api(target).title == "Prices"
    assert sys.path == path


def test_the_ending_of_the_file_decides(module: str, tmp_path: Path) -> None:
    text = export_command(f"{module}:api", tmp_path / "a.yaml")
    assert text.startswith("asyncapi: 3.1.0\n")
    assert (tmp_path / "a.yaml").read_text() == text == export_command(f"{module}:api")
    assert json.loads(export_command(f"{module}:api", tmp_path / "A.JSON"))["asyncapi"] == "3.1.0"


def test_errors_say_what_to_do(module: str, tmp_path: Path) -> None:
    (tmp_path / "fails.py").write_text("1 / 0")
    (tmp_path / "needs.py").write_text("import a_module_that_is_not_there")
    (tmp_path / "empty.py").write_text("")
    for target, message in (
        (f"{module}:nothing", f"the module {module} has no 'nothing'; it has api"),
        (f"{module}:other", "is no Api, but of type int"),
        (f"{module}:broken", "failed with RuntimeError: no"),
        (f"{module}:Holder", "is no Api, but of type type"),
        ("no_such_module_here:api", "there is no module no_such_module_here"),
        ("channels.py:api", "give MODULE:OBJECT"),
        (":api", "give MODULE:OBJECT"),
        ("fails:api", "importing fails failed with ZeroDivisionError"),
        ("needs", "importing needs failed: No module named 'a_module_that_is_not_there'"),
        ("empty", "the module empty has no Api"),
    ):
        with pytest.raises(SchemaError) as caught:
            export_command(target)
        assert message in str(caught.value)
    for name in ("fails", "needs", "empty"):
        sys.modules.pop(name, None)


def test_a_file_that_cannot_be_written_is_an_error(module: str, tmp_path: Path) -> None:
    for name, message in (
        ("a.txt", "a .yaml, .yml or .json file"),
        ("a", "a .yaml"),
        ("no/a.json", "cannot be written"),
    ):
        with pytest.raises(SchemaError, match=message):
            export_command(f"{module}:api", tmp_path / name)
