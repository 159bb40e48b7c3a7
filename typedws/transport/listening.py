"""Listening: sockets that are bound, and connections accepted from them, on whichever event loop is running."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import ssl
import stat
from typing import Final, Protocol

import anyio
import anyio.abc
from anyio.streams.tls import TLSStream

from typedws.transport.asyncio_driver import AsyncioConduit
from typedws.transport.dialing import on_trio
from typedws.transport.interface import Conduit
from typedws.transport.stream_driver import StreamConduit

__all__ = ["Guest", "Listener", "bind_tcp", "bind_unix", "listen"]

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

    def turn_away(self) -> None:
        """Closes it at once."""
        ...


class Listener(Protocol):
    """**Protocol:** a bound socket."""

    async def accept(self) -> Guest:
        """Waits for the next connection. Errors of a single connection, and lack of resources, are got over."""
        ...

    async def aclose(self) -> None:
        """Stops listening."""
        ...


def bind_tcp(host: str | None, port: int, *, backlog: int) -> list[socket.socket]:
    """Sockets that listen on every address of `host`, on all interfaces where it is None; port 0 picks one for all of them.

    Raises:
        OSError: no such address, or it is taken.
    """
    family = socket.AF_UNSPEC
    addresses = dict.fromkeys(
        (info[0], info[4][0])
        for info in socket.getaddrinfo(host or None, port, family, socket.SOCK_STREAM, 0, socket.AI_PASSIVE)
        if info[0] in (socket.AF_INET, socket.AF_INET6)
    )
    sockets: list[socket.socket] = []
    try:
        for kind, address in addresses:
            try:
                sock = socket.socket(kind, socket.SOCK_STREAM)
            except OSError:
                continue  # the address resolves, but this machine does not speak its protocol
            sockets.append(sock)
            if os.name == "posix":
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if kind == socket.AF_INET6:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            sock.bind((address, port))
            port = sock.getsockname()[1]
            sock.listen(backlog)
            sock.setblocking(False)
    except BaseException:
        for sock in sockets:
            sock.close()
        raise
    if not sockets:
        raise OSError(errno.EADDRNOTAVAIL, f"no address of {host!r} can be listened on")
    return sockets


def bind_unix(path: str | os.PathLike[str], *, backlog: int) -> socket.socket:
    """A socket that listens at `path`. A socket file that is left over there is replaced; any other file is not.

    Raises:
        OSError: the path cannot be used.
    """
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        if os.path.exists(path) and stat.S_ISSOCK(os.stat(path).st_mode):
            os.unlink(path)
        sock.bind(os.fspath(path))
        sock.listen(backlog)
        sock.setblocking(False)
    except BaseException:
        sock.close()
        raise
    return sock


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
                sock, address = await self._loop.sock_accept(self._sock)
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
        _, conduit = await asyncio.get_running_loop().connect_accepted_socket(
            AsyncioConduit, self._sock, ssl=context
        )
        return conduit

    def turn_away(self) -> None:
        self._sock.close()


class StreamListener:
    """An anyio listener: trio's."""

    def __init__(self, listener: anyio.abc.SocketListener) -> None:
        self._listener = listener

    async def accept(self) -> Guest:
        while True:
            try:
                return _StreamGuest(await self._listener.accept())
            except OSError as error:
                await _get_over(error, False)

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

    def turn_away(self) -> None:
        self._stream.extra(anyio.abc.SocketAttribute.raw_socket).close()


async def _get_over(error: OSError, closed: bool) -> None:
    """Waits where the system is out of something; a connection that ended before it was accepted is no matter."""
    if closed or error.errno in (errno.EBADF, errno.EINVAL, errno.ENOTSOCK):
        raise error
    await anyio.sleep(_PAUSE if error.errno in _OUT_OF_RESOURCES else 0)
