"""What must be settled between plain objects and cbor2, on the way out and on the way in.

On the way out: cbor2 does not bound its recursion (some thousand nested lists end the interpreter), writes ints and
decimals that `cbor_tags` would refuse to read, cannot write a naive datetime, and leaves keys of maps as they are.

On the way in: "undefined" and the unassigned simple values (RFC 8949 section 3.3) become objects of cbor2's own,
which nobody who receives `object` should have to know.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from types import NoneType
from typing import Any, Final

import msgspec

from typedws.converters.cbor_tags import MAX_EXPONENT, MAX_INT_BITS
from typedws.converters.failures import Refused, describe

__all__ = ["ORDINARY", "prepare", "refuse_simple_values"]

CONTAINERS: Final = frozenset({dict, list, tuple, set, frozenset})


def prepare(tree: Any, *, max_depth: int, str_keys: bool) -> bool:
    """Makes a tree, fresh from `msgspec.to_builtins`, one that cbor2 can write and `CBORConverter` can read.

    Args:
        tree: plain objects; keys of its maps are replaced.
        max_depth: containers that may lie in one another.
        str_keys: whether keys become text.

    Returns:
        Whether there is a naive datetime in it.

    Raises:
        Refused: it is too deep, or has a number or a key that would not be read.
    """
    naive = False
    level: list[Any] = [[tree]]  # not a container of the tree, but then the tree may be a single value
    for _ in range(max_depth + 1):
        deeper: list[Any] = []
        for node in level:
            children: Iterable[Any] = node
            kind = node.__class__
            if kind is dict:
                if str_keys:
                    _make_text_keys(node)
                else:
                    deeper += [key for key in node if type(key) in CONTAINERS]
                children = node.values()
            for child in children:
                kind = child.__class__
                if kind in CONTAINERS:
                    deeper.append(child)
                elif kind is int:
                    if child.bit_length() > 64:
                        _check_int(child)
                elif kind is Decimal:
                    _check_decimal(child)
                elif kind is datetime:
                    naive |= child.utcoffset() is None
        if not deeper:
            return naive
        level = deeper
    raise Refused(f"its containers lie more than {max_depth} deep: see max_depth")


def _make_text_keys(node: dict[Any, Any]) -> None:
    if all(type(key) is str for key in node):
        return
    items = list(node.items())
    node.clear()
    for key, value in items:
        text = key if type(key) is bytes else _as_text(key)
        if text in node:
            raise Refused("two keys of a map are the same text: see str_keys")
        node[text] = value


def _as_text(key: Any) -> str:
    try:
        (text,) = msgspec.to_builtins({key: None}, str_keys=True)
    except Exception:  # whatever it is, it is no key
        raise Refused(f"a key of a map is a {describe(type(key))}, which has no text: see str_keys") from None
    return str(text)


def _check_int(number: int) -> None:
    # The most negative number has one bit more than its magnitude less one, and that is what is written.
    if (number if number >= 0 else ~number).bit_length() > MAX_INT_BITS:
        raise Refused(f"an int has more than {MAX_INT_BITS} bits")


def _check_decimal(number: Decimal) -> None:
    _, digits, exponent = number.as_tuple()
    if not isinstance(exponent, int):
        return  # NaN and the infinities, which are written as floats
    if abs(exponent) > MAX_EXPONENT:
        raise Refused(f"a Decimal has an exponent beyond {MAX_EXPONENT}")
    # Python refuses to make an int of thousands of digits.
    _check_int(int("".join(map(str, digits))) if len(digits) <= MAX_INT_BITS else 2**MAX_INT_BITS)


ORDINARY: Final = frozenset({str, int, float, bool, NoneType, bytes})
"""Classes of what is no simple value and has none in it."""

SIMPLE: Final = bytes([*range(0xE0, 0xF4), 0xF7, 0xF8])
"""First bytes of simple values other than false, true and null. Without one of them in it, data has none."""


def refuse_simple_values(tree: Any, data: bytes, kinds: tuple[type, ...], *, in_keys: bool) -> None:
    """Returns if no object of `kinds` is in `tree`.

    Args:
        tree: what was decoded.
        data: what it was decoded from.
        kinds: the classes that cbor2 has for undefined and for simple values.
        in_keys: whether they may be in keys of maps too.

    Raises:
        Refused: there is one.
    """
    if len(data.translate(None, SIMPLE)) == len(data):
        return
    level: list[Any] = [(tree,)]
    while level:
        deeper: list[Any] = []
        for node in level:
            children: Iterable[Any] = node
            if node.__class__ is dict:
                children = (*node, *node.values()) if in_keys else node.values()
            if ORDINARY.issuperset(map(type, children)):
                continue
            for child in children:
                kind = child.__class__
                if kind in CONTAINERS:
                    deeper.append(child)
                elif kind in kinds:
                    raise Refused("it has a simple value other than false, true and null")
        level = deeper
