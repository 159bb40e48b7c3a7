"""What we read from a stream is what `wsproto` and `websockets` read, valid or not, but for a list of differences.

Both were written by others, from the same RFC. `differences.py` is the list, and every entry has its reason. A reading
that differs and is not in it fails, and so does an entry that is not true any more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.properties.differences import DIFFERENCES, Case, Difference, explanations
from tests.properties.examples import examples
from tests.properties.readers import Reader, frames_in, our_connection, ours, websockets, wsproto
from tests.properties.streams import LIMIT, Conversation, conversations, random_streams, spoilt_streams
from tests.raw_frames import CLOSE, PING, PONG, TEXT
from typedws.close import CloseReason
from typedws.frames import BinaryFrame, TextFrame

every_reader = pytest.mark.parametrize("reader", [wsproto, websockets], ids=lambda reader: reader.__name__)
both_ends = pytest.mark.parametrize("client", [True, False], ids=["client", "server"])

used: Counter[Difference] = Counter()


def check(reader: Reader, stream: bytes, *, client: bool) -> None:
    """We and the other one read the same, or the list says why not."""
    case = Case(stream, client, ours(stream, client=client), reader(stream, client=client))
    if case.ours == case.theirs:
        return
    found = explanations(reader, case)
    used.update(found)
    assert found, f"{case.frame} is read differently:\n    {case.ours}\n    {case.theirs}"


@every_reader
@both_ends
@examples(250)
@given(data=st.data())
def test_we_read_spoilt_streams_as_others_do(reader: Reader, client: bool, data: st.DataObject) -> None:
    check(reader, data.draw(spoilt_streams(masked=not client)), client=client)


@every_reader
@both_ends
@examples(40)
@given(stream=random_streams)
def test_we_read_random_streams_as_others_do(reader: Reader, client: bool, stream: bytes) -> None:
    check(reader, stream, client=client)


@every_reader
@both_ends
@examples(60)
@given(data=st.data())
def test_we_read_valid_streams_as_others_do(reader: Reader, client: bool, data: st.DataObject) -> None:
    conversation = data.draw(conversations(masked=not client))
    stream = bytes(conversation)
    reading = ours(stream, client=client)
    assert reading.messages == conversation.received
    assert reading.pings == conversation.sent(PING)[-32:]  # RFC 6455 section 5.5.3: only the latest need an answer
    assert reading.pongs == conversation.sent(PONG)
    assert reading.end == (None if conversation.close is None else ("closed", *conversation.close))
    check(reader, stream, client=client)


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda difference: difference.applies.__name__)
def test_every_difference_is_still_one(difference: Difference) -> None:
    stream, client = difference.example, not difference.masked
    case = Case(stream, client, ours(stream, client=client), difference.reader(stream, client=client))
    assert case.ours != case.theirs, "they read it as we do by now: take the entry out"
    assert explanations(difference.reader, case) == [difference]
    assert difference.section.startswith("RFC ")


def test_which_differences_were_met(record_property: Callable[[str, object], None]) -> None:
    """What random streams came upon before this test; printed, because chance decides it."""
    never = [difference.applies.__name__ for difference in DIFFERENCES if not used[difference]]
    record_property("differences that no random stream showed", ", ".join(never) or "none")
    for difference in DIFFERENCES:
        check(difference.reader, difference.example, client=not difference.masked)
    assert set(used) == set(DIFFERENCES)


# What we write.


@every_reader
@both_ends
@examples(40)
@given(data=st.data())
def test_others_read_what_we_write(reader: Reader, client: bool, data: st.DataObject) -> None:
    raw = data.draw(st.booleans())
    conversation = data.draw(conversations(masked=client))
    end = our_connection(client=client, raw=raw)
    stream = b"".join(sent_by(end, conversation, in_fragments=raw))
    code, text = conversation.close or (1000, "")
    if code not in (1005, 1014):
        stream += end.close(CloseReason(code, text))
    # Not our limit: websockets counts control frames as parts of the message that they interrupt.
    reading = reader(stream, client=not client, limit=2 * LIMIT)
    assert reading.messages == conversation.received
    assert reading.pings == conversation.sent(PING)
    assert reading.pongs == conversation.sent(PONG)
    assert reading.end == (None if code in (1005, 1014) else ("closed", code, text))


def sent_by(end: Any, conversation: Conversation, *, in_fragments: bool) -> list[bytes]:
    """A conversation as one of our ends sends it: piece by piece, or in whole messages."""
    written = []
    for message in conversation.messages:
        kind = TextFrame if message.opcode == TEXT else BinaryFrame
        last = len(message.pieces) - 1
        for i, (piece, controls) in enumerate(zip(message.pieces, message.controls, strict=True)):
            written += [
                (end.sender.ping if opcode == PING else end.sender.pong)(payload) for opcode, payload in controls
            ]
            if in_fragments:
                written.append(end.sender.data(kind(piece, fin=i == last)))
        if not in_fragments:
            written.append(end.sender.data(message.frame))
    return written


@both_ends
@examples(60)
@given(data=st.data())
def test_a_close_is_answered_with_its_code(client: bool, data: st.DataObject) -> None:
    conversation = data.draw(conversations(masked=not client, most=1).filter(lambda made: made.close is not None))
    assert conversation.close is not None
    code, _ = conversation.close
    end = our_connection(client=client)
    end.receive_data(bytes(conversation))
    *pongs, answer = frames_in(end.data_to_send())
    assert answer == (CLOSE, b"" if code == 1005 else code.to_bytes(2))
    assert pongs == [(PONG, payload) for payload in conversation.sent(PING)]
