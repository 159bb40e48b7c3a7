"""The JSON texts of `decode_json`: pydantic reads them by another parser."""

from __future__ import annotations

from fuzz.seeds.decode_json import DICTIONARY, SEEDS

__all__ = ["DICTIONARY", "SEEDS"]
