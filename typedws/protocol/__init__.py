"""The WebSocket protocol, sans-IO: bytes in, events and bytes out (RFC 6455, RFC 7692).

The modules on the path of a message (`HOT`) exist in two forms, made of the same Python source: as they are written,
and compiled by Cython with the help of the `.pxd` beside each. Where the package was built with a C compiler the
compiled form is loaded, all of it; otherwise, or with `TYPEDWS_PLAIN=1` in the environment, the plain one. They do the
same, and the tests of the path run on both.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.machinery import ExtensionFileLoader, ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType
from typing import Final

__all__ = ["HOT", "IN_C", "compiled"]

HOT: Final = (
    "typedws.protocol.codec",
    "typedws.protocol.backlog",
    "typedws.protocol.sending",
    "typedws.protocol.inflating",
    "typedws.protocol.assembly",
    "typedws.protocol.connection",
    "typedws.transport.asyncio_runtime",
    "typedws.inbox",
    "typedws.outbox",
    "typedws.wire",
    "typedws.link",
)
"""The modules that are compiled."""

IN_C: Final = ("typedws.protocol._inflating", "typedws.protocol._landing", "typedws.protocol._masking")
"""The modules that are written in C."""

_ROOT: Final = os.path.dirname(os.path.dirname(__file__))  # pathlib takes as long to import as half of this package


def _place(name: str) -> str:
    """Where a module of the package lies, without its suffix."""
    return os.path.join(_ROOT, *name.split(".")[1:])


class _PlainFinder:
    """Finds the source of a module of `HOT`, whatever else lies beside it."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name not in HOT:
            return None
        from importlib.util import spec_from_file_location  # hardly anyone gets here

        source = f"{_place(name)}.py"
        return spec_from_file_location(name, source, loader=SourceFileLoader(name, source))


def _count_compiled() -> tuple[int, int]:
    """How many of the modules are there in compiled form, and how many there are."""
    names = (*IN_C, *HOT)
    specs = [PathFinder.find_spec(name, [os.path.dirname(_place(name))]) for name in names]
    return sum(spec is not None and isinstance(spec.loader, ExtensionFileLoader) for spec in specs), len(names)


_found, _expected = _count_compiled()

compiled: Final[bool] = os.environ.get("TYPEDWS_PLAIN", "") in ("", "0") and _found == _expected
"""Whether the compiled form is in use."""

if _found and not compiled:
    sys.meta_path.insert(0, _PlainFinder)
