"""The client: `connect` for one session, `WebSocketClient` for many that share their settings."""

from __future__ import annotations

import os
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import Self, Unpack

import anyio
import anyio.abc

from typedws.call import Headers, HeadersLike
from typedws.client_options import ClientOptions, SessionOptions
from typedws.config import SessionConfig
from typedws.converters.base import WebsocketContentConverter, kind_of_messages
from typedws.converters.json import JSONConverter
from typedws.lifetime import DriverGroup, end, join, reason_for
from typedws.link import WireLink
from typedws.opening import Opened, Opening
from typedws.protocol.deflate import Deflate
from typedws.session import ClientSession
from typedws.transport.backend import on_trio

__all__ = ["SessionBlock", "WebSocketClient", "connect", "wrap_stream"]

DEFAULT_CONVERTER = JSONConverter()
DEFAULT_CONFIG = SessionConfig()


def connect(
    url: str,
    *,
    converter: WebsocketContentConverter | None = DEFAULT_CONVERTER,
    converters: Mapping[str, WebsocketContentConverter] | None = None,
    subprotocols: Sequence[str] = (),
    headers: HeadersLike = (),
    extensions: Sequence[Deflate] = (),
    origin: str | None = None,
    ssl_context: ssl.SSLContext | None = None,
    server_hostname: str | None = None,
    uds: str | os.PathLike[str] | None = None,
    proxy: str | None = None,
    open_timeout: float | None = 10.0,
    config: SessionConfig = DEFAULT_CONFIG,
) -> AbstractAsyncContextManager[ClientSession]:
    """Opens a WebSocket for the length of a block: `async with connect(url) as session`.

    Left normally, the block closes with 1000; by an exception with 1011; by cancellation, Ctrl-C or exit with 1001. It
    waits for the peer's Close and the end of the connection, at most `config.close_timeout`. The exception leaves as
    itself.

    Args:
        url: `ws://` or `wss://`; user and password in it become Basic authentication.
        converter: turns values into frames; JSON unless given; None for frames only.
        converters: a converter for each subprotocol, offered in this order; the negotiated one decides.
        subprotocols: further subprotocols to offer, after those of `converters`. If none is negotiated, `converter` is
            used.
        headers: further header fields of the request, a mapping or pairs.
        extensions: what to offer: `[Deflate()]` for compression; nothing unless given.
        origin: the Origin header; none unless given.
        ssl_context: TLS settings for `wss://`; certificates and host names are verified unless it says otherwise.
        server_hostname: the name that the certificate must be for; the URL's host unless given.
        uds: the path of a Unix socket to connect to; the URL still names host and path.
        proxy: the HTTP proxy to go through, `http://[user:password@]host[:port]`; None, the default, for none. Nothing
            is taken from the environment.
        open_timeout: seconds for all of it: name lookup, TCP, proxy, TLS and the opening handshake; None for ever.
        config: limits and timers.

    Raises:
        InvalidURLError: at the call, as are the next two.
        ValueError: a header, subprotocol or origin that cannot be sent, or options that contradict each other.
        TypeError: an option of the wrong type.
        ConnectError: on entering: name lookup, TCP or TLS failed, or the connection was lost.
        HandshakeTimeoutError: on entering: `open_timeout` passed.
        HandshakeRejectedError: on entering: the server refused, or is no WebSocket server.
        ProxyError: on entering: the proxy refused, or is no HTTP proxy.

    Cancelled while entering, it leaves no connection behind.
    """
    options = ClientOptions(
        converter=converter,
        converters=converters,
        subprotocols=subprotocols,
        headers=headers,
        extensions=extensions,
        origin=origin,
        ssl_context=ssl_context,
        server_hostname=server_hostname,
        uds=uds,
        proxy=proxy,
        open_timeout=open_timeout,
        config=config,
    )
    return SessionBlock(Opening(url, options).dial, options)


def wrap_stream(
    stream: anyio.abc.ByteStream,
    url: str,
    *,
    converter: WebsocketContentConverter | None = DEFAULT_CONVERTER,
    converters: Mapping[str, WebsocketContentConverter] | None = None,
    subprotocols: Sequence[str] = (),
    headers: HeadersLike = (),
    extensions: Sequence[Deflate] = (),
    origin: str | None = None,
    open_timeout: float | None = 10.0,
    config: SessionConfig = DEFAULT_CONFIG,
) -> AbstractAsyncContextManager[ClientSession]:
    """Opens a WebSocket over a stream that is connected already: a tunnel, a serial line, a pair in memory.

    The stream is the session's from now on, and is closed with it. TLS, if wanted, is the stream's business; the scheme
    of `url` only says what the request claims.

    Args:
        stream: any anyio byte stream.
        url: what to ask for.

    The other arguments, what leaving the block does, and the errors are those of `connect`.
    """
    options = ClientOptions(
        converter=converter,
        converters=converters,
        subprotocols=subprotocols,
        headers=headers,
        extensions=extensions,
        origin=origin,
        open_timeout=open_timeout,
        config=config,
    )
    opening = Opening(url, options)
    return SessionBlock(lambda: opening.over(stream), options)


class SessionBlock(AbstractAsyncContextManager[ClientSession]):
    """A session for the length of an `async with`; enter it once.

    Args:
        open: opens the connection.
        options: what it was opened with.
    """

    def __init__(self, open: Callable[[], Awaitable[Opened]], options: ClientOptions) -> None:
        # Until it is entered: what a handshake needs is not kept for the life of the session.
        self._unopened: tuple[Callable[[], Awaitable[Opened]], ClientOptions] | None = (open, options)
        self._drivers = DriverGroup()
        self._link: WireLink | None = None

    async def __aenter__(self) -> ClientSession:
        if self._unopened is None:
            raise RuntimeError("this block has been entered before; call connect again for a new session")
        (open, options), self._unopened = self._unopened, None
        opened = await open()
        try:
            if opened.conduit.needs_run:
                await self._drivers.open()
            self._link, session = start(opened, options, self._drivers)
            if opened.conduit.needs_run:
                await self._drivers.begin()
        except BaseException:
            await opened.abort()
            await self._drivers.leave()
            raise
        return session

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._link is not None
        try:
            await end(self._link, reason_for(exc_type))
        finally:
            await self._drivers.leave()


def start(opened: Opened, options: ClientOptions, drivers: DriverGroup) -> tuple[WireLink, ClientSession]:
    """Makes a session of an opened connection. Nothing in here waits, so nothing can be left half done."""
    accepted = opened.accepted
    converter = options.converter_for(accepted.subprotocol)
    link = join(
        opened.conduit,
        accepted.trailing,
        client=True,
        deflate=accepted.deflate,
        bare=kind_of_messages(converter),
        config=options.config,
    )
    session = ClientSession(
        link,
        call=opened.call,
        converter=converter,
        subprotocol=accepted.subprotocol,
        extensions=accepted.extensions,
        config=options.config,
        masking=True,
    )
    if opened.conduit.needs_run:
        drivers.start(opened.conduit)
    return link, session


class WebSocketClient:
    """Settings that many sessions share, and the sessions that are closed by hand.

    ```python
    async with WebSocketClient(headers={"Authorization": f"Bearer {token}"}) as client:
        async with client.websocket("wss://api.example.com/feed") as session:
            ...
        other = await client.websocket_session("wss://api.example.com/control")
        ...
        await other.close()
    ```

    `websocket` works without entering the client. Leaving the client closes all sessions of `websocket_session` that
    are still open, side by side.

    Args: those of `connect`, as defaults for each session.

    Raises:
        ValueError: a setting that no handshake can carry.
    """

    def __init__(
        self,
        *,
        converter: WebsocketContentConverter | None = DEFAULT_CONVERTER,
        converters: Mapping[str, WebsocketContentConverter] | None = None,
        subprotocols: Sequence[str] = (),
        headers: HeadersLike = (),
        extensions: Sequence[Deflate] = (),
        origin: str | None = None,
        ssl_context: ssl.SSLContext | None = None,
        server_hostname: str | None = None,
        uds: str | os.PathLike[str] | None = None,
        proxy: str | None = None,
        open_timeout: float | None = 10.0,
        config: SessionConfig = DEFAULT_CONFIG,
    ) -> None:
        self._options = ClientOptions(
            converter=converter,
            converters=converters,
            subprotocols=subprotocols,
            headers=Headers(headers),
            extensions=extensions,
            origin=origin,
            ssl_context=ssl_context,
            server_hostname=server_hostname,
            uds=uds,
            proxy=proxy,
            open_timeout=open_timeout,
            config=config,
        )
        # What no handshake can carry is found now, not when the first session is opened.
        Opening("wss://localhost/", self._options)
        self._drivers = DriverGroup()
        self._links: set[WireLink] = set()
        self._entered = False

    def websocket(self, url: str, **changes: Unpack[SessionOptions]) -> AbstractAsyncContextManager[ClientSession]:
        """Opens a WebSocket for the length of a block, as `connect` does.

        Args:
            url: `ws://` or `wss://`.
            changes: arguments of `connect` that differ for this session; `headers` are added to the client's.

        Raises: as `connect`; TypeError for an unknown argument.
        """
        options = self._changed(url, changes)
        return SessionBlock(Opening(url, options).dial, options)

    async def websocket_session(self, url: str, **changes: Unpack[SessionOptions]) -> ClientSession:
        """Opens a WebSocket that you close: `await session.close()`; at the latest the client does.

        Args:
            url: `ws://` or `wss://`.
            changes: arguments of `connect` that differ for this session; `headers` are added to the client's.

        Raises: as `connect`; RuntimeError where the client is not entered, or is left in the meantime.

        Cancelling it leaves no connection behind.
        """
        if not self._entered:
            raise RuntimeError(
                "websocket_session needs `async with WebSocketClient(...) as client`, which closes the session"
            )
        options = self._changed(url, changes)
        opened = await Opening(url, options).dial()
        try:
            if not self._entered:
                raise RuntimeError("the client was left while this session was being opened")
            link, session = start(opened, options, self._drivers)
        except BaseException:
            await opened.abort()
            raise
        if not link.is_gone:
            self._links.add(link)
            link.wire.add_listener(partial(self._forget_if_gone, link))
        return session

    def _forget_if_gone(self, link: WireLink) -> None:
        if link.is_gone:
            self._links.discard(link)

    def _changed(self, url: str, changes: SessionOptions) -> ClientOptions:
        unknown = changes.keys() - SessionOptions.__annotations__
        if unknown:
            raise TypeError(f"{min(unknown)!r} is no option of a session; its options are the arguments of connect")
        if str(url)[:3].lower() == "ws:":
            # The client's own are for its other URLs.
            changes.setdefault("ssl_context", None)
            changes.setdefault("server_hostname", None)
        if "headers" in changes:
            ours = self._options.headers
            assert isinstance(ours, Headers)
            theirs = Headers(changes["headers"])
            kept = [(name, value) for name, value in ours.items_raw() if name not in theirs]
            changes["headers"] = Headers([*kept, *theirs.items_raw()])
        return replace(self._options, **changes)

    async def __aenter__(self) -> Self:
        if self._entered:
            raise RuntimeError("this client has been entered already")
        self._entered = True
        if on_trio():
            await self._drivers.open()
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._entered = False
        reason = reason_for(exc_type)
        links, self._links = self._links, set()
        try:
            for link in links:
                link.close(reason)
            for link in links:
                await end(link, reason)
        finally:
            for link in links:
                if not link.is_gone:
                    link.abort()
            with anyio.CancelScope(shield=True):
                for link in links:
                    await link.wait_gone()
            await self._drivers.leave()
