"""Ends of a connection for tests of the protocol, and what comes out of them."""

from __future__ import annotations

from typing import Any

from tests.peers import FrameParser, Sent
from typedws.frames import Frame
from typedws.protocol.connection import Connection

KIB = 1024
MIB = 1024 * KIB


def client(**options: Any) -> Connection:
    return connection(client=True, **options)


def connection(**options: Any) -> Connection:
    defaults = {"max_frame_size": 16 * MIB, "max_message_size": 16 * MIB}
    return Connection(**{**defaults, "max_queued_messages": 100_000, "max_queued_bytes": 64 * MIB, **options})


def take(connection: Connection, count: int | None = None) -> list[Frame]:
    """Takes frames out of the inbox, as its owner does."""
    return [connection.backlog.take() for _ in range(len(connection.backlog) if count is None else count)]


def received(connection: Connection, data: bytes) -> list[Frame]:
    connection.receive_data(data)
    return take(connection)


def parsed(data: bytes) -> list[Sent]:
    """What a client wrote."""
    parser = FrameParser()
    parser.feed(data)
    frames = []
    while (sent := parser.next()) is not None:
        frames.append(sent)
    assert parser.is_between_frames
    return frames
