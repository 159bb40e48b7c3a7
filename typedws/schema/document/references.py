"""JSON pointers (RFC 6901) in references: their parts, and the way they lead through a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

from typedws.schema.document.kinds import is_array, is_object

__all__ = ["Found", "Reference", "parse_reference", "walk"]

MAX_LENGTH: Final = 4096
MAX_PARTS: Final = 256


@dataclass(frozen=True, slots=True)
class Reference:
    """A `$ref`, taken apart: the file as it is written, empty for the same one, and the parts of the pointer.

    `parts` is None where the fragment is no pointer.
    """

    file: str
    parts: tuple[str, ...] | None


def parse_reference(text: str) -> Reference:
    """Takes a `$ref` apart. Parts keep their escapes: a key may contain what looks like one."""
    file, _, fragment = text.partition("#")
    if not fragment or fragment == "/":
        return Reference(file, ())
    if len(fragment) > MAX_LENGTH or fragment.count("/") > MAX_PARTS:
        return Reference(file, None)
    if not fragment.startswith("/"):
        # "#components/messages/x" is no pointer, but there is only one thing that it can mean.
        return Reference(file, tuple(fragment.split("/")) if "/" in fragment else None)
    return Reference(file, tuple(fragment[1:].split("/")))


@dataclass(frozen=True, slots=True)
class Found:
    """Where a pointer led.

    Attributes:
        value: what is there.
        path: the way, as it is to be written.
        rest: the parts that could not be walked; empty where the pointer leads all the way.
        joined: whether parts had to be joined to find a key, because a `/` in it is not escaped.
    """

    value: Any
    path: tuple[str | int, ...]
    rest: tuple[str, ...] = ()
    joined: bool = False


def walk(root: Any, parts: tuple[str, ...]) -> Found:
    """Follows a pointer from a value; as far as it leads, where it does not lead all the way.

    A part that is no key is tried together with those behind it, most of them first.
    """
    best = Found(root, (), parts)
    # Depth first; what is to be tried first is on top.
    ways: list[Found] = [best]
    steps = 0
    while ways:
        at = ways.pop()
        steps += 1
        if not at.rest:
            return at
        if len(at.rest) < len(best.rest):
            best = at
        if steps > 10_000:
            break
        if is_object(at.value):
            for count in (*range(2, len(at.rest) + 1), 1):
                for key in _spellings(at.rest[:count]):
                    if key in at.value:
                        joined = at.joined or count > 1
                        ways.append(Found(at.value[key], (*at.path, key), at.rest[count:], joined))
                        break
        elif is_array(at.value):
            part = unquote(at.rest[0])
            if part.isascii() and part.isdigit() and len(part) < 10 and int(part) < len(at.value):
                ways.append(Found(at.value[int(part)], (*at.path, int(part)), at.rest[1:], at.joined))
    return best


def _spellings(parts: tuple[str, ...]) -> tuple[str, ...]:
    """What parts of a pointer may mean as a key: unescaped, as they should be, or as they stand."""
    written = "/".join(parts)
    if "%" not in written and "~" not in written:
        return (written,)
    decoded = unquote(written)
    return (decoded.replace("~1", "/").replace("~0", "~"), written.replace("~1", "/").replace("~0", "~"), written)
