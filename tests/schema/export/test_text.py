"""Documents as text: the same to the byte, and read alike by every reader."""

from __future__ import annotations

import json
from typing import Any, Never

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec import Struct

from typedws.schema.exporting import Api, Channel, export, to_json, to_yaml

texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=60) | st.sampled_from(
    [
        "yes",
        "No",
        "on",
        "~",
        "null",
        "1:30",
        "0o7",
        "012",
        "1_000",
        "2026-11-22",
        "=",
        "<<",
        "1e3",
        "1.0",
        ".5",
        "-",
        "a: b",
    ]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


def read_1_2(text: str) -> Any:
    ruamel = pytest.importorskip("ruamel.yaml")
    return ruamel.YAML(typ="safe", pure=True).load(text)


@given(st.dictionaries(texts, values, max_size=5))
@example(
    {
        "a": 1e20,
        "b": "line\n\nline\n",
        "c": " x\ny",
        "d": "x \ny",
        "e": "x\r\ny",
        "f": "\n",
        "g": "a\n\n",
        "h": "#x\n- y",
    }
)
@example({"yes": "no", "2026-11-22": "12:30:45", "1.2.3": "3.1.0", "0b1": "+.inf", "y": "_1", "": ""})
@example({"key\nof lines": "x" * 300 + " " + "y " * 200})
def test_yaml_is_read_as_it_was_meant_by_old_and_new_readers(document: dict[str, Any]) -> None:
    text = to_yaml(document)
    assert read_1_2(text) == document
    assert yaml.safe_load(text) == document
    assert to_yaml(document) == text


@given(st.dictionaries(texts, values, max_size=5))
def test_json_is_json(document: dict[str, Any]) -> None:
    assert json.loads(to_json(document)) == document


def test_text_has_the_order_of_the_document_and_no_anchors() -> None:
    shared = {"b": 1, "a": 2}
    assert to_yaml({"z": shared, "a": [shared]}) == "z:\n  b: 1\n  a: 2\na:\n  - b: 1\n    a: 2\n"
    assert to_json({"z": {"b": 1}, "é": 2}) == '{\n  "z": {\n    "b": 1\n  },\n  "é": 2\n}\n'


def test_a_document_reads_well() -> None:
    class Trade(Struct, tag="trade"):
        """A trade."""

        price: float

    channel = Channel("prices", address="/prices", incoming=Never, outgoing=Trade)
    api = Api("Prices", "1.0.0", channels=[channel], description="All prices.\n\nOf all markets.\n")
    assert to_yaml(export(api)) == EXPECTED


EXPECTED = """\
asyncapi: 3.1.0
info:
  title: Prices
  version: 1.0.0
  description: |
    All prices.

    Of all markets.
x-typedws-perspective: server
defaultContentType: application/json
channels:
  prices:
    address: /prices
    messages:
      Trade:
        $ref: '#/components/messages/Trade'
    bindings:
      ws:
        method: GET
        bindingVersion: 0.1.0
operations:
  sendPrices:
    action: send
    channel:
      $ref: '#/channels/prices'
    messages:
      - $ref: '#/channels/prices/messages/Trade'
components:
  messages:
    Trade:
      name: Trade
      payload:
        $ref: '#/components/schemas/Trade'
  schemas:
    Trade:
      description: A trade.
      type: object
      discriminator: type
      required:
        - type
        - price
      properties:
        type:
          type: string
          const: trade
        price:
          type: number
"""
