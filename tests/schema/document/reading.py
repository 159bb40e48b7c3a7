"""Small documents for the tests, and what the reader makes of them."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

from typedws.schema.document import Document, load

REAL = Path(__file__).parents[4] / "shared" / "asyncapi"
"""Documents of real APIs; they are works of others, and no part of the project."""

HEAD = """\
asyncapi: 3.0.0
info: {title: Chat, version: 1.0.0}
servers:
  main: {host: chat.test, protocol: wss}
"""


def read(body: str, *, head: str = HEAD, name: str = "api.yaml") -> Document:
    """Reads a document: the head above, then a body."""
    return load(name, text=head + dedent(body).lstrip("\n"))


def value(yaml: str) -> Any:
    """What a value is read as that is written in YAML."""
    return load("api.yaml", text=f"asyncapi: 3.0.0\nx-value: {yaml}\n").node.value["x-value"]


def codes(document: Document) -> list[str]:
    """The codes of what was found, without what a small document leaves out on purpose."""
    usual = {"no-channels", "no-operations", "no-servers", "missing-member"}
    return [finding.code for finding in document.findings if finding.code not in usual]


def write(folder: Path, **files: str) -> Path:
    """Writes files, `main` for main.yaml; gives the path of the main one."""
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(dedent(text).lstrip("\n"), encoding="utf-8")
    return folder / "main.yaml"
