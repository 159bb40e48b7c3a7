"""Nothing that a document says is executed: its texts are texts in the module, whatever they look like."""

from __future__ import annotations

import ast
import builtins
import dataclasses
import itertools
import unicodedata
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from tests.schema.emit.contracts import contract, market, record
from tests.schema.emit.made import NASTY
from tests.schema.emit.modules import MODELS, complaints, emitted, formatted, imported, statements
from typedws.errors import SchemaError
from typedws.schema.contract.api import Connection, Contract
from typedws.schema.contract.types import Field, Scalar
from typedws.schema.emit import emit, pointer_text
from typedws.schema.emit.naming import Models

ATTACKS = (
    *NASTY,
    '"""\nboom()\n"""',
    "'''\nboom()\n'''",
    '\\"""\nboom()\n#',
    '"\nboom()\n"',
    "\\\nboom()",
    "x\rboom()",
    "x\u2028boom()\u2029boom()",
    "x\x85boom()",
    "x\x0cboom()",
    "x\x00boom()",
    "{boom()}",
    "{boom()!r:>{boom()}}",
    "\\N{boom}",
    "\\",
    '\\"',
    '"',
    '""',
    "#/x\nboom()",
    "#/x # type: ignore",
    "type: boom()",
    "fmt: off",
    "\u202eboom()\u202c",
    "\ud800",
    "*/ boom() /*",
    "%(boom)s ${boom}",
    ") -> boom(): ...",
    "],boom(),[",
    "x" * 500,
)

# What names things in Python; everything else in a contract is text of the document.
NAMES = {
    "Alias.name", "Connection.name", "Credential.name", "Field.name", "Message.name", "Operation.name", "Parameter.name",
    "Record.name", "Ref.name", "Subscription.name", "Subscription.request", "Subscription.cancel", "Subscription.updates",
    "Subscription.address_field", "Operation.messages", "Exchange.replies", "Exchange.failures", "Exchange.request_id",
    "Exchange.reply_ids", "Exchange.id_type", "Exchange.ok_field", "Filter.request", "Filter.update", "Message.correlation",
    "Message.format", "Parameter.place", "Credential.kind", "Direction.text_format", "Direction.binary_format",
    "Contract.perspective", "Scalar.kind", "Subscription.set_fields", "Subscription.cancel_fields", "Field.example",
    "Only.form", "Trial.forms", "Undecided.forms", "ByKind.cases",
}  # fmt: skip


DISTINCT = {"Field.wire_name", "Parameter.wire_name", "Server.name", "LiteralOf.values"}
_numbers = itertools.count()


def poisoned(value: Any, attack: str, where: str = "") -> Any:
    """A contract in which every text is the attack."""
    if where in NAMES and not dataclasses.is_dataclass(value):
        if where != "ByKind.cases":
            return value
        return {kind: poisoned(case, attack) for kind, case in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        kind = type(value).__name__
        found = {
            each.name: poisoned(getattr(value, each.name), attack, f"{kind}.{each.name}")
            for each in dataclasses.fields(value)
        }
        return type(value)(**found)
    if isinstance(value, str):
        return f"{next(_numbers)}{attack}" if where in DISTINCT else attack
    if isinstance(value, tuple):
        return tuple(poisoned(each, attack, where) for each in value)
    if isinstance(value, dict):
        if where == "Tagged.forms":
            return {f"{attack}{number}": form for number, form in enumerate(value.values())}
        return {f"{attack}{number}": poisoned(each, attack) for number, each in enumerate(value.values())}
    return value


@cache
def attacked(attack: str, models: Models) -> str:
    """The module of a contract in which every text is the attack."""
    made = poisoned(market(), attack)
    assert isinstance(made, Contract)
    return emitted(made, models).text


@cache
def usual(models: Models) -> frozenset[type[ast.AST]]:
    """The kinds of statements that are in a module anyhow."""
    return frozenset(statements(emitted(market(), models).text))


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What has been executed."""
    tripped: list[str] = []
    monkeypatch.setattr(builtins, "boom", lambda *_: tripped.append("boom"), raising=False)
    return tripped


@pytest.mark.parametrize("models", MODELS)
@pytest.mark.parametrize("attack", ATTACKS, ids=ascii)
def test_texts_do_nothing(models: Models, attack: str, wire: list[str]) -> None:
    text = attacked(attack, models)
    tree = ast.parse(text)
    assert statements(text) <= usual(models)
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert not names & {"boom", "os", "__import__"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            # An expression as a statement is a docstring, or a method that sends.
            assert isinstance(node.value, ast.Constant | ast.Await)
    with imported(text):
        assert wire == []


@pytest.mark.parametrize("models", MODELS)
def test_the_source_shows_what_it_is(models: Models) -> None:
    for attack in ATTACKS:
        for character in set(attacked(attack, models)) - {"\n"}:
            assert unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp"), ascii(attack)


@pytest.mark.parametrize("models", MODELS)
@pytest.mark.parametrize("attack", ATTACKS[::4], ids=ascii)
def test_the_source_stays_formatted(models: Models, attack: str) -> None:
    text = attacked(attack, models)
    assert formatted(text) == text
    assert complaints(text) == ""


@pytest.mark.parametrize("name", ["a b", "class", "x\n", "", "1x", "x()", "é", "x;boom()"])
@pytest.mark.parametrize("models", MODELS)
def test_a_name_that_is_none_is_refused(models: Models, name: str) -> None:
    bad_field = Field(name=name, wire_name="x", type=Scalar("str"), required=True)
    makers: list[Callable[[], Contract]] = [
        lambda: contract(record(name)),
        lambda: contract(record("X", (name or "?", Scalar("str")))),
        lambda: contract(dataclasses.replace(record("X"), fields=(bad_field,))),
        lambda: contract(connections=(Connection(name=name, channels=()),)),
    ]
    for make in makers:
        with pytest.raises(SchemaError):
            emit(make(), models=models)


def test_a_pointer_is_one_word() -> None:
    for attack in ATTACKS:
        assert pointer_text(f"#/{attack}").split() == [pointer_text(f"#/{attack}")]
    assert pointer_text("other.yaml#/components/schemas/A b") == "other.yaml#/components/schemas/A%20b"
