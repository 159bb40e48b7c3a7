"""Frames: what travels over a WebSocket, as frozen values (RFC 6455 section 5).

`Frame` is the union of five kinds. Each is immutable, compares by kind, payload and `fin`, is hashable, and can be
matched:

    match frame:
        case TextFrame(text): ...
        case BinaryFrame(data): ...
        case PingFrame() | PongFrame(): ...
        case CloseFrame(reason): ...

One `TextFrame` or `BinaryFrame` is made per received message, so these two are msgspec structs, which are made and
freed at a fraction of the cost of any other object with fields. Do not subclass them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias, final

import msgspec

from typedws.close import CloseReason

__all__ = ["BinaryFrame", "CloseFrame", "DataFrame", "Frame", "PingFrame", "PongFrame", "TextFrame"]

MAX_CONTROL_PAYLOAD: Final = 125
"""RFC 6455 section 5.5."""

Payload: TypeAlias = "bytes | bytearray | memoryview[int]"


if TYPE_CHECKING:

    class _Fragment:
        def __init_subclass__(cls, *, frozen: bool, gc: bool) -> None: ...
        @property
        def fin(self) -> bool: ...

else:

    class _Fragment(msgspec.Struct, frozen=True, gc=False, kw_only=True):
        fin: bool = True


@final
class TextFrame(_Fragment, frozen=True, gc=False):
    """A text message, or in raw mode a fragment of one.

    Args:
        text: the text, or its UTF-8 bytes. Bytes are not checked here: a received frame was checked by the protocol,
            and `Session.send` checks what it sends.
        fin: False for a fragment that is not the last one of its message.

    Raises:
        ValueError: a `str` with a lone surrogate, which UTF-8 cannot carry.
        TypeError: neither `str` nor bytes.

    Attributes:
        data: the UTF-8 bytes.
        text: the text, decoded at each access. `ValueError` where the bytes are not UTF-8: a fragment may end inside a
            character.
        fin: whether this ends its message.
    """

    if TYPE_CHECKING:
        __match_args__ = ("text",)

        @property
        def data(self) -> bytes: ...
        @property
        def text(self) -> str: ...
        def __init__(self, text: str | Payload, *, fin: bool = True) -> None: ...

    else:
        text: bytes

    def __post_init__(self) -> None:
        if type(self.data) is not bytes:
            _set_text(self, _encode(self.data))

    def __repr__(self) -> str:
        text = self.data.decode(errors="replace")
        return f"TextFrame({_preview(text)}{'' if self.fin else ', fin=False'})"


@final
class BinaryFrame(_Fragment, frozen=True, gc=False):
    """A binary message, or in raw mode a fragment of one.

    Args:
        data: the payload; anything but `bytes` is copied into `bytes`.
        fin: False for a fragment that is not the last one of its message.

    Raises:
        TypeError: not bytes.

    Attributes:
        data: the payload.
        fin: whether this ends its message.
    """

    if TYPE_CHECKING:
        __match_args__ = ("data",)

        @property
        def data(self) -> bytes: ...
        def __init__(self, data: Payload, *, fin: bool = True) -> None: ...

    else:
        data: bytes

    def __post_init__(self) -> None:
        if type(self.data) is not bytes:
            _set_data(self, _copy(self.data))

    def __repr__(self) -> str:
        return f"BinaryFrame({_preview(self.data)}{'' if self.fin else ', fin=False'})"


def _encode(text: object) -> bytes:
    return text.encode() if isinstance(text, str) else _copy(text)


def _copy(data: object) -> bytes:
    if isinstance(data, bytes | bytearray | memoryview):
        return bytes(data)  # pyright: ignore[reportUnknownArgumentType] - a memoryview of any format
    raise TypeError(f"the payload of a frame is bytes, or str in a TextFrame, not {type(data).__name__}")


# The first field of a struct is what a pattern matches, so it bears the name of what people want to match, `text`. What
# it holds, the bytes, is reached under the name `data`, by the same slot and at its speed; `text` decodes them.
_set_text: Any = TextFrame.__dict__["text"].__set__
_set_data: Any = BinaryFrame.__dict__["data"].__set__
if not TYPE_CHECKING:
    TextFrame.data = TextFrame.__dict__["text"]
    TextFrame.text = property(lambda frame: frame.data.decode(), doc="The text, decoded at each access.")


class _PingPong:
    """What Ping and Pong share: up to 125 bytes of payload, and no fragments (RFC 6455 section 5.5)."""

    __slots__ = ("_data",)
    __match_args__ = ("data",)

    def __init__(self, data: Payload = b"") -> None:
        self._data = _copy(data)
        if len(self._data) > MAX_CONTROL_PAYLOAD:
            raise ValueError(
                f"a control frame carries at most {MAX_CONTROL_PAYLOAD} bytes, not {len(self._data)} (RFC 6455 5.5)"
            )

    @property
    def data(self) -> bytes:
        """The payload."""
        return self._data

    @property
    def fin(self) -> bool:
        """Always True: a control frame is never fragmented."""
        return True

    def __eq__(self, other: object) -> bool:
        if isinstance(other, _PingPong) and type(other) is type(self):
            return self._data == other._data
        return NotImplemented

    def __hash__(self) -> int:
        return hash((type(self), self._data))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({_preview(self._data)})"


@final
class PingFrame(_PingPong):
    """A Ping. The peer answers with a Pong that carries the same payload.

    Args:
        data: up to 125 bytes; none unless given.

    Raises:
        ValueError: more than 125 bytes.
        TypeError: not bytes.
    """

    __slots__ = ()


@final
class PongFrame(_PingPong):
    """A Pong: the answer to a Ping, or unasked for, a sign of life.

    Args:
        data: up to 125 bytes; none unless given.

    Raises:
        ValueError: more than 125 bytes.
        TypeError: not bytes.
    """

    __slots__ = ()


@final
class CloseFrame:
    """A Close.

    Args:
        reason: code and message; 1000 without a message unless given. A received Close without a code has 1005 here.

    Raises:
        ValueError: a code that does not fit into two bytes, or a message with a lone surrogate, which UTF-8 cannot
            carry. Whether a code may be sent is checked where it is sent.
        TypeError: not a `CloseReason`.
    """

    __slots__ = ("_data", "_reason")
    __match_args__ = ("reason",)

    def __init__(self, reason: CloseReason = CloseReason()) -> None:  # noqa: B008 - frozen
        if not isinstance(reason, CloseReason):  # pyright: ignore[reportUnnecessaryIsInstance]
            hint = f", as in CloseFrame(CloseReason({reason}))" if isinstance(reason, int) else ""
            raise TypeError(f"the reason of a CloseFrame is a CloseReason{hint}, not {type(reason).__name__}")
        if not 0 <= reason.code <= 0xFFFF:
            raise ValueError(f"a close code is a number from 0 to 65535, not {reason.code:d} (RFC 6455 5.5.1)")
        try:
            message = reason.message.encode()
        except UnicodeEncodeError:
            raise ValueError("the close message has a lone surrogate and cannot be sent as UTF-8") from None
        self._reason = reason
        self._data = b"" if reason.code == 1005 else reason.code.to_bytes(2, "big") + message

    @property
    def reason(self) -> CloseReason:
        """Code and message."""
        return self._reason

    @property
    def data(self) -> bytes:
        """The payload: two bytes of code and the UTF-8 message, or nothing for 1005."""
        return self._data

    @property
    def fin(self) -> bool:
        """Always True: a control frame is never fragmented."""
        return True

    def __eq__(self, other: object) -> bool:
        if type(other) is CloseFrame:
            return self._reason == other._reason
        return NotImplemented

    def __hash__(self) -> int:
        return hash((CloseFrame, self._reason))

    def __repr__(self) -> str:
        return f"CloseFrame({self._reason!r})"


DataFrame: TypeAlias = TextFrame | BinaryFrame
"""What carries a message of the application."""

Frame: TypeAlias = TextFrame | BinaryFrame | PingFrame | PongFrame | CloseFrame
"""Any frame."""


def _preview(payload: str | bytes) -> str:
    return repr(payload) if len(payload) <= 64 else f"{payload[:48]!r}... {len(payload)} in all"
