"""Which model library carries a type.

Wire format and model library are two axes, and every format carries both libraries. msgspec is the ground floor: it
reads builtins, containers, Structs, dataclasses, attrs classes, TypedDicts and NamedTuples. A pydantic model is
foreign to it, and travels in one of two ways:

- At the top of a type form, or as a member of a union, it needs pydantic's own judgement (which member is it?), so a
  `TypeAdapter` reads the whole form. The same holds for a pydantic dataclass anywhere in the form, which msgspec
  would take for a plain one, and for `Field(...)` and other metadata of pydantic's, which msgspec would overlook.
- Anywhere else, in a container or in a field of a Struct, msgspec reads what is around it and hands the model to a
  hook.

What neither way can read is refused: a union or an `Annotated` form that needs a `TypeAdapter` and holds a Struct.

A form is surveyed from outside, down to the first class on each branch; what is in a class is its own library's
business. pydantic is recognised by the attributes that its classes have, so looking does not import it.
"""

from __future__ import annotations

import types
import typing
from dataclasses import dataclass
from typing import Annotated, Any, ForwardRef, Literal, NamedTuple, TypeVar, Union, get_args, get_origin

import msgspec
import typing_extensions

from typedws.converters.failures import describe
from typedws.errors import UnsupportedTypeError

__all__ = ["Carrier", "carrier_of", "is_model_class", "msgspec_type_in", "strip", "unwrap"]

ALIASES = (typing_extensions.TypeAliasType, getattr(typing, "TypeAliasType", typing_extensions.TypeAliasType))
"""The type of `type X = ...` statements, and its backport, which is another one on some versions."""

MSGSPEC_ONLY = (msgspec.Raw, msgspec.msgpack.Ext, msgspec.UnsetType)


class Carrier(NamedTuple):
    """How the values of a type form travel."""

    reads_with_adapter: bool
    """A `TypeAdapter` reads the whole form; msgspec does otherwise, with hooks for the models in it."""

    writes_with_adapter: bool
    """A `TypeAdapter` writes a value that is sent as this form; otherwise the value decides how it is written."""


@dataclass(slots=True)
class _Findings:
    model: Any = None
    struct: Any = None
    needs_adapter: bool = False


def carrier_of(type_form: Any) -> Carrier:
    """Surveys a type form.

    Raises:
        UnsupportedTypeError: the form needs a `TypeAdapter` and holds what only msgspec can read, or a forward
            reference.
    """
    found = _Findings()
    _survey(type_form, found, seen=set(), inside=False)
    if found.needs_adapter and found.struct is not None:
        model = "pydantic's metadata" if found.model is None else f"the pydantic model {describe(found.model)}"
        raise UnsupportedTypeError(
            f"{describe(type_form)} joins {model} and msgspec's {describe(found.struct)}, and neither library reads "
            "both: use one of them for all of it"
        )
    return Carrier(
        reads_with_adapter=found.needs_adapter,
        writes_with_adapter=found.needs_adapter or (found.model is not None and found.struct is None),
    )


def msgspec_type_in(type_form: Any) -> Any:
    """A class in a form that msgspec reads and pydantic does not; None where there is none."""
    found = _Findings()
    try:
        _survey(type_form, found, seen=set(), inside=False)
    except UnsupportedTypeError:
        return None
    return found.struct


def is_model_class(form: Any) -> bool:
    """Whether pydantic reads `form` by itself: a model, a pydantic dataclass, or a type that brings its own schema.

    A Struct that brings a pydantic schema is a Struct still.
    """
    return (
        isinstance(form, type)
        and (hasattr(form, "__pydantic_core_schema__") or hasattr(form, "__get_pydantic_core_schema__"))
        and not isinstance(form, msgspec.StructMeta)
    )


def unwrap(type_form: Any) -> Any:
    """The form that a `type` statement or `TypeAliasType` at the top stands for; `Any` for `object`."""
    while isinstance(type_form, ALIASES):
        type_form = type_form.__value__
    return Any if type_form is object else type_form


def strip(type_form: Any) -> Any:
    """The form without what does not change whose it is: aliases, `Annotated`, `NewType`, `None` beside one type."""
    while True:
        type_form = unwrap(type_form)
        if get_origin(type_form) is Annotated:
            type_form = type_form.__origin__
        elif hasattr(type_form, "__supertype__"):
            type_form = type_form.__supertype__
        else:
            members = _members(type_form)
            if len(members) != 1:
                return type_form
            (type_form,) = members


def _members(form: Any) -> list[Any]:
    # Of a union, without None; of anything else none.
    if get_origin(form) not in (Union, types.UnionType):
        return []
    return [member for member in get_args(form) if member is not type(None)]


def _survey(form: Any, found: _Findings, *, seen: set[int], inside: bool) -> None:
    # `inside` is whether a model found here can be left to a hook.
    origin, arguments = get_origin(form), get_args(form)
    if isinstance(form, str | ForwardRef):
        raise UnsupportedTypeError(
            "a type given as a string cannot be resolved here: give the type itself, or name it in a class"
        )
    if isinstance(form, ALIASES) or isinstance(origin, ALIASES):
        if id(form) not in seen:
            seen.add(id(form))
            meant = origin.__value__[arguments] if origin is not None else unwrap(form)
            _survey(meant, found, seen=seen, inside=inside)
    elif origin is Annotated:
        found.needs_adapter |= any(_is_pydantic_metadata(note) for note in form.__metadata__)
        _survey(form.__origin__, found, seen=seen, inside=inside)
    elif hasattr(form, "__supertype__"):
        _survey(form.__supertype__, found, seen=seen, inside=inside)
    elif isinstance(form, TypeVar):
        _survey(form.__bound__, found, seen=seen, inside=inside)
    elif origin in (Union, types.UnionType):
        members = _members(form)
        for member in members:
            _survey(member, found, seen=seen, inside=inside and len(members) == 1)
    elif is_model_class(origin or form):
        found.model = found.model or origin or form
        found.needs_adapter |= not inside or hasattr(form, "__dataclass_fields__")
    elif origin is not Literal:
        if _is_msgspec_only(origin or form):
            found.struct = found.struct or origin or form
        for argument in arguments:
            if not isinstance(argument, list | types.EllipsisType):
                _survey(argument, found, seen=seen, inside=True)


def _is_msgspec_only(cls: Any) -> bool:
    if cls in MSGSPEC_ONLY or hasattr(cls, "__attrs_attrs__"):
        return True
    return isinstance(cls, msgspec.StructMeta) and not hasattr(cls, "__get_pydantic_core_schema__")


def _is_pydantic_metadata(note: Any) -> bool:
    package = type(note).__module__.partition(".")[0]
    return package in ("pydantic", "annotated_types") or hasattr(note, "__get_pydantic_core_schema__")
