"""What only the opening handshake needs is gone once a session is open: there may be ten thousand of them."""

from __future__ import annotations

import gc
from collections import Counter

import pytest

from tests.peers import connected
from typedws.client import WebSocketClient, connect
from typedws.converters.json import JSONConverter
from typedws.server import serve
from typedws.session import ServerSession

pytestmark = pytest.mark.anyio

OF_THE_HANDSHAKE = ("wsproto.", "h11.")
NAMES = {"Accepted", "AsyncioConduit", "ClientHandshake", "ClientOptions", "HeadReader", "Opening", "ServerHandshake"}


def of_the_handshake() -> Counter[str]:
    """What there is of it, by class."""
    gc.collect()
    kinds = map(type, gc.get_objects())
    return Counter(
        f"{kind.__module__}.{kind.__name__}"
        for kind in kinds
        if str(kind.__module__).startswith(OF_THE_HANDSHAKE)
        or (str(kind.__module__).startswith("typedws.") and kind.__name__ in NAMES)
    )


async def stay(session: ServerSession) -> None:
    await session.wait_closed()


async def test_a_block_and_a_server_keep_nothing_of_the_handshake() -> None:
    before = of_the_handshake()
    async with serve(stay, "127.0.0.1", 0) as server:
        block = connect(server.url)
        async with block as session:
            await session.ping()  # the server has done with it as well
            assert of_the_handshake() - before == Counter()


async def test_a_client_keeps_nothing_but_its_settings() -> None:
    before = of_the_handshake()
    async with serve(stay, "127.0.0.1", 0) as server, WebSocketClient() as client:
        for _ in range(3):
            session = await client.websocket_session(server.url)
            await session.ping()
        assert of_the_handshake() - before == {"typedws.client_options.ClientOptions": 1}


async def test_a_block_is_entered_once() -> None:
    async with serve(stay, "127.0.0.1", 0) as server:
        block = connect(server.url)
        async with block:
            with pytest.raises(RuntimeError, match="entered before"):
                await block.__aenter__()


async def test_sessions_that_write_do_not_share_what_they_have_learned() -> None:
    converter = JSONConverter()
    async with connected(converter=converter) as (one, _), connected(converter=converter) as (other, _):
        await one.send_serialized({"n": 1})
        await one.send_serialized({"n": 2})
        assert one._link.writers
        assert not other._link.writers
