"""Close codes and close reasons (RFC 6455 section 7.4).

A `CloseReason` is plain data and may hold any code, because a peer may send anything and we report it verbatim.
What *we* are asked to send is checked by `check_sendable`, at the call, before a byte leaves.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from typedws.redaction import escaped

__all__ = ["MAX_REASON_BYTES", "CloseCode", "CloseReason", "check_sendable", "is_sendable", "truncate_message"]

MAX_REASON_BYTES: Final = 123
"""A control frame carries at most 125 bytes (RFC 6455 section 5.5); two of them are the code."""


class CloseCode(IntEnum):
    """The registered close codes (RFC 6455 section 7.4.1 and the IANA registry).

    1005, 1006 and 1015 describe an ending locally and never appear on the wire.
    """

    NORMAL = 1000
    GOING_AWAY = 1001
    PROTOCOL_ERROR = 1002
    UNSUPPORTED_DATA = 1003
    NO_STATUS = 1005
    ABNORMAL = 1006
    INVALID_PAYLOAD = 1007
    POLICY_VIOLATION = 1008
    MESSAGE_TOO_BIG = 1009
    MANDATORY_EXTENSION = 1010
    INTERNAL_ERROR = 1011
    SERVICE_RESTART = 1012
    TRY_AGAIN_LATER = 1013
    BAD_GATEWAY = 1014
    TLS_HANDSHAKE = 1015


@dataclass(frozen=True, slots=True)
class CloseReason:
    """Why a connection ended, or should end.

    Args:
        code: the close code; 1000 unless given. Any integer is accepted here.
        message: the text beside it; empty unless given.

    Raises:
        TypeError: `code` is no int, or `message` no str.
    """

    code: int = CloseCode.NORMAL
    message: str = ""

    def __post_init__(self) -> None:
        if isinstance(self.code, bool) or not isinstance(self.code, int):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError("code is an int; the message is the second argument, as in CloseReason(1000, 'bye')")
        if not isinstance(self.message, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"message is a str, not {type(self.message).__name__}")

    @property
    def is_ok(self) -> bool:
        """Whether this is an ordinary end: 1000, 1001, or a Close without a code (1005)."""
        return self.code in (1000, 1001, 1005)

    def __str__(self) -> str:
        try:
            code = f"{self.code:d} ({CloseCode(self.code).name.replace('_', ' ').lower()})"
        except ValueError:
            code = f"{self.code:d}"
        return f"{code} {escaped(self.message)}" if self.message else code


def is_sendable(code: int) -> bool:
    """Whether `code` may appear in a Close frame: 1000-1003, 1007-1014 and 3000-4999 (RFC 6455 section 7.4.2)."""
    return 1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999


def check_sendable(reason: CloseReason) -> bytes:
    """The payload of the Close frame for `reason`.

    Raises:
        ValueError: the code may not be sent, or the message is longer than 123 UTF-8 bytes or not encodable.
    """
    if not is_sendable(reason.code):
        raise ValueError(
            f"close code {reason.code:d} may not be sent; use 1000-1003, 1007-1014 or 3000-4999 (RFC 6455 7.4.2)"
        )
    try:
        text = reason.message.encode()
    except UnicodeEncodeError:
        raise ValueError("the close message has a lone surrogate and cannot be sent as UTF-8") from None
    if len(text) > MAX_REASON_BYTES:
        raise ValueError(
            f"the close message has {len(text)} UTF-8 bytes; at most {MAX_REASON_BYTES} fit (RFC 6455 5.5)"
        )
    return reason.code.to_bytes(2, "big") + text


def truncate_message(message: str) -> str:
    """`message` cut at a character boundary so that it fits a Close frame: for texts that we make ourselves."""
    return message.encode(errors="replace")[:MAX_REASON_BYTES].decode(errors="ignore")
