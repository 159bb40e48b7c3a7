"""MessagePack in binary frames, by msgspec.

What MessagePack does to

- `datetime`: a timestamp (extension type -1) in UTC, so that the offset is lost and the instant is kept; a naive one
  is text.
- `date`, `time`, `timedelta`: text, RFC 3339 and ISO 8601.
- `Decimal`: text; read from numbers as well.
- `UUID`: text.
- `bytes`: binary.
- sets, tuples: arrays.
- enums: their values.
- ints: -2**63 to 2**64 - 1; anything beyond cannot be written.
- floats: all of them, NaN and the infinities too.
- keys of maps: of any type that can be a key.
- unions: by the type of the MessagePack value; Structs by their tag, models by pydantic.
- `None`: nil.
- keys that occur twice: the last one counts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from typedws.converters.adapters import Adapter, Adapters
from typedws.converters.formats import Reader, Writer
from typedws.converters.hooks import DecHook, EncHook, dec_hook_for, enc_hook_for
from typedws.converters.inspection import check_classes, is_untyped
from typedws.converters.mixed import MixedConverter
from typedws.converters.msgpack_keys import refuse_array_keys
from typedws.frames import BinaryFrame

__all__ = ["MsgPackConverter"]


class MsgPackConverter(MixedConverter):
    """Values as MessagePack in binary frames; its `name` is "msgpack".

    Reads and writes what msgspec does (Struct, dataclass, attrs, TypedDict, NamedTuple, builtins, unions, generics),
    and pydantic models: by themselves, in unions, in containers and in fields of Structs. May be shared by sessions and
    threads.

    Args:
        enc_hook: called with an object that neither library knows; returns one that they do, which may be a
            `msgspec.msgpack.Ext`. None refuses such objects.
        dec_hook: called with a class that neither library knows and with what was read, as builtins; returns an
            object of the class. None refuses such classes.
        ext_hook: called with the code and the data of an extension; returns what it stands for. None leaves it an
            `Ext`.
        strict: whether "1" is refused where an int is asked for, and the like. A model has its own strictness.
    """

    __slots__ = ("_decode_options", "_decode_untyped", "_encode")

    def __init__(
        self,
        *,
        enc_hook: EncHook | None = None,
        dec_hook: DecHook | None = None,
        ext_hook: Callable[[int, memoryview], Any] | None = None,
        strict: bool = True,
    ) -> None:
        models = Adapters()
        super().__init__(
            "msgpack",
            "MessagePack",
            BinaryFrame,
            models=models,
            options={"enc_hook": enc_hook, "dec_hook": dec_hook, "ext_hook": ext_hook, "strict": strict},
        )
        self._encode = msgspec.msgpack.Encoder(enc_hook=enc_hook_for(models, Adapter.write_python, enc_hook)).encode
        self._decode_options: dict[str, Any] = {
            "strict": strict,
            "dec_hook": dec_hook_for(models, Adapter.read_python, dec_hook),
            "ext_hook": ext_hook,
        }
        self._decode_untyped = self._untyped(msgspec.msgpack.Decoder(ext_hook=ext_hook).decode)

    def _decoder(self, type_form: Any) -> Reader:
        decoder = msgspec.msgpack.Decoder(type_form, **self._decode_options)
        check_classes(
            type_form,
            self._models,
            custom=self._options["dec_hook"] is not None or self._options["ext_hook"] is not None,
        )
        return self._untyped(decoder.decode) if is_untyped(type_form) else decoder.decode

    def _encoder(self) -> Writer:
        return self._encode

    def _model_reader(self, model: Adapter) -> Reader:
        return lambda data: model.read_python(self._decode_untyped(data))

    def _model_writer(self, model: Adapter) -> Writer:
        return lambda value: self._encode(model.write_python(value))

    @staticmethod
    def _untyped(decode: Reader) -> Reader:
        def reader(data: bytes) -> Any:
            refuse_array_keys(data)
            return decode(data)

        return reader
