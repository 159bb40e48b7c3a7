"""Models that are read and written alike: pydantic describes them twice, as `X-Input` and `X-Output`, where they are in
a circle or hold such a model, though there may be no difference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from typedws.schema.exporting.links import Link, Schema, is_array, is_object

__all__ = ["relinked", "twins_in"]

_READ, _WRITTEN = "-Input", "-Output"


def twins_in(components: Mapping[str, Schema]) -> dict[str, str]:
    """The names of components that can have one name together: both names, each with the common one."""
    bases = {
        name.removesuffix(_READ)
        for name in components
        if name.endswith(_READ) and name.removesuffix(_READ) + _WRITTEN in components
    }
    bases = {base for base in bases if base not in components}
    # All are alike until something shows that they are not, and then perhaps those around them are not either.
    while True:
        names = _joined(bases)
        unlike = {
            base
            for base in bases
            if relinked(components[base + _READ], names) != relinked(components[base + _WRITTEN], names)
        }
        if not unlike:
            return names
        bases -= unlike


def _joined(bases: set[str]) -> dict[str, str]:
    return {base + ending: base for base in bases for ending in (_READ, _WRITTEN)}


def relinked(schema: Any, names: Mapping[str, str]) -> Any:
    """The schema with other names in its links."""
    if isinstance(schema, Link):
        return Link(schema.library, names.get(schema.key, schema.key))
    if is_object(schema):
        return {key: relinked(value, names) for key, value in schema.items()}
    return [relinked(item, names) for item in schema] if is_array(schema) else schema
