"""Nothing is lost between a type and its schema, whichever library reads it."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Generic, Literal, NamedTuple, Never, NotRequired, Optional, TypedDict, TypeVar
from uuid import UUID

import msgspec
import pytest
from msgspec import UNSET, Meta, Struct, UnsetType, field
from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, computed_field

from tests.schema.export.official import check_document
from typedws import PydanticConverter, SchemaError
from typedws.schema.exporting import Api, Channel, export

T = TypeVar("T")


class Side(enum.Enum):
    """Who was in a hurry."""

    SELL = "sell"
    BUY = "buy"


class Level(NamedTuple):
    price: float
    """In US dollars."""
    size: float = 0.0


class Page(Struct, Generic[T]):
    items: list[T]


class Node(Struct):
    """A tree."""

    value: int
    children: list[Node] = []
    parent: Node | None = None


class Open(Struct, tag_field="op", tag=1):
    pass


class Shut(Struct, tag_field="op", tag=2):
    """Closed."""


class Row(Struct, array_like=True, tag="row"):
    left: int
    right: Annotated[str, Meta(description="Said.")] = ""


class Parent(Struct):
    inherited: int
    """From above."""


class Child(Parent):
    own: Side | UnsetType = UNSET
    """Of its own."""


@dataclass
class Point:
    """A point."""

    x: int
    y: int = 0


class Options(TypedDict):
    must: int
    alike: NotRequired[int]
    may: NotRequired[str]


class Inner(BaseModel):
    kind: Literal["inner"] = "inner"
    side: Side
    """Docs of a model's attribute."""


class Outer(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: Literal["outer"]
    inner: Inner | None = None
    number: int = Field(alias="Number", ge=1, description="Said.")
    pair: tuple[int, str]
    either: Annotated[Inner | Outer, Field(discriminator="kind")] | None = None


class Priced(BaseModel):
    price: Decimal

    @computed_field  # type: ignore[prop-decorator]
    @property
    def double(self) -> int:
        return 2


class Holder(Struct):
    model: Inner
    models: dict[str, Inner] = {}


def described(form: Any, *, outgoing: bool = False, converter: Any = None) -> dict[str, Any]:
    """The document of a channel with one type."""
    options: dict[str, Any] = {} if converter is None else {"converter": converter}
    nothing: Any = Never
    incoming, sent = (nothing, form) if outgoing else (form, nothing)
    channel = Channel("c", address="/", incoming=incoming, outgoing=sent, **options)
    document = export(Api("A", "1", channels=[channel]))
    check_document(document)
    return document


def payload(form: Any) -> dict[str, Any]:
    (message,) = described(form)["components"]["messages"].values()
    found: dict[str, Any] = message["payload"]
    return found


def component(cls: Any, name: str | None = None, *, outgoing: bool = False) -> dict[str, Any]:
    found: dict[str, Any] = described(cls, outgoing=outgoing)["components"]["schemas"][name or cls.__name__]
    return found


def of_field(form: Any) -> dict[str, Any]:
    """The schema of a field of this type."""
    made = msgspec.defstruct("Made", [("x", form)])
    found: dict[str, Any] = component(made, outgoing=True)["properties"]["x"]
    return found


STRING, INTEGER = {"type": "string"}, {"type": "integer"}
OPEN, SHUT = {"$ref": "#/components/schemas/Open"}, {"$ref": "#/components/schemas/Shut"}


@pytest.mark.parametrize(
    ("form", "schema"),
    [
        (str, STRING),
        (int, INTEGER),
        (float, {"type": "number"}),
        (bool, {"type": "boolean"}),
        (None, {"type": "null"}),
        (Any, {}),
        (object, {}),
        (msgspec.Raw, {}),
        (bytes, {"type": "string", "format": "byte"}),
        (dt.datetime, {"type": "string", "format": "date-time"}),
        (Annotated[dt.datetime, Meta(tz=True)], {"type": "string", "format": "date-time"}),
        (Annotated[dt.datetime, Meta(tz=False)], {"type": "string", "format": "date-time-local"}),
        (dt.date, {"type": "string", "format": "date"}),
        (dt.time, {"type": "string", "format": "time"}),
        (dt.timedelta, {"type": "string", "format": "duration"}),
        (UUID, {"type": "string", "format": "uuid"}),
        (Decimal, {"type": "string", "format": "decimal"}),
        (Optional[int], {"anyOf": [INTEGER, {"type": "null"}]}),  # noqa: UP045 - it is still written
        (Literal["a"], {"type": "string", "const": "a"}),
        (Literal["a", "b"], {"type": "string", "enum": ["a", "b"]}),
        (Literal[1, 2, None], {"enum": [None, 1, 2]}),
        (list[int], {"type": "array", "items": INTEGER}),
        (list[Any], {"type": "array"}),
        (set[int], {"type": "array", "items": INTEGER, "uniqueItems": True}),
        (tuple[int, ...], {"type": "array", "items": INTEGER}),
        (
            tuple[int, str],
            {"type": "array", "items": [INTEGER, STRING], "additionalItems": False, "minItems": 2, "maxItems": 2},
        ),
        (tuple[()], {"type": "array", "maxItems": 0}),
        (dict[str, int], {"type": "object", "additionalProperties": INTEGER}),
        (
            dict[int, str],
            {"type": "object", "propertyNames": {"pattern": "^-?[0-9]+$"}, "additionalProperties": STRING},
        ),
        (
            dict[UUID, Any],
            {"type": "object", "propertyNames": {"format": "uuid"}},
        ),
        (
            dict[Literal["a", "b"], int],
            {"type": "object", "propertyNames": {"enum": ["a", "b"]}, "additionalProperties": INTEGER},
        ),
        (
            Annotated[str, Meta(min_length=1, max_length=3, pattern="^x", description="d", examples=["x"])],
            {
                "description": "d",
                "type": "string",
                "minLength": 1,
                "maxLength": 3,
                "pattern": "^x",
                "examples": ["x"],
            },
        ),
        (Annotated[int, Meta(ge=1, multiple_of=2)], {**INTEGER, "minimum": 1, "multipleOf": 2}),
        (Annotated[int, Meta(lt=9)], {**INTEGER, "exclusiveMaximum": 9}),
        (Annotated[float, Meta(gt=0.5, le=9)], {"type": "number", "exclusiveMinimum": 0.5, "maximum": 9}),
        (Annotated[list[int], Meta(min_length=1)], {"type": "array", "items": INTEGER, "minItems": 1}),
        (Annotated[dict[str, Any], Meta(max_length=2)], {"type": "object", "maxProperties": 2}),
        (Annotated[bytes, Meta(max_length=4)], {"type": "string", "format": "byte", "maxLength": 8}),
        (Annotated[int, Meta(extra_json_schema={"deprecated": True})], {"deprecated": True, "type": "integer"}),
        (Annotated[complex, Meta(extra_json_schema={"type": "string"})], STRING),
        (Open | Shut | None, {"anyOf": [OPEN, SHUT, {"type": "null"}]}),
        (Open | Shut, {"discriminator": "op", "oneOf": [OPEN, SHUT]}),
        (Annotated[Open, Meta(description="d")], {"description": "d", "allOf": [OPEN]}),
        (Page[int], {"$ref": "#/components/schemas/Page_int"}),
        (Page[list[int]], {"$ref": "#/components/schemas/Page_list_int"}),
    ],
)  # fmt: skip
def test_every_type_of_msgspec_has_a_schema(form: Any, schema: dict[str, Any]) -> None:
    assert of_field(form) == schema


def test_a_tag_is_a_constant_that_is_always_there() -> None:
    assert component(Shut) == {
        "description": "Closed.",
        "type": "object",
        "discriminator": "op",
        "required": ["op"],
        "properties": {"op": {"type": "integer", "const": 2}},
    }


def test_absent_null_and_default_are_three_things() -> None:
    class Three(Struct, forbid_unknown_fields=True):
        needed: int
        absent: int | UnsetType = UNSET
        null: int | None = None
        default: Side = Side.BUY
        renamed: int = field(default=3, name="from")
        made: list[int] = field(default_factory=list)
        secret: float = float("inf")  # JSON has no such number
        both: int | UnsetType | None = UNSET

    made = component(Three)
    nullable = {"anyOf": [INTEGER, {"type": "null"}]}
    assert made["required"] == ["needed"]
    assert made["additionalProperties"] is False
    assert made["properties"] == {
        "needed": INTEGER,
        "absent": INTEGER,
        "null": {**nullable, "default": None},
        "default": {"allOf": [{"$ref": "#/components/schemas/Side"}], "default": "buy"},
        "from": {**INTEGER, "default": 3},
        "made": {"type": "array", "items": INTEGER, "default": []},
        "secret": {"type": "number"},
        "both": nullable,
    }


def test_an_enum_has_its_order_and_its_docs() -> None:
    assert component(Child, "Side") == {
        "description": "Who was in a hurry.",
        "type": "string",
        "enum": ["sell", "buy"],
    }


def test_the_docs_of_attributes_are_descriptions() -> None:
    properties = component(Child)["properties"]
    assert properties["inherited"]["description"] == "From above."
    assert properties["own"] == {
        "description": "Of its own.",
        "allOf": [{"$ref": "#/components/schemas/Side"}],
    }
    assert component(Inner)["properties"]["side"]["description"] == "Docs of a model's attribute."


def test_recursive_types_refer_to_themselves() -> None:
    made = component(Node)
    reference = {"$ref": "#/components/schemas/Node"}
    assert made["properties"]["children"] == {"type": "array", "items": reference, "default": []}
    assert made["properties"]["parent"]["anyOf"] == [reference, {"type": "null"}]


def test_arrays_with_named_places_keep_the_names() -> None:
    assert component(Row)["items"] == [
        {"type": "string", "const": "row"},
        {"title": "left", **INTEGER},
        {"title": "right", "description": "Said.", **STRING, "default": ""},
    ]
    assert (component(Row)["minItems"], component(Level)["minItems"], component(Level)["maxItems"]) == (2, 1, 2)
    assert component(Level)["items"][0]["description"] == "In US dollars."


def test_dataclasses_and_typed_dicts_are_objects() -> None:
    assert component(Point) == {
        "description": "A point.",
        "type": "object",
        "required": ["x"],
        "properties": {"x": INTEGER, "y": {**INTEGER, "default": 0}},
    }
    assert component(Options) == {
        "type": "object",
        "required": ["must"],
        "properties": {"must": INTEGER, "alike": INTEGER, "may": STRING},
    }
    assert list(component(Options)["properties"]) == ["must", "alike", "may"]


def test_models_are_told_in_the_same_dialect() -> None:
    schemas = described(Outer, converter=PydanticConverter())["components"]["schemas"]
    assert schemas["Outer"] == {
        "type": "object",
        "discriminator": "kind",
        "required": ["kind", "Number", "pair"],
        "properties": {
            "kind": {"type": "string", "const": "outer"},
            "inner": {"anyOf": [{"$ref": "#/components/schemas/Inner"}, {"type": "null"}], "default": None},
            "Number": {"description": "Said.", "type": "integer", "minimum": 1},
            "pair": {
                "type": "array",
                "items": [INTEGER, STRING],
                "additionalItems": False,
                "maxItems": 2,
                "minItems": 2,
            },
            "either": {
                "anyOf": [
                    {
                        "discriminator": "kind",
                        "oneOf": [{"$ref": "#/components/schemas/Inner"}, {"$ref": "#/components/schemas/Outer"}],
                    },
                    {"type": "null"},
                ],
                "default": None,
            },
        },
        "additionalProperties": False,
    }
    # A default that is the only value saves typing; on the wire it is always there.
    assert schemas["Inner"]["required"] == ["kind", "side"]
    assert schemas["Inner"]["properties"]["kind"] == {"type": "string", "const": "inner"}
    assert schemas["Inner"]["discriminator"] == "kind"


def test_a_model_is_described_as_it_is_read_or_as_it_is_written() -> None:
    assert set(component(Priced)["properties"]) == {"price"}
    assert set(component(Priced, outgoing=True)["properties"]) == {"price", "double"}
    both = Channel("c", address="/", incoming=Priced, outgoing=Priced, converter=PydanticConverter())
    document = export(Api("A", "1", channels=[both]))
    check_document(document)
    assert list(document["components"]["schemas"]) == ["PricedInput", "PricedOutput"]
    assert list(document["components"]["messages"]) == ["PricedInput", "PricedOutput"]


def test_bytes_of_a_model_are_what_the_model_writes() -> None:
    class Data(BaseModel):
        text: bytes
        coded: Base64Bytes

    assert component(Data)["properties"] == {"text": STRING, "coded": {"type": "string", "format": "byte"}}


def test_models_inside_structs_and_classes_of_both_libraries_share_their_names() -> None:
    schemas = described(Holder)["components"]["schemas"]
    assert list(schemas) == ["Holder", "Inner", "Side"]
    assert schemas["Holder"]["properties"]["model"] == {"$ref": "#/components/schemas/Inner"}
    channel = Channel("c", address="/", incoming=Child, outgoing=Inner)
    assert list(export(Api("A", "1", channels=[channel]))["components"]["schemas"]) == ["Child", "Side", "Inner"]


def test_generic_models_and_classes_of_the_same_name_get_names_of_their_own() -> None:
    class Box(BaseModel, Generic[T]):
        inside: T

    names = ["Side", "Side", "Side"]
    sides = [msgspec.defstruct(name, [(f"x{number}", int)], module="shop.bills") for number, name in enumerate(names)]
    both = msgspec.defstruct("Both", [("first", Child), *((f"y{i}", side) for i, side in enumerate(sides))])
    assert list(described(both)["components"]["schemas"]) == ["Both", "Child", "Side", "BillsSide", "Side2", "Side3"]
    assert "Box_int" in described(Box[int])["components"]["schemas"]


def test_a_type_that_nothing_describes_is_refused() -> None:
    class Strange(Struct):
        number: complex

    with pytest.raises(SchemaError, match=r"Strange cannot be described: nothing says what complex is .* Meta\("):
        described(Strange, outgoing=True)
