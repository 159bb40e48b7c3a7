"""The ladder: which messages are told apart by what, and what happens to those that are not."""

from __future__ import annotations

from typing import Any

import pytest

from tests.schema.building.building import build, contract_of, field, only, payload, record, with_messages
from typedws.schema.building.contract import build_contract
from typedws.schema.building.options import BuildOptions
from typedws.schema.contract.types import LiteralOf, Tag, UnionOf
from typedws.schema.decisions import (
    ByKey,
    ByKind,
    ByPattern,
    ByValue,
    Decision,
    Only,
    Tagged,
    Trial,
    Undecided,
    leaves,
)
from typedws.schema.document import load

TEXT = {"type": "string"}


def const(value: Any) -> dict[str, Any]:
    return {"const": value}


def decided(**incoming: Any) -> Decision[str] | None:
    return only(contract_of(incoming=incoming)).incoming.text


def test_one_field_with_a_value_for_each_is_a_tag() -> None:
    contract = contract_of(incoming={"Trade": payload(type=const("trade")), "Quote": payload(type={"enum": ["quote"]})})
    assert only(contract).incoming.text == Tagged("type", {"trade": "Trade", "quote": "Quote"})
    assert record(contract, "Trade").tag == Tag("type", "trade")


def test_a_tag_may_be_a_number() -> None:
    assert decided(A=payload(op=const(1)), B=payload(op=const(2))) == Tagged("op", {1: "A", 2: "B"})


def test_a_tag_that_a_document_forgot_to_require_is_required_all_the_same() -> None:
    contract = contract_of(
        incoming={"A": payload(required=False, type=const("a")), "B": payload(required=False, type=const("b"))}
    )
    assert isinstance(only(contract).incoming.text, Tagged)
    assert field(contract, "A", "type").required


def test_several_values_of_one_message_are_all_its_own() -> None:
    found = decided(Order=payload(type={"enum": ["new", "changed"]}), Fill=payload(type=const("fill")))
    assert found == ByValue(("type",), {"new": Only("Order"), "changed": Only("Order"), "fill": Only("Fill")})


def test_a_second_field_tells_what_the_first_leaves_open() -> None:
    found = decided(
        Ok=payload(event=const("status"), status=const("ok")),
        Bad=payload(event=const("status"), status=const("bad")),
        Beat=payload(event=const("beat")),
    )
    assert isinstance(found, ByValue)
    assert found.path == ("event",)
    assert found.cases["beat"] == Only("Beat")
    assert found.cases["status"] == ByValue(("status",), {"ok": Only("Ok"), "bad": Only("Bad")})


def test_a_nested_field_tells_where_the_top_level_does_not() -> None:
    found = decided(A=payload(data=payload(kind=const("a"))), B=payload(data=payload(kind=const("b"))))
    assert found == ByValue(("data", "kind"), {"a": Only("A"), "b": Only("B")})


def test_a_position_in_an_array_tells() -> None:
    def row(name: str) -> dict[str, Any]:
        return {"type": "array", "items": [{"type": "integer"}, const(name), TEXT]}

    assert decided(A=row("a"), B=row("b")) == ByValue((1,), {"a": Only("A"), "b": Only("B")})


def test_a_key_that_only_one_must_have_tells() -> None:
    found = decided(Init=payload(init=TEXT), Stop=payload(stop=TEXT))
    assert found == ByKey({"init": Only("Init"), "stop": Only("Stop")})


def test_the_one_without_a_key_of_its_own_is_what_is_left() -> None:
    found = decided(Plain=payload(id=TEXT), More=payload(id=TEXT, extra=TEXT))
    assert found == ByKey({"extra": Only("More")}, ByKey({"id": Only("Plain")}))


def test_what_is_left_has_to_look_like_it() -> None:
    found = decided(
        Ack=payload(event={"enum": ["subscribed", "unsubscribed"]}),
        Err=payload(code=TEXT),
        Pong=payload(op=const("pong")),
    )
    assert isinstance(found, ByKey)
    assert found.cases["op"] == ByValue(("op",), {"pong": Only("Pong")})
    assert found.otherwise is None


def test_patterns_tell_as_the_addresses_of_topics_do() -> None:
    def update(pattern: str) -> dict[str, Any]:
        return payload(type=const("data"), channel={"type": "string", "pattern": pattern})

    found = decided(Trades=update("^/trades/[A-Z]+$"), Depth=update("^/depth/[A-Z]+$"))
    assert found == ByPattern(("channel",), {"^/trades/[A-Z]+$": Only("Trades"), "^/depth/[A-Z]+$": Only("Depth")})


def test_what_they_are_tells() -> None:
    found = decided(Rows={"type": "array", "items": TEXT}, Info=payload(info=TEXT))
    assert isinstance(found, ByKind)
    assert set(found.cases) == {"array", "object"}


def test_text_and_binary_frames_are_told_apart_first() -> None:
    contract = contract_of(
        incoming={"Audio": {"type": "string", "format": "binary"}, "Done": payload(type=const("done"))}
    )
    incoming = only(contract).incoming
    assert incoming.binary == Only("Audio")
    assert incoming.binary_format == "binary"
    assert list(leaves(incoming.text)) == ["Done"]


def test_examples_tell_where_nothing_better_does() -> None:
    def update(example: str) -> dict[str, Any]:
        return payload(required=False, e={"type": "string", "example": example}, p=TEXT)

    found = decided(Trade=update("trade"), Quote=update("quote"))
    assert isinstance(found, ByValue)
    assert found.cases == {"trade": Only("Trade"), "quote": Only("Quote")}
    assert found.otherwise == Undecided(("Trade", "Quote"))


def test_a_list_of_all_values_is_narrowed_by_the_names_of_the_messages() -> None:
    kinds = {"type": "string", "enum": ["Flush", "Clear"]}
    contract = contract_of(incoming={"SpeakFlush": payload(type=kinds), "SpeakClear": payload(type=kinds)})
    assert only(contract).incoming.text == Tagged("type", {"Flush": "SpeakFlush", "Clear": "SpeakClear"})
    assert field(contract, "SpeakFlush", "type").type == LiteralOf(("Flush",))


def test_an_enumeration_that_messages_share_is_no_tag() -> None:
    side = {"type": "string", "enum": ["buy", "sell"]}
    found = decided(A=payload(side=side, a=TEXT), B=payload(side=side, b=TEXT))
    assert found == ByKey({"a": Only("A"), "b": Only("B")})


def test_what_nothing_tells_apart_is_undecided_and_reported() -> None:
    document = load(
        "shop.json",
        text=with_messages(incoming={"A": payload(x=TEXT), "B": payload(x={"type": "string", "minLength": 2})}),
    )
    contract = build_contract(document)
    assert only(contract).incoming.text == Undecided(("A", "B"))
    (found,) = [finding for finding in document.findings if finding.code == "undecided"]
    assert found.severity == "error"
    assert "A, B" in found.message


@pytest.mark.parametrize("place", ["extension", "options"])
def test_trial_is_for_those_who_ask(place: str) -> None:
    messages = {"A": payload(x=TEXT), "B": payload(x={"type": "string", "minLength": 2})}
    more = {"x-typedws-discriminator": "trial"} if place == "extension" else {}
    options = BuildOptions(discriminators={"feed.incoming": "trial"} if place == "options" else {})
    contract = build_contract(load("shop.json", text=with_messages(incoming=messages, **more)), options)
    assert only(contract).incoming.text == Trial(("A", "B"))


def test_the_user_may_name_the_place() -> None:
    messages = {
        "A": payload(kind=const("a"), data=payload(code=const("x"))),
        "B": payload(kind=const("b"), data=payload(code=const("y"))),
    }
    text = with_messages(incoming=messages, **{"x-typedws-discriminator": "/data/code"})
    found = only(build_contract(load("shop.json", text=text))).incoming.text
    assert found == ByValue(("data", "code"), {"x": Only("A"), "y": Only("B")})


def test_one_message_alone_is_known_by_its_tag() -> None:
    assert decided(Trade=payload(type=const("trade"))) == Tagged("type", {"trade": "Trade"})
    assert decided(Anything=payload(x=TEXT)) == Only("Anything")


def test_two_entries_with_one_schema_are_one_message() -> None:
    contract = build("""
        channels:
          feed:
            address: /feed
            messages:
              error: {payload: {$ref: '#/components/schemas/Failure'}}
              warning: {payload: {$ref: '#/components/schemas/Failure'}}
        operations:
          receiveAll: {action: receive, channel: {$ref: '#/channels/feed'}}
        components:
          schemas:
            Failure: {type: object, properties: {text: {type: string}}}
    """)
    (message,) = only(contract).incoming.messages
    assert (message.name, message.keys) == ("Failure", ("error", "warning"))


def test_a_payload_of_alternatives_is_as_many_messages() -> None:
    contract = contract_of(incoming={"Status": {"oneOf": [payload(type=const("up")), payload(type=const("down"))]}})
    assert only(contract).incoming.text == Tagged("type", {"up": "StatusUp", "down": "StatusDown"})


def test_a_declared_discriminator_gives_schemas_their_names_as_values() -> None:
    contract = build("""
        channels:
          feed:
            address: /feed
            messages:
              Event: {payload: {$ref: '#/components/schemas/Event'}}
        operations:
          receiveAll: {action: receive, channel: {$ref: '#/channels/feed'}}
        components:
          schemas:
            Event:
              discriminator: kind
              oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]
            Cat: {type: object, required: [kind], properties: {kind: {type: string}}}
            Dog: {type: object, required: [kind], properties: {kind: {type: string}}}
    """)
    assert only(contract).incoming.text == Tagged("kind", {"Cat": "Cat", "Dog": "Dog"})


def test_a_mapping_gives_schemas_other_values() -> None:
    contract = build("""
        channels:
          feed:
            address: /feed
            messages:
              Event: {payload: {$ref: '#/components/schemas/Event'}}
        operations:
          receiveAll: {action: receive, channel: {$ref: '#/channels/feed'}}
        components:
          schemas:
            Event:
              discriminator:
                propertyName: kind
                mapping: {c: '#/components/schemas/Cat', d: '#/components/schemas/Dog'}
              oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]
            Cat: {type: object, required: [kind], properties: {kind: {type: string}}}
            Dog: {type: object, required: [kind], properties: {kind: {type: string}}}
    """)
    assert only(contract).incoming.text == Tagged("kind", {"c": "Cat", "d": "Dog"})


def test_unions_inside_of_messages_have_tags_too() -> None:
    part = {"oneOf": [payload(kind=const("text"), text=TEXT), payload(kind=const("image"), url=TEXT)]}
    contract = contract_of(incoming={"Post": payload(part=part)})
    found = field(contract, "Post", "part").type
    assert isinstance(found, UnionOf)
    assert found.tag == "kind"


def test_a_record_has_one_tag_and_the_messages_choose_first() -> None:
    both = payload(type=const("a"), kind=const("x"))
    contract = contract_of(
        incoming={"A": both, "B": payload(type=const("b"), kind=const("x"))},
    )
    assert record(contract, "A").tag == Tag("type", "a")


def test_the_explanation_is_there_in_words() -> None:
    contract = contract_of(incoming={"A": payload(type=const("a")), "B": payload(type=const("b"))})
    assert only(contract).incoming.explanation == ('Told apart by the tag "type": 2 values.',)


def test_the_decision_does_not_depend_on_chance() -> None:
    messages = {
        f"M{number}": payload(kind={"enum": [f"k{number % 7}"]}, **{f"p{number % 5}": TEXT}) for number in range(40)
    }
    first, second = contract_of(incoming=messages), contract_of(incoming=messages)
    assert first == second
