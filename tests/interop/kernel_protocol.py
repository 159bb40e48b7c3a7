"""The messages between a notebook and its kernel, and a converter of our own for the way in which they travel best.

Jupyter's servers speak two subprotocols. Without a name, a message is one JSON object: the JSONConverter does. As
"v1.kernel.websocket.jupyter.org" it is a binary frame of parts, so that the server need not look into them, and buffers
travel as they are:

    number of offsets | offset 0 | ... | offset n | channel | header | parent_header | metadata | content | buffers...

All numbers are 8 bytes, little-endian. Offset 0 is where the channel begins, and the last one is the end of the frame.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Literal, TypeAlias, TypeVar, cast

import msgspec
from msgspec import Raw, Struct
from typing_extensions import TypeForm

from typedws import BinaryFrame, DataFrame, DeserializeError, Frame, SerializeError, UnsupportedTypeError

T = TypeVar("T")
Channel: TypeAlias = Literal["shell", "iopub", "stdin", "control"]


class Header(Struct):
    msg_id: str
    msg_type: str
    session: str
    username: str = ""
    date: str = ""
    version: str = "5.3"


class Message(Struct):
    """A message on one of the channels of a kernel. What is in `content` follows from the `msg_type`."""

    header: Header
    parent_header: dict[str, Any]
    metadata: dict[str, Any]
    content: Raw
    channel: Channel
    buffers: list[bytes] = []

    @property
    def parent(self) -> str | None:
        """The `msg_id` of the message that this one belongs to."""
        return self.parent_header.get("msg_id")

    def content_as(self, kind: type[T]) -> T:
        return msgspec.json.decode(self.content, type=kind)


class ExecuteRequest(Struct):
    code: str
    user_expressions: dict[str, str] = {}
    silent: bool = False
    store_history: bool = False
    allow_stdin: bool = False
    stop_on_error: bool = True


class ExecuteReply(Struct):
    status: Literal["ok", "error", "aborted"]
    execution_count: int | None = None
    user_expressions: dict[str, Any] = {}
    ename: str = ""
    evalue: str = ""


class Stream(Struct):
    name: Literal["stdout", "stderr"]
    text: str


class Status(Struct):
    execution_state: Literal["busy", "idle", "starting"]


class InputRequest(Struct):
    prompt: str
    password: bool


class InputReply(Struct):
    value: str
    status: Literal["ok"] = "ok"


class KernelConverter:
    """A `typedws.WebsocketContentConverter` for v1.kernel.websocket.jupyter.org: for `Message`, and nothing else."""

    @property
    def name(self) -> str:
        return "jupyter-v1"

    def is_applicable(self, frame: Frame, /) -> bool:
        return isinstance(frame, BinaryFrame)

    def serialize(self, value: object, type_form: TypeForm[Any] | None = None, /) -> DataFrame:
        if not isinstance(value, Message):
            raise UnsupportedTypeError(f"the kernel protocol carries Message, not {type(value).__name__}")
        encode = msgspec.json.encode
        try:
            head = [encode(value.header), encode(value.parent_header), encode(value.metadata), bytes(value.content)]
        except (TypeError, ValueError, RecursionError) as error:
            raise SerializeError("a part of the message is no JSON") from error
        parts = [value.channel.encode(), *head, *value.buffers]
        offsets = [8 * (len(parts) + 2)]
        for part in parts:
            offsets.append(offsets[-1] + len(part))
        numbers = [len(offsets), *offsets]
        return BinaryFrame(b"".join([*(number.to_bytes(8, "little") for number in numbers), *parts]))

    def deserialize(self, frame: DataFrame, type_form: TypeForm[T], /) -> T:
        self.check_type(type_form)
        if not self.is_applicable(frame) or not frame.fin:
            raise DeserializeError("a kernel message is a whole binary frame", frame=frame, type_form=type_form)
        try:
            channel, header, parent_header, metadata, content, *buffers = split(frame.data)
            decode = msgspec.json.decode
            message = Message(
                header=decode(header, type=Header),
                parent_header=decode(parent_header, type=dict[str, Any]),
                metadata=decode(metadata, type=dict[str, Any]),
                content=decode(content, type=Raw),
                channel=msgspec.convert(channel.decode(), Channel),
                buffers=buffers,
            )
        except (ValueError, RecursionError) as error:
            raise DeserializeError("not a kernel message", frame=frame, type_form=type_form) from error
        return cast(T, message)

    def check_type(self, type_form: TypeForm[Any], /) -> None:
        if type_form is not Message:
            raise UnsupportedTypeError(f"the kernel protocol carries Message, not {type_form}")


def split(data: bytes) -> list[bytes]:
    """The parts of a frame.

    Raises:
        ValueError: the offsets are not those of at least five parts that fill the frame.
    """
    count = int.from_bytes(data[:8], "little")
    if not 6 <= count <= len(data) // 8 - 1:
        raise ValueError("no table of offsets")
    offsets = [int.from_bytes(data[8 * index : 8 * index + 8], "little") for index in range(1, count + 1)]
    if offsets[0] != 8 * (count + 1) or offsets[-1] != len(data) or sorted(offsets) != offsets:
        raise ValueError("offsets out of order")
    return [data[start:end] for start, end in pairwise(offsets)]
