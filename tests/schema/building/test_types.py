"""What a schema becomes: a type that reads what the schema allows."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.schema.building.building import alias, build, contract_of, field, payload, record, type_of
from typedws.schema.contract.types import (
    ANY,
    NULL,
    Constraints,
    ListOf,
    LiteralOf,
    MapOf,
    Ref,
    Scalar,
    TupleOf,
    Type,
    UnionOf,
)

STR, INT, FLOAT, BOOL = Scalar("str"), Scalar("int"), Scalar("float"), Scalar("bool")


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "string"}, STR),
        ({"type": "integer"}, INT),
        ({"type": "number"}, FLOAT),
        ({"type": "boolean"}, BOOL),
        ({"type": "null"}, NULL),
        ({}, ANY),
        (True, ANY),
        ({"type": "string", "format": "date-time"}, Scalar("datetime")),
        ({"type": "string", "format": "date"}, Scalar("date")),
        ({"type": "string", "format": "uuid"}, Scalar("uuid")),
        ({"type": "string", "format": "byte"}, Scalar("bytes")),
        ({"type": "string", "contentEncoding": "base64"}, Scalar("bytes")),
        ({"type": "string", "format": "decimal"}, STR),
        ({"type": "string", "format": "email"}, STR),
        ({"type": "array"}, ListOf(ANY)),
        ({"type": "array", "items": {"type": "integer"}}, ListOf(INT)),
        ({"type": "object"}, MapOf(ANY)),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, MapOf(INT)),
        ({"type": "object", "patternProperties": {"^x": {"type": "integer"}}}, MapOf(INT)),
    ],
)
def test_a_plain_schema_is_a_plain_type(schema: Any, expected: Type) -> None:
    assert type_of(schema) == expected


@pytest.mark.parametrize(
    "schema",
    [
        {"type": ["string", "null"]},
        {"type": "string", "nullable": True},
        {"oneOf": [{"type": "string"}, {"type": "null"}]},
        {"anyOf": [{"type": "null"}, {"type": "string"}]},
    ],
)
def test_null_is_allowed_by_any_spelling(schema: Any) -> None:
    found = type_of(schema)
    assert isinstance(found, UnionOf)
    assert set(found.members) == {STR, NULL}


@pytest.mark.parametrize("schema", [{"enum": ["a", "b", None]}, {"type": ["string", "null"], "enum": ["a", "b"]}])
def test_an_enumeration_may_be_null(schema: Any) -> None:
    assert type_of(schema) == UnionOf((LiteralOf(("a", "b")), NULL))


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"const": "x"}, LiteralOf(("x",))),
        ({"enum": [1, 2]}, LiteralOf((1, 2))),
        ({"enum": ["a", 1]}, LiteralOf(("a", 1))),
        ({"const": True}, BOOL),
        ({"enum": [0.5, 1.5]}, FLOAT),
        ({"enum": [{"a": 1}]}, ANY),
        ({"enum": ["a", "a"]}, LiteralOf(("a",))),
        ({"const": 2**70}, INT),
    ],
)
def test_listed_values_are_literals_where_python_has_them(schema: Any, expected: Type) -> None:
    assert type_of(schema) == expected


def test_true_is_not_one() -> None:
    assert type_of({"enum": [1, True]}) == UnionOf((LiteralOf((1,)), BOOL))


def test_an_unquoted_number_among_strings_is_the_string_that_was_meant() -> None:
    assert type_of({"type": "string", "enum": [0, 1, "ALL"]}) == LiteralOf(("0", "1", "ALL"))


@pytest.mark.parametrize(
    ("schema", "constraints"),
    [
        ({"type": "string", "minLength": 1, "maxLength": 5}, Constraints(min_length=1, max_length=5)),
        ({"type": "string", "pattern": "^a+$"}, Constraints(pattern="^a+$")),
        ({"type": "integer", "minimum": 0, "maximum": 9}, Constraints(ge=0, le=9)),
        ({"type": "integer", "exclusiveMinimum": 0}, Constraints(gt=0)),
        ({"type": "integer", "minimum": 0, "exclusiveMinimum": True}, Constraints(gt=0)),
        ({"type": "integer", "minimum": 0, "exclusiveMinimum": 5}, Constraints(gt=5)),
        ({"type": "integer", "multipleOf": 5}, Constraints(multiple_of=5)),
        ({"allOf": [{"type": "integer", "minimum": 1}, {"minimum": 3, "maximum": 8}]}, Constraints(ge=3, le=8)),
    ],
)
def test_constraints_are_kept_and_the_strictest_counts(schema: Any, constraints: Constraints) -> None:
    found = type_of(schema)
    assert isinstance(found, Scalar)
    assert found.constraints == constraints


@pytest.mark.parametrize("pattern", ["(", "\\p{L}+", "[", "(?<n>a)"])
def test_a_pattern_that_python_cannot_read_is_left_out_with_a_warning(pattern: str) -> None:
    found = type_of({"type": "string", "pattern": pattern})
    assert found == STR
    with pytest.raises(re.error):
        re.compile(pattern)


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "array", "items": [{"type": "string"}, {"type": "integer"}]}, TupleOf((STR, INT))),
        ({"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}]}, TupleOf((STR, INT))),
        ({"type": "array", "items": []}, ListOf(ANY)),
        (
            {"type": "array", "items": [{"type": "string"}, {"type": "integer"}], "minItems": 1},
            ListOf(UnionOf((STR, INT)), Constraints(min_length=1)),
        ),
        (
            {"type": "array", "items": [{"type": "string"}], "additionalItems": {"type": "integer"}},
            ListOf(ANY),
        ),
        (
            {"type": "array", "items": [{"type": "string"}, {"type": "integer"}], "example": ["a"]},
            ListOf(UnionOf((STR, INT))),
        ),
    ],
)
def test_an_array_with_a_type_for_each_position_is_a_tuple_if_it_always_has_all(schema: Any, expected: Type) -> None:
    assert type_of(schema) == expected


def test_a_format_that_the_examples_belie_is_not_believed() -> None:
    assert type_of({"type": "string", "format": "date-time", "example": "1597026383085"}) == STR
    assert type_of({"type": "string", "format": "date-time", "example": "2026-01-01T00:00:00Z"}) == Scalar("datetime")


def test_an_object_becomes_a_record_and_says_what_must_be_there() -> None:
    contract = contract_of(
        incoming={
            "Trade": {
                "type": "object",
                "required": ["symbol"],
                "additionalProperties": False,
                "properties": {
                    "symbol": {"type": "string", "description": "What was traded."},
                    "price": {"type": "number", "default": 1.5, "deprecated": True},
                },
            }
        }
    )
    trade = record(contract, "Trade")
    symbol, price = trade.fields
    assert trade.closed
    assert (symbol.required, symbol.description) == (True, "What was traded.")
    assert (price.required, price.default, price.deprecated) == (False, 1.5, True)


@pytest.mark.parametrize(
    ("wire_name", "name"),
    [
        ("price", "price"),
        ("clientOrderId", "clientOrderId"),
        ("from", "from_"),
        ("24h_volume", "field_24h_volume"),
        ("POLY-API-KEY", "poly_api_key"),
        ("str", "str_"),
        ("0", "field_0"),
        ("_id", "id"),
        ("", "field"),
        ("价格", "u4ef7u683c"),
    ],
)
def test_every_property_has_a_name_that_python_can_take(wire_name: str, name: str) -> None:
    contract = contract_of(incoming={"Item": payload(**{wire_name: {"type": "string"}})})
    (found,) = record(contract, "Item").fields
    assert (found.wire_name, found.name) == (wire_name, name)


def test_properties_whose_names_become_one_are_kept_apart() -> None:
    contract = contract_of(incoming={"Item": payload(**{"a-b": {"type": "string"}, "a b": {"type": "integer"}})})
    assert [one.name for one in record(contract, "Item").fields] == ["a_b", "a_b2"]


def test_nested_objects_are_named_after_where_they_stand() -> None:
    level = payload(price={"type": "number"})
    contract = contract_of(incoming={"Book": payload(bids={"type": "array", "items": level}, best=level)})
    assert field(contract, "Book", "bids").type == ListOf(Ref("BookBid"))
    assert field(contract, "Book", "best").type == Ref("BookBest")


def test_all_parts_of_an_all_of_hold() -> None:
    contract = build("""
        channels:
          feed:
            address: /feed
            messages:
              Trade: {payload: {$ref: '#/components/schemas/Trade'}}
        operations:
          receiveTrade: {action: receive, channel: {$ref: '#/channels/feed'}}
        components:
          schemas:
            Event:
              type: object
              required: [kind]
              properties:
                kind: {type: string}
                at: {type: integer}
            Trade:
              allOf:
                - $ref: '#/components/schemas/Event'
                - properties:
                    kind: {const: trade}
                    price: {type: number}
                  required: [price]
    """)
    fields = {one.wire_name: (one.type, one.required) for one in record(contract, "Trade").fields}
    assert fields == {"kind": (LiteralOf(("trade",)), True), "at": (INT, False), "price": (FLOAT, True)}


def test_what_stands_beside_a_reference_counts() -> None:
    described = {"$ref": "#/components/schemas/Price", "description": "ignored by the letter of the specification"}
    assert type_of(described, components={"Price": {"type": "number"}}) == FLOAT
    narrowed = {"$ref": "#/components/schemas/Price", "minimum": 0}
    assert type_of(narrowed, components={"Price": {"type": "number"}}) == Scalar("float", Constraints(ge=0))


def test_alternatives_are_a_union_and_each_is_built_once() -> None:
    components = {"A": payload(a={"type": "string"}), "B": payload(b={"type": "string"})}
    found = type_of(
        {"oneOf": [{"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/B"}]}, components=components
    )
    assert found == UnionOf((Ref("A"), Ref("B")))


def test_what_stands_beside_alternatives_is_in_each_of_them() -> None:
    contract = contract_of(
        incoming={
            "Reply": {
                "type": "object",
                "required": ["id"],
                "properties": {"id": {"type": "string"}},
                "oneOf": [payload(result={"type": "string"}), payload(problem={"type": "integer"})],
            }
        }
    )
    names = [[one.wire_name for one in record(contract, name).fields] for name in ("ReplyResult", "ReplyProblem")]
    assert names == [["id", "result"], ["id", "problem"]]


def test_alternatives_that_only_say_which_properties_are_there_are_no_types() -> None:
    contract = contract_of(
        incoming={
            "Order": {
                "type": "object",
                "properties": {"size": {"type": "string"}, "funds": {"type": "string"}},
                "anyOf": [{"required": ["size"]}, {"required": ["funds"]}],
            }
        }
    )
    assert [one.wire_name for one in record(contract, "Order").fields] == ["size", "funds"]


def test_conditions_are_left_to_the_reader_and_noted() -> None:
    contract = contract_of(incoming={"Order": {**payload(a={"type": "string"}), "if": {"required": ["a"]}, "not": {}}})
    assert record(contract, "Order").notes == ("if, not",)


def test_a_schema_may_contain_itself() -> None:
    node = {
        "type": "object",
        "properties": {"children": {"type": "array", "items": {"$ref": "#/components/schemas/Node"}}},
    }
    assert type_of({"$ref": "#/components/schemas/Node"}, components={"Node": node}) == Ref("Node")


def test_a_union_may_contain_itself() -> None:
    tree = {"oneOf": [{"type": "string"}, {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}]}
    contract = contract_of(incoming={"Item": payload(value=tree)})
    assert isinstance(field(contract, "Item", "value").type, UnionOf)
    assert type_of({"$ref": "#/components/schemas/Tree"}, components={"Tree": tree}) == Ref("Tree")


def test_an_enumeration_with_a_name_keeps_it() -> None:
    found = type_of({"$ref": "#/components/schemas/Side"}, components={"Side": {"enum": ["buy", "sell"]}})
    assert found == Ref("Side")


def test_a_payload_that_is_no_object_is_an_alias() -> None:
    contract = contract_of(incoming={"Prices": {"type": "array", "items": {"type": "number"}}})
    assert alias(contract, "Prices") == ListOf(FLOAT)
