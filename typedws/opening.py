"""Opening a connection as a client: dial, and make the opening handshake, within one deadline (RFC 6455 section
4.1)."""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import anyio
import anyio.abc

from typedws.call import Call, HeadersLike
from typedws.config import SessionConfig, check_interval
from typedws.converters.base import WebsocketContentConverter
from typedws.errors import ConnectError, HandshakeError, HandshakeTimeoutError
from typedws.protocol.deflate import Deflate
from typedws.protocol.handshake import Accepted
from typedws.protocol.handshake_client import ClientHandshake
from typedws.protocol.url import URL, parse_url
from typedws.transport.dialing import default_ssl_context, dial
from typedws.transport.interface import Conduit
from typedws.transport.stream_driver import StreamConduit

__all__ = ["ClientOptions", "Opened", "Opening"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientOptions:
    """What `connect` and its siblings were asked for; see `connect`.

    Raises:
        ValueError: options that contradict each other, or that no handshake can carry.
    """

    converter: WebsocketContentConverter | None
    converters: Mapping[str, WebsocketContentConverter] | None = None
    subprotocols: Sequence[str] = ()
    headers: HeadersLike = ()
    extensions: Sequence[Deflate] = ()
    origin: str | None = None
    ssl_context: ssl.SSLContext | None = None
    server_hostname: str | None = None
    uds: str | os.PathLike[str] | None = None
    open_timeout: float | None = 10.0
    config: SessionConfig

    def __post_init__(self) -> None:
        check_interval("open_timeout", self.open_timeout)
        if isinstance(self.subprotocols, str):
            raise TypeError("subprotocols is a sequence of names, not one str")
        if self.ssl_context is not None and self.ssl_context.protocol == ssl.PROTOCOL_TLS_SERVER:
            raise ValueError("this ssl_context is for servers; a client's is made with ssl.create_default_context()")

    @property
    def offered(self) -> tuple[str, ...]:
        """The subprotocols to offer, in order of preference: those with a converter of their own first."""
        return (*(self.converters or ()), *self.subprotocols)

    def converter_for(self, subprotocol: str | None) -> WebsocketContentConverter | None:
        """The converter of a session with this subprotocol."""
        if subprotocol is not None and self.converters is not None and subprotocol in self.converters:
            return self.converters[subprotocol]
        return self.converter


@dataclass(frozen=True, slots=True)
class Opened:
    """A connection after its opening handshake: nobody reads from it yet."""

    conduit: Conduit
    call: Call
    accepted: Accepted


class Opening:
    """One attempt to open a connection. Making it checks every argument, before anything is sent.

    Raises:
        InvalidURLError: the URL cannot be opened.
        ValueError: another argument cannot be sent.
    """

    def __init__(self, url: str, options: ClientOptions) -> None:
        self._url: URL = parse_url(url)
        self._options = options
        if options.ssl_context is not None and not self._url.secure:
            raise ValueError("ssl_context is given, but the URL is ws://; TLS is spoken with wss:// only")
        self._handshake = ClientHandshake(
            self._url,
            headers=options.headers,
            subprotocols=options.offered,
            extensions=options.extensions,
            origin=options.origin,
        )

    async def dial(self) -> Opened:
        """Connects and makes the handshake.

        Raises:
            HandshakeError: it failed; see its subclasses.

        Cancelling it leaves no socket behind.
        """
        return await self._within_deadline(None)

    async def over(self, stream: anyio.abc.ByteStream) -> Opened:
        """Makes the handshake over a stream that is connected already.

        Raises:
            HandshakeError: it failed; see its subclasses. The stream is then closed.
        """
        return await self._within_deadline(StreamConduit(stream))

    async def _within_deadline(self, conduit: Conduit | None) -> Opened:
        seconds = self._options.open_timeout
        opened: Opened | None = None
        try:
            with anyio.move_on_after(seconds):
                if conduit is None:
                    conduit = await self._connect()
                opened = await self._shake_hands(conduit)
            if opened is None:
                # A refusal whose body did not end in time is still a refusal.
                if self._handshake.refused:
                    raise self._handshake.rejection()
                message = f"no WebSocket at {self._url.host_header} within open_timeout={seconds:g} s"
                raise HandshakeTimeoutError(message, call=Call(self._handshake.request))
        except BaseException:
            if conduit is not None:
                with anyio.CancelScope(shield=True):
                    await conduit.abort()
            raise
        return opened

    async def _connect(self) -> Conduit:
        url = self._url
        options = self._options
        context = (options.ssl_context or default_ssl_context()) if url.secure else None
        try:
            return await dial(
                url.host, url.port, uds=options.uds, ssl_context=context, server_hostname=options.server_hostname
            )
        except OSError as error:
            where = os.fspath(options.uds) if options.uds is not None else f"{url.host}:{url.port}"
            raise ConnectError(
                f"cannot connect to {where}: {_explain(error)}", call=Call(self._handshake.request)
            ) from error

    async def _shake_hands(self, conduit: Conduit) -> Opened:
        handshake = self._handshake
        try:
            await conduit.send(handshake.request_bytes())
            while handshake.accepted is None:
                data = await conduit.receive()
                if data:
                    handshake.receive_data(data)
                else:
                    handshake.receive_eof()
        except HandshakeError:
            raise
        except OSError as error:
            if handshake.refused:  # it said so, and hung up in the middle of its explanation
                raise handshake.rejection() from error
            message = (
                f"the connection to {self._url.host_header} was lost during the opening handshake: {_explain(error)}"
            )
            raise ConnectError(message, call=Call(handshake.request)) from error
        accepted = handshake.accepted
        return Opened(conduit, Call(handshake.request, accepted.response), accepted)


def _explain(error: BaseException) -> str:
    """What the operating system, or TLS, has to say, in one line: it is the last cause that has something to say."""
    cause = error.__cause__
    if isinstance(cause, BaseExceptionGroup):  # one failure for each address
        failures = cast("BaseExceptionGroup[BaseException]", cause).exceptions
        return "; ".join(dict.fromkeys(map(_explain, failures)))
    if cause is not None and str(cause):
        return _explain(cause)
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"  # where asyncio says "Connect call failed"
    if isinstance(error, ssl.SSLError) and error.reason == "WRONG_VERSION_NUMBER":
        return f"the answer was not TLS; it may be a port for ws:// ({error.strerror})"
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
