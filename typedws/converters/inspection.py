"""What msgspec sees in a type: the questions that are asked once, before the first message of that type is read.

msgspec builds a decoder for any class at all, and leaves it to a `dec_hook` to make something of it. Without one that
knows the class, every message would fail; better to say so at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, get_origin

from msgspec import inspect

from typedws.converters.adapters import Adapters
from typedws.converters.carrier import is_model_class
from typedws.converters.failures import describe
from typedws.errors import UnsupportedTypeError

__all__ = ["check_classes", "is_untyped", "needed_options"]

BYTES_TYPES: Final = (inspect.BytesType, inspect.ByteArrayType, inspect.MemoryViewType)


def check_classes(type_form: Any, models: Adapters, *, custom: bool) -> None:
    """Returns if every class in a form that msgspec can decode is one that somebody reads.

    Args:
        type_form: the form.
        models: where the adapters for the models in it are built, to see that they can be.
        custom: whether a hook of the user's reads classes that the libraries do not know.

    Raises:
        UnsupportedTypeError: there is a class that nobody reads, a model that pydantic cannot read, or a pydantic
            dataclass where msgspec would read it without pydantic's checks.
    """
    for node in _nodes(type_form):
        if not isinstance(node, inspect.DataclassType | inspect.CustomType) or node.cls is object:
            continue
        if not is_model_class(get_origin(node.cls) or node.cls):
            if isinstance(node, inspect.CustomType) and not custom:
                raise UnsupportedTypeError(
                    f"nothing reads {describe(node.cls)}: use a type that msgspec or pydantic knows, "
                    "or give the converter a dec_hook"
                )
        elif isinstance(node, inspect.CustomType):
            models.get(node.cls)
        else:
            raise UnsupportedTypeError(
                f"{describe(type_form)} has the pydantic dataclass {describe(node.cls)} inside a type of msgspec's, "
                "which would skip its validation: make it a model, or a plain dataclass"
            )


def is_untyped(type_form: Any) -> bool:
    """Whether a part of the form is `Any` or `object`, so that the peer decides what is made there."""
    return any(
        isinstance(node, inspect.AnyType) or (isinstance(node, inspect.CustomType) and node.cls is object)
        for node in _nodes(type_form)
    )


def needed_options(type_form: Any, options: dict[str, Any]) -> dict[str, Any]:
    """Those of the options of `msgspec.convert` that make a difference for a form. Each takes its time, per message.

    Args:
        type_form: the form.
        options: all of them.
    """
    nodes = list(_nodes(type_form))
    if not nodes:
        return options
    unneeded: set[str] = set()
    if options["strict"]:
        unneeded.add("strict")
    if not any(isinstance(node, inspect.CustomType) for node in nodes):
        unneeded.add("dec_hook")
    if all(isinstance(node.key_type, inspect.StrType) for node in nodes if isinstance(node, inspect.DictType)):
        unneeded.add("str_keys")
    if not any(isinstance(node, BYTES_TYPES) for node in nodes):
        unneeded.add("builtin_types")
    return {name: option for name, option in options.items() if name not in unneeded}


def _nodes(type_form: Any) -> Iterator[inspect.Type]:
    try:
        pending: list[Any] = [inspect.type_info(type_form)]
    except Exception:  # msgspec can decode more than it can describe
        return
    seen: set[int] = set()
    while pending:
        node = pending.pop()
        if type(node) in (list, tuple):
            pending.extend(node)
        elif isinstance(node, inspect.Field):
            pending.append(node.type)
        elif isinstance(node, inspect.Type) and id(node) not in seen:
            seen.add(id(node))
            yield node
            pending.extend(getattr(node, name) for name in node.__struct_fields__)
