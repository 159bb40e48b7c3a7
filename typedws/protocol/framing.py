"""The bytes of one frame (RFC 6455 section 5.2): the header that `codec` reads, and the payload, masked by a client."""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, Final

from typedws.protocol import compiled
from typedws.protocol.masking import apply_mask, fill_pool, keys, new_key

__all__ = ["encode_frame"]

_MASKED: Final = 0x80


def encode_in_python(first: int, payload: bytes, mask: bool) -> bytes:
    """The bytes of one frame.

    Args:
        first: the first byte: FIN, RSV1 and opcode.
        payload: the payload, unmasked.
        mask: whether to mask it with a fresh key, as a client must (section 5.3).
    """
    length = len(payload)
    if mask and length < 126:
        try:
            key = keys.pop()
        except IndexError:
            key = fill_pool()
        start, spread, bits, size = (_masked[first] or _fill(first))[length]
        return (_to_int(start + payload, "little") ^ key * spread & bits).to_bytes(size, "little")
    second = 0
    if mask:
        second = _MASKED
        new = new_key()
        payload = new + apply_mask(payload, new)
    if length < 126:
        return _pack_short(first, second | length) + payload
    if length < 0x10000:
        return _pack_medium(first, second | 126, length) + payload
    return _pack_long(first, second | 127, length) + payload


_to_int: Final = int.from_bytes


_masked: Final[list[list[tuple[bytes, int, int, int]] | None]] = [None] * 256
"""Small masked frames as numbers, whose lowest byte is the first: for a first byte, and then for a length, the header
with an empty key; what a key is multiplied by so that it stands in its own place and along the payload, up to three
bytes too far; the bits of the frame; and its bytes. Filled as they are needed."""


def _fill(first: int) -> list[tuple[bytes, int, int, int]]:
    frames: list[tuple[bytes, int, int, int]] = []
    for length in range(126):
        start = bytes([first, _MASKED | length, 0, 0, 0, 0])
        spread = sum(1 << 8 * place for place in range(2, 6 + length, 4))
        frames.append((start, spread, (1 << 8 * (6 + length)) - 1, 6 + length))
    _masked[first] = frames
    return frames


_pack_short: Final = Struct("!BB").pack
_pack_medium: Final = Struct("!BBH").pack
_pack_long: Final = Struct("!BBQ").pack


if compiled or TYPE_CHECKING:
    from typedws.protocol._masking import encode_frame
else:
    encode_frame = encode_in_python
