"""Whether to try again after a failure, and when: a policy without I/O.

A failure is worth another attempt when its cause may pass by itself: the network, a server that restarts or is
overloaded. What the server decided about us (credentials, policy, a close code of the application), and what the two
ends disagree about (the protocol, the size of a message), would only be repeated.

    failure                         goes on                                 ends
    the connection was open         1001, 1006, 1011, 1012, 1013, 1014      every other close code
    HTTP answered                   408, 425, 429, and all that is no 4xx   other 4xx; a 101 that is no valid handshake
    nothing answered                no connection, timeout, no HTTP         a URL or argument that cannot be sent
    a function of the user raised   ConnectionError, TimeoutError           any other exception

Waits follow exponential backoff with full jitter: each is drawn evenly between 0 and a ceiling that doubles from
failure to failure. Clients that lost the server in one instant are spread by that over the whole ceiling, where fixed
waits would bring them back in one instant. A server may name a time itself (`Retry-After`, RFC 9110 section 10.2.3);
that is waited for in full, and the jitter comes on top, because everybody was told the same.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from random import SystemRandom
from typing import Final

from typedws.call import Headers
from typedws.config import check_interval, check_size
from typedws.errors import ConnectionClosed, HandshakeError, InvalidURLError

__all__ = ["RetryPolicy", "is_retryable", "retry_after"]

RETRYABLE_CODES: Final = frozenset({1001, 1006, 1011, 1012, 1013, 1014})
RETRYABLE_4XX: Final = frozenset({408, 425, 429})

# Not the shared generator of `random`: programs seed that, and clients with the same seed would draw the same waits.
_random: Callable[[], float] = SystemRandom().random


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """What `reconnect` was asked for besides the options of `connect`; see there.

    Raises:
        ValueError: a time that is not positive and finite, a first wait above the longest, or a number of attempts
            below 1.
        TypeError: `should_retry` cannot be called.
    """

    max_attempts: int | None
    initial_delay: float
    max_delay: float
    max_retry_after: float
    reset_after: float
    should_retry: Callable[[Exception], bool | None] | None

    def __post_init__(self) -> None:
        if self.max_attempts is not None:
            check_size("max_attempts", self.max_attempts)
        for name in ("initial_delay", "max_delay", "max_retry_after", "reset_after"):
            check_interval(name, getattr(self, name), optional=False)
        if self.initial_delay > self.max_delay:
            raise ValueError(f"initial_delay ({self.initial_delay:g} s) is above max_delay ({self.max_delay:g} s)")
        if self.should_retry is not None and not callable(self.should_retry):
            raise TypeError("should_retry is a function that takes the error")

    def allows(self, error: Exception) -> bool:
        """Whether another attempt may follow this failure: as `should_retry` says, or else as usual."""
        verdict = None if self.should_retry is None else self.should_retry(error)
        return is_retryable(error) if verdict is None else verdict

    def is_used_up(self, failures: int) -> bool:
        """Whether so many failures in a row were the last."""
        return self.max_attempts is not None and failures >= self.max_attempts

    def delay(self, failures: int, error: Exception | None) -> float:
        """Seconds to wait before the next attempt; drawn anew by each call.

        Args:
            failures: how many attempts in a row have failed.
            error: what the last one failed with.
        """
        doublings = min(max(failures - 1, 0), 64)
        ceiling = min(self.max_delay, self.initial_delay * 2.0**doublings)
        return min(retry_after(error), self.max_retry_after) + ceiling * _random()


def is_retryable(error: Exception) -> bool:
    """Whether a failure may pass by itself, by the table above."""
    match error:
        case ConnectionClosed():
            return error.reason.code in RETRYABLE_CODES
        case InvalidURLError():
            return False
        case HandshakeError():
            response = None if error.call is None else error.call.response
            if response is None:
                return True
            status = response.status
            return status in RETRYABLE_4XX or not (status == 101 or 400 <= status < 500)
        case _:
            return isinstance(error, ConnectionError | TimeoutError)


def retry_after(error: Exception | None) -> float:
    """The seconds that a refusal asks us to wait, from 0 to infinity; 0 where it does not say, or says it badly."""
    if not isinstance(error, HandshakeError) or error.call is None or error.call.response is None:
        return 0.0
    headers = error.call.response.headers
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    until = _http_date(value)
    if until is None:
        return 0.0
    # By the server's own clock where it shows it: ours may be wrong.
    now = _clock_of(headers)
    return max(0.0, until - now)


def _clock_of(headers: Headers) -> float:
    shown = _http_date(headers.get("date", ""))
    return time.time() if shown is None else shown


def _http_date(value: str) -> float | None:
    """A date in any of the three forms of RFC 9110 section 5.6.7, as a POSIX timestamp."""
    from email.utils import parsedate_to_datetime  # seldom called, and the package of mail takes a while to import

    try:
        date: datetime = parsedate_to_datetime(value)
        # The form of asctime() has no zone; every HTTP date is in UTC.
        return (date if date.tzinfo is not None else date.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
