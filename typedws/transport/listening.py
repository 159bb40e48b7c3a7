"""Listening: connections accepted from bound sockets, on whichever event loop is running.

We wait until a socket has a connection and then take it, instead of having the loop do both: a wait may be cancelled at
any time, while a cancelled `sock_accept` of asyncio can lose a connection that it has just taken.
"""

from __future__ import annotations

import errno
import socket
import ssl
from typing import Final

import anyio
import anyio.lowlevel
from anyio.streams.tls import TLSStream

from typedws.transport.asyncio_driver import AsyncioConduit
from typedws.transport.backend import on_trio
from typedws.transport.dialing import adopt, give_up, identity_of, remote_of
from typedws.transport.fast import begin
from typedws.transport.interface import Conduit
from typedws.transport.stream_driver import StreamConduit

__all__ = ["Guest", "Listener"]

_OUT_OF_RESOURCES: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
_BROKEN: Final = frozenset({errno.EBADF, errno.EINVAL, errno.ENOTSOCK})
_PAUSE: Final = 0.1
"""Seconds to wait where the system is out of file descriptors or memory: they come back as connections end."""


class Listener:
    """A bound socket, which is the listener's from now on."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    async def accept(self) -> Guest:
        """Waits for the next connection. Errors of a single connection, and lack of resources, are got over.

        Raises:
            OSError: the socket does not listen any more.

        Cancelling it loses no connection.
        """
        while True:
            await anyio.lowlevel.checkpoint()
            try:
                sock, _ = self._sock.accept()
            except BlockingIOError:
                await anyio.wait_readable(self._sock)
            except OSError as error:
                if error.errno in _BROKEN:
                    raise
                if error.errno in _OUT_OF_RESOURCES:
                    await anyio.sleep(_PAUSE)
            else:
                sock.setblocking(False)
                return Guest(sock)

    def close(self) -> None:
        """Stops listening."""
        self._sock.close()


class Guest:
    """A connection that was accepted, before TLS."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    async def admit(self, context: ssl.SSLContext | None) -> Conduit:
        """Makes the TLS handshake where there is a context.

        Raises:
            OSError: it failed. The connection is closed then, as it is when this is cancelled.
        """
        return await (self._admit_on_trio(context) if on_trio() else self._admit_on_asyncio(context))

    def close(self) -> None:
        """Ends a connection that nobody has begun to admit."""
        self._sock.close()

    async def _admit_on_asyncio(self, context: ssl.SSLContext | None) -> Conduit:
        conduit = AsyncioConduit()
        identity = identity_of(self._sock)
        try:
            await begin(conduit, self._sock, context, server_side=True)
        except BaseException:
            await give_up(self._sock, identity)
            raise
        return conduit

    async def _admit_on_trio(self, context: ssl.SSLContext | None) -> Conduit:
        stream = await adopt(self._sock)
        remote = remote_of(stream)
        if context is None:
            return StreamConduit(stream, remote=remote)
        try:
            tls = await TLSStream.wrap(stream, server_side=True, ssl_context=context, standard_compatible=False)
        except BaseException as error:
            with anyio.CancelScope(shield=True):
                await anyio.aclose_forcefully(stream)
            if isinstance(error, anyio.BrokenResourceError | anyio.EndOfStream):
                raise ConnectionResetError("the connection was lost during the TLS handshake") from error
            raise
        return StreamConduit(tls, remote=remote)
