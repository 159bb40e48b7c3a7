"""Examples of messages, as JSON: `Message(examples=[...])` holds values of the type itself."""

from __future__ import annotations

from typing import Any

import msgspec

from typedws.converters.carrier import carrier_of
from typedws.schema.exporting.forms import Form
from typedws.schema.exporting.links import plain

__all__ = ["written_examples"]


def written_examples(form: Form) -> list[Any]:
    """The examples of a message.

    Raises:
        TypeError: one of them is no value of its type, or has no form in JSON.
    """
    written = [_written(form.form, example) for example in form.note.examples]
    for example in written:
        if not plain(example):
            raise TypeError("an example has no form in JSON")
    return written


def _written(form: Any, value: Any) -> Any:
    if carrier_of(form).reads_with_adapter:
        from pydantic import TypeAdapter

        adapter = TypeAdapter[Any](form)
        made = adapter.dump_python(value, mode="json", by_alias=True, warnings="error")
        adapter.validate_json(adapter.dump_json(value, by_alias=True))
        return made
    made = msgspec.to_builtins(value, str_keys=True, enc_hook=_write_model)
    try:
        msgspec.convert(made, form, dec_hook=_read_model)
    except msgspec.ValidationError as error:
        raise TypeError(f"an example is no value of it: {error}") from error
    return made


def _write_model(value: Any) -> Any:
    return value.model_dump(mode="json", by_alias=True)


def _read_model(cls: Any, value: Any) -> Any:
    return cls.model_validate(value)
