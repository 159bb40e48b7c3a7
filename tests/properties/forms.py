"""The forms in which there is a codec, side by side in one process: what is imported, and its source run as it stands.

Where the codec is compiled, importing it never runs the source. Here the modules of `typedws.protocol` are loaded once
more, from their source and as other module objects, which nothing but these tests gets to see. Data, such as frames and
errors, is shared, so that outcomes can be compared.

Another form is one more entry in `forms()`; whatever makes a `Connection` will do.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

import typedws.protocol
from typedws.protocol.connection import Connection

__all__ = ["Form", "forms", "is_compiled"]

PACKAGE = "typedws.protocol"


@dataclass(frozen=True)
class Form:
    """One form of the codec.

    Attributes:
        name: what it is called.
        connection: makes an end of a connection; the arguments are those of `Connection`.
    """

    name: str
    connection: Callable[..., Connection]

    def __str__(self) -> str:
        return self.name


@cache
def forms() -> tuple[Form, ...]:
    """What is imported, compiled or not, and the source."""
    source: type[Connection] = from_source().Connection
    return Form("compiled" if is_compiled() else "imported", Connection), Form("source", source)


def is_compiled() -> bool:
    """Whether what is imported is compiled. Then the two forms are not the same code."""
    return typedws.protocol.compiled


@cache
def from_source() -> ModuleType:
    """The module `typedws.protocol.connection` and what it imports of its package, run from their source."""
    with set_aside():
        importer = SourceImporter()
        sys.meta_path.insert(0, importer)
        try:
            module = importlib.import_module(f"{PACKAGE}.connection")
        finally:
            sys.meta_path.remove(importer)
    assert module is not sys.modules[f"{PACKAGE}.connection"]
    return module


@contextmanager
def set_aside() -> Iterator[None]:
    """Takes the package's modules out of `sys.modules`, and puts them back."""
    package = sys.modules[PACKAGE]
    before = dict(vars(package))
    modules = {name: module for name, module in sys.modules.items() if name.startswith(f"{PACKAGE}.")}
    for name in modules:
        del sys.modules[name]
    vars(package)["compiled"] = False  # masking asks for it, and then does without C
    try:
        yield
    finally:
        for name in [name for name in sys.modules if name.startswith(f"{PACKAGE}.")]:
            del sys.modules[name]
        sys.modules.update(modules)
        vars(package).clear()
        vars(package).update(before)


class SourceImporter(importlib.abc.MetaPathFinder):
    """Finds modules of the package by their source."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if not name.startswith(f"{PACKAGE}."):
            return None
        [directory] = typedws.protocol.__path__
        file = Path(directory, *name.removeprefix(f"{PACKAGE}.").split(".")).with_suffix(".py")
        loader = importlib.machinery.SourceFileLoader(name, str(file))
        return importlib.util.spec_from_file_location(name, file, loader=loader)
