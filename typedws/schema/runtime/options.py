"""What every `connect` of a generated client takes besides its own arguments."""

from __future__ import annotations

import os
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypedDict, cast

from typedws.call import HeadersLike
from typedws.config import SessionConfig, check_size
from typedws.converters.base import WebsocketContentConverter, check_converter_object
from typedws.protocol.deflate import Deflate
from typedws.retry import RetryPolicy

__all__ = ["ConnectOptions", "Reconnect", "Settings"]

MAX_EVENTS: Final = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconnect:
    """How a client opens its connection again when it is lost. `typedws.reconnect` says more about each.

    Attributes:
        max_attempts: attempts in a row that may fail before the last error is raised; None, the default, for no limit.
        initial_delay: the ceiling of the first wait in seconds, 5 unless given. A wait is drawn evenly from 0 to its
            ceiling, and the ceiling doubles with each failure.
        max_delay: seconds to which the ceiling grows; 60 unless given.
        max_retry_after: seconds of a server's `Retry-After` that are obeyed; 300 unless given.
        reset_after: seconds that a connection must have lasted for failures to be counted from 0 again; 60 unless
            given.
        should_retry: called with the error; True opens again, False ends, None decides as `typedws.reconnect` does.

    Raises:
        ValueError: a time that is not positive and finite, a first wait above the longest, or a number of attempts
            below 1.
        TypeError: `should_retry` cannot be called.
    """

    max_attempts: int | None = None
    initial_delay: float = 5.0
    max_delay: float = 60.0
    max_retry_after: float = 300.0
    reset_after: float = 60.0
    should_retry: Callable[[Exception], bool | None] | None = None

    def __post_init__(self) -> None:
        self.policy()

    def policy(self) -> RetryPolicy:
        """The same, as what decides."""
        return RetryPolicy(
            max_attempts=self.max_attempts,
            initial_delay=self.initial_delay,
            max_delay=self.max_delay,
            max_retry_after=self.max_retry_after,
            reset_after=self.reset_after,
            should_retry=self.should_retry,
        )


class ConnectOptions(TypedDict, total=False):
    """Options of a generated `connect`. Those that `typedws.connect` has too mean the same.

    converter: instead of the one for the main format of the messages: that of text frames if there is one.
    headers: further header fields, instead of the client's own of the same name.
    subprotocols: to be offered after those of the document.
    reconnect: whether the connection is opened again when it is lost, and how; False unless given: a program has to be
        ready for `Reconnected`, and for what it missed. The first connection is not tried twice.
    max_events: messages that wait for `async for event in client`, and for each subscription; 1024 unless given.
    overflow: what happens when so many wait: "wait", the default, reads no further until one is taken; "drop_oldest"
        drops the oldest one and counts it in `dropped`. Events are dropped either way until the first is asked for.
    on_open: called with the client when a session is open, the first one and each later one, before subscriptions are
        sent again and before anybody else can use it: to log in, say.
    """

    converter: WebsocketContentConverter
    headers: HeadersLike
    subprotocols: Sequence[str]
    extensions: Sequence[Deflate]
    origin: str | None
    ssl_context: ssl.SSLContext | None
    server_hostname: str | None
    uds: str | os.PathLike[str] | None
    proxy: str | None
    open_timeout: float | None
    config: SessionConfig
    reconnect: bool | Reconnect
    max_events: int
    overflow: Literal["wait", "drop_oldest"]
    on_open: Callable[[Any], Awaitable[object]]


_OF_THE_SESSION: Final = (
    "extensions",
    "origin",
    "ssl_context",
    "server_hostname",
    "uds",
    "proxy",
    "open_timeout",
    "config",
)


@dataclass(frozen=True, slots=True)
class Settings:
    """Options, checked.

    Attributes:
        session: those that are arguments of `WebSocketClient` as they are.
        converter: as given; None where it was not.
        headers: likewise; so are the next two.
        subprotocols: likewise.
        policy: how to open again; None where the end of the connection is the end.
        max_events: messages that may wait in one place.
        drop_oldest: whether the oldest is dropped for one more.
        on_open: called with the client when a session is open; None for nothing.
    """

    session: dict[str, Any] = field(repr=False)  # a proxy may have a password
    converter: WebsocketContentConverter | None
    headers: HeadersLike = field(repr=False)
    subprotocols: Sequence[str]
    policy: RetryPolicy | None
    max_events: int
    drop_oldest: bool
    on_open: Callable[[Any], Awaitable[object]] | None

    @classmethod
    def of(cls, options: ConnectOptions) -> Settings:
        """Checks what was given.

        Raises:
            TypeError: an unknown option, or one of the wrong type.
            ValueError: an option out of range.
        """
        unknown = options.keys() - ConnectOptions.__annotations__
        if unknown:
            raise TypeError(f"{min(unknown)!r} is no option of connect; see typedws.schema.ConnectOptions")
        converter = options.get("converter")
        if "converter" in options:
            if converter is None:
                raise TypeError("converter is a converter, as in JSONConverter(), not None: messages have types here")
            check_converter_object(converter)
        config: object = options.get("config")
        if isinstance(config, SessionConfig) and config.raw:
            raise ValueError("config has raw=True, but fragments are no messages; connect with typedws.connect instead")
        reconnect = cast("object", options.get("reconnect", False))
        if isinstance(reconnect, bool):
            reconnect = Reconnect() if reconnect else None
        elif not isinstance(reconnect, Reconnect):
            raise TypeError(f"reconnect is a bool or a Reconnect, not {type(reconnect).__name__}")
        max_events = options.get("max_events", MAX_EVENTS)
        check_size("max_events", max_events)
        overflow = options.get("overflow", "wait")
        if overflow not in ("wait", "drop_oldest"):
            raise ValueError(f'overflow is "wait" or "drop_oldest", not {overflow!r}')
        on_open = options.get("on_open")
        if "on_open" in options and not callable(on_open):
            raise TypeError("on_open is an async function that takes the client")
        given = cast("dict[str, Any]", options)
        return cls(
            session={name: given[name] for name in _OF_THE_SESSION if name in given},
            converter=converter,
            headers=options.get("headers", ()),
            subprotocols=options.get("subprotocols", ()),
            policy=None if reconnect is None else reconnect.policy(),
            max_events=max_events,
            drop_oldest=overflow == "drop_oldest",
            on_open=on_open,
        )
