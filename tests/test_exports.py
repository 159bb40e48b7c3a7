"""The public names: this list, no more and no less. Only what is listed here is promised to stay."""

from __future__ import annotations

import inspect
import re
import types
from typing import get_origin

import pytest

import typedws
import typedws.errors
import typedws.schema

OPENING = ["connect", "reconnect", "serve", "wrap_stream", "Attempt", "Server", "WebSocketClient"]
SESSIONS = ["ClientSession", "ServerSession", "Session", "SessionConfig"]
HANDSHAKE = ["Call", "Deflate", "Headers", "Request", "Response"]
FRAMES = ["BinaryFrame", "CloseFrame", "DataFrame", "Frame", "PingFrame", "PongFrame", "TextFrame"]
CLOSING = ["CloseCode", "CloseReason"]
CONVERTERS = ["CBORConverter", "JSONConverter", "MsgPackConverter", "PydanticConverter", "WebsocketContentConverter"]
ERRORS = [
    "ConnectError",
    "ConnectionClosed",
    "ConnectionClosedError",
    "ConnectionClosedOK",
    "ContentConvertError",
    "ConverterNotFoundError",
    "DeserializeError",
    "FrameTooBigError",
    "HandshakeError",
    "HandshakeRejectedError",
    "HandshakeTimeoutError",
    "InvalidURLError",
    "LocalProtocolError",
    "PingTimeoutError",
    "ProtocolError",
    "ProxyError",
    "RemoteProtocolError",
    "SchemaError",
    "SerializeError",
    "TypedWSError",
    "UnsupportedTypeError",
]
CLIENTS = [
    *("Base64", "ByKey", "ByKind", "ByPattern", "ByValue", "ConnectOptions", "Connection", "Credential", "Decision"),
    *("Exchange", "Messages", "Model", "Only", "Reconnect", "Reconnected", "RequestFailed", "RequestTimeoutError"),
    *("Subscription", "Tagged", "Trial", "Undecided", "Unknown", "given"),
]
"""What generated modules import, and what their users name."""
TOOLS = [
    *("Api", "Channel", "Contract", "Finding", "Generated", "Message", "MockServer", "Reply", "Security", "Server"),
    *("Variable", "export", "generate", "lint", "load", "mock", "to_json", "to_yaml"),
]
NAMES = [*OPENING, *SESSIONS, *HANDSHAKE, *FRAMES, *CLOSING, *CONVERTERS, *ERRORS]


def is_alias(value: object) -> bool:
    return isinstance(value, types.UnionType) or get_origin(value) is not None


def test_the_public_names_are_these() -> None:
    assert sorted(typedws.__all__) == sorted([*NAMES, "__version__"])


def test_the_public_names_of_the_schema_tools_are_these() -> None:
    assert sorted(typedws.schema.__all__) == sorted([*CLIENTS, *TOOLS])


@pytest.mark.parametrize("name", NAMES)
def test_a_public_name_explains_itself(name: str) -> None:
    value = getattr(typedws, name)
    assert is_alias(value) or inspect.getdoc(value)


@pytest.mark.parametrize("name", NAMES)
def test_what_a_public_class_can_do_is_explained(name: str) -> None:
    value = getattr(typedws, name)
    if inspect.isclass(value):
        silent = [
            attribute
            for attribute, member in vars(value).items()
            if not attribute.startswith("_")
            if inspect.isfunction(member) or isinstance(member, property | classmethod | staticmethod)
            if not inspect.getdoc(getattr(value, attribute))
        ]
        assert not silent


def test_every_error_is_public() -> None:
    assert set(typedws.errors.__all__) == set(ERRORS)


@pytest.mark.parametrize("name", ERRORS)
def test_every_error_has_the_one_base(name: str) -> None:
    assert issubclass(getattr(typedws, name), typedws.TypedWSError)


def test_the_version_is_a_version() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+((a|b|rc)\d+)?(\.dev\d+)?", typedws.__version__)
