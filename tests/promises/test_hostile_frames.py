"""What a peer may not send, in one segment and byte by byte: the right code on the wire, the right exception here.

What came before a violation is delivered; what comes after it is not read.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.peers import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    Sent,
    binary,
    close,
    close_payload,
    connected,
    connected_in_memory,
    continuation,
    frame,
    ping,
    text,
)
from typedws.config import SessionConfig
from typedws.errors import (
    ConnectionClosedError,
    ConnectionClosedOK,
    FrameTooBigError,
    ProtocolError,
    RemoteProtocolError,
)
from typedws.frames import BinaryFrame, Frame, TextFrame
from typedws.session import Session

pytestmark = pytest.mark.anyio


LIMIT = 1000
CONFIG = SessionConfig(max_frame_size=LIMIT, max_message_size=LIMIT)

BAD = {
    "masked": (frame(TEXT, b"x", mask=b"mask"), 1002),
    "masked with a zero key": (frame(TEXT, b"x", mask=bytes(4)), 1002),
    "masked ping": (frame(PING, b"", mask=b"mask"), 1002),
    "RSV1 without compression": (frame(TEXT, b"x", rsv=4), 1002),
    "RSV1 on a continuation": (text("a", fin=False) + frame(CONTINUATION, b"x", rsv=4), 1002),
    "RSV1 on a ping": (frame(PING, b"x", rsv=4), 1002),
    "RSV1 on a close": (frame(CLOSE, close_payload(1000), rsv=4), 1002),
    "RSV2": (b"\xa1\x00", 1002),
    "RSV3": (b"\x91\x00", 1002),
    "all reserved bits": (b"\xf2\x00", 1002),
    **{f"opcode {opcode:X}": (frame(opcode), 1002) for opcode in (*range(3, 8), *range(0xB, 0x10))},
    "unfinished unknown opcode": (b"\x03\x00", 1002),
    "ping of 126 bytes": (b"\x89\x7e\x00\x7e", 1002),
    "pong of 64 KiB": (b"\x8a\x7f" + (1 << 16).to_bytes(8), 1002),
    "close of 126 bytes": (b"\x88\x7e\x00\x7e", 1002),
    "unfinished ping": (b"\x09\x00", 1002),
    "unfinished pong": (b"\x0a\x00", 1002),
    "unfinished close": (b"\x08\x02\x03\xe8", 1002),
    "continuation of nothing": (continuation(b"x"), 1002),
    "unfinished continuation of nothing": (continuation(b"x", fin=False), 1002),
    "text inside a text": (text("a", fin=False) + text("b"), 1002),
    "binary inside a text": (text("a", fin=False) + binary(b"b"), 1002),
    "text inside a binary": (binary(b"a", fin=False) + text("b", fin=False), 1002),
    "continuation after the end": (text("", fin=False) + continuation(b"", fin=True)[:0] + text("b"), 1002),
    "16-bit length below 126": (b"\x82\x7e\x00\x7d", 1002),
    "16-bit length of 0": (b"\x81\x7e\x00\x00", 1002),
    "64-bit length below 65536": (b"\x82\x7f" + (0xFFFF).to_bytes(8), 1002),
    "64-bit length of 0": (b"\x81\x7f" + bytes(8), 1002),
    "length with its highest bit": (b"\x82\x7f" + b"\xff" * 8, 1002),
    "length of 2**63": (b"\x82\x7f" + (1 << 63).to_bytes(8), 1002),
    "length of 2**62": (b"\x82\x7f" + (1 << 62).to_bytes(8), 1009),
    "length of 2**31": (b"\x81\x7f" + (1 << 31).to_bytes(8), 1009),
    "one byte too many": (frame(BINARY, bytes(LIMIT + 1))[:4], 1009),
    "fragments with one byte too many": (binary(bytes(LIMIT), fin=False) + continuation(b"x")[:2], 1009),
    "invalid UTF-8": (frame(TEXT, b"\xff"), 1007),
    "a surrogate": (frame(TEXT, b"\xed\xa0\x80"), 1007),
    "an overlong form": (frame(TEXT, b"\xc0\xaf"), 1007),
    "beyond the last code point": (frame(TEXT, b"\xf4\x90\x80\x80"), 1007),
    "invalid UTF-8 in the middle": (frame(TEXT, b"valid \xfe valid"), 1007),
    "half a code point": (frame(TEXT, "ñ".encode()[:1]), 1007),
    "half a code point at the end": (frame(TEXT, "valid €".encode()[:-1]), 1007),
    "half a code point in fragments": (text("a", fin=False) + continuation("€".encode()[:2]), 1007),
    "invalid UTF-8 in a fragment": (text("a", fin=False) + continuation(b"\xff", fin=False), 1007),
    "invalid UTF-8 across fragments": (frame(TEXT, b"\xe2\x82", fin=False) + continuation(b"\x28", fin=False), 1007),
    "invalid UTF-8 in the first byte of many": (b"\x81\x7e\x03\xe8" + b"\xff", 1007),
    "close with half a code": (frame(CLOSE, b"\x03"), 1002),
    **{
        f"close with {code}": (close(code), 1002)
        for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535)
    },
    "close with an invalid reason": (frame(CLOSE, b"\x03\xe8\xff"), 1007),
    "close with half a code point": (frame(CLOSE, b"\x03\xe8" + "ñ".encode()[:1]), 1007),
}

GOOD: dict[str, tuple[bytes, list[Frame], list[Sent]]] = {
    "empty text": (text(""), [TextFrame("")], []),
    "empty binary": (binary(b""), [BinaryFrame(b"")], []),
    "the limit": (binary(bytes(LIMIT)), [BinaryFrame(bytes(LIMIT))], []),
    "125 bytes": (binary(bytes(125)), [BinaryFrame(bytes(125))], []),
    "126 bytes": (binary(bytes(126)), [BinaryFrame(bytes(126))], []),
    "ping of 125 bytes": (ping(bytes(125)), [], [Sent(PONG, bytes(125))]),
    "unasked pong": (frame(PONG, b"x"), [], []),
    "fragments": (text("a", fin=False) + continuation(b"b", fin=False) + continuation(b"c"), [TextFrame("abc")], []),
    "empty fragments": (text("", fin=False) + continuation(b"", fin=False) + continuation(b""), [TextFrame("")], []),
    "a code point across fragments": (
        frame(TEXT, "€".encode()[:1], fin=False) + continuation("€".encode()[1:]),
        [TextFrame("€")],
        [],
    ),
    "ping between fragments": (
        text("a", fin=False) + ping(b"?") + continuation(b"b"),
        [TextFrame("ab")],
        [Sent(PONG, b"?")],
    ),
    "noncharacters": (text("\ufffe\uffff\U0010ffff\ufdd0"), [TextFrame("\ufffe\uffff\U0010ffff\ufdd0")], []),
    "a byte order mark and NUL": (text("\ufeff\0"), [TextFrame("\ufeff\0")], []),
    "any byte": (binary(bytes(range(256))), [BinaryFrame(bytes(range(256)))], []),
}


@pytest.fixture(params=["one segment", "byte by byte"])
def drip(request: pytest.FixtureRequest) -> bool:
    return bool(request.param == "byte by byte")


@pytest.mark.parametrize("name", BAD)
async def test_what_a_peer_may_not_send_ends_the_connection_with_the_right_code(name: str, drip: bool) -> None:
    data, code = BAD[name]
    async with connected_in_memory(config=CONFIG) as (session, peer):
        await check_refusal(session, peer, data, code, drip)


@pytest.mark.parametrize("name", ["masked", "opcode 3", "length of 2**62", "invalid UTF-8", "close with 999"])
async def test_it_does_so_over_tcp(name: str, drip: bool) -> None:
    data, code = BAD[name]
    async with connected(config=CONFIG) as (session, peer):
        await check_refusal(session, peer, data, code, drip)


async def check_refusal(session: Session, peer: Any, data: bytes, code: int, drip: bool) -> None:
    data = text("before") + data
    if drip:
        await peer.push_each_byte(data)
    else:
        peer.push(data + text("never") + close(1000))
    assert await session.receive() == TextFrame("before")
    with pytest.raises(ConnectionClosedError) as caught:
        await session.receive()
    error = caught.value
    assert isinstance(error.__cause__, FrameTooBigError if code == 1009 else RemoteProtocolError)
    assert isinstance(error.__cause__, ProtocolError)
    assert getattr(error.__cause__, "code", 1009) == code
    assert error.reason.code == code
    assert error.received is None
    assert not error.by_peer
    assert error.sent == error.reason == session.close_reason
    assert len(str(error)) < 200
    peer.finish()
    assert await peer.rest() == [Sent(CLOSE, close_payload(code, error.reason.message))]
    assert await session.wait_closed() == error.reason
    with pytest.raises(ConnectionClosedError) as again:
        await session.receive()
    assert again.value is not error


@pytest.mark.parametrize("name", GOOD)
async def test_what_a_peer_may_send_is_taken(name: str, drip: bool) -> None:
    data, frames, answers = GOOD[name]
    async with connected_in_memory(config=CONFIG) as (session, peer):
        await (peer.push_each_byte(data) if drip else peer.send(data))
        assert [await session.receive() for _ in frames] == frames
        peer.push(close(1000))
        peer.finish()
        with pytest.raises(ConnectionClosedOK):
            await session.receive()
        assert await peer.rest() == [*answers, Sent(CLOSE, close_payload(1000))]


async def test_bad_text_fails_at_its_first_bad_byte_and_not_at_its_end() -> None:
    async with connected() as (session, peer):
        peer.push(b"\x81\x7e\xff\xff" + "valid ñ".encode() + b"\xf4\x90")
        with pytest.raises(ConnectionClosedError) as caught:
            await session.receive()
        assert caught.value.reason.code == 1007


async def test_errors_do_not_quote_the_payload() -> None:
    async with connected() as (session, peer):
        peer.push(frame(TEXT, b"hunter2 \xff"))
        with pytest.raises(ConnectionClosedError) as caught:
            await session.receive()
        error = caught.value
        assert "hunter2" not in f"{error!s} {error!r} {error.__cause__!s} {error.__cause__!r}"
        assert "hunter2" not in repr(session)
