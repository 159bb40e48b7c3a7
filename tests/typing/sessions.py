"""The entry points and what a session says about itself."""

from __future__ import annotations

from typing import Any, TypeVar, assert_never, assert_type

from typing_extensions import TypeForm

import typedws
from typedws import (
    Attempt,
    BinaryFrame,
    Call,
    ClientSession,
    CloseFrame,
    CloseReason,
    DataFrame,
    Frame,
    PingFrame,
    PongFrame,
    Request,
    Response,
    Server,
    ServerSession,
    Session,
    TextFrame,
    WebsocketContentConverter,
)

T = TypeVar("T")


async def opening(url: str) -> int:
    async with typedws.connect(url) as session:
        assert_type(session, ClientSession)
        return await session.receive_deserialized(int)  # the block swallows nothing, so nothing has to follow it


async def opening_many(url: str) -> None:
    async with typedws.WebSocketClient() as client:
        async with client.websocket(url) as session:
            assert_type(session, ClientSession)
        manual = await client.websocket_session(url)
        assert_type(manual, ClientSession)


async def opening_again(url: str) -> None:
    async for attempt in typedws.reconnect(url):
        assert_type(attempt, Attempt)
        async with attempt as session:
            assert_type(session, ClientSession)


async def serving() -> None:
    async def handler(session: ServerSession) -> None:
        await session.send("hello")

    def refuse(request: Request) -> Response | None:
        return None if request.path == "/" else Response(404)

    async with typedws.serve(handler, "127.0.0.1", 0, process_request=refuse) as server:
        assert_type(server, Server)
        assert_type(server.port, int)


async def asking(session: Session) -> None:
    assert_type(session.converter, WebsocketContentConverter | None)
    assert_type(session.call, Call)
    assert_type(session.close_reason, CloseReason | None)
    assert_type(session.subprotocol, str | None)
    assert_type(await session.ping(), float)
    assert_type(await session.receive(), Frame)
    assert_type(await session.wait_closed(), CloseReason)
    async for frame in session.incoming:
        assert_type(frame, Frame)
    await session.outgoing.send(TextFrame("x"))


def every_kind_of_frame(frame: Frame) -> str | bytes:
    match frame:
        case TextFrame(text):
            return text
        case BinaryFrame(data) | PingFrame(data) | PongFrame(data):
            return data
        case CloseFrame(reason):
            return reason.message
        case _:
            assert_never(frame)


class Upper:
    """A converter of somebody else's fits the protocol by its shape."""

    @property
    def name(self) -> str:
        return "upper"

    def is_applicable(self, frame: Frame, /) -> bool:
        return isinstance(frame, TextFrame)

    def serialize(self, value: object, type_form: TypeForm[Any] | None = None, /) -> DataFrame:
        return TextFrame(str(value).upper())

    def deserialize(self, frame: DataFrame, type_form: TypeForm[T], /) -> T:
        raise NotImplementedError


UPPER: WebsocketContentConverter = Upper()
