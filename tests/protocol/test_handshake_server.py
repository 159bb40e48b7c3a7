"""The server's opening handshake: which requests are taken, how they are answered, and what a bad one deserves."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from typedws.call import Headers, Response
from typedws.config import MAX_HEAD_BYTES
from typedws.errors import ConnectError, LocalProtocolError
from typedws.protocol.deflate import Deflate, DeflateParameters
from typedws.protocol.handshake_server import ServerHandshake

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
"""The key of RFC 6455 section 1.3 and its answer."""

FIELDS = {
    "Host": "example.com",
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": KEY,
    "Sec-WebSocket-Version": "13",
}


def request(*more: str, line: str | None = "GET /feed?x=1 HTTP/1.1", **replaced: str | None) -> bytes:
    """A valid request with `more` lines; `Upgrade=None` leaves a field out, `Sec_WebSocket_Key="x"` replaces one."""
    fields = {**FIELDS, **{name.replace("_", "-"): value for name, value in replaced.items()}}
    lines = [str(line), *(f"{name}: {value}" for name, value in fields.items() if value is not None), *more, "", ""]
    return "\r\n".join(lines).encode("latin-1")


def received(*more: str, secure: bool = False, **replaced: str | None) -> ServerHandshake:
    """A handshake that has a valid request."""
    handshake = ServerHandshake(secure=secure, remote=("192.0.2.1", 5000))
    assert handshake.receive_data(request(*more, **replaced))
    assert handshake.refusal is None
    return handshake


def refused(data: bytes) -> Response:
    """What `data` deserves."""
    handshake = ServerHandshake()
    assert handshake.receive_data(data)
    assert handshake.request is None
    assert handshake.refusal is not None
    with pytest.raises(LocalProtocolError):
        handshake.accept()
    assert handshake.reject(handshake.refusal).startswith(b"HTTP/1.1 %d " % handshake.refusal.status)
    return handshake.refusal


# The request.


def test_a_request_is_read() -> None:
    handshake = received("Origin: https://a", "Cookie: a=b", "X-Name: M\xfcller")

    assert handshake.request is not None
    assert handshake.request.url == "ws://example.com/feed?x=1"
    assert (handshake.request.path, handshake.request.query) == ("/feed", "x=1")
    assert handshake.request.remote == ("192.0.2.1", 5000)
    assert handshake.request.headers["origin"] == "https://a"
    assert handshake.request.headers["x-name"] == "Müller"
    assert handshake.request.headers["sec-websocket-key"] == KEY
    assert handshake.offered_subprotocols == ()


def test_a_request_over_tls_has_a_wss_url() -> None:
    handshake = received(secure=True, Host="example.com:8443")
    assert handshake.request is not None
    assert handshake.request.url == "wss://example.com:8443/feed?x=1"


@pytest.mark.parametrize(
    ("target", "url"),
    [
        ("/", "ws://example.com/"),
        ("//a/..?b", "ws://example.com//a/..?b"),
        ("/a%20b?c=%0D%0A", "ws://example.com/a%20b?c=%0D%0A"),
        ("http://other.example:81/a?b", "ws://other.example:81/a?b"),
        ("HTTPS://other.example", "ws://other.example/"),
        ("ws://other.example?a", "ws://other.example/?a"),
    ],
)
def test_the_target_may_be_a_path_or_absolute(target: str, url: str) -> None:
    handshake = ServerHandshake()
    assert handshake.receive_data(request(line=f"GET {target} HTTP/1.1"))
    assert handshake.request is not None
    assert handshake.request.url == url


@pytest.mark.parametrize("host", ["h", "h:1", "127.0.0.1", "[::1]:80", "xn--bcher-kva.example", "a_b", "h:", "h.:1"])
def test_a_host_may_be_any_that_a_url_has(host: str) -> None:
    received(Host=host)


@pytest.mark.parametrize(
    "replaced",
    [
        {"Upgrade": "WebSocket"},
        {"Upgrade": "h2c, websocket"},
        {"Connection": "keep-alive, Upgrade"},
        {"Connection": "UPGRADE,"},
        {"Content_Length": "0"},
    ],
)
def test_upgrade_and_connection_ignore_case_and_may_be_lists(replaced: dict[str, Any]) -> None:
    received(**replaced)


def test_connection_may_be_spread_over_fields() -> None:
    received("Connection: keep-alive")
    received("Connection: Upgrade", Connection="keep-alive")


def test_subprotocols_may_be_spread_over_fields_and_come_twice() -> None:
    handshake = received("Sec-WebSocket-Protocol: a, b,,", "Sec-WebSocket-Protocol: c,a")
    assert handshake.offered_subprotocols == ("a", "b", "c")


def test_a_split_at_any_offset_gives_the_same_result() -> None:
    stream = request("Sec-WebSocket-Protocol: a") + b"\x81\x80\r\n\r\n"
    length = len(stream)

    def outcome(*cuts: int) -> tuple[object, bytes]:
        handshake = ServerHandshake()
        for begin, end in itertools.pairwise([0, *cuts, length]):
            handshake.receive_data(stream[begin:end])
        assert handshake.accept(subprotocols=["a"])
        assert handshake.accepted is not None
        return handshake.request, handshake.accepted.trailing

    whole = outcome()
    assert whole[1] == b"\x81\x80\r\n\r\n"
    for at in range(length + 1):
        assert outcome(at) == whole
    assert outcome(*range(1, length)) == whole


# What a bad request deserves.


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"GET /\r\n\r\n", id="HTTP/0.9"),
        pytest.param(b"GET / HTTP/1.1\nHost: h\n\n", id="bare LF"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", id="TLS"),
        pytest.param(request().replace(b"Upgrade: ", b"Upgrade : "), id="space before the colon"),
        pytest.param(request("X: a", " b"), id="folded line"),
        pytest.param(request("no colon"), id="no colon"),
        pytest.param(request("X: a\0b"), id="NUL"),
        pytest.param(request("X: a\rb"), id="CR"),
        pytest.param(request(Host=None), id="no Host"),
        pytest.param(request("Host: example.com"), id="two Hosts"),
        pytest.param(request(Host=""), id="empty Host"),
        pytest.param(request(Host="a b"), id="Host with a space"),
        pytest.param(request(Host="a/b"), id="Host with a slash"),
        pytest.param(request(Host="user@h"), id="Host with a user"),
        pytest.param(request(Host="h:x"), id="Host with a bad port"),
        pytest.param(request(Host="\xff"), id="Host not ASCII"),
        pytest.param(request(Host="xn--\x80"), id="Host with bad IDNA"),
        pytest.param(request(line="GET feed HTTP/1.1"), id="no path"),
        pytest.param(request(line="GET * HTTP/1.1"), id="asterisk"),
        pytest.param(request(line="GET /a#b HTTP/1.1"), id="fragment"),
        pytest.param(request(line="GET ftp://h/ HTTP/1.1"), id="other scheme"),
        pytest.param(request(line="GET http:/// HTTP/1.1"), id="absolute without a host"),
        pytest.param(request(Sec_WebSocket_Key=None), id="no key"),
        pytest.param(request(f"Sec-WebSocket-Key: {KEY}"), id="two keys"),
        pytest.param(request(Sec_WebSocket_Key=""), id="empty key"),
        pytest.param(request(Sec_WebSocket_Key="AAAA"), id="short key"),
        pytest.param(request(Sec_WebSocket_Key="A" * 44), id="long key"),
        pytest.param(request(Sec_WebSocket_Key="!" + KEY[1:]), id="key not base64"),
        pytest.param(request(Sec_WebSocket_Key=KEY[:-2]), id="key without padding"),
        pytest.param(request(Sec_WebSocket_Key="\xff" + KEY[1:]), id="key not ASCII"),
        pytest.param(request("Sec-WebSocket-Protocol: a b"), id="subprotocol no token"),
        pytest.param(request("Sec-WebSocket-Protocol: \xe4"), id="subprotocol not ASCII"),
        pytest.param(request("Sec-WebSocket-Extensions: a;"), id="malformed extension"),
        pytest.param(request("Sec-WebSocket-Extensions: \xe4"), id="extension not ASCII"),
        pytest.param(request("Sec-WebSocket-Extensions: a", "Sec-WebSocket-Extensions: ;"), id="malformed second one"),
        pytest.param(request("Content-Length: 5"), id="body"),
        pytest.param(request("Content-Length: 0", "Content-Length: 5"), id="body by a second length"),
        pytest.param(request("Transfer-Encoding: chunked"), id="chunked body"),
    ],
)
def test_a_bad_request_gets_400(data: bytes) -> None:
    refusal = refused(data)
    assert refusal.status == 400
    assert refusal.reason == "Bad Request"
    assert refusal.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert len(refusal.body) < 200


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"GET / HTTP/1.1\r\nHost: h\r\nAccept: text/html\r\n\r\n", id="browser"),
        pytest.param(b"GET / HTTP/1.0\r\n\r\n", id="HTTP/1.0 health check"),
        pytest.param(request(line="GET / HTTP/1.0"), id="HTTP/1.0 upgrade"),
        pytest.param(request(Upgrade=None), id="no Upgrade"),
        pytest.param(request(Upgrade="h2c"), id="other Upgrade"),
        pytest.param(request(Connection=None), id="no Connection"),
        pytest.param(request(Connection="keep-alive"), id="Connection without upgrade"),
        pytest.param(request(Sec_WebSocket_Version=None), id="no version"),
        pytest.param(request(Sec_WebSocket_Version="8"), id="old version"),
        pytest.param(request(Sec_WebSocket_Version="013"), id="version with a zero"),
        pytest.param(request("Sec-WebSocket-Version: 13"), id="two versions"),
    ],
)
def test_a_request_that_opens_no_websocket_of_ours_gets_426(data: bytes) -> None:
    refusal = refused(data)
    assert refusal.status == 426
    assert refusal.headers["Sec-WebSocket-Version"] == "13"
    assert refusal.headers["Upgrade"] == "websocket"
    assert b"WebSocket" in refusal.body


def test_other_methods_get_405() -> None:
    refusal = refused(request(line="POST / HTTP/1.1"))
    assert refusal.status == 405
    assert refusal.headers["Allow"] == "GET"


@pytest.mark.parametrize("version", ["HTTP/2.0", "HTTP/0.9", "HTTP/1.2", "HTTP/3.0"])
def test_other_versions_of_http_get_505(version: str) -> None:
    assert refused(request(line=f"GET / {version}")).status == 505


@pytest.mark.parametrize("piece", [b"X: y\r\n", b"x" * 1000, b"X-Long: " + b"y" * 100 + b"\r\n"])
def test_a_head_without_end_gets_431(piece: bytes) -> None:
    handshake = ServerHandshake()
    fed = 0
    handshake.receive_data(b"GET / HTTP/1.1\r\n")
    while not handshake.receive_data(piece):
        fed += len(piece)
        assert fed <= MAX_HEAD_BYTES
    assert handshake.refusal is not None
    assert handshake.refusal.status == 431
    assert handshake.reject(handshake.refusal).startswith(b"HTTP/1.1 431 Request Header Fields Too Large\r\n")


def test_a_head_with_too_many_fields_gets_431() -> None:
    assert refused(request(*["X: y"] * 100)).status == 431


def test_after_a_bad_request_nothing_more_is_read() -> None:
    handshake = ServerHandshake()
    assert handshake.receive_data(b"\x16\x03\x01")
    assert handshake.receive_data(request())
    assert handshake.request is None


@pytest.mark.parametrize("data", [b"", b"GET / HT", request()[:-1]])
def test_a_request_that_breaks_off_is_a_lost_connection(data: bytes) -> None:
    handshake = ServerHandshake()
    assert not handshake.receive_data(data)
    with pytest.raises(ConnectError, match="before its request was complete"):
        handshake.receive_eof()


def test_a_client_may_go_before_it_is_answered() -> None:
    handshake = received()
    with pytest.raises(ConnectError, match="before it was answered") as caught:
        handshake.receive_eof()
    assert caught.value.call is not None
    assert caught.value.call.request is handshake.request


# Acceptance.


def test_an_acceptance_is_that_of_the_rfc() -> None:
    handshake = received()
    lines = handshake.accept().decode("ascii").split("\r\n")

    assert lines[0] == "HTTP/1.1 101 Switching Protocols"
    assert set(lines[1:]) == {"Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Accept: {ACCEPT}", ""}
    assert handshake.accepted is not None
    assert handshake.accepted.response.status == 101
    assert handshake.accepted.response.headers["Sec-WebSocket-Accept"] == ACCEPT
    assert handshake.accepted.subprotocol is None
    assert handshake.accepted.deflate is None
    assert handshake.accepted.extensions == ()


def test_an_acceptance_with_everything() -> None:
    handshake = received(
        "Sec-WebSocket-Protocol: a, b",
        "Sec-WebSocket-Extensions: foo, permessage-deflate; bar",
        "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
    )
    data = handshake.accept(
        subprotocols=["c", "b", "a"], extensions=[Deflate()], headers=[("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]
    )

    lines = data.decode("ascii").split("\r\n")
    extension = "permessage-deflate; client_max_window_bits=12"
    assert {
        "Sec-WebSocket-Protocol: b",
        f"Sec-WebSocket-Extensions: {extension}",
        "Set-Cookie: a=1",
        "Set-Cookie: b=2",
    } <= set(lines)
    accepted = handshake.accepted
    assert accepted is not None
    assert accepted.subprotocol == "b"
    assert accepted.deflate == DeflateParameters(send_window_bits=12, receive_window_bits=12)
    assert accepted.extensions == (extension,)
    assert [f"{name}: {value}" for name, value in accepted.response.headers.items_raw()] == lines[1:-2]


@pytest.mark.parametrize(
    ("offered", "spoken", "chosen"),
    [
        ("a, b", ["b", "a"], "b"),
        ("b, a", ["b", "a"], "b"),
        ("a", ["b", "a"], "a"),
        ("A", ["a"], None),
        ("c", ["b", "a"], None),
        ("a", [], None),
        (None, ["a"], None),
    ],
)
def test_the_server_chooses_the_subprotocol_in_its_own_order(
    offered: str | None, spoken: list[str], chosen: str | None
) -> None:
    handshake = received(Sec_WebSocket_Protocol=offered)
    data = handshake.accept(subprotocols=spoken)
    assert handshake.accepted is not None
    assert handshake.accepted.subprotocol == chosen
    assert (f"Sec-WebSocket-Protocol: {chosen}\r\n".encode() in data) == (chosen is not None)


def test_bytes_that_come_before_the_answer_are_kept() -> None:
    handshake = ServerHandshake()
    handshake.receive_data(request() + b"\x81")
    handshake.receive_data(b"\x80\0\0\0\0")
    handshake.accept()
    assert handshake.accepted is not None
    assert handshake.accepted.trailing == b"\x81\x80\0\0\0\0"


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        ({"headers": {"X": "a\r\nEvil: b"}}, ValueError, "header X"),
        ({"headers": {"X\0": "a"}}, ValueError, "no token"),
        ({"headers": {"Sec-WebSocket-Accept": "a"}}, ValueError, "cannot be set"),
        ({"headers": {"Connection": "close"}}, ValueError, "cannot be set"),
        ({"headers": {"Sec-WebSocket-Protocol": "a"}}, ValueError, "use subprotocols="),
        ({"headers": "X"}, TypeError, "headers are"),
        ({"subprotocols": ["a b"]}, ValueError, "no token"),
        ({"subprotocols": ["a", "a"]}, ValueError, "twice"),
        ({"subprotocols": "a"}, TypeError, "sequence"),
    ],
)
def test_what_cannot_be_sent_is_refused_at_the_call_and_answers_nothing(
    arguments: dict[str, Any], error: type[Exception], says: str
) -> None:
    handshake = received()
    with pytest.raises(error, match=says):
        handshake.accept(**arguments)
    assert handshake.accepted is None
    assert handshake.accept()


def test_a_request_is_answered_once() -> None:
    accepted, rejected = received(), received()
    accepted.accept()
    rejected.reject(Response(403))
    for handshake in (accepted, rejected):
        with pytest.raises(LocalProtocolError):
            handshake.accept()
        with pytest.raises(LocalProtocolError):
            handshake.reject(Response(403))
    with pytest.raises(LocalProtocolError):
        ServerHandshake().accept()


# Rejection.


def test_a_rejection_is_a_complete_response() -> None:
    response = Response(403, Headers([("X-Why", "quota"), ("Set-Cookie", "a"), ("Set-Cookie", "b")]), b"no way")
    head, _, body = received().reject(response).partition(b"\r\n\r\n")
    lines = head.decode("ascii").split("\r\n")

    assert lines[0] == "HTTP/1.1 403 Forbidden"
    assert sorted(line.lower() for line in lines[1:]) == [
        "connection: close",
        "content-length: 6",
        "set-cookie: a",
        "set-cookie: b",
        "x-why: quota",
    ]
    assert body == b"no way"


def test_a_rejection_may_have_any_status_and_reason() -> None:
    assert received().reject(Response(200, body=b"OK")).startswith(b"HTTP/1.1 200 OK\r\n")
    assert received().reject(Response(403, reason="Not you")).startswith(b"HTTP/1.1 403 Not you\r\n")
    assert received().reject(Response(599)).startswith(b"HTTP/1.1 599 Unknown Status\r\n")
    assert received().reject(Response(302, Headers({"Location": "/x"}))).startswith(b"HTTP/1.1 302 Found\r\n")


def test_the_framing_of_a_rejection_is_ours() -> None:
    headers = Headers({"content-length": "99", "Connection": "keep-alive", "Transfer-Encoding": "chunked"})
    data = received().reject(Response(404, headers, b"abc"))
    assert data.lower().count(b"content-length: 3\r\n") == 1
    assert data.lower().count(b"connection: close\r\n") == 1
    assert b"chunked" not in data
    assert b"99" not in data


def test_a_426_names_the_upgrade_as_an_option_of_the_connection() -> None:
    handshake = ServerHandshake()
    handshake.receive_data(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    assert handshake.refusal is not None
    head, _, body = handshake.reject(handshake.refusal).partition(b"\r\n\r\n")
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    assert {item.strip() for item in fields[b"connection"].split(b",")} == {b"upgrade", b"close"}
    assert fields[b"upgrade"] == b"websocket"
    assert int(fields[b"content-length"]) == len(body) > 0


@pytest.mark.parametrize("status", [204, 304])
def test_a_status_without_a_body_has_none(status: int) -> None:
    data = received().reject(Response(status))
    assert data.endswith(b"\r\n\r\n")
    assert b"content-length" not in data.lower()
    with pytest.raises(ValueError, match="has no body"):
        received().reject(Response(status, body=b"x"))


def test_the_answer_to_head_has_no_body() -> None:
    handshake = ServerHandshake()
    handshake.receive_data(request(line="HEAD / HTTP/1.1"))
    assert handshake.refusal is not None
    assert handshake.refusal.status == 405
    assert handshake.reject(handshake.refusal).endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    "response",
    [
        Response(101),
        Response(199),
        Response(600),
        Response(0),
        Response(403, Headers({"X": "a\r\nEvil: b"})),
        Response(403, Headers({"X\r\nEvil": "a"})),
        Response(403, Headers({"X": "ä"})),
        Response(403, reason="a\r\nEvil: b"),
        Response(403, reason="ä"),
    ],
)
def test_a_rejection_that_would_break_the_head_is_refused_and_answers_nothing(response: Response) -> None:
    handshake = received()
    with pytest.raises(ValueError, match=r"status|header"):
        handshake.reject(response)
    assert handshake.reject(Response(500))
