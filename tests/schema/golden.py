"""Our own documents, and the clients that are generated from them.

Every document of `schemas/` has its client in `tests/golden/`, as a file that is read and checked like any other. As a
program, this writes them all anew: `scripts/golden`.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Final, Literal

from typedws.schema.generating import generate

__all__ = ["DOCUMENTS", "GOLDEN", "ROOT", "Golden", "document_named", "main"]

ROOT: Final = Path(__file__).parents[2]

WHOLE: Final = ("chat", "market-data")
"""Whole APIs; all others show one thing."""

WITH_PYDANTIC: Final = (
    *WHOLE,
    *("defaults", "formats", "lowered-unions", "maps", "messagepack", "nullable", "recursion", "tag", "two-fields"),
)
"""Documents that have a client with models of pydantic as well."""


def _documents() -> dict[str, Path]:
    """The documents by name: one that has further files beside it stands in a folder of that name."""
    folder = ROOT / "schemas"
    alone = [path for path in folder.iterdir() if path.suffix in (".yaml", ".json")]
    found = {path.stem: path for path in alone} | {path.parent.name: path for path in folder.glob("*/api.yaml")}
    return dict(sorted(found.items()))


DOCUMENTS: Final = _documents()


@dataclass(frozen=True, slots=True)
class Golden:
    """A generated client that is kept.

    Attributes:
        name: of its document.
        models: what its messages are.
    """

    name: str
    models: Literal["msgspec", "pydantic"]

    @property
    def module(self) -> str:
        """The name of the module."""
        name = "".join(character if character.isalnum() else "_" for character in self.name)
        return name if self.models == "msgspec" else f"{name}_pydantic"

    @property
    def path(self) -> Path:
        """The file."""
        return ROOT / "tests" / "golden" / f"{self.module}.py"

    def text(self) -> str:
        """What is generated now."""
        return generate(DOCUMENTS[self.name], models=self.models).text

    def imported(self) -> ModuleType:
        """The module."""
        return import_module(f"tests.golden.{self.module}")

    def __str__(self) -> str:
        return self.module


GOLDEN: Final = (
    *(Golden(name, "msgspec") for name in DOCUMENTS),
    *(Golden(name, "pydantic") for name in WITH_PYDANTIC),
)


def document_named(name: str) -> str:
    """The text of a document's main file."""
    return DOCUMENTS[name].read_text(encoding="utf-8")


def main() -> int:
    """Writes every client that is not what would be generated now, and removes those of no document."""
    GOLDEN[0].path.parent.mkdir(exist_ok=True)
    changed = 0
    for golden in GOLDEN:
        text = golden.text()
        if not golden.path.exists() or golden.path.read_text(encoding="utf-8") != text:
            golden.path.write_text(text, encoding="utf-8", newline="\n")
            print(f"wrote {golden.path.relative_to(ROOT)}")
            changed += 1
    for path in sorted(GOLDEN[0].path.parent.glob("*.py")):
        if path not in {golden.path for golden in GOLDEN}:
            path.unlink()
            print(f"removed {path.relative_to(ROOT)}")
            changed += 1
    print(f"{len(GOLDEN)} clients, {changed} changed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
