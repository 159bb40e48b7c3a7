"""How a peer ends a connection: codes, reasons, what follows a Close, and no Close at all (RFC 6455 sections 5.5.1 and
7)."""

from __future__ import annotations

from tests.catalogue.families import alike
from tests.catalogue.frame_rows import BEGUN, SECRET
from tests.catalogue.rows import (
    CANARY,
    Closed,
    Failed,
    Lost,
    Row,
    Written,
    binary,
    closing,
    more,
    ping,
    text,
)
from tests.catalogue.texts import BAD, UNFINISHED
from tests.raw_frames import CLOSE, PONG, Sent, close_payload
from typedws.close import CloseReason
from typedws.frames import TextFrame

FORBIDDEN = (0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1099, 1100, 1999, 2000, 2999, 5000, 9999, 65535)
ALLOWED = (1000, 1001, 1002, 1003, *range(1007, 1015), 3000, 3999, 4000, 4999)

CODES = [
    *(Row(f"K4 code {code}", (closing(code, CANARY),), Failed(1002)) for code in FORBIDDEN),
    *(Row(f"K4 code {code} without a message", (closing(code),), Failed(1002)) for code in (0, 1005, 1006, 65535)),
    Row("K4 half a code", (Written(CLOSE, b"\x03"),), Failed(1002)),
    Row("K4 half a code between fragments", (BEGUN, Written(CLOSE, b"\x03")), Failed(1002)),
    Row("K2 no code", (Written(CLOSE),), Closed(CloseReason(1005))),
    Row("K2 no code between fragments", (BEGUN, Written(CLOSE)), Closed(CloseReason(1005))),
    *(
        Row(f"K{1 if code == 1000 else 5} code {code}", (closing(code, "bye"),), Closed(CloseReason(code, "bye")))
        for code in ALLOWED
    ),
    Row("K1 without a message", (closing(),), Closed(CloseReason(1000))),
    Row("K1 the longest message", (closing(1000, "x" * 123),), Closed(CloseReason(1000, "x" * 123))),
    Row("K1 a message of every length of code point", (closing(1000, "añ€😀"),), Closed(CloseReason(1000, "añ€😀"))),
    Row("K1 behind a message", (text("a"), closing()), Closed(CloseReason(1000), (TextFrame("a"),))),
    Row("K1 behind a ping", (ping(b"a"), closing()), Closed(CloseReason(1000), answers=(Sent(PONG, b"a"),))),
    Row("K1 between fragments", (BEGUN, closing()), Closed(CloseReason(1000))),
    Row("K1 inside a code point", (text(b"\xe2", fin=False), closing()), Closed(CloseReason(1000))),
]

MESSAGES = [
    *alike(
        (
            Row(f"K6 {name}", (Written(CLOSE, close_payload(1000, CANARY) + data),), Failed(1007))
            for name, data in (*BAD.items(), *UNFINISHED.items())
        ),
        wired=6,
    ),
    Row("K6 nothing else", (Written(CLOSE, b"\x03\xe8\xff"),), Failed(1007)),
    Row("K6 a bad code as well", (Written(CLOSE, b"\x03\xec\xff"),), Failed(1002)),
]

AFTERWARDS = [
    Row(f"K8 {name}", (closing(1001, "bye"), frame), Closed(CloseReason(1001, "bye")))
    for name, frame in (
        ("a message", text(CANARY)),
        ("a ping", ping(SECRET)),
        ("another close", closing(4000, CANARY)),
        ("a close with a bad code", closing(1005)),
        ("an unknown opcode", Written(0xF, SECRET)),
        ("a mask that is wrong", Written(1, SECRET, masked_rightly=False)),
        ("bad text", text(b"\xff")),
        ("too much", Written(2, SECRET, length=1 << 62)),
        ("a fragment", more(SECRET)),
    )
]

ENDINGS: dict[str, Written] = {
    "text": text(SECRET),
    "long binary": binary(bytes(130)),
    "ping": ping(SECRET),
    "close": closing(1000, CANARY),
}

LOST = [
    *(
        Row(
            f"K13 {name} without its last {missing} bytes", (text("a"), frame), Lost((TextFrame("a"),)), missing=missing
        )
        for name, frame in ENDINGS.items()
        for missing in (1, len(frame.payload) - 1, len(frame.payload))
    ),
    *(
        Row(f"K13 all but the first byte of {name}", (frame,), Lost(), missing=len(frame.to_bytes(None)) - 1)
        for name, frame in ENDINGS.items()
    ),
    Row("K13 nothing at all", (), Lost()),
    Row("K13 between messages", (text("a"), text("b")), Lost((TextFrame("a"), TextFrame("b")))),
    Row("K13 between fragments", (text("a"), BEGUN), Lost((TextFrame("a"),))),
    Row("K13 inside a code point", (text("€".encode()[:2], fin=False),), Lost()),
    Row("K13 behind a ping", (ping(b"a"),), Lost(answers=(Sent(PONG, b"a"),))),
    Row("K13 behind what is against the rules", (text("a"), Written(3)), Failed(1002, (TextFrame("a"),))),
]

CLOSE_ROWS: list[Row] = [*CODES, *MESSAGES, *AFTERWARDS, *LOST]
