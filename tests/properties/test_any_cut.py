"""Properties of the protocol for any stream of bytes: it does not matter how the network cut it, and whatever comes of
it is frames or a violation, never an exception.
"""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.properties.examples import examples
from tests.properties.readers import our_connection
from tests.properties.streams import (
    LIMIT,
    Conversation,
    conversations,
    cuts,
    in_pieces,
    random_streams,
    spoilt_streams,
)
from typedws.close import CloseReason
from typedws.errors import FrameTooBigError, RemoteProtocolError
from typedws.frames import BinaryFrame, DataFrame, Frame, TextFrame
from typedws.protocol.connection import Connection
from typedws.protocol.deflate import DeflateParameters

ends: st.SearchStrategy[dict[str, Any]] = st.builds(
    dict,
    client=st.booleans(),
    raw=st.booleans(),
    bare=st.sampled_from([None, TextFrame, BinaryFrame]),
    deflate=st.sampled_from([None, None, DeflateParameters()]),
)


@st.composite
def streams(draw: st.DrawFn) -> tuple[bytes, dict[str, Any]]:
    """A stream of any kind, and the end that gets it."""
    end = draw(ends)
    masked = not end["client"]
    valid = conversations(masked=masked).map(bytes)
    return draw(spoilt_streams(masked=masked) | spoilt_streams(masked=masked) | valid | random_streams), end


def outcome(end: Connection) -> dict[str, Any]:
    """All that can be seen of what was received."""
    return {
        "inbox": list(end.backlog),
        "counted": end.backlog.size,
        "pongs": list(end.pongs),
        "owed": end.data_to_send() if not end.client else len(end.data_to_send()),  # masks are random
        "closes": (end.sent, end.received, end.by_peer),
        "violation": (type(end.violation), str(end.violation)),
    }


@examples(250)
@given(streams(), cuts)
def test_it_does_not_matter_how_a_stream_is_cut(stream: tuple[bytes, dict[str, Any]], places: list[int]) -> None:
    data, options = stream
    whole, cut = our_connection(**options), our_connection(**options)
    whole.receive_data(data)
    for piece in in_pieces(data, places):
        cut.receive_data(piece)
    assert outcome(cut) == outcome(whole)


@examples(100)
@given(streams())
def test_it_does_not_matter_when_every_byte_comes_alone(stream: tuple[bytes, dict[str, Any]]) -> None:
    data, options = stream
    whole, cut = our_connection(**options), our_connection(**options)
    whole.receive_data(data)
    for i in range(min(len(data), 400)):
        cut.receive_data(data[i : i + 1])
    cut.receive_data(data[400:])
    assert outcome(cut) == outcome(whole)


@examples(100)
@given(
    conversations(long=False),
    st.integers(1, 5),
    st.integers(1, 200),
    st.integers(1, 50),
    st.sampled_from([None, TextFrame, BinaryFrame]),
)
def test_it_does_not_matter_how_small_the_pieces_and_the_queue_are(
    conversation: Conversation, room: int, room_bytes: int, step: int, bare: type[DataFrame] | None
) -> None:
    end = our_connection(
        client=not conversation.masked, max_queued_messages=room, max_queued_bytes=room_bytes, bare=bare
    )
    received: list[Frame | bytes] = []
    stream = bytes(conversation)
    for start in range(0, len(stream), step):
        end.receive_data(stream[start : start + step])
        assert len(end.backlog) <= room
        while end.is_full:
            received += [end.backlog.take() for _ in range(len(end.backlog))]
            end.resume()
    # What is of the bare kind comes as its payload alone.
    expected = [frame.data if type(frame) is bare else frame for frame in conversation.received]
    assert received + list(end.backlog) == expected
    assert end.violation is None
    assert (end.received is None) is (conversation.close is None)


@examples(120)
@given(st.lists(streams() | st.binary(max_size=100).map(lambda data: (data, {})), min_size=1, max_size=4), ends)
def test_any_bytes_are_frames_or_a_violation_and_never_an_exception(
    pieces: list[tuple[bytes, dict[str, Any]]], options: dict[str, Any]
) -> None:
    end = our_connection(**options)
    for piece, _ in pieces:
        end.receive_data(piece)
        end.data_to_send()
    assert isinstance(end.violation, RemoteProtocolError | FrameTooBigError | None)
    for taken in end.backlog:
        assert len(taken if isinstance(taken, bytes) else taken.data) <= LIMIT
        if isinstance(taken, bytes):
            assert options["bare"] is BinaryFrame or taken.decode() is not None
        elif isinstance(taken, TextFrame) and not options["raw"]:
            assert taken.text is not None
    if end.violation is not None:
        assert len(str(end.violation)) < 150
        if end.sent is None:
            assert end.fail(end.violation, CloseReason(1002, str(end.violation)))
