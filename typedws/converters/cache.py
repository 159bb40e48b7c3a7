"""What was built for a type form, kept for the next message of that type.

A decoder or a `TypeAdapter` costs as much as a thousand messages, so each is built once. Three things make this more
than a dict:

- `A | B == B | A`, but where pydantic tries the members of a union in order, the two read differently. What was built
  for such a form is found again as the same object, or by a key that keeps the order.
- Some forms cannot be hashed (`Annotated` with a list in it). They are found again as the same object.
- A program may make types as it runs. At most `MAX_FORMS` forms are remembered, the oldest is forgotten first.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any, Final, Generic, Literal, TypeVar, get_args, get_origin

__all__ = ["MAX_FORMS", "FormCache"]

MAX_FORMS: Final = 1024
"""Type forms that a converter remembers; more than a program has that does not make them as it runs."""

V = TypeVar("V")


class FormCache(Generic[V]):
    """Values by type form, built when they are first asked for. May be shared by threads: at worst one is built twice.

    Args:
        build: returns the value for a form, and whether forms that are equal but not the same may share it.

    Attributes:
        known: the values that a plain lookup may use; the hot path. Whatever it does not hold is a question for `find`.
    """

    __slots__ = ("_build", "_exact", "_lock", "_same", "known")

    def __init__(self, build: Callable[[Any], tuple[V, bool]]) -> None:
        self.known: dict[Any, V] = {}
        self._exact: dict[Any, V] = {}
        self._same: dict[int, tuple[Any, V]] = {}  # it keeps the form alive, and so its id the only one
        self._build = build
        self._lock = Lock()

    def find(self, form: Any) -> V:
        """The value for `form`. Whatever `build` raises comes out, and is not remembered."""
        same = self._same.get(id(form))
        if same is not None and same[0] is form:
            return same[1]
        value = None
        try:
            key = _exact_key(form)
            value = self._exact.get(key)
        except TypeError:
            key = None
        if value is not None:
            with self._lock:
                _remember(self._same, id(form), (form, value))
            return value
        value, shared = self._build(form)
        with self._lock:
            _remember(self._same, id(form), (form, value))
            if key is not None:
                _remember(self._exact, key, value)
                if shared or key is form:  # a class, say
                    _remember(self.known, form, value)
        return value


def _exact_key(form: Any) -> Any:
    origin = get_origin(form)
    # Literal[1] and Literal[True] differ, and only the form itself knows it.
    if origin is None or origin is Literal:
        return form
    return (origin, *map(_exact_key, get_args(form)))


def _remember(cache: dict[Any, Any], key: Any, value: Any) -> None:
    while key not in cache and len(cache) >= MAX_FORMS:
        del cache[next(iter(cache))]
    cache[key] = value
