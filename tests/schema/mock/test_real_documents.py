"""Clients of real APIs, generated from their documents, against the mock servers of the same documents."""

from __future__ import annotations

import json
from base64 import b64decode
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import anyio
import pytest

from typedws import JSONConverter, TextFrame
from typedws.schema.building.contract import build_contract
from typedws.schema.contract.api import Connection, Contract, Message
from typedws.schema.document import load
from typedws.schema.mocking import MockServer, mock
from typedws.schema.mocking.module import module_for
from typedws.schema.samples import Sampler

pytestmark = [pytest.mark.anyio, pytest.mark.time_limit(120)]

DOCUMENTS = Path(__file__).parents[4] / "shared" / "asyncapi"
JSON = JSONConverter()


@asynccontextmanager
async def served(name: str, **options: Any) -> AsyncIterator[tuple[MockServer, ModuleType, Contract]]:
    path = DOCUMENTS / name
    if not path.exists():
        pytest.skip(f"{name} is not here")
    contract = build_contract(load(path))
    with module_for(contract) as module:
        async with mock(contract, module=module, **options) as server:
            yield server, module, contract


def sample(sampler: Sampler, connection: Connection, message: Message, module: ModuleType) -> Any:
    """A message of a client, as an object."""
    tree = sampler.message(message, direction=connection.outgoing)
    if message.format == "binary":
        return b64decode(tree)
    return JSON.deserialize(TextFrame(json.dumps(tree)), getattr(module, message.name))


async def events_of(client: Any, count: int) -> list[Any]:
    return [await client.receive() for _ in range(count)]


async def test_reya_orders_are_answered() -> None:
    async with (
        served("reya-exec/asyncapi-exec-v2.yaml", interval=None) as (server, api, contract),
        api.ReyaDEXOrderEntry.connect(url=server.url) as reya,
    ):
        sampler = Sampler(contract, 1)
        requests = {m.name: m for m in contract.connections[0].outgoing.messages}

        def payload(name: str) -> Any:
            return sample(sampler, contract.connections[0], requests[name], api).payload

        results: list[Any] = []

        async def order() -> None:
            results.append(await reya.create_order(payload=payload("CreateOrderRequestMessage")))

        async with anyio.create_task_group() as group:
            for _ in range(5):
                group.start_soon(order)
        cancelled = await reya.cancel_order(payload=payload("CancelOrderRequestMessage"))
        assert [type(result) for result in results] == [api.CreateOrderResponseMessage] * 5
        assert all(result.ok for result in results)
        assert isinstance(cancelled, api.CancelOrderResponseMessage)
        assert len(server.received) == 6
    assert server.problems == ()


async def test_slack_says_hello_and_takes_acknowledgements() -> None:
    async with (
        served("slack-socketmode-client.yml", interval=None) as (server, api, _),
        api.SlackClient.connect(url=server.url, ticket="t", app_id="a") as slack,
    ):
        hello, event = await events_of(slack, 2)
        assert isinstance(hello, api.Hello)
        assert isinstance(event, api.Event)
        await slack.acknowledge(envelope_id="1")
        received = await server.wait_received()
        assert isinstance(received[0], api.Acknowledge)
        assert "ticket=t" in server.clients[0].session.call.request.query
    assert server.problems == ()


async def test_kraken_tells_two_fields_apart() -> None:
    async with (
        served("kraken-filter-reply.yml", interval=None) as (server, api, contract),
        api.Kraken.connect(url=server.url) as kraken,
    ):
        connection = contract.connections[0]
        method = {operation.messages[0]: getattr(kraken, operation.name) for operation in connection.operations}
        pong = await method["Ping"]()
        assert isinstance(pong, api.Pong)
        text = '{"event": "subscribe", "subscription": {"name": "ohlc"}}'
        subscribe = JSON.deserialize(TextFrame(text), api.Subscribe)
        status = await method["Subscribe"](pair=["XBT/USD"], subscription=subscribe.subscription)
        assert isinstance(status, api.SubscriptionStatusSuccess)
        # What was asked for is said again, though it may be left out.
        assert status.pair == ["XBT/USD"]
        assert status.subscription.name == "ohlc"
        # An error has the same `event`, and another `status`.
        [error] = [m for m in connection.incoming.messages if m.is_error]
        await server.send(Sampler(contract, 2).message(error), message=error.name)
        with anyio.fail_after(5):
            while not isinstance(await kraken.receive(), getattr(api, error.name)):
                pass
    assert server.problems == ()


async def test_openai_sends_every_event() -> None:
    async with served("openai-realtime.json", interval=None, greeting=False) as (server, api, contract):
        connection = contract.connections[0]
        async with getattr(api, connection.name).connect(url=server.url, model="m") as openai:
            sampler = Sampler(contract, 3)
            for message in connection.outgoing.messages:
                await openai.send(sample(sampler, connection, message, api))
            received = await server.wait_received(len(connection.outgoing.messages))
            assert [type(value).__name__ for value in received] == [m.name for m in connection.outgoing.messages]
            # In the order of the requests; each has one at the most here.
            for (answer,) in server.roles(connection.name).answers.values():
                assert type(await openai.receive()).__name__ == answer
            for message in connection.incoming.messages:
                tree = sampler.message(message, direction=connection.incoming)
                await server.send(tree, message=message.name)
                assert type(await openai.receive()).__name__ == message.name
    assert len(connection.incoming.messages) + len(connection.outgoing.messages) == 59
    assert server.problems == ()


async def test_okx_has_many_topics_on_one_socket() -> None:
    async with (
        served("okx.yaml", interval=0.05, greeting=False) as (server, api, contract),
        api.OKX.connect(url=server.url) as okx,
    ):
        connection = contract.connections[0]
        assert len(connection.subscriptions) > 20
        requests = {message.name: message for message in connection.outgoing.messages}
        sampler = Sampler(contract, 6)
        for subscription in connection.subscriptions[1:6]:
            request = sample(sampler, connection, requests[subscription.request], api)
            async with getattr(okx, subscription.name)(args=request.args) as updates:
                update = await updates.receive()
                assert type(update).__name__ in subscription.updates
        await server.wait_received(10)
    assert server.problems == ()


async def test_deepgram_takes_audio_beside_json() -> None:
    async with served("deepgram.yml", interval=None) as (server, api, contract):
        seen: Counter[str] = Counter()
        for connection in contract.connections:
            async with getattr(api, connection.name).connect(url=server.url) as deepgram:
                before = len(server.received)
                sampler = Sampler(contract, 4)
                for message in connection.outgoing.messages:
                    await deepgram.send(sample(sampler, connection, message, api))
                received = await server.wait_received(before + len(connection.outgoing.messages))
                for value, message in zip(received[before:], connection.outgoing.messages, strict=True):
                    assert isinstance(value, bytes) is (message.format == "binary")
                for event in await events_of(deepgram, len(server.roles(connection.name).unasked)):
                    seen[type(event).__name__] += 1
        assert seen["bytes"] > 0
        assert len(seen) > 15
        assert not {"Unknown"} & seen.keys()
    assert server.problems == ()


ALL = sorted(
    path.relative_to(DOCUMENTS)
    for path in (*DOCUMENTS.glob("*"), *DOCUMENTS.glob("*/asyncapi*"))
    if path.suffix in (".yaml", ".yml", ".json")
)


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
@pytest.mark.parametrize("name", ALL, ids=str)
async def test_every_document_is_served(name: Path, anyio_backend: str) -> None:
    """Whatever a client may say is taken, and whatever is said to it can be read."""
    async with served(str(name), interval=None) as (server, api, contract):
        for connection in contract.connections:
            sampler = Sampler(contract, 5)
            arguments = {p.name: sampler.value(p.type) for p in connection.parameters if p.required and not p.fixed}
            async with getattr(api, connection.name).connect(url=server.url, **arguments) as client:
                for message in connection.outgoing.messages:
                    await client.send(sample(sampler, connection, message, api))
                for _ in server.roles(connection.name).unasked:
                    await client.receive()
    assert server.problems == ()
