"""Sockets that listen: bound to every address of a host, or to a path in the file system."""

from __future__ import annotations

import errno
import os
import socket
import stat
from collections.abc import Iterable
from contextlib import suppress
from typing import Final

import anyio

__all__ = ["SocketFile", "bind_tcp", "bind_unix"]

_ATTEMPTS: Final = 16
"""How often a free port is looked for that is free on every address."""


async def bind_tcp(host: str | None, port: int, *, backlog: int) -> list[socket.socket]:
    """Sockets that listen on every address of `host`, on all interfaces where it is None; port 0 picks one for all of
    them.

    Raises:
        OSError: no such address, or it is taken.

    Cancelling it leaves no socket behind.
    """
    found = await anyio.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    addresses = dict.fromkeys((info[0], info[4][0]) for info in found)
    for _ in range(_ATTEMPTS):
        try:
            return _bind_each(addresses, port, backlog)
        except OSError as error:
            # A port that the first address had free may be taken on the second.
            if port or error.errno != errno.EADDRINUSE:
                raise
    raise OSError(errno.EADDRINUSE, f"no port is free on every address of {host!r}")


def _bind_each(addresses: Iterable[tuple[socket.AddressFamily, str]], port: int, backlog: int) -> list[socket.socket]:
    sockets: list[socket.socket] = []
    missing = OSError(errno.EADDRNOTAVAIL, "there is no address to listen on")
    try:
        for family, address in addresses:
            try:
                sock = socket.socket(family, socket.SOCK_STREAM)
            except OSError as error:
                missing = error  # the address resolves, but this machine does not speak its protocol
                continue
            sockets.append(sock)
            if os.name == "posix":
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            try:
                sock.bind((address, port))
            except OSError as error:
                if error.errno != errno.EADDRNOTAVAIL:
                    raise
                missing = error  # as "localhost" is ::1 too where IPv6 is switched off
                sockets.pop().close()
                continue
            port = sock.getsockname()[1]
            sock.listen(backlog)
            sock.setblocking(False)
        if not sockets:
            raise missing
    except BaseException:
        for sock in sockets:
            sock.close()
        raise
    return sockets


def bind_unix(path: str | os.PathLike[str], *, backlog: int) -> socket.socket:
    """A socket that listens at `path`. A socket file that nobody listens at any more is replaced; no other file is.

    Raises:
        OSError: the path cannot be used, or somebody listens there.
    """
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        if _is_left_over(path):
            os.unlink(path)
        sock.bind(os.fspath(path))
        sock.listen(backlog)
        sock.setblocking(False)
    except BaseException:
        sock.close()
        raise
    return sock


def _is_left_over(path: str | os.PathLike[str]) -> bool:
    """Whether there is a socket file that nobody listens at."""
    if not os.path.exists(path) or not stat.S_ISSOCK(os.stat(path).st_mode):
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)
        return probe.connect_ex(os.fspath(path)) == errno.ECONNREFUSED


class SocketFile:
    """The file of a Unix socket that was just bound, so that it can be removed when the server ends."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = os.path.abspath(path)
        self._identity = self._identify()

    def _identify(self) -> object:
        try:
            found = os.stat(self._path)
        except (OSError, ValueError):  # a name in Linux's abstract namespace is no file
            return None
        return found.st_dev, found.st_ino, found.st_mtime_ns

    def remove(self) -> None:
        """Removes it, unless it is gone, or another server has put its own in this place."""
        if self._identity is not None and self._identify() == self._identity:
            with suppress(OSError):
                os.unlink(self._path)
