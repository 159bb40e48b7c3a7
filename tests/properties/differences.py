"""Where `wsproto` and `websockets` read a stream differently from us, and why that is allowed.

Each difference says for one reader what has to stand in the stream, how the two readings then end, and which section
of the RFC leaves it open, or has us do what we do. What fits none of them is an error, ours or theirs. Each has an
example, and `test_other_readers` makes sure that it still shows the difference, so none outlives its cause.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from tests import raw_frames
from tests.properties.readers import End, Reader, Reading, is_utf8, our_connection, websockets, wsproto
from tests.properties.streams import LIMIT, RawFrame, Seen, cut_into_frames
from tests.raw_frames import BINARY, CLOSE, CONTINUATION, TEXT
from typedws.close import is_sendable

__all__ = ["DIFFERENCES", "Case", "Difference", "explanations"]


@dataclass
class Case:
    """A stream that was read differently."""

    stream: bytes
    client: bool
    ours: Reading
    theirs: Reading

    @cached_property
    def frames(self) -> list[Seen]:
        return cut_into_frames(self.stream)

    @cached_property
    def place(self) -> int:
        """Which frame we ended at: the number of frames where it was none."""
        end = our_connection(client=self.client)
        for i, seen in enumerate(self.frames):
            end.receive_data(seen.raw)
            if end.violation is not None or end.received is not None:
                return i
        return len(self.frames)

    @property
    def frame(self) -> Seen | None:
        """The frame we ended at, or the last one, which has not come to its end."""
        if self.place < len(self.frames):
            return self.frames[self.place]
        return self.frames[-1] if self.frames and not self.frames[-1].whole else None

    def unfinished_before(self, place: int) -> list[Seen]:
        """The fragments before that frame of a message that has not come to its end."""
        found: list[Seen] = []
        for seen in self.frames[:place]:
            if not seen.is_control and seen.whole:
                found = [] if seen.fin else [*found, seen]
        return found

    @cached_property
    def unfinished(self) -> list[Seen]:
        """The same before the frame we ended at."""
        return self.unfinished_before(self.place)

    def is_too_big(self, place: int) -> bool:
        """Whether the frame there, with the fragments before it, is over the limit of a message."""
        length = self.frames[place].length if place < len(self.frames) else None
        return length is not None and length + sum(len(seen.payload) for seen in self.unfinished_before(place)) > LIMIT

    @property
    def codes(self) -> tuple[int | None, int | None]:
        """The codes that we and they fail the connection with."""
        return code(self.ours.end), code(self.theirs.end)


def code(end: End) -> int | None:
    return end[1] if end is not None and end[0] == "failed" else None


@dataclass(frozen=True)
class Difference:
    """One difference.

    Attributes:
        reader: who reads differently.
        section: of the RFC.
        reason: what is different, and why it may be.
        applies: whether it explains the case.
        example: a stream that shows it.
        masked: whether it comes from a client.
    """

    reader: Reader
    section: str
    reason: str
    applies: Callable[[Case], bool]
    example: bytes
    masked: bool = False

    def __str__(self) -> str:
        return f"{self.applies.__name__}: {self.reason} ({self.section})"


def explanations(reader: Reader, case: Case) -> list[Difference]:
    """The differences that explain a case. Whoever ended later must have told all that the other one did."""
    if not (case.theirs.goes_on_from(case.ours) or case.ours.goes_on_from(case.theirs)):
        return []
    return [difference for difference in DIFFERENCES if difference.reader is reader and difference.applies(case)]


# wsproto.


def refuses_1014(case: Case) -> bool:
    frame = case.frame
    if frame is None or not frame.whole or frame.opcode != CLOSE or frame.payload[:2] != (1014).to_bytes(2):
        return False
    closed = case.ours.end is not None and case.ours.end[:2] == ("closed", 1014)
    return (closed or case.codes[0] == 1007) and case.codes[1] == 1002


def knows_no_limit(case: Case) -> bool:
    return case.codes[0] == 1009 and case.is_too_big(case.place) and case.theirs.goes_on_from(case.ours)


def reads_the_length_first(case: Case) -> bool:
    """We fail at the first two bytes."""
    frame = case.frame
    if frame is None or case.theirs.end is not None or case.codes[0] != 1002 or frame.length is not None:
        return False
    return bool(frame.rsv or frame.masked is case.client)


def waits_for_the_payload(case: Case) -> bool:
    """A data frame out of place: we fail at its header."""
    frame = case.frame
    if frame is None or case.theirs.end is not None or case.codes[0] != 1002 or frame.is_control or frame.payload:
        return False
    out_of_place = bool(case.unfinished) is not (frame.opcode == CONTINUATION)
    return out_of_place and frame.has_key and frame.length != 0


def fails_before_the_mask(case: Case) -> bool:
    """We look at the length when we have the header."""
    frame = case.frame
    if frame is None or case.ours.end is not None or case.codes[1] != 1002 or frame.length is None or frame.has_key:
        return False
    return not frame.is_shortest or bool(frame.length >> 63)


# websockets.


def does_not_care_for_the_shortest(case: Case) -> bool:
    frame = case.frame
    return frame is not None and not frame.is_shortest and case.codes[0] == 1002 and case.theirs.goes_on_from(case.ours)


def wants_the_frame_whole(case: Case) -> bool:
    frame = case.frame
    return frame is not None and not frame.whole and case.codes[0] == 1002 and case.theirs.end is None


def wants_the_message_whole(case: Case) -> bool:
    """Where text stops to be UTF-8 we fail; `theirs` does at the end of the message, if nothing else comes first."""
    frame = case.frame
    if frame is None or case.codes[0] != 1007 or frame.is_control:
        return False
    fragments = [*case.unfinished, frame]
    if fragments[0].opcode != TEXT or may_become_utf8(b"".join(seen.payload for seen in fragments)):
        return False
    return case.theirs.messages == case.ours.messages and case.theirs.goes_on_from(case.ours)


def may_become_utf8(data: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return False
    return True


def refuses_a_close_between_fragments(case: Case) -> bool:
    frame = case.frame
    if frame is None or frame.opcode != CLOSE or not case.unfinished or case.codes[1] != 1002:
        return False
    return case.ours.end is not None and case.ours.end[0] == "closed"


def reads_the_text_of_a_close_first(case: Case) -> bool:
    frame = case.frame
    if frame is None or frame.opcode != CLOSE or case.codes != (1002, 1007):
        return False
    return not is_sendable(int.from_bytes(frame.payload[:2])) and not is_utf8(frame.payload[2:])


def counts_first(case: Case) -> bool:
    return case.is_too_big(case.place) and case.codes == (1002, 1009)


def counts_before_the_mask(case: Case) -> bool:
    frame = case.frame
    if frame is None or frame.has_key or case.ours.end is not None or case.codes[1] != 1009:
        return False
    return case.is_too_big(len(case.frames) - 1)


def counts_control_frames(case: Case) -> bool:
    """A control frame ends it for them, wherever we have ended."""
    if case.codes[1] != 1009 or not case.ours.goes_on_from(case.theirs):
        return False
    return any(
        seen.is_control and (seen.length or 0) <= 125 and case.is_too_big(place)
        for place, seen in enumerate(case.frames[: case.place + 1])
    )


DIFFERENCES = [
    Difference(
        wsproto,
        "RFC 6455 section 7.4.2 and the IANA registry",
        "Close code 1014 is refused; it was registered after the RFC",
        refuses_1014,
        raw_frames.close(1014),
    ),
    Difference(
        wsproto,
        "RFC 6455 section 10.4",
        "there are no limits; implementations should have some, and we do",
        knows_no_limit,
        bytes(RawFrame(BINARY, claimed=LIMIT + 1)),
    ),
    Difference(
        wsproto,
        "RFC 6455 section 7.1.7",
        "reserved bits and the mask bit are looked at behind the length; when to fail is left open",
        reads_the_length_first,
        b"\xc1\x7e",
    ),
    Difference(
        wsproto,
        "RFC 6455 section 7.1.7",
        "a data frame out of place is noticed at its first byte of payload; when to fail is left open",
        waits_for_the_payload,
        bytes(RawFrame(CONTINUATION, claimed=5)),
    ),
    Difference(
        wsproto,
        "RFC 6455 section 7.1.7",
        "a length is looked at before the mask, by us with the whole header; when to fail is left open",
        fails_before_the_mask,
        b"\x82\xfe\x00\x01",
        masked=True,
    ),
    Difference(
        websockets,
        "RFC 6455 section 5.2",
        "a length need not be written in the fewest bytes; it must, and we insist",
        does_not_care_for_the_shortest,
        bytes(RawFrame(BINARY, b"x", form=2)),
    ),
    Difference(
        websockets,
        "RFC 6455 section 7.1.7",
        "a frame against the rules is noticed when all of it is there; when to fail is left open",
        wants_the_frame_whole,
        b"\x90\x05",
    ),
    Difference(
        websockets,
        "RFC 6455 section 8.1",
        "text is checked at the end of a message; when to fail is left open, and Autobahn wants it at once",
        wants_the_message_whole,
        bytes(RawFrame(TEXT, b"\xff", fin=False)),
    ),
    Difference(
        websockets,
        "RFC 6455 sections 5.4 and 5.5.1",
        "a Close between fragments is an error; control frames may stand there, and Autobahn wants its echo",
        refuses_a_close_between_fragments,
        bytes(RawFrame(TEXT, b"x", fin=False)) + raw_frames.close(1000),
    ),
    Difference(
        websockets,
        "RFC 6455 section 7.4",
        "a Close with a code and a text that are both wrong is 1007; there are two errors, and we name the first",
        reads_the_text_of_a_close_first,
        bytes(RawFrame(CLOSE, b"\x03\xe7\xff")),
    ),
    Difference(
        websockets,
        "RFC 6455 sections 5.2 and 7.4.1",
        "a frame that is too big and against the rules is 1009; there are two errors, and we name the other",
        counts_first,
        bytes(RawFrame(BINARY, claimed=1 << 63)),
    ),
    Difference(
        websockets,
        "RFC 6455 section 7.1.7",
        "a length is looked at before the mask, by us with the whole header; when to fail is left open",
        counts_before_the_mask,
        b"\x82\xff" + bytes([0, 0, 0, 1, 0, 0, 0, 0]),
        masked=True,
    ),
    Difference(
        websockets,
        "RFC 6455 section 5.4",
        "a control frame counts for the size of the message that it stands in; it is no part of it",
        counts_control_frames,
        bytes(RawFrame(BINARY, bytes(LIMIT), fin=False)) + raw_frames.ping(b"x"),
    ),
]
