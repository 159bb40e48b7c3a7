"""What stands in a Close frame (RFC 6455 sections 5.5.1 and 7.4)."""

from __future__ import annotations

from typedws.close import CloseReason, is_sendable
from typedws.errors import RemoteProtocolError

__all__ = ["parse_close"]


def parse_close(payload: bytes) -> CloseReason:
    """Section 5.5.1 and 7.4: nothing, or a code that may stand on the wire and a UTF-8 text."""
    if not payload:
        return CloseReason(1005)
    if len(payload) == 1:
        raise RemoteProtocolError("a Close with half a code")
    code = int.from_bytes(payload[:2], "big")
    if not is_sendable(code):
        raise RemoteProtocolError(f"a Close with code {code}, which may not be sent")
    try:
        return CloseReason(code, payload[2:].decode())
    except UnicodeDecodeError:
        raise RemoteProtocolError("the message of a Close is not UTF-8", code=1007) from None
