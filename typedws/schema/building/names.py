"""Names in Python for what a document calls by any name at all.

A name is made of the words of the document's: `order-book.update` becomes `OrderBookUpdate` and `order_book_update`.
What has no word that Python could take, as a name in another script mostly can, is spelled by code points.

A class name belongs to the place that it was first given to. A module that is generated again says which place had
which name, and every place gets its own name back, whatever has been added around it.
"""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

__all__ = [
    "IMPORTED",
    "METHODS",
    "RESERVED",
    "ClassNames",
    "camel",
    "field_name",
    "singular",
    "snake",
    "unique",
    "words",
]

_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")

IMPORTED = frozenset(
    "AbstractAsyncContextManager Annotated Any Base64 ByKey ByKind ByPattern ByValue ClassVar ConnectOptions "
    "Connection Credential Decision Exchange Field Final Generic Incoming Literal Messages Meta Model Never Only "
    "Outgoing Reconnected RequestFailed Self Struct Subscription Tagged Trial TypeAlias UNSET UUID Undecided Unknown "
    "Unpack UnsetType uuid4 annotations classmethod dt field given".split()
)
"""What a generated module imports or defines by itself."""

METHODS = frozenset(
    {"close", "close_reason", "connect", "dropped", "incoming", "outgoing", "receive", "send", "session"}
)
"""What a connection has by itself, so that no operation can be called so."""

RESERVED = IMPORTED | frozenset(dir(builtins)) | frozenset(keyword.kwlist) | frozenset(keyword.softkwlist) - {"type"}
"""What no class may be called, so that annotations mean what they say."""

_ANNOTATIONS = IMPORTED | {"bool", "bytes", "dict", "float", "int", "list", "object", "str", "tuple"}
"""What no field may be called: an annotation beside it would mean the field."""


def words(name: str) -> list[str]:
    """The words of a name, as they are written there; Latin letters without their marks."""
    name = unicodedata.normalize("NFKD", name.replace("ß", "ss"))
    name = "".join(character for character in name if not unicodedata.combining(character))
    cleaned = "".join(character if character.isidentifier() or character.isdecimal() else " " for character in name)
    cleaned = cleaned.replace("_", " ")
    return [word for part in cleaned.split() for word in _BOUNDARY.split(part) if word]


def camel(name: str, *, fallback: str = "Value") -> str:
    """A class name: `OrderBookUpdate`."""
    made = "".join(word[0].upper() + word[1:] for word in words(name)) or (name and _spelled(name, fallback))
    if not made or not fallback:
        return made or fallback
    name = _identifier(made if not made[0].isdigit() else f"{fallback}{made}", fallback)
    return name[0].upper() + name[1:]


def snake(name: str, *, fallback: str = "value") -> str:
    """A name of a method or an argument: `order_book_update`; a keyword gets a `_` behind it."""
    made = "_".join(word.lower() for word in words(name)) or _spelled(name, fallback).lower()
    made = _identifier(made if not made[0].isdigit() else f"{fallback}_{made}", fallback)
    return f"{made}_" if keyword.iskeyword(made) else made


def field_name(wire_name: str) -> str:
    """The name of a field: the wire's own where Python can take it."""
    if not wire_name.isidentifier() or not wire_name.isascii() or wire_name.startswith("_"):
        return snake(wire_name, fallback="field")
    if keyword.iskeyword(wire_name) or wire_name in _ANNOTATIONS:
        return f"{wire_name}_"
    return wire_name


def unique(wanted: str, taken: Iterable[str]) -> str:
    """The name, or the first of it with 2, 3, ... behind it that is not taken."""
    known = taken if isinstance(taken, AbstractSet) else set(taken)
    name, number = wanted, 2
    while name in known:
        name, number = f"{wanted}{'' if not wanted[-1].isdigit() else '_'}{number}", number + 1
    return name


def singular(name: str) -> str:
    """The name of one of them: `Bid` for `Bids`; `DataItem` for `Data`."""
    if name.endswith("ies") and len(name) > 4:
        return f"{name[:-3]}y"
    if name.endswith("s") and not name.endswith(("ss", "us", "is")) and len(name) > 2:
        return name[:-1]
    return f"{name}Item"


def _spelled(name: str, fallback: str) -> str:
    return fallback + "".join(f"{ord(character):X}" for character in name[:8])


def _identifier(name: str, fallback: str) -> str:
    # Identifiers are compared after normalisation, so only ASCII ones are certain to be what they look like.
    plain = "".join(character if character.isascii() else f"u{ord(character):x}" for character in name)
    return plain if plain.isidentifier() else fallback


class ClassNames:
    """The class names of a module, each for one place.

    Args:
        pinned: names by place, from a module that was generated before or from the user; nobody else gets these.
    """

    def __init__(self, pinned: Mapping[str, str] | None = None) -> None:
        self._pinned = {
            place: name
            for place, name in (pinned or {}).items()
            if name.isidentifier() and name not in RESERVED and name.isascii()
        }
        self._by_place: dict[str, str] = {}
        self._taken: set[str] = set(self._pinned.values())

    def get(self, place: str, *wanted: str) -> str:
        """The name of a place.

        Args:
            place: the pointer, with its file where that is another one.
            wanted: names in the order of preference; the first that is free is taken, or else the first with a number.
        """
        known = self._by_place.get(place)
        if known is not None:
            return known
        name = self._pinned.get(place)
        if name is None or name in self._by_place.values():
            candidates = [f"{name}Type" if name in RESERVED else name for name in wanted]
            free = [name for name in candidates if name not in self._taken]
            name = free[0] if free else unique(candidates[0], self._taken)
        self._by_place[place] = name
        self._taken.add(name)
        return name

    def has(self, place: str) -> bool:
        """Whether a place has got a name."""
        return place in self._by_place

    def reserve(self, name: str) -> str:
        """A name for what has no place in the document, such as a connection; pinned under itself."""
        place = unique(f"={name}", self._by_place)
        return self.get(place, name, f"{name}Client")
