"""What is wrong with a value, and which message a value is."""

from __future__ import annotations

from typing import Any

import pytest

from tests.schema.samples.models import contract_of
from typedws.schema.contract.types import (
    NULL,
    Constraints,
    Field,
    ListOf,
    LiteralOf,
    MapOf,
    Record,
    Ref,
    Scalar,
    TupleOf,
    Type,
    UnionOf,
)
from typedws.schema.decisions import ByKey, ByKind, ByValue, Decision, Only, Tagged, Trial, Undecided
from typedws.schema.samples import Checker, candidates

SIDE = Field(name="side", wire_name="side", type=LiteralOf(("buy", 1)), required=True)
OPEN = Record(name="Open", pointer="#", fields=(SIDE,), extra=Scalar("int"))
CLOSED = Record(name="Closed", pointer="#", fields=(SIDE,), closed=True)
CHECKER = Checker(contract_of(OPEN, CLOSED))
INTS = ListOf(Scalar("int"), Constraints(min_length=1, max_length=2))


@pytest.mark.parametrize(
    ("type_", "value", "problem"),
    [
        (Ref("Open"), {"side": "buy", "more": 1}, None),
        (Ref("Open"), {"side": "buy", "more": "x"}, "$.more is no whole number"),
        (Ref("Open"), {}, "$.side is missing"),
        (Ref("Open"), {"side": True}, "$.side is none of the known values"),
        (Ref("Open"), [], "$ is no object"),
        (Ref("Closed"), {"side": 1, "more": 1}, "$ has other members than it may have"),
        (Ref("Nobody"), 1, "$ is of an unknown type"),
        (INTS, [], "$ is shorter than 1"),
        (INTS, [1, 2, 3], "$ is longer than 2"),
        (INTS, [1, True], "$[1] is no whole number"),
        (INTS, {}, "$ is no array"),
        (TupleOf((Scalar("str"), Scalar("bool"))), ["x", True], None),
        (TupleOf((Scalar("str"),)), [], "$ has not 1 items"),
        (MapOf(Scalar("str")), {"a": 1}, "$.a is no text"),
        (UnionOf((Ref("Open"), NULL)), {"side": "hold"}, "$.side is none of the known values"),
        (Scalar("int", Constraints(multiple_of=5)), 7, "$ is no multiple of 5"),
        (Scalar("float", Constraints(multiple_of=0.1)), 0.3, None),
        (Scalar("float", Constraints(gt=1)), 1, "$ is too small"),
        (Scalar("float", Constraints(lt=1)), 1, "$ is too large"),
        (Scalar("str", Constraints(pattern="^a")), "b", "$ does not match its pattern"),
        (Scalar("bytes", Constraints(max_length=2)), "YWJj", "$ is longer than 2"),
        (Scalar("bytes"), "?", "$ is no base64"),
        (Scalar("datetime"), "2025-01-01", "$ is no date and time"),
        (Scalar("datetime"), "2025-01-01T00:00:00Z", None),
        (Scalar("date"), "2025-01-01", None),
        (Scalar("time"), "x", "$ is no time"),
        (Scalar("uuid"), "1234", "$ is no UUID"),
        (Scalar("null"), 0, "$ is no null"),
        (Scalar("any"), object(), None),
    ],
)
def test_what_is_wrong(type_: Type, value: Any, problem: str | None) -> None:
    assert CHECKER.problem(type_, value) == problem


KINDS: Decision[str] = ByKind({"array": Only("A"), "string": Only("S"), "null": Only("N"), "boolean": Only("B")})


@pytest.mark.parametrize(
    ("decision", "value", "names"),
    [
        (None, {}, ()),
        (Only("A"), 7, ("A",)),
        (Tagged("t", {"a": "A", 1: "B"}), {"t": 1}, ("B",)),
        (Tagged("t", {"a": "A", 1: "B"}), {"t": True}, ()),
        (Tagged("t", {"a": "A"}), [], ()),
        (ByValue((1, "k"), {"a": Only("A")}), [0, {"k": "a"}], ("A",)),
        (ByValue((1, "k"), {"a": Only("A")}, Only("B")), [0], ("B",)),
        (ByValue(("k",), {True: Only("A")}), {"k": 1}, ()),
        (ByKey({"a": Only("A"), "b": Only("B")}), {"b": 1, "a": 1}, ("A",)),
        (ByKey({"a": Only("A")}), "a", ()),
        (KINDS, [], ("A",)),
        (KINDS, "", ("S",)),
        (KINDS, None, ("N",)),
        (KINDS, False, ("B",)),
        (KINDS, 1.5, ()),
        (Trial(("A", "B")), {}, ("A", "B")),
        (Undecided(("A", "B")), {}, ("A", "B")),
    ],
)
def test_which_message_it_is(decision: Decision[str] | None, value: Any, names: tuple[str, ...]) -> None:
    assert candidates(decision, value) == names
