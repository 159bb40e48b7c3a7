"""No secret of a handshake is shown where nobody expects one: in an error, a `repr` or a log.

Each secret stands for itself in every form that it travels in. What is searched is what a log would have: the whole
traceback with its causes, each `repr`, and every record of every level.
"""

from __future__ import annotations

import base64
import logging
import pickle
import socket
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests import peers
from tests.certificates import Certificates
from tests.leaks import no_socket_left
from tests.server.handlers import listen
from typedws import (
    Call,
    CloseReason,
    Headers,
    Request,
    Response,
    ServerSession,
    TypedWSError,
    WebSocketClient,
    connect,
    reconnect,
    serve,
)

PASSWORD = "canary-password-1"
QUERY = "canary-query-2"
BARE_QUERY = "canary-bare-3"
TOKEN = "canary-token-4"
COOKIE = "canary-cookie-5"
OWN_FIELD = "canary-field-6"
PROXY_PASSWORD = "canary-proxy-7"
SUBPROTOCOL = "canary-subprotocol-8"
ANSWERED = "canary-answer-9"

SECRETS = [PASSWORD, QUERY, BARE_QUERY, TOKEN, COOKIE, OWN_FIELD, PROXY_PASSWORD, SUBPROTOCOL, ANSWERED]
IN_BASE64 = [base64.b64encode(f"ada:{secret}".encode()).decode() for secret in (PASSWORD, PROXY_PASSWORD)]

TARGET = f"/feed?token={QUERY}&{BARE_QUERY}&a=1"
HEADERS = {"Cookie": f"session={COOKIE}", "X-Gate": OWN_FIELD, "X-Api-Key": OWN_FIELD}


def assert_no_secret(shown: str) -> None:
    """`shown` has none of them; it says where it is not so."""
    assert "canary" not in shown
    for encoded in IN_BASE64:
        assert encoded not in shown


def text_of(error: BaseException) -> str:
    """Everything that a log could show of an error."""
    parts = [*traceback.format_exception(error), repr(error), str(error)]
    seen: list[BaseException] = []
    behind: list[BaseException | None] = [error]
    while behind:
        each = behind.pop()
        if each is not None and each not in seen:
            seen.append(each)
            behind += [each.__cause__, each.__context__]
            call = getattr(each, "call", None)
            parts += [repr(call), repr(getattr(call, "request", None)), repr(getattr(call, "response", None))]
    return "\n".join(parts)


@pytest.fixture(autouse=True)
def no_secret_in_the_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Nor in any record, of any level, of anybody."""
    caplog.set_level(logging.DEBUG)
    yield
    assert_no_secret(caplog.text + "\n".join(repr(record.args) for record in caplog.records))


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


# A client and its server.


def url(port: int, *, scheme: str = "ws") -> str:
    return f"{scheme}://ada:{PASSWORD}@127.0.0.1:{port}{TARGET}"


def answer(status: str, *fields: str, body: str = "") -> bytes:
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *fields, "", body]
    return "\r\n".join(head).encode()


ANSWERS: dict[str, bytes] = {
    "a refusal": answer("401 Unauthorized", "WWW-Authenticate: Negotiate " + ANSWERED, body=f"{ANSWERED} is unknown"),
    "a cookie": answer("403 Forbidden", f"Set-Cookie: a={ANSWERED}", f"X-Request: {ANSWERED}"),
    "a later time": answer("503 Busy", "Retry-After: 3", body=ANSWERED),
    "a redirect": answer("307 Temporary Redirect", f"Location: https://ada:{PASSWORD}@login.test{TARGET}"),
    "a redirect to a fragment": answer("302 Found", f"Location: /login#access_token={ANSWERED}"),
    "a redirect without a scheme": answer("302 Found", f"Location: //ada:{PASSWORD}@login.test/?{BARE_QUERY}"),
    "no WebSocket": answer("200 OK", body=f"<a href='?{ANSWERED}'>"),
    "an unknown subprotocol": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Protocol: other\r\nSec-WebSocket-Accept: x\r\n\r\n",
    "half a line": b"HTTP/1.1 101 Swit",
    "nothing": b"",
    "no HTTP": b"SSH-2.0-OpenSSH_9.2\r\n",
    "TLS": b"\x15\x03\x01\x00\x02\x02\x46",
}


def answering(*pieces: bytes) -> Callable[[socket.socket], None]:
    """A peer that reads the request, answers, and hangs up."""

    def script(sock: socket.socket) -> None:
        peers.read_head(sock)
        for piece in pieces:
            sock.sendall(piece)
        sock.shutdown(socket.SHUT_WR)

    return script


def with_secrets(**more: Any) -> dict[str, Any]:
    return {"headers": HEADERS, "subprotocols": ["chat", SUBPROTOCOL], "open_timeout": 5, **more}


async def failure(address: str, **options: Any) -> TypedWSError:
    """How `connect` fails. `reconnect`, which logs why it goes on, fails in the same way."""
    with pytest.raises(TypedWSError) as again:
        async for _ in reconnect(
            address, **options, initial_delay=0.001, max_retry_after=0.001, max_attempts=2, should_retry=lambda _: True
        ):
            raise AssertionError("there is no connection")
    assert_no_secret(text_of(again.value))
    with pytest.raises(TypedWSError) as caught:
        async with connect(address, **options):
            raise AssertionError("there is no connection")
    return caught.value


@pytest.mark.anyio
@pytest.mark.parametrize("name", ANSWERS)
async def test_a_refused_client_tells_no_secret(name: str) -> None:
    with no_socket_left(), peers.Server(answering(ANSWERS[name])) as server:
        error = await failure(url(server.port), **with_secrets())
    shown = text_of(error)
    assert_no_secret(shown)
    assert type(error).__name__ in shown


@pytest.mark.anyio
async def test_a_redirect_is_told_without_its_secrets() -> None:
    with no_socket_left(), peers.Server(answering(ANSWERS["a redirect"])) as server:
        error = await failure(url(server.port), **with_secrets())
    assert str(error).endswith("connect to https://login.test/feed?token=...&...&a=...")


@pytest.mark.anyio
async def test_what_the_error_hides_is_had_from_its_attributes() -> None:
    with no_socket_left(), peers.Server(answering(ANSWERS["a redirect"])) as server:
        error: Any = await failure(url(server.port), **with_secrets())
    request, response = error.call.request, error.call.response
    assert request.query == f"token={QUERY}&{BARE_QUERY}&a=1"
    assert request.headers["authorization"] == f"Basic {IN_BASE64[0]}"
    assert request.headers["x-gate"] == OWN_FIELD
    assert QUERY in response.headers["location"]
    assert pickle.loads(pickle.dumps(error)).call == error.call


@pytest.mark.anyio
async def test_a_client_without_an_answer_tells_no_secret() -> None:
    with no_socket_left(), peers.Server(lambda sock: peers.TcpPeer(sock).reset()) as server:
        for_reset = await failure(url(server.port), **with_secrets())
    assert_no_secret(text_of(for_reset))
    nobody = await failure(url(server.port), **with_secrets())
    assert_no_secret(text_of(nobody))

    def wait(sock: socket.socket) -> None:
        while sock.recv(1 << 16):
            pass

    with no_socket_left(), peers.Server(wait) as server:
        late = await failure(url(server.port), **with_secrets(open_timeout=0.1))
    assert_no_secret(text_of(late))


@pytest.mark.anyio
async def test_a_client_that_does_not_trust_its_server_tells_no_secret(certificates: Certificates) -> None:
    async with serve(listen, "127.0.0.1", 0, ssl_context=certificates.server_context("other.test")) as server:
        error = await failure(url(server.port, scheme="wss"), **with_secrets())
    assert_no_secret(text_of(error))


@pytest.mark.anyio
@pytest.mark.parametrize(
    "piece",
    [
        answer("407 Proxy Authentication Required", f"Proxy-Authenticate: Negotiate {ANSWERED}", body=ANSWERED),
        answer("502 Bad Gateway", f"Set-Cookie: a={ANSWERED}"),
        b"HTTP/1.1 200 OK\r\n\r\nearly",
        b"garbage",
        b"",
    ],
    ids=["407", "502", "early", "garbage", "nothing"],
)
async def test_a_client_behind_a_proxy_tells_no_secret(piece: bytes) -> None:
    with no_socket_left(), peers.Server(answering(piece)) as proxy:
        through = f"http://ada:{PROXY_PASSWORD}@127.0.0.1:{proxy.port}"
        error = await failure(f"ws://ada:{PASSWORD}@server.test{TARGET}", **with_secrets(proxy=through))
    assert_no_secret(text_of(error))


@pytest.mark.anyio
async def test_a_session_and_what_it_is_made_of_tell_no_secret() -> None:
    shown: list[str] = []

    async def look(session: ServerSession) -> None:
        shown.extend(
            [repr(session), repr(session.call), repr(session.call.request), repr(session.call.request.headers)]
        )
        await session.close(CloseReason(4000, "done"))

    async with serve(look, "127.0.0.1", 0, subprotocols=[SUBPROTOCOL]) as server:
        client = WebSocketClient(**with_secrets())
        shown.append(repr(client))
        async with client.websocket(url(server.port)) as session:
            await session.wait_closed()
            shown += [repr(session), repr(session.call), repr(session.call.response)]
            assert session.subprotocol == SUBPROTOCOL
    assert len(shown) == 8
    for text in shown:
        assert_no_secret(text)


# A server and its application.


@pytest.mark.anyio
async def test_a_server_whose_application_fails_logs_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    async def fail(session: ServerSession) -> None:
        raise ZeroDivisionError("on purpose")

    def fail_to_decide(request: Request) -> Response | None:
        if "decide" in request.path:
            raise ZeroDivisionError("on purpose")
        return Response(403, {"X-Gate": request.query + "\n"}) if "answer" in request.path else None

    async with serve(fail, "127.0.0.1", 0, process_request=fail_to_decide) as server:
        for path in ("/decide", "/answer"):
            target = TARGET.replace("/feed", path)
            error = await failure(f"{server.url}{target}", headers=HEADERS)
            assert "500" in str(error)
        async with connect(url(server.port), headers=HEADERS) as session:
            await session.wait_closed()
    assert "the handler of /feed failed" in caplog.text
    assert caplog.text.count("process_request") >= 2


@pytest.mark.anyio
async def test_a_peer_cannot_write_lines_into_a_log(caplog: pytest.LogCaptureFixture) -> None:
    forged = "bye\r\n2026-01-01 CRITICAL root: all is lost\x1b[2J\u2028\u202e"
    async with peers.connected() as (session, peer):
        peer.push(peers.close(1008, forged))
        peer.finish()
        with pytest.raises(TypedWSError) as caught:
            await session.receive()
    text = str(caught.value)
    assert text == r"closed by the peer: 1008 (policy violation) bye\r\n2026-01-01 CRITICAL root: " + (
        r"all is lost\x1b[2J\u2028\u202e"
    )
    assert repr(caught.value).isprintable()
    assert session.close_reason == CloseReason(1008, forged)  # as it came


# At the call.


@pytest.mark.parametrize(
    "bad",
    [
        f"ws://ada:{PASSWORD}@host.test:port{TARGET}",
        f"ws://ada:{PASSWORD}@host.test{TARGET}#fragment",
        f"ws://ada:{PASSWORD}@host.test{TARGET}\n",
        f"ws://ada:{PASSWORD}@host.test\\{TARGET}",
        f"ws://ada:{PASSWORD}%00@host.test{TARGET}",
        f"ws://ada%3A:{PASSWORD}@host.test{TARGET}",
        f"ws://ada:{PASSWORD}@{TARGET}",
        f"ws://ada:{PASSWORD}@host..test{TARGET}",
        f"ws://ada:{PASSWORD}@[::1{TARGET}",
        f"ws://ada:{PASSWORD}@h\u00f6..st{TARGET}",
        f"https://ada:{PASSWORD}@host.test{TARGET}",
        f"{PASSWORD}://host.test{TARGET}",
        f"ada:{PASSWORD}@host.test{TARGET}",
        f"{TARGET}",
    ],
)
def test_a_url_that_cannot_be_used_is_not_quoted(bad: str) -> None:
    for call in (connect, reconnect, WebSocketClient().websocket):
        with pytest.raises(TypedWSError) as caught:
            call(bad)
        assert_no_secret("".join(traceback.format_exception(caught.value)) + repr(caught.value))


@pytest.mark.parametrize(
    "options",
    [
        {"headers": {"Authorization": f"Bearer {TOKEN}\n"}},
        {"headers": {"X-Gate": f"\u00e4{OWN_FIELD}"}},
        {"headers": {f"Authorization: Bearer {TOKEN}": ""}},
        {"headers": {f"\u00e4{TOKEN}": ""}},
        {"headers": [f"Authorization: Bearer {TOKEN}"]},
        {"headers": f"Authorization: Bearer {TOKEN}"},
        {"headers": {"Sec-WebSocket-Protocol": SUBPROTOCOL}},
        {"headers": {"Host": OWN_FIELD}},
        {"subprotocols": ["bearer", f"{TOKEN}=="]},
        {"subprotocols": [SUBPROTOCOL, SUBPROTOCOL]},
        {"subprotocols": SUBPROTOCOL},
        {"origin": f"https://ada:{PASSWORD}@host.test/ x"},
        {"proxy": f"https://ada:{PROXY_PASSWORD}@proxy.test"},
        {"proxy": f"http://ada:{PROXY_PASSWORD}%0a@proxy.test"},
        {"proxy": f"http://ada:{PROXY_PASSWORD}@proxy.test/path"},
    ],
)
def test_an_option_that_cannot_be_sent_is_not_quoted(options: dict[str, Any]) -> None:
    with pytest.raises((ValueError, TypeError)) as caught:
        connect("ws://host.test/", **options)
    assert_no_secret("".join(traceback.format_exception(caught.value)) + repr(caught.value))


# What is shown.


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("ws://host.test/", "ws://host.test/"),
        ("ws://host.test/a/b", "ws://host.test/a/b"),
        (f"ws://host.test/?token={QUERY}", "ws://host.test/?token=..."),
        (f"ws://host.test/?{QUERY}", "ws://host.test/?..."),
        (f"ws://host.test/?a={QUERY}={QUERY}&b;c={QUERY}?&=", "ws://host.test/?a=...&...;c=...?&=..."),
        (f"ws://ada:{PASSWORD}@host.test/?", "ws://host.test/?"),
        (f"ws://ada:{PASSWORD}@x@host.test/", "ws://host.test/"),
    ],
)
def test_a_request_shows_path_and_names_of_parameters(url: str, shown: str) -> None:
    assert repr(Request(url)) == f"Request(url={shown!r}, headers=Headers([]), remote=None)"
    assert repr(Call(Request(url))) == f"Call(request={Request(url)!r}, response=None)"


def test_headers_show_every_name_and_the_values_that_are_known_to_be_harmless() -> None:
    harmless = [("Host", "host.test"), ("UPGRADE", "websocket"), ("Origin", "https://a.test"), ("Retry-After", "5")]
    secret = ["Authorization", "proxy-authorization", "Cookie", "Set-Cookie", "X-API-Key", "apikey", "X-Gate", "Token"]
    secret += ["Sec-WebSocket-Protocol", "WWW-Authenticate", "X-Forwarded-For", "Forwarded", "Link"]
    headers = Headers([*harmless, *((name, TOKEN) for name in secret), ("Location", f"/a?b={TOKEN}")])
    assert repr(headers) == f"Headers({[*harmless, *((name, '...') for name in secret), ('Location', '/a?b=...')]!r})"


def test_a_response_shows_the_size_of_its_body() -> None:
    response = Response(403, {"Content-Type": "text/plain"}, ANSWERED.encode(), "Forbidden")
    assert repr(response) == (
        "Response(status=403, headers=Headers([('Content-Type', 'text/plain')]), body=<15 bytes>, reason='Forbidden')"
    )
