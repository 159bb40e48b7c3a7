"""What the nastiest messages cost: memory and time for each byte of them, converter by converter.

    python -m tests.security.amplification            prints the table of docs/security.md, for messages of 1 MiB
    python -m tests.security.amplification 4          the same for messages of 4 MiB

Each case is read in a process of its own, forked from one that has imported everything, so that neither the imports nor
the case before count. The memory is what the process holds at its peak beyond what it held before, the message itself
not counted; the time is that of the processor. Linux only: the peak comes from /proc.
"""

from __future__ import annotations

import ctypes
import functools
import gc
import os
import pickle
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
import pydantic

from tests.raw_frames import frame
from typedws import (
    BinaryFrame,
    CBORConverter,
    ContentConvertError,
    DataFrame,
    JSONConverter,
    MsgPackConverter,
    PydanticConverter,
    TextFrame,
)
from typedws.frames import Frame
from typedws.protocol.connection import Connection
from typedws.protocol.deflate import DeflateParameters

MIB = 1024 * 1024


class Wide(msgspec.Struct):
    """A class whose every field has a default: its smallest message is `{}`."""

    a: int = 0
    b: int = 0
    c: int = 0
    d: int = 0
    e: int = 0
    f: int = 0
    g: int = 0
    h: int = 0


class WideModel(pydantic.BaseModel):
    """The same as a model of pydantic."""

    a: int = 0
    b: int = 0
    c: int = 0
    d: int = 0
    e: int = 0
    f: int = 0
    g: int = 0
    h: int = 0


class Closed(pydantic.BaseModel):
    """A model that is not satisfied by an empty object."""

    a: int


@dataclass(frozen=True)
class Case:
    """A message that costs more than it looks.

    Args:
        converter: what reads it.
        what: in words.
        message: makes one of about so many bytes.
        type_form: what it is read as.
        most: bytes of memory for each byte that it may cost at the most; twice what it was when this was written.
    """

    converter: str
    what: str
    message: Callable[[int], bytes]
    type_form: Any = object
    most: int = 150

    def __str__(self) -> str:
        return f"{self.converter}, {self.what}"


@dataclass(frozen=True)
class Cost:
    """What reading a message took.

    Attributes:
        size: of the message, in bytes.
        memory: at the peak, in bytes.
        seconds: of the processor.
        outcome: "read", or the name of the error.
    """

    size: int
    memory: int
    seconds: float
    outcome: str

    @property
    def factor(self) -> float:
        """Bytes of memory for each byte of the message."""
        return self.memory / self.size

    @property
    def seconds_per_mib(self) -> float:
        return self.seconds / self.size * MIB


CONVERTERS: dict[str, Any] = {
    "json": JSONConverter(),
    "pydantic": PydanticConverter(),
    "cbor": CBORConverter(),
    "msgpack": MsgPackConverter(),
}


def repeated(item: bytes) -> Callable[[int], bytes]:
    """A JSON array of `item`, again and again."""
    return lambda size: b"[" + b",".join([item] * (size // (len(item) + 1))) + b"]"


def distinct(form: str) -> Callable[[int], bytes]:
    """A JSON array of items that differ."""

    def make(size: int) -> bytes:
        count = size // (len(form % 0) + 6)
        return b"[" + b",".join((form % number).encode() for number in range(1_000_000, 1_000_000 + count)) + b"]"

    return make


def keys(size: int) -> bytes:
    count = size // 12
    return b"{" + b",".join(b'"%07d":0' % number for number in range(count)) + b"}"


def widened(size: int) -> bytes:
    """Text in ASCII, and one character that makes all of it take four bytes each."""
    return b'"' + b"a" * size + "\U0001f600".encode() + b'"'


def deep(size: int) -> bytes:
    return b"[" * (size // 2) + b"]" * (size // 2)


def array_of(item: bytes, header: bytes) -> Callable[[int], bytes]:
    """An array of CBOR or MessagePack: what opens it for a count of four bytes, and `item` again and again."""
    return lambda size: header + (size // len(item)).to_bytes(4) + item * (size // len(item))


CBOR_ARRAY = b"\x9a"
MSGPACK_ARRAY = b"\xdd"

CASES = [
    Case("json", "`[]`, again and again", repeated(b"[]")),
    Case("json", "`{}`, again and again", repeated(b"{}")),
    Case("json", "numbers", repeated(b"0.5")),
    Case("json", "short texts", distinct('"%d"')),
    Case("json", "one map of many keys", keys),
    Case("json", "text that one character widens", widened, str),
    Case("json", "`[[[[...`", deep),
    Case("json", "`{}` as a Struct with 8 defaults", repeated(b"{}"), list[Wide], 350),
    Case("json", "`{}` as a model with 8 defaults", repeated(b"{}"), list[WideModel], 1300),
    Case("pydantic", "`[]`, again and again", repeated(b"[]")),
    Case("pydantic", "`{}`, again and again", repeated(b"{}")),
    Case("pydantic", "one map of many keys", keys),
    Case("pydantic", "`{}` as a model with 8 defaults", repeated(b"{}"), list[WideModel], 1300),
    Case("pydantic", "an error in each item", repeated(b"{}"), list[Closed], 300),
    Case("pydantic", "`[[[[...`", deep),
    Case("cbor", "`80` (an empty array), again and again", array_of(b"\x80", CBOR_ARRAY)),
    Case("cbor", "`a0` (an empty map), again and again", array_of(b"\xa0", CBOR_ARRAY)),
    Case("cbor", "`60` (an empty text), again and again", array_of(b"\x60", CBOR_ARRAY)),
    Case("cbor", "half floats", array_of(b"\xf9\x35\x55", CBOR_ARRAY)),
    Case("cbor", "`81818181...`", lambda size: b"\x81" * size + b"\x80"),
    Case("cbor", "`a0` as a Struct with 8 defaults", array_of(b"\xa0", CBOR_ARRAY), list[Wide], 350),
    Case("cbor", "`a0` as a model with 8 defaults", array_of(b"\xa0", CBOR_ARRAY), list[WideModel], 1300),
    Case(
        "cbor", "an array that says 2\u00b3\u00b2 and holds nothing", lambda size: b"\x9a\xff\xff\xff\xff" + bytes(size)
    ),
    Case("msgpack", "`90` (an empty array), again and again", array_of(b"\x90", MSGPACK_ARRAY)),
    Case("msgpack", "`80` (an empty map), again and again", array_of(b"\x80", MSGPACK_ARRAY)),
    Case("msgpack", "`c4 00` (empty bytes), again and again", array_of(b"\xc4\x00", MSGPACK_ARRAY)),
    Case("msgpack", "floats of 32 bits", array_of(b"\xca\x3e\xaa\xaa\xab", MSGPACK_ARRAY)),
    Case("msgpack", "`91919191...`", lambda size: b"\x91" * size + b"\x90"),
    Case("msgpack", "`80` as a Struct with 8 defaults", array_of(b"\x80", MSGPACK_ARRAY), list[Wide], 350),
    Case("msgpack", "`80` as a model with 8 defaults", array_of(b"\x80", MSGPACK_ARRAY), list[WideModel], 1300),
    Case(
        "msgpack",
        "an array that says 2\u00b3\u00b2 and holds nothing",
        lambda size: b"\xdd\xff\xff\xff\xff" + bytes(size),
    ),
]


def measured(act: Callable[[], str], size: int) -> Cost:
    """What `act` takes, in a process of its own. It says what came of it."""
    receive, send = os.pipe()
    child = os.fork()
    if child == 0:
        with suppress(BaseException):
            gc.collect()
            gc.freeze()
            give_back()
            with open("/proc/self/clear_refs", "w") as file:
                file.write("5")  # the peak begins here
            before = memory_of("VmRSS")
            started = time.process_time()
            outcome = act()
            seconds = time.process_time() - started
            os.write(send, pickle.dumps(Cost(size, max(0, memory_of("VmHWM") - before), seconds, outcome)))
        os._exit(0)
    os.close(send)
    with os.fdopen(receive, "rb") as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    assert answer, "the process was killed"
    cost: Cost = pickle.loads(answer)
    return cost


def give_back() -> None:
    """Gives free memory back to the system, or it would be taken again unnoticed. Only glibc keeps so much of it."""
    with suppress(AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def memory_of(name: str) -> int:
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith(f"{name}:"))


def read(case: Case, size: int) -> Cost:
    """What it takes to read the message of a case."""
    message = case.message(size)
    converter = CONVERTERS[case.converter]
    carrier: DataFrame = TextFrame(message) if case.converter in ("json", "pydantic") else BinaryFrame(message)
    small = case.message(64)
    with suppress(ContentConvertError):  # what is built once for a type is not the message's
        converter.deserialize(
            TextFrame(small) if isinstance(carrier, TextFrame) else BinaryFrame(small), case.type_form
        )

    def act() -> str:
        try:
            value = converter.deserialize(carrier, case.type_form)
        except ContentConvertError as error:
            return type(error).__name__
        return "read" if value is not None else "nothing"

    return measured(act, len(message))


@functools.cache
def bomb(size: int) -> bytes:
    """A compressed message of about so many bytes that inflates to a thousand times as many."""
    deflater = zlib.compressobj(9, zlib.DEFLATED, -15, 9)
    pieces = [deflater.compress(bytes(MIB)) for _ in range(size * 1000 // MIB)]
    return b"".join([*pieces, deflater.flush(zlib.Z_SYNC_FLUSH)])[:-4]


COLLIDING = 2**61 - 1
"""The hash of an int is its remainder by this, so multiples of it all have the same."""


def colliding_keys(count: int) -> bytes:
    return b"{" + b",".join(b'"%d":0' % (number * COLLIDING) for number in range(count)) + b"}"


SLOW = [
    Case("json", "2000 keys that collide, as `dict[int, int]`", lambda _: colliding_keys(2000), dict[int, int]),
    Case("json", "4000 keys that collide, as `dict[int, int]`", lambda _: colliding_keys(4000), dict[int, int]),
    Case(
        "json",
        "24 letters for `Meta(pattern='^(a+)+$')`",
        lambda _: b'"' + b"a" * 23 + b'!"',
        Annotated[str, msgspec.Meta(pattern="^(a+)+$")],
    ),
]
"""What is not in proportion, because a type asks for it."""


def inflate(size: int, limit: int) -> Cost:
    """What a bomb of so many bytes takes of a connection whose messages have this limit."""
    payload = bomb(size)
    stream = frame(0x2, payload, rsv=4)

    def act() -> str:
        connection = Connection(
            client=True,
            max_frame_size=16 * MIB,
            max_message_size=limit,
            max_queued_messages=1024,
            max_queued_bytes=4 * MIB,
            deflate=DeflateParameters(),
        )
        for at in range(0, len(stream), 1 << 16):
            connection.receive_data(stream[at : at + (1 << 16)])
        frames: list[Frame] = list(connection.backlog)
        return type(connection.violation).__name__ if connection.violation else f"{len(frames)} messages"

    return measured(act, len(payload))


def rows(size: int) -> Iterator[str]:
    """The table, line by line."""
    yield "| Converter | Message | Memory for each byte | Time for each MiB | Outcome |"
    yield "|---|---|---:|---:|---|"
    for case in CASES:
        cost = read(case, size)
        outcome = cost.outcome if cost.outcome == "read" else f"`{cost.outcome}`"
        yield f"| {case.converter} | {case.what} | {cost.factor:.0f} | {cost.seconds_per_mib:.2f} s | {outcome} |"


def main() -> None:
    size = int(float(sys.argv[1]) * MIB) if len(sys.argv) > 1 else MIB
    for row in rows(size):
        print(row, flush=True)
    for case in SLOW:
        cost = read(case, 0)
        print(f"\n{case.what}: {cost.size} bytes, {cost.seconds:.2f} s")
    for limit in (MIB, 16 * MIB):
        cost = inflate(MIB, limit)
        print(
            f"\na compressed MiB that would become 1000, with max_message_size={limit // MIB} MiB: "
            f"{cost.memory / MIB:.0f} MiB at the peak, {cost.seconds:.2f} s, {cost.outcome}"
        )


if __name__ == "__main__":
    main()
