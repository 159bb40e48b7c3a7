"""What is put up with, in general: a reference that leads nowhere, a wrong type, where something can be left out."""

from __future__ import annotations

from typedws.errors import SchemaError
from typedws.schema.document.findings import Severity
from typedws.schema.document.kinds import is_object, kind_of
from typedws.schema.document.node import Node

__all__ = ["behind", "object_behind", "without_siblings"]


def behind(node: Node, what: str, *, severity: Severity = "warning") -> Node | None:
    """What a reference leads to, through any number of further ones; where it leads nowhere, that is reported."""
    try:
        return node.target
    except SchemaError as error:
        reason = _reason(error)
        node.warn(
            "dangling-reference",
            f"{reason}; {what} is left out",
            suggestion="correct the reference, or add what it refers to",
            severity=severity,
        )
        return None


def object_behind(node: Node, what: str, *, severity: Severity = "warning") -> Node | None:
    """The same for what must be an object; anything else is reported, and is None."""
    found = behind(node, what, severity=severity)
    if found is not None and not is_object(found.value):
        node.warn("wrong-type", f"{what} is an object, not {kind_of(found.value)}; it is left out", severity=severity)
        return None
    if found is not None and node.is_reference:
        without_siblings(node)
    return found


def without_siblings(node: Node) -> None:
    """Reports what stands next to a `$ref` and is ignored, by the rule of JSON Reference."""
    siblings = [key for key in node.value if key != "$ref" and not str(key).startswith("x-")]
    if siblings:
        names = ", ".join(repr(key) for key in siblings[:5])
        node.warn(
            "reference-siblings",
            f"{names} next to '$ref' is ignored",
            suggestion="move it to where the reference leads",
        )


def _reason(error: SchemaError) -> str:
    """The text of an error without its place, which is that of the finding too."""
    text = str(error).removesuffix(f" (at {error.pointer})")
    place = f"{error.document}:{error.line}: " if error.line is not None else f"{error.document}: "
    return text.removeprefix(place)
