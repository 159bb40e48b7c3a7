"""JSON files (RFC 8259): the standard library reads them; the lines of their parts are looked up when somebody asks."""

from __future__ import annotations

import json
import math
import re
from functools import cache
from typing import Any, Final

from typedws.schema.document.kinds import is_array, is_object
from typedws.schema.document.limits import MAX_DEPTH, MAX_DIGITS, MAX_REMARKS, MAX_VALUES
from typedws.schema.document.places import Complaint, Parsed, Place, Remark

__all__ = ["parse_json"]

_TOKEN: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"|[\[\]{}:,\n]|[^\s\[\]{}:,"]++', re.DOTALL)
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def parse_json(text: str) -> Parsed:
    """Reads JSON.

    Raises:
        Complaint: it is no JSON, or too much of it.
    """
    # An upper bound that costs nothing: each value but the first follows one of these.
    if sum(text.count(char) for char in ",[{") > MAX_VALUES:
        raise Complaint(f"the file has more than {MAX_VALUES:,} values")
    repeated = False

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal repeated
        found = dict(pairs)
        repeated = repeated or len(found) < len(pairs)
        return found

    try:
        value = json.loads(
            text, object_pairs_hook=members, parse_int=_whole, parse_float=_float, parse_constant=_constant
        )
    except json.JSONDecodeError as error:
        raise Complaint(f"this is no JSON: {error.msg}", error.lineno) from None
    except RecursionError:
        raise Complaint(f"objects and arrays are nested more than {MAX_DEPTH} deep") from None
    _check(value, may_have_surrogates="\\u" in text)
    scanned = cache(lambda: _places(text))
    return Parsed(value, lambda: scanned()[0], scanned()[1] if repeated else [])


def _whole(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise Complaint(f"a number has more than {MAX_DIGITS} digits")
    return int(digits)


def _float(digits: str) -> float:
    number = float(digits) if len(digits) <= MAX_DIGITS else math.inf
    if math.isinf(number):
        raise Complaint("a number is too large or has too many digits")
    return number


def _constant(name: str) -> float:
    raise Complaint(f"{name} is no JSON")


def _check(value: Any, *, may_have_surrogates: bool) -> None:
    """Refuses what is nested too deep, and halves of characters, which no file can be written with."""
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH + 1):
        inner: list[Any] = []
        for each in level:
            if is_object(each):
                inner += each.values()
                if may_have_surrogates and any(_SURROGATE.search(key) for key in each):
                    raise Complaint("a key has half of a surrogate pair, which is no character")
            elif is_array(each):
                inner += each
            elif may_have_surrogates and isinstance(each, str) and _SURROGATE.search(each):
                raise Complaint("a string has half of a surrogate pair, which is no character")
        if not inner:
            return
        level = inner
    raise Complaint(f"objects and arrays are nested more than {MAX_DEPTH} deep")


def _places(text: str) -> tuple[Place, list[Remark]]:
    """The lines of everything in a text that is known to be JSON, and the keys that stand twice in an object."""
    root = Place(1)
    remarks: list[Remark] = []
    line = 1
    # Of each open object and array: its place, the key or position of the value to come, whether it is an object.
    stack: list[tuple[Place, str | int | None, bool]] = [(root, 0, False)]
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token == "\n":
            line += 1
        elif token in "]}":
            stack.pop()
        elif token == ",":
            place, key, is_object = stack.pop()
            stack.append((place, None if is_object else _next(key), is_object))
        elif token != ":":
            place, key, is_object = stack[-1]
            if is_object and key is None:
                key = str(json.loads(token))
                stack[-1] = (place, key, True)
                if key in place.members and len(remarks) < MAX_REMARKS:
                    path = (*(str(name) if kind else name for _, name, kind in stack[1:-1] if name is not None), key)
                    remarks.append(
                        Remark("duplicate-key", f"the key {key!r} stands here twice; the last one is taken", "", path)
                    )
                place.members[key] = Place(line)
                continue
            assert key is not None
            # The line of a member is that of its key, as with YAML.
            inner = place.members.get(key) if is_object else None
            if inner is None:
                inner = place.members[key] = Place(line)
            if token in "[{":
                stack.append((inner, None if token == "{" else 0, token == "{"))
    return root.members.get(0, root), remarks


def _next(key: str | int | None) -> int:
    return key + 1 if isinstance(key, int) else 0
