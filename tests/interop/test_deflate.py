"""permessage-deflate with servers and clients that others wrote: what it says, and what it saves on the wire."""

from __future__ import annotations

import random

import pytest
from msgspec import Struct

import typedws
from tests.interop.peers import Client, Server
from tests.interop.relay import Relay, relay_to
from typedws import BinaryFrame, ClientSession, Deflate, ServerSession, SessionConfig, TextFrame

pytestmark = pytest.mark.anyio

MIB = 1024 * 1024

REPETITIVE = "typed messages over and over, " * 3000
SMALL = len(REPETITIVE) // 10
"""Bytes that all messages of a test stay below when they are compressed, even with the smallest window."""

NOISE = random.Random(7692).randbytes(1000)
"""What only a window that still holds it can make smaller."""

with_full_window = pytest.mark.parametrize("server", ["aiohttp", "node-ws"], indirect=True)


class Order(Struct):
    symbol: str
    price: float


async def cost_of_echo(relay: Relay, session: ClientSession, data: bytes) -> tuple[int, int]:
    """The bytes that a message takes to the server and back."""
    sent, received = relay.sent, relay.received
    await session.send(data)
    assert await session.receive() == BinaryFrame(data)
    return relay.sent - sent, relay.received - received


@pytest.mark.parametrize(
    "offer",
    [
        pytest.param(Deflate(), id="defaults"),
        pytest.param(Deflate(client_no_context_takeover=True), id="client-forgets"),
        pytest.param(Deflate(server_no_context_takeover=True), id="server-forgets"),
        pytest.param(Deflate(client_no_context_takeover=True, server_no_context_takeover=True), id="both-forget"),
        pytest.param(Deflate(client_max_window_bits=9), id="client-9"),
        pytest.param(Deflate(server_max_window_bits=9), id="server-9"),
        pytest.param(Deflate(server_max_window_bits=10, server_no_context_takeover=True), id="server-10-forgets"),
        pytest.param(Deflate(client_max_window_bits=15), id="client-15"),
    ],
)
async def test_messages_are_smaller_on_the_wire(server: Server, offer: Deflate) -> None:
    async with relay_to(server.ports["ws"]) as relay:
        url = f"ws://127.0.0.1:{relay.port}/echo"
        async with typedws.connect(url, extensions=[offer]) as session:
            assert session.extensions[0].startswith("permessage-deflate")
            for size in (len(REPETITIVE), 10_000, 100):
                await session.send(REPETITIVE[:size])
                assert await session.receive() == TextFrame(REPETITIVE[:size])
            await session.ping()
            await session.send_serialized(Order("BTC-USD", 0.5))
            assert await session.receive_deserialized(Order) == Order("BTC-USD", 0.5)
        assert relay.sent < SMALL
        assert relay.received < SMALL


async def test_without_an_offer_nothing_is_compressed(server: Server) -> None:
    async with relay_to(server.ports["ws"]) as relay:
        async with typedws.connect(f"ws://127.0.0.1:{relay.port}/echo") as session:
            assert session.extensions == ()
            await session.send(REPETITIVE)
            assert await session.receive() == TextFrame(REPETITIVE)
        assert relay.sent > len(REPETITIVE)
        assert relay.received > len(REPETITIVE)


async def test_with_context_takeover_a_repeated_message_costs_next_to_nothing(server: Server) -> None:
    async with relay_to(server.ports["ws"]) as relay:
        url = f"ws://127.0.0.1:{relay.port}/echo"
        async with typedws.connect(url, extensions=[Deflate()]) as session:
            assert min(await cost_of_echo(relay, session, NOISE)) > len(NOISE)
            assert max(await cost_of_echo(relay, session, NOISE)) < 100


async def test_without_context_takeover_a_repeated_message_costs_as_much_again(server: Server) -> None:
    offer = Deflate(client_no_context_takeover=True, server_no_context_takeover=True)
    async with relay_to(server.ports["ws"]) as relay:
        url = f"ws://127.0.0.1:{relay.port}/echo"
        async with typedws.connect(url, extensions=[offer]) as session:
            await cost_of_echo(relay, session, NOISE)
            assert min(await cost_of_echo(relay, session, NOISE)) > len(NOISE)


async def test_a_small_window_forgets_what_a_larger_one_holds(server: Server) -> None:
    offer = Deflate(client_max_window_bits=9, server_max_window_bits=9)
    async with relay_to(server.ports["ws"]) as relay:
        url = f"ws://127.0.0.1:{relay.port}/echo"
        async with typedws.connect(url, extensions=[offer]) as session:
            await cost_of_echo(relay, session, NOISE)
            assert min(await cost_of_echo(relay, session, NOISE)) > len(NOISE), "512 bytes of window"


@with_full_window
async def test_a_full_window_holds_a_message_of_20_kb(server: Server) -> None:
    noise = random.Random(15).randbytes(20_000)
    async with relay_to(server.ports["ws"]) as relay:
        url = f"ws://127.0.0.1:{relay.port}/echo"
        async with typedws.connect(url, extensions=[Deflate(client_max_window_bits=15)]) as session:
            await cost_of_echo(relay, session, noise)
            assert max(await cost_of_echo(relay, session, noise)) < 1000


async def test_what_cannot_be_compressed_travels_all_the_same(server: Server) -> None:
    noise = random.Random(16).randbytes(MIB)
    async with typedws.connect(server.url("/echo"), extensions=[Deflate()]) as session:
        await session.send(noise)
        assert await session.receive() == BinaryFrame(noise)


async def test_compressed_fragments_arrive_as_one_message(server: Server) -> None:
    async with typedws.connect(server.url("/echo"), extensions=[Deflate()], config=SessionConfig(raw=True)) as session:
        for part in (REPETITIVE[:50_000], "", REPETITIVE[50_000:70_000]):
            await session.send(TextFrame(part, fin=False))
        await session.send(TextFrame(REPETITIVE[70_000:]))
        frames = [await session.receive()]
        while not isinstance(frames[-1], TextFrame) or not frames[-1].fin:
            frames.append(await session.receive())
        assert b"".join(frame.data for frame in frames if isinstance(frame, TextFrame)).decode() == REPETITIVE


@pytest.mark.parametrize(
    "accepted",
    [
        pytest.param(Deflate(), id="defaults"),
        pytest.param(Deflate(client_no_context_takeover=True, server_no_context_takeover=True), id="both-forget"),
        pytest.param(Deflate(client_max_window_bits=9, server_max_window_bits=9), id="both-9"),
        pytest.param(Deflate(client_max_window_bits=15, server_max_window_bits=15), id="both-15"),
    ],
)
async def test_a_client_by_others_saves_as_much(client: Client, accepted: Deflate) -> None:
    async def echo(session: ServerSession) -> None:
        async for frame in session.incoming:
            await session.send(frame)

    async with typedws.serve(echo, "127.0.0.1", 0, extensions=[accepted]) as server, relay_to(server.port) as relay:
        messages = [REPETITIVE, REPETITIVE[:1000], "short", "", REPETITIVE[:1000]]
        result = await client.run("echo", f"ws://127.0.0.1:{relay.port}", messages=messages, compress=True)
        assert result["messages"] == messages
        assert result["extensions"].startswith("permessage-deflate")
        assert relay.sent < SMALL
        assert relay.received < SMALL


async def test_a_client_by_others_is_not_compressed_to_unless_the_server_says_so(client: Client) -> None:
    async def echo(session: ServerSession) -> None:
        assert session.extensions == ()
        async for frame in session.incoming:
            await session.send(frame)

    async with typedws.serve(echo, "127.0.0.1", 0) as server:
        result = await client.run("echo", server.url, messages=[REPETITIVE], compress=True)
        assert result["messages"] == [REPETITIVE]
        assert result["extensions"] == ""
