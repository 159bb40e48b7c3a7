"""What follows when no connection is made, how often it is tried, and how long each wait is."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest

from tests.reconnect.server import (
    clock_tick,
    closing,
    dropping,
    listen,
    nobody,
    numbers,
    receive_for_ever,
    refusing,
    serving,
    waiting,
)
from typedws.errors import ConnectError, ConnectionClosedError, ConnectionClosedOK, HandshakeRejectedError
from typedws.reconnect import reconnect

pytestmark = pytest.mark.anyio


# A connection that is not made.


@pytest.mark.parametrize("status", [200, 302, 408, 425, 429, 500, 502, 503])
async def test_the_loop_goes_on_after_a_refusal_that_may_pass(status: int) -> None:
    with serving(refusing(status), refusing(status), closing(1000)) as server:
        (attempt,) = await listen(reconnect(server.url))
        assert attempt.number == 3
        assert isinstance(attempt.cause, HandshakeRejectedError)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 426])
async def test_a_final_refusal_is_raised_as_itself(status: int, waits: list[float]) -> None:
    with serving(refusing(status), forever=waiting) as server:
        with pytest.raises(HandshakeRejectedError) as caught:
            await listen(reconnect(server.url))
        call = caught.value.call
        assert call is not None
        assert call.response is not None
        assert call.response.status == status
        assert len(server.requests) == 1
        assert waits == []


async def test_a_loop_that_has_raised_is_over() -> None:
    with serving(refusing(401), forever=waiting) as server:
        loop = reconnect(server.url)
        with pytest.raises(HandshakeRejectedError):
            await anext(loop)
        with pytest.raises(StopAsyncIteration):
            await anext(loop)


async def test_a_refusal_may_say_when_to_come_back(waits: list[float]) -> None:
    with serving(refusing(503, Retry_After="7"), refusing(503, Retry_After="1000000000"), closing(1000)) as server:
        await listen(reconnect(server.url))
        assert waits == [7 + 5, 300 + 10]


async def test_a_refusal_may_say_when_to_come_back_as_a_date(waits: list[float]) -> None:
    date = {"Date": "Sat, 22 Nov 2025 12:00:00 GMT", "Retry_After": "Sat, 22 Nov 2025 12:00:42 GMT"}
    with serving(refusing(503, **date), closing(1000)) as server:
        await listen(reconnect(server.url))
        assert waits == [42 + 5]


async def test_nobody_listening_is_worth_another_attempt() -> None:
    with nobody() as url, serving(closing(1000)) as server:
        addresses = iter([url, url, server.url])
        (attempt,) = await listen(reconnect(lambda: next(addresses)))
        assert attempt.number == 3
        assert isinstance(attempt.cause, ConnectError)


# How often, and how long.


async def test_the_last_error_is_raised_when_all_attempts_have_failed(waits: list[float]) -> None:
    with nobody() as url:
        with pytest.raises(ConnectError):
            await listen(reconnect(url, max_attempts=3))
        assert waits == [5, 10]


async def test_one_attempt_means_no_second() -> None:
    with serving(refusing(503), forever=waiting) as server:
        with pytest.raises(HandshakeRejectedError):
            await listen(reconnect(server.url, max_attempts=1))
        assert len(server.requests) == 1


@pytest.mark.parametrize("run", [listen, receive_for_ever])
async def test_a_connection_that_is_lost_at_once_is_a_failed_attempt(run: Callable[[Any], Any]) -> None:
    with serving(forever=dropping) as server:
        with pytest.raises(ConnectionClosedError) as caught:
            await run(reconnect(server.url, max_attempts=3))
        assert caught.value.reason.code == 1006
        assert len(server.requests) == 3


async def test_an_ending_that_iteration_does_not_raise_is_raised_by_the_loop_after_the_last_attempt() -> None:
    with serving(forever=closing(1001)) as server:
        with pytest.raises(ConnectionClosedOK) as caught:
            await listen(reconnect(server.url, max_attempts=2))
        assert caught.value.reason.code == 1001
        assert caught.value.by_peer
        assert len(server.requests) == 2


async def test_a_server_that_accepts_and_closes_at_once_is_asked_less_and_less_often(waits: list[float]) -> None:
    with serving(*[closing(1013)] * 7) as server:
        with pytest.raises(HandshakeRejectedError):
            await listen(reconnect(server.url))
        assert waits == [5, 10, 20, 40, 60, 60, 60]


async def test_after_a_stable_connection_everything_begins_anew(waits: list[float]) -> None:
    with serving(refusing(503), dropping, dropping, refusing(503), closing(1000)) as server:
        attempts = []
        async for attempt in reconnect(server.url, max_attempts=2, initial_delay=1, reset_after=1e-9):
            attempts.append(attempt)
            async with attempt as session:
                await clock_tick()  # which is stable enough here
                async for _ in session.incoming:
                    pass
        assert numbers(attempts) == [2, 3, 5]
        assert waits == [1, 1, 1, 1]


async def test_an_attempt_says_what_led_to_it() -> None:
    with serving(refusing(503), dropping, closing(1000)) as server:
        first, second = await listen(reconnect(server.url, initial_delay=2))
    assert (first.number, first.delay, type(first.cause)) == (2, 2, HandshakeRejectedError)
    assert (second.number, second.delay, type(second.cause)) == (3, 4, ConnectionClosedError)


async def test_the_first_attempt_has_no_cause_and_does_not_wait(waits: list[float]) -> None:
    with serving(closing(1000)) as server:
        (attempt,) = await listen(reconnect(server.url))
    assert (attempt.number, attempt.delay, attempt.cause) == (1, 0, None)
    assert waits == []


async def test_every_wait_is_logged_with_its_cause(caplog: pytest.LogCaptureFixture) -> None:
    with serving(closing(1012, "new\nversion"), closing(1000)) as server, caplog.at_level(logging.WARNING):
        await listen(reconnect(server.url))
    messages = [record.getMessage() for record in caplog.records if record.name == "typedws.reconnect"]
    cause = "ConnectionClosedError: closed by the peer: 1012 (service restart) new\\nversion"
    assert messages == [f"{cause}; attempt 2 in 5.0 s"]
