"""Opening a connection as a client: dial, and make the opening handshake, within one deadline (RFC 6455 section
4.1)."""

from __future__ import annotations

import os
import ssl
from dataclasses import dataclass
from typing import cast

import anyio
import anyio.abc

from typedws.call import Call
from typedws.client_options import ClientOptions
from typedws.errors import ConnectError, HandshakeError, HandshakeTimeoutError
from typedws.protocol.handshake import Accepted
from typedws.protocol.handshake_client import ClientHandshake
from typedws.protocol.proxy import Tunnel, parse_proxy
from typedws.protocol.url import URL, parse_url
from typedws.transport.dialing import default_ssl_context, dial
from typedws.transport.interface import Conduit
from typedws.transport.stream_driver import StreamConduit

__all__ = ["Opened", "Opening"]


@dataclass(frozen=True, slots=True)
class Opened:
    """A connection after its opening handshake: nobody reads from it yet."""

    conduit: Conduit
    call: Call
    accepted: Accepted

    async def abort(self) -> None:
        """Ends it now, whatever scope of the caller's is cancelled."""
        with anyio.CancelScope(shield=True):
            await self.conduit.abort()


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
        if options.server_hostname is not None and not self._url.secure:
            raise ValueError("server_hostname is given, but the URL is ws://; TLS is spoken with wss:// only")
        self._handshake = ClientHandshake(
            self._url,
            headers=options.headers,
            subprotocols=options.offered,
            extensions=options.extensions,
            origin=options.origin,
        )
        self._tunnel: Tunnel | None = None
        if options.proxy is not None:
            self._tunnel = Tunnel(parse_proxy(options.proxy), self._url, self._handshake.request)

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
                if self._tunnel is not None and self._tunnel.refused:
                    raise self._tunnel.rejection()
                if self._handshake.refused:
                    raise self._handshake.rejection()
                where = self._url.host_header
                if self._tunnel is not None:
                    where += f" through the proxy at {self._tunnel.proxy}"
                message = f"no WebSocket at {where} within open_timeout={seconds:g} s"
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
                url.host,
                url.port,
                uds=options.uds,
                tunnel=self._tunnel,
                ssl_context=context,
                server_hostname=options.server_hostname,
            )
        except OSError as error:
            message = f"cannot connect to {self._failed_at()}: {_explain(error)}"
            raise ConnectError(message, call=Call(self._handshake.request)) from error

    def _failed_at(self) -> str:
        """What could not be connected to."""
        if self._options.uds is not None:
            return os.fspath(self._options.uds)
        server = f"{self._url.host}:{self._url.port}"
        if self._tunnel is None:
            return server
        proxy = f"the proxy at {self._tunnel.proxy}"
        return f"{server} through {proxy}" if self._tunnel.is_open else proxy

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
    if isinstance(error, ConnectionError) and error.errno:
        return os.strerror(error.errno)  # where asyncio says "Connect call failed"
    if isinstance(error, ssl.SSLError) and error.reason == "WRONG_VERSION_NUMBER":
        return f"the answer was not TLS; it may be a port for ws:// ({error.strerror})"
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
