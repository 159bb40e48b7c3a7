"""What the sampler chooses, and what it does where nothing can be chosen."""

from __future__ import annotations

import pytest

from tests.schema.samples.models import contract_of
from typedws import SchemaError
from typedws.schema.contract.api import Direction, Example, Message
from typedws.schema.contract.types import (
    NULL,
    Alias,
    Constraints,
    Field,
    ListOf,
    LiteralOf,
    MapOf,
    Record,
    Ref,
    Scalar,
    Tag,
    TupleOf,
    Type,
    UnionOf,
)
from typedws.schema.decisions import ByKey, Only
from typedws.schema.samples import Sampler

STR = Scalar("str")
INT = Scalar("int")


def record(name: str, *fields: Field, tag: Tag | None = None) -> Record:
    return Record(name=name, pointer="#", fields=fields, tag=tag)


def needed(name: str, type_: Type, wire_name: str = "", example: object = None) -> Field:
    return Field(name=name, wire_name=wire_name or name, type=type_, required=True, example=example)


def optional(name: str, type_: Type, default: object = None) -> Field:
    return Field(name=name, wire_name=name, type=type_, required=False, default=default)


def message(name: str, *examples: object) -> Message:
    payloads = tuple(Example(payload=example) for example in examples)
    return Message(name=name, keys=(name,), format="json", pointer="#", examples=payloads)


TRADE = record("Trade", needed("price", Scalar("float")), optional("note", STR), needed("from_", STR, "from"))


def test_a_message_is_one_of_its_valid_examples() -> None:
    good, bad = {"price": 1.5, "from": "x"}, {"price": "much"}
    sampler = Sampler(contract_of(TRADE))
    assert [sampler.message(message("Trade", bad, good)) for _ in range(5)] == [good] * 5


def test_without_examples_it_is_made() -> None:
    sampler = Sampler(contract_of(TRADE), use_examples=False)
    value = sampler.message(message("Trade", {"price": 1.5, "from": "x"}))
    assert value != {"price": 1.5, "from": "x"}
    assert sampler.checker.accepts(Ref("Trade"), value)


def test_examples_are_not_changed_by_who_gets_them() -> None:
    sampler = Sampler(contract_of(record("Many", needed("items", ListOf(STR)))))
    many = message("Many", {"items": ["a"]})
    sampler.message(many)["items"].append("b")
    assert sampler.message(many) == {"items": ["a"]}


def test_fields_have_their_examples() -> None:
    contract = contract_of(record("Order", needed("symbol", STR, example="BTC-USD"), needed("size", INT, example="no")))
    value = Sampler(contract).value(Ref("Order"))
    assert value["symbol"] == "BTC-USD"
    assert isinstance(value["size"], int)


def test_fixed_values_stand_in_their_places() -> None:
    body = record("Body", optional("order_id", STR), optional("other", STR))
    reply = record("Reply", optional("body", UnionOf((Ref("Body"), NULL))), needed("args", ListOf(Ref("Body"))))
    sampler = Sampler(contract_of(body, reply))
    fixed = {("body", "order_id"): "7", ("args", 1, "order_id"): "8"}
    for _ in range(10):
        value = sampler.value(Ref("Reply"), fixed=fixed)
        assert value["body"]["order_id"] == "7"
        assert value["args"][1]["order_id"] == "8"


def test_fixed_values_that_do_not_fit_are_left_out() -> None:
    value = Sampler(contract_of(TRADE)).value(Ref("Trade"), fixed={("price",): "much", ("nowhere",): 1})
    assert isinstance(value["price"], float)
    assert "nowhere" not in value


def test_examples_take_fixed_values() -> None:
    sampler = Sampler(contract_of(TRADE))
    example = {"price": 1.5, "from": "x"}
    value = sampler.message(message("Trade", example), fixed={("from_",): "y", ("note",): "z"})
    assert value == {"price": 1.5, "from": "y", "note": "z"}


def test_fields_can_be_left_out() -> None:
    sampler = Sampler(contract_of(TRADE), use_examples=False)
    assert all("note" not in sampler.value(Ref("Trade"), without={"note"}) for _ in range(10))
    assert {"note" in sampler.value(Ref("Trade")) for _ in range(20)} == {True, False}
    assert "note" in sampler.value(Ref("Trade"), presence="all")
    assert "note" not in sampler.value(Ref("Trade"), presence="none")


def test_a_tag_is_there_even_where_it_may_be_absent() -> None:
    tagged = record("Hello", optional("type", LiteralOf(("hello",))), tag=Tag("type", "hello"))
    assert Sampler(contract_of(tagged)).value(Ref("Hello"), presence="none") == {"type": "hello"}


def test_recursive_types_come_to_an_end() -> None:
    tree = record("Tree", needed("left", UnionOf((Ref("Tree"), NULL))), needed("more", ListOf(Ref("Tree"))))
    sampler = Sampler(contract_of(tree))
    for _ in range(50):
        assert sampler.checker.accepts(Ref("Tree"), sampler.value(Ref("Tree"), presence="all"))
    assert sampler.variants(Ref("Tree"))


def test_a_type_without_a_finite_value_is_said() -> None:
    sampler = Sampler(contract_of(record("Endless", needed("next", Ref("Endless")))))
    with pytest.raises(SchemaError, match="Endless needs itself"):
        sampler.value(Ref("Endless"))
    assert sampler.variants(Ref("Endless")) == []


SOME = Constraints(min_length=1)


@pytest.mark.parametrize(
    "type_", [ListOf(Ref("Endless"), SOME), MapOf(Ref("Endless"), SOME), TupleOf((Ref("Endless"),))]
)
def test_an_array_that_must_hold_itself_is_said(type_: Type) -> None:
    endless = Alias(name="Endless", pointer="#", type=type_)
    holder = record("Holder", needed("it", UnionOf((Ref("Endless"), NULL))), optional("more", Ref("Endless")))
    sampler = Sampler(contract_of(endless, holder))
    for asked in (Ref("Endless"), type_):
        with pytest.raises(SchemaError, match="Endless needs itself"):
            sampler.value(asked)
        assert sampler.variants(asked) == []
    assert sampler.value(Ref("Holder"), presence="all") == {"it": None}


@pytest.mark.parametrize(
    "type_",
    [
        Scalar("int", Constraints(ge=3, le=2)),
        Scalar("float", Constraints(gt=1, lt=1)),
        Scalar("str", Constraints(min_length=3, max_length=2)),
        Scalar("str", Constraints(pattern=r"a(?<!a)")),
        Scalar("str", Constraints(min_length=10**12)),
        ListOf(STR, Constraints(min_length=10**12)),
        TupleOf((STR, Ref("Nobody"))),
    ],
)
def test_what_cannot_be_made_is_said_or_left_out(type_: Type) -> None:
    with pytest.raises(SchemaError, match="no sample can be made"):
        Sampler(contract_of()).value(type_)
    assert Sampler(contract_of()).variants(type_) == []
    holder = contract_of(record("Holder", optional("it", type_)))
    assert Sampler(holder).value(Ref("Holder"), presence="all") == {}


def test_a_default_helps_where_a_pattern_cannot_be_met() -> None:
    odd = Scalar("str", Constraints(pattern=r"^(?=\d\d)(?=.5)\d+$"))
    contract = contract_of(record("Odd", Field(name="x", wire_name="x", type=odd, required=True, default="15")))
    assert Sampler(contract).checker.accepts(Ref("Odd"), Sampler(contract).value(Ref("Odd")))


def test_a_message_is_told_from_its_siblings() -> None:
    """`b` may have the key that `a` is known by; a value with it would be taken for `a`."""
    a = record("A", needed("a", INT))
    b = record("B", optional("a", INT), needed("b", INT))
    direction = Direction(messages=(message("A"), message("B")), text=ByKey({"a": Only("A"), "b": Only("B")}))
    sampler = Sampler(contract_of(a, b))
    assert all("a" not in sampler.message(message("B"), direction=direction) for _ in range(20))


def test_variants_take_every_branch() -> None:
    side = Alias(name="Side", pointer="#", type=LiteralOf(("buy", "sell", "both")))
    order = record("Order", needed("side", Ref("Side")), optional("note", UnionOf((STR, INT, NULL))))
    found = Sampler(contract_of(side, order)).variants(Ref("Order"))
    assert {value["side"] for value in found} == {"buy", "sell", "both"}
    assert {type(value["note"]) for value in found if "note" in value} == {str, int, type(None)}
    assert any("note" not in value for value in found)


def test_a_sampler_with_another_seed_is_another_one() -> None:
    sampler = Sampler(contract_of(TRADE), 1)
    values = [sampler.value(Ref("Trade")) for _ in range(3)]
    assert [sampler.reseeded(1).value(Ref("Trade")) for _ in range(3)] == [values[0]] * 3
