"""What holds for the samples of every type."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.schema.samples.models import Models, contract_of
from tests.schema.samples.types import TYPES, contracts
from typedws.schema.contract.api import Contract
from typedws.schema.contract.types import Type
from typedws.schema.samples import Checker, Sampler

LIBRARIES = pytest.mark.parametrize("pydantic", [False, True], ids=["msgspec", "pydantic"])
SEEDS = st.integers(0, 2**32)
SLOW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def check_samples(contract: Contract, type_: Type, seed: int, *, pydantic: bool) -> None:
    sampler = Sampler(contract, seed)
    models = Models(contract, pydantic=pydantic)
    checker = Checker(contract)
    for value in [*(sampler.value(type_) for _ in range(3)), *sampler.variants(type_, limit=12)]:
        assert checker.problem(type_, value) is None
        assert models.again(type_, json.dumps(value).encode()) == value


@LIBRARIES
@SLOW
@given(type_=TYPES, seed=SEEDS)
def test_a_sample_is_read_and_written_again_as_it_was(pydantic: bool, type_: Type, seed: int) -> None:
    check_samples(contract_of(), type_, seed, pydantic=pydantic)


@LIBRARIES
@SLOW
@given(given_=contracts(), seed=SEEDS)
def test_records_too(pydantic: bool, given_: tuple[Contract, Type], seed: int) -> None:
    check_samples(*given_, seed, pydantic=pydantic)


@SLOW
@given(given_=contracts(), seed=SEEDS)
def test_a_seed_makes_the_same_values(given_: tuple[Contract, Type], seed: int) -> None:
    contract, type_ = given_
    one, other = Sampler(contract, seed), Sampler(contract, seed)
    assert [one.value(type_) for _ in range(3)] == [other.value(type_) for _ in range(3)]
    assert one.variants(type_) == other.variants(type_)
