"""Listening: connections accepted from bound sockets, on whichever event loop is running."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from typing import Final, Protocol

import anyio
import anyio.abc
from anyio.streams.tls import TLSStream

from typedws.transport.asyncio_driver import AsyncioConduit
from typedws.transport.dialing import on_trio
from typedws.transport.interface import Conduit
from typedws.transport.stream_driver import StreamConduit

__all__ = ["Guest", "Listener", "listen"]

_OUT_OF_RESOURCES: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
_PAUSE: Final = 0.1
"""Seconds to wait where the system is out of file descriptors or memory: they come back as connections end."""


class Guest(Protocol):
    """**Protocol:** a connection that was accepted, before TLS."""

    async def admit(self, context: ssl.SSLContext | None, /) -> Conduit:
        """Makes the TLS handshake where there is a context.

        Raises:
            OSError: it failed. The connection is closed then, as it is when this is cancelled.
        """
        ...


class Listener(Protocol):
    """**Protocol:** a bound socket."""

    async def accept(self) -> Guest:
        """Waits for the next connection. Errors of a single connection, and lack of resources, are got over."""
        ...

    async def aclose(self) -> None:
        """Stops listening."""
        ...


async def listen(sock: socket.socket) -> Listener:
    """A listener for a bound socket, which is the listener's from now on."""
    return StreamListener(await anyio.abc.SocketListener.from_socket(sock)) if on_trio() else AsyncioListener(sock)


class AsyncioListener:
    """A socket on the running asyncio loop."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._loop = asyncio.get_running_loop()

    async def accept(self) -> Guest:
        while True:
            try:
                sock, _ = await self._loop.sock_accept(self._sock)
            except OSError as error:
                await _get_over(error, self._sock.fileno() < 0)
            else:
                sock.setblocking(False)
                return _AsyncioGuest(sock)

    async def aclose(self) -> None:
        self._sock.close()


class _AsyncioGuest:
    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    async def admit(self, context: ssl.SSLContext | None) -> Conduit:
        conduit = AsyncioConduit()
        # Under TLS, uvloop returns a protocol of its own instead of ours.
        await asyncio.get_running_loop().connect_accepted_socket(lambda: conduit, self._sock, ssl=context)
        return conduit


class StreamListener:
    """An anyio listener: trio's."""

    def __init__(self, listener: anyio.abc.SocketListener) -> None:
        self._listener = listener

    async def accept(self) -> Guest:
        while True:
            try:
                return _StreamGuest(await self._listener.accept())
            except anyio.ClosedResourceError as error:
                raise OSError(errno.EBADF, "the listening socket is closed") from error
            except anyio.BrokenResourceError as error:  # what anyio makes of every error of the system
                cause = error.__cause__
                await _get_over(cause if isinstance(cause, OSError) else OSError(errno.EBADF, str(error)), False)

    async def aclose(self) -> None:
        await self._listener.aclose()


class _StreamGuest:
    def __init__(self, stream: anyio.abc.SocketStream) -> None:
        self._stream = stream

    async def admit(self, context: ssl.SSLContext | None) -> Conduit:
        remote = self._stream.extra(anyio.abc.SocketAttribute.remote_address, None)
        if context is None:
            return StreamConduit(self._stream, remote=remote)
        try:
            tls = await TLSStream.wrap(self._stream, server_side=True, ssl_context=context, standard_compatible=False)
        except BaseException as error:
            with anyio.CancelScope(shield=True):
                await anyio.aclose_forcefully(self._stream)
            if isinstance(error, anyio.BrokenResourceError | anyio.EndOfStream):
                raise ConnectionResetError("the connection was lost during the TLS handshake") from error
            raise
        return StreamConduit(tls, remote=remote)


async def _get_over(error: OSError, closed: bool) -> None:
    """Waits where the system is out of something; a connection that ended before it was accepted is no matter."""
    if closed or error.errno in (errno.EBADF, errno.EINVAL, errno.ENOTSOCK):
        raise error
    await anyio.sleep(_PAUSE if error.errno in _OUT_OF_RESOURCES else 0)
