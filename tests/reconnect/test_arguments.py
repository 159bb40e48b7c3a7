"""What each attempt asks for, and who decides."""

from __future__ import annotations

import inspect
import itertools
import ssl
from typing import Any, NoReturn, assert_type, cast

import anyio
import anyio.lowlevel
import pytest
from websockets.sync.server import ServerConnection

from tests.parameters import stable_id
from tests.reconnect.server import closing, dropping, listen, receive_to_the_end, refusing, serving, waiting
from typedws.client import connect
from typedws.errors import ConnectionClosedError, HandshakeRejectedError, InvalidURLError
from typedws.protocol.deflate import Deflate
from typedws.reconnect import reconnect
from typedws.session import ClientSession

pytestmark = pytest.mark.anyio


async def test_url_and_headers_may_be_new_for_each_attempt() -> None:
    count = itertools.count(1)
    with serving(dropping, refusing(503), closing(1000)) as server:

        def url() -> str:
            return f"{server.url}?ticket={next(count)}"

        async def headers() -> list[tuple[str, str]]:
            await anyio.lowlevel.checkpoint()
            return [("X-Token", f"token {next(count)}")]

        await listen(reconnect(url, headers=headers))
        asked = [(request.path, request.headers["X-Token"]) for request in server.requests]
    assert asked == [("/?ticket=1", "token 2"), ("/?ticket=3", "token 4"), ("/?ticket=5", "token 6")]


async def test_a_url_may_have_to_be_awaited() -> None:
    with serving(dropping, closing(1000)) as server:

        async def url() -> str:
            await anyio.lowlevel.checkpoint()
            return server.url

        assert len(await listen(reconnect(url, headers=lambda: {"X-Token": "1"}))) == 2
        assert server.requests[1].headers["X-Token"] == "1"


async def test_headers_that_can_be_read_only_once_are_sent_each_time() -> None:
    with serving(dropping, closing(1000)) as server:
        await listen(reconnect(server.url, headers=(pair for pair in [("X-Token", "1")])))
        assert [request.headers["X-Token"] for request in server.requests] == ["1", "1"]


async def test_a_network_error_of_a_function_is_a_failed_attempt() -> None:
    with serving(closing(1000)) as server:
        answers = iter([ConnectionResetError(), TimeoutError()])

        def url() -> str:
            for error in answers:
                raise error
            return server.url

        (attempt,) = await listen(reconnect(url))
        assert attempt.number == 3
        assert isinstance(attempt.cause, TimeoutError)


async def test_any_other_error_of_a_function_leaves_the_loop_as_itself() -> None:
    def headers() -> NoReturn:
        raise KeyError("no token")

    with pytest.raises(KeyError, match="no token"):
        await listen(reconnect("ws://127.0.0.1:1/", headers=headers))


async def test_what_a_function_returns_is_checked() -> None:
    with pytest.raises(InvalidURLError):
        await listen(reconnect(lambda: "http://server.test/"))
    with pytest.raises(ValueError, match="header"):
        await listen(reconnect("ws://127.0.0.1:1/", headers=lambda: {"X-Token": "a\r\nb"}))
    with pytest.raises(TypeError):
        await listen(reconnect(cast(Any, lambda: 5)))


async def test_a_function_may_decide_what_is_final(waits: list[float]) -> None:
    asked = []

    def should_retry(error: Exception) -> bool | None:
        asked.append(type(error))
        if isinstance(error, HandshakeRejectedError):
            return True
        if isinstance(error, ConnectionClosedError) and error.reason.code == 1012:
            return False
        return None

    with serving(refusing(401), dropping, closing(1012), forever=waiting) as server:
        with pytest.raises(ConnectionClosedError) as caught:
            await listen(reconnect(server.url, should_retry=should_retry))
        assert caught.value.reason.code == 1012
    assert asked == [HandshakeRejectedError, ConnectionClosedError, ConnectionClosedError]
    assert waits == [5, 10]


async def test_values_travel_as_with_connect() -> None:
    def echo(connection: ServerConnection) -> None:
        for message in connection:
            connection.send(message)

    with serving(dropping, echo) as server:
        async for attempt in reconnect(
            server.url, subprotocols=["chat"], extensions=[Deflate()], origin="http://a.test"
        ):
            async with attempt as session:
                assert_type(session, ClientSession)
                assert session.extensions
                if attempt.number == 1:
                    await receive_to_the_end(session)
                await session.send_serialized({"number": 5})
                assert await session.receive_deserialized(dict[str, int]) == {"number": 5}
        request = server.requests[1]
        assert (request.headers["Sec-WebSocket-Protocol"], request.headers["Origin"]) == ("chat", "http://a.test")


def test_every_option_of_connect_is_one_of_reconnect() -> None:
    ours = inspect.signature(reconnect).parameters
    for name, theirs in inspect.signature(connect).parameters.items():
        assert ours[name].kind == theirs.kind
        assert ours[name].default == theirs.default
        assert name in {"url", "headers"} or ours[name].annotation == theirs.annotation


@pytest.mark.parametrize(
    ("error", "arguments"),
    [
        (InvalidURLError, {"url": "http://server.test/"}),
        (TypeError, {"url": 5}),
        (ValueError, {"max_attempts": 0}),
        (ValueError, {"max_attempts": 2.5}),
        (ValueError, {"initial_delay": 0}),
        (ValueError, {"initial_delay": None}),
        (ValueError, {"max_delay": -1}),
        (ValueError, {"initial_delay": 5, "max_delay": 4}),
        (ValueError, {"max_delay": float("inf")}),
        (ValueError, {"max_retry_after": float("nan")}),
        (ValueError, {"reset_after": "60"}),
        (TypeError, {"should_retry": True}),
        (ValueError, {"headers": {"X-Token": "a\r\nb"}}),
        (ValueError, {"headers": {"X-Token": "a\r\nb"}, "url": lambda: "ws://server.test/"}),
        (TypeError, {"headers": "Authorization"}),
        (ValueError, {"open_timeout": 0}),
        (ValueError, {"subprotocols": ["a b"]}),
        (ValueError, {"ssl_context": ssl.create_default_context()}),
        (TypeError, {"no_such_option": 1}),
    ],
    ids=stable_id,
)
def test_a_bad_argument_is_found_at_the_call(error: type[Exception], arguments: dict[str, Any]) -> None:
    with pytest.raises(error):
        reconnect(**{"url": "ws://server.test/", **arguments})
