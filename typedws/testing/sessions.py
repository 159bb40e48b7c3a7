"""Two connected sessions in memory: a client's and a server's, with a real handshake and real frames between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from types import TracebackType
from typing import TypeAlias

import anyio

from typedws.admission import Admission
from typedws.call import Call, HeadersLike
from typedws.client import start
from typedws.client_options import ClientOptions
from typedws.config import SessionConfig
from typedws.converters.base import WebsocketContentConverter
from typedws.converters.json import JSONConverter
from typedws.errors import HandshakeError
from typedws.lifetime import DriverGroup, end, reason_for
from typedws.link import WireLink
from typedws.opening import Opened, Opening
from typedws.protocol.deflate import Deflate
from typedws.protocol.handshake import Accepted
from typedws.session import ClientSession, ServerSession
from typedws.testing.streams import MemoryByteStream, memory_stream_pair
from typedws.transport.stream_driver import StreamConduit

__all__ = ["session_pair"]

DEFAULT_CONVERTER = JSONConverter()
DEFAULT_CONFIG = SessionConfig()

Pair: TypeAlias = tuple[ClientSession, ServerSession]


def session_pair(
    url: str = "ws://localhost/",
    *,
    converter: WebsocketContentConverter | None = DEFAULT_CONVERTER,
    converters: Mapping[str, WebsocketContentConverter] | None = None,
    subprotocols: Sequence[str] = (),
    headers: HeadersLike = (),
    extensions: Sequence[Deflate] = (),
    origin: str | None = None,
    config: SessionConfig = DEFAULT_CONFIG,
    server_config: SessionConfig | None = None,
) -> AbstractAsyncContextManager[Pair]:
    """Opens both ends of a WebSocket in memory: `async with session_pair() as (client, server)`.

    The handshake and the frames are those of `connect` and `serve`; the connection is a `memory_stream_pair`: no
    socket, no port, no network. Both ends get the same options, so the server takes what the client offers.

    Leaving the block closes the client as leaving a `connect` block does, with 1000, 1011 or 1001, and then the
    server's end, should it still be open. An exception leaves as itself. Enter and leave it in the same task.

    Args:
        url: what the client asks for; the server sees it in `session.call.request`.
        converter: turns values into frames; JSON unless given; None for frames only.
        converters: a converter for each subprotocol; the first one is agreed on.
        subprotocols: further subprotocols, after those of `converters`.
        headers: further header fields of the request.
        extensions: `[Deflate()]` for compression; nothing unless given.
        origin: the Origin header; none unless given.
        config: limits and timers of both ends.
        server_config: those of the server's end, where they differ.

    Raises:
        InvalidURLError: at the call, as are the next two.
        ValueError: a header, subprotocol or origin that cannot be sent.
        TypeError: an option of the wrong type.
        HandshakeRejectedError: on entering: the request is larger than a server takes.
    """
    options = ClientOptions(
        converter=converter,
        converters=converters,
        subprotocols=subprotocols,
        headers=headers,
        extensions=extensions,
        origin=origin,
        open_timeout=None,
        config=config,
    )
    admission = Admission(
        converter=converter,
        converters=dict(converters or {}),
        subprotocols=tuple(subprotocols),
        extensions=tuple(extensions),
        process_request=None,
        secure=url.lower().startswith("wss:"),
    )
    return _SessionPair(url, options, admission, server_config or config)


class _SessionPair(AbstractAsyncContextManager[Pair]):
    def __init__(self, url: str, options: ClientOptions, admission: Admission, server_config: SessionConfig) -> None:
        self._opening = Opening(url, options)
        self._options = options
        self._admission = admission
        self._server_config = server_config
        self._drivers = DriverGroup()
        self._links: tuple[WireLink, ...] | None = None

    async def __aenter__(self) -> Pair:
        if self._links is not None:
            raise RuntimeError("this pair has been entered before; call session_pair again for a new one")
        self._links = ()
        near, far_stream = memory_stream_pair()
        far = StreamConduit(far_stream)
        opened, agreed = await self._shake_hands(near, far)
        await self._drivers.open()
        client_link, client = start(opened, self._options, self._drivers)
        server_link, server = self._admission.start(far, *agreed, config=self._server_config)
        self._drivers.start(far)
        self._links = (client_link, server_link)
        return client, server

    async def _shake_hands(self, near: MemoryByteStream, far: StreamConduit) -> tuple[Opened, tuple[Call, Accepted]]:
        """Makes the handshake at both ends. Its one error is raised outside of the task group, which would wrap it."""
        agreed: tuple[Call, Accepted] | None = None
        outcome: Opened | HandshakeError | None = None

        async def admit() -> None:
            nonlocal agreed
            with suppress(OSError, HandshakeError):  # the client's end knows more about it
                agreed = await self._admission.shake_hands(far)

        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(admit)
                try:
                    outcome = await self._opening.over(near)
                except HandshakeError as error:
                    outcome = error
            if isinstance(outcome, HandshakeError):
                raise outcome
            assert outcome is not None
            assert agreed is not None
            return outcome, agreed
        except BaseException:
            with anyio.CancelScope(shield=True):
                await near.aclose()
                await far.abort()
            raise

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._links is not None
        client_link, server_link = self._links
        reason = reason_for(exc_type)
        try:
            try:
                await end(client_link, reason)
            finally:
                await end(server_link, reason)
        finally:
            await self._drivers.leave()
