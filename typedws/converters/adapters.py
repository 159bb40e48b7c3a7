"""pydantic's `TypeAdapter`, as every converter uses it.

An `Adapter` reads and writes one type form, from JSON text or from the objects that a binary format was decoded to.
pydantic is imported when the first one is built.

Reading follows the strictness of the model unless the converter sets its own. Objects are read in pydantic's Python
mode, which in a strict model asks for more than JSON mode does: a member for an enum, a tuple for a tuple.

Writing is by alias. A value that does not fit its declared type is refused, where pydantic by itself would warn (and
quote the value in the warning).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, cast
from uuid import UUID

import msgspec

from typedws.converters.cache import FormCache
from typedws.converters.carrier import is_model_class, msgspec_type_in, strip
from typedws.converters.failures import Malformed, Refused, describe, unsupported
from typedws.converters.finite import refuse_non_finite
from typedws.converters.model_errors import explain_validation_error, words_of
from typedws.errors import UnsupportedTypeError

if TYPE_CHECKING:
    from pydantic import ConfigDict

__all__ = ["NATIVE", "Adapter", "Adapters"]

NATIVE: Final = (bytes, bytearray, datetime, date, time, timedelta, Decimal, UUID)
"""What stays as it is when a model is turned into plain objects; the format's own encoder takes it from there."""


class Adapter:
    """A `TypeAdapter` for one type form.

    Args:
        form: the type form.
        strict: pydantic's `strict` for all of it; None leaves each model its own.
        config: pydantic's configuration for the parts of the form that are in no model.

    Raises:
        UnsupportedTypeError: pydantic cannot read the form, or there is a Struct in one of its models.
    """

    __slots__ = (
        "_dump_json",
        "_dump_python",
        "_instance_of",
        "_invalid",
        "_reads_floats",
        "_schema",
        "_strict",
        "_validate_json",
        "_validate_python",
        "_words",
    )

    def __init__(self, form: Any, *, strict: bool | None, config: dict[str, Any]) -> None:
        import pydantic

        try:
            adapter, validator = _build(form, config)
        except Exception as error:  # building runs the models' own code
            alien = msgspec_type_in(form)
            if alien is not None:
                raise UnsupportedTypeError(
                    f"pydantic cannot read {describe(form)}: use JSONConverter, which reads msgspec's "
                    f"{describe(alien)} as well as pydantic models"
                ) from error
            raise unsupported(error, form, library="pydantic") from error
        alien = _struct_in(adapter.core_schema)
        if alien is not None:
            raise UnsupportedTypeError(
                f"{describe(form)} holds msgspec's {describe(alien)}, which pydantic cannot read: "
                "make one a pydantic model, or both of them Structs"
            )
        bare = strip(form)
        self._instance_of = bare if is_model_class(bare) and hasattr(bare, "__pydantic_core_schema__") else None
        self._reads_floats = any(node.get("type") in FLOATS for node in _nodes(adapter.core_schema))
        self._strict = strict
        self._schema = adapter.core_schema
        self._words: frozenset[str] | None = None
        self._invalid = pydantic.ValidationError
        self._validate_json = validator.validate_json
        self._validate_python = validator.validate_python
        self._dump_json = adapter.serializer.to_json
        self._dump_python = adapter.serializer.to_python

    def read_json(self, data: bytes) -> Any:
        """The value of a JSON text.

        Raises:
            Refused: it has none. Validators may raise anything else.
        """
        refuse_non_finite(data, also_ints=self._reads_floats)
        try:
            return self._validate_json(data, strict=self._strict)
        except self._invalid as error:
            raise self._refused(error, indexes=True) from error

    def read_python(self, value: Any) -> Any:
        """The value of the objects that a binary format was decoded to.

        Raises:
            Refused: they have none. Validators may raise anything else.
        """
        try:
            return self._validate_python(value, strict=self._strict)
        except self._invalid as error:
            raise self._refused(error, indexes=False) from error

    def write_json(self, value: Any) -> bytes:
        """The JSON text of a value. Raises what pydantic raises, and `Refused` for an object of another class."""
        self._check_class(value)
        text: bytes = self._dump_json(value, by_alias=True, warnings="error")
        return text

    def write_python(self, value: Any) -> Any:
        """The value as plain objects: builtins, and those in `NATIVE`. Raises as `write_json` does."""
        self._check_class(value)
        dump = self._dump_python(value, by_alias=True, warnings="error")
        return msgspec.to_builtins(dump, builtin_types=NATIVE, enc_hook=_as_json)

    def _check_class(self, value: Any) -> None:
        # pydantic writes an object of another class all the same: the fields that it happens to have.
        if self._instance_of is not None and value is not None and not isinstance(value, self._instance_of):
            raise Refused(f"it is not a {describe(self._instance_of)}")

    def _refused(self, error: Any, *, indexes: bool) -> Refused:
        if self._words is None:
            self._words = words_of(self._schema)
        text = explain_validation_error(error, self._words, indexes=indexes)
        return Malformed("it cannot be parsed") if text is None else Refused(text)


class Adapters:
    """The adapters of one converter, by type form; arguments as for `Adapter`."""

    __slots__ = ("_cache",)

    def __init__(self, *, strict: bool | None = None, config: dict[str, Any] | None = None) -> None:
        # Never shared by forms that are merely equal: their unions may be in another order.
        self._cache = FormCache(lambda form: (Adapter(form, strict=strict, config=config or {}), False))

    def get(self, form: Any) -> Adapter:
        """The adapter for `form`.

        Raises:
            UnsupportedTypeError: as `Adapter` does.
        """
        return self._cache.find(form)


def _build(form: Any, config: dict[str, Any]) -> tuple[Any, Any]:
    # The adapter, and a validator whose errors do not show the input in their text, which a traceback would print.
    from pydantic import PydanticUserError, TypeAdapter
    from pydantic_core import CoreConfig, SchemaValidator

    try:
        adapter: TypeAdapter[Any] = TypeAdapter(
            form, config=cast("ConfigDict", config | {"hide_input_in_errors": True})
        )
        own_config = False
    except PydanticUserError as error:
        if error.code != "type-adapter-config-unused":
            raise
        adapter = TypeAdapter(form)
        own_config = True
    if not adapter.pydantic_complete:
        adapter.rebuild(raise_errors=True)
    if own_config and type(adapter.validator) is SchemaValidator:  # and not that of a plugin
        return adapter, SchemaValidator(adapter.core_schema, CoreConfig(hide_input_in_errors=True))
    return adapter, adapter.validator


READS_ANYTHING: Final = ("function-before", "function-plain", "function-wrap")
"""Schemas of validators that see the input first, and may make an object of any class from it."""


FLOATS: Final = ("float", "complex")
"""Schemas that make a float of a number."""


def _struct_in(schema: Any) -> Any:
    # arbitrary_types_allowed lets a model have a field of any class; from the wire such a field can never be filled.
    for node in _nodes(schema, skipped=READS_ANYTHING):
        if node.get("type") == "is-instance" and isinstance(node.get("cls"), msgspec.StructMeta):
            return node["cls"]
    return None


def _nodes(schema: Any, *, skipped: tuple[str, ...] = ()) -> Iterator[dict[str, Any]]:
    # Every dict in a core schema, but for what is inside of the skipped types.
    seen: set[int] = set()
    pending: list[Any] = [schema]
    while pending:
        node = pending.pop()
        kind = node.__class__
        if id(node) in seen or kind not in (dict, list, tuple):
            continue
        seen.add(id(node))
        if kind is not dict:
            pending.extend(node)
            continue
        yield node
        if node.get("type") not in skipped:
            pending.extend(node.values())


def _as_json(value: Any) -> Any:
    # What a model holds that only pydantic knows, as an IP address or a URL, travels as in JSON.
    from pydantic_core import to_jsonable_python

    return to_jsonable_python(value, by_alias=True)
