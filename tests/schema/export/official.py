"""The official JSON Schema of AsyncAPI 3.1, from the npm package `@asyncapi/specs`; `scripts/test` installs it."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

SCHEMA = Path(__file__).parent / "node" / "node_modules" / "@asyncapi" / "specs" / "schemas" / "3.1.0-without-$id.json"


def check_document(document: dict[str, Any]) -> None:
    """Fails if the document is not valid; skips where the package is not installed."""
    if not SCHEMA.exists():
        pytest.skip("@asyncapi/specs is not installed: npm ci in tests/schema/export/node")
    problems = [f"{list(error.absolute_path)}: {error.message}" for error in validator().iter_errors(document)]
    assert not problems, "\n".join(problems[:5])


@cache
def validator() -> Any:
    jsonschema = pytest.importorskip("jsonschema")
    return jsonschema.Draft7Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def is_valid(value: object, schema: dict[str, Any], document: dict[str, Any]) -> bool:
    """Whether a value is valid against a schema in a document, by a library that knows nothing about us."""
    jsonschema = pytest.importorskip("jsonschema")
    whole = {**schema, "components": document.get("components", {})}
    if "$ref" in schema:
        whole = {"allOf": [schema], "components": document.get("components", {})}
    valid: bool = jsonschema.Draft7Validator(whole).is_valid(value)
    return valid
