"""Dialling: from an address to a connected conduit, on whichever event loop is running.

On asyncio and uvloop we connect the socket first, with happy eyeballs (RFC 8305), and give it to the loop, because
uvloop's own `create_connection` knows none. trio has its own.

A tunnel through a proxy is opened on the bare socket, before TLS and before anybody else reads from it. What comes
afterwards is a connection like any other.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import socket
import ssl
from collections.abc import Awaitable, Callable
from typing import Final, cast

import anyio
import anyio.abc
import anyio.lowlevel
from aiohappyeyeballs import start_connection  # pyright: ignore[reportUnknownVariableType]
from anyio.streams.tls import TLSStream

from typedws.protocol.proxy import Tunnel
from typedws.transport.asyncio_driver import AsyncioConduit
from typedws.transport.backend import on_trio
from typedws.transport.fast import begin
from typedws.transport.interface import Conduit, address_of_peer
from typedws.transport.stream_driver import StreamConduit

__all__ = ["adopt", "default_ssl_context", "dial", "give_up", "identity_of", "remote_of"]

_HAPPY_EYEBALLS_DELAY: Final = 0.25
"""Seconds before the next address is tried as well (RFC 8305 section 5)."""

_READ_SIZE: Final = 64 * 1024

_TURNS: Final = 100
"""Turns in which an event loop surely notices the end of a connection; it takes five or so."""


@functools.cache
def default_ssl_context() -> ssl.SSLContext:
    """The TLS settings of a client that was given none: certificates and host names are verified."""
    return ssl.create_default_context()


async def dial(
    host: str,
    port: int,
    *,
    uds: str | os.PathLike[str] | None = None,
    tunnel: Tunnel | None = None,
    ssl_context: ssl.SSLContext | None = None,
    server_hostname: str | None = None,
) -> Conduit:
    """Connects.

    Args:
        host: a name or an address.
        port: the TCP port.
        uds: the path of a Unix socket to connect to instead.
        tunnel: the way through a proxy, which is connected to instead.
        ssl_context: speak TLS with these settings; plain TCP where it is None.
        server_hostname: the name that the certificate must be for; `host` unless given.

    Raises:
        OSError: name lookup, TCP or TLS failed.
        ProxyError: the proxy did not open the tunnel.

    Cancelling it leaves no socket behind.
    """
    # A name may be written with the dot of the root behind it; a certificate never has it.
    server_hostname = server_hostname or host.removesuffix(".")
    if tunnel is not None:
        host, port = tunnel.proxy.host, tunnel.proxy.port
    if on_trio():
        stream = await (anyio.connect_unix(uds) if uds else _connect_tcp_on_trio(host, port))
        plain = StreamConduit(stream, remote=remote_of(stream))
        if tunnel is not None:
            try:
                await _open_tunnel(tunnel, plain.send, plain.receive)
            except BaseException:
                await plain.abort()
                raise
        return plain if ssl_context is None else await _tls_over_stream(stream, ssl_context, server_hostname)
    loop = asyncio.get_running_loop()
    sock = await (_connect_unix(loop, uds) if uds else _connect_tcp(loop, host, port))
    if tunnel is not None:
        try:
            receive = functools.partial(loop.sock_recv, sock, _READ_SIZE)
            await _open_tunnel(tunnel, functools.partial(loop.sock_sendall, sock), receive)
        except BaseException:
            sock.close()
            raise
    conduit = AsyncioConduit()
    identity = identity_of(sock)
    try:
        await begin(conduit, sock, ssl_context, server_hostname=server_hostname)
    except BaseException:
        await give_up(sock, identity)
        raise
    return conduit


def identity_of(sock: socket.socket) -> int | None:
    """What tells a socket from a later one that has got its number; None where it is closed, or none is known."""
    try:
        return os.fstat(sock.fileno()).st_ino or None
    except (OSError, ValueError):
        return None


async def give_up(sock: socket.socket, identity: int | None) -> None:
    """Ends a connection that an asyncio loop was given and did not give back, and waits until its socket is closed.

    A loop closes it by itself, but in a later turn. Under TLS it may not do so at all when it is cancelled before the
    handshake has begun (asyncio), or wait for the peer to end TLS (both). A socket must not be closed under a transport
    either: its number may be another socket's by the time the transport looks at it. So the connection is ended in the
    operating system, which every transport notices.

    A connection that is reset as TLS begins, uvloop may have closed without telling the socket. The number is then
    nobody's, or another connection's, which must not be ended here.

    Args:
        sock: the socket.
        identity: what `identity_of` said before the loop got it.
    """
    if identity is not None and identity_of(sock) != identity:
        sock.detach()
        return
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
    with anyio.CancelScope(shield=True):
        for _ in range(_TURNS):
            if sock.fileno() < 0:
                return
            await anyio.lowlevel.checkpoint()
    sock.close()  # no transport was made


async def _open_tunnel(
    tunnel: Tunnel, send: Callable[[bytes], Awaitable[object]], receive: Callable[[], Awaitable[bytes]]
) -> None:
    try:
        await send(tunnel.request_bytes())
        while not tunnel.is_open:
            data = await receive()
            if not data:
                raise tunnel.rejection()
            tunnel.receive_data(data)
    except OSError as error:
        raise tunnel.rejection() from error


async def _tls_over_stream(
    stream: anyio.abc.ByteStream, context: ssl.SSLContext, server_hostname: str
) -> StreamConduit:
    try:
        # The end of the WebSocket is its Close frame, so TLS need not be ended in order as well (standard_compatible).
        tls = await TLSStream.wrap(
            stream, hostname=server_hostname, ssl_context=context, server_side=False, standard_compatible=False
        )
    except BaseException as error:
        with anyio.CancelScope(shield=True):
            await anyio.aclose_forcefully(stream)
        if isinstance(error, anyio.BrokenResourceError | anyio.EndOfStream):
            raise ConnectionResetError("the connection was lost during the TLS handshake") from error
        raise
    return StreamConduit(tls, remote=remote_of(stream))


def remote_of(stream: anyio.abc.ByteStream) -> tuple[str, int] | str | None:
    """The address of the peer of a socket's stream."""
    return address_of_peer(stream.extra(anyio.abc.SocketAttribute.remote_address, None))


async def _connect_tcp(loop: asyncio.AbstractEventLoop, host: str, port: int) -> socket.socket:
    addresses = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    if not addresses:
        raise OSError(f"no address for {host}")
    race = start_connection(addresses, happy_eyeballs_delay=_HAPPY_EYEBALLS_DELAY, interleave=1)
    return await (race if len(addresses) == 1 else _win(loop.create_task(race)))


async def _win(race: asyncio.Task[socket.socket]) -> socket.socket:
    """Waits for the first of several addresses to answer. The race is a task of its own, because it swallows a
    cancellation that comes while it calls back those that have lost."""
    try:
        return await asyncio.shield(race)
    except BaseException:
        race.cancel()
        with anyio.CancelScope(shield=True):
            while not race.done():
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.wait([race])
        if not race.cancelled() and race.exception() is None:
            race.result().close()
        raise


async def _connect_tcp_on_trio(host: str, port: int) -> anyio.abc.SocketStream:
    # anyio's `connect_tcp` loses the socket when it is cancelled in the moment in which it has connected.
    import trio

    try:
        stream = await trio.open_tcp_stream(host, port, happy_eyeballs_delay=_HAPPY_EYEBALLS_DELAY)
    except BaseExceptionGroup as group:
        interruption = _leading(group)
    else:
        return await adopt(socket.socket(fileno=stream.socket.detach()))
    raise interruption


def _leading(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """What to raise instead of the group in which trio's tasks, one for each address, report a cancellation or a
    Ctrl-C: the one that says most."""
    others = group.split(anyio.get_cancelled_exc_class())[1]
    first = (others or group).exceptions[0]
    return (
        _leading(cast("BaseExceptionGroup[BaseException]", first)) if isinstance(first, BaseExceptionGroup) else first
    )


async def adopt(sock: socket.socket) -> anyio.abc.SocketStream:
    """A stream of a connected socket, which is the stream's from now on. On trio it does not wait, so nothing is lost.

    Raises:
        OSError: it is not connected any more.
    """
    try:
        if sock.family not in (socket.AF_INET, socket.AF_INET6):
            return await anyio.abc.UNIXSocketStream.from_socket(sock)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return await anyio.abc.SocketStream.from_socket(sock)
    except OSError:
        sock.close()
        raise
    except ValueError as error:  # what anyio says of a socket that has lost its peer
        sock.close()
        raise ConnectionResetError("the connection was lost as soon as it was made") from error


async def _connect_unix(loop: asyncio.AbstractEventLoop, path: str | os.PathLike[str]) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        await loop.sock_connect(sock, os.fspath(path))
    except BaseException:
        sock.close()
        raise
    return sock
