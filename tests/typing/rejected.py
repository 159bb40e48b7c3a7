"""What is wrong is refused before the program runs.

A checker that sees no error in such a line calls the comment behind it unnecessary, and that is an error too.
"""

from __future__ import annotations

from msgspec import Struct

from typedws import CloseReason, Session, SessionConfig, TextFrame


class Trade(Struct):
    price: float


class Quote(Struct):
    price: float


async def a_value_is_no_type(session: Session) -> None:
    await session.receive_deserialized(3)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]
    await session.receive_deserialized(Trade(1.0))  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]
    await session.receive_deserialized("no type")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]
    await session.send_serialized(Trade(1.0), 3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    session.iter_deserialized(3)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]


async def a_collection_of_types_is_no_type(session: Session) -> None:
    await session.receive_deserialized([Trade])  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]
    await session.receive_deserialized((Trade, Quote))  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]
    session.iter_deserialized({"trade": Trade})  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]


async def the_result_is_not_any(session: Session) -> None:
    trade = await session.receive_deserialized(Trade)
    quote: Quote = trade  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    print(quote)


async def only_frames_and_payloads_are_sent_raw(session: Session) -> None:
    await session.send(Trade(1.0))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def values_are_frozen(reason: CloseReason, config: SessionConfig, frame: TextFrame) -> None:
    reason.code = 1001  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
    config.timeout = None  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
    frame.data = b""  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
