"""Reading a document: which version it is, and everything that the versions have in common."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, Final

from typedws.errors import SchemaError
from typedws.schema.document.kinds import is_object, kind_of, text_of
from typedws.schema.document.node import Node
from typedws.schema.document.objects import Channel, Document, OperationObject
from typedws.schema.document.scope import Scope, extensions_of
from typedws.schema.document.servers import read_servers
from typedws.schema.document.source import Files
from typedws.schema.document.tolerance import object_behind
from typedws.schema.document.version2 import read_version2
from typedws.schema.document.version3 import read_version3

__all__ = ["load"]

_VERSION: Final = re.compile(r"(\d+)(?:\.(\d+))?(?:\.\d+)?(?:[-+].*)?")
_SUPPORTED: Final = "AsyncAPI 2.0 to 2.6, 3.0 and 3.1 are read"


def load(source: str | os.PathLike[str], *, text: str | bytes | None = None) -> Document:
    """Reads an AsyncAPI document from a JSON or YAML file, and the files that it refers to.

    Nothing is fetched from a network. What a document has in it that is wrong and can be put up with, is in the
    `findings` of the result.

    Args:
        source: the file.
        text: the text, where it is known already; `source` is its name then, and what its references are relative to.

    Raises:
        SchemaError: it is no AsyncAPI document that can be used; the text names file, line and JSON pointer.
        TypeError: `source` or `text` is of another type.
    """
    name = os.fspath(source)
    if not isinstance(name, str):  # pyright: ignore[reportUnnecessaryIsInstance] - callers without a type checker
        raise TypeError("a path is a str or an os.PathLike[str]")
    if text is not None and not isinstance(text, str | bytes):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(f"the text of a document is str or bytes, not {type(text).__name__}")
    if "\0" in name:
        raise SchemaError("the name of the document has a NUL character", document=name.replace("\0", "\\0"))
    files = Files(name or "document")
    # Lone surrogates are refused where they are read, as in a file.
    main = files.read_main(text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text)
    root = main.root
    version = _version(root)
    files.read_all(main)
    scope = Scope(root, version=version)
    info = root.object("info")
    info = None if info is None else object_behind(info, "'info'")
    if info is None:
        root.warn("missing-member", "the document has no 'info'", suggestion="add 'info' with 'title' and 'version'")
    servers = read_servers(scope)
    channels, operations = _parts(scope, tuple(server.key for server in servers))
    return Document(
        node=root,
        version=str(text_of(root.value["asyncapi"])),
        name=Path(main.name).name,
        digest=files.digest,
        title="" if info is None else info.text("title"),
        api_version="" if info is None else info.text("version"),
        description="" if info is None else info.text("description"),
        servers=servers,
        channels=channels,
        operations=operations,
        findings=files.findings,
        extensions=extensions_of(root),
    )


def _parts(scope: Scope, servers: tuple[str, ...]) -> tuple[tuple[Channel, ...], tuple[OperationObject, ...]]:
    return (read_version2 if scope.version == 2 else read_version3)(scope, servers)


def _version(root: Node) -> int:
    """The major version, 2 or 3.

    Raises:
        SchemaError: it is another one, or this is something else.
    """
    value: Any = root.value
    if not is_object(value):
        raise root.error(f"an AsyncAPI document is an object, not {kind_of(value)}")
    if "asyncapi" not in value:
        raise root.error(f"this is no AsyncAPI document: {_instead(value)}")
    stated = text_of(value["asyncapi"])
    place = root.child("asyncapi") or root
    if stated is None:
        raise place.error(f"'asyncapi' is the version of AsyncAPI, not {kind_of(value['asyncapi'])}; {_SUPPORTED}")
    match = _VERSION.fullmatch(stated.strip())
    if match is None:
        raise place.error(f"{stated[:40]!r} is no version of AsyncAPI; {_SUPPORTED}")
    major, minor = int(match[1][:6]), int((match[2] or "0")[:6])
    if major not in (2, 3):
        hint = "; the converter of AsyncAPI brings it to a newer version" if major == 1 else ""
        raise place.error(f"version {stated[:40]} of AsyncAPI is not read; {_SUPPORTED}{hint}")
    newest = 6 if major == 2 else 1
    if minor > newest:
        place.warn("unknown-version", f"version {stated[:40]} of AsyncAPI is not known; it is read as {major}.{newest}")
    return major


def _instead(value: dict[str, Any]) -> str:
    """What an object is that is no AsyncAPI document."""
    if "openapi" in value or "swagger" in value:
        return "it is one of OpenAPI, which describes HTTP"
    if "openrpc" in value:
        return "it is one of OpenRPC"
    if "$schema" in value or ("properties" in value and "type" in value):
        return "it looks like a JSON Schema; refer to it from the payload of a message"
    return "it has no 'asyncapi' with the version"
