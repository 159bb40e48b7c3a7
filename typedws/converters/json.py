"""JSON in text frames, by msgspec (RFC 8259).

What JSON does to

- `datetime`: text, RFC 3339; the UTC offset is kept, a naive one has none.
- `date`, `time`, `timedelta`: text, RFC 3339 and ISO 8601.
- `Decimal`: text; read from numbers as well.
- `UUID`: text.
- `bytes`: text, base64; in a pydantic model as the model says, by default UTF-8.
- sets, tuples: arrays.
- enums: their values.
- ints: of any size, up to 4300 digits.
- floats: NaN and the infinities are written as `null`, and refused when read.
- keys of maps: text; numbers, UUIDs and dates are turned into text and back.
- unions: by the type of the JSON value; Structs by their tag, models by pydantic.
- `None`: `null`.
- keys that occur twice: the last one counts.
"""

from __future__ import annotations

from typing import Any

import msgspec

from typedws.converters.adapters import Adapter, Adapters
from typedws.converters.formats import Reader, Writer
from typedws.converters.hooks import DecHook, EncHook, dec_hook_for, enc_hook_for
from typedws.converters.inspection import check_classes
from typedws.converters.mixed import MixedConverter
from typedws.frames import BinaryFrame, TextFrame

__all__ = ["JSONConverter"]


class JSONConverter(MixedConverter):
    """Values as JSON in text frames; its `name` is "json".

    Reads and writes what msgspec does (Struct, dataclass, attrs, TypedDict, NamedTuple, builtins, unions, generics),
    and pydantic models: by themselves, in unions, in containers and in fields of Structs. May be shared by sessions and
    threads.

    Args:
        enc_hook: called with an object that neither library knows; returns one that they do. None refuses such objects.
        dec_hook: called with a class that neither library knows and with what was read, as builtins; returns an
            object of the class. None refuses such classes.
        strict: whether "1" is refused where an int is asked for, and the like. A model has its own strictness.
        accept_binary: whether binary frames are read too, for peers that send JSON in them. Text frames are written.
    """

    __slots__ = ("_decode_options", "_encode")

    def __init__(
        self,
        *,
        enc_hook: EncHook | None = None,
        dec_hook: DecHook | None = None,
        strict: bool = True,
        accept_binary: bool = False,
    ) -> None:
        models = Adapters(config={"strict": strict or None, "val_json_bytes": "base64", "ser_json_bytes": "base64"})
        super().__init__(
            "json",
            "JSON",
            TextFrame,
            also=BinaryFrame if accept_binary else None,
            models=models,
            options={"enc_hook": enc_hook, "dec_hook": dec_hook, "strict": strict, "accept_binary": accept_binary},
        )
        self._encode = msgspec.json.Encoder(enc_hook=enc_hook_for(models, _embed, enc_hook)).encode
        self._decode_options: dict[str, Any] = {
            "strict": strict,
            "dec_hook": dec_hook_for(models, _reread, dec_hook),
        }

    def _decoder(self, type_form: Any) -> Reader:
        decoder = msgspec.json.Decoder(type_form, **self._decode_options)
        check_classes(type_form, self._models, custom=self._options["dec_hook"] is not None)
        return decoder.decode

    def _encoder(self) -> Writer:
        return self._encode

    def _model_reader(self, model: Adapter) -> Reader:
        return model.read_json

    def _model_writer(self, model: Adapter) -> Writer:
        return model.write_json


def _embed(model: Adapter, value: Any) -> Any:
    return msgspec.Raw(model.write_json(value))


def _reread(model: Adapter, value: Any) -> Any:
    # As JSON once more: only from JSON does a strict model take text for a date, and a base64 field its bytes.
    return model.read_json(msgspec.json.encode(value))
