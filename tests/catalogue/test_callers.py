"""What a program may not ask of us, because it would write another request than the one that was meant: refused at the
call, before there is a connection (H31, H32).
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.catalogue.rows import CANARY
from typedws.client import connect
from typedws.errors import InvalidURLError, LocalProtocolError
from typedws.protocol.handshake_server import ServerHandshake

URL = "ws://127.0.0.1:9/"

CONTROL = [chr(code) for code in (*range(32), 0x7F)]
OTHERS = ["\x80", "\xa0", "\u2028", "\u0130", "\U0001f600", "\ud800"]
"""Some of them become line ends, or letters, in the hands of codecs that mean well."""

PLACES: dict[str, Any] = {
    "the name of a header": lambda char: (URL, {"headers": {f"X-{CANARY}{char}A": "b"}}),
    "the end of the name of a header": lambda char: (URL, {"headers": {f"X-A{char}": CANARY}}),
    "the value of a header": lambda char: (URL, {"headers": {"X-A": f"{CANARY}{char}X-Evil: yes"}}),
    "a subprotocol": lambda char: (URL, {"subprotocols": [f"a{char}b"]}),
    "the end of a subprotocol": lambda char: (URL, {"subprotocols": [f"ab{char}"]}),
    "the origin": lambda char: (URL, {"origin": f"https://a.test{char}X-Evil: yes"}),
}

URLS: dict[str, str] = {
    "the path": "ws://api.test/a{}b",
    "the query": "ws://api.test/?a={}b",
    "the end of the URL": "ws://api.test/{}",
    "the host": "ws://api{}.test/",
    "the port": "ws://api.test:8{}0/",
    "the user": "ws://u{}:p@api.test/",
    "the password": "ws://u:p{}@api.test/",
    "the beginning of the URL": "{}ws://api.test/",
}


@pytest.mark.parametrize("place", PLACES)
def test_h31_no_character_in_a_header_writes_another_one(place: str) -> None:
    for char in (*CONTROL, *OTHERS):
        if char == "\t" and place == "the value of a header":
            continue  # a tab may stand in a value (RFC 9110 section 5.5)
        url, options = PLACES[place](char)
        with pytest.raises(ValueError) as caught:  # noqa: PT011 - each says something else
            connect(url, **options)
        assert f"{CANARY}{char}X-Evil" not in str(caught.value), "the value is quoted"
        assert str(caught.value).isprintable(), repr(char)


@pytest.mark.parametrize("place", URLS)
def test_h31_no_control_character_in_a_url_is_dropped_or_sent(place: str) -> None:
    for char in (*CONTROL, " "):
        with pytest.raises(InvalidURLError) as caught:
            connect(URLS[place].format(char))
        assert str(caught.value).isprintable(), repr(char)


@pytest.mark.parametrize("char", [*"\r\n\0 ", "\x7f"])
@pytest.mark.parametrize(
    "where", ["http://u{}:p@proxy.test", "http://u:p{}@proxy.test", "http://pro{}xy.test", "http://proxy.test:8{}0"]
)
def test_h31_the_same_goes_for_a_proxy(where: str, char: str) -> None:
    with pytest.raises(ValueError, match="proxy"):
        connect(URL, proxy=where.format(char))


RESERVED = [
    "Host",
    "Upgrade",
    "Connection",
    "Content-Length",
    "Transfer-Encoding",
    "Sec-WebSocket-Key",
    "Sec-WebSocket-Version",
    "Sec-WebSocket-Protocol",
    "Sec-WebSocket-Extensions",
    "Sec-WebSocket-Accept",
    "Sec-WebSocket-Something-New",
]


@pytest.mark.parametrize(
    "spelled", [str, str.lower, str.upper, str.swapcase], ids=["as is", "lower", "upper", "swapped"]
)
@pytest.mark.parametrize("name", RESERVED)
def test_h32_what_the_handshake_writes_itself_is_not_for_callers(name: str, spelled: Any) -> None:
    for headers in ({spelled(name): CANARY}, [("X-A", "b"), (spelled(name), CANARY)]):
        with pytest.raises(ValueError, match="cannot be set") as caught:
            connect(URL, headers=headers)
        assert CANARY not in str(caught.value)


@pytest.mark.parametrize("char", [*CONTROL, *OTHERS], ids=ascii)
def test_h31_a_servers_own_fields_are_checked_as_well(char: str) -> None:
    handshake = ServerHandshake()
    with pytest.raises(LocalProtocolError):
        handshake.accept()
    handshake.receive_data(
        b"GET / HTTP/1.1\r\nHost: a.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    options: list[dict[str, Any]] = [{"headers": {f"X{char}": "a"}}, {"subprotocols": [f"a{char}"]}]
    if char != "\t":
        options.append({"headers": {"X": f"a{char}b"}})
    for wrong in options:
        with pytest.raises(ValueError):  # noqa: PT011 - each says something else
            handshake.accept(**wrong)
    assert handshake.accept().startswith(b"HTTP/1.1 101 ")
