"""Sample values of a contract, for the mock server and for tests."""

from __future__ import annotations

from typedws.schema.samples.checking import Checker
from typedws.schema.samples.deciding import candidates, why_unknown
from typedws.schema.samples.patterns import text_matching
from typedws.schema.samples.sampler import Sampler

__all__ = ["Checker", "Sampler", "candidates", "text_matching", "why_unknown"]
