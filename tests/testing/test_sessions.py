"""`session_pair`: two sessions that behave as over a network, without one."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import anyio
import msgspec
import pytest

from tests.leaks import no_socket_left
from tests.timing import SOON
from typedws import (
    ClientSession,
    CloseReason,
    ConnectionClosedError,
    ConnectionClosedOK,
    ConverterNotFoundError,
    Deflate,
    DeserializeError,
    HandshakeRejectedError,
    InvalidURLError,
    JSONConverter,
    MsgPackConverter,
    PingFrame,
    ServerSession,
    SessionConfig,
    TextFrame,
)
from typedws.testing import session_pair

pytestmark = pytest.mark.anyio


class Trade(msgspec.Struct):
    symbol: str
    price: float


async def test_values_travel_both_ways() -> None:
    async with session_pair() as (client, server):
        await client.send_serialized("BTC-USD")
        assert await server.receive_deserialized(str) == "BTC-USD"
        await server.send_serialized(Trade("BTC-USD", 64250.25))
        assert await client.receive_deserialized(Trade) == Trade("BTC-USD", 64250.25)


async def test_it_takes_no_socket() -> None:
    with no_socket_left():
        async with session_pair() as (client, server):
            assert isinstance(client, ClientSession)
            assert isinstance(server, ServerSession)


async def test_the_frames_are_real() -> None:
    """Masked one way, checked by the other, and a ping is answered without anybody's help."""
    config = SessionConfig(raw=True)
    async with session_pair(config=config, converter=None) as (client, server):
        assert client.masking
        assert not server.masking
        assert await client.ping() >= 0
        assert isinstance(await server.receive(), PingFrame)
        await client.send(TextFrame("un", fin=False))
        await client.send(TextFrame("finished"))
        assert [(await server.receive()).data for _ in range(2)] == [b"un", b"finished"]
        with pytest.raises(ConverterNotFoundError):
            await server.receive_deserialized(str)


async def test_the_handshake_is_real() -> None:
    async with session_pair("ws://api.test/rooms?id=7", headers={"X-Name": "Ada"}, origin="https://example.com") as (
        client,
        server,
    ):
        assert client.call.request.url == "ws://api.test/rooms?id=7"
        assert client.call.response is not None
        assert client.call.response.status == 101
        request = server.call.request
        assert (request.url, request.path, request.query) == ("ws://api.test/rooms?id=7", "/rooms", "id=7")
        assert request.headers["x-name"] == "Ada"
        assert request.headers["origin"] == "https://example.com"
        assert server.remote is None


async def test_a_secure_url_is_secure_to_the_server_too() -> None:
    async with session_pair("wss://api.test/") as (client, server):
        assert client.call.request.url == server.call.request.url == "wss://api.test/"


async def test_both_ends_agree_on_the_first_subprotocol_and_its_converter() -> None:
    converters = {"feed+msgpack": MsgPackConverter(), "feed+json": JSONConverter()}
    async with session_pair(converters=converters, subprotocols=["chat"]) as (client, server):
        for session in (client, server):
            assert session.subprotocol == "feed+msgpack"
            assert session.converter is converters["feed+msgpack"]
        await client.send_serialized([1, 2])
        assert await server.receive_deserialized(list[int]) == [1, 2]


async def test_compression_is_agreed_on() -> None:
    async with session_pair(extensions=[Deflate()]) as (client, server):
        assert client.extensions == server.extensions
        assert client.extensions[0].startswith("permessage-deflate")
        await client.send("hello " * 1000)
        assert (await server.receive()).data == b"hello " * 1000


async def test_the_ends_may_have_settings_of_their_own() -> None:
    small = SessionConfig(max_message_size=10)
    async with session_pair(server_config=small) as (client, server):
        assert client.config == SessionConfig()
        assert server.config is small
        await client.send("x" * 11)
        with pytest.raises(ConnectionClosedError, match="1009"):
            await server.receive()
        with pytest.raises(ConnectionClosedError, match="1009"):
            await client.receive()


async def test_large_messages_and_full_queues_push_back_as_on_a_network() -> None:
    config = SessionConfig(incoming_messages=4, outgoing_bytes=1000)
    async with session_pair(config=config) as (client, server):
        sent = 0

        async def send() -> None:
            nonlocal sent
            while True:
                await client.send(b"x" * 50_000)
                sent += 1

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(send)
            await anyio.sleep(0.05)
            assert sent < 20  # and there it stays
            for _ in range(50):
                assert len((await server.receive()).data) == 50_000
            tasks.cancel_scope.cancel()
        assert sent >= 50


# How it ends.


async def test_either_end_may_close() -> None:
    async with session_pair() as (client, server):
        await server.close(CloseReason(4001, "goodbye"))
        with pytest.raises(ConnectionClosedError, match="4001 goodbye") as caught:
            await client.receive()
        assert caught.value.by_peer
    assert client.close_reason == server.close_reason == CloseReason(4001, "goodbye")


async def test_leaving_the_block_closes_both() -> None:
    async with session_pair() as (client, server):
        pass
    assert client.close_reason == server.close_reason == CloseReason(1000)
    for session in (client, server):
        with pytest.raises(ConnectionClosedOK):
            await session.send("late")


async def test_the_server_gets_what_was_sent_before_the_end() -> None:
    async with session_pair() as (client, server):
        for number in range(10):
            await client.send_serialized(number)
    assert [number async for number in server.iter_deserialized(int)] == list(range(10))


async def test_a_handler_may_run_beside_the_test() -> None:
    handled: list[str] = []

    async def handler(session: ServerSession) -> None:
        async for name in session.iter_deserialized(str):
            await session.send_serialized(f"hello {name}")
            handled.append(name)

    async with anyio.create_task_group() as tasks:
        async with session_pair() as (client, server):
            tasks.start_soon(handler, server)
            await client.send_serialized("Ada")
            assert await client.receive_deserialized(str) == "hello Ada"
    assert handled == ["Ada"]


async def test_an_exception_leaves_as_itself_and_closes_with_1011() -> None:
    error = KeyError("mine")
    with pytest.raises(KeyError) as caught:
        async with session_pair() as (client, server):
            raise error
    assert caught.value is error
    assert error.__context__ is None
    assert client.close_reason == server.close_reason == CloseReason(1011)


async def test_a_cancelled_block_closes_with_1001() -> None:
    with anyio.CancelScope() as scope:
        async with session_pair() as (client, server):
            scope.cancel()
            await client.receive()
    assert scope.cancelled_caught
    assert client.close_reason == server.close_reason == CloseReason(1001)


async def test_cancelling_may_happen_at_every_step() -> None:
    for step in range(40):
        with anyio.CancelScope() as scope:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(cancel_after, step, scope)
                async with session_pair():
                    await anyio.sleep_forever()
        assert scope.cancelled_caught


async def cancel_after(steps: int, scope: anyio.CancelScope) -> None:
    for _ in range(steps):
        await anyio.lowlevel.checkpoint()
    scope.cancel()


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_its_task_may_be_cancelled_at_every_step() -> None:
    async def run() -> None:
        async with session_pair():
            await asyncio.sleep(60)

    for step in range(40):
        task = asyncio.create_task(run())
        for _ in range(step):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_leaving_is_quick() -> None:
    started = time.monotonic()
    for _ in range(20):
        async with session_pair() as (client, server):
            await client.send_serialized(1)
            await server.send_serialized(1)
    assert time.monotonic() - started < SOON


async def test_a_bad_message_harms_only_itself() -> None:
    async with session_pair() as (client, server):
        await client.send("{")
        await client.send_serialized(7)
        with pytest.raises(DeserializeError):
            await server.receive_deserialized(int)
        assert await server.receive_deserialized(int) == 7


async def test_pairs_may_be_nested() -> None:
    async with session_pair() as (outer, _), session_pair() as (inner, server):
        await inner.send_serialized("inner")
        assert await server.receive_deserialized(str) == "inner"
        assert outer.close_reason is None


async def test_a_pair_is_entered_once() -> None:
    pair = session_pair()
    async with pair:
        with pytest.raises(RuntimeError, match="entered before"):
            await pair.__aenter__()


async def test_a_request_that_a_server_would_refuse_is_refused() -> None:
    with pytest.raises(HandshakeRejectedError, match="431"):
        async with session_pair(headers={"X-A": "a" * 20_000}):
            pass


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"url": "http://api.test/"}, InvalidURLError),
        ({"headers": {"Host": "a"}}, ValueError),
        ({"subprotocols": ["no token"]}, ValueError),
        ({"subprotocols": "chat"}, TypeError),
        ({"extensions": ["permessage-deflate"]}, TypeError),
        ({"port": 80}, TypeError),
    ],
    ids=str,
)
def test_bad_options_are_refused_at_the_call(options: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        session_pair(**options)
