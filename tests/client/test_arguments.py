"""What cannot be sent is refused at the call. These tests run outside of any event loop: nothing can have happened."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import Any

import pytest

from tests.parameters import stable_id
from typedws import (
    Deflate,
    HandshakeError,
    InvalidURLError,
    JSONConverter,
    WebSocketClient,
    connect,
    reconnect,
    wrap_stream,
)
from typedws.testing import memory_stream_pair

URL = "ws://api.test/"


def by_connect(url: Any, **options: Any) -> object:
    return connect(url, **options)


def by_client(url: Any, **options: Any) -> object:
    return WebSocketClient().websocket(url, **options)


def by_stream(url: Any, **options: Any) -> object:
    near, _ = memory_stream_pair()
    return wrap_stream(near, url, **options)


def by_settings(url: Any, **options: Any) -> object:
    """The options are the client's own: what no handshake can carry is found when the client is made."""
    return WebSocketClient(**options)


def by_reconnect(url: Any, **options: Any) -> object:
    return reconnect(url, **options)


Way = Callable[..., object]
WAYS = [by_connect, by_client, by_stream]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.test",
        "/path",
        "//api.test/",
        "http://api.test/",
        "https://api.test/",
        "ftp://api.test/",
        "ws:api.test",
        "ws://",
        "ws:///path",
        "ws://:8000/",
        "ws://api.test:0/",
        "ws://api.test:65536/",
        "ws://api.test:port/",
        "ws://api.test/#fragment",
        "ws://api.test/a b",
        "ws://api.test/\r\nX-Evil: yes",
        "ws://api.test/\x00",
        " ws://api.test/",
        "ws://api.test\\@evil.test/",
        "ws://a..b/",
        "ws://[::1/",
        "ws://user:pass\nword@api.test/",
    ],
)
def test_a_bad_url_is_refused_at_the_call(way: Way, url: str) -> None:
    with pytest.raises(InvalidURLError) as caught:
        way(url)
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, HandshakeError)
    assert caught.value.call is None


BAD = [
    {"headers": {"X-A": "b\r\nX-Evil: yes"}},
    {"headers": {"X-A": "b\nX-Evil: yes"}},
    {"headers": {"X-A": "b\x00"}},
    {"headers": {"X A": "b"}},
    {"headers": {"": "b"}},
    {"headers": {"X-A\r\n": "b"}},
    {"headers": {"X-A:": "b"}},
    {"headers": {"Host": "evil.test"}},
    {"headers": {"upgrade": "h2c"}},
    {"headers": {"Connection": "close"}},
    {"headers": {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}},
    {"headers": {"sec-websocket-protocol": "chat"}},
    {"headers": {"Content-Length": "5"}},
    {"headers": {"Transfer-Encoding": "chunked"}},
    {"subprotocols": ["no token"]},
    {"subprotocols": [""]},
    {"subprotocols": ["a,b"]},
    {"subprotocols": ["chat", "chat"]},
    {"subprotocols": ["chat"], "converters": {"chat": JSONConverter()}},
    {"converters": {"no token": JSONConverter()}},
    {"origin": ""},
    {"origin": "https://a.test\r\nX-Evil: yes"},
    {"origin": "https://a.test", "headers": {"Origin": "https://b.test"}},
    {"open_timeout": 0},
    {"open_timeout": -1},
    {"open_timeout": float("nan")},
    {"open_timeout": float("inf")},
    {"open_timeout": "10"},
]


@pytest.mark.parametrize("way", [*WAYS, by_settings], ids=lambda way: way.__name__)
@pytest.mark.parametrize("options", BAD, ids=stable_id)
def test_what_no_handshake_can_carry_is_refused_at_the_call(way: Way, options: dict[str, Any]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each says something else
        way(URL, **options)


@pytest.mark.parametrize("way", [by_connect, by_client], ids=lambda way: way.__name__)
@pytest.mark.parametrize(
    "options",
    [
        {"ssl_context": ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)},
        {"server_hostname": ""},
        {"server_hostname": ".api.test"},
        {"server_hostname": "api\x00.test"},
        {"uds": "/tmp/a\x00b"},
    ],
    ids=stable_id,
)
def test_what_cannot_be_dialled_is_refused_at_the_call(way: Way, options: dict[str, Any]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each says something else
        way("wss://api.test/", **options)


@pytest.mark.parametrize("way", [by_connect, by_client], ids=lambda way: way.__name__)
def test_tls_settings_for_a_url_without_tls_are_refused(way: Way) -> None:
    with pytest.raises(ValueError, match="wss://"):
        way(URL, ssl_context=ssl.create_default_context())


def test_tls_settings_of_a_client_are_for_its_wss_urls() -> None:
    client = WebSocketClient(ssl_context=ssl.create_default_context())
    client.websocket("ws://api.test/")
    client.websocket("wss://api.test/")


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_credentials_are_given_once(way: Way) -> None:
    with pytest.raises(ValueError, match="Authorization") as caught:
        way("ws://user:secret@api.test/", headers={"Authorization": "Bearer token"})
    assert "secret" not in str(caught.value)
    assert "token" not in str(caught.value)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize("url", [None, 7, b"ws://api.test/"])
def test_a_url_is_a_str(way: Way, url: Any) -> None:
    with pytest.raises(TypeError):
        way(url)


@pytest.mark.parametrize("way", [*WAYS, by_settings], ids=lambda way: way.__name__)
@pytest.mark.parametrize(
    "options",
    [
        {"subprotocols": "chat"},
        {"subprotocols": [7]},
        {"headers": 7},
        {"headers": {"X-A": 7}},
        {"headers": {7: "a"}},
        {"extensions": ["permessage-deflate"]},
        {"extensions": Deflate()},
        {"header": {}},
        {"ping_interval": 5},
    ],
    ids=stable_id,
)
def test_an_option_of_another_type_or_name_is_refused_at_the_call(way: Way, options: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        way(URL, **options)


class Nameless(JSONConverter):
    name = None  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]


@pytest.mark.parametrize("way", [*WAYS, by_settings, by_reconnect], ids=lambda way: way.__name__)
@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"converter": JSONConverter}, r"give an object: JSONConverter\(\)"),
        ({"converter": "json"}, r"as in JSONConverter\(\), or None, not str"),
        ({"converter": Nameless()}, "has no name"),
        ({"converters": {"chat": JSONConverter}}, r"converters\['chat'\] is the class JSONConverter"),
        ({"converters": {"chat": None}}, r"converters\['chat'\] is a converter"),
        ({"converters": [JSONConverter()]}, "converters is a mapping"),
        ({"config": None}, "config is a SessionConfig"),
        ({"config": {"timeout": 5}}, "config is a SessionConfig"),
        ({"headers": None}, "headers are a mapping of str to str"),
        ({"subprotocols": None}, "subprotocols is a sequence"),
        ({"extensions": Deflate()}, r"extensions is a list, as in \[Deflate\(\)\]"),
    ],
    ids=stable_id,
)
def test_the_error_says_what_to_give_instead(way: Way, options: dict[str, Any], text: str) -> None:
    with pytest.raises(TypeError, match=text):
        way(URL, **options)


@pytest.mark.parametrize("way", [by_connect, by_client, by_settings, by_reconnect], ids=lambda way: way.__name__)
@pytest.mark.parametrize("options", [{"ssl_context": True}, {"server_hostname": 7}], ids=stable_id)
def test_tls_settings_are_of_their_types(way: Way, options: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match=next(iter(options))):
        way("wss://api.test/", **options)


@pytest.mark.parametrize("way", [by_connect, by_client, by_reconnect], ids=lambda way: way.__name__)
def test_a_name_for_the_certificate_goes_with_tls_only(way: Way) -> None:
    with pytest.raises(ValueError, match="wss://"):
        way(URL, server_hostname="api.test")


def test_the_name_of_a_clients_certificate_is_for_its_wss_urls() -> None:
    client = WebSocketClient(server_hostname="api.test")
    client.websocket("ws://api.test/")
    client.websocket("wss://api.test/")


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_errors_at_the_call_quote_no_secret(way: Way) -> None:
    with pytest.raises(InvalidURLError) as caught:
        way("ws://user:secret@api.test:port/?token=secret")
    assert "secret" not in repr(caught.value)
    with pytest.raises(ValueError, match="X-Token") as refused:
        way(URL, headers={"X-Token": "secret\n"})
    assert "secret" not in repr(refused.value)


def test_arguments_behind_the_url_have_names() -> None:
    with pytest.raises(TypeError):
        connect(URL, None)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
