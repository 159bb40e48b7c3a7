"""The base of generated pydantic models. Importing this module imports pydantic."""

from __future__ import annotations

import base64
from typing import Annotated, Any, TypeAlias, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    SerializationInfo,
    SerializerFunctionWrapHandler,
    model_serializer,
)

__all__ = ["Base64", "Model", "given"]

M = TypeVar("M", bound="Model")


def _from_text(value: Any) -> Any:
    """The bytes of a base64 text; what is no text is left to pydantic."""
    return base64.b64decode(value, validate=True) if isinstance(value, str) else value


def _to_text(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


Base64: TypeAlias = Annotated[
    bytes, BeforeValidator(_from_text), PlainSerializer(_to_text, return_type=str, when_used="json")
]
"""Bytes that are base64 in JSON (RFC 4648 section 4), and bytes in a binary format."""


class Model(BaseModel):
    """A record of an API.

    A field that is not required and was not given is None here, and is left out when the model is written; given as
    None, it is written as null. So a message that was read is written as the same JSON.

    Field names are those of Python; on the wire they are the aliases. Both are accepted where a model is made.
    """

    model_config = ConfigDict(populate_by_name=True, regex_engine="python-re", protected_namespaces=())

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
