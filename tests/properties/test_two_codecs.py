"""The compiled codec and its source do the same, whatever comes and in whichever order it is done.

Both ends of a pair get the same calls: bytes, cut anywhere; messages taken; messages, fragments and pings to send;
limits changed; a Close, or the failing of the connection. All that can be seen of them must be equal after each. Where
nothing is compiled the two forms are the same code, and only the comparison itself is tried.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from types import FunctionType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.properties.examples import examples
from tests.properties.forms import Form, forms, is_compiled
from tests.properties.readers import our_connection
from tests.properties.streams import (
    LIMIT,
    Seen,
    conversations,
    cut_into_frames,
    cuts,
    in_pieces,
    long_payload,
    random_streams,
    spoilt_streams,
)
from typedws.close import CloseReason
from typedws.ending import reason_of
from typedws.errors import LocalProtocolError
from typedws.frames import BinaryFrame, DataFrame, TextFrame
from typedws.protocol.connection import Connection
from typedws.protocol.deflate import DeflateParameters

Call = Callable[[Connection], object]
"""What is done to an end. Its result is compared."""


# Calls.


def receive(data: bytes) -> Call:
    return lambda end: end.receive_data(data)


def take(count: int) -> Call:
    """Takes messages as the owner of a connection does, and then resumes."""

    def call(end: Connection) -> object:
        taken = [end.backlog.take() for _ in range(min(count, len(end.backlog)))]
        surplus = end.backlog.surplus()
        if surplus <= 0:
            end.resume()
        return taken, surplus

    return call


def send(frame: DataFrame) -> Call:
    return lambda end: sent(end.sender.data(frame))


def send_bare(payload: bytes) -> Call:
    """As a session sends whose messages are all of one kind."""
    return lambda end: None if end.bare is None else sent(end.sender.bare(payload))


def ping(payload: bytes) -> Call:
    return lambda end: (sent(end.sender.ping(payload)), sent(end.sender.pong(payload)))


def answer(end: Connection) -> object:
    return sent(end.data_to_send())


def close(code: int) -> Call:
    return lambda end: sent(end.close(CloseReason(code, "bye")))


def fail(end: Connection) -> object:
    return None if end.violation is None else sent(end.fail(end.violation, reason_of(end.violation)))


def limit(size: int) -> Call:
    def call(end: Connection) -> object:
        end.max_frame_size = end.max_message_size = size
        return end.max_message_size

    return call


def sent(data: bytes) -> list[tuple[Any, ...]]:
    """Bytes as frames: the masks of two ends are never the same, so the raw bytes of frames are left out."""
    return [without_mask(seen) for seen in cut_into_frames(data)]


def without_mask(seen: Seen) -> tuple[Any, ...]:
    assert seen.whole
    return seen.opcode, seen.fin, seen.rsv, seen.masked, seen.form, seen.payload


payloads = st.text(max_size=20).map(str.encode) | st.builds(
    long_payload, st.sampled_from([125, 126, 65_535, 65_536]), st.just(3)
)
data_frames: st.SearchStrategy[DataFrame] = st.builds(TextFrame, payloads, fin=st.sampled_from([True, True, False]))
data_frames |= st.builds(BinaryFrame, payloads | st.binary(max_size=20), fin=st.sampled_from([True, True, False]))
small_calls: st.SearchStrategy[Call] = (
    st.integers(1, 3).map(take)
    | data_frames.map(send)
    | (payloads | st.binary(max_size=20)).map(send_bare)
    | st.binary(max_size=125).map(ping)
    | st.just(answer)
    | st.sampled_from([LIMIT, 20, 200]).map(limit)
)
last_calls: st.SearchStrategy[Call] = st.sampled_from([1000, 1014, 1005, 4999]).map(close) | st.just(fail)


@st.composite
def programs(draw: st.DrawFn) -> tuple[dict[str, Any], list[Call]]:
    """How an end is made, and what is done to it."""
    options = {
        "client": draw(st.booleans()),
        "raw": draw(st.booleans()),
        "bare": draw(st.sampled_from([None, TextFrame, BinaryFrame])),
        "deflate": draw(st.sampled_from([None, None, DeflateParameters(min_size=8)])),
        "max_queued_messages": draw(st.sampled_from([1, 3, 1000])),
        "max_queued_bytes": draw(st.sampled_from([1, 100, 1 << 20])),
    }
    masked = not options["client"]
    valid = conversations(masked=masked).map(bytes)
    calls: list[Call] = []
    for stream in draw(st.lists(valid | valid | spoilt_streams(masked=masked) | random_streams, max_size=3)):
        for piece in in_pieces(stream, draw(cuts)):
            calls.append(receive(piece))
            calls += draw(st.lists(small_calls, max_size=2))
    if draw(st.booleans()):
        calls.insert(draw(st.integers(0, len(calls))), draw(last_calls))
    return options, [*calls, take(1000), answer, fail]


def transcript(form: Form, options: dict[str, Any], calls: list[Call]) -> list[object]:
    """What each call gave, and what could be seen after it."""
    end = form.connection(**options)
    seen: list[object] = []
    for call in calls:
        try:
            result = call(end)
        except (LocalProtocolError, ValueError) as error:
            result = type(error), str(error)
        seen.append((result, state(end)))
    return seen


def state(end: Connection) -> dict[str, object]:
    return {
        "inbox": list(end.backlog),
        "counted": end.backlog.size,
        "pongs": list(end.pongs),
        "closes": (end.sent, end.received, end.by_peer),
        "violation": (type(end.violation), str(end.violation), end.failed),
        "waiting": (end.is_full, end.is_stalled, end.has_news),
    }


sizes = {"max_frame_size": LIMIT, "max_message_size": LIMIT}


@examples(200)
@given(programs())
def test_both_forms_do_the_same(program: tuple[dict[str, Any], list[Call]]) -> None:
    options, calls = program
    first, *others = [transcript(form, {**sizes, **options}, calls) for form in forms()]
    for other in others:
        assert other == first


def test_the_forms_are_what_they_are_called() -> None:
    imported, source, *_ = (form.connection for form in forms())
    assert imported is Connection
    assert source is not Connection
    assert source.__name__ == imported.__name__
    assert isinstance(vars(source)["receive_data"], FunctionType)
    files = [module.__file__ or "" for name, module in sys.modules.items() if name.startswith("typedws.protocol.")]
    assert all(file.endswith(".py") for file in files) is not is_compiled()


def test_nobody_else_gets_the_source() -> None:
    forms()
    assert importlib.import_module("typedws.protocol.connection").Connection is Connection
    assert our_connection(client=True).__class__ is Connection


@pytest.mark.parametrize("size", [0, 1])
def test_a_difference_is_noticed(size: int) -> None:
    """A form that is wrong about a limit by one, in the only place where that can be seen."""
    _, source, *_ = forms()
    wrong = Form("wrong", lambda **options: source.connection(**{**options, "max_message_size": LIMIT - 1}))
    options = {**sizes, "client": True, "max_queued_messages": 9, "max_queued_bytes": 1 << 20}
    calls = [receive(sent_by_server(LIMIT - size))]
    assert (transcript(wrong, options, calls) == transcript(source, options, calls)) is bool(size)


def sent_by_server(size: int) -> bytes:
    return our_connection(client=False).sender.data(BinaryFrame(bytes(size)))
