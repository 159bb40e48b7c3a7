"""Text that matches a regular expression.

Python's own parser reads the expression, and text is made from its tree: literals, classes, groups, branches, repeats
and references back. Anchors and word boundaries make no text, and neither do assertions: what comes out is matched
against the expression, and another try is made where it does not match. So this may fail where there is such a text,
and never returns one that does not match.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from importlib import import_module
from typing import Any, Final

from typedws.schema.samples.chance import Chance

__all__ = ["text_matching"]

# The parser has no public name. What it returns is the same from Python 3.11 on.
_parser: Any = import_module("re._parser")

_TRIES: Final = 60
_MOST: Final = 10_000
"""Characters: an expression that repeats repeats can ask for more than anybody wants to read."""

_PRINTABLE: Final = "".join(map(chr, range(0x20, 0x7F)))
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
_CATEGORIES: Final = {
    "CATEGORY_DIGIT": "0123456789",
    "CATEGORY_NOT_DIGIT": _LETTERS,
    "CATEGORY_SPACE": " ",
    "CATEGORY_NOT_SPACE": _LETTERS,
    "CATEGORY_WORD": _LETTERS,
    "CATEGORY_NOT_WORD": "-.:/",
}


def text_matching(
    pattern: str, chance: Chance, *, min_length: int | None = None, max_length: int | None = None
) -> str | None:
    """Text in which the expression is found, as long as it shall be; None where no such text came out."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a deprecated spelling in a document is not our business
            compiled = re.compile(pattern)
            trees = [_parser.parse(pattern)]
    except (re.error, OverflowError, RecursionError):
        return None
    low = min_length or 0
    high = _MOST if max_length is None else max_length
    # An expression may be nothing but assertions; then the text of one of them may do.
    trees += _assertions(trees[0])
    for attempt in range(_TRIES):
        # Repeats are short at first, and longer the longer nothing fits.
        maker = _Maker(chance, spread=(2, 4, 12, 40)[attempt * 4 // _TRIES], limit=high)
        try:
            text = maker.text(trees[attempt % len(trees)])
        except (_Impossible, RecursionError):
            continue
        padding = "".join(chance.pick(_LETTERS) for _ in range(min(low, _MOST) - len(text)))
        for candidate in (text, text + padding, padding + text):
            if low <= len(candidate) <= high and compiled.search(candidate):
                return candidate
    return None


class _Impossible(Exception):
    """This attempt leads nowhere."""


def _assertions(tree: Any) -> list[Any]:
    return [argument[1] for operation, argument in tree if str(operation) == "ASSERT"]


class _Maker:
    """One attempt: walks the tree and writes text.

    Args:
        spread: how often more than necessary something may be repeated.
        limit: the length at which the attempt is given up.
    """

    def __init__(self, chance: Chance, *, spread: int, limit: int) -> None:
        self._chance = chance
        self._spread = spread
        self._limit = limit
        self._groups: dict[int, str] = {}

    def text(self, tree: Any) -> str:
        made = "".join(self._pieces(tree))
        if len(made) > self._limit:
            raise _Impossible
        return made

    def _pieces(self, tree: Any) -> Iterator[str]:
        for operation, argument in tree:
            yield self._piece(str(operation), argument)

    def _piece(self, operation: str, argument: Any) -> str:
        match operation:
            case "LITERAL":
                return chr(argument)
            case "NOT_LITERAL":
                return self._chance.pick([c for c in _LETTERS if ord(c) != argument])
            case "ANY":
                return self._chance.pick(_LETTERS)
            case "IN":
                return self._one_of(argument)
            case "BRANCH":
                return self.text(self._chance.pick(argument[1]))
            case "SUBPATTERN":
                made = self.text(argument[3])
                if argument[0] is not None:
                    self._groups[argument[0]] = made
                return made
            case "ATOMIC_GROUP":
                return self.text(argument)
            case "GROUPREF":
                return self._groups.get(argument, "")
            case "GROUPREF_EXISTS":
                group, then, otherwise = argument
                branch = then if group in self._groups else otherwise
                return self.text(branch) if branch is not None else ""
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                low, high, repeated = argument
                return self._repeated(int(low), int(high), repeated)
            case "AT" | "ASSERT" | "ASSERT_NOT":
                return ""
            case _:
                raise _Impossible

    def _repeated(self, low: int, high: int, tree: Any) -> str:
        if low > self._limit:
            raise _Impossible
        made: list[str] = []
        length = 0
        for _ in range(self._chance.between(low, min(high, low + self._spread))):
            made.append(self.text(tree))
            length += len(made[-1])
            if length > self._limit:
                raise _Impossible
        return "".join(made)

    def _one_of(self, members: Any) -> str:
        negated = bool(members) and str(members[0][0]) == "NEGATE"
        choices: list[str] = []
        for operation, argument in members:
            match str(operation):
                case "LITERAL":
                    choices.append(chr(argument))
                case "RANGE":
                    low, high = argument
                    choices += map(chr, range(low, min(high, low + 255) + 1))
                case "CATEGORY":
                    choices += _CATEGORIES.get(str(argument), "")
                case _:
                    pass
        if negated:
            # A category stands for a few of its characters here; what it leaves wrong is found by matching.
            choices = [c for c in _LETTERS + _PRINTABLE if c not in choices]
        # Surrogates are no text that can be sent.
        choices = [c for c in choices if not "\ud800" <= c <= "\udfff"]
        if not choices:
            raise _Impossible
        return self._chance.pick(choices)
