"""What is no AsyncAPI document that can be used is refused politely, and hostile ones quickly."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

import typedws
from tests.schema.document.reading import write
from typedws.schema.document import limits, load

HEAD = "asyncapi: 3.0.0\n"
JSON = '{"asyncapi": "3.0.0", "channels": {}, "x-a": '


@pytest.mark.parametrize("version", ["2.0.0", "2.6.0", "3.0.0", "3.1.0", "3.0", "3", "3.0.0-rc.1"])
def test_versions_that_are_read(version: str) -> None:
    document = load("api.yaml", text=f"asyncapi: '{version}'\n")
    assert document.version == version
    assert "unknown-version" not in [finding.code for finding in document.findings]


@pytest.mark.parametrize("version", ["3.2.0", "2.7.0"])
def test_newer_versions_are_read_with_a_warning(version: str) -> None:
    assert "unknown-version" in [each.code for each in load("api.yaml", text=f"asyncapi: {version}\n").findings]


@pytest.mark.parametrize("version", ["1.2.0", "4.0.0", "0.1", "x", "[]", "null", "'9999999999999999999999.0'"])
def test_other_versions_are_refused(version: str) -> None:
    with pytest.raises(typedws.SchemaError, match=r"AsyncAPI 2.0 to 2.6, 3.0 and 3.1 are read"):
        load("api.yaml", text=f"asyncapi: {version}\n")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("openapi: 3.1.0\n", "OpenAPI"),
        ("swagger: '2.0'\n", "OpenAPI"),
        ("openrpc: 1.0.0\n", "OpenRPC"),
        ("$schema: http://json-schema.org/draft-07/schema#\n", "JSON Schema"),
        ("type: object\nproperties: {}\n", "JSON Schema"),
        ("a: 1\n", "it has no 'asyncapi'"),
        ("[1]\n", "an object, not an array"),
        ("text\n", "an object, not text"),
    ],
)
def test_other_documents_are_refused(text: str, expected: str) -> None:
    with pytest.raises(typedws.SchemaError, match=expected):
        load("api.yaml", text=text)


def test_wrong_arguments_are_misuse() -> None:
    with pytest.raises(TypeError):
        load(3)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    with pytest.raises(TypeError):
        load(b"api.yaml")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    with pytest.raises(TypeError):
        load("api.yaml", text=3)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]


def laughs() -> str:
    lines = "".join(f"x-{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 20))
    return f"{HEAD}x-0: &a0 [{','.join('x' * 10)}]\n{lines}"


def merges() -> str:
    lines = "".join(f"x-{n}: &m{n}\n  <<: *m{n - 1}\n  y{n}: 1\n" for n in range(1, 4000))
    return f"{HEAD}x-0: &m0 {{{','.join(f'k{n}: 1' for n in range(1000))}}}\n{lines}"


def chain(length: int, kind: str) -> str:
    return ",".join(f'"c{n}": {{"$ref": "#/{kind}/c{n + 1}"}}' for n in range(length))


BOMBS = {
    "aliases": (laughs, "aliases make this more than"),
    "merges": (merges, "aliases make this more than"),
    "deep YAML in brackets": (lambda: HEAD + "x-a: " + "[" * 100_000, "nested more than"),
    "deep YAML in lines": (lambda: HEAD + "".join(" " * n + "a:\n" for n in range(1000)), "nested more than"),
    "deep YAML by aliases": (
        lambda: HEAD + "x-0: &a0 []\n" + "".join(f"x-{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 300)),
        "nested more than",
    ),
    "deep JSON": (lambda: JSON + "[" * 100_000 + "]" * 100_000 + "}", "nested more than"),
    "JSON just too deep": (lambda: JSON + "[" * 201 + "]" * 201 + "}", "nested more than"),
    "many values of JSON": (lambda: JSON + "[" + "{}," * 4_000_000 + "1]}", "more than 1,000,000 values"),
    "many values of YAML": (lambda: HEAD + "x-a:\n" + "- b\n" * 600_000, "convert the files to JSON"),
    "a long tag": (lambda: HEAD + "x-a: !" + "x" * 2_000_000 + " 1", "a tag or anchor"),
    "a long anchor": (lambda: HEAD + "x-a: &" + "x" * 2_000_000 + " 1", "a tag or anchor"),
    "much YAML": (lambda: HEAD + "x-a: '" + "x" * 4_000_000 + "'", "MiB of YAML"),
    "much of anything": (lambda: JSON + '"' + "x" * 17_000_000 + '"}', "more than 16 MiB"),
    "open braces": (lambda: "{" * 1_000_000, "."),
    "a long number": (lambda: "asyncapi: 0x" + "9" * 1_000_000, "digits"),
    "references in a row": (
        lambda: JSON.replace("{}", f"{{{chain(20_000, 'channels')}}}") + "1}",
        "through more than",
    ),
}  # fmt: skip


@pytest.mark.parametrize("bomb", BOMBS)
def test_bombs_are_refused_quickly(bomb: str) -> None:
    make, expected = BOMBS[bomb]
    text = make()
    start = time.process_time()
    with pytest.raises(typedws.SchemaError, match=expected):
        load("api.json" if text.startswith(JSON[:5]) else "api.yaml", text=text)
    assert time.process_time() - start < 5


def test_what_is_just_deep_enough_is_read() -> None:
    for text in (JSON + "[" * 199 + "]" * 199 + "}", HEAD + "x-a: " + "[" * 199 + "]" * 199):
        assert load("api", text=text).version == "3.0.0"


def test_lines_of_a_long_string_take_no_time_to_find() -> None:
    start = time.process_time()
    document = load("api.json", text=JSON + '"' + "x\\n" * 4_000_000 + '", "x-b":\n1}')
    assert document.extensions["x-b"].line == 1
    assert time.process_time() - start < 5


def test_many_references_that_lead_nowhere_take_no_time() -> None:
    start = time.process_time()
    document = load("api.json", text=f'{{"asyncapi": "3.0.0", "servers": {{{chain(5_000, "servers")}}}}}')
    assert len(document.findings) > 5_000
    assert time.process_time() - start < 5


def test_too_many_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from typedws.schema.document import source

    assert limits.MAX_FILES >= 100
    monkeypatch.setattr(source, "MAX_FILES", 3)
    main = write(
        tmp_path, main="asyncapi: 3.0.0\nchannels: {c: {$ref: a.yaml}}\n", a="$ref: b.yaml", b="$ref: c.yaml", c="{}"
    )
    with pytest.raises(typedws.SchemaError, match="more than 3 files"):
        load(main)


def test_the_name_of_a_document_shows_no_folder_of_this_machine(tmp_path: Path) -> None:
    main = write(tmp_path, main="asyncapi: 1.0.0\n")
    with pytest.raises(typedws.SchemaError) as caught:
        load(main)
    assert caught.value.document == "main.yaml"
    assert str(tmp_path) not in str(caught.value)
