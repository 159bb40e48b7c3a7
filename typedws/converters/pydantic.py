"""JSON in text frames, by pydantic (RFC 8259).

What it does to the following, unless a model is configured otherwise:

- `datetime`: text, RFC 3339; the UTC offset is kept, a naive one has none.
- `date`, `time`, `timedelta`: text, RFC 3339 and ISO 8601.
- `Decimal`: text; read from numbers as well.
- `UUID`: text.
- `bytes`: text, UTF-8.
- sets, tuples: arrays.
- enums: their values.
- ints: of any size, up to 4300 digits; up to 308 where a part of the type is a float.
- floats: NaN and the infinities are written as `null`, and refused when read, but for the words "NaN" and "inf" in
  text.
- keys of maps: text, and back to what is declared.
- unions: by a discriminator, or by pydantic's smart mode.
- `None`: `null`.
- keys that occur twice: the last one counts.
"""

from __future__ import annotations

from typing import Any

from typedws.converters.adapters import Adapters
from typedws.converters.formats import FormatConverter, Reader, Writer
from typedws.frames import BinaryFrame, TextFrame

__all__ = ["PydanticConverter"]


class PydanticConverter(FormatConverter):
    """Values as JSON in text frames, everything read and written by pydantic; its `name` is "pydantic".

    Reads and writes what a `TypeAdapter` takes: models, dataclasses, TypedDicts, NamedTuples, builtins, unions,
    generics, `Annotated` forms. Field names on the wire are the aliases. May be shared by sessions and threads.

    Args:
        strict: whether "1" is refused where an int is asked for, and the like, in every model. None leaves it to each
            model, and to pydantic's default, which is to accept it.
        accept_binary: whether binary frames are read too, for peers that send JSON in them. Text frames are written.
    """

    __slots__ = ("_models",)

    def __init__(self, *, strict: bool | None = None, accept_binary: bool = False) -> None:
        super().__init__(
            "pydantic",
            "JSON",
            TextFrame,
            also=BinaryFrame if accept_binary else None,
            options={"strict": strict, "accept_binary": accept_binary},
        )
        self._models = Adapters(strict=strict)

    def _build_reader(self, type_form: Any) -> tuple[Reader, bool]:
        return self._models.get(type_form).read_json, False

    def _build_writer(self, cls: type) -> tuple[Writer, bool]:
        return self._models.get(cls).write_json, True

    def _build_writer_as(self, type_form: Any) -> tuple[Writer, bool]:
        return self._models.get(type_form).write_json, False
