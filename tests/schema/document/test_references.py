"""References lead where their authors mean, and nowhere else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import typedws
from tests.schema.document.reading import codes, read, write
from typedws.schema.document import Document, Node, load


def reference(document: Document, name: str = "x-ref") -> Node:
    return document.extensions[name]


@pytest.mark.parametrize(
    "pointer",
    ["#/x-a/b~1c/0", "#/x-a/b%7E1c/0", "#/x-a/b~1c/%30", "#/x-%61/b~1c/0"],
)
def test_escapes_of_pointers(pointer: str) -> None:
    document = read(f"x-a: {{b/c: [7]}}\nx-ref: {{$ref: '{pointer}'}}")
    target = reference(document).target
    assert (target.value, target.pointer) == (7, "#/x-a/b~1c/0")
    assert codes(document) == []


@pytest.mark.parametrize(
    ("key", "pointer"), [("a~b", "a~0b"), ("a b", "a%20b"), ("a%20b", "a%20b"), ("{x}", "%7Bx%7D"), ("{x}", "{x}"),
                         ("ü", "%C3%BC"), ("~1", "~01"), ("", "")],
)  # fmt: skip
def test_keys_of_any_kind(key: str, pointer: str) -> None:
    document = read(f"x-a: {{'{key}': 7}}\nx-ref: {{$ref: '#/x-a/{pointer}'}}")
    assert reference(document).target.value == 7


def test_a_slash_that_is_not_escaped_is_found_and_reported_once() -> None:
    document = read("x-a: {b: {c: 1}, b/d/e: {f: 2}, b/d: {e: {f: 3}}}\nx-ref: {$ref: '#/x-a/b/d/e/f'}")
    target = reference(document).target
    assert (target.value, target.path) == (2, ("x-a", "b/d/e", "f"))
    assert reference(document).target == target
    assert codes(document) == ["unescaped-slash"]
    assert [finding.suggestion for finding in document.findings if finding.code == "unescaped-slash"] == [
        "write #/x-a/b~1d~1e/f"
    ]


def test_references_that_lead_to_references() -> None:
    document = read("x-a: {$ref: '#/x-b'}\nx-b: {$ref: '#/x-c'}\nx-c: 7\nx-ref: {$ref: '#/x-a', description: mine}")
    assert reference(document).target.path == ("x-c",)
    assert reference(document).is_reference
    assert reference(document).text("description") == "mine"


def test_a_reference_through_another_one_is_followed_and_reported() -> None:
    document = read("x-a: {$ref: '#/x-b'}\nx-b: {c: 7}\nx-ref: {$ref: '#/x-a/c'}")
    assert reference(document).target.path == ("x-b", "c")
    assert codes(document) == ["reference-through-reference"]


@pytest.mark.parametrize(
    "body",
    ["x-ref: {$ref: '#/x-ref'}", "x-ref: {$ref: '#/x-a'}\nx-a: {$ref: '#/x-ref'}", "x-ref: {$ref: '#/x-ref/a'}",
     "x-ref: {$ref: '#/x-a/b'}\nx-a: {$ref: '#/x-ref/c'}"],
)  # fmt: skip
def test_circles_of_nothing_but_references_are_refused(body: str) -> None:
    document = read(body)
    for _ in range(2):
        with pytest.raises(typedws.SchemaError, match="leads back to itself"):
            reference(document).target  # noqa: B018 - a property that does something


def test_a_reference_that_leads_nowhere_says_where_it_ends() -> None:
    document = read("\nx-a: {b: {c: 1}}\nx-ref:\n  $ref: '#/x-a/b/d'\n")
    with pytest.raises(typedws.SchemaError, match=r"#/x-a/b has no 'd'") as caught:
        reference(document).target  # noqa: B018
    assert (caught.value.document, caught.value.pointer, caught.value.line) == ("api.yaml", "#/x-ref", 6)


@pytest.mark.parametrize("url", ["https://api.test/a.yaml#/b", "http://api.test/a.json", "//api.test/a.yaml"])
def test_nothing_is_fetched_from_a_network(url: str) -> None:
    document = read(f"x-ref: {{$ref: '{url}'}}")
    with pytest.raises(typedws.SchemaError, match="download the file"):
        reference(document).target  # noqa: B018


@pytest.mark.parametrize("url", ["ftp://a/b", "urn:uuid:1", "file:///etc/passwd", "a%00b", "#name"])
def test_other_references_are_refused(url: str) -> None:
    with pytest.raises(typedws.SchemaError, match=r"no path of a file|no JSON pointer"):
        reference(read(f"x-ref: {{$ref: '{url}'}}")).target  # noqa: B018


# Files.


def test_files_are_read_relative_to_the_one_that_refers_to_them(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "a b.yaml").write_text("definitions:\n  One: {$ref: '../two.json#/definitions/Two'}\n")
    (tmp_path / "two.json").write_text('{"definitions": {"Two": {"$ref": "main.yaml#/x-end"}}}')
    main = write(tmp_path, main="asyncapi: 3.0.0\nx-end: 7\nx-ref: {$ref: 'parts/a%20b.yaml#/definitions/One'}\n")
    document = load(main)
    target = reference(document).target
    assert (target.value, target.source.name, target.line) == (7, "main.yaml", 2)
    assert target.source is document.node.source


def test_a_whole_file(tmp_path: Path) -> None:
    main = write(tmp_path, main="asyncapi: 3.0.0\nx-ref: {$ref: ./other.yaml}\n", other="a: 1\n")
    target = reference(load(os.fspath(main))).target
    assert (target.value, target.path, target.source.name) == ({"a": 1}, (), "other.yaml")


def test_a_text_is_read_as_if_it_were_a_file(tmp_path: Path) -> None:
    write(tmp_path, other="a: 1\n")
    document = load(tmp_path / "none.yaml", text="asyncapi: 3.0.0\nx-ref: {$ref: ./other.yaml#/a}\n")
    assert (document.name, reference(document).target.value) == ("none.yaml", 1)


def test_a_missing_file_matters_where_it_is_needed(tmp_path: Path) -> None:
    document = load(write(tmp_path, main="asyncapi: 3.0.0\nx-ref: {$ref: ./other.yaml}\n"))
    with pytest.raises(typedws.SchemaError, match=r"there is no file other.yaml"):
        reference(document).target  # noqa: B018


def test_an_error_in_another_file_names_it(tmp_path: Path) -> None:
    document = load(write(tmp_path, main="asyncapi: 3.0.0\nx-ref: {$ref: other.yaml}\n", other="a: 1\nb: c: d\n"))
    with pytest.raises(typedws.SchemaError, match=r"^other.yaml:2: this is no YAML") as caught:
        reference(document).target  # noqa: B018
    assert caught.value.document == "other.yaml"


def test_folders_and_missing_documents_are_refused(tmp_path: Path) -> None:
    with pytest.raises(typedws.SchemaError, match="a folder, not a file"):
        load(tmp_path)
    with pytest.raises(typedws.SchemaError, match="cannot be read"):
        load(tmp_path / "none.yaml")
    with pytest.raises(typedws.SchemaError, match="NUL"):
        load("a\0b")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(typedws.SchemaError, match="this is no file"):
        load(tmp_path / "pipe")


def test_the_digest_covers_every_file(tmp_path: Path) -> None:
    def digest(text: str) -> str:
        return load(write(tmp_path, main="asyncapi: 3.0.0\nx-ref: {$ref: other.yaml}\n", other=text)).digest

    assert digest("a: 1\n") == digest("a: 1\n") != digest("a: 2\n")
    assert len(digest("a: 1\n")) == 64
