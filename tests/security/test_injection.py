"""Nobody writes header fields that were not meant: what a caller gives for one place stays in that place.

Every place where a client or a server takes text for its handshake is tried with every text that could end a line or
begin another field. Either the call refuses it, or the bytes that leave have exactly the lines that they should have.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.server.guests import guest
from tests.server.handlers import listen
from typedws import Headers, Request, Response, WebSocketClient, connect, reconnect, serve
from typedws.protocol.handshake_client import ClientHandshake
from typedws.protocol.proxy import Tunnel, parse_proxy
from typedws.protocol.url import parse_url

ENDS = ["\r\n", "\n", "\r", "\r\n\r\n", "\n\n", "\0", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\x7f"]
"""What ends a line, for HTTP or for some who read it."""

EVIL = "X-Evil: yes"
LINE = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+: [\t\x20-\x7e]*")

Place = Callable[[str], dict[str, Any]]

URL = "ws://host.test/"
PLACES: dict[str, Place] = {
    "the path": lambda text: {"url": f"{URL}{text}"},
    "the query": lambda text: {"url": f"{URL}?a={text}"},
    "the host": lambda text: {"url": f"ws://host{text}.test/"},
    "the port": lambda text: {"url": f"ws://host.test:80{text}/"},
    "the user": lambda text: {"url": f"ws://a{text}:b@host.test/"},
    "the password": lambda text: {"url": f"ws://a:b{text}@host.test/"},
    "a header's name": lambda text: {"headers": {f"X-A{text}": "b"}},
    "a header's value": lambda text: {"headers": {"X-A": f"b{text}"}},
    "a value in pairs": lambda text: {"headers": [("X-A", "b"), ("X-A", f"c{text}")]},
    "a subprotocol": lambda text: {"subprotocols": ["a", f"b{text}"]},
    "a converter's subprotocol": lambda text: {"converters": {f"b{text}": None}},
    "the origin": lambda text: {"origin": f"https://a{text}.test"},
    "the proxy's host": lambda text: {"proxy": f"http://proxy{text}.test"},
    "the proxy's password": lambda text: {"proxy": f"http://a:b{text}@proxy.test"},
}
QUOTED = "%0d%0a"


@pytest.mark.parametrize("place", PLACES)
def test_a_client_refuses_it_at_the_call(place: str) -> None:
    for end in ENDS:
        for text in (f"{end}{EVIL}", end, f"{end} {EVIL}"):
            options = {"url": URL, **PLACES[place](text)}
            for call in (connect, reconnect, WebSocketClient().websocket):
                with pytest.raises((ValueError, TypeError)):
                    call(**options)


@pytest.mark.parametrize("place", ["the user", "the password", "the proxy's password"])
def test_nor_does_it_help_to_quote_it(place: str) -> None:
    with pytest.raises(ValueError, match="control character"):
        connect(**{"url": URL, **PLACES[place](QUOTED)})


@pytest.mark.parametrize("place", ["the path", "the query"])
def test_what_is_quoted_stays_quoted(place: str) -> None:
    request = written(PLACES[place](f"{QUOTED}{QUOTED}X-Evil:yes")["url"])
    assert b"%0d%0a%0d%0aX-Evil:yes HTTP/1.1\r\n" in request


def test_letters_that_end_in_the_bytes_of_a_line_end_are_not_cut() -> None:
    """U+560D and U+560A, whose last bytes are CR and LF."""
    letters = "\u560d\u560aX-Evil:\u560dyes"
    head = written(f"ws://{letters.replace(':', '')}:{letters[:2]}@host{letters[:2]}.test/{letters}?{letters}")
    assert_lines(head, BASIC_FIELDS + 1)
    assert b"%E5%98%8D%E5%98%8AX-Evil:" in head
    for name in ("a header's name", "a header's value", "a subprotocol", "the origin"):
        with pytest.raises(ValueError, match=r"ASCII|token"):
            connect(**{"url": URL, **PLACES[name](letters)})


def written(url: str, **options: Any) -> bytes:
    return ClientHandshake(parse_url(url), **options).request_bytes()


def assert_lines(head: bytes, count: int) -> None:
    """`head` is one line, so many fields, and a blank line."""
    assert head.endswith(b"\r\n\r\n")
    first, *fields = head[:-4].split(b"\r\n")
    assert re.fullmatch(rb"(GET|CONNECT) [\x21-\x7e]+ HTTP/1\.1", first)
    assert len(fields) == count
    assert all(LINE.fullmatch(field) for field in fields)


anything = st.text(max_size=12) | st.text("\r\n\0 :\t\"'\\@/?#%,;=abc", max_size=12)
BASIC_FIELDS = 5


@settings(deadline=None, max_examples=150)
@given(anything, anything, anything, anything, anything)
def test_a_request_has_the_lines_that_were_asked_for(path: str, name: str, value: str, sub: str, origin: str) -> None:
    url = f"{URL}{path}"
    wishes: list[tuple[dict[str, Any], int]] = [
        ({}, 0),
        ({"headers": [(name, value)]}, 1),
        ({"subprotocols": [sub]}, 1),
        ({"origin": origin}, 1),
        ({"headers": {"X-A": value}, "origin": f"https://{origin}", "subprotocols": [f"a{sub}"]}, 3),
    ]
    for options, more in wishes:
        try:
            request = written(url, **options)
        except ValueError:
            continue
        assert_lines(request, BASIC_FIELDS + more)


@settings(deadline=None, max_examples=150)
@given(anything, anything, anything)
def test_so_has_the_request_to_a_proxy(host: str, user: str, password: str) -> None:
    try:
        url = parse_url(f"ws://host{host}.test/")
    except ValueError:
        url = parse_url(URL)
    try:
        proxy = parse_proxy(f"http://{user}:{password}@proxy.test")
    except ValueError:
        proxy = parse_proxy("http://proxy.test")
    tunnel = Tunnel(proxy, url, Request(URL))
    assert_lines(tunnel.request_bytes(), 1 if proxy.authorization is None else 2)


# A server: what `process_request` answers.

ANSWERS: dict[str, Callable[[str], Response]] = {
    "a header's name": lambda text: Response(403, {f"X-A{text}": "b"}),
    "a header's value": lambda text: Response(403, {"X-A": f"b{text}"}),
    "a redirect": lambda text: Response(302, Headers([("Location", f"/login?next={text}")])),
    "the reason": lambda text: Response(403, reason=f"No{text}"),
    "the framing": lambda text: Response(403, {"Content-Length": f"5{text}"}, b"body"),
}


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
@pytest.mark.parametrize("place", ANSWERS)
async def test_a_server_answers_500_rather_than_that(place: str, caplog: pytest.LogCaptureFixture) -> None:
    texts = iter([f"{end}{EVIL}" for end in ENDS])

    def decide(request: Request) -> Response:
        return ANSWERS[place](next(texts))

    async with serve(listen, "127.0.0.1", 0, process_request=decide) as server:
        for _ in ENDS:
            async with guest(server) as client:
                await client.ask()
                answer = await client.answer()
                assert answer.status == 500
                assert "x-evil" not in answer.headers
                assert await client.rest() == b""
    assert len([record for record in caplog.records if "cannot be sent" in record.getMessage()]) == len(ENDS)


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
async def test_a_server_frames_its_answer_itself() -> None:
    """A second length would let what follows pass for another answer."""

    def decide(request: Request) -> Response:
        framing = [("Content-Length", "1"), ("Transfer-Encoding", "chunked"), ("Connection", "keep-alive")]
        return Response(403, framing, b"HTTP/1.1 101 Switching Protocols\r\n\r\n")

    async with serve(listen, "127.0.0.1", 0, process_request=decide) as server, guest(server) as client:
        await client.ask()
        answer = await client.answer()
        assert answer.body == b"HTTP/1.1 101 Switching Protocols\r\n\r\n"
        assert answer.headers["connection"] == "close"
        assert "transfer-encoding" not in answer.headers
        assert await client.rest() == b""


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
async def test_nothing_of_a_request_is_repeated_in_an_answer() -> None:
    async with serve(listen, "127.0.0.1", 0, origins=["https://a.test"], subprotocols=["chat"]) as server:
        for fields in (["Origin: https://evil.test"], ["Origin: https://a.test", "Sec-WebSocket-Protocol: evil"]):
            async with guest(server) as client:
                await client.ask(*fields, path="/evil?evil")
                answer = await client.answer()
                assert "evil" not in str(answer)
