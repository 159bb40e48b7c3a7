"""permessage-deflate with every set of parameters: any messages, in any fragments, cut anywhere, with control frames
anywhere between.

The two directions of a connection do not know of each other, so each is tried by itself with every window and with and
without takeover. The other end is zlib, used as RFC 7692 section 7.2 says, or the extension of `websockets`.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Frame as WebsocketsFrame
from websockets.frames import Opcode

from tests.properties.examples import examples
from tests.properties.readers import our_connection
from tests.properties.streams import (
    KEY,
    RawFrame,
    control_payloads,
    cut_into_frames,
    cuts,
    in_pieces,
    written,
)
from tests.raw_frames import BINARY, CONTINUATION, PING, PONG, TEXT
from typedws.errors import FrameTooBigError, RemoteProtocolError
from typedws.frames import BinaryFrame, DataFrame, TextFrame
from typedws.protocol.deflate import DeflateParameters

TAIL = b"\x00\x00\xff\xff"

every_window = pytest.mark.parametrize("bits", range(9, 16))
with_and_without_takeover = pytest.mark.parametrize("forgets", [False, True], ids=["takeover", "no takeover"])

CHUNKS = [random.Random(number).randbytes(97 * number % 700 + 10).hex().encode() for number in range(12)]
"""Noise in pieces: what refers back to one of them needs all of a window, or more than it has."""

chunks = st.sampled_from([b"", b"{", b'"price":64250.25', bytes(300), *CHUNKS])
payloads = st.lists(chunks, max_size=12).map(b"".join) | st.binary(max_size=40).map(lambda data: data.hex().encode())


@dataclass(frozen=True)
class Packed:
    """A message: what it is, whether it is compressed, where it is cut into fragments, and what stands before them."""

    opcode: int
    payload: bytes
    compressed: bool
    places: list[int]
    controls: list[tuple[int, bytes]]

    @property
    def frame(self) -> DataFrame:
        return (TextFrame if self.opcode == TEXT else BinaryFrame)(self.payload)

    def frames(self, data: bytes, key: bytes | None) -> Iterator[RawFrame]:
        """Its frames, with `data` as their payload. There is a control frame before each, as long as they last."""
        pieces = in_pieces(data, self.places)
        for i, piece in enumerate(pieces):
            yield from (RawFrame(opcode, payload, key=key) for opcode, payload in self.controls[i : i + 1])
            rsv = 4 if self.compressed and i == 0 else 0
            yield RawFrame(CONTINUATION if i else self.opcode, piece, i == len(pieces) - 1, rsv, key)


controls = st.lists(st.tuples(st.sampled_from([PING, PONG]), control_payloads), max_size=5)
packed = st.builds(
    Packed, st.sampled_from([TEXT, BINARY]), payloads, st.sampled_from([True] * 4 + [False]), cuts, controls
)
conversations = st.lists(packed, min_size=1, max_size=8)


class Zlib:
    """zlib as a peer."""

    def __init__(self, bits: int, forgets: bool) -> None:
        self._bits = bits
        self._forgets = forgets
        self._renew()

    def _renew(self) -> None:
        self._deflater = zlib.compressobj(wbits=-self._bits)
        self._inflater = zlib.decompressobj(wbits=-self._bits)

    def compress(self, payload: bytes) -> bytes:
        data = self._deflater.compress(payload) + self._deflater.flush(zlib.Z_SYNC_FLUSH)
        if self._forgets:
            self._renew()
        return data.removesuffix(TAIL) or b"\x00"

    def inflate(self, data: bytes) -> bytes:
        payload, rest = b"", data
        while rest:
            payload += self._inflater.decompress(rest)
            rest = self._inflater.unused_data
            if self._inflater.eof:  # section 7.2.3.4: a final block, and another stream after it
                self._inflater = zlib.decompressobj(wbits=-self._bits)
                if not rest:
                    break
        else:
            payload += self._inflater.decompress(TAIL)
        if self._forgets:
            self._renew()
        return payload


class Websockets:
    """The extension of websockets as a peer."""

    def __init__(self, bits: int, forgets: bool) -> None:
        self._extension = PerMessageDeflate(forgets, forgets, bits, bits)

    def compress(self, payload: bytes) -> bytes:
        return bytes(self._extension.encode(WebsocketsFrame(Opcode.BINARY, payload)).data)

    def inflate(self, data: bytes) -> bytes:
        return bytes(self._extension.decode(WebsocketsFrame(Opcode.BINARY, data, rsv1=True)).data)


peers = pytest.mark.parametrize("peer", [Zlib, Websockets], ids=["zlib", "websockets"])


@peers
@with_and_without_takeover
@every_window
@examples(12)
@given(conversation=conversations, places=cuts, client=st.booleans())
def test_we_read_what_a_peer_compresses(
    peer: type[Zlib | Websockets],
    bits: int,
    forgets: bool,
    conversation: list[Packed],
    places: list[int],
    client: bool,
) -> None:
    agreed = DeflateParameters(receive_window_bits=bits, receive_no_context_takeover=forgets)
    end, other = our_connection(client=client, deflate=agreed), peer(bits, forgets)
    frames: list[RawFrame] = []
    for message in conversation:
        data = other.compress(message.payload) if message.compressed else message.payload
        frames += message.frames(data, None if client else KEY)
    for piece in in_pieces(written(frames), places):
        end.receive_data(piece)
    assert end.violation is None
    assert list(end.backlog) == [message.frame for message in conversation]
    assert list(end.pongs) == [frame.payload for frame in frames if frame.opcode == PONG]
    answers = [seen.payload for seen in cut_into_frames(end.data_to_send())]
    assert answers == [frame.payload for frame in frames if frame.opcode == PING][-32:]


@peers
@with_and_without_takeover
@every_window
@examples(12)
@given(conversation=conversations, min_size=st.sampled_from([0, 64]), client=st.booleans())
def test_a_peer_reads_what_we_compress(
    peer: type[Zlib | Websockets],
    bits: int,
    forgets: bool,
    conversation: list[Packed],
    min_size: int,
    client: bool,
) -> None:
    agreed = DeflateParameters(send_window_bits=bits, send_no_context_takeover=forgets, min_size=min_size)
    end, other = our_connection(client=client, deflate=agreed), peer(bits, forgets)
    for message in conversation:
        for _, payload in message.controls:
            [ping] = cut_into_frames(end.sender.ping(payload))
            assert (ping.opcode, ping.rsv, ping.payload) == (PING, 0, payload)
        [seen] = cut_into_frames(end.sender.data(message.frame))
        assert (seen.opcode, seen.fin, seen.masked) == (message.opcode, True, client)
        assert bool(seen.rsv) is (len(message.payload) >= min_size)
        assert (other.inflate(seen.payload) if seen.rsv else seen.payload) == message.payload


@with_and_without_takeover
@examples(60)
@given(conversation=conversations, data=st.data())
def test_what_was_changed_on_its_way_is_what_zlib_makes_of_it_or_a_violation(
    forgets: bool, conversation: list[Packed], data: st.DataObject
) -> None:
    """One compressed message is changed. Those before it arrive, and it never comes as anything that zlib disputes."""
    conversation = [replace(message, compressed=True, opcode=BINARY) for message in conversation]
    spoilt = data.draw(st.integers(0, len(conversation) - 1))
    agreed = DeflateParameters(receive_no_context_takeover=forgets)
    end, writer, reader = our_connection(client=True, deflate=agreed), Zlib(15, forgets), Zlib(15, forgets)
    for message in conversation[:spoilt]:
        packed = writer.compress(message.payload)
        reader.inflate(packed)
        end.receive_data(written(message.frames(packed, None)))
    message = conversation[spoilt]
    changed = bytearray(writer.compress(message.payload))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(changed)))
        changed[place : place + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=2))
    end.receive_data(written(message.frames(bytes(changed), None)))
    received = [frame.data for frame in end.backlog if not isinstance(frame, bytes)]
    assert received[:spoilt] == [message.payload for message in conversation[:spoilt]]
    try:
        expected = reader.inflate(bytes(changed))
    except zlib.error:
        expected = None
    if len(received) > spoilt:
        assert received[spoilt] == expected
    else:
        assert isinstance(end.violation, RemoteProtocolError | FrameTooBigError)
        assert not isinstance(end.violation, RemoteProtocolError) or end.violation.code == 1007
