"""What follows when a connection that was open has ended."""

from __future__ import annotations

import pytest

from tests.reconnect.server import (
    Behaviour,
    closing,
    closing_without_a_code,
    dropping,
    listen,
    numbers,
    receive_for_ever,
    serving,
    waiting,
)
from typedws.close import CloseReason
from typedws.errors import ConnectionClosedError, ConnectionClosedOK
from typedws.reconnect import reconnect

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("code", [1001, 1011, 1012, 1013, 1014])
async def test_the_loop_goes_on_after_a_close_that_may_pass(code: int) -> None:
    with serving(closing(code), closing(code), closing(1000)) as server:
        assert numbers(await listen(reconnect(server.url))) == [1, 2, 3]


async def test_the_loop_goes_on_after_a_lost_connection() -> None:
    with serving(dropping, dropping, closing(1000)) as server:
        attempts = await listen(reconnect(server.url))
        assert numbers(attempts) == [1, 2, 3]
        assert isinstance(attempts[1].cause, ConnectionClosedError)
        assert attempts[1].cause.reason.code == 1006


@pytest.mark.parametrize("behaviour", [closing(1001), closing(1012), dropping], ids=["1001", "1012", "1006"])
async def test_a_receive_that_raises_at_such_an_end_does_not_end_the_loop(behaviour: Behaviour) -> None:
    with serving(behaviour, behaviour, closing(4000)) as server:
        with pytest.raises(ConnectionClosedError) as caught:
            await receive_for_ever(reconnect(server.url))
        assert caught.value.reason == CloseReason(4000)
        assert len(server.requests) == 3


@pytest.mark.parametrize("code", [1003, 1007, 1008, 1009, 3000, 4000, 4001, 4999])
async def test_a_final_close_is_raised_as_itself(code: int, waits: list[float]) -> None:
    with serving(closing(code, "because"), forever=waiting) as server:
        with pytest.raises(ConnectionClosedError) as caught:
            await listen(reconnect(server.url))
        assert caught.value.reason == CloseReason(code, "because")
        assert caught.value.by_peer
        assert len(server.requests) == 1
        assert waits == []


@pytest.mark.parametrize("behaviour", [closing(1000), closing_without_a_code], ids=["1000", "1005"])
async def test_the_loop_ends_quietly_when_the_server_has_nothing_more_to_say(behaviour: Behaviour) -> None:
    with serving(behaviour, forever=waiting) as server:
        assert numbers(await listen(reconnect(server.url))) == [1]


async def test_a_receive_at_a_final_end_raises_as_it_does_with_connect() -> None:
    with serving(closing(1000), forever=waiting) as server:
        with pytest.raises(ConnectionClosedOK):
            await receive_for_ever(reconnect(server.url))
