"""URLs: what is dialled, what is asked for, what is refused, and that a password is never shown."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from typedws.call import Request
from typedws.errors import InvalidURLError
from typedws.protocol.url import URL, parse_url

SECRET = "hunter2"


def test_an_ordinary_url_is_taken_apart() -> None:
    url = parse_url("wss://Api.Example.com:8443/feed/v1?symbols=BTC-USD&depth=5")

    assert url == URL(secure=True, host="api.example.com", port=8443, target="/feed/v1?symbols=BTC-USD&depth=5")
    assert url.host_header == "api.example.com:8443"
    assert url.without_credentials == "wss://api.example.com:8443/feed/v1?symbols=BTC-USD&depth=5"
    assert url.authorization is None


@pytest.mark.parametrize(
    ("text", "port", "host_header"),
    [
        ("ws://h", 80, "h"),
        ("wss://h", 443, "h"),
        ("ws://h:80", 80, "h"),
        ("wss://h:443", 443, "h"),
        ("ws://h:443", 443, "h:443"),
        ("wss://h:80", 80, "h:80"),
        ("ws://h:", 80, "h"),
        ("ws://h:65535", 65535, "h:65535"),
    ],
)
def test_the_host_field_names_the_port_only_where_it_is_not_the_default(text: str, port: int, host_header: str) -> None:
    url = parse_url(text)
    assert (url.port, url.host_header) == (port, host_header)


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("ws://h", "/"),
        ("ws://h/", "/"),
        ("ws://h?x=1", "/?x=1"),
        ("ws://h/a/b?x=1?y", "/a/b?x=1?y"),
        ("ws://h//a/../b;p=1", "//a/../b;p=1"),
        ("ws://h/caf%C3%A9?q=%2F%20", "/caf%C3%A9?q=%2F%20"),
        ("ws://h/café?q=€", "/caf%C3%A9?q=%E2%82%AC"),
        ('ws://h/{id}?filter="a"|b[]=<1>', "/%7Bid%7D?filter=%22a%22%7Cb[]=%3C1%3E"),
        ("ws://h/stream?streams=btcusdt@trade/ethusdt@trade", "/stream?streams=btcusdt@trade/ethusdt@trade"),
    ],
)
def test_the_target_is_path_and_query_in_ascii(text: str, target: str) -> None:
    url = parse_url(text)
    assert url.target == target
    assert Request(url.without_credentials).target == target


@pytest.mark.parametrize(
    ("text", "host", "host_header"),
    [
        ("ws://[::1]/", "::1", "[::1]"),
        ("ws://[::1]:8080/", "::1", "[::1]:8080"),
        ("ws://[2001:DB8:0:0:0:0:0:1]/", "2001:db8::1", "[2001:db8::1]"),
        ("ws://[fe80::1%25eth0]:9/", "fe80::1%eth0", "[fe80::1]:9"),
        ("ws://[fe80::1%eth0]/", "fe80::1%eth0", "[fe80::1]"),
        ("ws://127.0.0.1:1/", "127.0.0.1", "127.0.0.1:1"),
        ("ws://my_service/", "my_service", "my_service"),
        ("ws://example.com./", "example.com.", "example.com."),
        ("ws://bücher.example/", "xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("ws://例え.テスト:81/", "xn--r8jz45g.xn--zckzah", "xn--r8jz45g.xn--zckzah:81"),
        (f"ws://{'a' * 63}.example/", f"{'a' * 63}.example", f"{'a' * 63}.example"),
    ],
)
def test_hosts(text: str, host: str, host_header: str) -> None:
    url = parse_url(text)
    assert (url.host, url.host_header) == (host, host_header)


@pytest.mark.parametrize(
    ("userinfo", "pair"),
    [
        (f"ana:{SECRET}", f"ana:{SECRET}"),
        ("ana", "ana:"),
        ("ana:", "ana:"),
        (":token", ":token"),
        ("ana:a%3Ab%40c%2Fd", "ana:a:b@c/d"),
        ("ana:a:b@c", "ana:a:b@c"),
        ("%C3%A4na:p%C3%A4ss", "äna:päss"),
        ("äna:päss", "äna:päss"),
    ],
)
def test_user_and_password_become_basic_authentication(userinfo: str, pair: str) -> None:
    url = parse_url(f"wss://{userinfo}@example.com/feed")

    assert url.authorization is not None
    scheme, _, encoded = url.authorization.partition(" ")
    assert scheme == "Basic"
    assert base64.b64decode(encoded).decode() == pair
    assert url.without_credentials == "wss://example.com/feed"


def test_an_empty_userinfo_is_none() -> None:
    assert parse_url("ws://@h/").authorization is None


def test_a_password_is_not_shown() -> None:
    url = parse_url(f"wss://ana:{SECRET}@example.com/")

    assert url.authorization is not None
    for shown in (repr(url), str(url), url.without_credentials, url.host_header):
        assert SECRET not in shown
        assert url.authorization not in shown


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("http://h/", "ws://"),
        ("https://h/", "wss://"),
        ("HTTPS://h/", "wss://"),
        ("ftp://h/", "neither ws nor wss"),
        ("file:///etc/passwd", "neither ws nor wss"),
        ("", "begin with ws://"),
        ("h/feed", "begin with ws://"),
        ("//h/feed", "begin with ws://"),
        ("ws:/h", "begin with ws://"),
        ("ws:h", "begin with ws://"),
        ("ws://", "no host"),
        ("ws:///feed", "no host"),
        ("ws://:80/", "no host"),
        ("ws://user@/", "no host"),
        ("ws://h:0/", "port"),
        ("ws://h:65536/", "port"),
        ("ws://h:-1/", "port"),
        ("ws://h:+80/", "port"),
        ("ws://h:8_0/", "port"),
        ("ws://h:٨٠/", "port"),
        ("ws://h:http/", "port"),
        ("ws://h:1:2/", "port"),
        ("ws://::1/", "no host"),
        ("ws://[::1/", "host and port"),
        ("ws://[::1]x/", "host and port"),
        ("ws://[h]/", "no IPv6 address"),
        ("ws://[]/", "no IPv6 address"),
        ("ws://[v1.a]/", "no IPv6 address"),
        ("ws://h/#", "fragment"),
        ("ws://h/a#b", "fragment"),
        ("ws://h#b", "fragment"),
        ("ws://a..b/", "not a host name"),
        ("ws://.a/", "not a host name"),
        ("ws://a,b/", "not a host name"),
        ("ws://a%41/", "not a host name"),
        ("ws://a*b/", "not a host name"),
        (f"ws://{'a' * 64}.example/", "not a host name"),
        (f"ws://{'ü' * 64}.example/", "IDNA"),
        (f"ws://{'a.' * 127}a/", "253"),
        ("ws://" + "\u00ad" * 300 + "good.example.evil.example/", "253"),
        ("ws://bü..cher/", "IDNA"),
        ("ws://evil\uff0fgood.example/", "not a host name"),
        ("ws://evil\uff20good.example/", "not a host name"),
        ("ws://good.example\\@evil.example/", "backslash"),
        ("ws://a%3Ab:c@h/", "colon"),
        ("ws://a:b%0Ac@h/", "control character"),
    ],
)
def test_a_url_that_no_websocket_can_be_opened_to_is_refused(text: str, says: str) -> None:
    with pytest.raises(InvalidURLError, match=says):
        parse_url(text)


@pytest.mark.parametrize(
    "char", ["\r", "\n", "\r\n", "\t", "\0", " ", "\x1f", "\x7f", "\x85", "\xa0", "\u2028", "\ud800"]
)
@pytest.mark.parametrize(
    "text", ["{}ws://h/a", "ws{}://h/a", "ws://h{}/a", "ws://u:p{}@h/a", "ws://h/a{}b", "ws://h/a{}"]
)
def test_control_and_space_characters_are_refused_wherever_they_stand(text: str, char: str) -> None:
    with pytest.raises(InvalidURLError, match="index"):
        parse_url(text.format(char))


@pytest.mark.parametrize(
    "rest", ["h:99999/", "/", "h/#x", "a..b/", "[::1/", "h:x/", f"{'ü' * 64}/", "h/a b", "[z]/", "a*b/"]
)
@pytest.mark.parametrize("scheme", ["ws", "http", "gopher"])
def test_an_error_never_shows_the_password(scheme: str, rest: str) -> None:
    with pytest.raises(InvalidURLError) as caught:
        parse_url(f"{scheme}://ana:{SECRET}@{rest}")
    assert SECRET not in f"{caught.value!s} {caught.value!r} {caught.value.__cause__!r} {caught.value.__context__!r}"


def test_an_invalid_url_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="neither"):
        parse_url("mailto://h")


@pytest.mark.parametrize("url", [b"ws://h/", None, 1])
def test_a_url_of_another_type_is_a_type_error(url: Any) -> None:
    with pytest.raises(TypeError, match="a URL is a str"):
        parse_url(url)


@settings(deadline=None)
@given(st.text(max_size=60), st.sampled_from(["", "ws://", "wss://", "ws://h", "ws://u:p@[", "ws://h:"]))
def test_any_text_is_a_url_or_an_error_of_ours(text: str, begin: str) -> None:
    try:
        url = parse_url(begin + text)
    except InvalidURLError:
        return
    assert url.target.startswith("/")
    assert 1 <= url.port <= 65535
    assert all("!" <= char <= "~" for char in url.host_header + url.target)
    assert parse_url(url.without_credentials).without_credentials == url.without_credentials
