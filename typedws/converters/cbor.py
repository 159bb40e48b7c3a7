"""CBOR in binary frames, by cbor2 (RFC 8949).

What CBOR does to

- `datetime`: tag 0, RFC 3339, the UTC offset is kept; a naive one, which is no point in time, is text without a tag.
- `date`: tag 1004; `time`, `timedelta`: text, ISO 8601.
- `Decimal`: tag 4, with up to 128 bits of digits and an exponent of up to 6144; NaN and the infinities are floats.
- `UUID`: tag 37.
- `bytes`: bytes.
- sets, tuples: arrays.
- enums: their values.
- ints: up to 128 bits, beyond 64 under tags 2 and 3.
- floats: all of them, NaN and the infinities too.
- keys of maps: text, and bytes; numbers, UUIDs and dates are turned into text and back. See `str_keys`.
- unions: by the type of the CBOR value; Structs by their tag, models by pydantic.
- `None`: null.
- keys that occur twice: refused.

Text is read for a datetime, date, Decimal or UUID too, as other programs write it, and so are tags 1, 100 and 258.
Every other tag is refused, as are bytes after the value, "undefined" and unassigned simple values.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any, Final
from uuid import UUID

import msgspec

from typedws.converters.adapters import Adapter, Adapters
from typedws.converters.cbor_tags import TagHook, TagReaders
from typedws.converters.cbor_trees import ORDINARY, prepare, refuse_simple_values
from typedws.converters.failures import Malformed, Refused
from typedws.converters.formats import Reader, Writer
from typedws.converters.hooks import DecHook, EncHook, dec_hook_for, enc_hook_for
from typedws.converters.inspection import check_classes, needed_options
from typedws.converters.mixed import MixedConverter
from typedws.frames import BinaryFrame

__all__ = ["CBORConverter"]

WRITTEN_BY_CBOR2: Final = (bytes, bytearray, datetime, date, Decimal, UUID)
READ_AS_BYTES_ONLY: Final = (bytes, bytearray, memoryview)
"""Types for which text, as base64, would be read otherwise."""

SMALL: Final = 64 * 1024
"""Bytes of a message up to which it may be copied, and read a second time where it is wrong, to say how."""

ARRAY_OF_TWO: Final = b"\x82"
BYTES_OF_LENGTH: Final = 0x40
"""First bytes, RFC 8949 section 3."""

TAGS_OF_A_VALUE: Final = 3
"""What the largest of our own values, a Decimal, adds to the depth: tag 4, an array, tag 2."""


class CBORConverter(MixedConverter):
    """Values as CBOR in binary frames; its `name` is "cbor".

    Reads and writes what msgspec does (Struct, dataclass, attrs, TypedDict, NamedTuple, builtins, unions, generics),
    and pydantic models: by themselves, in unions, in containers and in fields of Structs. May be shared by sessions and
    threads. cbor2 is imported at first use.

    Args:
        max_depth: how many arrays and maps may lie in one another; 128 unless given, more than messages have.
        str_keys: whether keys of maps are text. A dict of Python can be stopped by keys that collide, and text
            cannot; so by default other keys are written as text and read back from it, and any other key that is met
            is refused. False keeps keys as they are, for peers that you trust.
        tag_hooks: readers for more tags, by tag: called with the value under the tag, as builtins, each returns what
            it stands for.
        enc_hook: called with an object that neither library knows; returns one that they do. None refuses such objects.
        dec_hook: called with a class that neither library knows and with what was read, as builtins; returns an
            object of the class. None refuses such classes, unless there are `tag_hooks` that may make them.
        strict: whether "1" is refused where an int is asked for, and the like. A model has its own strictness.

    Raises:
        ValueError: `max_depth` is below 1, or over 400: cbor2 may not come back from much more.
    """

    __slots__ = ("_convert_options", "_enc_hook", "_loaded", "_max_depth", "_str_keys", "_tags")

    def __init__(
        self,
        *,
        max_depth: int = 128,
        str_keys: bool = True,
        tag_hooks: Mapping[int, TagHook] | None = None,
        enc_hook: EncHook | None = None,
        dec_hook: DecHook | None = None,
        strict: bool = True,
    ) -> None:
        if not 1 <= max_depth <= 400:
            raise ValueError(f"max_depth must be between 1 and 400, not {max_depth!r}")
        models = Adapters()
        super().__init__(
            "cbor",
            "CBOR",
            BinaryFrame,
            models=models,
            options={
                "max_depth": max_depth,
                "str_keys": str_keys,
                "tag_hooks": tag_hooks,
                "enc_hook": enc_hook,
                "dec_hook": dec_hook,
                "strict": strict,
            },
        )
        self._max_depth = max_depth
        self._str_keys = str_keys
        self._tags = TagReaders(tag_hooks or {})
        self._enc_hook = enc_hook_for(models, Adapter.write_python, enc_hook)
        self._convert_options: dict[str, Any] = {
            "strict": strict,
            "str_keys": str_keys,
            "dec_hook": dec_hook_for(models, Adapter.read_python, dec_hook),
            "builtin_types": READ_AS_BYTES_ONLY,
        }
        self._loaded: tuple[Callable[[bytes], Any], Callable[[Any], bytes]] | None = None

    def _decoder(self, type_form: Any) -> Reader:
        msgspec.json.Decoder(type_form, dec_hook=lambda cls, value: value)  # raises for what msgspec cannot read
        check_classes(type_form, self._models, custom=bool(self._options["dec_hook"] or self._options["tag_hooks"]))
        load, _ = self._cbor2()
        convert = msgspec.convert
        options = needed_options(type_form, self._convert_options)
        if not options:
            return lambda data: convert(load(data), type_form)
        return lambda data: convert(load(data), type_form, **options)

    def _encoder(self) -> Writer:
        return self._encode

    def _model_reader(self, model: Adapter) -> Reader:
        load, _ = self._cbor2()
        return lambda data: model.read_python(load(data))

    def _model_writer(self, model: Adapter) -> Writer:
        return lambda value: self._encode(model.write_python(value))

    def _encode(self, value: Any) -> bytes:
        tree = msgspec.to_builtins(value, builtin_types=WRITTEN_BY_CBOR2, enc_hook=self._enc_hook)
        _, dump = self._cbor2()
        return dump(tree)

    def _cbor2(self) -> tuple[Callable[[bytes], Any], Callable[[Any], bytes]]:
        if self._loaded is None:
            self._loaded = _load_cbor2(self._tags, self._max_depth, self._str_keys)
        return self._loaded


def _load_cbor2(
    tags: TagReaders, max_depth: int, str_keys: bool
) -> tuple[Callable[[bytes], Any], Callable[[Any], bytes]]:
    import cbor2

    loads = cbor2.loads
    are_ordinary = ORDINARY.issuperset
    simple = (type(cbor2.undefined), cbor2.CBORSimpleValue)
    depth = max_depth + TAGS_OF_A_VALUE
    depth_in_array = depth + 1
    mark = os.urandom(16)
    end = bytes((BYTES_OF_LENGTH | len(mark),)) + mark
    most = 0 if tags.are_hooked else SMALL

    def load(data: bytes) -> Any:
        if len(data) > most:
            return load_from_stream(data)
        try:
            # `cbor2.loads` is the quickest way, and does not tell where the value has ended. So the value is the first
            # of two in an array, and the second one must be what only we know.
            value, last = loads(
                ARRAY_OF_TWO + data + end,
                semantic_decoders=tags,
                max_depth=depth_in_array,
                allow_duplicate_keys=False,
                strict_hashable_types=str_keys,
            )
        except cbor2.CBORDecodeError as error:
            _let_pass(error)
            return load_from_stream(data)
        if last.__class__ is not bytes or last != mark:
            return load_from_stream(data)
        if value.__class__ is not dict or not are_ordinary(map(type, value.values())) or not str_keys:
            refuse_simple_values(value, data, simple, in_keys=not str_keys)
        return value

    def load_from_stream(data: bytes) -> Any:
        stream = BytesIO(data)
        try:
            value = cbor2.CBORDecoder(
                stream,
                semantic_decoders=tags,
                max_depth=depth,
                allow_duplicate_keys=False,
                strict_hashable_types=str_keys,
            ).decode()
        except cbor2.CBORDecodeError as error:
            _let_pass(error)
            raise _explain(error) from error
        if stream.tell() != len(data):
            raise Malformed(f"{len(data) - stream.tell()} bytes follow the value")
        refuse_simple_values(value, data, simple, in_keys=not str_keys)
        return value

    def dump(tree: Any) -> bytes:
        naive = prepare(tree, max_depth=max_depth, str_keys=str_keys)
        # cbor2 takes three times as long when it has to ask who encodes what.
        return cbor2.dumps(tree, encoders={datetime: _write_datetime}) if naive else cbor2.dumps(tree)

    return load, dump


def _write_datetime(encoder: Any, value: datetime) -> None:
    if value.utcoffset() is None:
        encoder.encode_string(value.isoformat())
    else:
        encoder.encode_datetime(value)


def _let_pass(error: Exception) -> None:
    # cbor2 wraps even a KeyboardInterrupt that comes while one of our functions runs.
    reason = error.__cause__
    if reason is not None and not isinstance(reason, Exception):
        raise reason from None


def _explain(error: Exception) -> Refused:
    reason, text = error.__cause__, str(error)
    if isinstance(reason, Refused):
        return Refused(str(reason))
    if isinstance(error, EOFError):
        return Malformed("it ends too early")
    if "nesting depth" in text:
        return Refused("it is nested too deeply: see max_depth")
    if "Duplicate map key" in text:
        return Refused("a key of a map occurs twice")
    if "must be a text string" in text:
        return Refused("a key of a map is neither text nor bytes: str_keys=False reads it")
    # The rest of such a text may quote the payload.
    what = text.split(":")[0]
    return Malformed(what if what.startswith("error decoding ") else "it is not well-formed")
