"""How messages are told apart: a decision, as plain data.

A decision is made once, when code is generated, and stands in the generated module where it can be read. Its leaves are
types there, and names of declarations in the contract that a module is generated from. Each node looks at one thing:

    Only(form)                       nothing to tell apart
    Tagged(field, forms)             one field, which the forms' own decoder looks at: one decode for all of them
    ByValue(path, cases, otherwise)  the value at a place: ("type",), ("data", "kind"), (2,) for the third of an array
    ByPattern(path, cases, otherwise) the first of these regular expressions that matches the string at a place
    ByKey(cases, otherwise)          the first of these keys that the object has
    ByKind(cases, otherwise)         whether it is an object, an array, a string, ...
    Trial(forms)                     the first form that reads it; only where somebody asked for it
    Undecided(forms)                 nothing in the document tells these apart

Where a decision leads nowhere, the message is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, Literal, TypeAlias, TypeVar

__all__ = [
    "ByKey",
    "ByKind",
    "ByPattern",
    "ByValue",
    "Decision",
    "Kind",
    "Only",
    "Path",
    "Tagged",
    "Trial",
    "Undecided",
    "leaves",
]

L = TypeVar("L")

Path: TypeAlias = tuple[str | int, ...]
"""The way from the whole payload to a value in it: keys of objects and positions in arrays."""

Kind: TypeAlias = Literal["object", "array", "string", "number", "boolean", "null"]
"""What a payload is, in the words of JSON."""


@dataclass(frozen=True, slots=True)
class Only(Generic[L]):
    """There is one kind of message here."""

    form: L


@dataclass(frozen=True, slots=True)
class Tagged(Generic[L]):
    """One field tells, and each form knows its own value of it, so that a union of them is read in one decode.

    Attributes:
        field: the name of the field on the wire.
        forms: the forms by the value of the field; each of them is a record with that tag.
    """

    field: str
    forms: Mapping[str | int, L]


@dataclass(frozen=True, slots=True)
class ByValue(Generic[L]):
    """The value at a place tells.

    Attributes:
        path: the place.
        cases: what follows from each value.
        otherwise: what follows from any other, or from none; None for an unknown message.
    """

    path: Path
    cases: Mapping[str | int | bool, Decision[L]]
    otherwise: Decision[L] | None = None


@dataclass(frozen=True, slots=True)
class ByPattern(Generic[L]):
    """The string at a place tells, by what it looks like; the first regular expression that is found in it counts."""

    path: Path
    cases: Mapping[str, Decision[L]]
    otherwise: Decision[L] | None = None


@dataclass(frozen=True, slots=True)
class ByKey(Generic[L]):
    """The presence of a key tells; the first key that is there counts."""

    cases: Mapping[str, Decision[L]]
    otherwise: Decision[L] | None = None


@dataclass(frozen=True, slots=True)
class ByKind(Generic[L]):
    """Whether the payload is an object, an array, a string or another kind tells."""

    cases: Mapping[Kind, Decision[L]]
    otherwise: Decision[L] | None = None


@dataclass(frozen=True, slots=True)
class Trial(Generic[L]):
    """Each form is tried, in this order, and the first that reads the message counts."""

    forms: tuple[L, ...]


@dataclass(frozen=True, slots=True)
class Undecided(Generic[L]):
    """Nothing tells these apart; only what has been subscribed to can narrow them down."""

    forms: tuple[L, ...]


Decision: TypeAlias = Only[L] | Tagged[L] | ByValue[L] | ByPattern[L] | ByKey[L] | ByKind[L] | Trial[L] | Undecided[L]


def leaves(decision: Decision[L] | None) -> Iterator[L]:
    """Every form that a decision can come to, in the order in which it stands there."""
    match decision:
        case None:
            return
        case Only(form):
            yield form
        case Tagged(_, forms):
            yield from forms.values()
        case (
            ByValue(_, cases, otherwise)
            | ByPattern(_, cases, otherwise)
            | ByKey(cases, otherwise)
            | ByKind(cases, otherwise)
        ):
            for case in cases.values():
                yield from leaves(case)
            yield from leaves(otherwise)
        case Trial(forms) | Undecided(forms):
            yield from forms
