"""Both model libraries travel through every format."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

import msgspec
import pytest
from annotated_types import Gt
from pydantic import BaseModel, ConfigDict, Field, RootModel, create_model, field_validator
from pydantic.dataclasses import dataclass as pydantic_dataclass
from typing_extensions import TypeAliasType

from tests.converters.messages import (
    ALL,
    MIXED,
    VALUES,
    WHEN,
    Aliased,
    Any_,
    Attrs,
    AttrsEnvelope,
    Box,
    Child,
    Color,
    Created,
    Deleted,
    Envelope,
    Event,
    Everything,
    EverythingModel,
    Foreign,
    Mixed,
    Named,
    Node,
    Page,
    Plain,
    PlainEnvelope,
    Point,
    Points,
    PydanticPlain,
    StrictPoint,
    Tick,
    Trade,
    Typed,
)
from typedws.converters import JSONConverter, PydanticConverter
from typedws.errors import DeserializeError, SerializeError, UnsupportedTypeError
from typedws.frames import TextFrame

every_format = pytest.mark.parametrize("converter", MIXED, ids=lambda converter: converter.name)
every_converter = pytest.mark.parametrize("converter", ALL, ids=lambda converter: converter.name)

ALIAS = TypeAliasType("ALIAS", Tick | Trade)
EventAlias = TypeAliasType("EventAlias", Event)

OF_MSGSPEC: list[tuple[Any, Any]] = [
    (Tick("BTC", 1.5), Tick),
    (Trade("BTC", 3), Tick | Trade),
    (Trade("BTC", 3), ALIAS),
    ([Tick("a", 0.5), Trade("b", 1)], list[Tick | Trade]),
    (Node(1, [Node(2), Node(3, [Node(4)])]), Node),
    (Box(Tick("a", 1.0)), Box[Tick]),
    (Plain(1, WHEN.date()), Plain),
    (Attrs(1, ["a"]), Attrs),
    (Named(1, "one"), Named),
    ({"x": 1, "y": "z"}, Typed),
    ({"a": (1, None)}, dict[str, tuple[int, str | None]]),
    (None, Tick | None),
    (5, int | str),
    ("5", int | str),
    (Color.RED, Color),
    ([1, "a", None, {"b": 1.5}], Any),
]

OF_PYDANTIC: list[tuple[Any, Any]] = [
    (Point(x=1), Point),
    (Aliased(orderId=7), Aliased),
    (Points([Point(x=1), Point(x=2, y=3)]), Points),
    (Page[Point](items=[Point(x=1)]), Page[Point]),
    (PydanticPlain(3), PydanticPlain),
    (Point(x=1), Point | None),
    (None, Point | None),
    (Point(x=1), int | Point),
    (4, int | Point),
    (Deleted(id=1), Created | Deleted),
    (Deleted(id=1), Event),
    (Deleted(id=1), EventAlias),
    ([Point(x=1)], list[Point]),
    ([Point(x=1), None], list[Point | None]),
    ({"a": Point(x=1)}, dict[str, Point]),
    ([Created(id=1), Deleted(id=2)], list[Event]),
    ([Created(id=1), Deleted(id=2)], list[Created | Deleted]),
    ([PydanticPlain(3)], list[PydanticPlain]),
    (StrictPoint(x=1), StrictPoint),
]

OF_BOTH: list[tuple[Any, Any]] = [
    (Envelope(Point(x=1), [Point(x=2), Child(x=3)][:1], {"a": Point(x=4)}), Envelope),
    (PlainEnvelope(Point(x=1)), PlainEnvelope),
    (AttrsEnvelope(Point(x=1)), AttrsEnvelope),
    ((Tick("a", 1.0), Point(x=1)), tuple[Tick, Point]),
    ([Envelope(Point(x=1), [], {}, Point(x=2))], list[Envelope | None]),
    (Box(Point(x=1)), Box[Point]),
    ({"a": Tick("a", 1.0)}, dict[str, Tick | Trade]),
]


@every_format
@pytest.mark.parametrize(("value", "form"), [*OF_MSGSPEC, *OF_PYDANTIC, *OF_BOTH], ids=str)
def test_every_type_comes_back(converter: Mixed, value: Any, form: Any) -> None:
    assert converter.deserialize(converter.serialize(value), form) == value
    assert converter.deserialize(converter.serialize(value, form), form) == value
    converter.check_type(form)
    assert converter.payload_reader(form)(converter.serialize(value).data) == value


@pytest.mark.parametrize(("value", "form"), OF_PYDANTIC, ids=str)
def test_every_type_of_pydantic_comes_back_through_pydantic_alone(value: Any, form: Any) -> None:
    converter = PydanticConverter()
    assert converter.deserialize(converter.serialize(value), form) == value
    assert converter.deserialize(converter.serialize(value, form), form) == value
    converter.check_type(form)


@every_format
@pytest.mark.parametrize("name", VALUES)
def test_every_kind_of_value_comes_back_in_a_struct(converter: Mixed, name: str) -> None:
    value = Everything(**VALUES)
    back = converter.deserialize(converter.serialize(value), Everything)
    assert getattr(back, name) == getattr(value, name)
    assert type(getattr(back, name)) is type(getattr(value, name))


@every_converter
@pytest.mark.parametrize("name", VALUES)
def test_every_kind_of_value_comes_back_in_a_model(converter: Any_, name: str) -> None:
    value = EverythingModel(**VALUES)
    back = converter.deserialize(converter.serialize(value), EverythingModel)
    assert getattr(back, name) == getattr(value, name)
    assert type(getattr(back, name)) is type(getattr(value, name))


@every_format
def test_every_kind_of_value_comes_back_in_a_model_in_a_struct(converter: Mixed) -> None:
    value = Box(EverythingModel(**VALUES))
    assert converter.deserialize(converter.serialize(value), Box[EverythingModel]) == value


@every_converter
def test_types_that_only_pydantic_knows_travel_as_in_json(converter: Any_) -> None:
    value = Foreign.model_validate({"url": "https://example.com/", "address": "192.0.2.1", "secret": "hunter2"})
    frame = converter.serialize(value)
    back = converter.deserialize(frame, Foreign)
    assert (back.url, back.address) == (value.url, value.address)
    assert b"hunter2" not in frame.data


@every_converter
def test_models_are_written_and_read_by_alias(converter: Any_) -> None:
    frame = converter.serialize(Aliased(orderId=7))
    assert b"orderId" in frame.data
    assert b"order_id" not in frame.data


@every_format
def test_models_in_a_struct_are_written_by_alias(converter: Mixed) -> None:
    assert b"orderId" in converter.serialize(Box(Aliased(orderId=7))).data


@every_converter
def test_a_model_is_written_as_the_type_it_is_sent_as(converter: Any_) -> None:
    whole = converter.serialize(Child(x=1, z=5))
    as_parent = converter.serialize(Child(x=1, z=5), Point)
    assert converter.deserialize(whole, Child) == Child(x=1, z=5)
    assert converter.deserialize(as_parent, Child) == Child(x=1)


@every_converter
def test_models_in_a_container_are_written_as_the_type_they_are_sent_as(converter: Any_) -> None:
    frame = converter.serialize([Child(x=1, z=5)], list[Point])
    assert converter.deserialize(frame, list[Child]) == [Child(x=1)]


class Lookalike(BaseModel):
    a: int


@every_converter
def test_an_object_of_another_class_is_not_written_as_a_model(converter: Any_) -> None:
    with pytest.raises(SerializeError, match="it is not a Point"):
        converter.serialize(Lookalike(a=1), Point)


@every_converter
def test_a_model_that_breaks_its_own_types_is_not_written(converter: Any_) -> None:
    point = Point(x=1)
    setattr(point, "x", "hunter2")  # noqa: B010 - which no type checker lets pass otherwise
    with pytest.raises(SerializeError) as caught:
        converter.serialize(point)
    assert "hunter2" not in str(caught.value)


@every_format
def test_for_other_values_the_value_decides_how_it_is_written(converter: Mixed) -> None:
    assert converter.serialize(Trade("a", 1), Tick | Trade) == converter.serialize(Trade("a", 1))
    assert converter.serialize(5, str) == converter.serialize(5)


@every_format
def test_a_type_to_write_as_must_be_one_that_can_be_read(converter: Mixed) -> None:
    with pytest.raises(UnsupportedTypeError):
        converter.serialize(Box(1), Box[int] | Node)


@every_format
def test_the_fields_of_a_discriminated_union_may_be_written_without_a_type(converter: Mixed) -> None:
    assert converter.deserialize(converter.serialize(Created(id=1)), Event) == Created(id=1)


@every_converter
def test_constraints_of_pydantic_are_kept_without_a_model(converter: Any_) -> None:
    form = Annotated[int, Field(gt=3)]
    assert converter.deserialize(converter.serialize(4), form) == 4
    with pytest.raises(DeserializeError, match="greater_than"):
        converter.deserialize(converter.serialize(3), form)
    with pytest.raises(DeserializeError):
        converter.deserialize(converter.serialize([3]), list[Annotated[int, Gt(3)]])


@every_format
def test_a_model_in_a_struct_is_validated(converter: Mixed) -> None:
    frame = converter.serialize({"content": {"x": "not a number"}})
    with pytest.raises(DeserializeError, match=r"int_parsing at `\$\.x` - at `\$\.content`"):
        converter.deserialize(frame, Box[Point])


@every_format
def test_models_keep_their_own_strictness(converter: Mixed) -> None:
    frame = converter.serialize({"x": "1"})
    assert converter.deserialize(frame, Point) == Point(x=1)
    assert converter.deserialize(converter.serialize({"content": {"x": "1"}}), Box[Point]) == Box(Point(x=1))
    with pytest.raises(DeserializeError):
        converter.deserialize(frame, StrictPoint)


def test_what_is_beside_a_model_keeps_the_strictness_of_the_converter() -> None:
    frame = TextFrame('"5"')
    with pytest.raises(DeserializeError):
        JSONConverter().deserialize(frame, int | Point)
    assert JSONConverter(strict=False).deserialize(frame, int | Point) == 5


def test_a_strict_model_reads_dates_from_json_wherever_it_is() -> None:
    converter = JSONConverter()
    model = StrictPoint(x=1, day=WHEN.date())
    assert converter.deserialize(converter.serialize(model), StrictPoint) == model
    assert converter.deserialize(converter.serialize(Box(model)), Box[StrictPoint]) == Box(model)


def test_equal_unions_in_another_order_are_not_mixed_up() -> None:
    first: Any = create_model("first", x=(int, ...))
    second: Any = create_model("second", x=(int, ...))
    converter = JSONConverter()
    frame = TextFrame('{"x": 1}')
    assert type(converter.deserialize(frame, first | second)) is first
    assert type(converter.deserialize(frame, second | first)) is second


class StrictEverything(BaseModel):
    model_config = ConfigDict(strict=True)

    color: Color | None = None
    pair: tuple[int, str] | None = None
    words: set[str] | None = None
    day: date | None = None
    when: datetime | None = None
    raw: bytes | None = None


STRICT = {"color": Color.RED, "pair": (1, "a"), "words": {"a"}, "day": WHEN.date(), "when": WHEN, "raw": b"a"}
READ_BY = {"cbor": {"day", "when", "raw"}, "msgpack": {"when", "raw"}, "json": set(STRICT), "pydantic": set(STRICT)}


@every_converter
@pytest.mark.parametrize("name", STRICT)
def test_a_strict_model_wants_the_very_type_from_a_binary_format(converter: Any_, name: str) -> None:
    value = StrictEverything.model_validate({name: STRICT[name]})
    frame = converter.serialize(value)
    if name in READ_BY[converter.name]:
        assert converter.deserialize(frame, StrictEverything) == value
    else:
        with pytest.raises(DeserializeError):
            converter.deserialize(frame, StrictEverything)


class AnyEvent(RootModel[Event]):
    pass


@every_format
def test_a_root_model_carries_a_union_into_a_struct(converter: Mixed) -> None:
    value = Box(AnyEvent(Deleted(id=1)))
    assert converter.deserialize(converter.serialize(value), Box[AnyEvent]) == value


@pydantic_dataclass
class AliasedPlain:
    order_id: int = Field(alias="orderId")


@every_format
def test_a_pydantic_dataclass_in_a_list_has_its_aliases_if_the_type_is_said(converter: Mixed) -> None:
    values = [AliasedPlain(orderId=1)]
    assert b"order_id" in converter.serialize(values).data
    assert b"orderId" in converter.serialize(values, list[AliasedPlain]).data
    assert b"orderId" in converter.serialize(values[0]).data


# what cannot be carried


class HasStruct(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)

    tick: Tick


class MakesStruct(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)

    tick: Tick

    @field_validator("tick", mode="before")
    @classmethod
    def make_tick(cls, value: object) -> object:
        return msgspec.convert(value, Tick) if isinstance(value, dict) else value


class HasPydanticDataclass(msgspec.Struct):
    plain: PydanticPlain


class HasModelUnion(msgspec.Struct):
    event: Created | Deleted


class Unknown:
    pass


@pydantic_dataclass
class Recursive:
    inner: Recursive | None = None


UNSUPPORTED = [
    pytest.param(Tick | Point, "joins the pydantic model Point and msgspec's Tick", id="both libraries in one union"),
    pytest.param(list[Tick | Point], "joins", id="both libraries in one union in a list"),
    pytest.param(Box[Created | Deleted], "joins", id="a union of models as the argument of a Struct"),
    pytest.param(
        Attrs | Point, "joins the pydantic model Point and msgspec's Attrs", id="attrs and a model in a union"
    ),
    pytest.param(Annotated[Tick | Trade, Field(discriminator="type")], "pydantic's metadata", id="Field over Structs"),
    pytest.param(list[Tick] | list[PydanticPlain], "joins", id="a pydantic dataclass beside a Struct"),
    pytest.param(HasModelUnion, "more than one custom type", id="a union of models in a Struct"),
    pytest.param(HasPydanticDataclass, "skip its validation", id="a pydantic dataclass in a Struct"),
    pytest.param(HasStruct, "holds msgspec's Tick", id="a Struct in a model"),
    pytest.param(list[HasStruct], "holds msgspec's Tick", id="a Struct in a model in a list"),
    pytest.param(Box[int] | Node, "must be tagged", id="untagged Structs in one union"),
    pytest.param(Unknown, "nothing reads Unknown", id="a class that nobody knows"),
    pytest.param(dict[str, list[Unknown]], "nothing reads Unknown", id="a class that nobody knows, deeper"),
    pytest.param("Tick", "as a string", id="a string"),
    pytest.param(list["Tick"], "as a string", id="a string in a list"),
    pytest.param(3, "cannot read 3", id="a number"),
    pytest.param([int], "cannot read", id="a list"),
]


@every_format
@pytest.mark.parametrize(("form", "text"), UNSUPPORTED)
def test_a_type_that_can_never_be_read_is_said_to_be(converter: Mixed, form: Any, text: str) -> None:
    with pytest.raises(UnsupportedTypeError, match=text) as caught:
        converter.check_type(form)
    assert isinstance(caught.value, TypeError)
    assert len(str(caught.value)) < 700
    with pytest.raises(UnsupportedTypeError, match=text):
        converter.deserialize(converter.serialize(None), form)
    with pytest.raises(UnsupportedTypeError, match=text):
        converter.payload_reader(form)
    with pytest.raises(UnsupportedTypeError, match=text):
        converter.serialize(None, form)


@pytest.mark.parametrize("form", [Tick, Tick | Point, HasStruct, Attrs, Unknown, "Point", 3], ids=str)
def test_pydantic_alone_says_so_too(form: Any) -> None:
    converter = PydanticConverter()
    with pytest.raises(UnsupportedTypeError):
        converter.check_type(form)
    with pytest.raises(UnsupportedTypeError):
        converter.deserialize(TextFrame("null"), form)


@every_converter
def test_a_model_that_makes_a_struct_by_itself_is_read(converter: Any_) -> None:
    frame = converter.serialize({"tick": {"type": "tick", "symbol": "a", "price": 1.0}})
    assert converter.deserialize(frame, MakesStruct).tick == Tick("a", 1.0)


@every_converter
def test_a_recursive_type_of_pydantic_is_read(converter: Any_) -> None:
    value = Recursive(Recursive(Recursive()))
    assert converter.deserialize(converter.serialize(value), Recursive) == value


@every_converter
def test_a_type_that_was_incomplete_is_read_once_it_is_complete(converter: Any_) -> None:
    namespace: dict[str, Any] = {"BaseModel": BaseModel}
    exec("class Early(BaseModel):\n    later: 'Later'\n", namespace)
    early = namespace["Early"]
    with pytest.raises(UnsupportedTypeError):
        converter.check_type(early)
    exec("class Later(BaseModel):\n    x: int\n", namespace)
    early.model_rebuild(_types_namespace=namespace)
    frame = converter.serialize({"later": {"x": 1}})
    assert converter.deserialize(frame, early).later.x == 1


def test_a_struct_that_pydantic_knows_too_is_read_by_msgspec() -> None:
    class Amphibian(msgspec.Struct):
        x: int

        @classmethod
        def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
            raise AssertionError("pydantic was asked")

    converter = JSONConverter()
    assert converter.deserialize(converter.serialize(Amphibian(1)), Amphibian) == Amphibian(1)
