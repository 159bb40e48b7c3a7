"""Places in messages: read in a value by the names of Python, and found on the wire for a value that cannot be read."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final, cast, get_args

import msgspec

from typedws.schema.decisions import Path

__all__ = ["MISSING", "keys_of", "replaced", "value_at", "wire_path"]


class _Missing:
    __slots__ = ()

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing()
"""What is not there. Not None, which may be there, nor UNSET, which msgspec has a use for."""


_PLAIN: Final = frozenset({str, int, float, bool, bytes, list, tuple, type(None)})


def value_at(value: object, path: Path) -> Any:
    """The value at a path of attributes, keys and positions; `MISSING` where the way ends before."""
    found: Any = value
    for step in path:
        if isinstance(found, dict):
            found = cast("Any", found).get(step, MISSING)
        elif isinstance(step, str):
            # What plain values have as attributes is no part of a message.
            found = MISSING if type(found) in _PLAIN else getattr(found, step, MISSING)
        elif isinstance(found, list | tuple):
            items = cast("list[Any]", found)
            found = items[step] if -len(items) <= step < len(items) else MISSING
        else:
            return MISSING
        if found is MISSING or found is msgspec.UNSET:
            return MISSING
    return found


@lru_cache
def keys_of(form: Any) -> frozenset[str]:
    """The keys that a Struct or a model has fields for; none for other forms."""
    config = getattr(form, "__struct_config__", None)
    if config is not None:
        tag = {config.tag_field} if config.tag_field else set[str]()
        return frozenset({*form.__struct_encode_fields__, *tag})
    fields: dict[str, Any] = getattr(form, "model_fields", {})
    return frozenset(field.serialization_alias or name for name, field in fields.items())


def replaced(value: Any, path: Path, new: object) -> Any:
    """A copy of a message with another value at a path that is there; what is around it is copied, and the rest shared.

    The path is one of attributes and keys.
    """
    if not path:
        return new
    step, *rest = path
    changes: dict[Any, Any] = {step: replaced(value_at(value, (step,)), tuple(rest), new)}
    if isinstance(value, dict):
        copied: dict[Any, Any] = {**cast("dict[str, Any]", value), **changes}
        return copied
    if isinstance(value, msgspec.Struct):
        return msgspec.structs.replace(value, **changes)
    return value.model_copy(update=changes)


@lru_cache
def wire_path(form: Any, path: Path) -> Path:
    """The same place in a payload: each attribute by its name on the wire.

    Args:
        form: the type that has the first attribute.
        path: a path of attributes; what no model is known for stays as it is.
    """
    found: list[str | int] = []
    for step in path:
        name: str | int = step
        inside: Any = None
        if isinstance(step, str):
            for cls in _classes(form):
                known = _field(cls, step)
                if known is not None:
                    name, inside = known
                    break
        found.append(name)
        form = inside
    return tuple(found)


def _classes(form: Any) -> list[Any]:
    """The classes that a form may be: itself, the members of a union, what is annotated."""
    arguments = get_args(form)
    return [form] if not arguments else [cls for argument in arguments for cls in _classes(argument)]


def _field(cls: Any, name: str) -> tuple[str, Any] | None:
    """A field's name on the wire, and its type."""
    if isinstance(cls, msgspec.StructMeta):
        for known in msgspec.structs.fields(cast("type[msgspec.Struct]", cls)):
            if known.name == name:
                return known.encode_name, known.type
    else:
        fields = cast("dict[str, Any]", getattr(cls, "__pydantic_fields__", {}))
        if name in fields:
            alias = fields[name].validation_alias
            return (alias if isinstance(alias, str) else name), fields[name].annotation
    return None
