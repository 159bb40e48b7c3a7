"""Types as annotations, and what becomes of those that a library cannot read."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from pydantic import BaseModel

from tests.schema.emit.contracts import INT, STR, alias, contract, record, types_only
from tests.schema.emit.modules import MODELS, build_decoders, emitted, imported
from typedws.schema import Model
from typedws.schema.contract.types import (
    ANY,
    NULL,
    Constraints,
    ListOf,
    LiteralOf,
    MapOf,
    Ref,
    Scalar,
    TupleOf,
    Type,
    UnionOf,
)
from typedws.schema.emit.naming import Models

POSITIVE = Constraints(gt=0)
SHORT = Constraints(max_length=3)
DIGITS = Constraints(pattern="^[0-9]+$")

TAGGED = (record("A", tag="a"), record("B", tag="b"), record("C", tag=3), record("D", tag="d", field="kind"))
PLAIN = (record("P", ("x", INT)), record("Q", ("y", INT)))


def annotation(type_: Type, models: Models, *more: Any) -> str:
    """How a required field of a type is annotated."""
    lines = emitted(types_only(type_, declarations=more), models).text.splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("    field_0: "))
    end = next(number for number in range(at, len(lines)) if "maybe_0" in lines[number] or lines[number] == "    )")
    return " ".join(" ".join(lines[at : end + 1]).partition(": ")[2].partition("maybe_0")[0].partition("#")[0].split())


@pytest.mark.parametrize(
    ("type_", "msgspec_text", "pydantic_text"),
    [
        (STR, "str", "str"),
        (Scalar("datetime"), "dt.datetime", "dt.datetime"),
        (Scalar("uuid"), "UUID", "UUID"),
        (Scalar("bytes"), "bytes", "Base64"),
        (ANY, "Any", "Any"),
        (LiteralOf(("a", 1, True)), 'Literal["a", 1, True]', 'Literal["a", 1, True]'),
        (Scalar("int", POSITIVE), "Annotated[int, Meta(gt=0)]", "Annotated[int, Field(gt=0)]"),
        (Scalar("int", Constraints(ge=1.5, lt=9.5)), "Annotated[int, Meta(ge=2, lt=10)]", "Annotated[int, Field(ge=2, lt=10)]"),
        (Scalar("int", Constraints(le=2**64)), "int", "int"),
        (Scalar("int", Constraints(ge=0, gt=0)), "Annotated[int, Meta(gt=0)]", "Annotated[int, Field(gt=0)]"),
        (Scalar("float", Constraints(ge=0.0, multiple_of=0.01)), "Annotated[float, Meta(ge=0)]", "Annotated[float, Field(ge=0)]"),
        (ListOf(STR, SHORT), "Annotated[list[str], Meta(max_length=3)]", "Annotated[list[str], Field(max_length=3)]"),
        (TupleOf((STR, INT)), "tuple[str, int]", "tuple[str, int]"),
        (TupleOf(()), "tuple[()]", "tuple[()]"),
        (MapOf(INT), "dict[str, int]", "dict[str, int]"),
        (UnionOf((NULL, STR)), "str | None", "str | None"),
        (UnionOf((STR, LiteralOf(("a",)))), 'str | Literal["a"]', 'str | Literal["a"]'),
        (UnionOf((INT, Scalar("float"))), "int | float", "int | float"),
        (UnionOf((LiteralOf(("a",)), LiteralOf(("b",)))), 'Literal["a", "b"]', 'Literal["a", "b"]'),
        # What msgspec cannot tell apart.
        (UnionOf((STR, Scalar("datetime"), NULL)), "str | None", "str | dt.datetime | None"),
        (UnionOf((LiteralOf(("auto",)), Scalar("uuid"))), "str", 'Literal["auto"] | UUID'),
        (UnionOf((Scalar("str", SHORT), LiteralOf(("aaaa",)))), "str", 'Annotated[str, Field(max_length=3)] | Literal["aaaa"]'),
        (UnionOf((Scalar("int", POSITIVE), LiteralOf((-1,)))), "int", "Annotated[int, Field(gt=0)] | Literal[-1]"),
        (UnionOf((ListOf(STR), ListOf(INT))), "list[str | int]", "list[str] | list[int]"),
        (UnionOf((TupleOf((STR, INT)), ListOf(INT))), "list[str | int]", "tuple[str, int] | list[int]"),
        (UnionOf((MapOf(STR), MapOf(INT))), "dict[str, str | int]", "dict[str, str] | dict[str, int]"),
        (UnionOf((LiteralOf((2**70,)), NULL)), "int | None", f"Literal[{2**70}] | None"),
        # What it reads, and damages memory with.
        (UnionOf((Scalar("str", DIGITS), ListOf(INT))), "str | list[int]", 'Annotated[str, Field(pattern="^[0-9]+$")] | list[int]'),
        (UnionOf((Scalar("int", POSITIVE), TupleOf((INT,)))), "int | tuple[int]", "Annotated[int, Field(gt=0)] | tuple[int]"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_type(type_: Type, msgspec_text: str, pydantic_text: str) -> None:
    assert annotation(type_, "msgspec") == msgspec_text
    assert annotation(type_, "pydantic") == pydantic_text
    for models in MODELS:
        made = types_only(type_)
        with imported(emitted(made, models).text) as module:
            build_decoders(made, module, models)


@pytest.mark.parametrize(
    ("members", "msgspec_text", "pydantic_text"),
    [
        ("AB", "A | B", 'Annotated[A | B, Field(discriminator="type")]'),
        ("AC", "dict[str, Any]", 'Annotated[A | C, Field(discriminator="type")]'),
        ("AD", "dict[str, Any]", "A | D"),
        ("AP", "dict[str, Any]", "A | P"),
        ("PQ", "dict[str, Any]", "P | Q"),
        ("P", "P | None", "P | None"),
    ],
)
def test_a_union_of_records(members: str, msgspec_text: str, pydantic_text: str) -> None:
    parts: tuple[Type, ...] = tuple(Ref(name) for name in members)
    type_ = UnionOf(parts if len(parts) > 1 else (*parts, NULL))
    assert annotation(type_, "msgspec", *TAGGED, *PLAIN) == msgspec_text
    assert annotation(type_, "pydantic", *TAGGED, *PLAIN) == pydantic_text


def test_members_are_found_behind_aliases() -> None:
    more = (alias("When", Scalar("datetime")), alias("Either", UnionOf((Ref("A"), NULL))), *TAGGED)
    assert annotation(UnionOf((STR, Ref("When"))), "msgspec", *more) == "str"
    assert annotation(UnionOf((Ref("Either"), Ref("B"))), "msgspec", *more) == "Either | B"
    assert annotation(UnionOf((Ref("Either"), MapOf(INT))), "msgspec", *more) == "dict[str, Any] | None"


def test_what_is_lowered_is_said_in_a_comment_and_a_note() -> None:
    made = emitted(types_only(UnionOf((STR, Scalar("date")))))
    assert "    # Note: msgspec cannot tell str and date apart, as all are strings: it is a str.\n" in made.text
    assert {(note.code, note.name) for note in made.notes} == {
        ("union-lowered", "Holder.field_0"),
        ("union-lowered", "Holder.maybe_0"),
    }


def test_absent_is_not_null() -> None:
    made = contract(record("R", ("a?", INT), ("b", UnionOf((INT, NULL))), ("c?", UnionOf((INT, NULL)))))
    cases = [b'{"b":null}', b'{"b":1,"c":null}', b'{"a":1,"b":null,"c":2}']
    with imported(emitted(made).text) as module:
        for case in cases:
            assert msgspec.json.encode(msgspec.json.decode(case, type=module.R)) == case or b'"a"' in case
            assert msgspec.json.decode(
                msgspec.json.encode(msgspec.json.decode(case, type=module.R))
            ) == msgspec.json.decode(case)
        assert module.R(b=None).a is msgspec.UNSET
    with imported(emitted(made, "pydantic").text) as module:
        for case in cases:
            model = module.R.model_validate_json(case)
            assert msgspec.json.decode(model.model_dump_json(by_alias=True)) == msgspec.json.decode(case)


@pytest.mark.parametrize("models", MODELS)
def test_aliases_stand_after_what_they_use_and_may_lead_to_themselves(models: Models) -> None:
    made = contract(
        alias("First", ListOf(Ref("Second"))),
        alias("Second", UnionOf((Ref("Node"), Ref("Third")))),
        alias("Third", MapOf(INT)) if models == "pydantic" else alias("Third", ListOf(INT)),
        alias("Tree", UnionOf((ListOf(Ref("Branch")), STR))),
        alias("Branch", MapOf(Ref("Tree"))),
        record("Node", ("next?", Ref("Node")), ("trees", ListOf(Ref("Tree")))),
    )
    text = emitted(made, models).text
    assert text.index("Third: TypeAlias") < text.index("Second: TypeAlias") < text.index("First: TypeAlias")
    assert "Branch: TypeAlias = dict[str, Any]" in text
    with imported(text) as module:
        decoders = build_decoders(made, module, models)
        assert decoders["Node"]('{"trees":["a",[{"b":"c"}]],"next":{"trees":[]}}').next.trees == []


def test_a_record_with_further_properties() -> None:
    loose = record("Loose", ("known", STR), extra=Scalar("float"))
    sent = record("Sent", ("known", STR), tag="sent", extra=Scalar("float"))
    text = emitted(contract(loose, sent)).text
    assert "Loose: TypeAlias = dict[str, str | float]" in text
    assert 'class Sent(Struct, kw_only=True, tag_field="type", tag="sent"):' in text
    with imported(emitted(contract(loose, sent), "pydantic").text) as module:
        model = module.Loose.model_validate_json('{"known":"a","more":1.5}')
        assert msgspec.json.decode(model.model_dump_json()) == {"known": "a", "more": 1.5}


@pytest.mark.parametrize("models", MODELS)
@pytest.mark.parametrize(
    "name", ["str", "list_", "A", "dt", "field", "Any", "__x", "_x", "json", "model_config", "schema", "UNSET"]
)
def test_a_field_hides_nothing(models: Models, name: str) -> None:
    made = contract(record("R", (name, ListOf(Ref("A")), "wire-name"), ("other", ListOf(STR))), *TAGGED)
    with imported(emitted(made, models).text) as module:
        read = build_decoders(made, module, models)["R"]
        value = read('{"wire-name":[{"type":"a"}],"other":["x"]}')
        assert value.other == ["x"]
        written = msgspec.json.encode(value) if models == "msgspec" else value.model_dump_json(by_alias=True)
        assert msgspec.json.decode(written) == {"wire-name": [{"type": "a"}], "other": ["x"]}


@pytest.mark.parametrize("name", ["Struct", "Any", "list", "Incoming", "Connection", "Feed_", "__X", "None_"])
@pytest.mark.parametrize("models", MODELS)
def test_a_class_hides_nothing(models: Models, name: str) -> None:
    made = contract(record(name, ("x", INT)), record("Other", ("y", Ref(name)), ("z", ListOf(ANY))))
    with imported(emitted(made, models).text) as module:
        value = build_decoders(made, module, models)["Other"]('{"y":{"x":1},"z":[2]}')
        assert (value.y.x, value.z) == (1, [2])


def test_bytes_are_base64_in_json() -> None:
    made = contract(record("R", ("data", Scalar("bytes", SHORT))))
    for models in MODELS:
        with imported(emitted(made, models).text) as module:
            read = build_decoders(made, module, models)["R"]
            assert read('{"data":"+/8="}').data == b"\xfb\xff"


def test_a_field_that_msgspec_refuses_is_left_out() -> None:
    made = emitted(contract(record("R", ("a", INT, 'say "a"'), ("b", INT))))
    assert [note.code for note in made.notes] == ["field-left-out"]
    with imported(made.text) as module:
        assert msgspec.json.decode(b'{"say \\"a\\"":1,"b":2}', type=module.R) == module.R(b=2)


def test_no_field_takes_the_name_of_what_a_model_has() -> None:
    """pydantic warns of such a field, and a warning is an error in these tests."""
    names = {*dir(BaseModel), *dir(type(BaseModel)), *dir(Model)}
    fields = [(name, STR) for name in sorted(names) if not name.startswith("_")]
    made = contract(record("R", *fields))
    value = {name: "x" for name, _ in fields}
    with imported(emitted(made, "pydantic").text) as module:
        model = build_decoders(made, module, "pydantic")["R"](msgspec.json.encode(value))
        assert msgspec.json.decode(model.model_dump_json(by_alias=True)) == value
        assert not names & set(module.R.model_fields)
