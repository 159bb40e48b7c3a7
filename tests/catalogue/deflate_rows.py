"""Compressed messages: bombs, garbage, what is cut off, and what stands between fragments (RFC 7692)."""

from __future__ import annotations

import zlib

from tests.catalogue.families import alike
from tests.catalogue.frame_rows import SECRET
from tests.catalogue.rows import (
    CANARY,
    LIMIT,
    Compression,
    Failed,
    Outcome,
    Row,
    Taken,
    Written,
    binary,
    more,
    ping,
    pong,
    text,
)
from tests.catalogue.texts import BAD, MIXED, UNFINISHED
from tests.raw_frames import BINARY, CONTINUATION, PONG, TEXT, Sent
from typedws.frames import BinaryFrame, TextFrame

MIB = 1 << 20
RSV1 = 4
TAIL = b"\0\0\xff\xff"
"""What a message ends with, and does not carry."""
KEPT, FORGOTTEN = Compression.KEPT, Compression.FORGOTTEN


def deflated(*messages: bytes, flush: int = zlib.Z_SYNC_FLUSH) -> list[bytes]:
    """The messages of one compressor, which remembers the earlier ones."""
    deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
    return [(deflater.compress(message) + deflater.flush(flush)).removesuffix(TAIL) for message in messages]


def packed(message: str | bytes, opcode: int = TEXT) -> Written:
    """A message by itself, compressed."""
    data = message.encode() if isinstance(message, str) else message
    return Written(opcode, deflated(data)[0], rsv=RSV1)


def in_fragments(opcode: int, pieces: list[bytes], *, finished: bool = True) -> tuple[Written, ...]:
    """One compressed message in fragments."""
    last = len(pieces) - 1
    return tuple(
        Written(CONTINUATION if i else opcode, piece, fin=finished and i == last, rsv=0 if i else RSV1)
        for i, piece in enumerate(pieces)
    )


def row(
    id: str, sent: tuple[Written, ...], outcome: Outcome, compression: Compression = KEPT, limit: int = LIMIT
) -> Row:
    return Row(id, sent, outcome, compression, limit)


[BOMB] = deflated(bytes(16 * MIB))
[TEXT_BOMB] = deflated(b"x" * 16 * MIB)
BOMB_LIMIT = len(BOMB) + 1000
"""It has to be inflated before it is noticed."""
STEP = len(BOMB) // 100 + 1

BOMBS = [
    row("C1 16 MiB of nothing", (Written(BINARY, BOMB, rsv=RSV1),), Failed(1009), limit=BOMB_LIMIT),
    row("C1 16 MiB of text", (Written(TEXT, TEXT_BOMB, rsv=RSV1),), Failed(1009), limit=BOMB_LIMIT),
    row("C1 16 MiB without takeover", (Written(BINARY, BOMB, rsv=RSV1),), Failed(1009), FORGOTTEN, BOMB_LIMIT),
    row("C1 150 bytes that become 150,000", (Written(BINARY, BOMB[:150], rsv=RSV1),), Failed(1009)),
    row("C1 a byte too many", (packed(bytes(LIMIT + 1), BINARY),), Failed(1009)),
    row("C1 the limit", (packed(bytes(LIMIT), BINARY),), Taken((BinaryFrame(bytes(LIMIT)),))),
    row(
        "C1 the first message does not count",
        (packed("x" * LIMIT), packed("y" * LIMIT)),
        Taken((TextFrame("x" * LIMIT), TextFrame("y" * LIMIT))),
    ),
    row(
        "C2 a bomb in 100 fragments",
        in_fragments(BINARY, [BOMB[i : i + STEP] for i in range(0, len(BOMB), STEP)]),
        Failed(1009),
        limit=BOMB_LIMIT,
    ),
    row(
        "C2 the last of three fragments is a byte too much",
        in_fragments(BINARY, [b"".join(deflated(bytes(100))) + TAIL, b"", deflated(bytes(101))[0]]),
        Failed(1009),
    ),
    row(
        "C2 empty compressed fragments without end",
        (Written(TEXT, fin=False, rsv=RSV1), *[more(fin=False)] * 1100),
        Failed(1008),
    ),
    row("C2 final blocks without end", (Written(BINARY, b"\x03\x00" * 90, rsv=RSV1),), Failed(1007)),
]

GARBAGE_DATA = {
    "a reserved block type": b"\xff" * 5,
    "a reserved block type at once": b"\x06",
    "a stored block whose lengths differ": b"\x00\x05\x00\x05\x00" + SECRET,
    "a distance beyond the beginning": b"\x62\x00\x42\x00",
    "bad code lengths": b"\xed\xff\xff\xff\xff\xff",
    "plain text": SECRET * 3,
    "a zlib header": zlib.compress(SECRET),
    "garbage behind a final block": deflated(SECRET, flush=zlib.Z_FINISH)[0] + b"\xff\xff\xff\xff",
    "garbage behind a message": deflated(SECRET)[0] + TAIL + b"\xff" * 5,
    "nothing": b"",
}

GARBAGE = [
    *alike(
        (
            row(f"C5 {name} in {kind}", (Written(opcode, data, rsv=RSV1), packed(CANARY)), Failed(1007))
            for kind, opcode in (("binary", BINARY), ("text", TEXT))
            for name, data in GARBAGE_DATA.items()
        ),
        wired=10,
    ),
    row(
        "C5 in the second fragment",
        in_fragments(TEXT, [deflated(b"a")[0] + TAIL, b"\xff" * 5], finished=False),
        Failed(1007),
    ),
    row(
        "C5 in the second message",
        (packed("a"), Written(BINARY, b"\xff" * 5, rsv=RSV1)),
        Failed(1007, (TextFrame("a"),)),
    ),
    row(
        "C17 a good message behind a bad one",
        (Written(BINARY, b"\xff" * 5, rsv=RSV1), packed(CANARY), text(CANARY)),
        Failed(1007),
    ),
    row(
        "C17 a good message behind a bomb",
        (Written(BINARY, BOMB, rsv=RSV1), packed(CANARY), text(CANARY)),
        Failed(1009),
        limit=BOMB_LIMIT,
    ),
]

FIXED, DYNAMIC, STORED = (
    deflated(SECRET)[0],
    deflated(b"".join(bytes([65 + i % 7]) * (i % 5) for i in range(60)))[0],
    b"\x00\x07\x00\xf8\xff" + SECRET + b"\x00",
)

CUT_OFF = [
    *alike(
        (
            row(
                f"C6 {name} without its last {missing} bytes",
                (Written(BINARY, data[: len(data) - missing], rsv=RSV1),),
                Failed(1007),
                how,
            )
            for name, data, how in (
                ("fixed codes", FIXED, KEPT),
                ("dynamic codes", DYNAMIC, FORGOTTEN),
                ("stored", STORED, KEPT),
            )
            for missing in range(1, len(data))
            if data[: len(data) - missing] != b"\x00"
        ),
        wired=6,
    ),
    row("C6 nothing is cut off a stored block", (Written(BINARY, STORED, rsv=RSV1),), Taken((BinaryFrame(SECRET),))),
    row(
        "C6 an empty message",
        (Written(BINARY, b"\x00", rsv=RSV1), packed("a")),
        Taken((BinaryFrame(b""), TextFrame("a"))),
    ),
    row(
        "C6 final blocks end no message but their own",
        (Written(TEXT, deflated(b"abcd", flush=zlib.Z_FINISH)[0], rsv=RSV1), packed("b"), packed("c")),
        Taken((TextFrame("abcd"), TextFrame("b"), TextFrame("c"))),
    ),
]

MESSAGE = f"{CANARY} {MIXED} {CANARY} {MIXED}".encode()
[WHOLE] = deflated(MESSAGE)

CONTROL = [
    *alike(
        (
            row(
                f"C8 {name} between fragments of a compressed {kind.__name__} cut at {cut}",
                (
                    Written(opcode, WHOLE[:cut], fin=False, rsv=RSV1),
                    frame,
                    more(WHOLE[cut:]),
                    frame,
                    Written(opcode, deflated(MESSAGE, MESSAGE)[1], rsv=RSV1),
                ),
                Taken((kind(MESSAGE),) * 2, answers * 2),
            )
            for opcode, kind in ((TEXT, TextFrame), (BINARY, BinaryFrame))
            for name, frame, answers in (("ping", ping(SECRET), (Sent(PONG, SECRET),)), ("pong", pong(SECRET), ()))
            for cut in (len(WHOLE) // 2, 0, 1, len(WHOLE) - 1, len(WHOLE))
        ),
        wired=4,
    ),
    row("C9 a ping before the first message", (ping(b"a"), packed("b")), Taken((TextFrame("b"),), (Sent(PONG, b"a"),))),
    row("C9 a pong before the first message", (pong(b"a"), packed("b")), Taken((TextFrame("b"),))),
    row(
        "C9 a ping before the first message, which is in fragments",
        (ping(b"a"), *in_fragments(BINARY, [WHOLE[:3], WHOLE[3:]])),
        Taken((BinaryFrame(MESSAGE),), (Sent(PONG, b"a"),)),
    ),
]

FIRST, SECOND = deflated(MESSAGE, MESSAGE)

TAKEOVER = [
    row(
        "C11 the old window is used, and was to be",
        (Written(TEXT, FIRST, rsv=RSV1), Written(TEXT, SECOND, rsv=RSV1)),
        Taken((TextFrame(MESSAGE),) * 2),
    ),
    row(
        "C11 the old window is used, and was to be forgotten",
        (Written(TEXT, FIRST, rsv=RSV1), Written(TEXT, SECOND, rsv=RSV1)),
        Failed(1007, (TextFrame(MESSAGE),)),
        FORGOTTEN,
    ),
    row("C11 a window is forgotten that might be kept", (packed("abc"), packed("abc")), Taken((TextFrame("abc"),) * 2)),
    row(
        "C12 plain and compressed alternate",
        (text("a"), packed("b"), binary(b"c"), packed(b"d", BINARY), text("e")),
        Taken((TextFrame("a"), TextFrame("b"), BinaryFrame(b"c"), BinaryFrame(b"d"), TextFrame("e"))),
    ),
    row("C12 no message is compressed", (text("a"), binary(b"b")), Taken((TextFrame("a"), BinaryFrame(b"b")))),
    row(
        "C12 plain fragments between compressed messages",
        (packed("a"), text("b", fin=False), more(b"c"), packed("d")),
        Taken((TextFrame("a"), TextFrame("bc"), TextFrame("d"))),
    ),
    row("C12 what looks compressed and is not said to be", (Written(BINARY, WHOLE),), Taken((BinaryFrame(WHOLE),))),
]

RESERVED = [
    row(f"F2 RSV {rsv:03b} with compression", (text(CANARY, rsv=rsv),), Failed(1002)) for rsv in (1, 2, 3, 5, 6, 7)
] + [
    row(
        "F4 RSV 100 on a continuation, with compression",
        (Written(TEXT, WHOLE[:5], fin=False, rsv=RSV1), Written(CONTINUATION, WHOLE[5:], rsv=RSV1)),
        Failed(1002),
    ),
    row(
        "F4 RSV 100 on a continuation of a plain message",
        (text(CANARY, fin=False), Written(CONTINUATION, WHOLE, rsv=RSV1)),
        Failed(1002),
    ),
    *(
        row(
            f"F4 RSV 100 on control frame {opcode:X}, with compression",
            (Written(opcode, b"\x03\xe8", rsv=RSV1),),
            Failed(1002),
        )
        for opcode in (8, 9, 10)
    ),
]

TEXTS = [
    *alike(
        (row(f"C14 {name}", (packed(SECRET + data + b"more"),), Failed(1007)) for name, data in BAD.items()), wired=3
    ),
    *alike(
        (row(f"C14 {name} at the end", (packed(SECRET + data),), Failed(1007)) for name, data in UNFINISHED.items()),
        wired=2,
    ),
    row(
        "C14 any bytes in a binary message",
        (packed(bytes(range(100, 256)), BINARY),),
        Taken((BinaryFrame(bytes(range(100, 256))),)),
    ),
    *alike(
        (
            row(f"C15 cut at {cut}", in_fragments(TEXT, [WHOLE[:cut], WHOLE[cut:]]), Taken((TextFrame(MESSAGE),)))
            for cut in range(len(WHOLE) + 1)
        ),
        wired=4,
    ),
    row(
        "C15 each byte a fragment",
        in_fragments(TEXT, [WHOLE[i : i + 1] for i in range(len(WHOLE))]),
        Taken((TextFrame(MESSAGE),)),
    ),
    row(
        "C15 a code point over two stored blocks",
        in_fragments(TEXT, [b"\x00\x01\x00\xfe\xff\xe2", b"\x00\x02\x00\xfd\xff\x82\xac\x00"]),
        Taken((TextFrame("€"),)),
    ),
]

DEFLATE_ROWS: list[Row] = [*BOMBS, *GARBAGE, *CUT_OFF, *CONTROL, *TAKEOVER, *RESERVED, *TEXTS]
