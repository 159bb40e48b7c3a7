"""Every message of every real document is read as its own class, and written again as the same JSON value.

The values are the documents' own examples, as far as the document's own schema allows them, and made-up ones. What nothing
in a document tells apart is its own fault, stands in the list below, and is delivered as `Unknown`.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import cbor2
import msgspec
import pytest

from tests.schema.real.documents import DOCUMENTS, FOLDER, MODELS, directions, generated, module_of, needs_documents
from tests.schema.real.oracle import oracle_for
from tests.schema.real.undecided import NOT_TOLD_APART
from typedws import BinaryFrame, SchemaError, TextFrame
from typedws.frames import DataFrame
from typedws.schema import Unknown
from typedws.schema.contract.api import Direction, Format, Message
from typedws.schema.contract.types import ListOf, MapOf, Record, Ref, Scalar, TupleOf, Type, UnionOf
from typedws.schema.decisions import ByKey, ByKind, ByPattern, ByValue, Decision, Undecided
from typedws.schema.document import load
from typedws.schema.document.objects import Document, MessageObject
from typedws.schema.emit.naming import Models
from typedws.schema.samples import Sampler

pytestmark = needs_documents

SEEDS: Final = range(3)

MIXED: Final = {"generator-ws-query.yml": {"NoExamples", "OneExample"}}
"""Messages that are plain text and travel among JSON in frames of the same kind. The generator reports that as an error."""

ANYTHING: Final = {"generator-ws-query.yml": {"MultipleExamples"}}
"""Messages whose payload may be anything: told only where theirs is of a kind that none of the others is of."""

CONTRADICTIONS: Final = {
    # `allOf` of objects that forbid each other's properties.
    "reya-trading/asyncapi-trading-v2.yaml": "*",
    # Objects by `type`, and strings by `oneOf`.
    "coinbase.yaml": {"SubscriptionPayload"},
    # Numbers by `type`, and strings by `enum`; the numbers are meant.
    "voiceblender/asyncapi.yaml": {"CreateLeg"},
}
"""Messages whose schema contradicts itself, so that nothing, or not what is meant, is valid."""


# Frames.


def frame_of(value: Any, format_: Format) -> DataFrame:
    match format_:
        case "json":
            return TextFrame(json.dumps(value))
        case "msgpack":
            return BinaryFrame(msgspec.msgpack.encode(value))
        case "cbor":
            return BinaryFrame(cbor2.dumps(value))
        case "text":
            return TextFrame(value)
        case "binary":
            return BinaryFrame(b64decode(value))


def value_of(frame: DataFrame, format_: Format) -> Any:
    match format_:
        case "json":
            return json.loads(frame.data)
        case "msgpack":
            return msgspec.msgpack.decode(frame.data)
        case "cbor":
            return cbor2.loads(frame.data)
        case "text":
            return frame.data.decode()
        case "binary":
            return b64encode(frame.data).decode()


def on_the_wire(name: str, type_: Type, value: Any, format_: Format) -> Any:
    """A value given as JSON, as it is in a format that has bytes."""
    if format_ not in ("msgpack", "cbor"):
        return value
    contract = generated(name, "msgspec").contract
    checker = sampler(name).checker

    def within(type_: Type, value: Any) -> Any:
        match type_:
            case Scalar("bytes"):
                return b64decode(value)
            case ListOf(item):
                return [within(item, each) for each in value]
            case TupleOf(items):
                return [within(item, each) for item, each in zip(items, value, strict=True)]
            case MapOf(inner):
                return {key: within(inner, each) for key, each in value.items()}
            case UnionOf(members):
                return within(next(member for member in members if checker.accepts(member, value)), value)
            case Ref(name):
                declared = contract.declaration(name)
                if not isinstance(declared, Record):
                    return within(declared.type, value)
                types = {field.wire_name: field.type for field in declared.fields}
                return {key: within(types[key], each) if key in types else each for key, each in value.items()}
            case _:
                return value

    return within(type_, value)


def is_same(left: Any, right: Any) -> bool:
    """Whether two values are one in JSON: numbers by value, and true is not 1."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(is_same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(is_same, left, right))
    return bool(left == right) and isinstance(left, bool) is isinstance(right, bool)


# What a document says.


@cache
def document(name: str) -> Document:
    return load(FOLDER / name)


@cache
def entries(name: str) -> dict[tuple[str, str], list[MessageObject]]:
    """The messages of a document with a payload, by channel and key."""
    read = document(name)
    found: dict[tuple[str, str], list[MessageObject]] = defaultdict(list)
    for channel in read.channels:
        said = list(channel.messages)
        for operation in read.operations:
            if operation.channel == channel.key:
                said += operation.messages
            if operation.reply is not None and operation.reply.channel == channel.key:
                said += operation.reply.messages
        for entry in said:
            if entry.payload is not None and entry not in found[channel.key, entry.key]:
                found[channel.key, entry.key].append(entry)
    return found


def entries_of(name: str, message: Message) -> list[MessageObject]:
    found = entries(name)
    return [entry for channel in message.channels for key in message.keys for entry in found.get((channel, key), ())]


@dataclass(frozen=True)
class Case:
    """A value that is a message."""

    name: str
    models: Models
    way: str
    message: Message
    value: Any
    form: Any
    codec: Any
    undecided: frozenset[str]

    def __str__(self) -> str:
        return f"{self.name} {self.models} {self.way} {self.message.name}: {json.dumps(self.value)[:1500]}"


def cases(name: str, models: Models, *, made_up: bool) -> Iterator[Case]:
    made, module = generated(name, models), module_of(name, models)
    for connection, way, direction, cls, names in directions(made, module, models):
        codec = getattr(cls, way).codec()
        for message in direction.messages:
            values = (
                samples(name, f"{connection.name} {way}", direction, message) if made_up else examples(name, message)
            )
            for value in values:
                yield Case(
                    name, models, way, message, value, getattr(module, names.of(message.name)), codec,
                    frozenset(undecided(direction.text)) | frozenset(undecided(direction.binary)),
                )  # fmt: skip


@cache
def sampler(name: str) -> Sampler:
    return Sampler(generated(name, "msgspec").contract, use_examples=False)


_made_up: dict[tuple[str, str, str], list[Any]] = {}


def samples(name: str, way: str, direction: Direction, message: Message) -> list[Any]:
    known = _made_up.get((name, way, message.name))
    if known is not None:
        return known
    found: dict[str, Any] = {}
    for seed in SEEDS:
        value = sampler(name).reseeded(seed).message(message, direction=direction)
        found.setdefault(json.dumps(value), value)
    return _made_up.setdefault((name, way, message.name), list(found.values()))


def examples(name: str, message: Message) -> list[Any]:
    """Those of the document's examples of this message that its own schema allows."""
    found: dict[str, Any] = {}
    for entry in entries_of(name, message):
        assert entry.payload is not None
        for example in entry.examples:
            value = example.payload
            if oracle_for(entry.payload).allows(value) and sampler(name).checker.accepts(Ref(message.name), value):
                found.setdefault(json.dumps(value), value)
    return list(found.values())


def undecided(decision: Decision[str] | None) -> Iterator[str]:
    match decision:
        case Undecided(forms):
            yield from forms
        case (
            ByValue(_, inner, otherwise)
            | ByPattern(_, inner, otherwise)
            | ByKey(inner, otherwise)
            | ByKind(inner, otherwise)
        ):
            for each in inner.values():
                yield from undecided(each)
            yield from undecided(otherwise)
        case _:
            return


# The tests.


def check(case: Case) -> bool:
    """Whether it was told apart; fails where it was taken for another one, or came out as another value."""
    format_ = case.message.format
    value = on_the_wire(case.name, Ref(case.message.name), case.value, format_)
    frame = frame_of(value, format_)
    read, form = case.codec.read(frame)
    told = form is not Unknown
    if not told:
        assert case.message.name in case.undecided or is_anything(case), f"{case}\nis unknown"
        assert read.frame == frame
        if is_anything(case):
            return True
        # What has been subscribed to tells, where nothing else does.
        read, form = case.codec.read(frame, [case.form])
    assert form is case.form, f"{case}\nis taken for {form}"
    if isinstance(case.form, type) and case.form is not Any:
        assert type(read) is case.form
    again = value_of(case.codec.encode(read), format_)
    assert is_same(again, value), f"{case}\nbecame {again}"
    return told


def is_anything(case: Case) -> bool:
    return case.message.name in ANYTHING.get(case.name, ())


def is_mixed(case: Case) -> bool:
    return case.message.name in MIXED.get(case.name, ())


@pytest.mark.parametrize("models", MODELS)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_made_up_values(name: str, models: Models) -> None:
    seen = [(case, check(case)) for case in cases(name, models, made_up=True) if not is_mixed(case)]
    assert seen
    for way in ("incoming", "outgoing"):
        lost = {case.message.name for case, told in seen if case.way == way and not told}
        assert lost <= NOT_TOLD_APART.get((name, way), frozenset())


@pytest.mark.parametrize("models", MODELS)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_examples_of_the_document(name: str, models: Models) -> None:
    for case in cases(name, models, made_up=False):
        if not is_mixed(case):
            check(case)


def test_the_examples_are_not_all_left_out() -> None:
    found = {name: sum(1 for _ in cases(name, "msgspec", made_up=False)) for name in DOCUMENTS}
    assert sum(1 for count in found.values() if count) >= 12, found
    assert sum(found.values()) >= 35, found


@pytest.mark.parametrize("name", DOCUMENTS)
def test_examples_that_the_schema_allows_are_allowed_by_the_types(name: str) -> None:
    """The types are no stricter than the document, in the eyes of somebody else."""
    contract = generated(name, "msgspec").contract
    checker = sampler(name).checker
    owners: dict[str, list[Message]] = defaultdict(list)
    for connection in contract.connections:
        for message in (*connection.incoming.messages, *connection.outgoing.messages):
            for entry in entries_of(name, message):
                owners[entry.node.pointer].append(message)
    for entry in (entry for found in entries(name).values() for entry in found):
        assert entry.payload is not None
        messages = owners.get(entry.node.pointer, [])
        for example in entry.examples:
            if messages and messages[0].format == "json" and oracle_for(entry.payload).allows(example.payload):
                problems = [checker.problem(Ref(message.name), example.payload) for message in messages]
                assert None in problems, (entry.node.pointer, problems, example.payload)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_made_up_values_are_valid_in_the_eyes_of_the_document(name: str) -> None:
    """The types are no looser than the document, as far as types can say it."""
    contract = generated(name, "msgspec").contract
    for connection in contract.connections:
        for way, direction in (("incoming", connection.incoming), ("outgoing", connection.outgoing)):
            for message in direction.messages:
                found = [oracle_for(entry.payload, loose=True) for entry in entries_of(name, message) if entry.payload]
                wrong = CONTRADICTIONS.get(name, ())
                if "*" in wrong or message.name in wrong or not found:
                    continue
                for value in samples(name, f"{connection.name} {way}", direction, message):
                    problems = [oracle.problem(value) for oracle in found]
                    assert "" in problems, (message.name, problems, value)


def test_what_is_not_told_apart_is_what_the_documents_do_not_tell() -> None:
    """The list has no more in it than what is there, and the generator has reported each place."""
    found: dict[tuple[str, str], frozenset[str]] = {}
    for name in DOCUMENTS:
        made = generated(name, "msgspec")
        for connection in made.contract.connections:
            for way, direction in (("incoming", connection.incoming), ("outgoing", connection.outgoing)):
                lost = set(undecided(direction.text)) | set(undecided(direction.binary))
                if lost:
                    found[name, way] = found.get((name, way), frozenset()) | lost
                    assert any(finding.code == "undecided" for finding in made.findings), name
    assert found == NOT_TOLD_APART
    for name in MIXED:
        assert any(finding.code == "mixed-formats" for finding in generated(name, "msgspec").findings)


def test_no_sampler_gives_up() -> None:
    """A value can be made for every message of every document."""
    for name in DOCUMENTS:
        contract = generated(name, "msgspec").contract
        for connection in contract.connections:
            for direction in (connection.incoming, connection.outgoing):
                for message in direction.messages:
                    try:
                        sampler(name).reseeded(9).message(message, direction=direction)
                    except SchemaError as error:
                        pytest.fail(f"{name} {message.name}: {error}")
