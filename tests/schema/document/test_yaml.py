"""YAML is read by the core schema of YAML 1.2, and only plain data comes out."""

from __future__ import annotations

import pytest

import typedws
from tests.schema.document.reading import codes, value
from typedws.schema.document import load


@pytest.mark.parametrize("text", ["yes", "no", "on", "off", "Yes", "NO", "y", "n", "2024-01-31"])
def test_words_and_dates_stay_text(text: str) -> None:
    assert value(text) == text


@pytest.mark.parametrize("text", ["1_000", "12:30:45", "0b11", "0o8", "0x", "1e", "+", ".", "+.", "=", "nul"])
def test_what_only_looks_like_a_number_stays_text(text: str) -> None:
    assert value(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", 1), ("-7", -7), ("+7", 7), ("007", 7), ("0o17", 15), ("0xFF", 255), ("1.5", 1.5), (".5", 0.5),
        ("5.", 5.0),        ("1e3", 1000.0), ("-1.5E-2", -0.015), ("true", True), ("True", True),
        ("FALSE", False), ("null", None),
        ("~", None), ("", None), ("'1'", "1"), ('"true"', "true"), ("!!str 1", "1"), ("!!int '1'", 1),
        ("!!float 1", 1.0), ("!!null ''", None), ("! 1", "1"),
    ],
)  # fmt: skip
def test_scalars_of_the_core_schema(text: str, expected: object) -> None:
    found = value(text)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize("text", [".inf", "-.INF", ".nan", "1e999", "9" * 401, "!!int x", "!!bool 1"])
def test_numbers_that_json_cannot_hold_are_refused(text: str) -> None:
    with pytest.raises(typedws.SchemaError, match=r"^api.yaml:2: ") as caught:
        value(text)
    assert caught.value.line == 2


def test_keys_keep_the_text_that_they_are_written_with() -> None:
    found = value("{yes: 1, no: 2, 1: 3, 0x10: 4, true: 5, null: 6, 1.50: 7, 2024-01-01: 8}")
    assert list(found) == ["yes", "no", "1", "0x10", "true", "null", "1.50", "2024-01-01"]


def test_a_key_that_is_an_object_is_refused() -> None:
    with pytest.raises(typedws.SchemaError, match="a key is text"):
        value("{? [a] : 1}")


def test_aliases_stand_for_the_same_value() -> None:
    found = value("{a: &a [1, 2], b: *a, &k key: 1, other: *k}")
    assert found == {"a": [1, 2], "b": [1, 2], "key": 1, "other": "key"}


def test_an_alias_inside_of_itself_is_refused() -> None:
    with pytest.raises(typedws.SchemaError, match="stands inside of what it stands for"):
        value("&a [*a]")


def test_an_alias_of_nothing_is_refused() -> None:
    with pytest.raises(typedws.SchemaError, match="has no anchor"):
        value("*a")


def test_merge_keys() -> None:
    document = load(
        "api.yaml",
        text="asyncapi: 3.0.0\nx-a: &a {one: 1, two: 2}\nx-b: &b {two: 3, three: 3}\nx-c:\n  two: 0\n  <<: [*a, *b]\n",
    )
    assert document.node.value["x-c"] == {"one": 1, "two": 0, "three": 3}
    merged = document.extensions["x-c"]
    assert {key: child.line for key, child in merged.items()} == {"one": 2, "two": 5, "three": 3}


def test_a_merge_key_in_quotes_is_a_key() -> None:
    assert value("{'<<': {a: 1}}") == {"<<": {"a": 1}}


def test_a_merge_key_takes_objects() -> None:
    with pytest.raises(typedws.SchemaError, match="merge key"):
        value("{<<: 1}")


def test_a_key_that_stands_twice_is_reported_and_the_last_one_wins() -> None:
    document = load("api.yaml", text="asyncapi: 3.0.0\nx-a:\n  b: 1\n  c: 2\n  b: 3\n")
    assert document.node.value["x-a"] == {"b": 3, "c": 2}
    finding = next(finding for finding in document.findings if finding.code == "duplicate-key")
    assert (finding.pointer, finding.line) == ("#/x-a/b", 5)


def test_an_unknown_tag_is_reported() -> None:
    document = load("api.yaml", text="asyncapi: 3.0.0\nx-a: !secret yes\nx-b: !!set {a: 1}\n")
    assert (document.node.value["x-a"], document.node.value["x-b"]) == ("yes", {"a": 1})
    assert codes(document) == ["unknown-tag", "unknown-tag"]


def test_one_document_in_each_file() -> None:
    with pytest.raises(typedws.SchemaError, match=r"^api.yaml:2: .*more than one YAML document"):
        load("api.yaml", text="asyncapi: 3.0.0\n---\nasyncapi: 3.0.0\n")
    assert load("api.yaml", text="%YAML 1.1\n---\nasyncapi: 3.0.0\n...\n").version == "3.0.0"


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n"])
def test_an_empty_file_is_refused(text: str) -> None:
    with pytest.raises(typedws.SchemaError, match=r"empty|not null"):
        load("api.yaml", text=text)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("asyncapi: 3.0.0\na: b: c\n", 2),
        ("asyncapi: 3.0.0\na: [1,\nb: 2\n", 4),
        ("asyncapi: 3.0.0\n\ta: 1\n", 2),
        ("asyncapi: 3.0.0\na: 'x\n", 3),
        ('asyncapi: 3.0.0\na: "\\q"\n', 2),
        ("asyncapi: 3.0.0\na: \x01\n", 2),
        ('asyncapi: 3.0.0\na: "\\ud800"\n', 2),
    ],
)
def test_what_is_no_yaml_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(typedws.SchemaError) as caught:
        load("api.yaml", text=text)
    assert caught.value.line == line
    assert str(caught.value).startswith(f"api.yaml:{line}: ")


def test_an_escape_that_is_no_character_is_refused() -> None:
    with pytest.raises(typedws.SchemaError, match="no YAML"):
        load("api.yaml", text='asyncapi: "\\UFFFFFFFF"')


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_encodings(encoding: str) -> None:
    document = load("api.yaml", text="asyncapi: 3.0.0\ninfo: {title: Grüße 😀}\n".encode(encoding))
    assert document.title == "Grüße 😀"


def test_bytes_that_are_no_utf8_are_refused_with_their_line() -> None:
    with pytest.raises(typedws.SchemaError, match=r"^api.yaml:2: the file is not UTF-8"):
        load("api.yaml", text=b"asyncapi: 3.0.0\ninfo: {title: \xff}\n")
