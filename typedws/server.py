"""The server: `serve` accepts connections and runs a handler for each, until its block is left."""

from __future__ import annotations

import inspect
import logging
import os
import socket
import ssl
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from types import TracebackType
from typing import Final, TypeAlias

import anyio
import anyio.abc

from typedws.admission import Admission, ProcessRequest, see_off
from typedws.close import CloseReason
from typedws.config import SessionConfig, check_config, check_interval, check_size
from typedws.converters.base import WebsocketContentConverter, check_converters
from typedws.converters.json import JSONConverter
from typedws.errors import HandshakeError
from typedws.lifetime import end, is_cancelled, is_departure
from typedws.link import WireLink
from typedws.protocol.deflate import Deflate
from typedws.protocol.handshake import check_extensions, check_subprotocols
from typedws.protocol.origin import check_origins
from typedws.session import ServerSession
from typedws.transport.backend import leave_interrupts_to_the_caller
from typedws.transport.binding import SocketFile, bind_tcp, bind_unix
from typedws.transport.interface import Conduit
from typedws.transport.listening import Guest, Listener

__all__ = ["Handler", "Server", "serve"]

Handler: TypeAlias = Callable[[ServerSession], Awaitable[object]]
"""What runs for each connection; the connection is closed when it returns."""

DEFAULT_CONVERTER = JSONConverter()
DEFAULT_CONFIG = SessionConfig()

_BEYOND: Final = 64
"""Connections accepted beyond the limit, to tell them so; further ones wait in the listening socket's backlog."""

logger = logging.getLogger("typedws.server")


def serve(
    handler: Handler,
    host: str | None = None,
    port: int | None = None,
    *,
    converter: WebsocketContentConverter | None = DEFAULT_CONVERTER,
    converters: Mapping[str, WebsocketContentConverter] | None = None,
    subprotocols: Sequence[str] = (),
    extensions: Sequence[Deflate] = (),
    ssl_context: ssl.SSLContext | None = None,
    uds: str | os.PathLike[str] | None = None,
    origins: Sequence[str | None] | None = None,
    process_request: ProcessRequest | None = None,
    handshake_timeout: float | None = 10.0,
    max_connections: int = 10_000,
    backlog: int = 1024,
    config: SessionConfig = DEFAULT_CONFIG,
) -> AbstractAsyncContextManager[Server]:
    """Serves WebSockets for the length of a block: `async with serve(handler, "127.0.0.1", 8000) as server`.

    Each connection runs `handler(session)` in a task of the server's. When it returns, the session is closed with 1000;
    when it raises, with 1011, and the error is logged once, to `typedws.server`. A `ConnectionClosed` that leaves a
    handler after its session has ended, alone or in an exception group, is the client's way of going and no error.

    Leaving the block stops listening, closes every session with 1001, gives the handlers `config.close_timeout` seconds
    to return, and then cancels them. Cancelling the block's surroundings cancels handlers at once. Clients in the
    middle of their handshake are dropped.

    Args:
        handler: a coroutine function that takes a `ServerSession`.
        host: where to listen, a name or an address; all interfaces where it is None.
        port: the TCP port; 0 for a free one, which `server.port` tells.
        converter: turns values into frames; JSON unless given; None for frames only.
        converters: a converter for each subprotocol, in the server's order of preference.
        subprotocols: further subprotocols, after those of `converters`. A client that offers none of them is served
            without one, with `converter`.
        extensions: what to accept: `[Deflate()]` for compression; nothing unless given.
        ssl_context: TLS settings, with a certificate loaded; plain TCP unless given.
        uds: the path of a Unix socket to listen on instead of TCP. A socket file that nobody listens at any more is
            replaced, and ours is removed at the end.
        origins: the origins of web pages that may connect, as in `["https://example.com", None]`, where None stands for
            programs, which name none; others get 403. Every origin is allowed unless given.
        process_request: called with each valid WebSocket request; a `Response` from it refuses the client, None
            accepts. May be a coroutine function. It counts in `handshake_timeout`.
        handshake_timeout: seconds for TLS and the opening handshake; 10 unless given; None for ever.
        max_connections: sessions at a time; 10,000 unless given. Beyond it clients get 503 and "Retry-After: 5".
        backlog: connections that wait in the operating system to be accepted; 1024 unless given.
        config: limits and timers of each session.

    Raises:
        ValueError: at the call: an option out of its range, or options that contradict each other.
        TypeError: at the call: an option of the wrong type.
        OSError: on entering: the address cannot be listened on.
    """
    if not callable(handler):
        hint = "; pass the function, without calling it" if inspect.iscoroutine(handler) else ""
        raise TypeError(f"handler is a coroutine function, not {type(handler).__name__}{hint}")
    _check_address(host, port)
    if (uds is None) is (port is None) or (uds is not None and host is not None):
        raise ValueError("serve needs either a port (0 for a free one) or uds=, the path of a Unix socket")
    if ssl_context is not None and not isinstance(ssl_context, ssl.SSLContext):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(f"ssl_context is an ssl.SSLContext with a certificate loaded, not {ssl_context!r}")
    if ssl_context is not None and ssl_context.protocol == ssl.PROTOCOL_TLS_CLIENT:
        raise ValueError("this ssl_context is for clients; a server's is made with ssl.PROTOCOL_TLS_SERVER")
    check_interval("handshake_timeout", handshake_timeout)
    check_size("max_connections", max_connections)
    check_size("backlog", backlog)
    check_config(config)
    admission = Admission(
        converter=converter,
        converters=check_converters(converters),
        subprotocols=check_subprotocols(subprotocols),
        extensions=check_extensions(extensions),
        origins=check_origins(origins),
        process_request=process_request,
        secure=ssl_context is not None,
    )

    async def bind() -> list[socket.socket]:
        if uds is not None:
            return [bind_unix(uds, backlog=backlog)]
        assert port is not None
        return await bind_tcp(host, port, backlog=backlog)

    return Server(
        handler,
        bind,
        uds=uds,
        admission=admission,
        ssl_context=ssl_context,
        handshake_timeout=handshake_timeout,
        max_connections=max_connections,
        config=config,
    )


def _check_address(host: object, port: object) -> None:
    if isinstance(host, int):
        raise TypeError("host is a str or None; the port is the third argument: serve(handler, None, 8000)")
    if host is not None and not isinstance(host, str):
        raise TypeError(f"host is a str or None, not {type(host).__name__}")
    if port is None:
        return
    if not isinstance(port, int) or isinstance(port, bool):
        raise TypeError(f"port is an int, not {type(port).__name__}")
    if not 0 <= port <= 65535:
        raise ValueError(f"a port is a number from 0 to 65535, not {port}")


class Server(AbstractAsyncContextManager["Server"]):
    """A running server, as `async with serve(...)` gives it. Make it with `serve`."""

    def __init__(
        self,
        handler: Handler,
        bind: Callable[[], Awaitable[list[socket.socket]]],
        *,
        uds: str | os.PathLike[str] | None,
        admission: Admission,
        ssl_context: ssl.SSLContext | None,
        handshake_timeout: float | None,
        max_connections: int,
        config: SessionConfig,
    ) -> None:
        self._handler = handler
        self._bind = bind
        self._uds = uds
        self._admission = admission
        self._ssl_context = ssl_context
        self._handshake_timeout = handshake_timeout
        self._max_connections = max_connections
        self._config = config
        self._sockets: tuple[socket.socket, ...] = ()
        self._listeners: list[Listener] = []
        self._address: tuple[str, int] | None = None
        self._file: SocketFile | None = None
        self._group: anyio.abc.TaskGroup | None = None
        self._closing = False
        self._exit: BaseException | None = None
        # What is cancelled when no more sessions are wanted: accepting connections, and opening handshakes.
        self._entrances: set[anyio.CancelScope] = set()
        # Connections in any state; those that are, or are about to be, sessions; and those whose handlers run.
        self._guests: set[Guest] = set()
        self._seats: set[Guest] = set()
        self._sessions: dict[ServerSession, WireLink] = {}
        self._guest_left = anyio.Event()

    @property
    def sockets(self) -> tuple[socket.socket, ...]:
        """The listening sockets; empty after the block."""
        return self._sockets

    @property
    def port(self) -> int:
        """The TCP port.

        Raises:
            AttributeError: the server listens on a Unix socket, or has not been entered.
        """
        return self._tcp_address[1]

    @property
    def url(self) -> str:
        """A URL that reaches the server from this machine, without a path: `ws://127.0.0.1:8000`.

        Raises:
            AttributeError: as for `port`.
        """
        host, port = self._tcp_address
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
        return f"{'wss' if self._ssl_context else 'ws'}://{f'[{host}]' if ':' in host else host}:{port}"

    @property
    def _tcp_address(self) -> tuple[str, int]:
        if self._address is None:
            raise AttributeError("only a server that listens on TCP, and has been entered, has a port")
        return self._address

    @property
    def sessions(self) -> frozenset[ServerSession]:
        """The sessions whose handlers run now."""
        return frozenset(self._sessions)

    async def serve_forever(self) -> None:
        """Waits until it is cancelled: for a program that does nothing but serve."""
        await anyio.sleep_forever()

    async def __aenter__(self) -> Server:
        if self._group is not None:
            raise RuntimeError("this server has been entered before; call serve again for a new one")
        sockets = await self._bind()
        self._sockets = tuple(sockets)
        if self._uds is not None:
            self._file = SocketFile(self._uds)
        else:
            host, port = sockets[0].getsockname()[:2]
            self._address = (host, port)
        group = anyio.create_task_group()
        await group.__aenter__()
        self._group = group
        leave_interrupts_to_the_caller(Server._accept, Server._receive_guest)
        self._listeners = [Listener(sock) for sock in sockets]
        for listener in self._listeners:
            group.start_soon(self._accept, listener)
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        group = self._group
        assert group is not None
        self._closing = True
        self._sockets = ()
        if self._file is not None:
            self._file.remove()
        for scope in self._entrances:
            scope.cancel()
        for link in self._sessions.values():
            link.close(CloseReason(1001))
        try:
            with anyio.move_on_after(self._config.close_timeout, shield=True):
                while self._guests:
                    await self._wait_for_a_guest_to_leave()
        finally:
            # Not where all have been told to end: anyio may take a bare `task.cancel()` of that turn for the group's.
            if self._guests:
                group.cancel_scope.cancel()
            # The shield keeps a cancellation around the block from surfacing here, as a group: it is on its way
            # already.
            group.cancel_scope.shield = True
            try:
                await group.__aexit__(None, None, None)
            finally:
                # A task of asyncio's that is cancelled before its first step has not closed what it was given.
                left: list[Listener | Guest] = [*self._listeners, *self._guests]
                for each in left:
                    each.close()
            if self._exit is not None:
                raise self._exit

    async def _wait_for_a_guest_to_leave(self) -> None:
        if self._guest_left.is_set():
            self._guest_left = anyio.Event()
        await self._guest_left.wait()

    async def _accept(self, listener: Listener) -> None:
        assert self._group is not None
        try:
            with self._entrance(None):
                while True:
                    while len(self._guests) >= self._max_connections + _BEYOND:
                        await self._wait_for_a_guest_to_leave()
                    guest = await listener.accept()
                    self._guests.add(guest)
                    self._group.start_soon(self._receive_guest, guest)
        except OSError:
            logger.exception("a listening socket failed; the server accepts no more connections on it")
        finally:
            listener.close()

    @contextmanager
    def _entrance(self, seconds: float | None) -> Generator[None]:
        """A scope that ends after so many seconds, or when the server is left."""
        with anyio.move_on_after(seconds) as scope:
            if self._closing:
                scope.cancel()
            self._entrances.add(scope)
            try:
                yield
            finally:
                self._entrances.discard(scope)

    async def _receive_guest(self, guest: Guest) -> None:
        """One connection, from accept to the end. Never raises: whatever happens to it is no other connection's
        matter."""
        try:
            seated = await self._welcome(guest)
            if seated is not None:
                await self._run(*seated)
        except (OSError, HandshakeError) as error:
            logger.debug("a connection ended in its opening handshake: %s", error)
        except anyio.get_cancelled_exc_class():
            if is_cancelled():
                raise
            # On asyncio, something that was waited for was cancelled, or this task. It must not cancel its siblings.
            logger.exception("a connection was cancelled")
        except Exception:
            logger.exception("a connection failed")
        except (KeyboardInterrupt, SystemExit) as error:
            # The program is to end: the whole server, and this leaves the block as itself.
            self._exit = error
            assert self._group is not None
            self._group.cancel_scope.cancel()
        finally:
            self._seats.discard(guest)
            self._guests.discard(guest)
            self._guest_left.set()

    async def _welcome(self, guest: Guest) -> tuple[WireLink, ServerSession] | None:
        """The handshakes: an open session, or None where the client is gone.

        What they were made with ends here, and is not kept for as long as the handler runs.
        """
        assert self._group is not None
        conduit: Conduit | None = None

        def take_seat() -> bool:
            if len(self._seats) < self._max_connections:
                self._seats.add(guest)
            return guest in self._seats

        try:
            with self._entrance(self._handshake_timeout):
                conduit = await guest.admit(self._ssl_context)
                agreed = await self._admission.shake_hands(conduit, take_seat=take_seat)
                if agreed is not None:
                    seated = self._admission.start(conduit, *agreed, config=self._config)
                    if conduit.needs_run:
                        self._group.start_soon(conduit.run)
                    conduit = None
                    return seated
                self._seats.discard(guest)
                await see_off(conduit)
            return None
        finally:
            if conduit is not None:
                with anyio.CancelScope(shield=True):
                    await conduit.abort()

    async def _run(self, link: WireLink, session: ServerSession) -> None:
        self._sessions[session] = link
        if self._closing:
            link.close(CloseReason(1001))
        reason = CloseReason(1000)
        try:
            running = self._handler(session)
            if not inspect.isawaitable(running):
                raise TypeError(f"a handler is an `async def`; this one returned {type(running).__name__}")
            await running
        except Exception as error:
            if not is_departure(error, link):
                logger.exception("the handler of %s failed", session.call.request.path)
                reason = CloseReason(1011)
        except BaseException:
            reason = CloseReason(1001 if is_cancelled() else 1011)
            raise
        finally:
            del self._sessions[session]
            await end(link, reason)
