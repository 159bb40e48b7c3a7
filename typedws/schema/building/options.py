"""What the user may say about a document that does not say it itself: in `x-typedws-` members, or in a `typedws.toml`.

perspective = "server"              # whose `send` the document speaks of
name = "Prices"                     # of the connection class

[names]                             # of classes, by place
"#/components/schemas/T1" = "Trade"

[discriminators]                    # by channel, or by channel and direction
"feed" = "/data/type"               # a JSON pointer into the payload
"feed.incoming" = "trial"           # or: try one type after the other
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast

from typedws.errors import SchemaError
from typedws.schema.building.names import RESERVED

__all__ = ["FILE", "BuildOptions", "is_class_name", "read_overrides"]

FILE = "typedws.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildOptions:
    """How a contract is to be built.

    Attributes:
        perspective: whose `send` the document speaks of; None to find out.
        name: of the connection class; empty for one made of the title.
        names: class names by place; they win over every other.
        old_names: class names by place in the module that was generated before.
        discriminators: by channel, or `channel.incoming` and `channel.outgoing`: a JSON pointer, or "trial".
    """

    perspective: Literal["client", "server"] | None = None
    name: str = ""
    names: Mapping[str, str] = field(default_factory=dict[str, str])
    old_names: Mapping[str, str] = field(default_factory=dict[str, str])
    discriminators: Mapping[str, str] = field(default_factory=dict[str, str])


def read_overrides(folder: str | os.PathLike[str]) -> BuildOptions:
    """What the `typedws.toml` in a folder says; nothing where there is none.

    Raises:
        SchemaError: it is not TOML, or says something that is not understood.
    """
    path = Path(folder, FILE)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return BuildOptions()
    except (OSError, UnicodeDecodeError) as error:
        raise SchemaError(f"{FILE}: it cannot be read: {error}", document=FILE) from error
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SchemaError(f"{FILE}: {error}", document=FILE) from error
    unknown = data.keys() - {"perspective", "name", "names", "discriminators"}
    if unknown:
        raise SchemaError(
            f"{FILE}: {min(unknown)!r} is not known; it has perspective, name, [names] and [discriminators]",
            document=FILE,
        )
    perspective = data.get("perspective")
    if perspective not in (None, "client", "server"):
        raise SchemaError(f'{FILE}: perspective is "client" or "server", not {perspective!r}', document=FILE)
    name = data.get("name", "")
    if name != "" and not is_class_name(name):
        raise SchemaError(f"{FILE}: name is a class name, not {name!r}", document=FILE)
    names = _texts(data, "names")
    for place, chosen in names.items():
        if not is_class_name(chosen):
            raise SchemaError(f"{FILE}: the name for {place} is a class name, not {chosen!r}", document=FILE)
    return BuildOptions(perspective=perspective, name=name, names=names, discriminators=_texts(data, "discriminators"))


def is_class_name(value: object) -> bool:
    """Whether a class may be called so."""
    return isinstance(value, str) and value.isidentifier() and value.isascii() and value not in RESERVED


def _texts(data: Mapping[str, Any], key: str) -> dict[str, str]:
    table: object = data.get(key, {})
    if not isinstance(table, dict) or not all(
        isinstance(value, str) for value in cast("dict[str, object]", table).values()
    ):
        raise SchemaError(f"{FILE}: [{key}] is a table of strings", document=FILE)
    return cast("dict[str, str]", table)
