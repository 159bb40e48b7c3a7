"""Control frames: too long, in fragments, unasked (RFC 6455 section 5.5)."""

from __future__ import annotations

from tests.catalogue.families import alike
from tests.catalogue.frame_rows import BEGUN, SECRET
from tests.catalogue.rows import Failed, Row, Taken, Written, more, ping, pong, text
from tests.raw_frames import CLOSE, PING, PONG, Sent, close_payload
from typedws.frames import TextFrame

KINDS = {"ping": PING, "pong": PONG, "close": CLOSE}

TOO_LONG = [
    *alike(
        (
            Row(f"F5 {name} of {length} bytes", (Written(opcode, SECRET, length=length),), Failed(1002))
            for name, opcode in KINDS.items()
            for length in (126, 127, 65536, 65535, 1 << 62, (1 << 64) - 1)
        ),
        wired=9,
    ),
    *(
        Row(f"F5 {name} of 5 bytes with a length of {width}", (Written(opcode, b"12345", width=width),), Failed(1002))
        for name, opcode in KINDS.items()
        for width in (2, 8)
    ),
    *(
        Row(f"F5 {name} of 126 bytes between fragments", (BEGUN, Written(opcode, bytes(126))), Failed(1002))
        for name, opcode in KINDS.items()
    ),
    *(
        Row(f"F5 ping of {length} bytes", (ping(bytes(length)),), Taken(answers=(Sent(PONG, bytes(length)),)))
        for length in (0, 1, 124, 125)
    ),
    Row("F5 pong of 125 bytes", (pong(bytes(125)),), Taken()),
]

UNFINISHED = [
    *(Row(f"F6 {name}", (Written(opcode, SECRET, fin=False),), Failed(1002)) for name, opcode in KINDS.items()),
    *(Row(f"F6 empty {name}", (Written(opcode, fin=False),), Failed(1002)) for name, opcode in KINDS.items()),
    *(
        Row(f"F6 {name} between fragments", (BEGUN, Written(opcode, SECRET, fin=False)), Failed(1002))
        for name, opcode in KINDS.items()
    ),
    Row("F6 close with a code", (Written(CLOSE, close_payload(1000), fin=False),), Failed(1002)),
    Row(
        "F6 a message behind whole control frames",
        (ping(b"a"), pong(b"b"), text("c", fin=False), ping(b"d"), more(b"e")),
        Taken((TextFrame("ce"),), (Sent(PONG, b"a"), Sent(PONG, b"d"))),
    ),
]

ANSWERS = [
    Row("P1 pings of one payload", (ping(b"same"),) * 5, Taken(answers=(Sent(PONG, b"same"),) * 5)),
    Row(
        "P1 pings before, between and behind messages",
        (ping(b"1"), text("a"), ping(b"2"), text("b"), ping(b"3")),
        Taken((TextFrame("a"), TextFrame("b")), (Sent(PONG, b"1"), Sent(PONG, b"2"), Sent(PONG, b"3"))),
    ),
    Row(
        "P1 a ping of any bytes",
        (ping(bytes(range(131, 256))),),
        Taken(answers=(Sent(PONG, bytes(range(131, 256))),)),
    ),
    Row(
        "P4 pongs that nobody asked for",
        (pong(SECRET), pong(), text("a"), pong(SECRET)) * 20,
        Taken((TextFrame("a"),) * 20),
    ),
    Row(
        "P4 a ping before what is against the rules",
        (ping(b"last"), Written(3)),
        Failed(1002, answers=(Sent(PONG, b"last"),)),
    ),
]

CONTROL_ROWS: list[Row] = [*TOO_LONG, *UNFINISHED, *ANSWERS]
