"""The tunnel through a proxy, without I/O: its URL, what is asked, and what counts as an answer."""

from __future__ import annotations

import pytest

from typedws.call import Call, Request
from typedws.config import MAX_REFUSAL_BODY
from typedws.errors import ProxyError
from typedws.protocol.proxy import Proxy, Tunnel, parse_proxy
from typedws.protocol.url import parse_url

OPEN = b"HTTP/1.1 200 Connection established\r\n\r\n"
PROXY = Proxy("proxy.test", 3128)
REQUEST = Request("ws://server.test/")


def tunnel_to(url: str = "ws://server.test/", proxy: Proxy = PROXY) -> Tunnel:
    return Tunnel(proxy, parse_url(url), REQUEST)


def failure(answer: bytes) -> ProxyError:
    tunnel = tunnel_to()
    with pytest.raises(ProxyError) as caught:
        tunnel.receive_data(answer)
    assert not tunnel.is_open
    return caught.value


# The URL.


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("http://proxy.test", "proxy.test", 80),
        ("http://proxy.test/", "proxy.test", 80),
        ("HTTP://Proxy.Test:3128", "proxy.test", 3128),
        ("http://ada:secret@proxy.test:3128/", "proxy.test", 3128),
        ("http://[::1]:3128", "::1", 3128),
        ("http://10.0.0.1", "10.0.0.1", 80),
        ("http://bücher.test", "xn--bcher-kva.test", 80),
    ],
)
def test_a_url_names_host_and_port(url: str, host: str, port: int) -> None:
    proxy = parse_proxy(url)
    assert (proxy.host, proxy.port) == (host, port)


def test_a_proxy_is_shown_without_its_password() -> None:
    proxy = parse_proxy("http://ada:secret@[fe80::1%25eth0]:3128")
    assert proxy.authorization == "Basic YWRhOnNlY3JldA=="
    assert "YWRh" not in repr(proxy)
    assert str(proxy) == "[fe80::1]:3128"


# The request.


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("ws://server.test/feed?x=1", "server.test:80"),
        ("wss://server.test/", "server.test:443"),
        ("wss://ada:secret@Server.Test:8443/", "server.test:8443"),
        ("ws://[::1]/", "[::1]:80"),
        ("ws://[fe80::1%25eth0]:8080/", "[fe80::1]:8080"),
    ],
)
def test_the_request_names_host_and_port_and_nothing_else(url: str, target: str) -> None:
    expected = f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n"
    assert tunnel_to(url).request_bytes() == expected.encode()


def test_credentials_are_one_more_field() -> None:
    tunnel = tunnel_to(proxy=parse_proxy("http://ada:secret@proxy.test"))
    assert tunnel.request_bytes().endswith(b":80\r\nProxy-Authorization: Basic YWRhOnNlY3JldA==\r\n\r\n")


# The answer.


@pytest.mark.parametrize(
    "answer",
    [
        OPEN,
        b"HTTP/1.0 200 OK\r\n\r\n",
        b"HTTP/1.1 200\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 103 Early Hints\r\n\r\n" + OPEN,
        b"HTTP/1.1 100 Continue\r\n\r\n" * 8 + OPEN,
    ],
)
def test_every_kind_of_success_opens_the_tunnel_however_it_is_split(answer: bytes) -> None:
    whole = tunnel_to()
    assert whole.receive_data(answer)
    assert whole.is_open
    split = tunnel_to()
    verdicts = [split.receive_data(bytes([byte])) for byte in answer]
    assert verdicts == [False] * (len(answer) - 1) + [True]


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (b"HTTP/2.0 200 OK\r\n\r\n", "not HTTP"),
        (b"ICY 200 OK\r\n\r\n", "not HTTP"),
        (b"HTTP/1.1 2000 OK\r\n\r\n", "status line"),
        (b"HTTP/1.1 200 OK\n\n", "bare LF"),
        (b"HTTP/1.1 200 OK\r\nno field\r\n\r\n", "field 1"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 9 + OPEN, "more than 8 informational responses"),
        (OPEN + b"\0", "before anything was sent"),
        (OPEN + OPEN, "before anything was sent"),
    ],
)
def test_an_invalid_answer_is_refused(answer: bytes, text: str) -> None:
    error = failure(answer)
    assert text in str(error)
    assert str(error).startswith("the proxy at proxy.test:3128 ")
    assert error.call == Call(REQUEST)


@pytest.mark.parametrize("status", [300, 302, 400, 403, 404, 407, 502, 599, 600, 999])
def test_every_other_status_is_no_tunnel(status: int) -> None:
    tunnel = tunnel_to()
    answer = f"HTTP/1.1 {status} No\r\nContent-Length: 4\r\nX-A: 1\r\n\r\n".encode()
    assert not tunnel.receive_data(answer)
    assert tunnel.refused
    with pytest.raises(ProxyError, match=f"answered {status} No to CONNECT server.test:80") as caught:
        tunnel.receive_data(b"sorry")
    call = caught.value.call
    assert call is not None
    assert call.response is not None
    assert (call.response.status, call.response.reason, call.response.body) == (status, "No", b"sorr")
    assert call.response.headers["x-a"] == "1"
    assert not tunnel.is_open


def test_a_body_in_chunks_is_put_together() -> None:
    answer = b"HTTP/1.1 502 Bad Gateway\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nno \r\n4\r\nname\r\n0\r\n\r\n"
    error = failure(answer)
    assert error.call is not None
    assert error.call.response is not None
    assert error.call.response.body == b"no name"


def test_a_body_without_an_end_is_bounded() -> None:
    tunnel = tunnel_to()
    assert not tunnel.receive_data(b"HTTP/1.1 502 Bad Gateway\r\n\r\n")
    with pytest.raises(ProxyError) as caught:
        for _ in range(MAX_REFUSAL_BODY // 1024 + 1):
            tunnel.receive_data(b"x" * 1024)
    assert caught.value.call is not None
    assert caught.value.call.response is not None
    assert len(caught.value.call.response.body) == MAX_REFUSAL_BODY


def test_the_reason_is_shown_in_printable_characters_only() -> None:
    error = failure(b"HTTP/1.1 502 \x1b[31m" + b"x" * 200 + b"\r\nContent-Length: 0\r\n\r\n")
    assert "502 ?[31mxxx" in str(error)
    assert len(str(error)) < 200
