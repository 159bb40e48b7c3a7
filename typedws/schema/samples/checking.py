"""Whether a JSON value is of a type of a contract, and where not."""

from __future__ import annotations

import binascii
import math
import re
from base64 import b64decode
from collections.abc import Callable
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from typedws.schema.contract.api import Contract
from typedws.schema.contract.types import (
    Constraints,
    Declaration,
    ListOf,
    LiteralOf,
    MapOf,
    Record,
    Ref,
    Scalar,
    ScalarKind,
    TupleOf,
    Type,
    UnionOf,
)
from typedws.schema.document.kinds import is_array, is_object

__all__ = ["Checker", "is_same"]


def is_same(left: object, right: object) -> bool:
    """Whether two scalars are one value in JSON, where true is not 1."""
    return left == right and isinstance(left, bool) is isinstance(right, bool)


class Checker:
    """Checks values against the types of a contract."""

    def __init__(self, contract: Contract) -> None:
        self._declared: dict[str, Declaration] = {declared.name: declared for declared in contract.declarations}

    def declaration(self, type_: Type) -> Declaration | None:
        """What a reference refers to; None where it is no reference, or leads nowhere."""
        return self._declared.get(type_.name) if isinstance(type_, Ref) else None

    def accepts(self, type_: Type, value: Any) -> bool:
        """Whether a value is of the type."""
        return self.problem(type_, value) is None

    def problem(self, type_: Type, value: Any, where: str = "$") -> str | None:
        """What is wrong with a value, in one sentence that does not quote it; None where it is of the type."""
        match type_:
            case Scalar(kind, constraints):
                return _scalar_problem(kind, constraints, value, where)
            case LiteralOf(values):
                return (
                    None if any(is_same(value, known) for known in values) else f"{where} is none of the known values"
                )
            case ListOf(item, constraints):
                if not is_array(value):
                    return f"{where} is no array"
                return _length_problem(constraints, len(value), where) or self._first_problem(
                    (item, member, f"{where}[{index}]") for index, member in enumerate(value)
                )
            case TupleOf(types):
                if not is_array(value):
                    return f"{where} is no array"
                if len(value) != len(types):
                    return f"{where} has not {len(types)} items"
                return self._first_problem(
                    (item, value[index], f"{where}[{index}]") for index, item in enumerate(types)
                )
            case MapOf(inner, constraints):
                if not is_object(value):
                    return f"{where} is no object"
                return _length_problem(constraints, len(value), where) or self._first_problem(
                    (inner, member, f"{where}.{key}") for key, member in value.items()
                )
            case UnionOf(options):
                problems = [self.problem(option, value, where) for option in options]
                if None in problems:
                    return None
                # The problem that lies deepest is that of the member that was meant.
                return max((problem for problem in problems if problem), key=lambda text: len(text.split(" ", 1)[0]))
            case Ref(name):
                declared = self._declared.get(name)
                if declared is None:
                    return f"{where} is of an unknown type"
                return self._declared_problem(declared, value, where)

    def _declared_problem(self, declared: Declaration, value: Any, where: str) -> str | None:
        if not isinstance(declared, Record):
            return self.problem(declared.type, value, where)
        if not is_object(value):
            return f"{where} is no object"
        for field in declared.fields:
            if field.wire_name in value:
                found = self.problem(field.type, value[field.wire_name], f"{where}.{field.wire_name}")
                if found is not None:
                    return found
            elif field.required:
                return f"{where}.{field.wire_name} is missing"
        unknown = value.keys() - {field.wire_name for field in declared.fields}
        if unknown and declared.closed:
            return f"{where} has other members than it may have"
        if unknown and declared.extra is not None:
            extra = declared.extra
            return self._first_problem((extra, value[key], f"{where}.{key}") for key in sorted(unknown))
        return None

    def _first_problem(self, parts: Any) -> str | None:
        for type_, value, where in parts:
            found = self.problem(type_, value, where)
            if found is not None:
                return found
        return None


def _scalar_problem(kind: ScalarKind, limits: Constraints, value: Any, where: str) -> str | None:
    if kind == "any":
        return None
    expected, is_kind = _KINDS[kind]
    if not is_kind(value):
        return f"{where} is no {expected}"
    if limits.is_free:
        return None
    match kind:
        case "str":
            if limits.pattern is not None and not _compiled(limits.pattern).search(value):
                return f"{where} does not match its pattern"
            return _length_problem(limits, len(value), where)
        case "bytes":
            return _length_problem(limits, len(b64decode(value)), where)
        case "int" | "float":
            return _range_problem(limits, value, where)
        case _:
            return None


def _length_problem(limits: Constraints, length: int, where: str) -> str | None:
    if limits.min_length is not None and length < limits.min_length:
        return f"{where} is shorter than {limits.min_length}"
    if limits.max_length is not None and length > limits.max_length:
        return f"{where} is longer than {limits.max_length}"
    return None


def _range_problem(limits: Constraints, value: float, where: str) -> str | None:
    if (limits.ge is not None and value < limits.ge) or (limits.gt is not None and value <= limits.gt):
        return f"{where} is too small"
    if (limits.le is not None and value > limits.le) or (limits.lt is not None and value >= limits.lt):
        return f"{where} is too large"
    if limits.multiple_of:
        # 0.3 is a multiple of 0.1 to everybody but a computer.
        steps = value / limits.multiple_of
        if not math.isclose(steps, round(steps), rel_tol=1e-9, abs_tol=1e-9):
            return f"{where} is no multiple of {limits.multiple_of}"
    return None


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _reads(parse: Callable[[str], object]) -> Callable[[object], bool]:
    def is_kind(value: object) -> bool:
        if not isinstance(value, str):
            return False
        try:
            parse(value)
        except (ValueError, binascii.Error):
            return False
        return True

    return is_kind


def _moment(text: str) -> None:
    if "T" not in text.upper():
        raise ValueError
    datetime.fromisoformat(text)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_KINDS: Final[dict[str, tuple[str, Callable[[object], bool]]]] = {
    "str": ("text", lambda value: isinstance(value, str)),
    "int": ("whole number", _is_whole),
    "float": ("number", _is_number),
    "bool": ("boolean", lambda value: isinstance(value, bool)),
    "null": ("null", lambda value: value is None),
    "bytes": ("base64", _reads(lambda text: b64decode(text, validate=True))),
    "datetime": ("date and time", _reads(_moment)),
    "date": ("date", _reads(date.fromisoformat)),
    "time": ("time", _reads(time.fromisoformat)),
    "uuid": ("UUID", _reads(UUID)),
}
