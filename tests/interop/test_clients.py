"""Clients that others wrote against `serve`, over real sockets."""

from __future__ import annotations

import json

import pytest
from msgspec import Struct
from pydantic import BaseModel

import typedws
from tests.interop.conftest import Certificates
from tests.interop.peers import Client
from typedws import CloseReason, Deflate, PydanticConverter, Request, Response, ServerSession, SessionConfig, TextFrame

pytestmark = pytest.mark.anyio

MIB = 1024 * 1024

without_aiohttp = pytest.mark.parametrize("client", ["websockets", "node-ws"], indirect=True)


class Order(Struct):
    symbol: str
    price: float


class OrderModel(BaseModel):
    symbol: str
    price: float


ORDERS = [json.dumps({"symbol": symbol, "price": 1.5}) for symbol in ("BTC-USD", "größer", "大きい")]


class Echo:
    """A handler that sends every order back as it understood it, and keeps its sessions."""

    def __init__(self, kind: type[Order] | type[OrderModel] = Order) -> None:
        self.kind = kind
        self.sessions: list[ServerSession] = []

    async def __call__(self, session: ServerSession) -> None:
        self.sessions.append(session)
        async for order in session.iter_deserialized(self.kind):
            await session.send_serialized(order)


async def echo_frames(session: ServerSession) -> None:
    async for frame in session.incoming:
        await session.send(frame)


@pytest.mark.parametrize("kind", [Order, OrderModel], ids=["msgspec", "pydantic"])
async def test_typed_messages_are_exchanged(client: Client, kind: type[Order] | type[OrderModel]) -> None:
    handler = Echo(kind)
    async with typedws.serve(handler, "127.0.0.1", 0) as server:
        result = await client.run("echo", server.url, messages=ORDERS, close=[4000, "done"])
        assert [json.loads(text) for text in result["messages"]] == [json.loads(text) for text in ORDERS]
        assert result["extensions"] == ""
        assert await handler.sessions[0].wait_closed() == CloseReason(4000, "done")


async def test_the_negotiated_subprotocol_decides_the_converter(client: Client) -> None:
    handler = Echo(OrderModel)
    converters = {"orders.v2": PydanticConverter(), "orders.v1": typedws.JSONConverter()}
    async with typedws.serve(handler, "127.0.0.1", 0, converters=converters) as server:
        result = await client.run("echo", server.url, messages=ORDERS, subprotocols=["orders.v3", "orders.v2"])
        assert result["subprotocol"] == handler.sessions[0].subprotocol == "orders.v2"
        assert handler.sessions[0].converter is converters["orders.v2"]
        assert len(result["messages"]) == len(ORDERS)


async def test_a_message_of_1_mib_travels_both_ways(client: Client) -> None:
    async with typedws.serve(echo_frames, "127.0.0.1", 0) as server:
        text = "é" * (MIB // 2)
        result = await client.run("echo", server.url, messages=[text])
        assert result["messages"] == [text]


@without_aiohttp
async def test_fragments_arrive_as_one_message(client: Client) -> None:
    async with typedws.serve(echo_frames, "127.0.0.1", 0) as server:
        result = await client.run("fragments", server.url, messages=["one ", "two ", "three"])
        assert result["messages"] == ["one two three"]


async def test_our_fragments_arrive_as_one_message(client: Client) -> None:
    async def speak(session: ServerSession) -> None:
        await session.send(TextFrame("one ", fin=False))
        await session.send(TextFrame("two ", fin=False))
        await session.send(TextFrame("three"))

    async with typedws.serve(speak, "127.0.0.1", 0, config=SessionConfig(raw=True)) as server:
        result = await client.run("listen", server.url)
        assert result["messages"] == ["one two three"]


async def test_a_ping_is_answered(client: Client) -> None:
    async with typedws.serve(echo_frames, "127.0.0.1", 0) as server:
        assert (await client.run("ping", server.url))["messages"] == []


async def test_our_ping_is_answered(client: Client) -> None:
    async def ask(session: ServerSession) -> None:
        await session.ping()
        await session.send("a pong came")

    async with typedws.serve(ask, "127.0.0.1", 0) as server:
        result = await client.run("listen", server.url)
        assert result["messages"] == ["a pong came"]
        assert result["code"] == 1000


async def test_our_close_is_told_with_code_and_reason(client: Client) -> None:
    async def leave(session: ServerSession) -> None:
        await session.send("last words")
        await session.close(CloseReason(4001, "enough"))

    async with typedws.serve(leave, "127.0.0.1", 0) as server:
        result = await client.run("listen", server.url)
        assert result["messages"] == ["last words"]
        assert (result["code"], result["reason"]) == (4001, "enough")


@without_aiohttp
async def test_a_client_that_drops_the_connection_is_1006(client: Client) -> None:
    handler = Echo()
    async with typedws.serve(handler, "127.0.0.1", 0) as server:
        await client.run("drop", server.url, messages=ORDERS)
        assert (await handler.sessions[0].wait_closed()).code == 1006


async def test_the_request_of_the_client_can_be_read(client: Client) -> None:
    handler = Echo()
    async with typedws.serve(handler, "127.0.0.1", 0) as server:
        await client.run("echo", f"{server.url}/orders?day=today", messages=ORDERS)
        request = handler.sessions[0].call.request
        assert (request.path, request.query) == ("/orders", "day=today")
        assert request.headers["Host"] == f"127.0.0.1:{server.port}"


async def test_a_failing_handler_is_1011(client: Client) -> None:
    async def fail(session: ServerSession) -> None:
        raise RuntimeError("as asked")

    async with typedws.serve(fail, "127.0.0.1", 0) as server:
        assert (await client.run("listen", server.url))["code"] == 1011


async def test_a_message_of_the_wrong_type_leaves_the_session_open(client: Client) -> None:
    async def forgive(session: ServerSession) -> None:
        try:
            await session.receive_deserialized(Order)
        except typedws.DeserializeError:
            await session.send_serialized({"sorry": "that is no order"})
        await session.send_serialized(await session.receive_deserialized(Order))
        await session.wait_closed()

    async with typedws.serve(forgive, "127.0.0.1", 0) as server:
        result = await client.run("echo", server.url, messages=['{"symbol": 7}', ORDERS[0]])
        assert json.loads(result["messages"][0]) == {"sorry": "that is no order"}
        assert json.loads(result["messages"][1]) == json.loads(ORDERS[0])


@pytest.mark.parametrize("status", [403, 404])
async def test_a_refusal_is_told_with_status_and_body(client: Client, status: int) -> None:
    def refuse(request: Request) -> Response:
        return Response(status, body=b"not for you")

    async with typedws.serve(echo_frames, "127.0.0.1", 0, process_request=refuse) as server:
        result = await client.run("listen", server.url)
        assert result["status"] == status
        assert result["body"] in ("not for you", None)


async def test_typed_messages_travel_over_tls(client: Client, certificates: Certificates) -> None:
    async with typedws.serve(Echo(), "127.0.0.1", 0, ssl_context=certificates.server_context()) as server:
        url = f"wss://localhost:{server.port}"
        trust = {"authority": str(certificates.authority)}
        result = await client.run("echo", url, messages=ORDERS, close=[1000, ""], **trust)
        assert [json.loads(text) for text in result["messages"]] == [json.loads(text) for text in ORDERS]
        assert result["code"] == 1000


async def test_tls_compression_and_a_subprotocol_go_together(client: Client, certificates: Certificates) -> None:
    handler = Echo()
    async with typedws.serve(
        handler,
        "127.0.0.1",
        0,
        converter=None,
        converters={"orders.v1": typedws.JSONConverter()},
        extensions=[Deflate()],
        ssl_context=certificates.server_context(),
    ) as server:
        result = await client.run(
            "echo",
            f"wss://localhost:{server.port}",
            messages=ORDERS * 30,
            authority=str(certificates.authority),
            subprotocols=["orders.v1"],
            compress=True,
        )
        assert [json.loads(text) for text in result["messages"]] == [json.loads(text) for text in ORDERS * 30]
        assert result["subprotocol"] == "orders.v1"
        assert result["extensions"].startswith("permessage-deflate")
        assert handler.sessions[0].extensions[0].startswith("permessage-deflate")
