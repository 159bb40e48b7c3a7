"""What the mock server does with what its document does not allow."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.schema.mock.apis import FEED, PRICES, served
from typedws import ConnectionClosedError, HandshakeRejectedError, connect

pytestmark = pytest.mark.anyio

GOOD = "/feed/red?user=t"
CLIENT = {"X-Client": "me"}


async def answer_to(message: str | bytes, text: str, path: str = "", headers: Any = ()) -> tuple[Any, tuple[Any, ...]]:
    """The answer to one message, or the reason for which it was the last, and the problems that were noted."""
    async with served(text, greeting=False, interval=None) as (server, _):
        async with connect(server.url + path, headers=headers) as session:
            await session.send(message)
            try:
                answer = json.loads((await session.receive()).data)
            except ConnectionClosedError as error:
                answer = error.reason
        return answer, server.problems


@pytest.mark.parametrize(
    ("message", "problem"),
    [
        ('{"type": "order", "id": "1", "symbol": "btc", "size": 1}', "it is not valid"),
        ('{"type": "order", "id": "1", "symbol": "BTC-USD", "size": 0}', "it is not valid"),
        ('{"type": "order"}', "it is not valid"),
        (
            '{"type": "hello", "version": 1}',
            "this is none of the messages that a client may send: "
            '$.type is "hello", not "order", "note", "subscribe" or "unsubscribe"',
        ),
        ("{}", "this is none of the messages that a client may send"),
        ("[1]", "this is none of the messages that a client may send"),
        ("{", "this is no JSON"),
        (b"{}", "clients send no binary frames here"),
        ("[" * 100_000, "this is no JSON"),
    ],
)
async def test_the_error_message_of_the_document_says_what_is_wrong(message: str | bytes, problem: str) -> None:
    answer, problems = await answer_to(message, PRICES)
    assert answer["type"] == "error"
    assert problem in answer["message"]
    assert [p.text for p in problems] == [answer["message"]]
    assert problems[0].connection == "Prices"
    assert problems[0].frame is not None


@pytest.mark.parametrize(
    ("message", "code"),
    [('{"c": "x"}', 1008), ('{"d": 1}', 1008), ("}", 1007), (b"x", 1003)],
)
async def test_without_one_the_connection_is_closed(message: str | bytes, code: int) -> None:
    reason, problems = await answer_to(message, FEED, GOOD, CLIENT)
    assert reason.code == code
    assert reason.message
    assert len(problems) == 1


async def test_a_connection_goes_on_after_an_error_message() -> None:
    async with (
        served(PRICES, greeting=False) as (server, api),
        api.Prices.connect(url=server.url) as prices,
    ):
        await prices.session.send("{}")
        assert isinstance(await prices.receive(), api.Error)
        assert (await prices.place_order(symbol="BTC-USD", size=1)).ok


async def test_problems_that_a_test_expects_are_taken_away() -> None:
    async with served(PRICES) as (server, api), api.Prices.connect(url=server.url) as prices:
        await prices.session.send("{")
        await prices.note(text="x")
        await server.wait_received()
        assert [problem.text for problem in server.take_problems()] == ["this is no JSON: Input data was truncated"]
        assert server.problems == ()
        assert server.take_problems() == ()


async def test_problems_are_bounded() -> None:
    async with served(PRICES, keep=3) as (server, api), api.Prices.connect(url=server.url) as prices:
        for _ in range(5):
            await prices.session.send("{}")
            await prices.note(text="x")
        await server.wait_received(5)
        assert len(server.received) == 3
        assert len(server.problems) == 3


@pytest.mark.parametrize(
    ("path", "headers", "status", "text"),
    [
        ("/feed/red", CLIENT, 400, "the query parameter 'user' is missing"),
        (GOOD, {}, 400, "the header field 'X-Client' is missing"),
        (f"{GOOD}&depth=much", CLIENT, 400, "the query parameter 'depth' has a value that it may not have"),
        (f"{GOOD}&raw=1", CLIENT, 400, "the query parameter 'raw' has a value that it may not have"),
        ("/feed/green?user=t", CLIENT, 400, "the path parameter 'room' has a value that it may not have"),
    ],
)
async def test_a_handshake_says_what_it_must(path: str, headers: Any, status: int, text: str) -> None:
    async with served(FEED) as (server, _):
        with pytest.raises(HandshakeRejectedError) as caught:
            async with connect(server.url + path, headers=headers):
                pass
        assert caught.value.call is not None
        assert caught.value.call.response is not None
        assert caught.value.call.response.status == status
        assert caught.value.call.response.body.decode() == f"{text}\n"
        assert [p.text for p in server.problems] == [text]


@pytest.mark.parametrize("path", [GOOD, f"{GOOD}&depth=5&raw=true", "/somewhere/else?user=t"])
async def test_the_only_connection_takes_any_path(path: str) -> None:
    async with served(FEED) as (server, _), connect(server.url + path, headers=CLIENT) as session:
        assert json.loads((await session.receive()).data).keys() == {"a"}


TWO = """
asyncapi: 3.0.0
info: {title: Two, version: 1.0.0}
servers: {main: {host: example.com, pathname: /v1, protocol: wss}}
channels:
  first: {address: /first, messages: {a: {payload: {type: object, required: [a], properties: {a: {const: 1}}}}}}
  second: {address: '/{name}', messages: {b: {payload: {type: object, required: [b], properties: {b: {const: 2}}}}}}
operations:
  first: {action: send, channel: {$ref: '#/channels/first'}}
  second: {action: send, channel: {$ref: '#/channels/second'}}
"""


@pytest.mark.parametrize(
    ("path", "key"), [("/first", "a"), ("/v1/first", "a"), ("/first/?x=1", "a"), ("/other", "b"), ("/v1/other", "b")]
)
async def test_the_path_picks_the_connection(path: str, key: str) -> None:
    async with served(TWO) as (server, _), connect(server.url + path) as session:
        assert json.loads((await session.receive()).data).keys() == {key}


async def test_an_unknown_path_is_told_the_known_ones() -> None:
    async with served(TWO) as (server, _):
        with pytest.raises(HandshakeRejectedError) as caught:
            async with connect(f"{server.url}/a/b/c"):
                pass
        assert caught.value.call is not None
        assert caught.value.call.response is not None
        assert caught.value.call.response.status == 404
        assert b"/first, /{name}" in caught.value.call.response.body
