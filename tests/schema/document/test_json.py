"""JSON is read by the standard library; its lines are found when they are asked for."""

from __future__ import annotations

import pytest

import typedws
from typedws.schema.document import load

TEXT = """{
  "asyncapi": "3.0.0",
  "x-a": {"b": [1,
    {"c": "}{,:\\""}, [
      2]], "d":
    7}
}
"""


def test_json_is_told_by_its_content() -> None:
    assert load("api.txt", text='\n {"asyncapi": "3.0.0"}').version == "3.0.0"
    assert load("api.json", text="asyncapi: 3.0.0").version == "3.0.0"
    assert load("api.yaml", text="{asyncapi: 3.0.0, x-a: [1,],}").version == "3.0.0"


@pytest.mark.parametrize(
    ("path", "line"),
    [((), 1), (("asyncapi",), 2), (("x-a",), 3), (("x-a", "b", 0), 3), (("x-a", "b", 1), 4), (("x-a", "b", 1, "c"), 4),
     (("x-a", "b", 2), 4), (("x-a", "b", 2, 0), 5), (("x-a", "d"), 5), (("x-a", "nothing"), 3)],
)  # fmt: skip
def test_lines(path: tuple[str | int, ...], line: int) -> None:
    assert load("api.json", text=TEXT).node.source.line(path) == line


def test_json_and_yaml_agree_on_the_lines() -> None:
    pretty = '{\n"asyncapi": "3.0.0",\n"x-a":\n[\n1,\n{"b":\n2}\n]\n}'
    paths: list[tuple[str | int, ...]] = [("asyncapi",), ("x-a",), ("x-a", 0), ("x-a", 1), ("x-a", 1, "b")]
    as_json = load("api.json", text=pretty).node.source
    as_yaml = load("api.yaml", text="# the same\n".replace("# the same\n", "") + pretty.replace("1,\n", "1, # x\n"))
    assert [as_json.line(path) for path in paths] == [as_yaml.node.source.line(path) for path in paths]


def test_a_key_that_stands_twice_is_reported() -> None:
    document = load("api.json", text='{"asyncapi": "3.0.0",\n"x-a": [{"b": 1,\n"b": 2}]}')
    finding = next(finding for finding in document.findings if finding.code == "duplicate-key")
    assert (finding.pointer, finding.line) == ("#/x-a/0/b", 3)
    assert document.node.value["x-a"] == [{"b": 2}]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "9" * 500])
def test_what_is_no_number_of_json_is_refused(number: str) -> None:
    with pytest.raises(typedws.SchemaError, match=r"^api.json: "):
        load("api.json", text=f'{{"asyncapi": "3.0.0", "x-a": {number}}}')


def test_half_a_character_is_refused() -> None:
    for text in ('{"asyncapi": "3.0.0", "x-a": "\\ud800"}', '{"asyncapi": "3.0.0", "x-a": {"\\ud800": 1}}'):
        with pytest.raises(typedws.SchemaError, match="surrogate"):
            load("api.json", text=text)
    assert load("api.json", text='{"asyncapi": "3.0.0", "info": {"title": "\\ud83d\\ude00"}}').title == "😀"


def test_what_is_no_json_is_refused_with_its_line() -> None:
    with pytest.raises(typedws.SchemaError, match=r"^api.json:3: this is no JSON") as caught:
        load("api.json", text='{\n"asyncapi": "3.0.0"\n"x-a": 1}')
    assert (caught.value.document, caught.value.line) == ("api.json", 3)
