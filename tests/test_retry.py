"""Whether a failure is worth another attempt, and how long to wait before it: what can be said without a network."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from email.utils import formatdate
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import typedws.retry
from typedws.call import Call, Headers, Request, Response
from typedws.close import CloseReason
from typedws.errors import (
    ConnectError,
    ConnectionClosedError,
    ConnectionClosedOK,
    HandshakeError,
    HandshakeRejectedError,
    HandshakeTimeoutError,
    InvalidURLError,
)
from typedws.retry import RetryPolicy, is_retryable, retry_after

NOON = 1_763_812_800.0
"""2025-11-22 12:00:00 UTC."""


def policy(**changes: Any) -> RetryPolicy:
    settings: dict[str, Any] = {
        "max_attempts": None,
        "initial_delay": 5.0,
        "max_delay": 60.0,
        "max_retry_after": 300.0,
        "reset_after": 60.0,
        "should_retry": None,
    }
    return RetryPolicy(**{**settings, **changes})


def closed(code: int) -> Exception:
    reason = CloseReason(code)
    return (ConnectionClosedOK if reason.is_ok else ConnectionClosedError)(reason, received=reason, by_peer=True)


def refused(status: int, **headers: str) -> HandshakeRejectedError:
    fields = Headers({name.replace("_", "-"): value for name, value in headers.items()})
    call = Call(Request("ws://server.test/"), Response(status, fields))
    return HandshakeRejectedError(f"refused with {status}", call=call)


# Whether.


@pytest.mark.parametrize("code", [1001, 1006, 1011, 1012, 1013, 1014])
def test_a_lost_or_overloaded_server_is_worth_another_attempt(code: int) -> None:
    assert is_retryable(closed(code))


@pytest.mark.parametrize("code", [1000, 1002, 1003, 1005, 1007, 1008, 1009, 1010, 1015, 3000, 3999, 4000, 4001, 4999])
def test_what_the_server_decided_or_cannot_read_is_final(code: int) -> None:
    assert not is_retryable(closed(code))


@pytest.mark.parametrize("status", [200, 204, 301, 302, 307, 408, 425, 429, 500, 501, 502, 503, 504, 521, 599])
def test_a_refusal_that_may_pass_is_worth_another_attempt(status: int) -> None:
    assert is_retryable(refused(status))


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 407, 410, 421, 426, 451, 499])
def test_a_refusal_of_this_request_is_final(status: int) -> None:
    assert not is_retryable(refused(status))


def test_a_websocket_server_that_shakes_hands_wrongly_will_do_so_again() -> None:
    assert not is_retryable(refused(101))


@pytest.mark.parametrize(
    "error",
    [
        ConnectError("cannot connect"),
        HandshakeTimeoutError("too late"),
        HandshakeRejectedError("no HTTP", call=Call(Request("ws://server.test/"))),
        HandshakeError("something else"),
        ConnectionResetError(),
        TimeoutError(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_the_network_may_come_back(error: Exception) -> None:
    assert is_retryable(error)


@pytest.mark.parametrize(
    "error", [InvalidURLError("no host"), ValueError(), KeyError(), FileNotFoundError()], ids=lambda e: type(e).__name__
)
def test_a_mistake_stays_a_mistake(error: Exception) -> None:
    assert not is_retryable(error)


@pytest.mark.parametrize(("answer", "goes_on"), [(True, True), (False, False), (None, True)])
def test_a_function_may_decide_otherwise_or_not_at_all(answer: bool | None, goes_on: bool) -> None:
    asked: list[Exception] = []

    def should_retry(error: Exception) -> bool | None:
        asked.append(error)
        return answer

    lost = closed(1006)
    assert policy(should_retry=should_retry).allows(lost) is goes_on
    assert asked == [lost]


# How long.


def ceilings(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> Callable[[int], float]:
    """The longest wait after so many failures."""
    monkeypatch.setattr(typedws.retry, "_random", lambda: 1.0)
    return lambda failures: policy(**changes).delay(failures, None)


def test_the_ceiling_doubles_up_to_the_longest_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    ceiling = ceilings(monkeypatch, initial_delay=1, max_delay=10)
    assert [ceiling(failures) for failures in range(7)] == [1, 1, 2, 4, 8, 10, 10]


def test_no_number_of_failures_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ceilings(monkeypatch)(10**9) == 60


def test_the_longest_delay_holds_for_the_first_wait_too(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ceilings(monkeypatch, initial_delay=5, max_delay=5)(1) == 5


@pytest.mark.parametrize("failures", [0, 1, 3, 50])
def test_waits_are_spread_evenly_from_0_to_the_ceiling(failures: int) -> None:
    ceiling = min(60, 5 * 2 ** max(failures - 1, 0))
    waits = sorted(policy().delay(failures, None) for _ in range(10_000))
    assert waits[0] >= 0
    assert waits[-1] <= ceiling
    for tenth in range(1, 10):  # 0.05 is ten standard deviations
        assert waits[tenth * 1000] / ceiling == pytest.approx(tenth / 10, abs=0.05)


def test_programs_that_seed_their_random_numbers_do_not_wait_alike() -> None:
    draws = []
    for _ in range(2):
        random.seed(42)
        draws.append([policy().delay(1, None) for _ in range(3)])
    assert draws[0] != draws[1]


# Retry-After.


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        (" 7 ", 7),
        ("Sat, 22 Nov 2025 12:00:30 GMT", 30),
        ("Saturday, 22-Nov-25 12:00:30 GMT", 30),
        ("Sat Nov 22 12:00:30 2025", 30),
        ("Sat, 22 Nov 2025 11:00:00 GMT", 0),
    ],
)
def test_a_server_names_seconds_or_a_date(value: str, seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: NOON)
    assert retry_after(refused(503, Retry_After=value)) == seconds


def test_a_date_is_taken_by_the_clock_of_the_server() -> None:
    error = refused(503, Retry_After="Sat, 22 Nov 2025 12:00:30 GMT", Date="Sat, 22 Nov 2025 12:00:10 GMT")
    assert retry_after(error) == 20


@pytest.mark.parametrize(
    "value",
    [
        "",
        "soon",
        "-5",
        "1.5",
        "1e3",
        "120, 120",
        "٣",
        "Sat, 22 Nov 99999999999999999999 12:00:00 GMT",
        "Sat, 99 Nov 2025 12:00:00 GMT",
        "Sat, 01 Jan 0001 00:00:00 +2359",
        "Sat, 22 Nov 2025 12:00:00 +99999999999",
    ],
)
def test_what_is_neither_is_ignored(value: str) -> None:
    assert retry_after(refused(503, Retry_After=value)) == 0


@given(st.text(st.characters(max_codepoint=0xFF)) | st.from_regex(r"\w*,? ?\d+[ -]\w*[ -]\d+ [\d:]+ [+-]?\w*"))
def test_no_value_does_harm(value: str) -> None:
    assert retry_after(refused(503, Retry_After=value, Date=value)) >= 0


def test_only_a_response_can_name_a_time() -> None:
    assert retry_after(None) == 0
    assert retry_after(closed(1013)) == 0
    assert retry_after(ConnectError("no connection")) == 0
    assert retry_after(ConnectError("no answer", call=Call(Request("ws://server.test/")))) == 0


@pytest.mark.parametrize("value", [str(10**9), "9" * 10_000, formatdate(NOON + 10**10, usegmt=True)])
def test_a_server_cannot_hold_a_client_off_for_ever(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typedws.retry, "_random", lambda: 0.0)
    assert policy().delay(1, refused(503, Retry_After=value)) == 300
    assert policy(max_retry_after=20).delay(1, refused(503, Retry_After=value)) == 20


def test_clients_that_were_told_the_same_time_do_not_return_at_the_same_time() -> None:
    waits = [policy().delay(1, refused(503, Retry_After="30")) for _ in range(1000)]
    assert min(waits) >= 30
    assert max(waits) <= 35
    assert max(waits) - min(waits) > 4


# Ten thousand clients lose the server at once.

CLIENTS = 10_000


def arrivals(outage: float, monkeypatch: pytest.MonkeyPatch) -> tuple[list[float], list[float]]:
    """The times of all attempts, and of those that found the server back."""
    monkeypatch.setattr(typedws.retry, "_random", random.Random(1).random)
    every, successful = [], []
    rules = policy()
    for _ in range(CLIENTS):
        now, failures = rules.delay(0, closed(1006)), 0
        while now < outage:
            every.append(now)
            failures += 1
            now += rules.delay(failures, ConnectError("refused"))
        every.append(now)
        successful.append(now)
    return every, successful


def busiest_two_seconds(times: list[float]) -> int:
    return max(Counter(int(when // 2) for when in times).values())


@pytest.mark.parametrize("outage", [0, 300])
def test_a_crowd_returns_without_a_spike(outage: float, monkeypatch: pytest.MonkeyPatch) -> None:
    _, successful = arrivals(outage, monkeypatch)
    seconds = max(successful) - outage
    assert busiest_two_seconds(successful) <= 2 * CLIENTS * 2 / seconds


@pytest.mark.parametrize("outage", [0, 1, 5, 20, 60, 300])
def test_however_long_the_outage_the_first_wait_bounds_the_load(outage: float, monkeypatch: pytest.MonkeyPatch) -> None:
    every, _ = arrivals(outage, monkeypatch)
    assert busiest_two_seconds(every) <= 2 * CLIENTS * 2 / policy().initial_delay
