"""Dialling: from an address to a connected conduit, on whichever event loop is running.

On asyncio and uvloop we connect the socket first, with happy eyeballs (RFC 8305), and give it to the loop, because
uvloop's own `create_connection` knows none. On trio anyio does both.
"""

from __future__ import annotations

import asyncio
import functools
import os
import socket
import ssl
import sys
from typing import Final

import anyio
import anyio.abc
from aiohappyeyeballs import start_connection  # pyright: ignore[reportUnknownVariableType]
from anyio.streams.tls import TLSStream

from typedws.transport.asyncio_driver import AsyncioConduit
from typedws.transport.interface import Conduit
from typedws.transport.stream_driver import StreamConduit

__all__ = ["default_ssl_context", "dial", "on_trio", "start_tls"]

_HAPPY_EYEBALLS_DELAY: Final = 0.25
"""Seconds before the next address is tried as well (RFC 8305 section 5)."""


def on_trio() -> bool:
    """Whether the running event loop is trio's."""
    trio = sys.modules.get("trio")
    return trio is not None and bool(trio.lowlevel.in_trio_run())


@functools.cache
def default_ssl_context() -> ssl.SSLContext:
    """The TLS settings of a client that was given none: certificates and host names are verified."""
    return ssl.create_default_context()


async def dial(
    host: str,
    port: int,
    *,
    uds: str | os.PathLike[str] | None = None,
    ssl_context: ssl.SSLContext | None = None,
    server_hostname: str | None = None,
) -> Conduit:
    """Connects.

    Args:
        host: a name or an address.
        port: the TCP port.
        uds: the path of a Unix socket to connect to instead.
        ssl_context: speak TLS with these settings; plain TCP where it is None.
        server_hostname: the name that the certificate must be for; `host` unless given.

    Raises:
        OSError: name lookup, TCP or TLS failed.

    Cancelling it leaves no socket behind.
    """
    # A name may be written with the dot of the root behind it; a certificate never has it.
    server_hostname = server_hostname or host.removesuffix(".")
    if on_trio():
        stream: anyio.abc.ByteStream = await (anyio.connect_unix(uds) if uds else anyio.connect_tcp(host, port))
        if ssl_context is not None:
            return await _tls_over_stream(stream, ssl_context, server_hostname)
        return StreamConduit(stream, remote=_remote(stream))
    loop = asyncio.get_running_loop()
    sock = await (_connect_unix(loop, uds) if uds else _connect_tcp(loop, host, port))
    try:
        _, conduit = await loop.create_connection(
            AsyncioConduit,
            sock=sock,
            ssl=ssl_context,
            server_hostname=server_hostname if ssl_context is not None else None,
        )
    except BaseException:
        # The loop has let go of the socket, but would close it in its next turn only.
        sock.close()
        raise
    return conduit


async def start_tls(conduit: Conduit, context: ssl.SSLContext, server_hostname: str) -> Conduit:
    """Speaks TLS over a conduit from here on: inside a tunnel.

    Raises:
        OSError: TLS failed.
    """
    if isinstance(conduit, StreamConduit):
        return await _tls_over_stream(conduit.stream, context, server_hostname)
    assert isinstance(conduit, AsyncioConduit)
    await conduit.start_tls(context, server_hostname)
    return conduit


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
    return StreamConduit(tls, remote=_remote(stream))


def _remote(stream: anyio.abc.ByteStream) -> object:
    return stream.extra(anyio.abc.SocketAttribute.remote_address, None)


async def _connect_tcp(loop: asyncio.AbstractEventLoop, host: str, port: int) -> socket.socket:
    addresses = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    if not addresses:
        raise OSError(f"no address for {host}")
    return await start_connection(addresses, happy_eyeballs_delay=_HAPPY_EYEBALLS_DELAY, interleave=1)


async def _connect_unix(loop: asyncio.AbstractEventLoop, path: str | os.PathLike[str]) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        await loop.sock_connect(sock, os.fspath(path))
    except BaseException:
        sock.close()
        raise
    return sock
