"""What a pydantic `ValidationError` may say in public.

Its own text shows the input, and its parts may: messages of validators, keys of dicts, the names of forbidden fields.
What is kept is pydantic's code for the kind of error ("missing", "int_parsing") and where it happened, a part of
which is shown only if it is an index, or a word that occurs in the schema. A word of the schema was written by the
program.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, get_args

if TYPE_CHECKING:
    from pydantic import ValidationError

__all__ = ["explain_validation_error", "words_of"]

SHOWN: Final = 3
"""Errors that are spelled out; the rest is counted."""

MAX_LISTED: Final = 1000
"""Errors up to which pydantic is asked for the list; making it for 100,000 of them takes a third of a second."""

MAX_DEPTH: Final = 8
"""Parts of a place that are shown."""

HIDDEN: Final = "..."


def explain_validation_error(error: ValidationError, words: frozenset[str], *, indexes: bool) -> str | None:
    """One line about `error`; None where the input was no JSON at all.

    Args:
        error: what pydantic raised.
        words: what may be shown of a place, from `words_of`.
        indexes: whether numbers may be shown: the input had text keys only, so a number in a place is an index.
    """
    count = error.error_count()
    if count > MAX_LISTED:
        return f"{count} errors"
    details = error.errors(include_url=False, include_context=False, include_input=False)
    if details[0]["type"] == "json_invalid":
        return None
    shown = [f"{_code(detail['type'])} at `{_place(detail['loc'], words, indexes)}`" for detail in details[:SHOWN]]
    more = f" and {count - SHOWN} more" if count > SHOWN else ""
    return ", ".join(shown) + more


def words_of(schema: Any) -> frozenset[str]:
    """Every string and class name in a core schema: fields, aliases, tags, names of union members."""
    words: set[str] = set()
    seen: set[int] = set()
    pending: list[Any] = [schema]
    while pending:
        node = pending.pop()
        if isinstance(node, str):
            words.add(node)
        elif isinstance(node, type):
            words.add(node.__name__)
        elif type(node) in (dict, list, tuple) and id(node) not in seen:
            seen.add(id(node))
            pending.extend(node)
            if type(node) is not list and type(node) is not tuple:
                pending.extend(node.values())
    return frozenset(words)


def _code(code: str) -> str:
    from pydantic_core.core_schema import ErrorType

    return code if code in get_args(ErrorType) else "an error of its own"


def _place(location: tuple[int | str, ...], words: frozenset[str], indexes: bool) -> str:
    place = "$"
    for part in location[:MAX_DEPTH]:
        if isinstance(part, int):
            place += f"[{part}]" if indexes else f"[{HIDDEN}]"
        else:
            place += f".{part}" if part in words else f".{HIDDEN}"
    return place if len(location) <= MAX_DEPTH else f"{place}.{HIDDEN}"
