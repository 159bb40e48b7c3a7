"""Messages: content types, schema formats, correlation, examples, traits."""

from __future__ import annotations

import pytest

import typedws
from tests.schema.document.reading import codes, read
from typedws.schema.document import Document, MessageObject


def message(body: str, extra: str = "") -> tuple[MessageObject, Document]:
    document = read(f"channels:\n  a:\n    messages:\n      m: {body}\n{extra}")
    return document.channels[0].messages[0], document


def test_what_a_message_says() -> None:
    found, document = message(
        "{name: N, title: T, summary: S, description: D, contentType: 'Application/JSON; charset=utf-8', "
        "deprecated: true, x-a: 1, correlationId: {location: '$message.payload#/id'}, "
        "payload: {$ref: '#/components/schemas/P'}}",
        "components: {schemas: {P: {type: object}}}",
    )
    assert (found.key, found.name, found.title, found.summary, found.description) == ("m", "N", "T", "S", "D")
    assert (found.content_type, found.correlation, found.deprecated) == (
        "application/json",
        "$message.payload#/id",
        True,
    )
    assert found.extensions["x-a"].value == 1
    assert found.payload is not None
    assert found.payload.is_reference
    assert codes(document) == []


def test_the_content_type_of_the_document() -> None:
    found, _ = message("{}", "defaultContentType: application/cbor")
    assert (found.content_type, found.payload) == ("application/cbor", None)


@pytest.mark.parametrize("payload", ["true", "false", "{}"])
def test_a_schema_may_be_true_or_false(payload: str) -> None:
    found, _ = message(f"{{payload: {payload}}}")
    assert found.payload is not None


@pytest.mark.parametrize(
    ("stated", "expected", "code"),
    [
        ("application/vnd.aai.asyncapi;version=3.0.0", "", []),
        ("application/vnd.aai.asyncapi+json;version=2.6.0", "", []),
        ("application/schema+json;version=draft-07", "application/schema+json;version=draft-07", []),
        ("application/schema+yaml;version=draft/2020-12", "application/schema+yaml;version=draft/2020-12", []),
        ("application/vnd.oai.openapi;version=3.0.0", "application/vnd.oai.openapi;version=3.0.0", []),
        ("application/json", "application/json", ["unknown-schema-format"]),
    ],
)
def test_schema_formats(stated: str, expected: str, code: list[str]) -> None:
    found, document = message(f"{{payload: {{schemaFormat: '{stated}', schema: {{type: object}}}}}}")
    assert found.payload is not None
    assert (found.payload.pointer, found.schema_format) == ("#/channels/a/messages/m/payload/schema", expected)
    assert codes(document) == code
    loose, _ = message(f"{{schemaFormat: '{stated}', payload: {{type: object}}}}")
    assert loose.schema_format == expected


@pytest.mark.parametrize(
    ("stated", "name"),
    [
        ("application/vnd.apache.avro;version=1.9.0", "Avro"),
        ("application/vnd.google.protobuf;version=3", "Protobuf"),
        ("application/raml+yaml;version=1.0", "RAML"),
    ],
)
def test_other_schema_formats_are_refused(stated: str, name: str) -> None:
    with pytest.raises(typedws.SchemaError, match=f"the message 'm' is a schema of {name}") as caught:
        message(f"{{payload: {{schemaFormat: '{stated}', schema: 'syntax'}}}}")
    assert caught.value.pointer == "#/channels/a/messages/m/payload"


def test_a_format_and_a_schema_behind_references() -> None:
    found, _ = message(
        "{payload: {$ref: '#/components/schemas/P'}}",
        "components: {schemas: {P: {schemaFormat: application/schema+json, "
        "schema: {$ref: '#/components/schemas/Q'}}, Q: {}}}",
    )
    assert found.payload is not None
    assert found.payload.target.pointer == "#/components/schemas/Q"


@pytest.mark.parametrize(
    ("examples", "expected", "loose"),
    [
        ("[{name: one, payload: {a: 1}}, {payload: null}]", [("one", {"a": 1}), ("", None)], 0),
        ("[{headers: {a: 1}}]", [], 0),
        ("[{a: 1}, text]", [("", {"a": 1}), ("", "text")], 2),
        ("{one: {value: 1}, two: {payload: 2}}", [("one", 1), ("two", 2)], 2),
        ("[{$ref: '#/x-example'}]", [("", 7)], 0),
    ],
)
def test_examples(examples: str, expected: list[tuple[str, object]], loose: int) -> None:
    found, document = message(f"{{examples: {examples}}}", "x-example: {payload: 7}")
    assert [(example.name, example.payload) for example in found.examples] == expected
    assert codes(document) == ["loose-example"] * loose


def test_traits_stand_behind_the_message_and_the_last_one_before_the_others() -> None:
    found, document = message(
        "{name: own, traits: [{name: first, title: first, contentType: text/plain, correlationId: {description: x}}, "
        "{$ref: '#/components/messageTraits/t'}, {$ref: '#/none'}]}",
        "components: {messageTraits: {t: {title: last, x-t: 1, correlationId: {location: '$message.payload#/id'}}}}",
    )
    assert (found.name, found.title, found.content_type) == ("own", "last", "text/plain")
    assert found.correlation == "$message.payload#/id"
    assert found.extensions["x-t"].pointer == "#/components/messageTraits/t/x-t"
    assert codes(document) == ["dangling-reference"]


def test_a_null_takes_away_what_a_trait_has() -> None:
    found, _ = message("{title: null, traits: [{title: gone, summary: kept}]}")
    assert (found.title, found.summary) == ("", "kept")


def test_traits_of_an_operation() -> None:
    document = read(
        """
        channels: {a: {}}
        operations:
          o:
            action: send
            channel: {$ref: '#/channels/a'}
            summary: own
            traits: [{summary: trait, description: more, security: [{type: http, scheme: basic}]}]
        """
    )
    (operation,) = document.operations
    assert (operation.summary, operation.description) == ("own", "more")
    assert [scheme.scheme for scheme in operation.security] == ["basic"]


def test_two_places_of_one_message_are_one_message() -> None:
    document = read(
        """
        channels:
          a: {messages: {x: {$ref: '#/components/messages/M'}}}
          b: {messages: {y: {$ref: '#/components/messages/N'}}}
          c: {messages: {z: {$ref: '#/channels/d/messages/own'}}}
          d: {messages: {own: {}}}
        components: {messages: {M: {}, N: {$ref: '#/components/messages/M'}}}
        """
    )
    a, b, c, d = (channel.messages[0] for channel in document.channels)
    assert (a.key, c.key) == ("M", "own")
    assert a is b
    assert c is d


def test_what_stands_next_to_a_reference_is_reported() -> None:
    document = read(
        "channels: {a: {messages: {x: {$ref: '#/components/messages/M', name: N}}}}\ncomponents: {messages: {M: {}}}"
    )
    assert codes(document) == ["reference-siblings"]


def test_wrong_types_are_left_out_and_reported() -> None:
    found, document = message("{name: [], examples: 3, correlationId: text, traits: 3, deprecated: maybe}")
    assert (found.name, found.examples, found.correlation, found.deprecated) == ("", (), "", False)
    assert codes(document) == ["wrong-type"] * 4
