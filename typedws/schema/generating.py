"""From a document to a client module: everything between the file and the text, in one call."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal, TypeAlias
from urllib.parse import unquote

from typedws.schema.building.contract import build_contract
from typedws.schema.building.options import FILE, is_class_name, read_overrides
from typedws.schema.contract.api import Contract
from typedws.schema.document.findings import Finding
from typedws.schema.document.kinds import is_array
from typedws.schema.document.loading import load as load_document
from typedws.schema.document.node import Node
from typedws.schema.document.objects import Document
from typedws.schema.emit import emit

__all__ = ["Generated", "Models", "Perspective", "generate", "load", "names_in"]

Models: TypeAlias = Literal["msgspec", "pydantic"]
Perspective: TypeAlias = Literal["auto", "client", "server"]

_NAMED: Final = re.compile(r"^# from (?P<place>\S+)\n(?:#.*\n)*(?:class )?(?P<name>\w+)[(:]", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated:
    """A client module.

    Attributes:
        text: its source.
        contract: what it was made from.
        findings: what the document leaves to be desired, and what could not be expressed, in the order of the
            document.
    """

    text: str
    contract: Contract
    findings: tuple[Finding, ...]


def generate(
    source: str | os.PathLike[str],
    *,
    text: str | bytes | None = None,
    models: Models = "msgspec",
    perspective: Perspective = "auto",
    name: str = "",
    previous: str = "",
) -> Generated:
    """Writes the typed client module of an AsyncAPI document.

    The same files and options make the same text, on every machine.

    Args:
        source: the document, JSON or YAML. A `typedws.toml` in its folder is obeyed.
        text: its text, where it is known already; `source` is its name then.
        models: whether messages are msgspec's Structs or pydantic's models.
        perspective: whose `send` the document speaks of; "auto" finds out.
        name: of the connection class; made of the title unless given.
        previous: the module that was generated before: its classes keep their names.

    Raises:
        SchemaError: the document cannot be used; the text names file, line and JSON pointer.
        ValueError: an option is none of what it can be.
    """
    if models not in ("msgspec", "pydantic"):
        raise ValueError(f'models is "msgspec" or "pydantic", not {models!r}')
    contract, document = _contract(source, text=text, perspective=perspective, name=name, previous=previous)
    told = {"name": name} if name else {}
    if Path(source).with_name(FILE).exists():
        told["overrides"] = FILE
    emitted = emit(contract, models=models, options=told)
    lowered = [
        Finding(
            code=note.code,
            message=f"{note.name}: {note.message}" if note.name else note.message,
            document=contract.source,
            pointer=note.pointer,
            line=_line(document, note.pointer),
        )
        for note in emitted.notes
    ]
    return Generated(text=emitted.text, contract=contract, findings=(*document.findings, *lowered))


def load(
    source: str | os.PathLike[str],
    *,
    text: str | bytes | None = None,
    perspective: Perspective = "auto",
    name: str = "",
) -> Contract:
    """Reads an AsyncAPI document as a contract: what `generate` writes down, and `mock` serves.

    The arguments and errors are those of `generate`.
    """
    return _contract(source, text=text, perspective=perspective, name=name, previous="")[0]


def _contract(
    source: str | os.PathLike[str], *, text: str | bytes | None, perspective: Perspective, name: str, previous: str
) -> tuple[Contract, Document]:
    if perspective not in ("auto", "client", "server"):
        raise ValueError(f'perspective is "auto", "client" or "server", not {perspective!r}')
    if name and not is_class_name(name):
        raise ValueError(f"name: {name!r} cannot be the name of a class")
    document = load_document(source, text=text)
    options = read_overrides(Path(source).parent)
    options = replace(
        options,
        perspective=options.perspective if perspective == "auto" else perspective,
        name=name or options.name,
        old_names=names_in(previous),
    )
    return build_contract(document, options), document


def _line(document: Document, pointer: str) -> int | None:
    """The line of a place in the main file; None for a place elsewhere, or one that is made up of several."""
    if not pointer.startswith("#/"):
        return None
    node: Node | None = document.node
    for part in pointer[2:].split("/"):
        key = part.replace("~1", "/").replace("~0", "~")
        node = None if node is None else node.child(int(key) if is_array(node.value) and key.isdecimal() else key)
    return None if node is None else node.line


def names_in(module: str) -> dict[str, str]:
    """The class names in a generated module, by the places in the document that they were made for."""
    found: dict[str, str] = {}
    for match in _NAMED.finditer(module):
        for place in (match["place"], unquote(match["place"])):
            found.setdefault(place, match["name"])
    return found
