"""What a client asks for, and what it learns from the answer."""

from __future__ import annotations

import base64
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests import peers
from tests.client.handlers import echo, tell_request
from typedws import (
    Deflate,
    HandshakeError,
    HandshakeRejectedError,
    Headers,
    JSONConverter,
    MsgPackConverter,
    Request,
    Response,
    Server,
    SessionConfig,
    connect,
    serve,
)

pytestmark = pytest.mark.anyio


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serve(tell_request, "127.0.0.1", 0) as server:
        yield server


async def asked(url: str, **options: Any) -> tuple[str, list[tuple[str, str]]]:
    """What the server sees: the target, and the header fields."""
    async with connect(url, **options) as session:
        target, *fields = await session.receive_deserialized(list[Any])
        return target, [(name, value) for name, value in fields]


async def test_path_and_query_arrive_as_they_were_given(server: Server) -> None:
    assert (await asked(f"{server.url}/a/b%20c?d=e&f=%2F"))[0] == "/a/b%20c?d=e&f=%2F"
    assert (await asked(server.url))[0] == "/"
    assert (await asked(f"{server.url}?a=b"))[0] == "/?a=b"
    assert (await asked(f"{server.url}/ä?ö=ü"))[0] == "/%C3%A4?%C3%B6=%C3%BC"


@pytest.mark.parametrize("kind", [dict, list, tuple, Headers, iter])
async def test_header_fields_arrive_in_order(server: Server, kind: Any) -> None:
    pairs = {"X-First": "1", "Cookie": "a=b; c=d", "X-Last": "last"}
    given = pairs if kind is dict else kind(list(pairs.items()))
    _, fields = await asked(server.url, headers=given)
    assert [pair for pair in fields if pair[0] in pairs] == list(pairs.items())


async def test_a_header_field_may_occur_twice(server: Server) -> None:
    _, fields = await asked(server.url, headers=[("X-A", "1"), ("X-A", "2")])
    assert [pair for pair in fields if pair[0] == "X-A"] == [("X-A", "1"), ("X-A", "2")]


async def test_the_origin_arrives(server: Server) -> None:
    _, fields = await asked(server.url, origin="https://example.com")
    assert ("Origin", "https://example.com") in fields


async def test_nothing_is_sent_that_nobody_asked_for(server: Server) -> None:
    _, fields = await asked(server.url)
    assert sorted(name.lower() for name, _ in fields) == [
        "connection",
        "host",
        "sec-websocket-key",
        "sec-websocket-version",
        "upgrade",
    ]


async def test_every_connection_has_a_key_of_its_own(server: Server) -> None:
    keys = {dict((await asked(server.url))[1])["Sec-WebSocket-Key"] for _ in range(5)}
    assert len(keys) == 5
    assert {len(base64.b64decode(key, validate=True)) for key in keys} == {16}


# Basic authentication from the URL.

SECRETS = ["p%40ss:w0rd", "p@ss:w0rd", base64.b64encode(b"ada:p@ss:w0rd").decode()]


async def test_user_and_password_of_the_url_arrive_as_basic_authentication(server: Server) -> None:
    url = server.url.replace("ws://", "ws://ada:p%40ss:w0rd@")
    _, fields = await asked(url)
    assert dict(fields)["Authorization"] == f"Basic {SECRETS[2]}"


async def test_user_and_password_are_never_shown(server: Server) -> None:
    url = server.url.replace("ws://", "ws://ada:p%40ss:w0rd@")
    async with connect(url) as session:
        request = session.call.request
        assert request.url == f"{server.url}/"
        shown = [repr(session), repr(session.call), repr(request), repr(request.headers), str(request.headers)]
    assert not [text for text in shown for secret in SECRETS if secret in text]


@pytest.mark.parametrize("way", ["refused", "nobody", "silent"])
async def test_user_and_password_are_in_no_error(way: str) -> None:
    def refuse(sock: socket.socket) -> None:
        peers.read_head(sock)
        if way == "refused":
            sock.sendall(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n")

    with peers.Server(refuse) as server:
        port = 9 if way == "nobody" else server.port
        with pytest.raises(HandshakeError) as caught:
            async with connect(f"ws://ada:p%40ss:w0rd@127.0.0.1:{port}/", open_timeout=0.2):
                pass
    error = caught.value
    shown = [str(error), repr(error), repr(error.call), str(error.__cause__)]
    assert not [text for text in shown for secret in SECRETS if secret in text]


# What the answer says.


async def test_the_call_has_request_and_response(server: Server) -> None:
    async with connect(f"{server.url}/rooms", headers={"X-A": "b"}) as session:
        assert session.call.request.url == f"{server.url}/rooms"
        assert session.call.request.headers["x-a"] == "b"
        assert session.call.response is not None
        assert session.call.response.status == 101
        assert session.call.response.headers["upgrade"].lower() == "websocket"


async def test_a_refusal_has_status_headers_and_body() -> None:
    def refuse(request: Request) -> Response:
        return Response(418, Headers({"X-Why": "teapot", "Retry-After": "7"}), b"short and stout")

    async with serve(echo, "127.0.0.1", 0, process_request=refuse) as server:
        with pytest.raises(HandshakeRejectedError, match=r"418.*Retry-After: 7") as caught:
            async with connect(server.url):
                pass
    call = caught.value.call
    assert call is not None
    assert call.request.url == f"{server.url}/"
    assert call.response is not None
    assert (call.response.status, call.response.body) == (418, b"short and stout")
    assert call.response.headers["x-why"] == "teapot"


async def test_a_redirect_is_not_followed(server: Server) -> None:
    def redirect(request: Request) -> Response:
        return Response(307, Headers({"Location": server.url}))

    async with serve(echo, "127.0.0.1", 0, process_request=redirect) as first:
        with pytest.raises(HandshakeRejectedError, match="redirects are not followed") as caught:
            async with connect(first.url, headers={"Authorization": "Bearer token"}):
                pass
    assert server.url in str(caught.value)


async def test_a_server_that_is_none_of_ours_is_refused() -> None:
    def speak_http(sock: socket.socket) -> None:
        peers.read_head(sock)
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")

    with peers.Server(speak_http) as server:
        with pytest.raises(HandshakeRejectedError, match="no WebSocket") as caught:
            async with connect(server.url):
                pass
    assert caught.value.call is not None
    assert caught.value.call.response is not None
    assert caught.value.call.response.body == b"hello"


async def test_the_session_knows_its_settings(server: Server) -> None:
    config = SessionConfig(ping_interval=None, max_message_size=1000)
    async with connect(server.url, config=config) as session:
        assert session.config is config
        assert session.ping_interval is None
        assert session.max_message_size == 1000
        assert session.masking
        assert session.subprotocol is None
        assert session.extensions == ()
        assert session.close_reason is None
        assert session.converter is not None
        assert session.converter.name == "json"


# Subprotocols and extensions, against a server that is a script.


async def answered(*fields: str, **options: Any) -> tuple[str | None, str | None, tuple[str, ...]]:
    """What a client makes of these fields in the answer."""
    with peers.Server(peers.accepting(*fields)) as server:
        async with connect(server.url, **options) as session:
            server.peer().farewell()
            name = None if session.converter is None else session.converter.name
            return session.subprotocol, name, session.extensions


CONVERTERS = {"feed+msgpack": MsgPackConverter(), "feed+json": JSONConverter()}


async def test_the_subprotocol_of_the_answer_decides_the_converter() -> None:
    for name in CONVERTERS:
        options = {"converters": CONVERTERS, "subprotocols": ["chat"], "converter": None}
        chosen = await answered(f"Sec-WebSocket-Protocol: {name}", **options)
        assert chosen == (name, CONVERTERS[name].name, ())
    assert await answered("Sec-WebSocket-Protocol: chat", **options) == ("chat", None, ())
    assert await answered(**options) == (None, None, ())


async def test_subprotocols_are_offered_in_order(server: Server) -> None:
    _, fields = await asked(server.url, converters=CONVERTERS, subprotocols=["chat", "talk"])
    assert dict(fields)["Sec-WebSocket-Protocol"] == "feed+msgpack, feed+json, chat, talk"


@pytest.mark.parametrize(
    ("fields", "options"),
    [
        (["Sec-WebSocket-Protocol: chat"], {}),
        (["Sec-WebSocket-Protocol: talk"], {"subprotocols": ["chat"]}),
        (["Sec-WebSocket-Protocol: chat, talk"], {"subprotocols": ["chat", "talk"]}),
        (["Sec-WebSocket-Extensions: permessage-deflate"], {}),
        (["Sec-WebSocket-Extensions: x-frob"], {"extensions": [Deflate()]}),
    ],
    ids=str,
)
async def test_an_answer_to_another_question_is_refused(fields: list[str], options: dict[str, Any]) -> None:
    with peers.Server(peers.accepting(*fields)) as server, pytest.raises(HandshakeRejectedError):
        async with connect(server.url, **options):
            pass


async def test_compression_that_was_offered_and_accepted_is_in_use() -> None:
    field = "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover"
    _, _, extensions = await answered(field, extensions=[Deflate()])
    assert extensions == ("permessage-deflate; server_no_context_takeover",)


async def test_messages_in_the_packet_of_the_answer_are_not_lost() -> None:
    with peers.Server(peers.accepting(then=peers.text("one") + peers.text("two"))) as server:
        async with connect(server.url, converter=None) as session:
            assert [(await session.receive()).data for _ in range(2)] == [b"one", b"two"]
            server.peer().farewell()
