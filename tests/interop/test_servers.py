"""The client against servers that others wrote, over real sockets."""

from __future__ import annotations

import ssl

import anyio
import pytest
from msgspec import Struct
from pydantic import BaseModel

import typedws
from tests.interop.conftest import Certificates
from tests.interop.peers import Server, running_server
from typedws import (
    BinaryFrame,
    CBORConverter,
    CloseReason,
    Deflate,
    MsgPackConverter,
    PingFrame,
    PongFrame,
    SessionConfig,
    TextFrame,
)

pytestmark = pytest.mark.anyio

MIB = 1024 * 1024

without_asgi = pytest.mark.parametrize("server", ["websockets", "aiohttp", "node-ws"], indirect=True)
only_asgi = pytest.mark.parametrize("server", ["uvicorn-websockets", "uvicorn-wsproto"], indirect=True)
sending_fragments = pytest.mark.parametrize("server", ["websockets", "node-ws"], indirect=True)


class Order(Struct):
    symbol: str
    price: float
    tags: list[str]


class Invoice(BaseModel):
    number: int
    text: str
    orders: list[dict[str, float]]


class Cancel(Struct, tag="cancel"):
    number: int


class Amend(Struct, tag="amend"):
    number: int
    price: float


@pytest.mark.parametrize(
    "message",
    [Order("BTC-USD", 64250.25, ["größer", "大きい"]), Invoice(number=7, text="für 7 €", orders=[{"BTC-USD": 0.5}])],
    ids=["msgspec", "pydantic"],
)
async def test_a_typed_message_comes_back_as_it_was(server: Server, message: Order | Invoice) -> None:
    async with typedws.connect(server.url("/echo")) as session:
        await session.send_serialized(message)
        assert await session.receive_deserialized(type(message)) == message
        assert session.converter is not None
        assert session.converter.name == "json"
    assert session.close_reason == CloseReason(1000)


async def test_a_union_comes_back_as_the_right_member(server: Server) -> None:
    async with typedws.connect(server.url("/echo")) as session:
        await session.send_serialized(Cancel(1))
        await session.send_serialized(Amend(2, 0.5))
        assert await session.receive_deserialized(Cancel | Amend) == Cancel(1)
        assert await session.receive_deserialized(Cancel | Amend) == Amend(2, 0.5)


async def test_the_negotiated_subprotocol_decides_the_converter(server: Server) -> None:
    converters = {"echo.cbor": CBORConverter(), "echo.msgpack": MsgPackConverter()}
    async with typedws.connect(server.url("/echo"), converters=converters) as session:
        assert session.subprotocol == "echo.msgpack"
        assert session.converter is converters["echo.msgpack"]
        await session.send_serialized(Amend(1, 2.5))
        assert await session.receive_deserialized(Amend) == Amend(1, 2.5)


async def test_without_a_common_subprotocol_the_default_converter_is_used(server: Server) -> None:
    async with typedws.connect(server.url("/echo"), converters={"echo.cbor": CBORConverter()}) as session:
        assert session.subprotocol is None
        assert session.converter is not None
        assert session.converter.name == "json"
        await session.send_serialized(Cancel(1))
        assert await session.receive_deserialized(Cancel) == Cancel(1)


@pytest.mark.parametrize("item", ["text: größer, 大きい, 🎈", "", b"binary: \x00\xff", b""])
async def test_a_raw_message_comes_back_as_it_was(server: Server, item: str | bytes) -> None:
    async with typedws.connect(server.url("/echo")) as session:
        await session.send(item)
        expected = TextFrame(item) if isinstance(item, str) else BinaryFrame(item)
        assert await session.receive() == expected


@pytest.mark.parametrize("item", ["é" * (MIB // 2), bytes(range(256)) * (MIB // 256)], ids=["text", "binary"])
async def test_a_message_of_1_mib_travels_both_ways(server: Server, item: str | bytes) -> None:
    async with typedws.connect(server.url("/echo")) as session:
        await session.send(item)
        frame = await session.receive()
        assert len(frame.data) == MIB
        assert frame == (TextFrame(item) if isinstance(item, str) else BinaryFrame(item))


async def test_our_fragments_arrive_as_one_message(server: Server) -> None:
    async with typedws.connect(server.url("/echo"), config=SessionConfig(raw=True)) as session:
        for part in ("one ", "two "):
            await session.send(TextFrame(part, fin=False))
        await session.ping()  # control frames may stand between fragments (RFC 6455 section 5.4)
        await session.send(TextFrame("three"))
        received = [await session.receive()]
        while not isinstance(received[-1], TextFrame) or not received[-1].fin:
            received.append(await session.receive())
        text = b"".join(frame.data for frame in received if isinstance(frame, TextFrame))
        assert text == b"one two three"


@sending_fragments
async def test_fragments_of_the_server_arrive_as_one_message(server: Server) -> None:
    async with typedws.connect(server.url("/fragments")) as session:
        assert await session.receive() == TextFrame("one two three")


@sending_fragments
async def test_fragments_of_the_server_are_seen_one_by_one_in_raw_mode(server: Server) -> None:
    async with typedws.connect(server.url("/fragments"), config=SessionConfig(raw=True)) as session:
        frames = [await session.receive()]
        while not frames[-1].fin:
            frames.append(await session.receive())
        assert len(frames) >= 3
        assert b"".join(frame.data for frame in frames) == b"one two three"


async def test_a_ping_is_answered(server: Server) -> None:
    async with typedws.connect(server.url("/echo")) as session:
        seconds = await session.ping()
        assert 0 < seconds < 10
        assert session.latency == seconds


async def test_keepalive_pings_are_answered_again_and_again(server: Server) -> None:
    async with typedws.connect(server.url("/echo"), config=SessionConfig(raw=True, ping_interval=0.02)) as session:
        pongs = 0
        while pongs < 3:
            pongs += isinstance(await session.receive(), PongFrame)
        assert session.latency is not None


@without_asgi
async def test_a_ping_of_the_server_is_answered(server: Server) -> None:
    async with typedws.connect(server.url("/ping")) as session:
        assert await session.receive() == TextFrame("a pong came")


@only_asgi
async def test_the_keepalive_of_the_server_is_answered(server: Server) -> None:
    async with typedws.connect(server.url("/echo"), config=SessionConfig(raw=True)) as session:
        pings = [await session.receive(), await session.receive()]
        # uvicorn sends the second one only after the Pong to the first
        assert [type(frame) for frame in pings] == [PingFrame, PingFrame]


async def test_the_server_closes_and_we_learn_its_code_and_reason(server: Server) -> None:
    async with typedws.connect(server.url("/close")) as session:
        with pytest.raises(typedws.ConnectionClosedError) as caught:
            await session.receive()
        assert caught.value.by_peer
        assert caught.value.received == caught.value.reason == CloseReason(4001, "enough")
        assert await session.wait_closed() == CloseReason(4001, "enough")
        with pytest.raises(typedws.ConnectionClosedError):
            await session.send("too late")


async def test_our_close_is_answered_by_the_server(server: Server) -> None:
    async with typedws.connect(server.url("/echo")) as session:
        await session.send("a message")
        assert await session.receive() == TextFrame("a message")
        await session.close(CloseReason(4000, "done"))
        with pytest.raises(typedws.ConnectionClosedError) as caught:
            await session.receive()
        assert not caught.value.by_peer
        assert caught.value.sent == session.close_reason == CloseReason(4000, "done")
        assert caught.value.received is not None
        assert caught.value.received.code in (4000, 1000), "most send the code back; aiohttp always says 1000"


@pytest.mark.parametrize("status", [403, 404])
async def test_a_refused_handshake_tells_status_and_body(server: Server, status: int) -> None:
    with pytest.raises(typedws.HandshakeRejectedError) as caught:
        async with typedws.connect(server.url(f"/refuse/{status}")):
            pytest.fail("the handshake was not refused")
    assert caught.value.call is not None
    assert caught.value.call.response is not None
    assert caught.value.call.response.status == status
    assert caught.value.call.response.body == b"not for you"


async def test_a_dropped_connection_is_1006_after_the_messages_before_it(server: Server) -> None:
    async with typedws.connect(server.url("/drop")) as session:
        await session.send("drop it")
        with pytest.raises(typedws.ConnectionClosedError) as caught:
            await session.receive()
        assert caught.value.reason.code == 1006
        assert caught.value.received is None
        assert not caught.value.by_peer
        assert (await session.wait_closed()).code == 1006


async def test_a_killed_server_is_1006(certificates: Certificates) -> None:
    with running_server("uvicorn-websockets", certificates.chain) as server:
        async with typedws.connect(server.url("/echo")) as session:
            await session.send("a message")
            assert await session.receive() == TextFrame("a message")
            server.process.kill()
            with pytest.raises(typedws.ConnectionClosedError) as caught:
                while True:
                    await session.receive()
            assert caught.value.reason.code == 1006


async def test_typed_messages_travel_over_tls(server: Server, certificates: Certificates) -> None:
    async with typedws.connect(server.secure_url("/echo"), ssl_context=certificates.client_context()) as session:
        await session.send_serialized(Amend(1, 2.5))
        assert await session.receive_deserialized(Amend) == Amend(1, 2.5)
        await session.send(b"x" * MIB)
        assert await session.receive() == BinaryFrame(b"x" * MIB)
    assert session.close_reason == CloseReason(1000)


async def test_tls_compression_and_a_subprotocol_go_together(server: Server, certificates: Certificates) -> None:
    async with typedws.connect(
        server.secure_url("/echo"),
        ssl_context=certificates.client_context(),
        extensions=[Deflate()],
        converters={"echo.msgpack": MsgPackConverter()},
    ) as session:
        assert session.extensions[0].startswith("permessage-deflate")
        assert session.subprotocol == "echo.msgpack"
        orders = [Order("BTC-USD", number / 4, ["over and over"] * 100) for number in range(100)]
        for order in orders:
            await session.send_serialized(order)
        assert [await session.receive_deserialized(Order) for _ in orders] == orders


async def test_over_tls_we_learn_how_the_server_closed(server: Server, certificates: Certificates) -> None:
    context = certificates.client_context()
    async with typedws.connect(server.secure_url("/close"), ssl_context=context) as session:
        assert await session.wait_closed() == CloseReason(4001, "enough")
    async with typedws.connect(server.secure_url("/drop"), ssl_context=context) as session:
        await session.send("drop it")
        assert (await session.wait_closed()).code == 1006


async def test_an_unknown_authority_is_refused(server: Server) -> None:
    with pytest.raises(typedws.ConnectError) as caught:
        async with typedws.connect(server.secure_url("/echo")):
            pytest.fail("the certificate was not checked")
    assert isinstance(caught.value.__cause__, ssl.SSLCertVerificationError)


async def test_a_certificate_for_another_host_is_refused(server: Server, certificates: Certificates) -> None:
    context = certificates.client_context()
    with pytest.raises(typedws.ConnectError) as caught:
        async with typedws.connect(server.secure_url("/echo"), ssl_context=context, server_hostname="example.com"):
            pytest.fail("the host name was not checked")
    assert isinstance(caught.value.__cause__, ssl.SSLCertVerificationError)


async def test_many_sessions_share_a_client_and_keep_their_order(server: Server) -> None:
    async def talk(client: typedws.WebSocketClient, first: int) -> None:
        async with client.websocket(server.url("/echo")) as session:
            for number in range(first, first + 50):
                await session.send_serialized(Cancel(number))
            for number in range(first, first + 50):
                assert await session.receive_deserialized(Cancel) == Cancel(number)

    async with typedws.WebSocketClient() as client, anyio.create_task_group() as tasks:
        for first in range(0, 1000, 50):
            tasks.start_soon(talk, client, first)


async def test_a_stream_that_is_connected_already_carries_a_session(server: Server) -> None:
    stream = await anyio.connect_tcp("127.0.0.1", server.ports["ws"])
    async with typedws.wrap_stream(stream, server.url("/echo")) as session:
        await session.send_serialized(Amend(1, 2.5))
        assert await session.receive_deserialized(Amend) == Amend(1, 2.5)
    assert session.close_reason == CloseReason(1000)
