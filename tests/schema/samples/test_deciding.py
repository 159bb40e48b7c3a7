"""The sampler's reading of a decision is the runtime's: what one takes for a message, the other reads as that message."""

from __future__ import annotations

import json
from typing import Annotated, Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from typedws import DeserializeError, TextFrame
from typedws.schema import Unknown
from typedws.schema.decisions import ByKey, ByKind, ByPattern, ByValue, Decision, Only, Tagged, Trial, Undecided
from typedws.schema.runtime.deciding import reader_for
from typedws.schema.runtime.messages import CONVERTERS
from typedws.schema.samples import candidates, why_unknown

NAMES = ("A", "B", "C", "D")
KEYS = st.sampled_from(["type", "kind", "data", "é"])
TAGS = st.sampled_from(["a", "b", "a.b", "1", "true", "", 0, 1, -1, 2, True, False])
NUMBERS = st.sampled_from([0, 1, -1, 2, 0.0, 1.0, 1.5, -1.0, 2**53, 2**63])
SCALARS = st.one_of(TAGS, NUMBERS, st.none(), st.sampled_from(["A", "xa", "b\n", "aé", "x" * 50]))
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=6
)
PATHS = st.lists(KEYS | st.sampled_from([0, 1, -1]), min_size=0, max_size=3).map(tuple)
PATTERNS = st.sampled_from(["^a", "b$", r"^\w+$", "", r"\.", "(?i)A", r"^\d"])
KINDS = st.sampled_from(["object", "array", "string", "number", "boolean", "null"])
SOME_NAMES = st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True).map(tuple)
LEAVES: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from(NAMES).map(Only), SOME_NAMES.map(Trial), SOME_NAMES.map(Undecided)
)


def branches(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    otherwise: Any = st.none() | inner
    return st.one_of(
        st.builds(ByValue, PATHS, st.dictionaries(TAGS, inner, min_size=1, max_size=3), otherwise),
        st.builds(ByPattern, PATHS, st.dictionaries(PATTERNS, inner, min_size=1, max_size=3), otherwise),
        st.builds(ByKey, st.dictionaries(KEYS, inner, min_size=1, max_size=3), otherwise),
        st.builds(ByKind, st.dictionaries(KINDS, inner, min_size=1, max_size=3), otherwise),
    )


DECISIONS: st.SearchStrategy[Decision[str]] = st.recursive(LEAVES, branches, max_leaves=6)


def form(name: str) -> Any:
    """A type that reads everything, and is another one for each name."""
    return Annotated[Any, name]


def with_forms(decision: Any) -> Any:
    """The decision of a generated module that this one of a contract becomes."""
    match decision:
        case None:
            return None
        case Only(name):
            return Only(form(name))
        case Trial(names):
            return Trial(tuple(map(form, names)))
        case Undecided(names):
            return Undecided(tuple(map(form, names)))
        case Tagged(field, forms):
            return Tagged(field, {tag: form(name) for tag, name in forms.items()})
        case ByValue() | ByPattern():
            cases: Any = {key: with_forms(case) for key, case in decision.cases.items()}
            return type(decision)(decision.path, cases, with_forms(decision.otherwise))
        case _:
            cases = {key: with_forms(case) for key, case in decision.cases.items()}
            return type(decision)(cases, with_forms(decision.otherwise))


def read(decision: Any, value: Any) -> Any:
    """The form that the runtime reads a value as; where nothing decides, A is expected."""
    frame = TextFrame(json.dumps(value))
    return reader_for(with_forms(decision), CONVERTERS["json"])(frame, {form("A")})[1]


@settings(max_examples=400, deadline=None)
@given(
    decision=DECISIONS | st.builds(Tagged, KEYS, st.dictionaries(TAGS, st.sampled_from(NAMES), min_size=1)),
    value=VALUES,
)
def test_what_can_be_a_message_is_read_as_it(decision: Decision[str], value: Any) -> None:
    names = candidates(decision, value)
    found = read(decision, value)
    if found is Unknown:
        # Where nothing tells, only what is expected is read.
        assert not names or "A" not in names
    else:
        assert found in map(form, names)
    assert bool(why_unknown(decision, value)) is (not names)


class One(msgspec.Struct, tag_field="type", tag="1"):
    pass


class Two(msgspec.Struct, tag_field="type", tag="2"):
    pass


class Eins(msgspec.Struct, tag_field="type", tag=1):
    pass


class Zwei(msgspec.Struct, tag_field="type", tag=2):
    pass


@settings(max_examples=200, deadline=None)
@given(
    forms=st.sampled_from([{"1": One}, {"1": One, "2": Two}, {1: Eins}, {1: Eins, 2: Zwei}]),
    value=st.one_of(VALUES, st.fixed_dictionaries({"type": TAGS | SCALARS | NUMBERS})),
)
def test_a_tag_too(forms: dict[Any, Any], value: Any) -> None:
    """Where the runtime decodes all of them at once."""
    names = candidates(Tagged("type", {tag: cls.__name__ for tag, cls in forms.items()}), value)
    read_ = reader_for(Tagged("type", forms), CONVERTERS["json"])
    try:
        found = read_(TextFrame(json.dumps(value)), ())[1].__name__
    except DeserializeError:
        # It is known, and yet no valid one: 1.0 is 1 where messages are told apart, and no integer in the field itself.
        assert names
        assert isinstance(value["type"], float)
    else:
        assert found == (names[0] if names else "Unknown")


@pytest.mark.parametrize(
    ("decision", "value", "text"),
    [
        (Tagged("type", {"a": "A", "b": "B"}), {"type": "c"}, '$.type is "c", not "a" or "b"'),
        (Tagged("type", {"a": "A"}), {}, '$.type is missing, where "a" should be'),
        (Tagged("type", {"a": "A"}), {"type": "x" * 50}, '$.type is text, not "a"'),
        (Tagged("op", {1: "A", 2: "B", 3: "C"}), {"op": True}, "$.op is true, not 1, 2 or 3"),
        (ByValue(("data", 0), {True: Only("A")}), {"data": [[]]}, "$.data[0] is an array, not true"),
        (
            ByValue(("type",), {"a": ByValue(("kind",), {"x": Only("A")})}),
            {"type": "a", "kind": None},
            '$.kind is null, not "x"',
        ),
        (ByPattern(("topic",), {"^a": Only("A")}), {"topic": "b"}, '$.topic is "b", not text like ^a'),
        (ByKey({"a": Only("A"), "b": Only("B")}), {"c": 1}, 'it has none of the keys "a" or "b"'),
        (ByKey({"a": Only("A")}), [], "it is no object"),
        (ByKind({"object": Only("A"), "null": Only("B")}), [], "it is an array, not an object or null"),
        (
            ByValue(("n",), {number: Only("A") for number in range(1, 20)}),
            {"n": 0},
            "$.n is 0, not 1, 2, 3, 4, 5, 6, 7, 8 or one of 11 more",
        ),
        (Only("A"), {}, ""),
        (None, {}, ""),
    ],
)
def test_it_is_said_why_a_message_is_unknown(decision: Decision[str] | None, value: Any, text: str) -> None:
    assert why_unknown(decision, value) == text
