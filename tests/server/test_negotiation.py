"""What server and client agree on: subprotocol, converter, extensions."""

from __future__ import annotations

import zlib

import pytest

from tests.peers import BINARY, CLOSE, TEXT, frame
from tests.server.guests import MASK, UPGRADE, guest, request
from tests.server.handlers import echo
from typedws import (
    CBORConverter,
    ConverterNotFoundError,
    Deflate,
    JSONConverter,
    MsgPackConverter,
    ServerSession,
    WebsocketContentConverter,
    connect,
    serve,
)

pytestmark = pytest.mark.anyio

CONVERTERS = {"feed+cbor": CBORConverter(), "feed+msgpack": MsgPackConverter(), "feed+json": JSONConverter()}


async def tell(session: ServerSession) -> None:
    """Says what was agreed on, by the session's converter."""
    assert session.converter is not None
    await session.send_serialized([session.subprotocol, session.converter.name, *session.extensions])


@pytest.mark.parametrize(
    ("offered", "agreed"),
    [
        (["feed+cbor", "feed+msgpack", "feed+json"], "feed+cbor"),
        (["feed+json", "feed+msgpack"], "feed+msgpack"),  # the server's order decides
        (["feed+json"], "feed+json"),
        (["chat", "feed+json"], "feed+json"),
        (["feed+json", "feed+json"], "feed+json"),
    ],
    ids=str,
)
async def test_the_first_common_subprotocol_in_the_servers_order_decides(offered: list[str], agreed: str) -> None:
    seen: list[tuple[str | None, WebsocketContentConverter | None]] = []

    async def look(session: ServerSession) -> None:
        seen.append((session.subprotocol, session.converter))

    async with serve(look, "127.0.0.1", 0, converters=CONVERTERS) as server, guest(server) as client:
        await client.ask(f"Sec-WebSocket-Protocol: {', '.join(offered)}")
        answer = await client.answer()
        assert answer.status == 101
        assert answer.headers["sec-websocket-protocol"] == agreed
        assert await client.closing() == 1000
    assert seen == [(agreed, CONVERTERS[agreed])]


async def test_both_ends_get_the_converter_of_the_subprotocol() -> None:
    async with serve(tell, "127.0.0.1", 0, converters=CONVERTERS) as server:
        for name, converter in CONVERTERS.items():
            async with connect(server.url, converters={name: converter}) as session:
                assert session.subprotocol == name
                assert session.converter is converter
                assert await session.receive_deserialized(list[str]) == [name, converter.name]


@pytest.mark.parametrize("offered", [[], ["chat"]], ids=str)
async def test_without_a_common_subprotocol_the_default_converter_serves(offered: list[str]) -> None:
    async with serve(tell, "127.0.0.1", 0, converters=CONVERTERS) as server:
        async with connect(server.url, subprotocols=offered) as session:
            assert session.subprotocol is None
            assert await session.receive_deserialized(list[str | None]) == [None, "json"]


async def test_the_default_converter_may_be_another_one() -> None:
    async with (
        serve(tell, "127.0.0.1", 0, converter=MsgPackConverter()) as server,
        connect(server.url, converter=MsgPackConverter()) as session,
    ):
        assert await session.receive_deserialized(list[str | None]) == [None, "msgpack"]


async def test_further_subprotocols_come_after_those_with_a_converter_and_use_the_default() -> None:
    cbor = CBORConverter()
    async with serve(tell, "127.0.0.1", 0, converters={"feed+cbor": cbor}, subprotocols=["chat", "talk"]) as server:
        async with connect(server.url, subprotocols=["talk", "chat"]) as session:
            assert await session.receive_deserialized(list[str]) == ["chat", "json"]
        async with connect(server.url, subprotocols=["talk", "feed+cbor", "chat"], converter=cbor) as session:
            assert await session.receive_deserialized(list[str]) == ["feed+cbor", "cbor"]


async def test_a_server_without_a_converter_sees_frames_only() -> None:
    failed: list[Exception] = []

    async def look(session: ServerSession) -> None:
        assert session.converter is None
        with pytest.raises(ConverterNotFoundError) as caught:
            await session.receive_deserialized(str)
        failed.append(caught.value)
        await session.send(await session.receive())  # no message was lost

    async with serve(look, "127.0.0.1", 0, converter=None) as server, connect(server.url) as session:
        await session.send("hello")
        assert (await session.receive()).data == b"hello"
    assert len(failed) == 1


# Compression.

OFFER = "Sec-WebSocket-Extensions: permessage-deflate"


async def test_compression_is_used_where_both_want_it() -> None:
    async with serve(echo, "127.0.0.1", 0, extensions=[Deflate()]) as server:
        async with connect(server.url, extensions=[Deflate()]) as session:
            assert len(session.extensions) == 1
            assert session.extensions[0].startswith("permessage-deflate")
            await session.send("hello " * 1000)
            assert (await session.receive()).data == b"hello " * 1000


async def test_compression_is_not_used_unless_the_client_offers_it() -> None:
    async with serve(echo, "127.0.0.1", 0, extensions=[Deflate()]) as server:
        async with connect(server.url) as session:
            assert session.extensions == ()
        async with guest(server) as client:
            await client.ask()
            assert "sec-websocket-extensions" not in (await client.answer()).headers


async def test_compression_is_not_used_unless_the_server_accepts_it() -> None:
    async with serve(echo, "127.0.0.1", 0) as server, guest(server) as client:
        await client.ask(OFFER)
        answer = await client.answer()
        assert answer.status == 101
        assert "sec-websocket-extensions" not in answer.headers


async def test_an_extension_that_nobody_here_knows_is_passed_over() -> None:
    async with serve(echo, "127.0.0.1", 0, extensions=[Deflate()]) as server, guest(server) as client:
        await client.ask("Sec-WebSocket-Extensions: x-webkit-frob; a=1, permessage-deflate; client_max_window_bits")
        answer = await client.answer()
        assert answer.status == 101
        assert answer.headers["sec-websocket-extensions"].startswith("permessage-deflate")


async def test_what_is_agreed_on_is_what_travels() -> None:
    async def shout(session: ServerSession) -> None:
        await session.send("hello " * 100)

    async with serve(shout, "127.0.0.1", 0, extensions=[Deflate()]) as server, guest(server) as client:
        await client.ask(OFFER)
        assert (await client.answer()).headers["sec-websocket-extensions"].startswith("permessage-deflate")
        sent = await client.frame()
        assert sent.opcode == TEXT
        assert zlib.decompressobj(-15).decompress(sent.payload + b"\x00\x00\xff\xff") == b"hello " * 100


async def test_a_message_may_follow_the_request_at_once() -> None:
    """A client that does not wait for the answer, against the rules, is still understood."""
    async with serve(echo, "127.0.0.1", 0) as server, guest(server) as client:
        await client.send(request(*UPGRADE) + frame(BINARY, b"early", mask=MASK))
        assert (await client.answer()).status == 101
        assert (await client.frame()).payload == b"early"
        await client.say(CLOSE)
        assert (await client.frame()).opcode == CLOSE
