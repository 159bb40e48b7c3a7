"""The formats: how a peer that knows nothing of types is given them, each in the quickest way its library documents.

typedws has the same libraries behind its converters.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from benchmarks.messages import TICKS, Tick, as_builtins, tick_model

__all__ = ["FORMATS", "Format"]


@dataclass(frozen=True, slots=True)
class Format:
    """One format: its functions for peers, its converter for typedws.

    Args:
        name: as typedws calls it.
        is_text: whether it travels in text frames.
        values: what is sent, in turn.
        type: what is received.
        encode: value to bytes.
        decode: bytes, or text where `is_text`, to a value.
        converter: the same in typedws, for all connections.
    """

    name: str
    is_text: bool
    values: list[Any]
    type: type[Any]
    encode: Callable[[Any], bytes]
    decode: Callable[[Any], Any]
    converter: Any


def _json() -> Format:
    import typedws

    return Format(
        "json",
        True,
        TICKS,
        Tick,
        msgspec.json.Encoder().encode,
        msgspec.json.Decoder(Tick).decode,
        typedws.JSONConverter(),
    )


def _pydantic() -> Format:
    import pydantic

    import typedws

    model = tick_model()
    adapter: pydantic.TypeAdapter[Any] = pydantic.TypeAdapter(model)
    values = [model(**as_builtins(tick)) for tick in TICKS]
    return Format(
        "pydantic", True, values, model, adapter.dump_json, adapter.validate_json, typedws.PydanticConverter()
    )


def _cbor() -> Format:
    import cbor2

    import typedws

    def encode(tick: Tick) -> bytes:
        return cbor2.dumps(msgspec.to_builtins(tick))

    def decode(data: bytes) -> Tick:
        return msgspec.convert(cbor2.loads(data), Tick)

    return Format("cbor", False, TICKS, Tick, encode, decode, typedws.CBORConverter())


def _msgpack() -> Format:
    import typedws

    encode, decode = msgspec.msgpack.Encoder().encode, msgspec.msgpack.Decoder(Tick).decode
    return Format("msgpack", False, TICKS, Tick, encode, decode, typedws.MsgPackConverter())


FORMATS: dict[str, Callable[[], Format]] = {"json": _json, "pydantic": _pydantic, "cbor": _cbor, "msgpack": _msgpack}
"""Each by its name, made when it is asked for."""
