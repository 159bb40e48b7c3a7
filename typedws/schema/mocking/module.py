"""The module that would be generated for a contract, made in memory."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from itertools import count
from types import ModuleType

from typedws.schema.contract.api import Contract
from typedws.schema.emit.module import emit

__all__ = ["module_for"]

_numbers = count(1)


@contextmanager
def module_for(contract: Contract) -> Generator[ModuleType]:
    """The module, which can be found by its name inside the block: annotations are looked up there.

    Raises:
        SchemaError: no module can be generated.
    """
    name = f"typedws_mock_{next(_numbers)}"
    module = ModuleType(name)
    code = compile(emit(contract).text, f"<{name}>", "exec")
    sys.modules[name] = module
    try:
        exec(code, module.__dict__)
        yield module
    finally:
        del sys.modules[name]
