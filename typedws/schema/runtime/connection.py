"""The base of a generated client: one WebSocket, with methods for what can be done on it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, ClassVar, Generic, Self, TypeVar, cast, overload

from typedws.close import CloseReason, check_sendable
from typedws.errors import ConnectionClosed
from typedws.schema.decisions import Path
from typedws.schema.runtime.address import Credential, Value, Values, build_address
from typedws.schema.runtime.asking import ask
from typedws.schema.runtime.block import ConnectionBlock
from typedws.schema.runtime.dialling import make_client
from typedws.schema.runtime.endpoint import Endpoint
from typedws.schema.runtime.events import Reconnected, Unknown
from typedws.schema.runtime.exchanges import Exchange
from typedws.schema.runtime.feed import Feed
from typedws.schema.runtime.messages import Codec, Messages
from typedws.schema.runtime.opening import Openings
from typedws.schema.runtime.options import ConnectOptions, Settings
from typedws.schema.runtime.subscribing import SubscriptionBlock
from typedws.schema.runtime.subscriptions import Filters, Subscription
from typedws.session import ClientSession

__all__ = ["Connection"]

In_co = TypeVar("In_co", covariant=True)
Out_contra = TypeVar("Out_contra", contravariant=True)
R = TypeVar("R")


class Connection(AsyncIterator["In_co | Unknown | Reconnected"], Generic[In_co, Out_contra]):
    """One WebSocket of an API. You get it from the `connect` of a generated class, for the length of a block.

    ```python
    async with Prices.connect("staging") as prices:
        await prices.subscribe(symbols=["BTC-USD"])
        async for event in prices:
            match event:
                case Trade(): ...
                case Unknown(tag=tag): ...
    ```

    Any number of tasks may send, make requests and hold subscriptions; one at a time may take events. There is no task
    in the background: whoever waits reads for all. So messages are read only while somebody waits, and a reply does
    not come before what the server sent earlier has been put where it belongs.

    What is for no request and no subscription is an event: messages of the document, replies that come too late or
    answer nothing of ours, `Unknown` for what the document does not know, `Reconnected` after an outage.

    A class that is generated sets `incoming` and `outgoing`, and has a `connect`.
    """

    incoming: ClassVar[Messages[Any]] = Messages()
    """What the server sends."""

    outgoing: ClassVar[Messages[Any]] = Messages()
    """What the client sends."""

    def __init__(self, endpoint: Endpoint, feed_codec: Codec[Any], send_codec: Codec[Any], settings: Settings) -> None:
        self._endpoint = endpoint
        self._codec = send_codec
        self._main = main = Feed(endpoint, feed_codec, settings, prepare=self._prepare)
        self._openings = Openings(
            main, lambda session: Feed(endpoint.alone(session), feed_codec, settings, beside=main), settings.on_open
        )
        self._last_id = 0

    # Events.

    async def receive(self) -> In_co | Unknown | Reconnected:
        """Receives the next event.

        Raises:
            DeserializeError: a message of the document has a bad body. It has been taken, and is on the error as
                `.frame`; the connection stays open, and the next call gets the next event.
            ConnectionClosedOK: the connection ended with 1000, 1001 or no code, and every event was delivered.
            ConnectionClosedError: it ended otherwise, and every event was delivered.
            HandshakeError: likewise, where it could not be opened again; see `reconnect`.
            anyio.BusyResourceError: another task is receiving events.

        Cancelling it loses no event.
        """
        feed = self._openings.feed
        return cast("In_co | Unknown | Reconnected", await feed.take(feed.events))

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> In_co | Unknown | Reconnected:
        """As `receive`; but iteration ends quietly after 1000, 1001, a Close without a code, or a `close` of ours."""
        try:
            return await self.receive()
        except ConnectionClosed:
            if self._feed.events.ends_quietly:
                raise StopAsyncIteration from None
            raise

    @property
    def dropped(self) -> int:
        """Messages that were dropped: events before somebody has asked for one; and with `overflow="drop_oldest"`
        events and updates of subscriptions."""
        feed = self._main
        live = sum(live.mailbox.dropped for live in feed.subscriptions)
        return feed.events.dropped + feed.subscriptions.dropped + live

    # Sending.

    async def send(self, message: Out_contra, /) -> None:
        """Sends a message.

        Waits for its turn and for room, and with `reconnect` until there is a connection: cancelled, nothing was sent;
        returned, the message is queued whole. Nothing is ever sent twice.

        Raises:
            SerializeError: the message cannot be written; nothing was sent.
            ConnectionClosed: the connection has ended.
            HandshakeError: likewise, and could not be opened again.
        """
        await self._feed.send(self._codec.encode(message))

    # The connection.

    @property
    def session(self) -> ClientSession:
        """The session in use: its converter, its handshake, its timers. With `reconnect` it is another one after each
        outage. Do not receive from it."""
        return self._feed.session

    @property
    def close_reason(self) -> CloseReason | None:
        """Why the connection ended; None while it is open, or may be opened again."""
        if self._endpoint.may_reopen and self._main.ended is None:
            return None
        return self._endpoint.session.close_reason

    async def close(self, reason: CloseReason = CloseReason(), /) -> None:  # noqa: B008 - frozen
        """Closes, as `Session.close` does; nothing is opened again. What has arrived stays receivable.

        Args:
            reason: code and message; 1000 unless given.

        Raises:
            ValueError: a code that may not be sent, or a message over 123 UTF-8 bytes; nothing was sent.
            TypeError: `reason` is no `CloseReason`.
        """
        if isinstance(reason, CloseReason):  # pyright: ignore[reportUnnecessaryIsInstance] - the session says what it is
            check_sendable(reason)
            self._stop()
        await self._feed.session.close(reason)

    def _stop(self) -> None:
        self._endpoint.stop()
        self._main.room.make_way()

    def __repr__(self) -> str:
        reason = self.close_reason
        state = "open" if reason is None else f"closed: {reason}"
        return f"<{type(self).__name__} {self._endpoint.shown} {state}>"

    # New sessions.

    @property
    def _feed(self) -> Feed:
        """What the task that asks reads and writes by: of its own inside of `on_open`."""
        return self._openings.feed

    async def _open_first(self) -> None:
        await self._openings.run(self._endpoint.session, self, is_first=True)

    async def _prepare(self, session: ClientSession) -> None:
        await self._openings.run(session, self, is_first=False)
        await self._main.subscriptions.repeat(session)

    # What generated methods are made of.

    @classmethod
    def _open(
        cls,
        url: str,
        *,
        path: str = "",
        variables: Mapping[str, Value] = {},
        query: Values = {},  # noqa: B006
        headers: Values = {},  # noqa: B006
        credentials: Iterable[Credential] = (),
        subprotocols: Sequence[str] = (),
        options: ConnectOptions | None = None,
    ) -> AbstractAsyncContextManager[Self]:
        """What `connect` returns; see `build_address` for the arguments.

        Raises:
            InvalidURLError: at the call, as are the next two.
            ValueError: an argument that is missing or cannot be sent, or options that contradict each other.
            TypeError: an argument or option of the wrong type, or one that there is not.
            HandshakeError: on entering; as `typedws.connect`.
        """
        settings = Settings.of(ConnectOptions() if options is None else options)
        address = build_address(
            url,
            path=path,
            variables=variables,
            query=query,
            headers=headers,
            credentials=credentials,
            more_headers=settings.headers,
        )
        client, reads, writes = make_client(cls.incoming, cls.outgoing, address, settings, subprotocols)
        endpoint = Endpoint(client, address, settings.policy)
        return ConnectionBlock(
            cls.__name__,
            client,
            endpoint,
            make=lambda: cls(endpoint, reads, writes, settings),
            prepare=cls._open_first,
            stop=cls._stop,
        )

    async def _request(self, message: Out_contra, exchange: Exchange[R], /, *, timeout: float | None = None) -> R:
        """Sends a request and waits for its reply.

        Args:
            message: the request, with its id.
            exchange: what it is part of.
            timeout: seconds for all of it; None for ever.

        Raises:
            RequestFailed: the reply says that it failed; of the class that the exchange names.
            RequestTimeoutError: no reply in time; a late one is delivered as an event. Its `sent` says whether the
                request was sent.
            DeserializeError: the reply has a bad body.
            SerializeError: the request cannot be written; nothing was sent, and so in the next case.
            ValueError: it has no id, or one that waits for its reply already.
            ConnectionClosed: the connection has ended, or has been lost. Whether the server got it is not known, and it
                is not sent again.
            HandshakeError: it could not be opened again, and nothing was sent.

        Cancelled, the reply is delivered as an event.
        """
        return await ask(self._feed, self._codec.encode(message), message, exchange, timeout)

    @overload
    def _new_id(self, kind: type[str] = ..., /) -> str: ...
    @overload
    def _new_id(self, kind: type[int], /) -> int: ...
    def _new_id(self, kind: type[str] | type[int] = str, /) -> str | int:
        """An id for a request that no other one of this connection has: "1", "2", ... or the numbers."""
        self._last_id += 1
        return kind(self._last_id)

    def _subscribe(
        self,
        message: Out_contra,
        /,
        *,
        updates: tuple[Any, ...],
        cancel: Out_contra | None = None,
        same: Filters = (),
        request_id: Path = (),
    ) -> AbstractAsyncContextManager[Subscription[Any]]:
        """A subscription for the length of a block: `message` is sent on entering it, `cancel` on leaving it.

        While the block runs, messages of these types are its updates and no events. Subscriptions whose requests are
        the same byte for byte share one on the wire; where they differ in nothing but the list that `same` looks into,
        they share its elements. After an outage the request is sent again; see `reconnect`.

        Args:
            message: subscribes.
            updates: the types of the updates.
            cancel: unsubscribes; None where nothing does.
            same: paths of attributes in the request and in an update; an update is for this subscription only if its
                value is that of the request, or is in it.
            request_id: where request and cancellation have an id that is new in each; empty where they have none.

        Raises:
            SerializeError: on entering, as are the next two: a message cannot be written; nothing was sent.
            ConnectionClosed: the connection has ended.
            HandshakeError: likewise, and could not be opened again.
            RuntimeError: at the call, inside of `on_open`.

        Cancelled while entering, nothing was sent. Leaving never raises because the connection is gone.
        """
        if self._feed is not self._main:
            raise RuntimeError("nothing can be subscribed to inside of on_open: do so when the connection is open")
        return SubscriptionBlock(
            self._main,
            self._codec,
            message,
            updates=updates,
            cancel=cancel,
            same=same,
            request_id=request_id,
        )
