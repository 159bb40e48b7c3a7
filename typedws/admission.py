"""Letting a client in: the opening handshake on the server (RFC 6455 section 4.2), with the application's word on
it."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import anyio

from typedws.call import Call, Headers, Request, Response
from typedws.config import SessionConfig
from typedws.converters.base import WebsocketContentConverter, check_converter_object, kind_of_messages
from typedws.lifetime import join
from typedws.link import WireLink
from typedws.protocol.deflate import Deflate
from typedws.protocol.handshake import Accepted, check_extensions, check_subprotocols
from typedws.protocol.handshake_server import ServerHandshake
from typedws.session import ServerSession
from typedws.transport.interface import Conduit

__all__ = ["Admission", "ProcessRequest", "see_off"]

ProcessRequest: TypeAlias = Callable[[Request], "Awaitable[Response | None] | Response | None"]
"""Looks at a request, and returns None to accept it or the response that refuses it; a function or a coroutine
function."""

_LINGER: Final = 1.0
"""Seconds for a refused client to take our answer before the connection is dropped under it."""

_TEXT: Final = ("Content-Type", "text/plain; charset=utf-8")
_FULL: Final = Response(503, Headers([("Retry-After", "5"), _TEXT]), b"This server has no room for more sessions.\n")
_FAILED: Final = Response(500, Headers([_TEXT]), b"This server could not decide on the request.\n")

logger = logging.getLogger("typedws.server")


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """What a server accepts; see `serve`.

    Raises:
        ValueError: a subprotocol that is no token, or stands there twice.
        TypeError: an option of the wrong type.
    """

    converter: WebsocketContentConverter | None
    converters: Mapping[str, WebsocketContentConverter]
    subprotocols: Sequence[str]
    extensions: Sequence[Deflate]
    process_request: ProcessRequest | None
    secure: bool

    def __post_init__(self) -> None:
        check_converter_object(self.converter)
        check_subprotocols(self.spoken)
        check_extensions(self.extensions)
        if self.process_request is not None and not callable(self.process_request):
            raise TypeError(f"process_request is a function, not {type(self.process_request).__name__}")

    @property
    def spoken(self) -> tuple[str, ...]:
        """The subprotocols, in the server's order of preference: those with a converter of their own first."""
        return (*self.converters, *self.subprotocols)

    def converter_for(self, subprotocol: str | None) -> WebsocketContentConverter | None:
        """The converter of a session with this subprotocol."""
        return self.converter if subprotocol is None else self.converters.get(subprotocol, self.converter)

    async def shake_hands(
        self, conduit: Conduit, *, take_seat: Callable[[], bool] = lambda: True
    ) -> tuple[Call, Accepted] | None:
        """Reads the request, asks the application, and answers.

        Args:
            conduit: the connection.
            take_seat: called for a good request; False from it means that the server is full, and gives the client 503.

        Returns:
            what was agreed, or None where the client was refused and is to be seen off.

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
        if refusal is None and not take_seat():
            refusal = _FULL
        if refusal is None and request is not None:
            refusal = await self._ask(request)
        if refusal is not None or request is None:
            await conduit.send(_refusal(handshake, refusal or Response(400)))
            return None
        await conduit.send(handshake.accept(subprotocols=self.spoken, extensions=self.extensions))
        accepted = handshake.accepted
        assert accepted is not None
        return Call(request, accepted.response), accepted

    def start(
        self, conduit: Conduit, call: Call, accepted: Accepted, *, config: SessionConfig
    ) -> tuple[WireLink, ServerSession]:
        """Makes a session of what was agreed on, and the link to it. A conduit that needs a task is not run yet."""
        converter = self.converter_for(accepted.subprotocol)
        link = join(
            conduit,
            accepted.trailing,
            client=False,
            deflate=accepted.deflate,
            bare=kind_of_messages(converter),
            config=config,
        )
        session = ServerSession(
            link,
            call=call,
            converter=converter,
            subprotocol=accepted.subprotocol,
            extensions=accepted.extensions,
            config=config,
            masking=False,
        )
        return link, session

    async def _ask(self, request: Request) -> Response | None:
        if self.process_request is None:
            return None
        try:
            answer = self.process_request(request)
            if inspect.isawaitable(answer):
                answer = await answer
        except Exception:
            logger.exception("process_request failed; the client gets 500")
            return _FAILED
        if answer is not None and not isinstance(answer, Response):  # pyright: ignore[reportUnnecessaryIsInstance]
            logger.error("process_request returned a %s, not a Response or None", type(answer).__name__)
            return _FAILED
        return answer


def _refusal(handshake: ServerHandshake, response: Response) -> bytes:
    try:
        return handshake.reject(response)
    except (TypeError, ValueError):
        logger.exception("process_request returned a response that cannot be sent; the client gets 500")
        return handshake.reject(_FAILED)


async def see_off(conduit: Conduit) -> None:
    """Waits a little for a refused client to go. What it still sends is read: the reset that it would cause otherwise
    could overtake our answer.

    Raises:
        OSError: it went with a reset.
    """
    await conduit.send_eof()
    with anyio.move_on_after(_LINGER):
        while await conduit.receive():
            pass
