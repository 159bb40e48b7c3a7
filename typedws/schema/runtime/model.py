"""The base of generated pydantic models. Importing this module imports pydantic."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeAlias, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    SerializationInfo,
    SerializerFunctionWrapHandler,
    ValidationError,
    WithJsonSchema,
    model_serializer,
)

from typedws.converters.model_errors import explain_validation_error, words_of
from typedws.errors import SerializeError

__all__ = ["Base64", "Model", "given"]

M = TypeVar("M", bound="Model")


_BASE64: Final = {"type": "string", "format": "byte"}


def _from_text(value: Any) -> Any:
    """The bytes of a base64 text; what is no text is left to pydantic."""
    return base64.b64decode(value, validate=True) if isinstance(value, str) else value


def _to_text(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


Base64: TypeAlias = Annotated[
    bytes,
    BeforeValidator(_from_text),
    PlainSerializer(_to_text, return_type=str, when_used="json"),
    WithJsonSchema(_BASE64),
]
"""Bytes that are base64 in JSON (RFC 4648 section 4), and bytes in a binary format."""


class Model(BaseModel):
    """A record of an API.

    A field that is not required and was not given is None here, and is left out when the model is written; given as
    None, it is written as null. So a message that was read is written as the same JSON.

    Field names are those of Python; on the wire they are the aliases. Both are accepted where a model is made.

    Raises:
        SerializeError: what it is made of is not what the API takes. The text names the fields and quotes no value;
            `__cause__` is the `ValidationError`.
    """

    model_config = ConfigDict(
        populate_by_name=True, regex_engine="python-re", protected_namespaces=(), hide_input_in_errors=True
    )

    if not TYPE_CHECKING:  # a type checker knows the arguments by the fields

        def __init__(self, /, **data: Any) -> None:
            __tracebackhide__ = True
            try:
                self.__pydantic_validator__.validate_python(data, self_instance=self)
            except ValidationError as error:
                words = words_of(type(self).__pydantic_core_schema__)
                text = explain_validation_error(error, words, indexes=False)
                raise SerializeError(f"no {type(self).__name__} can be made of this: {text}") from error

        # pydantic calls an `__init__` of a model's own for each model that it reads, which takes longer and would turn
        # these errors into others. This one does no more than its own, so it is told that it is that.
        __init__.__pydantic_base_init__ = True

    @model_serializer(mode="wrap")
    def _leave_out_what_is_absent(
        self, write: SerializerFunctionWrapHandler, info: SerializationInfo
    ) -> dict[str, Any]:
        written: dict[str, Any] = write(self)
        given = self.model_fields_set
        fields = type(self).model_fields
        if len(given) < len(fields):
            for name, field in fields.items():
                if name not in given and field.default is None:
                    alias = field.serialization_alias if info.by_alias else None
                    written.pop(alias or name, None)
        return written


def given(model: M) -> M:
    """The model, where None stood for what was not given: such fields are absent now, unless they are required."""
    fields = type(model).model_fields
    for name in list(model.model_fields_set):
        if name in fields and fields[name].default is None and getattr(model, name) is None:
            model.model_fields_set.discard(name)
    return model
