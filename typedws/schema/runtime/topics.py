"""What a message subscribes to, or cancels: one topic, or each element of a list in it.

Where a list in the request says which updates it is for, `["A", "B"]` are two topics. Another subscription may have one
of them too, so they are counted one by one, and a message is sent for some of them.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import Any, cast

from typedws.frames import DataFrame
from typedws.schema.decisions import Path
from typedws.schema.runtime.messages import Codec
from typedws.schema.runtime.paths import MISSING, replaced, value_at

__all__ = ["Topics", "place_of"]


class Topics:
    """A message that subscribes or cancels, and its topics.

    Args:
        codec: writes it.
        message: the message.
        place: where its list is; None where it is one topic as a whole.
        request_id: where it has an id of its own, which makes it no other topic.

    Raises:
        SerializeError: it cannot be written.
    """

    def __init__(self, codec: Codec[Any], message: Any, *, place: Path | None, request_id: Path = ()) -> None:
        self._codec = codec
        self._message = message
        self._place = place if _elements(message, place) else None
        self._whole = codec.encode(message)
        bare = message
        known = value_at(message, request_id) if request_id else MISSING
        if known is not MISSING:
            bare = replaced(bare, request_id, "" if isinstance(known, str) else 0)
        if self._place is not None:
            bare = replaced(bare, self._place, [])
        rest = self._whole if bare is message else codec.encode(bare)
        self._elements: dict[Hashable, Any] = {rest: None}
        if self._place is not None:
            elements = _elements(message, self._place)
            self._elements = {(rest, type(element), element): element for element in elements}

    def __iter__(self) -> Iterator[Hashable]:
        return iter(self._elements)

    def like(self, other: Topics, topics: Iterable[Hashable]) -> list[Hashable]:
        """Those of its topics that have the elements of these topics of another message; all where either is whole."""
        if self._place is None or other._place is None:
            return list(self)
        wanted = [other._elements[topic] for topic in topics]
        return [topic for topic, element in self._elements.items() if element in wanted]

    def frame(self, topics: Sequence[Hashable]) -> DataFrame:
        """The message for some of its topics."""
        if self._place is None or len(topics) == len(self._elements):
            return self._whole
        elements = [self._elements[topic] for topic in topics]
        return self._codec.encode(replaced(self._message, self._place, elements))


def place_of(message: object, paths: Iterable[Path]) -> Path | None:
    """Which of these paths leads to a list whose elements are topics; None where none does, or more than one."""
    found = [path for path in paths if _elements(message, path)]
    return found[0] if len(found) == 1 else None


def _elements(message: object, path: Path | None) -> tuple[Any, ...]:
    if path is None or not all(isinstance(step, str) for step in path):
        return ()
    value = value_at(message, path)
    if not isinstance(value, list | tuple | set | frozenset):
        return ()
    elements = tuple(cast("Iterable[Any]", value))
    return elements if all(isinstance(element, Hashable) for element in elements) else ()
