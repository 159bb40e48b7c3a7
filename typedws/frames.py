"""Frames: what travels over a WebSocket, as frozen values (RFC 6455 section 5).

`Frame` is the union of five kinds. Each is immutable, compares by kind, payload and `fin`, is hashable, and can be matched:

    match frame:
        case TextFrame(text): ...
        case BinaryFrame(data): ...
        case PingFrame() | PongFrame(): ...
        case CloseFrame(reason): ...

One `TextFrame` or `BinaryFrame` is made per received message, so these classes are written to be cheap to make: two plain
slots behind read-only properties. Do not subclass them.
"""

from __future__ import annotations

from typing import Final, TypeAlias, final

from typedws.close import CloseReason

__all__ = ["BinaryFrame", "CloseFrame", "DataFrame", "Frame", "PingFrame", "PongFrame", "TextFrame"]

MAX_CONTROL_PAYLOAD: Final = 125
"""RFC 6455 section 5.5."""

Payload: TypeAlias = bytes | bytearray | memoryview


@final
class TextFrame:
    """A text message, or in raw mode a fragment of one.

    Args:
        text: the text, or its UTF-8 bytes. Bytes are not checked here: a received frame was checked by the protocol, and
            `Session.send` checks what it sends.
        fin: False for a fragment that is not the last one of its message.

    Raises:
        ValueError: a `str` with a lone surrogate, which UTF-8 cannot carry.
    """

    __slots__ = ("_data", "_fin")
    __match_args__ = ("text",)

    def __init__(self, text: str | Payload, fin: bool = True) -> None:
        self._data: bytes = (
            text if type(text) is bytes else text.encode() if isinstance(text, str) else bytes(text)
        )
        self._fin = fin

    @property
    def data(self) -> bytes:
        """The UTF-8 bytes."""
        return self._data

    @property
    def fin(self) -> bool:
        """Whether this ends its message."""
        return self._fin

    @property
    def text(self) -> str:
        """The text, decoded at each access.

        Raises:
            ValueError: the bytes are not UTF-8: a fragment may end inside a character.
        """
        return self._data.decode()

    def __eq__(self, other: object) -> bool:
        if type(other) is TextFrame:
            return self._data == other._data and self._fin == other._fin
        return NotImplemented

    def __hash__(self) -> int:
        return hash((TextFrame, self._data, self._fin))

    def __repr__(self) -> str:
        return f"TextFrame({_preview(self._data.decode(errors='replace'))}{'' if self._fin else ', fin=False'})"


@final
class BinaryFrame:
    """A binary message, or in raw mode a fragment of one.

    Args:
        data: the payload; anything but `bytes` is copied into `bytes`.
        fin: False for a fragment that is not the last one of its message.
    """

    __slots__ = ("_data", "_fin")
    __match_args__ = ("data",)

    def __init__(self, data: Payload, fin: bool = True) -> None:
        self._data: bytes = data if type(data) is bytes else bytes(data)
        self._fin = fin

    @property
    def data(self) -> bytes:
        """The payload."""
        return self._data

    @property
    def fin(self) -> bool:
        """Whether this ends its message."""
        return self._fin

    def __eq__(self, other: object) -> bool:
        if type(other) is BinaryFrame:
            return self._data == other._data and self._fin == other._fin
        return NotImplemented

    def __hash__(self) -> int:
        return hash((BinaryFrame, self._data, self._fin))

    def __repr__(self) -> str:
        return f"BinaryFrame({_preview(self._data)}{'' if self._fin else ', fin=False'})"


class _PingPong:
    """What Ping and Pong share: up to 125 bytes of payload, and no fragments (RFC 6455 section 5.5)."""

    __slots__ = ("_data",)
    __match_args__ = ("data",)

    def __init__(self, data: Payload = b"") -> None:
        if len(data) > MAX_CONTROL_PAYLOAD:
            raise ValueError(
                f"a control frame carries at most {MAX_CONTROL_PAYLOAD} bytes, not {len(data)} (RFC 6455 5.5)"
            )
        self._data = bytes(data)

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
    """

    __slots__ = ()


@final
class PongFrame(_PingPong):
    """A Pong: the answer to a Ping, or unasked for, a sign of life.

    Args:
        data: up to 125 bytes; none unless given.

    Raises:
        ValueError: more than 125 bytes.
    """

    __slots__ = ()


@final
class CloseFrame:
    """A Close.

    Args:
        reason: code and message; 1000 without a message unless given. A received Close without a code has 1005 here.
    """

    __slots__ = ("_reason",)
    __match_args__ = ("reason",)

    def __init__(self, reason: CloseReason = CloseReason()) -> None:  # noqa: B008 - frozen
        self._reason = reason

    @property
    def reason(self) -> CloseReason:
        """Code and message."""
        return self._reason

    @property
    def data(self) -> bytes:
        """The payload: two bytes of code and the UTF-8 message, or nothing for 1005."""
        if self._reason.code == 1005:
            return b""
        return self._reason.code.to_bytes(2, "big") + self._reason.message.encode()

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
