"""Letting a client in: the opening handshake on the server (RFC 6455 section 4.2), with the application's word on it."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, TypeAlias

import anyio

from typedws.call import Call, Headers, Request, Response
from typedws.converters.base import WebsocketContentConverter
from typedws.protocol.deflate import Deflate
from typedws.protocol.handshake import Accepted, check_subprotocols
from typedws.protocol.handshake_server import ServerHandshake
from typedws.transport.interface import Conduit

__all__ = ["Admission", "ProcessRequest"]

ProcessRequest: TypeAlias = Callable[[Request], "Response | None | Awaitable[Response | None]"]
"""Looks at a request, and returns None to accept it or the response that refuses it; a function or a coroutine function."""

_LINGER: Final = 1.0
"""Seconds for a refused client to take our answer before the connection is dropped under it."""

logger = logging.getLogger("typedws.server")


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """What a server accepts; see `serve`.

    Raises:
        ValueError: a subprotocol that is no token, or stands there twice.
    """

    converter: WebsocketContentConverter | None
    converters: Mapping[str, WebsocketContentConverter]
    subprotocols: Sequence[str]
    extensions: Sequence[Deflate]
    process_request: ProcessRequest | None
    secure: bool

    def __post_init__(self) -> None:
        check_subprotocols(self.spoken)

    @property
    def spoken(self) -> tuple[str, ...]:
        """The subprotocols, in the server's order of preference: those with a converter of their own first."""
        return (*self.converters, *self.subprotocols)

    def converter_for(self, subprotocol: str | None) -> WebsocketContentConverter | None:
        """The converter of a session with this subprotocol."""
        return self.converter if subprotocol is None else self.converters.get(subprotocol, self.converter)

    async def shake_hands(self, conduit: Conduit, *, crowded: bool) -> tuple[Call, Accepted] | None:
        """Reads the request, asks the application, and answers.

        Args:
            conduit: the connection.
            crowded: whether the server is full: a good request then gets 503.

        Returns:
            what was agreed, or None where the client was refused. The connection is still open then.

        Raises:
            OSError: the connection was lost.
            ConnectError: the client left in the middle of it.
        """
        handshake = ServerHandshake(secure=self.secure, remote=conduit.remote)
        while True:
            data = await conduit.receive()
            if not data:
                handshake.receive_eof()
            if handshake.receive_data(data):
                break
        refusal = handshake.refusal
        request = handshake.request
        if refusal is None and crowded:
            refusal = Response(503, Headers({"Retry-After": "5"}), b"Too many connections.\n")
        if refusal is None and request is not None:
            refusal = await self._ask(request)
        if refusal is not None or request is None:
            await _refuse(conduit, handshake, refusal or Response(400))
            return None
        await conduit.send(handshake.accept(subprotocols=self.spoken, extensions=self.extensions))
        accepted = handshake.accepted
        assert accepted is not None
        return Call(request, accepted.response), accepted

    async def _ask(self, request: Request) -> Response | None:
        if self.process_request is None:
            return None
        try:
            answer = self.process_request(request)
            if inspect.isawaitable(answer):
                answer = await answer
        except Exception:
            logger.exception("process_request failed; the client gets 500")
            return Response(500)
        if answer is not None and not isinstance(answer, Response):  # pyright: ignore[reportUnnecessaryIsInstance]
            logger.error("process_request returned a %s, not a Response or None", type(answer).__name__)
            return Response(500)
        return answer


async def _refuse(conduit: Conduit, handshake: ServerHandshake, response: Response) -> None:
    try:
        data = handshake.reject(response)
    except ValueError:
        logger.exception("process_request returned a response that cannot be sent; the client gets 500")
        data = handshake.reject(Response(500, body=HTTPStatus(500).phrase.encode()))
    await conduit.send(data)
    # What the client still sends is read, or the reset that it would cause could overtake our answer.
    await conduit.send_eof()
    with anyio.move_on_after(_LINGER):
        while await conduit.receive():
            pass
