"""What holds for the module of any contract, however it was made."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.schema.emit.made import contracts
from tests.schema.emit.modules import MODELS, build_decoders, complaints, emitted, formatted, imported
from typedws.schema.contract.api import Contract
from typedws.schema.emit.naming import Models

# Another contract finds less and less that is new. HYPOTHESIS_PROFILE=thorough looks at many more of them.
EXAMPLES = 400 if os.environ.get("HYPOTHESIS_PROFILE") == "thorough" else 25

# Shrinking would start ruff hundreds of times; the same contracts are made on every run.
relaxed = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    max_examples=EXAMPLES,
    derandomize=True,
    phases=[Phase.generate],
)


@pytest.mark.parametrize("models", MODELS)
@given(contract=contracts())
@relaxed
def test_it_is_formatted_and_has_nothing_to_complain_about(models: Models, contract: Contract) -> None:
    text = emitted(contract, models).text
    assert formatted(text) == text
    assert complaints(text) == ""


@pytest.mark.parametrize("models", MODELS)
@given(contract=contracts())
@relaxed
def test_it_can_be_imported_and_all_its_types_can_be_read(models: Models, contract: Contract) -> None:
    with imported(emitted(contract, models).text) as module:
        build_decoders(contract, module, models)
