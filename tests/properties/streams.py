"""Streams of frames for properties: conversations that are valid, and what becomes of them when they are spoilt.

A conversation is drawn as frames, so that a property knows what must be read from it, and becomes bytes at the end.
Spoiling happens in both places: a frame may break a rule (a reserved bit, a length that is not the shortest, a code
that no Close may have), and bytes may be changed, lost or added without regard for any rule.

`cut_into_frames` is the way back, without a judgement: what stands in a stream, for whoever has to say why two readers
do not agree about it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from tests.raw_frames import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, close_payload, masked
from typedws.frames import BinaryFrame, Frame, TextFrame

__all__ = [
    "KEY",
    "LIMIT",
    "Conversation",
    "Message",
    "RawFrame",
    "Seen",
    "conversations",
    "cut_into_frames",
    "cuts",
    "in_pieces",
    "messages",
    "random_streams",
    "spoilt_streams",
    "written",
]

KEY = b"\x00\xff\x37\x80"
LIMIT = 70_000
"""The largest frame and message that the ends of these properties take: a little more than needs a length of 64
bits."""

SENDABLE_CODES = [1000, 1001, 1002, 1003, *range(1007, 1015), 3000, 3999, 4000, 4999]
OTHER_CODES = [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535]
NO_UTF8 = [b"\xff", b"\x80", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82", b"a\xe2\x82b", b"\xf0\x9f"]


@dataclass(frozen=True)
class RawFrame:
    """A frame as it may stand on the wire, right or wrong.

    Attributes:
        key: the mask, or None for none.
        form: bytes of the extended length, 0, 2 or 8; None for the fewest.
        claimed: the length that the header tells, where it is not the true one.
    """

    opcode: int
    payload: bytes = b""
    fin: bool = True
    rsv: int = 0
    key: bytes | None = None
    form: int | None = None
    claimed: int | None = None

    def __bytes__(self) -> bytes:
        size = len(self.payload) if self.claimed is None else self.claimed
        form = self.form
        if form is None or (form == 0 and size > 125) or (form == 2 and size > 0xFFFF):
            form = 0 if size < 126 else 2 if size < 1 << 16 else 8
        second = {0: size, 2: 126, 8: 127}[form] | (0 if self.key is None else 0x80)
        head = bytes([self.fin << 7 | self.rsv << 4 | self.opcode, second]) + size.to_bytes(8)[8 - form :]
        return head + self.payload if self.key is None else head + self.key + masked(self.payload, self.key)


def written(frames: Iterable[RawFrame]) -> bytes:
    return b"".join(map(bytes, frames))


# What is valid.


@dataclass(frozen=True)
class Message:
    """A message in pieces, and the control frames before each of them."""

    opcode: int
    pieces: tuple[bytes, ...]
    controls: tuple[tuple[tuple[int, bytes], ...], ...]

    @property
    def frame(self) -> Frame:
        return (TextFrame if self.opcode == TEXT else BinaryFrame)(b"".join(self.pieces))

    def frames(self, key: bytes | None) -> Iterator[RawFrame]:
        last = len(self.pieces) - 1
        for i, (piece, controls) in enumerate(zip(self.pieces, self.controls, strict=True)):
            yield from (RawFrame(opcode, payload, key=key) for opcode, payload in controls)
            yield RawFrame(CONTINUATION if i else self.opcode, piece, fin=i == last, key=key)

    def sent(self, opcode: int) -> list[bytes]:
        """The payloads of its Pings, or of its Pongs."""
        return [payload for controls in self.controls for kind, payload in controls if kind == opcode]


@dataclass(frozen=True)
class Conversation:
    """What one end sends: messages, and perhaps a Close with a code and a text, or with nothing (1005)."""

    masked: bool
    messages: list[Message]
    close: tuple[int, str] | None = None

    def frames(self) -> list[RawFrame]:
        key = KEY if self.masked else None
        frames = [frame for message in self.messages for frame in message.frames(key)]
        if self.close is not None:
            code, text = self.close
            frames.append(RawFrame(CLOSE, b"" if code == 1005 else close_payload(code, text), key=key))
        return frames

    def __bytes__(self) -> bytes:
        return written(self.frames())

    @property
    def received(self) -> list[Frame]:
        return [message.frame for message in self.messages]

    def sent(self, opcode: int) -> list[bytes]:
        return [payload for message in self.messages for payload in message.sent(opcode)]


long_sizes = st.sampled_from([125, 126, 127, 1000, 65_535, 65_536, 69_900, LIMIT])
short_texts = st.text(max_size=20).map(str.encode)
short_binaries = st.binary(max_size=20)
control_payloads = st.binary(max_size=8) | st.sampled_from([b"", b"x" * 125])


def long_payload(size: int, letter: int) -> bytes:
    """A payload that is ASCII, and differs from its neighbours."""
    return (b"%d " % letter + b"0123456789" * (size // 10 + 1))[:size]


@st.composite
def messages(draw: st.DrawFn, *, long: bool = True) -> Message:
    """A message in one to five pieces, with up to three control frames before each."""
    opcode = draw(st.sampled_from([TEXT, BINARY]))
    if long and draw(st.integers(0, 9)) == 9:
        payload = long_payload(draw(long_sizes), draw(st.integers(0, 9)))
    else:
        payload = draw(short_texts if opcode == TEXT else short_binaries)
    places = sorted(draw(st.lists(st.integers(0, len(payload)), max_size=4)))
    pieces = tuple(payload[start:stop] for start, stop in pairwise([0, *places, len(payload)]))
    control = st.tuples(st.sampled_from([PING, PONG]), control_payloads)
    some = st.just(()) | st.lists(control, max_size=3).map(tuple)
    return Message(opcode, pieces, tuple(draw(some) for _ in pieces))


closes = st.tuples(st.sampled_from(SENDABLE_CODES), st.text(max_size=20)) | st.just((1005, ""))


@st.composite
def conversations(draw: st.DrawFn, *, masked: bool | None = None, long: bool = True, most: int = 5) -> Conversation:
    masks = draw(st.booleans()) if masked is None else masked
    return Conversation(masks, draw(st.lists(messages(long=long), max_size=most)), draw(st.none() | closes))


# What is not.

bad_codes = st.sampled_from(OTHER_CODES) | st.integers(0, 65535)
bad_closes = (
    st.just(b"\x03")
    | bad_codes.map(close_payload)
    | st.builds(lambda code, text: close_payload(code) + text, bad_codes, st.sampled_from(NO_UTF8))
    | st.builds(
        lambda code, text: close_payload(code, "bye ") + text, st.sampled_from(SENDABLE_CODES), st.sampled_from(NO_UTF8)
    )
)


def with_(**changes: st.SearchStrategy[Any]) -> Callable[[RawFrame], st.SearchStrategy[RawFrame]]:
    return lambda frame: st.fixed_dictionaries(changes).map(lambda drawn: replace(frame, **drawn))


def with_bad_text(frame: RawFrame) -> st.SearchStrategy[RawFrame]:
    places = st.integers(0, len(frame.payload))
    return st.builds(
        lambda place, bad: replace(frame, payload=frame.payload[:place] + bad + frame.payload[place:]),
        places,
        st.sampled_from(NO_UTF8),
    )


def with_a_claim(frame: RawFrame) -> st.SearchStrategy[RawFrame]:
    """A header that tells a length of its own: too big, or one that its bytes do not have."""
    size = len(frame.payload)
    claims = st.sampled_from([LIMIT + 1, size + 1, size + 200, 1 << 62, 1 << 63, size | 1 << 63])
    return st.builds(lambda claim: replace(frame, claimed=claim), claims)


SPOILERS: list[Callable[[RawFrame], st.SearchStrategy[RawFrame]]] = [
    with_(rsv=st.integers(1, 7)),
    with_(opcode=st.integers(0, 15)),
    with_(opcode=st.sampled_from([PING, PONG, CLOSE]), payload=st.just(b"x" * 126)),
    with_(opcode=st.sampled_from([PING, PONG, CLOSE]), fin=st.just(False)),
    with_(opcode=st.just(CLOSE), payload=bad_closes, fin=st.just(True)),
    with_(opcode=st.sampled_from([TEXT, BINARY, CONTINUATION])),
    with_(form=st.sampled_from([2, 8])),
    with_(payload=st.sampled_from([long_payload(size, 7) for size in (LIMIT - 5, LIMIT, LIMIT + 1)])),
    with_a_claim,
    with_bad_text,
    lambda frame: st.just(replace(frame, fin=not frame.fin)),
    lambda frame: st.just(replace(frame, key=KEY if frame.key is None else None)),
]


@st.composite
def spoilt_streams(draw: st.DrawFn, *, masked: bool) -> bytes:
    """The stream of a conversation in which frames or bytes, or both, are not as they have to be."""
    frames = draw(conversations(masked=masked, most=3)).frames() or [RawFrame(TEXT, b"x", key=KEY if masked else None)]
    how = draw(st.sampled_from(["a frame", "frames", "order", "bytes", "the end", "the end"]))
    place = 0
    if how in ("a frame", "frames", "the end"):
        for _ in range(2 if how == "frames" else 1):
            place = draw(st.integers(0, len(frames) - 1))
            frames[place] = draw(draw(st.sampled_from(SPOILERS))(frames[place]))
    if how == "order":
        source, target = draw(st.integers(0, len(frames) - 1)), draw(st.integers(0, len(frames)))
        frames[target:target] = frames[source : source + draw(st.integers(1, 2))]
        del frames[draw(st.integers(0, len(frames) - 1))]
    stream = written(frames)
    if how == "bytes" and stream:
        changed = bytearray(stream)
        for _ in range(draw(st.integers(1, 3))):
            place = draw(st.integers(0, min(len(stream), 200) - 1))
            changed[place] ^= 1 << draw(st.integers(0, 7))
        place = draw(st.integers(0, min(len(stream), 200)))
        changed[place : place + draw(st.integers(0, 2))] = draw(st.binary(max_size=2))
        stream = bytes(changed)
    if how == "the end":
        # Soon after the beginning of the frame that was spoilt: in its header, or in the first bytes of its payload.
        stream = stream[: len(written(frames[:place])) + draw(st.integers(0, 20))]
    return stream


mask_keys = st.sampled_from([None, KEY])
any_frames = st.builds(
    RawFrame,
    st.integers(0, 15),
    st.binary(max_size=130),
    st.booleans(),
    st.sampled_from([0] * 7 + [4, 2]),
    mask_keys,
    st.sampled_from([None] * 5 + [2, 8]),
)
random_streams = st.lists((any_frames.map(bytes) | st.binary(max_size=20)), max_size=12).map(b"".join)
"""Frames of any kind and bytes that are none."""


# Where the network cuts.

cuts = st.lists(st.integers(0, 2 * LIMIT), max_size=8)


def in_pieces(data: bytes, places: list[int]) -> list[bytes]:
    """`data` cut at some places. They are meant from its end where they are odd, so that both ends get some."""
    size = len(data) + 1
    found = [place // 2 % size if place % 2 == 0 else len(data) - place // 2 % size for place in places]
    return [data[start:stop] for start, stop in pairwise([0, *sorted(found), len(data)])]


# Back again.


@dataclass(frozen=True)
class Seen:
    """A frame as it stands in a stream, by no rule but the one that says how long it is.

    Attributes:
        opcode, fin, rsv: of the first byte.
        masked: whether the mask bit is set.
        length: what the header tells; None where the stream ends before that.
        form: bytes of the extended length.
        has_key: whether the header is there with its mask, if it has one.
        payload: what there is of it, unmasked.
        whole: whether all of it is there.
        raw: its bytes.
    """

    opcode: int
    fin: bool
    rsv: int
    masked: bool
    length: int | None
    form: int
    has_key: bool
    payload: bytes
    whole: bool
    raw: bytes

    @property
    def is_control(self) -> bool:
        return self.opcode >= CLOSE

    @property
    def is_shortest(self) -> bool:
        return self.length is None or self.form == 0 or self.length >= {2: 126, 8: 1 << 16}[self.form]


def cut_into_frames(stream: bytes) -> list[Seen]:
    """The frames of a stream; the last one may not be whole. One byte alone is none."""
    found = []
    start = 0
    while len(stream) - start >= 2:
        first, second = stream[start], stream[start + 1]
        form = {126: 2, 127: 8}.get(second & 0x7F, 0)
        after = start + 2 + form
        length = (
            (int.from_bytes(stream[start + 2 : after]) if form else second & 0x7F) if after <= len(stream) else None
        )
        key_size = 4 if second & 0x80 else 0
        key = stream[after : after + key_size]
        has_key = length is not None and len(key) == key_size
        stop = len(stream) if length is None else min(len(stream), after + key_size + length)
        payload = stream[after + key_size : stop] if has_key else b""
        whole = has_key and len(payload) == length
        seen = masked(payload, key) if key_size and has_key else payload
        found.append(
            Seen(
                opcode=first & 0x0F,
                fin=bool(first & 0x80),
                rsv=first >> 4 & 7,
                masked=bool(key_size),
                length=length,
                form=form,
                has_key=has_key,
                payload=seen,
                whole=whole,
                raw=stream[start:stop],
            )
        )
        start = stop
    return found
