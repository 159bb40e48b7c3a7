"""The documents in schemas/: valid, without surprises, and with examples that mean what they say."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import takewhile
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.schema.golden import DOCUMENTS, GOLDEN, Golden, document_named
from typedws import BinaryFrame, TextFrame
from typedws.frames import DataFrame
from typedws.schema import Unknown
from typedws.schema.contract.api import Connection, Contract, Direction, Message
from typedws.schema.contract.types import LiteralOf, Scalar
from typedws.schema.document import load as load_document
from typedws.schema.emit.naming import Names
from typedws.schema.generating import load
from typedws.schema.linting import lint
from typedws.schema.mocking import mock
from typedws.schema.runtime.messages import CONVERTERS, Messages

SPECS = Path(__file__).parent / "export" / "node" / "node_modules" / "@asyncapi" / "specs" / "schemas"

each_document = pytest.mark.parametrize("name", DOCUMENTS)
each_golden = pytest.mark.parametrize("golden", GOLDEN, ids=str)


def comment(name: str) -> str:
    """What a document says about itself at its top; JSON has no comments, and says it in `x-comment`."""
    text = document_named(name)
    if DOCUMENTS[name].suffix == ".json":
        said: str = json.loads(text)["x-comment"]
        return said
    lines = takewhile(lambda line: line.startswith("#"), text.splitlines())
    return "\n".join(line[1:].strip() for line in lines)


# As documents.


@each_document
def test_a_document_says_what_it_shows(name: str) -> None:
    assert len(comment(name)) > 30


@each_document
def test_lint_finds_what_the_comment_announces(name: str) -> None:
    announced = re.search(r"lint: ([a-z -]+)", comment(name))
    found = [finding.code for finding in lint(DOCUMENTS[name])]
    assert sorted(found) == sorted(announced[1].split() if announced else [])


@each_document
def test_a_document_is_valid_by_the_official_schema(name: str) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    document = load_document(DOCUMENTS[name])
    path = SPECS / f"{document.node.value['asyncapi']}-without-$id.json"
    if not SPECS.exists():
        pytest.skip("@asyncapi/specs is not installed: npm ci in tests/schema/export/node")
    validator = jsonschema.Draft7Validator(json.loads(path.read_text(encoding="utf-8")))
    problems = [
        f"{list(error.absolute_path)}: {error.message[:200]}" for error in validator.iter_errors(document.node.value)
    ]
    assert not problems, "\n".join(problems[:5])


def test_every_version_that_is_in_use_is_there() -> None:
    versions = {load_document(path).node.value["asyncapi"] for path in DOCUMENTS.values()}
    assert versions >= {"2.0.0", "2.6.0", "3.0.0", "3.1.0"}


# As messages.


def directions(contract: Contract, module: ModuleType, golden: Golden) -> Iterator[tuple[Direction, Messages[Any]]]:
    """Each direction of each connection, as the contract has it and as the module does."""
    called = Names(contract, golden.models)
    for connection in contract.connections:
        client = getattr(module, called.of(connection.name))
        yield connection.incoming, client.incoming
        yield connection.outgoing, client.outgoing


def frame_of(message: Message, payload: Any) -> DataFrame:
    """A message as it travels, written by nobody who knows its type."""
    match message.format:
        case "json":
            return TextFrame(json.dumps(payload, ensure_ascii=False))
        case "text":
            return TextFrame(payload)
        case "binary":
            return BinaryFrame(payload)
        case format_:
            return CONVERTERS[format_].serialize(payload)


def payload_of(message: Message, frame: DataFrame) -> Any:
    match message.format:
        case "json":
            assert isinstance(frame, TextFrame)
            return json.loads(frame.data)
        case "text":
            assert isinstance(frame, TextFrame)
            return frame.text
        case "binary":
            return frame.data
        case format_:
            assert isinstance(frame, BinaryFrame)
            return CONVERTERS[format_].deserialize(frame, Any)


@each_golden
def test_an_example_is_read_as_its_own_class_and_written_as_it_was(golden: Golden) -> None:
    contract, module = load(DOCUMENTS[golden.name]), golden.imported()
    called = Names(contract, golden.models)
    for direction, messages in directions(contract, module, golden):
        codec = messages.codec()
        # A message that is one of several things has one list of examples for all of them.
        alternatives: dict[str, list[Any]] = {}
        for message in direction.messages:
            alternatives.setdefault(message.pointer, []).append(getattr(module, called.of(message.name)))
        for message in direction.messages:
            for example in message.examples:
                value, form = codec.read(frame_of(message, example.payload))
                assert form in alternatives[message.pointer], example.payload
                assert same(payload_of(message, codec.encode(value)), example.payload)


def same(left: Any, right: Any) -> bool:
    """Whether two values are the same JSON: what Python takes for equal need not be."""
    return json.dumps(left, sort_keys=True) == json.dumps(right, sort_keys=True)


def test_most_messages_have_examples() -> None:
    with_examples: Counter[bool] = Counter()
    for path in DOCUMENTS.values():
        for connection in load(path).connections:
            for message in (*connection.incoming.messages, *connection.outgoing.messages):
                with_examples[bool(message.examples) or message.format == "binary"] += 1
    assert with_examples[True] > 20 * with_examples[False]


# As APIs.


@cache
def contract_of(name: str) -> Contract:
    return load(DOCUMENTS[name])


def arguments(connection: Connection) -> dict[str, Any]:
    """Something for every argument of `connect` that must be given."""
    given: dict[str, Any] = {}
    for parameter in connection.parameters:
        if parameter.required:
            match parameter.type:
                case LiteralOf(values):
                    given[parameter.name] = values[0]
                case Scalar("int"):
                    given[parameter.name] = 1
                case _:
                    given[parameter.name] = "a b/c"
    return given


@pytest.mark.anyio
@pytest.mark.parametrize("name", [name for name in DOCUMENTS if name != "undecided"])
async def test_a_client_knows_what_the_mock_of_its_document_sends(name: str) -> None:
    contract, module = contract_of(name), Golden(name, "msgspec").imported()
    called = Names(contract, "msgspec")
    async with mock(contract, module=module, interval=None) as server:
        for connection in contract.connections:
            expected = [message.name for message in server.roles(connection.name).unasked]
            client_class = getattr(module, called.of(connection.name))
            async with client_class.connect(url=server.url, **arguments(connection)) as client:
                events = [await client.receive() for _ in expected]
            assert not any(isinstance(event, Unknown) for event in events)
    assert server.problems == ()
    assert server.gaps == ()
