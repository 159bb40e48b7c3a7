"""The types of single values: formats, constraints, and what to do where a document contradicts itself.

A format is only believed where the document's own examples do not belie it: a time stamp in milliseconds that is
declared as `date-time` is read as the string that it is.
"""

from __future__ import annotations

import datetime
import math
import re
import uuid
import warnings
from typing import Any, Final

import msgspec

from typedws.schema.building.shapes import Shape
from typedws.schema.contract.types import ANY, NULL, Constraints, LiteralOf, Scalar, ScalarKind, Type
from typedws.schema.document.node import Node

__all__ = ["literal_types", "scalar", "size_limits"]

_FORMATS: Final[dict[str, ScalarKind]] = {
    "date-time": "datetime",
    "date": "date",
    "time": "time",
    "uuid": "uuid",
    "byte": "bytes",
    "base64": "bytes",
}

_FORMS: Final[dict[ScalarKind, Any]] = {
    "datetime": datetime.datetime,
    "date": datetime.date,
    "time": datetime.time,
    "uuid": uuid.UUID,
    "bytes": bytes,
}


def scalar(kind: str, shape: Shape, *, binary: bool) -> Type:
    """The type of a value of one of JSON's types that has no parts.

    Args:
        kind: "string", "integer", "number", "boolean" or "null".
        shape: what is said about it.
        binary: whether its messages travel in a binary format, which has bytes of its own.
    """
    match kind:
        case "integer":
            return Scalar("int", _bounds(shape))
        case "number":
            return Scalar("float", _bounds(shape))
        case "boolean":
            return Scalar("bool")
        case "null":
            return NULL
        case _:
            return _string(shape, binary=binary)


def _string(shape: Shape, *, binary: bool) -> Type:
    said = shape.text("format")
    if shape.text("contentEncoding").lower() == "base64":
        said = said or "byte"
    if binary and said in ("byte", "base64", "binary"):
        # A binary format carries bytes as they are, whatever a document that was written for JSON calls them.
        return Scalar("bytes", size_limits(shape, "Length"))
    kind = _FORMATS.get(said)
    if kind is None:
        return Scalar("str", _text_limits(shape))
    for example in shape.examples:
        if isinstance(example, str) and not _reads(example, kind):
            for member in shape.every("format"):
                member.warn(
                    "format-belied",
                    f"the example {_short(example)} is no {said}; the field is a plain string",
                    suggestion="remove the format, or correct the example",
                )
            return Scalar("str", _text_limits(shape))
    if kind == "bytes":
        return Scalar(kind)
    if not _text_limits(shape).is_free:
        return Scalar("str", _text_limits(shape))
    return Scalar(kind)


def _reads(example: str, kind: ScalarKind) -> bool:
    try:
        msgspec.convert(example, _FORMS[kind])
    except msgspec.ValidationError:
        return False
    return True


def literal_types(shape: Shape, node: Node) -> list[Type]:
    """The types of the values that `const` and `enum` allow: literals, and what Python has no literals for.

    A value that contradicts the declared type is taken for what was meant: text, where strings are declared.
    """
    values = shape.values or ()
    types = shape.types
    texts_only = types is not None and types - {"null"} == frozenset({"string"})
    numbers_only = types is not None and bool(types & {"integer", "number"}) and "string" not in types
    literals: list[str | int | bool] = []
    others: list[Type] = []
    for value in values:
        if texts_only and not isinstance(value, str | None) and not isinstance(value, dict | list):
            node.warn(
                "enum-type",
                f"{value!r} is no string, though strings are declared; it is taken as text",
                suggestion="put it into quotes",
            )
            literals.append(_written(value))
        elif numbers_only and isinstance(value, str) and (number := _number(value)) is not None:
            node.warn(
                "enum-type",
                f"{value!r} is text, though numbers are declared; it is taken as a number",
                suggestion="write it without quotes",
            )
            if isinstance(number, int):
                literals.append(number)
            else:
                others.append(Scalar("float"))
        elif isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
            if isinstance(value, int) and not -(2**63) <= value < 2**63:
                others.append(Scalar("int"))
            else:
                literals.append(value)
        elif isinstance(value, bool):
            others.append(Scalar("bool"))
        elif value is None:
            others.append(NULL)
        elif isinstance(value, float):
            others.append(Scalar("float"))
        else:
            others.append(ANY)
    if types is not None and "null" in types and NULL not in others and len(types) > 1:
        # `nullable: true` beside an enum without null in it is how most documents mean it.
        others.append(NULL)
    distinct = list(dict.fromkeys(others))
    return [LiteralOf(tuple(dict.fromkeys(literals))), *distinct] if literals else distinct or [ANY]


def _number(text: str) -> int | float | None:
    """The number that a text is; None where it is none, or no finite one."""
    try:
        number = float(text)
    except ValueError:
        return None
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def size_limits(shape: Shape, of: str) -> Constraints:
    """The smallest and largest size, by `minLength`, `minItems` or `minProperties` and their like.

    Args:
        shape: what is said.
        of: "Length", "Items" or "Properties".
    """
    smallest = _extreme(shape, f"min{of}", largest=True)
    largest = _extreme(shape, f"max{of}", largest=False)
    if largest is not None and largest < (smallest or 0):
        smallest = largest = None
    return Constraints(
        min_length=int(smallest) if smallest is not None and smallest > 0 else None,
        max_length=int(largest) if largest is not None and largest < 2**53 else None,
    )


def _text_limits(shape: Shape) -> Constraints:
    limits = size_limits(shape, "Length")
    for member in shape.every("pattern"):
        if not isinstance(member.value, str):
            continue
        if _compiles(member.value):
            return Constraints(min_length=limits.min_length, max_length=limits.max_length, pattern=member.value)
        member.warn("pattern", "Python cannot read this regular expression; it is not checked")
    return limits


def _compiles(pattern: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            re.compile(pattern)
    except (re.error, OverflowError, RecursionError, Warning):
        return False
    return True


def _bounds(shape: Shape) -> Constraints:
    ge = _extreme(shape, "minimum", largest=True)
    le = _extreme(shape, "maximum", largest=False)
    gt = _extreme(shape, "exclusiveMinimum", largest=True)
    lt = _extreme(shape, "exclusiveMaximum", largest=False)
    # Draft 4 had a boolean beside the bound.
    if any(member.value is True for member in shape.every("exclusiveMinimum")):
        ge, gt = None, ge
    if any(member.value is True for member in shape.every("exclusiveMaximum")):
        le, lt = None, le
    if ge is not None and gt is not None:
        ge, gt = (ge, None) if ge > gt else (None, gt)
    if le is not None and lt is not None:
        le, lt = (le, None) if le < lt else (None, lt)
    step = _extreme(shape, "multipleOf", largest=True)
    return Constraints(ge=ge, gt=gt, le=le, lt=lt, multiple_of=step if step is not None and step > 0 else None)


def _extreme(shape: Shape, key: str, *, largest: bool) -> float | None:
    found: list[float] = []
    for member in shape.every(key):
        value = member.value
        if isinstance(value, bool):
            continue
        if isinstance(value, int | float) and math.isfinite(value):
            found.append(value)
        else:
            member.warn("wrong-type", f"{key!r} is a number; it is left out")
    if not found:
        return None
    return max(found) if largest else min(found)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
