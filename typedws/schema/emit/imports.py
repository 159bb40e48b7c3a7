"""What the module imports: exactly what was asked for while it was written, in the order of `ruff check --select I`."""

from __future__ import annotations

import re

from typedws.schema.emit.layout import fits

__all__ = ["Imports", "export_order"]

_MODULES = {"dt.datetime", "dt.date", "dt.time"}


class Imports:
    """Collects imports.

    Args:
        library: the library of the models.
    """

    def __init__(self, library: str) -> None:
        self._library = library
        self._datetime = False
        self._from: dict[str, set[str]] = {}

    def add(self, module: str, name: str) -> None:
        """`from module import name`"""
        self._from.setdefault(module, set()).add(name)

    def typing(self, name: str) -> None:
        """`from typing import name`"""
        self.add("typing", name)

    def models(self, name: str) -> None:
        """A name of the library of the models."""
        self.add(self._library, name)

    def runtime(self, name: str) -> str:
        """A name of `typedws.schema`; is returned as it is."""
        self.add("typedws.schema", name)
        return name

    def annotation(self, name: str) -> None:
        """What stands for a scalar."""
        if name in _MODULES:
            self._datetime = True
        elif name == "UUID":
            self.add("uuid", name)
        elif name == "Any":
            self.typing(name)

    def lines(self) -> list[str]:
        """The import statements."""
        standard = {name for name in self._from if name not in {self._library, "typedws.schema"}}
        written = ["from __future__ import annotations", ""]
        if self._datetime:
            written.append("import datetime as dt")
        for module in sorted(standard):
            written.extend(self._statement(module))
        if self._datetime or standard:
            written.append("")
        if self._library in self._from:
            written.extend([*self._statement(self._library)])
        written.extend(self._statement("typedws.schema"))
        return written

    def _statement(self, module: str) -> list[str]:
        names = sorted(self._from.get(module, ()), key=_order)
        if not names:
            return []
        line = f"from {module} import {', '.join(names)}"
        if fits(line):
            return [line]
        return [f"from {module} import (", *(f"    {name}," for name in names), ")"]


def _order(name: str) -> tuple[int, str]:
    return (_kind(name), name.lower())


def export_order(name: str) -> tuple[object, ...]:
    """The order of names in `__all__`: numbers in them count as numbers."""
    runs = re.findall(r"\d+|\D", name)
    return (_kind(name), [(0, int(run), "") if run.isdecimal() else (1, 0, run) for run in runs])


def _kind(name: str) -> int:
    # Constants first, then classes, then the rest.
    return 0 if name.isupper() and len(name) > 1 else 1 if name[0].isupper() else 2
