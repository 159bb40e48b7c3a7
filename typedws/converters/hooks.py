"""Models inside of what msgspec reads and writes: the two hooks that msgspec offers for types it does not know.

A model comes first, then the user's own hook. Where there is no hook of the user's, an object that is of the right
class already is taken as it is: a CBOR tag may have made it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, get_origin

from typedws.converters.adapters import Adapter, Adapters
from typedws.converters.carrier import is_model_class
from typedws.converters.failures import Refused, describe

__all__ = ["DecHook", "EncHook", "dec_hook_for", "enc_hook_for"]

EncHook: TypeAlias = Callable[[Any], Any]
"""Turns an object that the libraries do not know into one that they do; raises `NotImplementedError` if it does not
either."""

DecHook: TypeAlias = Callable[[type, Any], Any]
"""Turns what was read into an object of the type."""


def enc_hook_for(adapters: Adapters, write: Callable[[Adapter, Any], Any], user_hook: EncHook | None) -> EncHook:
    """The `enc_hook` of a format.

    Args:
        adapters: the adapters of the converter.
        write: turns a model into what stands for it in the format.
        user_hook: for everything else.
    """

    def enc_hook(value: Any) -> Any:
        if is_model_class(type(value)):
            return write(adapters.get(type(value)), value)
        if user_hook is not None:
            return user_hook(value)
        raise Refused(f"there is a {describe(type(value))} in it, which needs an enc_hook")

    return enc_hook


def dec_hook_for(adapters: Adapters, read: Callable[[Adapter, Any], Any], user_hook: DecHook | None) -> DecHook:
    """The `dec_hook` of a format.

    Args:
        adapters: the adapters of the converter.
        read: makes a model from what msgspec decoded in its place.
        user_hook: for everything else.
    """

    def dec_hook(form: Any, value: Any) -> Any:
        if form is object:
            return value
        if is_model_class(get_origin(form) or form):
            return read(adapters.get(form), value)
        if user_hook is not None:
            return user_hook(form, value)
        if isinstance(value, form):
            return value
        raise Refused(f"there is no {describe(form)} in its place")

    return dec_hook
