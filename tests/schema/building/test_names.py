"""Names: every one is Python, no two are the same, and a class keeps the one it has."""

from __future__ import annotations

import keyword
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.schema.building.building import build, only, payload, with_messages
from typedws import SchemaError
from typedws.schema import Connection
from typedws.schema.building.contract import build_contract
from typedws.schema.building.names import METHODS, RESERVED, ClassNames, camel, field_name, singular, snake, unique
from typedws.schema.building.options import BuildOptions, read_overrides
from typedws.schema.document import load
from typedws.schema.generating import Models, generate


@pytest.mark.parametrize(
    ("name", "class_name", "argument"),
    [
        ("order-book.update", "OrderBookUpdate", "order_book_update"),
        ("orderBookUpdate", "OrderBookUpdate", "order_book_update"),
        ("HTTPServerError", "HTTPServerError", "http_server_error"),
        ("24h_volume", "Value24hVolume", "value_24h_volume"),
        ("/v1/listen", "V1Listen", "v1_listen"),
        ("TRADE-{x}--{y}", "TRADEXY", "trade_x_y"),
        ("from", "From", "from_"),
        ("price", "Price", "price"),
    ],
)
def test_a_name_is_made_of_the_words_of_the_documents(name: str, class_name: str, argument: str) -> None:
    assert (camel(name), snake(name)) == (class_name, argument)


@given(st.text(max_size=30))
def test_whatever_a_document_calls_it_it_has_a_name_in_python(name: str) -> None:
    for made in (camel(name), snake(name), field_name(name)):
        assert made.isidentifier()
        assert made.isascii()
    assert not keyword.iskeyword(snake(name))
    assert not keyword.iskeyword(field_name(name))


@given(st.lists(st.text(max_size=8), max_size=20, unique=True))
def test_no_two_places_have_one_name(places: list[str]) -> None:
    names = ClassNames()
    made = [names.get(place, camel(place[:2])) for place in places]
    assert len(set(made)) == len(made)
    assert not set(made) & RESERVED
    assert made == [names.get(place, "Other") for place in places]


@pytest.mark.parametrize(
    ("name", "expected"), [("Bids", "Bid"), ("Entries", "Entry"), ("Data", "DataItem"), ("Status", "StatusItem")]
)
def test_one_of_several_is_called_by_the_singular(name: str, expected: str) -> None:
    assert singular(name) == expected


def test_a_taken_name_gets_a_number() -> None:
    assert unique("a", {"a", "a2"}) == "a3"
    assert unique("v1", {"v1"}) == "v1_2"


def test_what_a_connection_has_is_what_no_operation_may_be_called() -> None:
    # Each generated class has its own `connect`.
    assert {name for name in dir(Connection) if not name.startswith("_")} | {"connect"} == METHODS


def test_a_class_keeps_its_name_whatever_is_added_before_it() -> None:
    item, other = payload(a={"type": "string"}), payload(b={"type": "string"})
    before = build_contract(load("shop.json", text=with_messages(incoming={"Item": item})))
    places = {declared.pointer: declared.name for declared in before.declarations}
    text = with_messages(incoming={"item": other, "Item": item})
    after = build_contract(load("shop.json", text=text), BuildOptions(old_names=places))
    names = {declared.pointer: declared.name for declared in after.declarations}
    assert names["#/channels/feed/messages/Item/payload"] == "Item"
    assert len(set(names.values())) == 2


def test_the_user_may_choose_a_name_by_the_place_of_message_or_payload() -> None:
    text = with_messages(incoming={"M1": payload(a={"type": "string"})})
    for place in ("#/channels/feed/messages/M1", "#/channels/feed/messages/M1/payload"):
        contract = build_contract(load("shop.json", text=text), BuildOptions(names={place: "Trade"}))
        assert [declared.name for declared in contract.declarations] == ["Trade"]


def test_a_document_may_choose_a_name() -> None:
    contract = build("""
        channels:
          feed:
            address: /feed
            messages:
              m1: {x-typedws-name: Trade, payload: {type: object, properties: {level: {$ref: '#/components/schemas/l'}}}}
        operations:
          receiveAll: {action: receive, channel: {$ref: '#/channels/feed'}}
        components:
          schemas:
            l: {x-typedws-name: Level, type: object, properties: {price: {type: number}}}
    """)
    assert [declared.name for declared in contract.declarations] == ["Trade", "Level"]


def test_what_is_said_of_things_that_there_are_not_is_reported() -> None:
    document = load("shop.json", text=with_messages(incoming={"Item": payload(a={"type": "string"})}))
    build_contract(document, BuildOptions(names={"#/nowhere": "X"}, discriminators={"nothing": "/type"}))
    assert [finding.message for finding in document.findings if finding.code == "unused-override"] == [
        "[names] has '#/nowhere', and no class is made for that place",
        "[discriminators] has 'nothing', and there is no such channel",
    ]


def test_a_folder_may_say_what_a_document_does_not(tmp_path: Path) -> None:
    (tmp_path / "typedws.toml").write_text(
        'perspective = "server"\nname = "Prices"\n[names]\n"#/a" = "A"\n[discriminators]\n"feed" = "trial"\n'
    )
    assert read_overrides(tmp_path) == BuildOptions(
        perspective="server", name="Prices", names={"#/a": "A"}, discriminators={"feed": "trial"}
    )
    assert read_overrides(tmp_path / "elsewhere") == BuildOptions()


@pytest.mark.parametrize(
    "text",
    [
        "perspective = 'mine'",
        "name = 'class'",
        "name = 3",
        "nmae = 'x'",
        "[names]\na = 'not a name'",
        "[names]\na = 1",
        "= =",
    ],
)
def test_a_wrong_override_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "typedws.toml").write_text(text)
    with pytest.raises(SchemaError, match=r"typedws\.toml"):
        read_overrides(tmp_path)


def test_messages_with_one_name_are_named_after_their_channels() -> None:
    contract = build("""
        channels:
          a: {address: /s, messages: {event: {payload: {type: object, required: [x], properties: {x: {}}}}}}
          b: {address: /s, messages: {event: {payload: {type: object, required: [y], properties: {y: {}}}}}}
        operations:
          receiveA: {action: receive, channel: {$ref: '#/channels/a'}}
          receiveB: {action: receive, channel: {$ref: '#/channels/b'}}
    """)
    assert [message.name for message in only(contract).incoming.messages] == ["AEvent", "BEvent"]


UNNAMED = """\
asyncapi: 3.0.0
info: {title: Board, version: 1.0.0}
channels:
  board:
    address: /board
    messages:
      change:
        payload:
          oneOf:
            - {type: object, title: Drawn, properties: {type: {const: drawn}}, required: [type]}
            - {type: object, additionalProperties: {type: integer}}
operations:
  onChange: {action: receive, channel: {$ref: '#/channels/board'}}
"""


@pytest.mark.parametrize("models", ["msgspec", "pydantic"])
def test_an_alternative_without_a_name_of_its_own_keeps_the_one_it_got(models: Models) -> None:
    made = generate("api.yaml", text=UNNAMED, models=models).text
    assert "\nChange2: TypeAlias" in made
    for _ in range(2):
        assert generate("api.yaml", text=UNNAMED, models=models, previous=made).text == made
