"""Frames and messages: masks, reserved bits, opcodes, lengths, fragments and text (RFC 6455 sections 5 and 8.1)."""

from __future__ import annotations

from tests.catalogue.families import alike
from tests.catalogue.rows import CANARY, LIMIT, Failed, Row, Taken, Written, binary, more, ping, pong, text
from tests.catalogue.texts import BAD, MIXED, UNFINISHED
from tests.raw_frames import BINARY, CLOSE, CONTINUATION, PONG, TEXT, Sent, close_payload
from typedws.frames import BinaryFrame, TextFrame

SECRET = CANARY.encode()
BEGUN = text(f"{CANARY} begun", fin=False)
"""The first fragment of a message."""

PLAIN: dict[str, Written] = {
    "text": text(CANARY),
    "binary": binary(SECRET),
    "ping": ping(SECRET),
    "pong": pong(SECRET),
    "close": Written(CLOSE, close_payload(1000, CANARY)),
}
"""A frame of every kind that can stand anywhere."""


def but(frame: Written, *, rsv: int = 0, fin: bool | None = None, masked_rightly: bool = True) -> Written:
    """`frame`, with something wrong about it."""
    return Written(
        frame.opcode, frame.payload, frame.fin if fin is None else fin, rsv=rsv, masked_rightly=masked_rightly
    )


MASKS = [
    *(Row(f"F1 {name}", (but(frame, masked_rightly=False),), Failed(1002)) for name, frame in PLAIN.items()),
    Row("F1 continuation", (BEGUN, Written(CONTINUATION, SECRET, masked_rightly=False)), Failed(1002)),
    Row("F1 empty text", (Written(TEXT, masked_rightly=False),), Failed(1002)),
    Row("F1 long binary", (Written(BINARY, SECRET * 20, masked_rightly=False),), Failed(1002)),
    Row("F1 first fragment", (Written(TEXT, SECRET, fin=False, masked_rightly=False),), Failed(1002)),
]


def rsv_case(rsv: int) -> str:
    """Reserved bits that no extension uses are one case, the one of compression another."""
    return f"F{2 if rsv & 3 else 4} RSV {rsv:03b}"


RESERVED_BITS = [
    *alike(
        (
            Row(f"{rsv_case(rsv)} on {name}", (but(frame, rsv=rsv),), Failed(1002))
            for rsv in (1, 2, 3, 5, 6, 7)
            for name, frame in PLAIN.items()
        ),
        wired=8,
    ),
    *(Row(f"{rsv_case(4)} on {name}", (but(frame, rsv=4),), Failed(1002)) for name, frame in PLAIN.items()),
    *alike(
        (
            Row(f"{rsv_case(rsv)} on continuation", (BEGUN, Written(CONTINUATION, SECRET, rsv=rsv)), Failed(1002))
            for rsv in (4, 1, 2, 3, 5, 6, 7)
        ),
        wired=2,
    ),
    Row("F4 RSV 100 on first fragment", (text(CANARY, fin=False, rsv=4),), Failed(1002)),
]

UNKNOWN = (*range(3, 8), *range(0xB, 0x10))

OPCODES = [
    *(Row(f"F3 opcode {opcode:X}", (Written(opcode, SECRET),), Failed(1002)) for opcode in UNKNOWN),
    *alike(
        (Row(f"F3 opcode {opcode:X} unfinished", (Written(opcode, fin=False),), Failed(1002)) for opcode in UNKNOWN),
        wired=2,
    ),
    *alike(
        (Row(f"F3 opcode {opcode:X} inside a message", (BEGUN, Written(opcode)), Failed(1002)) for opcode in UNKNOWN),
        wired=2,
    ),
]

LENGTHS = [
    *alike(
        (
            Row(
                f"F9 16 bits for {length} bytes of {name}",
                (Written(opcode, SECRET, length=length, width=2),),
                Failed(1002),
            )
            for length in (0, 125, 1, 7)
            for name, opcode in (("text", TEXT), ("binary", BINARY))
        ),
        wired=4,
    ),
    *alike(
        (
            Row(
                f"F9 64 bits for {length} bytes of {name}",
                (Written(opcode, SECRET, length=length, width=8),),
                Failed(1002),
            )
            for length in (0, 65535, 7, 125, 126)
            for name, opcode in (("text", TEXT), ("binary", BINARY))
        ),
        wired=4,
    ),
    *alike(
        (
            Row(f"F9 length {length:#x} of {name}", (Written(opcode, SECRET, length=length),), Failed(1002))
            for length in (1 << 63, (1 << 63) + 7, (1 << 64) - 1)
            for name, opcode in (("text", TEXT), ("binary", BINARY))
        ),
        wired=3,
    ),
    Row("F9 length 2**63 of a fragment", (BEGUN, Written(CONTINUATION, SECRET, length=1 << 63)), Failed(1002)),
    *alike(
        (
            Row(f"F10 {length} bytes of {name} are declared", (Written(opcode, SECRET, length=length),), Failed(1009))
            for length in (LIMIT + 1, 65535, 65536, (1 << 31) - 1, 1 << 31, 1 << 32, 1 << 40, 1 << 62, (1 << 63) - 1)
            for name, opcode in (("text", TEXT), ("binary", BINARY))
        ),
        wired=6,
    ),
    *(
        Row(
            f"F10 {length} bytes of a fragment are declared",
            (BEGUN, Written(CONTINUATION, length=length)),
            Failed(1009),
        )
        for length in (LIMIT + 1, 1 << 31, 1 << 62)
    ),
    *(
        Row(f"F12 {length} bytes", (binary(bytes(length)),), Taken((BinaryFrame(bytes(length)),)))
        for length in (0, 1, 125, 126, 127, LIMIT - 1, LIMIT)
    ),
    Row("F12 a byte too many", (binary(bytes(LIMIT + 1)),), Failed(1009)),
    Row("F12 a byte of text too many", (text("x" * (LIMIT + 1)),), Failed(1009)),
    Row("F12 half a code point too many", (text("x" * (LIMIT - 1) + "ñ"),), Failed(1009)),
    Row(
        "F13 fragments at the limit",
        (binary(bytes(LIMIT - 1), fin=False), more(b"x")),
        Taken((BinaryFrame(bytes(LIMIT - 1) + b"x"),)),
    ),
    Row("F13 the last fragment is a byte too long", (binary(bytes(LIMIT), fin=False), more(b"x")), Failed(1009)),
    Row(
        "F13 the fragment that is too long is not the last",
        (binary(bytes(100), fin=False), more(bytes(100), fin=False), more(b"x", fin=False)),
        Failed(1009),
    ),
    Row(
        "F13 only the header of the fragment that is too long",
        (text("x" * 100, fin=False), Written(CONTINUATION, length=LIMIT - 99)),
        Failed(1009),
    ),
    Row(
        "F13 empty fragments at the limit",
        (binary(bytes(LIMIT), fin=False), more(fin=False), more()),
        Taken((BinaryFrame(bytes(LIMIT)),)),
    ),
]

TINY_FRAGMENTS = [
    Row("F14 empty fragments without end", (BEGUN, *[more(fin=False)] * 1100), Failed(1008)),
    Row("F14 empty fragments of an empty message", (binary(fin=False), *[more(fin=False)] * 1100), Failed(1008)),
    Row("F14 fragments of a byte without end", (binary(fin=False), *[more(b"x", fin=False)] * 1100), Failed(1009)),
    Row(
        "F14 empty fragments with pings between them",
        (BEGUN, *[more(fin=False), pong()] * 1100),
        Failed(1008),
    ),
    Row(
        "F14 a message of 1000 empty fragments, twice",
        (text("a", fin=False), *[more(fin=False)] * 998, more(b"b")) * 2,
        Taken((TextFrame("ab"), TextFrame("ab"))),
    ),
]

FRAGMENTS = [
    Row("F7 continuation of nothing", (more(SECRET),), Failed(1002)),
    Row("F7 unfinished continuation of nothing", (more(SECRET, fin=False),), Failed(1002)),
    Row("F7 empty continuation of nothing", (more(),), Failed(1002)),
    Row("F7 continuation behind a ping", (ping(), more(SECRET)), Failed(1002, answers=(Sent(PONG),))),
    Row(
        "F7 continuation behind a finished message",
        (text("a", fin=False), more(b"b"), more(SECRET)),
        Failed(1002, (TextFrame("ab"),)),
    ),
    Row("F7 continuation behind a whole message", (text("a"), more(SECRET)), Failed(1002, (TextFrame("a"),))),
    *(
        Row(
            f"F7 {'' if fin else 'unfinished '}{name} inside a {begun}",
            (Written(first, SECRET, fin=False), Written(second, SECRET, fin)),
            Failed(1002),
        )
        for begun, first in (("text", TEXT), ("binary", BINARY))
        for name, second in (("text", TEXT), ("binary", BINARY))
        for fin in (True, False)
    ),
    Row(
        "F7 text inside a text with a ping between them",
        (BEGUN, ping(b"?"), text(CANARY)),
        Failed(1002, answers=(Sent(PONG, b"?"),)),
    ),
    Row(
        "F7 three fragments",
        (text("a", fin=False), more(b"b", fin=False), more(b"c")),
        Taken((TextFrame("abc"),)),
    ),
    Row("F7 empty fragments", (text(fin=False), more(fin=False), more()), Taken((TextFrame(""),))),
    Row(
        "F7 fragments of both kinds after one another",
        (text("a", fin=False), more(b"b"), binary(b"\xff", fin=False), more(b"\xfe"), text("c")),
        Taken((TextFrame("ab"), BinaryFrame(b"\xff\xfe"), TextFrame("c"))),
    ),
]

CONTROL_BETWEEN_FRAGMENTS = [
    Row(
        f"F23 {name} between fragments of {kind.__name__}",
        (Written(opcode, b"a", fin=False), frame, more(b"b", fin=False), frame, more(b"c")),
        Taken((kind("abc") if kind is TextFrame else BinaryFrame(b"abc"),), (*answers, *answers)),
    )
    for opcode, kind in ((TEXT, TextFrame), (BINARY, BinaryFrame))
    for name, frame, answers in (
        ("ping", ping(SECRET), (Sent(PONG, SECRET),)),
        ("empty ping", ping(), (Sent(PONG),)),
        ("pong", pong(SECRET), ()),
    )
] + [
    Row(
        "F23 ping inside a code point",
        (text("€".encode()[:1], fin=False), ping(b"\x82\xac"), more("€".encode()[1:])),
        Taken((TextFrame("€"),), (Sent(PONG, b"\x82\xac"),)),
    ),
]


def begun_text(payload: bytes) -> Written:
    """A text frame of which more is announced than comes: it has to fail before its end."""
    return Written(TEXT, payload, length=LIMIT)


EURO = "€".encode()

NO_UTF8 = [
    *alike(
        (
            Row(f"F19 {name}", (text(f"{CANARY} ".encode() + data + b" more"),), Failed(1007))
            for name, data in BAD.items()
        ),
        wired=10,
    ),
    *alike(
        (
            Row(f"F19 {name} in a frame that goes on", (begun_text(SECRET + data),), Failed(1007))
            for name, data in BAD.items()
        ),
        wired=8,
    ),
    *alike(
        (
            Row(
                f"F19 {name} over two fragments",
                (text(SECRET + data[:-1], fin=False), more(data[-1:], fin=False)),
                Failed(1007),
            )
            for name, data in BAD.items()
        ),
        wired=6,
    ),
    Row("F19 in the second fragment", (BEGUN, more(SECRET + b"\xff", fin=False)), Failed(1007)),
    Row("F19 in the last fragment", (BEGUN, more(SECRET + b"\xff")), Failed(1007)),
    Row(
        "F19 behind a ping inside a code point",
        (text(EURO[:2], fin=False), pong(), more(b"a", fin=False)),
        Failed(1007),
    ),
    Row("F19 any bytes in a binary message", (binary(bytes(range(200))),), Taken((BinaryFrame(bytes(range(200))),))),
    Row(
        "F19 any other bytes in a binary message",
        (binary(bytes(range(100, 256))),),
        Taken((BinaryFrame(bytes(range(100, 256))),)),
    ),
    *(Row(f"F21 {name} at the end", (text(SECRET + data),), Failed(1007)) for name, data in UNFINISHED.items()),
    *alike(
        (
            Row(f"F21 {name} at the end of the last fragment", (BEGUN, more(SECRET + data)), Failed(1007))
            for name, data in UNFINISHED.items()
        ),
        wired=2,
    ),
    Row("F21 the last fragment is empty", (text(SECRET + EURO[:2], fin=False), more()), Failed(1007)),
    Row(
        "F21 in the second message",
        (text("€"), text(SECRET + EURO[:1])),
        Failed(1007, (TextFrame("€"),)),
    ),
]

UTF8 = [
    *alike(
        (
            Row(
                f"F20 cut at {cut}",
                (text(MIXED.encode()[:cut], fin=False), more(MIXED.encode()[cut:])),
                Taken((TextFrame(MIXED),)),
            )
            for cut in range(len(MIXED.encode()) + 1)
        ),
        wired=6,
    ),
    Row(
        "F20 each byte a fragment",
        (text(fin=False), *(more(bytes([byte]), fin=False) for byte in MIXED.encode()), more()),
        Taken((TextFrame(MIXED),)),
    ),
    *(
        Row(f"F20 {name}", (text(value),), Taken((TextFrame(value),)))
        for name, value in (
            ("empty", ""),
            ("noncharacters", "\ufffe\uffff\ufdd0\U0001ffff\U0010fffe"),
            ("the first and the last of each length", "\x00\x7f\x80\u07ff\u0800\uffff\U00010000\U0010ffff"),
            ("around the surrogates", "\ud7ff\ue000"),
            ("a byte order mark and NUL", "\ufeff\0"),
            ("control characters", "".join(map(chr, range(32))) + "\x7f\x85\u2028"),
        )
    ),
]

FRAME_ROWS: list[Row] = [
    *MASKS,
    *RESERVED_BITS,
    *OPCODES,
    *LENGTHS,
    *TINY_FRAGMENTS,
    *FRAGMENTS,
    *CONTROL_BETWEEN_FRAGMENTS,
    *NO_UTF8,
    *UTF8,
]
