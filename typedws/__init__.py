"""Typed messages over WebSocket, on asyncio and trio, at both ends.

async with typedws.connect("wss://api.example.com/feed") as session:
    await session.send_serialized(Subscribe(symbols=["BTC-USD"]))
    async for event in session.iter_deserialized(Trade | Heartbeat):
        ...
"""

from __future__ import annotations

from typedws import protocol as protocol  # first: it decides in which form the modules below are loaded

# isort: split
from typedws.call import Call, Headers, Request, Response
from typedws.client import WebSocketClient, connect, wrap_stream
from typedws.close import CloseCode, CloseReason
from typedws.config import SessionConfig
from typedws.converters.base import WebsocketContentConverter
from typedws.converters.cbor import CBORConverter
from typedws.converters.json import JSONConverter
from typedws.converters.msgpack import MsgPackConverter
from typedws.converters.pydantic import PydanticConverter
from typedws.errors import (
    ConnectError,
    ConnectionClosed,
    ConnectionClosedError,
    ConnectionClosedOK,
    ContentConvertError,
    ConverterNotFoundError,
    DeserializeError,
    FrameTooBigError,
    HandshakeError,
    HandshakeRejectedError,
    HandshakeTimeoutError,
    InvalidURLError,
    LocalProtocolError,
    PingTimeoutError,
    ProtocolError,
    ProxyError,
    RemoteProtocolError,
    SchemaError,
    SerializeError,
    TypedWSError,
    UnsupportedTypeError,
)
from typedws.frames import BinaryFrame, CloseFrame, DataFrame, Frame, PingFrame, PongFrame, TextFrame
from typedws.protocol.deflate import Deflate
from typedws.reconnect import Attempt, reconnect
from typedws.server import Server, serve
from typedws.session import ClientSession, ServerSession, Session

__version__ = "0.1.0"

__all__ = [
    "Attempt",
    "BinaryFrame",
    "CBORConverter",
    "Call",
    "ClientSession",
    "CloseCode",
    "CloseFrame",
    "CloseReason",
    "ConnectError",
    "ConnectionClosed",
    "ConnectionClosedError",
    "ConnectionClosedOK",
    "ContentConvertError",
    "ConverterNotFoundError",
    "DataFrame",
    "Deflate",
    "DeserializeError",
    "Frame",
    "FrameTooBigError",
    "HandshakeError",
    "HandshakeRejectedError",
    "HandshakeTimeoutError",
    "Headers",
    "InvalidURLError",
    "JSONConverter",
    "LocalProtocolError",
    "MsgPackConverter",
    "PingFrame",
    "PingTimeoutError",
    "PongFrame",
    "ProtocolError",
    "ProxyError",
    "PydanticConverter",
    "RemoteProtocolError",
    "Request",
    "Response",
    "SchemaError",
    "SerializeError",
    "Server",
    "ServerSession",
    "Session",
    "SessionConfig",
    "TextFrame",
    "TypedWSError",
    "UnsupportedTypeError",
    "WebSocketClient",
    "WebsocketContentConverter",
    "__version__",
    "connect",
    "reconnect",
    "serve",
    "wrap_stream",
]
