"""The waits are waited for, by the clock that trio has for tests."""

from __future__ import annotations

import itertools
import math
import threading

import anyio
import pytest
import trio
import trio.testing
from websockets.sync.server import ServerConnection

from tests.reconnect.server import closing, dropping, nobody, refusing, serving
from typedws.config import SessionConfig
from typedws.reconnect import reconnect

pytestmark = pytest.mark.anyio


@pytest.fixture
def real_time() -> None:
    """Asks for waits as they are."""


def trio_clock(**settings: float) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        "anyio_backend", [("trio", {"clock": trio.testing.MockClock(**settings)})], ids=["trio"]
    )


@trio_clock(autojump_threshold=0.05)
@pytest.mark.time_limit(100_000)
async def test_the_loop_waits_as_long_as_it_says(real_time: None, caplog: pytest.LogCaptureFixture) -> None:
    clock = trio.lowlevel.current_clock()
    assert isinstance(clock, trio.testing.MockClock)
    with nobody() as url, serving(closing(1000)) as server:
        addresses = itertools.chain([url] * 20, [server.url])
        started = anyio.current_time()

        def next_address() -> str:
            address = next(addresses)
            if address == server.url:  # what its thread does, takes time of which the clock knows nothing
                clock.autojump_threshold = math.inf
            return address

        loop = reconnect(next_address)
        attempt = await anext(loop)
        waited = anyio.current_time() - started
        async with attempt as session:
            await session.receive()
    said = [float(record.getMessage().split(" in ")[1].removesuffix(" s")) for record in caplog.records]
    assert len(said) == 20
    assert waited == pytest.approx(sum(said), abs=20 * 0.05 + 0.01)
    assert said[-1] == pytest.approx(attempt.delay, abs=0.05)


@trio_clock()
@pytest.mark.time_limit(100_000)
@pytest.mark.parametrize(("lasted", "second_wait"), [(59, 2), (61, 1)])
async def test_a_connection_is_stable_after_a_minute(lasted: int, second_wait: int, waits: list[float]) -> None:
    clock = trio.lowlevel.current_clock()
    assert isinstance(clock, trio.testing.MockClock)
    gate = threading.Event()

    def dropping_when_told(connection: ServerConnection) -> None:
        gate.wait(10)
        dropping(connection)

    with serving(refusing(503), dropping_when_told, closing(1000)) as server:
        config = SessionConfig(ping_interval=None)
        async for attempt in reconnect(server.url, initial_delay=1, config=config):
            async with attempt as session:
                if attempt.number == 2:
                    clock.jump(lasted)
                    gate.set()
                async for _ in session.incoming:
                    pass
    assert waits == [1, second_wait]
