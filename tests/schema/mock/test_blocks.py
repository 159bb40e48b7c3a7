"""The block of a mock server: what entering and leaving it does."""

from __future__ import annotations

import sys
from pathlib import Path

import anyio
import pytest

from tests.schema.mock.apis import PRICES, contract_of
from typedws import ConnectError, SchemaError, WebSocketClient, connect
from typedws.schema.document import load
from typedws.schema.mocking import mock

pytestmark = pytest.mark.anyio


class Ours(Exception):
    pass


async def test_an_exception_leaves_as_itself_and_nothing_is_left() -> None:
    before = set(sys.modules)
    with pytest.raises(Ours):
        async with mock(contract_of(PRICES), interval=0.01) as server:
            async with connect(server.url) as session:
                await session.receive()
                raise Ours
    assert {name for name in set(sys.modules) - before if "typedws_mock" in name} == set()
    with pytest.raises(ConnectError):
        async with connect(server.url):
            pass


async def test_clients_that_stay_are_sent_away() -> None:
    async with WebSocketClient() as client:
        async with mock(contract_of(PRICES), interval=0.01) as server:
            session = await client.websocket_session(server.url)
            await session.receive()
        assert (await session.wait_closed()).code == 1001
    assert server.clients == ()


async def test_a_client_that_reads_nothing_keeps_nobody() -> None:
    with anyio.fail_after(15):
        async with mock(contract_of(PRICES), interval=0.001) as server, connect(server.url) as session:
            for number in range(200):
                await session.send(f'{{"type": "subscribe", "channel": "ticker", "symbols": ["{number}"]}}')
            await anyio.sleep(0.3)


async def test_documents_are_given_as_files_or_read_already(tmp_path: Path) -> None:
    file = tmp_path / "prices.yaml"
    file.write_text(PRICES, encoding="utf-8")
    for source in (file, str(file), load(file), contract_of(PRICES)):
        async with mock(source, greeting=False) as server:  # its own module
            async with connect(server.url) as session:
                await session.send('{"type": "note", "text": "x"}')
                received = await server.wait_received()
                assert type(received[0]).__name__ == "Note"
                assert server.port == int(server.url.rpartition(":")[2])


async def test_it_is_entered_once() -> None:
    server = mock(contract_of(PRICES))
    with pytest.raises(AttributeError, match="has been entered"):
        print(server.url)
    async with server:
        with pytest.raises(RuntimeError, match="entered before"):
            await server.__aenter__()


def test_options_are_checked_at_the_call(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="interval"):
        mock(contract_of(PRICES), interval=0)
    with pytest.raises(ValueError, match="keep"):
        mock(contract_of(PRICES), keep=0)
    with pytest.raises(SchemaError):
        mock(tmp_path / "nothing.yaml")


async def test_a_foreign_module_is_told() -> None:
    with pytest.raises(ValueError, match="was it generated from this document"):
        async with mock(contract_of(PRICES), module=sys):
            pass


async def test_events_are_told_in_lines() -> None:
    lines: list[str] = []
    async with mock(contract_of(PRICES), interval=None, on_event=lines.append) as server:
        async with connect(server.url) as session:
            await session.receive()
            await session.send('{"type": "subscribe", "channel": "ticker", "symbols": ["A"]}')
            await session.receive()
            await session.send("{}")
            await session.receive()
        while server.clients:
            await anyio.sleep(0.01)
    assert lines == [
        "Prices 1: connected",
        "Prices 1: -> Hello",
        "Prices 1: <- Subscribe",
        "Prices 1: subscribe_ticker begins",
        "Prices 1: -> Tick",
        "Prices 1: <- a message: this is none of the messages that a client may send: "
        '$.type is missing, where "order", "note", "subscribe" or "unsubscribe" should be',
        "Prices 1: -> Error",
        "Prices 1: disconnected (1000)",
    ]
