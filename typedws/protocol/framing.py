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
        # As `apply_mask`, in fewer steps: the key is repeated by a multiplication, up to three bytes too far.
        repeated, size = _REPEATED[length]
        masked = (_to_int(payload, "little") ^ key * repeated).to_bytes(size, "little")
        return (_pack_masked(first, _MASKED | length, key) + masked)[: 6 + length]
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
_REPEATED: Final = [
    (sum(1 << 8 * start for start in range(0, length, 4)), (length + 3) // 4 * 4) for length in range(126)
]
"""For each length, what a key is multiplied by, and how many bytes there are then."""

_pack_masked: Final = Struct("<BBI").pack
_pack_short: Final = Struct("!BB").pack
_pack_medium: Final = Struct("!BBH").pack
_pack_long: Final = Struct("!BBQ").pack


if compiled or TYPE_CHECKING:
    from typedws.protocol._masking import encode_frame
else:
    encode_frame = encode_in_python
