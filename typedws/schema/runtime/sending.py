"""What goes out, which may have to wait until there is a connection again."""

from __future__ import annotations

from collections.abc import Callable

from typedws.errors import ConnectionClosed
from typedws.frames import DataFrame
from typedws.schema.runtime.endpoint import Endpoint
from typedws.schema.runtime.exchanges import Pending, Requests, copy_of
from typedws.schema.runtime.room import Room
from typedws.schema.runtime.turns import Seat, Turns
from typedws.session import ClientSession

__all__ = ["Sender"]


class _Restored(Seat):
    """Waits until there is another session, or none any more."""

    __slots__ = ("_ended", "_endpoint", "_session")

    def __init__(self, endpoint: Endpoint, session: ClientSession, ended: Callable[[], Exception | None]) -> None:
        super().__init__()
        self._endpoint = endpoint
        self._session = session
        self._ended = ended

    @property
    def is_served(self) -> bool:
        """Whether it is of use to try again, or of none for ever."""
        return self._ended() is not None or self._endpoint.session is not self._session


class Sender:
    """Sends.

    Args:
        endpoint: where to.
        turns: where to wait for another session: whoever waits may be the one who opens it.
        room: where the reader may wait for room, which it must not do while there is no connection.
        requests: hears what has been sent.
        ended: why nothing can be sent any more; None while something can, or may be later.
    """

    def __init__(
        self, endpoint: Endpoint, turns: Turns, room: Room, requests: Requests, ended: Callable[[], Exception | None]
    ) -> None:
        self._endpoint = endpoint
        self._turns = turns
        self._room = room
        self._requests = requests
        self._ended = ended

    async def send(self, frame: DataFrame, pending: Pending | None = None) -> None:
        """Sends a frame, once there is a connection. Cancelled, nothing was sent.

        Args:
            frame: what to send.
            pending: the request that it is.

        Raises:
            ConnectionClosed: the connection has ended.
            HandshakeError: likewise, and could not be opened again. So is what `on_open` raised.
        """
        while True:
            session = self._endpoint.session
            try:
                await session.send(frame)
            except ConnectionClosed:
                # It raised, so nothing was sent, and nothing is sent twice.
                if not self._endpoint.may_reopen:
                    raise
            else:
                if pending is not None:
                    self._requests.sent(pending)
                return
            self._room.make_way()
            await self._turns.wait(_Restored(self._endpoint, session, self._ended))
            error = self._ended()
            if error is not None:
                raise copy_of(error)
