"""When pings are due and when a peer counts as gone, on a clock that only moves when it is told to."""

from __future__ import annotations

from typedws.keepalive import LATE, Pinger


class Clock:
    """A pinger and its time, from 100 s on."""

    def __init__(self, interval: float | None = 20.0, timeout: float | None = 10.0) -> None:
        self.now = 100.0
        self.pinger = Pinger(interval, timeout, self.now, clock=lambda: self.now)

    def runs_until_the_deadline(self) -> float:
        deadline = self.pinger.next_deadline()
        assert deadline is not None
        self.now = deadline
        return deadline

    def ping(self) -> bytes:
        """Goes to the next ping, and sends it."""
        self.runs_until_the_deadline()
        payload = self.pinger.due_ping(self.now)
        assert payload is not None
        return payload

    def pong(self, payload: bytes) -> None:
        self.pinger.on_pong(payload, self.now)

    @property
    def is_overdue(self) -> bool:
        return self.pinger.is_overdue(self.now)


def test_the_first_ping_is_due_after_one_interval() -> None:
    clock = Clock()
    assert clock.pinger.next_deadline() == 120
    assert clock.pinger.due_ping(119.9) is None
    assert clock.pinger.due_ping(120) is not None


def test_without_an_interval_no_ping_is_ever_due() -> None:
    clock = Clock(interval=None)
    assert clock.pinger.next_deadline() is None
    assert clock.pinger.due_ping(1e9) is None
    assert not clock.pinger.is_overdue(1e9)


def test_an_answered_ping_is_followed_by_the_next_one_interval_after_it() -> None:
    clock = Clock()
    for expected in (120, 140, 160):
        payload = clock.ping()
        assert clock.now == expected
        clock.now += 3
        clock.pong(payload)
        assert not clock.is_overdue


def test_payloads_differ() -> None:
    clock = Clock()
    payloads = set()
    for _ in range(5):
        payload = clock.ping()
        clock.pong(payload)
        payloads.add(payload)
        payloads.add(clock.pinger.ask(lambda _: None))
    assert len(payloads) == 10


def test_two_connections_do_not_use_the_same_payloads() -> None:
    assert Clock().ping() != Clock().ping()


def test_an_unanswered_ping_is_overdue_after_the_timeout_and_not_before() -> None:
    clock = Clock()
    clock.ping()
    assert clock.pinger.next_deadline() == 130
    clock.now = 129.99
    assert not clock.is_overdue
    clock.now = 130
    assert clock.is_overdue


def test_only_the_right_payload_is_an_answer() -> None:
    clock = Clock()
    payload = clock.ping()
    for wrong in (b"", b"hello", payload[:-1], payload + b"\0"):
        clock.pong(wrong)
    clock.now = 130
    assert clock.is_overdue


def test_an_answer_to_an_earlier_keepalive_does_not_count_for_this_one() -> None:
    clock = Clock()
    earlier = clock.ping()
    clock.pong(earlier)
    clock.ping()
    clock.pong(earlier)
    clock.now += 10
    assert clock.is_overdue


def test_the_answer_to_an_earlier_ping_of_the_application_does_not_count_for_the_keepalive() -> None:
    clock = Clock()
    trips: list[float] = []
    asked = clock.pinger.ask(trips.append)
    clock.ping()
    clock.pong(asked)
    assert len(trips) == 1
    clock.now += 10
    assert clock.is_overdue


def test_a_peer_that_answers_only_the_latest_ping_is_alive() -> None:
    # RFC 6455 section 5.5.3 allows that.
    clock = Clock()
    clock.ping()
    trips: list[float] = []
    asked = clock.pinger.ask(trips.append)
    clock.now += 1
    clock.pong(asked)
    assert trips == [1]
    clock.now += 9
    assert not clock.is_overdue


def test_the_answer_to_a_keepalive_is_one_to_earlier_pings_of_the_application() -> None:
    clock = Clock()
    trips: list[float] = []
    clock.pinger.ask(trips.append)
    clock.pong(clock.ping())
    assert len(trips) == 1


def test_a_pong_to_a_ping_that_was_not_sent_yet_is_no_answer() -> None:
    clock = Clock()
    payload = clock.ping()
    clock.pong(payload[:4] + b"\xff" * 8)
    clock.now += 10
    assert clock.is_overdue


def test_a_ping_that_cannot_leave_is_skipped_until_the_next_interval() -> None:
    clock = Clock(interval=10, timeout=None)
    clock.pinger.skip(110)
    assert clock.pinger.next_deadline() == 120


def test_no_second_ping_is_due_while_one_is_unanswered() -> None:
    clock = Clock(interval=1, timeout=10)
    clock.ping()
    for second in range(102, 111):
        assert clock.pinger.due_ping(second) is None
    assert clock.pinger.next_deadline() == 111


def test_without_a_timeout_pings_go_on_unanswered() -> None:
    clock = Clock(interval=10, timeout=None)
    for expected in (110, 120, 130):
        clock.ping()
        assert clock.now == expected
        assert not clock.is_overdue


# Time in which we did not read does not count.


def test_the_deadline_stands_still_while_reading_is_paused() -> None:
    clock = Clock()
    clock.ping()
    clock.pinger.pause(124)
    clock.now = 1000
    assert not clock.is_overdue
    clock.pinger.resume(1000)
    assert clock.pinger.next_deadline() == 1006
    clock.now = 1005.9
    assert not clock.is_overdue
    clock.now = 1006
    assert clock.is_overdue


def test_a_ping_that_was_sent_while_reading_was_paused_has_all_its_time_afterwards() -> None:
    clock = Clock()
    clock.pinger.pause(110)
    clock.ping()
    clock.pinger.resume(500)
    assert clock.pinger.next_deadline() == 510


def test_pausing_twice_does_not_give_time_twice() -> None:
    clock = Clock()
    clock.ping()
    clock.pinger.pause(121)
    clock.pinger.pause(125)
    clock.pinger.resume(126)
    clock.pinger.resume(127)
    assert clock.pinger.next_deadline() == 135


def test_an_answer_counts_while_reading_is_paused() -> None:
    clock = Clock()
    payload = clock.ping()
    clock.pinger.pause(121)
    clock.pong(payload)
    clock.pinger.resume(1000)
    clock.now = 1000
    assert not clock.is_overdue


def test_a_loop_that_was_blocked_gets_the_time_that_it_missed_once_more() -> None:
    clock = Clock()
    clock.ping()
    clock.now = 133  # three seconds late
    assert not clock.is_overdue
    assert clock.pinger.next_deadline() == 136
    clock.now = 136
    assert clock.is_overdue


def test_the_time_that_is_given_once_more_is_no_longer_than_the_timeout() -> None:
    clock = Clock()
    clock.ping()
    clock.now = 3600 + 130  # the machine slept
    assert not clock.is_overdue
    assert clock.pinger.next_deadline() == clock.now + 10


def test_it_is_given_once_for_a_ping() -> None:
    clock = Clock()
    clock.ping()
    clock.now = 133
    assert not clock.is_overdue
    clock.now = 150
    assert clock.is_overdue


def test_a_timer_that_is_a_little_late_is_not_a_blocked_loop() -> None:
    clock = Clock()
    clock.ping()
    clock.now = 130 + LATE / 2
    assert clock.is_overdue


# Settings that change while the connection is open.


def test_a_new_interval_counts_from_now() -> None:
    clock = Clock()
    clock.pinger.set_interval(5, 117)
    assert clock.pinger.interval == 5
    assert clock.pinger.next_deadline() == 122


def test_an_interval_can_be_set_where_there_was_none() -> None:
    clock = Clock(interval=None)
    clock.pinger.set_interval(5, 117)
    assert clock.pinger.next_deadline() == 122


def test_no_interval_forgets_the_ping_that_waits() -> None:
    clock = Clock()
    clock.ping()
    clock.pinger.set_interval(None, 121)
    clock.now = 1000
    assert not clock.is_overdue
    assert clock.pinger.next_deadline() is None


def test_a_new_timeout_counts_from_the_next_ping() -> None:
    clock = Clock()
    payload = clock.ping()
    clock.pinger.timeout = 1
    assert clock.pinger.next_deadline() == 130
    clock.pong(payload)
    clock.ping()
    assert clock.pinger.next_deadline() == 141


def test_a_ping_keeps_its_deadline_when_the_timeout_is_switched_off() -> None:
    clock = Clock()
    clock.ping()
    clock.pinger.timeout = None
    assert clock.pinger.next_deadline() == 130
    clock.now = 135
    assert not clock.is_overdue  # the loop was blocked
    clock.now = 140
    assert clock.is_overdue


def test_a_ping_without_a_deadline_does_not_keep_the_next_one_from_having_one() -> None:
    clock = Clock(timeout=None)
    clock.ping()
    clock.pinger.timeout = 5
    clock.ping()
    assert clock.now == 140
    assert clock.pinger.next_deadline() == 145
    clock.now = 145
    assert clock.is_overdue


# Round trips.


def test_latency_is_the_last_round_trip_of_either_kind() -> None:
    clock = Clock()
    assert clock.pinger.latency is None
    payload = clock.ping()
    clock.now += 0.25
    clock.pong(payload)
    assert clock.pinger.latency == 0.25
    asked = clock.pinger.ask(lambda _: None)
    clock.now += 0.5
    clock.pong(asked)
    assert clock.pinger.latency == 0.5


def test_a_pong_answers_every_earlier_ping_of_the_application() -> None:
    clock = Clock()
    trips: list[tuple[str, float]] = []
    clock.pinger.ask(lambda seconds: trips.append(("first", seconds)))
    clock.now += 1
    second = clock.pinger.ask(lambda seconds: trips.append(("second", seconds)))
    clock.now += 1
    third = clock.pinger.ask(lambda seconds: trips.append(("third", seconds)))
    clock.now += 1
    clock.pong(second)
    assert trips == [("first", 3), ("second", 2)]
    assert clock.pinger.latency == 2
    clock.now += 1
    clock.pong(third)
    assert trips[2:] == [("third", 2)]


def test_a_ping_that_nobody_waits_for_any_more_is_forgotten() -> None:
    clock = Clock()
    trips: list[float] = []
    asked = clock.pinger.ask(trips.append)
    clock.pinger.forget(asked)
    clock.pinger.forget(asked)
    clock.pong(asked)
    assert trips == []
    assert clock.pinger.latency is None


def test_a_pong_that_comes_twice_is_counted_once() -> None:
    clock = Clock()
    trips: list[float] = []
    asked = clock.pinger.ask(trips.append)
    clock.pong(asked)
    clock.pong(asked)
    assert trips == [0]
