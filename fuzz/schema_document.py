"""The text of an AsyncAPI document: a client module that can be imported, or a `SchemaError` that says where."""

from __future__ import annotations

import itertools
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Final

from fuzz.support.pieces import decisions
from typedws.errors import SchemaError
from typedws.schema.generating import Generated, Models, generate

__all__ = ["check"]

MODELS: Final[tuple[Models, ...]] = ("msgspec", "pydantic")
NAMES: Final = ("api.yaml", "api.json", "api")
NOWHERE: Final = os.path.join(tempfile.gettempdir(), "typedws-fuzz-no-such-folder")
"""A folder that does not exist, so that no reference finds a file."""

NUMBERS: Final = itertools.count()


def check(data: bytes) -> None:
    """A refusal has a place; a module is valid, can be imported, and stays as it is when it is generated again."""
    chance = decisions(data)
    models = chance.choice(MODELS)
    source = os.path.join(NOWHERE, chance.choice(NAMES))
    made: Generated | SchemaError
    try:
        made = generate(source, text=data, models=models)
    except SchemaError as error:
        made = error
    if isinstance(made, SchemaError):
        check_refusal(made)
        return
    check_module(made)
    if chance.random() < 0.2:
        assert generate(source, text=data, models=models, previous=made.text).text == made.text


def check_refusal(error: SchemaError) -> None:
    """It names the document and a place in it, in a text that can be printed."""
    assert error.document is not None
    assert error.pointer is not None
    assert error.line is None or error.line >= 1
    text = str(error)
    text.encode()
    assert len(text) < 2000


def check_module(made: Generated) -> None:
    """The text can be written to a file and imported, without a warning."""
    made.text.encode()
    for finding in made.findings:
        str(finding).encode()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with executed(made.text) as module:
            assert module.__doc__


@contextmanager
def executed(text: str) -> Iterator[ModuleType]:
    """A module of this text, for the length of a block."""
    module = ModuleType(f"fuzzed_{next(NUMBERS)}")
    sys.modules[module.__name__] = module  # where pydantic and msgspec look names up
    try:
        exec(compile(text, f"<{module.__name__}>", "exec", dont_inherit=True), module.__dict__)
        yield module
    finally:
        del sys.modules[module.__name__]
