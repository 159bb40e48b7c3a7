"""Wire formats: how a value becomes a frame and a frame a value.

    base        the contract: `WebsocketContentConverter`, which anyone may implement
    json        JSON in text frames, by msgspec         pydantic    JSON in text frames, by pydantic
    cbor        CBOR in binary frames                   msgpack     MessagePack in binary frames

Each format carries the types of both model libraries. Behind them: `formats` and `mixed` are what the converters
share, `carrier` decides which library carries a type, `adapters` and `hooks` are pydantic's part, `failures` puts
errors into words. Nothing here imports pydantic or cbor2 before a value needs it.
"""

from __future__ import annotations

from typedws.converters.base import ChecksTypes, WebsocketContentConverter
from typedws.converters.cbor import CBORConverter
from typedws.converters.json import JSONConverter
from typedws.converters.msgpack import MsgPackConverter
from typedws.converters.pydantic import PydanticConverter

__all__ = [
    "CBORConverter",
    "ChecksTypes",
    "JSONConverter",
    "MsgPackConverter",
    "PydanticConverter",
    "WebsocketContentConverter",
]
