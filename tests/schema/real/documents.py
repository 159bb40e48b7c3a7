"""The documents of real APIs, and what is made of each, once for all tests.

They are works of others and no part of the project: tests that need them are skipped where they are missing.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Final

import pytest

from typedws.schema.contract.api import Connection, Direction
from typedws.schema.emit.naming import Models, Names
from typedws.schema.generating import Generated, generate

__all__ = [
    "DOCUMENTS",
    "FOLDER",
    "LARGEST",
    "MODELS",
    "directions",
    "executed",
    "generated",
    "module_name",
    "module_of",
    "needs_documents",
]

ROOT: Final = Path(__file__).parents[3]
FOLDER: Final = ROOT.parent / "shared" / "asyncapi"
MODELS: Final[tuple[Models, ...]] = ("msgspec", "pydantic")


def _found() -> list[str]:
    """By their places below the folder; a folder of its own has a document and the files that it refers to."""
    below = [
        path
        for pattern in ("*.yml", "*.yaml", "*.json", "*/asyncapi*.yml", "*/asyncapi*.yaml", "*/asyncapi*.json")
        for path in FOLDER.glob(pattern)
    ]
    return sorted(path.relative_to(FOLDER).as_posix() for path in below)


DOCUMENTS: Final = _found()
LARGEST: Final = sorted(DOCUMENTS, key=lambda name: (-(FOLDER / name).stat().st_size, name))[:4]

needs_documents: Final = pytest.mark.skipif(not DOCUMENTS, reason="the documents are not here")


@cache
def generated(name: str, models: Models) -> Generated:
    """What is made of a document."""
    return generate(FOLDER / name, models=models)


def module_name(name: str, models: Models) -> str:
    """A name for the module of a document that no other one has."""
    return "real_" + "".join(letter if letter.isalnum() else "_" for letter in name) + f"_{models}"


@cache
def module_of(name: str, models: Models) -> ModuleType:
    """The module of a document; it stays imported, as pydantic looks names up in it later."""
    module = ModuleType(module_name(name, models))
    _execute(module, generated(name, models).text)
    return module


@contextmanager
def executed(text: str, name: str = "executed_module") -> Iterator[ModuleType]:
    """A module of this text, for the length of a block."""
    module = ModuleType(name)
    try:
        _execute(module, text)
        yield module
    finally:
        sys.modules.pop(name, None)


def _execute(module: ModuleType, text: str) -> None:
    sys.modules[module.__name__] = module
    exec(compile(text, f"<{module.__name__}>", "exec", dont_inherit=True), module.__dict__)


def directions(
    made: Generated, module: ModuleType, models: Models
) -> Iterator[tuple[Connection, str, Direction, type, Names]]:
    """Every connection and way of it: the connection, "incoming" or "outgoing", the messages, the class, the names."""
    names = Names(made.contract, models)
    for connection in made.contract.connections:
        cls = getattr(module, names.of(connection.name))
        for way, direction in (("incoming", connection.incoming), ("outgoing", connection.outgoing)):
            yield connection, way, direction, cls, names
