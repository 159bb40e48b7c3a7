"""The client's opening handshake: what is asked, what is accepted, and what a refusal says."""

from __future__ import annotations

import base64
import hashlib
import itertools
from typing import Any

import pytest

from typedws.call import Call, Headers
from typedws.config import MAX_REFUSAL_BODY
from typedws.errors import ConnectError, HandshakeRejectedError, LocalProtocolError
from typedws.protocol.deflate import Deflate, DeflateParameters
from typedws.protocol.handshake_client import ClientHandshake
from typedws.protocol.url import parse_url

URL = parse_url("ws://example.com/feed?x=1")


def accept_value(handshake: ClientHandshake) -> str:
    """The Sec-WebSocket-Accept that belongs to the key, computed as RFC 6455 section 4.2.2 says."""
    key = handshake.request.headers["Sec-WebSocket-Key"]
    digest = hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()
    return base64.b64encode(digest).decode()


def answer(handshake: ClientHandshake, *lines: str) -> bytes:
    """A valid 101 with more fields."""
    head = [
        "HTTP/1.1 101 Switching Protocols",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Accept: {accept_value(handshake)}",
        *lines,
    ]
    return "\r\n".join([*head, "", ""]).encode()


def rejection(data: bytes, *, eof: bool = False) -> HandshakeRejectedError:
    """The error that a client raises for these bytes, once it has them."""
    handshake = ClientHandshake(URL)
    with pytest.raises(HandshakeRejectedError) as caught:
        handshake.receive_data(data)
        if eof:
            handshake.receive_eof()
    return caught.value


# The request.


def test_the_request_is_a_valid_upgrade() -> None:
    handshake = ClientHandshake(URL)
    head, _, rest = handshake.request_bytes().partition(b"\r\n\r\n")
    lines = head.decode("ascii").split("\r\n")
    key = handshake.request.headers["sec-websocket-key"]

    assert rest == b""
    assert lines == [
        "GET /feed?x=1 HTTP/1.1",
        "Host: example.com",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key}",
        "Sec-WebSocket-Version: 13",
    ]
    assert len(base64.b64decode(key, validate=True)) == 16


def test_every_handshake_has_its_own_key() -> None:
    keys = {ClientHandshake(URL).request.headers["Sec-WebSocket-Key"] for _ in range(100)}
    assert len(keys) == 100


def test_the_request_carries_all_that_was_asked_for() -> None:
    handshake = ClientHandshake(
        parse_url("wss://ana:secret@example.com:8443/"),
        headers=[("X-Trace", "1"), ("x-trace", "2"), ("User-Agent", "me/1.0")],
        subprotocols=["feed.v2", "feed.v1"],
        extensions=[Deflate(server_max_window_bits=10), Deflate()],
        origin="https://app.example.com",
    )
    request = handshake.request
    fields = request.headers.items_raw()
    lines = handshake.request_bytes().decode("ascii").split("\r\n")

    assert request.url == "wss://example.com:8443/"
    assert request.remote is None
    assert lines[1] == "Host: example.com:8443"
    assert request.headers.get_all("X-Trace") == ("1", "2")
    assert {
        "Sec-WebSocket-Protocol: feed.v2, feed.v1",
        "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=10; client_max_window_bits, "
        "permessage-deflate; client_max_window_bits",
        "Origin: https://app.example.com",
        f"Authorization: Basic {base64.b64encode(b'ana:secret').decode()}",
        "X-Trace: 1",
        "x-trace: 2",
        "User-Agent: me/1.0",
    } <= set(lines)
    assert [f"{name}: {value}" for name, value in fields] == lines[1:-2]


@pytest.mark.parametrize("host", ["[::1]:8080", f"{'a' * 63}:65535", "xn--bcher-kva.example", "a_b:1"])
def test_the_host_field_is_written_as_the_url_has_it(host: str) -> None:
    assert ClientHandshake(parse_url(f"ws://{host}/")).request.headers["Host"] == host


@pytest.mark.parametrize(
    ("headers", "says"),
    [
        ({"Host": "x"}, "Host cannot be set: it is taken from the URL"),
        ({"upgrade": "x"}, "upgrade cannot be set"),
        ({"Connection": "close"}, "Connection cannot be set"),
        ({"Content-Length": "5"}, "no body"),
        ({"Transfer-Encoding": "chunked"}, "no body"),
        ({"Sec-WebSocket-Key": "x"}, "Sec-WebSocket-Key cannot be set"),
        ({"Sec-WebSocket-Version": "8"}, "cannot be set"),
        ({"sec-websocket-protocol": "x"}, "use subprotocols="),
        ({"Sec-WebSocket-Extensions": "x"}, "use extensions="),
        ({"Sec-WebSocket-Accept": "x"}, "cannot be set"),
        ({"Sec-WebSocket-Anything": "x"}, "cannot be set"),
        ({"X\r\nEvil": "x"}, "no token"),
        ({"X-Token": "a\r\nEvil: b"}, "X-Token"),
        ({"X-Token": "a\0"}, "X-Token"),
        ({"X-Token": "ä"}, "non-ASCII"),
    ],
)
def test_a_header_that_cannot_be_sent_is_refused_at_the_call(headers: dict[str, str], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        ClientHandshake(URL, headers=headers)


@pytest.mark.parametrize("name", ["", " ", "a b", "a,b", "a, b", "a\r\nEvil: x", "a\0", "ä", "a;b", '"a"'])
def test_a_subprotocol_that_is_no_token_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no token"):
        ClientHandshake(URL, subprotocols=["ok", name])


def test_a_subprotocol_is_offered_once() -> None:
    with pytest.raises(ValueError, match="twice"):
        ClientHandshake(URL, subprotocols=["a", "b", "a"])


@pytest.mark.parametrize("subprotocols", ["chat", [b"chat"], [None]])
def test_subprotocols_of_another_type_are_a_type_error(subprotocols: Any) -> None:
    with pytest.raises(TypeError, match="subprotocol"):
        ClientHandshake(URL, subprotocols=subprotocols)


@pytest.mark.parametrize("origin", ["", " ", "https://a https://b", "https://a\r\nEvil: x", "https://ä", "a\0"])
def test_an_origin_that_cannot_be_sent_is_refused(origin: str) -> None:
    with pytest.raises(ValueError, match=r"(?i)origin"):
        ClientHandshake(URL, origin=origin)


def test_what_is_given_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="Origin"):
        ClientHandshake(URL, origin="https://a", headers={"origin": "https://b"})
    with pytest.raises(ValueError, match="Authorization") as caught:
        ClientHandshake(parse_url("ws://ana:secret@h/"), headers={"authorization": "Bearer x"})
    assert "secret" not in str(caught.value)


def test_an_origin_may_be_among_the_headers() -> None:
    assert ClientHandshake(URL, headers={"Origin": "null"}).request.headers["Origin"] == "null"


# An acceptance.


def test_a_plain_acceptance() -> None:
    handshake = ClientHandshake(URL)
    assert handshake.receive_data(answer(handshake, "Server: x", "Set-Cookie: a=b"))

    accepted = handshake.accepted
    assert accepted is not None
    assert accepted.response.status == 101
    assert accepted.response.reason == "Switching Protocols"
    assert accepted.response.headers["set-cookie"] == "a=b"
    assert accepted.response.headers["upgrade"] == "websocket"
    assert (accepted.subprotocol, accepted.deflate, accepted.extensions, accepted.trailing) == (None, None, (), b"")
    assert not handshake.refused


def test_an_acceptance_with_everything() -> None:
    handshake = ClientHandshake(URL, subprotocols=["a", "b"], extensions=[Deflate()])
    extension = 'permessage-deflate;server_no_context_takeover ; client_max_window_bits="10"'
    lines = ["Sec-WebSocket-Protocol: b", f"Sec-WebSocket-Extensions: {extension}"]
    assert handshake.receive_data(answer(handshake, *lines) + b"\x81\x02hi")

    accepted = handshake.accepted
    assert accepted is not None
    assert accepted.subprotocol == "b"
    assert accepted.deflate == DeflateParameters(send_window_bits=10, receive_no_context_takeover=True)
    assert accepted.extensions == ("permessage-deflate; server_no_context_takeover; client_max_window_bits=10",)
    assert accepted.trailing == b"\x81\x02hi"


def test_the_server_need_not_take_what_was_offered() -> None:
    handshake = ClientHandshake(URL, subprotocols=["a"], extensions=[Deflate()])
    assert handshake.receive_data(answer(handshake))
    assert handshake.accepted is not None
    assert handshake.accepted.subprotocol is None
    assert handshake.accepted.deflate is None


@pytest.mark.parametrize(
    "fields",
    [
        "Upgrade: WebSocket\r\nConnection: upgrade",
        "Upgrade: websocket\r\nConnection: keep-alive, Upgrade",
        "Upgrade: websocket\r\nConnection: Upgrade\r\nConnection: keep-alive",
        "Upgrade: websocket\r\nConnection: keep-alive\r\nConnection: Upgrade",
        "Upgrade:websocket\t\r\nConnection:,UPGRADE,",
    ],
)
def test_upgrade_and_connection_ignore_case_and_may_be_lists(fields: str) -> None:
    handshake = ClientHandshake(URL)
    data = f"HTTP/1.1 101\r\nSec-WebSocket-Accept: {accept_value(handshake)}\r\n{fields}\r\n\r\n"
    assert handshake.receive_data(data.encode())


def test_fields_that_are_not_ours_may_hold_any_text() -> None:
    handshake = ClientHandshake(URL)
    data = answer(handshake).replace(b"\r\n\r\n", b"\r\nX-Name: M\xfcller\r\nContent-Length: 5\r\n\r\n")
    assert handshake.receive_data(data)
    assert handshake.accepted is not None
    assert handshake.accepted.response.headers["X-Name"] == "Müller"


def test_informational_responses_are_skipped() -> None:
    handshake = ClientHandshake(URL)
    early = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    assert handshake.receive_data(early * 4 + answer(handshake) + b"\x81")
    assert handshake.accepted is not None
    assert handshake.accepted.response.headers.get("Link") is None
    assert handshake.accepted.trailing == b"\x81"


def test_bytes_after_the_acceptance_belong_to_the_frame_parser() -> None:
    handshake = ClientHandshake(URL)
    handshake.receive_data(answer(handshake))
    with pytest.raises(LocalProtocolError):
        handshake.receive_data(b"\x81\x00")
    with pytest.raises(LocalProtocolError):
        handshake.receive_eof()
    with pytest.raises(LocalProtocolError):
        handshake.rejection()


def outcome(*cuts: int) -> tuple[object, ...]:
    """What a client makes of one and the same answer when it is cut there, the frame bytes behind it included."""
    handshake = ClientHandshake(URL, subprotocols=["a"], extensions=[Deflate()])
    lines = ["Sec-WebSocket-Protocol: a", "Sec-WebSocket-Extensions: permessage-deflate"]
    stream = b"HTTP/1.1 103 Early Hints\r\n\r\n" + answer(handshake, *lines) + b"\x81\x02hi\x81\x04\r\n\r\n"
    edges = [min(cut, len(stream)) for cut in (0, *cuts, len(stream))]
    frames = b""
    for begin, end in itertools.pairwise(edges):
        if handshake.accepted is not None:
            frames += stream[begin:end]
        else:
            handshake.receive_data(stream[begin:end])
    accepted = handshake.accepted
    assert accepted is not None
    fields = [field for field in accepted.response.headers.items_raw() if field[0] != "Sec-WebSocket-Accept"]
    return len(stream), fields, accepted.subprotocol, accepted.deflate, accepted.extensions, accepted.trailing + frames


def test_a_split_at_any_offset_gives_the_same_result() -> None:
    whole = outcome()
    length = whole[0]
    assert isinstance(length, int)
    assert whole[-1] == b"\x81\x02hi\x81\x04\r\n\r\n"
    for at in range(length + 1):
        assert outcome(at) == whole
    assert outcome(*range(1, length)) == whole


# A refusal.


def test_a_refusal_carries_request_and_response() -> None:
    handshake = ClientHandshake(URL)
    with pytest.raises(HandshakeRejectedError, match="server answered 403 Forbidden") as caught:
        handshake.receive_data(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 7\r\nX-Why: quota\r\n\r\nno way!")

    call = caught.value.call
    assert call is not None
    assert call.request is handshake.request
    assert call.response is not None
    assert (call.response.status, call.response.reason, call.response.body) == (403, "Forbidden", b"no way!")
    assert call.response.headers == Headers({"content-length": "7", "x-why": "quota"})
    assert "no way" not in str(caught.value)


@pytest.mark.parametrize(
    ("head", "says"),
    [
        ("401 Unauthorized", "server answered 401 Unauthorized$"),
        ("404 Not Found", "server answered 404 Not Found$"),
        ("404", "server answered 404 Not Found$"),
        ("799", "server answered 799 Unknown Status$"),
        ("500 \x1b[31mOops\xe9", r"server answered 500 \?\[31mOops\?$"),
        ("500 " + "x" * 500, "server answered 500 x{80}\\.\\.\\.$"),
        ("200 OK", "no WebSocket$"),
        ("204 No Content", "no WebSocket$"),
        ("301 Moved\r\nLocation: wss://new.example/feed", "connect to wss://new.example/feed$"),
        ("302 Found\r\nLocation: file:///etc/passwd", "redirects are not followed"),
        ("308 P\r\nLocation: ws://h/" + "x" * 5000, r"x\.\.\.$"),
        ("304 Not Modified", "server answered 304 Not Modified$"),
        ("426 Upgrade Required\r\nSec-WebSocket-Version: 8, 7", "WebSocket version 8, 7, we speak 13$"),
        ("429 Too Many Requests\r\nRetry-After: 120", r"\(Retry-After: 120\)$"),
        ("503 Service Unavailable\r\nRetry-After: Wed, 21 Oct 2026 07:28:00 GMT", "Retry-After: Wed, 21 Oct"),
    ],
)
def test_the_error_says_what_the_server_answered(head: str, says: str) -> None:
    error = rejection(f"HTTP/1.1 {head}\r\nContent-Length: 0\r\n\r\n".encode("latin-1"))
    with pytest.raises(HandshakeRejectedError, match=says):
        raise error
    assert len(str(error)) < 400


@pytest.mark.parametrize(
    ("rest", "body"),
    [
        (b"Content-Length: 3\r\n\r\nabcdef", b"abc"),
        (b"Content-Length: 0\r\n\r\n", b""),
        (b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: x\r\n\r\n", b"abcde"),
        (b"Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n1\r\na\r\n0\r\n\r\n", b"a"),
        (b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", b""),
        (b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n", b"abc"),
        (b"Transfer-Encoding: gzip\r\n\r\nabc", b""),
        (b"Content-Length: abc\r\n\r\nabc", b""),
        (b"Content-Length: -1\r\n\r\nabc", b""),
        (b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc", b""),
        (b"Content-Length: 99999999999999999999999999\r\n\r\nabc", b""),
    ],
)
def test_the_body_of_a_refusal_ends_by_itself(rest: bytes, body: bytes) -> None:
    error = rejection(b"HTTP/1.1 403 Forbidden\r\n" + rest)
    assert error.call is not None
    assert error.call.response is not None
    assert (error.call.response.status, error.call.response.body) == (403, body)


@pytest.mark.parametrize(
    ("rest", "body"),
    [
        (b"HTTP/1.1 403 Forbidden\r\n\r\nabc", b"abc"),
        (b"HTTP/1.1 403 Forbidden\r\nContent-Length: 10\r\n\r\nabc", b"abc"),
        (b"HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc", b"abc"),
        (b"HTTP/1.0 403 Forbidden\r\n\r\nabc", b"abc"),
        (b"HTTP/1.0 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\nabc", b"abc"),
    ],
)
def test_the_body_of_a_refusal_ends_with_the_connection(rest: bytes, body: bytes) -> None:
    error = rejection(rest, eof=True)
    assert error.call is not None
    assert error.call.response is not None
    assert error.call.response.body == body


@pytest.mark.parametrize("framing", [b"", b"Content-Length: 99999999\r\n", b"Transfer-Encoding: chunked\r\n"])
@pytest.mark.parametrize("step", [7, 1000, 10_000_000])
def test_no_more_than_64_kib_of_a_refusal_are_read(framing: bytes, step: int) -> None:
    body = b"10\r\n0123456789abcdef\r\n" * 20_000 if b"chunked" in framing else b"x" * 400_000
    stream = b"HTTP/1.1 500 Oops\r\n" + framing + b"\r\n" + body
    handshake = ClientHandshake(URL)
    fed = 0
    with pytest.raises(HandshakeRejectedError) as caught:
        for at in range(0, len(stream), step):
            fed = at
            handshake.receive_data(stream[at : at + step])
    assert fed <= MAX_REFUSAL_BODY + 200
    assert caught.value.call is not None
    assert caught.value.call.response is not None
    kept = len(caught.value.call.response.body)
    assert kept == MAX_REFUSAL_BODY if b"chunked" not in framing else 40_000 < kept < MAX_REFUSAL_BODY


def test_a_refusal_whose_body_never_ends_can_be_had_as_it_is() -> None:
    handshake = ClientHandshake(URL)
    assert not handshake.refused
    assert not handshake.receive_data(b"HTTP/1.1 503 Busy\r\nContent-Length: 100\r\n")
    assert not handshake.refused
    assert not handshake.receive_data(b"\r\nsome")
    assert handshake.refused

    first, second = handshake.rejection(), handshake.rejection()
    assert first is not second
    assert first.call is not None
    assert first.call.response is not None
    assert (first.call.response.status, first.call.response.body) == (503, b"some")


def test_before_a_refusal_there_is_none_to_raise() -> None:
    with pytest.raises(LocalProtocolError):
        ClientHandshake(URL).rejection()


@pytest.mark.parametrize(
    ("first", "says"),
    [
        (b"HTTP/1.1 403 No\r\nContent-Length: 1\r\n\r\na", "403"),
        (b"HTTP/1.1 101 Yes\r\n\r\n", "Upgrade is not websocket"),
        (b"SSH-2.0", "not HTTP"),
    ],
)
def test_a_refusal_stays_one_whatever_comes_after_it(first: bytes, says: str) -> None:
    handshake = ClientHandshake(URL)
    errors: list[HandshakeRejectedError] = []
    for data in (first, answer(handshake), b""):
        with pytest.raises(HandshakeRejectedError, match=says) as caught:
            handshake.receive_data(data)
        errors.append(caught.value)
    assert len(set(map(id, errors))) == 3
    assert handshake.accepted is None
    with pytest.raises(HandshakeRejectedError, match=says):
        handshake.receive_eof()


def test_a_split_at_any_offset_gives_the_same_refusal() -> None:
    stream = b"HTTP/1.1 103 x\r\n\r\nHTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"

    def refused(pieces: list[bytes]) -> tuple[str, object]:
        handshake = ClientHandshake(URL)
        with pytest.raises(HandshakeRejectedError) as caught:
            for piece in pieces:
                handshake.receive_data(piece)
        assert caught.value.call is not None
        return str(caught.value), caught.value.call.response

    whole = refused([stream])
    for at in range(len(stream)):
        assert refused([stream[:at], stream[at:]]) == whole


# The end of the stream.


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "before it answered"),
        (b"HTTP/1.1 1", "in the middle of its answer"),
        (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n", "in the middle of its answer"),
        (b"HTTP/1.1 100 Continue\r\n\r\n", "in the middle of its answer"),
    ],
)
def test_an_answer_that_breaks_off_is_a_lost_connection(data: bytes, says: str) -> None:
    handshake = ClientHandshake(URL)
    handshake.receive_data(data)
    with pytest.raises(ConnectError, match=says) as caught:
        handshake.receive_eof()
    assert caught.value.call == Call(handshake.request)
    assert isinstance(caught.value, OSError)
