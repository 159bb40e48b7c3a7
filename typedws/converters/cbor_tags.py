"""The CBOR tags that are read (RFC 8949 section 3.4).

A tag makes an object of what follows it, and which object is the sender's choice. Left to itself, cbor2 compiles
regular expressions (35), parses mail (36), builds graphs that contain themselves (28, 29) and texts that refer to
earlier ones (25, 256), of which a hundred bytes can unfold to gigabytes. So there is a list of the tags that are
read, and every other one is refused, whether cbor2 knows it or not.

    0, 1         datetime, as text or as seconds since 1970       37           UUID
    100, 1004    date, as days since 1970 or as text (RFC 8943)   258          set
    2, 3         int of up to 16 bytes                            55799        "this is CBOR"
    4            Decimal with an exponent of up to 6144
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final, TypeAlias

from typedws.converters.failures import Refused

__all__ = ["MAX_EXPONENT", "MAX_INT_BITS", "TagHook", "TagReaders"]

AS_CBOR2_DOES: Final = frozenset({0, 1, 37, 100, 1004})

MAX_INT_BITS: Final = 128
"""Bits of an int under tag 2 or 3. Arithmetic on a number of megabytes takes seconds, and printing it is refused by
Python."""

MAX_EXPONENT: Final = 6144
"""Largest exponent of a Decimal, up or down, as in IEEE 754 decimal128: `int(Decimal("1e2147483647"))` would take all
memory."""

TagHook: TypeAlias = Callable[[Any], Any]
"""Turns the value under a tag, as builtins, into what it stands for."""

TagReader: TypeAlias = Callable[[Any, bool], Any]


class TagReaders(dict[int, TagReader]):
    """The readers by tag, for `semantic_decoders` of cbor2, which asks it for every tag that it meets.

    Args:
        hooks: the user's readers, which come first.

    Attributes:
        are_hooked: whether there are any of the user's.
    """

    def __init__(self, hooks: Mapping[int, TagHook]) -> None:
        super().__init__(
            {2: _read_positive, 3: _read_negative, 4: _read_decimal, 258: _read_set, 55799: _read_what_it_is}
        )
        self.are_hooked = bool(hooks)
        self.update({tag: _ignoring_mutability(hook) for tag, hook in hooks.items()})

    def __missing__(self, tag: int) -> TagReader:
        if tag in AS_CBOR2_DOES:
            raise KeyError(tag)

        def refuse(value: Any, immutable: bool) -> Any:
            raise Refused(f"tag {tag} is not read: give the converter a hook for it in tag_hooks")

        return refuse


def _ignoring_mutability(hook: TagHook) -> TagReader:
    return lambda value, immutable: hook(value)


def _read_positive(value: Any, immutable: bool) -> int:
    if not isinstance(value, bytes) or len(value) * 8 > MAX_INT_BITS:
        raise Refused(f"an int under tag 2 or 3 has more than {MAX_INT_BITS} bits, or is not made of bytes")
    return int.from_bytes(value, "big")


def _read_negative(value: Any, immutable: bool) -> int:
    return -1 - _read_positive(value, immutable)


def _read_decimal(value: Any, immutable: bool) -> Decimal:
    if type(value) not in (list, tuple) or [type(part) for part in value] != [int, int]:
        raise Refused("a decimal under tag 4 is not an exponent and an int")
    exponent, digits = value
    if abs(exponent) > MAX_EXPONENT:
        raise Refused(f"a decimal under tag 4 has an exponent beyond {MAX_EXPONENT}")
    # Exact, whatever the precision of the current context is.
    return Decimal((int(digits < 0), tuple(map(int, str(abs(digits)))), exponent))


def _read_what_it_is(value: Any, immutable: bool) -> Any:
    # cbor2 by itself makes what stands here immutable, down to objects of its own in the place of dicts.
    return value


def _read_set(value: Any, immutable: bool) -> Any:
    if type(value) not in (list, tuple):
        raise Refused("a set under tag 258 is not an array")
    if immutable:
        return frozenset(value)
    # Text and bytes have secret hashes. A set of anything else stays a list, of which msgspec or pydantic makes the set
    # that was asked for.
    return set(value) if all(type(item) in (str, bytes) for item in value) else list(value)
