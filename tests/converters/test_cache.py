"""What is built for a type is built once, found again, and not kept for ever."""

from __future__ import annotations

import gc
import threading
import weakref
from typing import Annotated, Any, Literal, Union

import msgspec
import pytest
from pydantic import Field, TypeAdapter

from tests.converters.messages import ALL, MIXED, Any_, Created, Deleted, Event, Mixed, Point, Tick, Trade
from typedws.converters import JSONConverter, PydanticConverter
from typedws.converters.cache import MAX_FORMS, FormCache
from typedws.errors import UnsupportedTypeError
from typedws.frames import TextFrame


class Counted:
    """A builder that counts."""

    def __init__(self, *, shared: bool = True) -> None:
        self.built: list[Any] = []
        self.shared = shared

    def __call__(self, form: Any) -> tuple[int, bool]:
        self.built.append(form)
        return len(self.built), self.shared


def test_a_form_is_built_once() -> None:
    build = Counted()
    cache = FormCache(build)
    for _ in range(3):
        assert cache.find(int) == 1
        assert cache.find(list[int]) == 2
        assert cache.find(int | str) == 3
    assert cache.known == {int: 1, list[int]: 2, int | str: 3}


def test_forms_that_are_equal_may_share_or_not() -> None:
    build = Counted(shared=False)
    cache = FormCache(build)
    assert cache.find(int | str) == cache.find(int | str) == 1
    assert cache.find(str | int) == 2
    assert cache.find(list[int | str]) == 3
    assert cache.find(list[str | int]) == 4
    assert cache.find(Union[int, str]) != cache.find(Union[str, int])  # noqa: UP007 - another spelling
    assert cache.known == {}


def test_literals_that_are_equal_as_numbers_are_told_apart() -> None:
    cache = FormCache(Counted())
    forms: list[Any] = [Literal[1], Literal[True], list[Literal[1]], list[Literal[True]]]
    assert len({cache.find(form) for form in forms}) == 4


def test_a_form_that_cannot_be_hashed_is_built_once_too() -> None:
    build = Counted()
    cache = FormCache(build)
    forms: list[Any] = [Annotated[int, ["a"]], Annotated[int, ["a"]], [int]]
    for _ in range(3):
        assert [cache.find(form) for form in forms] == [1, 2, 3]


def test_what_could_not_be_built_is_tried_again() -> None:
    attempts = []

    def build(form: Any) -> tuple[str, bool]:
        attempts.append(form)
        if len(attempts) == 1:
            raise LookupError
        return "built", True

    cache = FormCache(build)
    with pytest.raises(LookupError):
        cache.find(int)
    assert cache.find(int) == "built"


def test_the_oldest_of_too_many_forms_is_forgotten() -> None:
    build = Counted()
    cache = FormCache(build)
    forms = [type(f"T{number}", (), {}) for number in range(MAX_FORMS + 10)]
    for form in forms:
        cache.find(form)
    assert len(cache.known) == MAX_FORMS
    assert len(cache._exact) == len(cache._same) == MAX_FORMS
    assert forms[0] not in cache.known
    assert forms[-1] in cache.known
    cache.find(forms[0])
    assert len(build.built) == MAX_FORMS + 11


@pytest.mark.parametrize("converter", MIXED, ids=lambda converter: converter.name)
def test_types_that_are_made_as_the_program_runs_do_not_stay_for_ever(converter: Mixed) -> None:
    first = msgspec.defstruct("First", [("x", int)])
    converter.deserialize(converter.serialize(first(1)), first)
    gone = weakref.ref(first)
    del first
    for number in range(MAX_FORMS + 1):
        made = msgspec.defstruct(f"T{number}", [("x", int)])
        converter.deserialize(converter.serialize(made(1)), made)
    del made
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize("converter", ALL, ids=lambda converter: converter.name)
@pytest.mark.parametrize(
    ("value", "form"),
    [
        (Created(id=1), Created | Deleted),
        (Created(id=1), Event),
        ([Created(id=1)], list[Event]),
        (5, Annotated[int, Field(gt=0)]),
    ],
    ids=str,
)
def test_an_adapter_is_built_once(converter: Any_, value: Any, form: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = type(converter)()
    frame = fresh.serialize(value, form)
    fresh.deserialize(frame, form)
    monkeypatch.setattr(TypeAdapter, "__init__", None)
    for _ in range(3):
        assert fresh.deserialize(fresh.serialize(value, form), form) == value
        fresh.check_type(form)


def test_a_union_that_is_spelled_out_each_time_is_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    converter = JSONConverter()
    frame = TextFrame('{"kind": "created", "id": 1}')
    converter.deserialize(frame, Created | Deleted)
    monkeypatch.setattr(TypeAdapter, "__init__", None)
    monkeypatch.setattr(msgspec.json, "Decoder", None)
    for _ in range(3):
        assert converter.deserialize(frame, Created | Deleted) == Created(id=1)
    with pytest.raises(UnsupportedTypeError):
        converter.deserialize(frame, Deleted | Created)


@pytest.mark.parametrize("converter", ALL, ids=lambda converter: converter.name)
def test_a_converter_is_shared_by_threads(converter: Any_) -> None:
    fresh = type(converter)()
    form: Any = Tick | Trade if not isinstance(fresh, PydanticConverter) else Created | Deleted
    values: list[Any] = [Point(x=1), Created(id=1), [Point(x=2)]]
    forms: list[Any] = [Point, Event, list[Point]]
    failures: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(200):
                for value, each in zip(values, forms, strict=True):
                    assert fresh.deserialize(fresh.serialize(value), each) == value
                fresh.check_type(form)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_an_equal_form_that_is_a_new_object_costs_one_lookup() -> None:
    converter = JSONConverter()
    frame = TextFrame('{"type": "tick", "symbol": "a", "price": 1.5}')
    for _ in range(3):
        converter.deserialize(frame, Tick | Trade)
        converter.deserialize(frame, Trade | Tick)
    assert len(converter._readers.known) == 1
