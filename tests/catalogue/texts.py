"""Byte sequences that are no UTF-8, by family (RFC 3629 section 3), and texts whose code points can be cut."""

from __future__ import annotations

FIRST_BYTE: dict[str, bytes] = {
    "continuation byte 80": b"\x80",
    "continuation byte BF": b"\xbf",
    "overlong C0": b"\xc0",
    "overlong C1": b"\xc1",
    **{f"byte {byte:02X}": bytes([byte]) for byte in range(0xF5, 0x100)},
}
"""What is wrong at its first byte."""

SECOND_BYTE: dict[str, bytes] = {
    "overlong E0 80": b"\xe0\x80",
    "overlong E0 9F": b"\xe0\x9f",
    "overlong F0 80": b"\xf0\x80",
    "overlong F0 8F": b"\xf0\x8f",
    "beyond U+10FFFF": b"\xf4\x90",
    "two bytes, then ASCII": b"\xc3a",
    "three bytes, then ASCII": b"\xe2a",
    "four bytes, then ASCII": b"\xf0a",
    "two bytes, then another first byte": b"\xc3\xc3",
}
"""What is wrong at its second byte."""

LATER_BYTE: dict[str, bytes] = {
    # Two of its bytes would do. Python's decoder waits for the third, in case it is to let surrogates pass.
    "the first surrogate": "\ud800".encode(errors="surrogatepass"),
    "the last surrogate": "\udfff".encode(errors="surrogatepass"),
    "three bytes, the last is ASCII": b"\xe2\x82a",
    "four bytes, the third is ASCII": b"\xf0\x9fa",
    "four bytes, the last is ASCII": b"\xf0\x9f\x98a",
    "four bytes, the last is a first byte": b"\xf0\x9f\x98\xe2",
}

BAD: dict[str, bytes] = {**FIRST_BYTE, **SECOND_BYTE, **LATER_BYTE}
"""Each is wrong at its last byte, and not before."""

MIXED = "añ€😀z"
"""A code point of each length."""

UNFINISHED: dict[str, bytes] = {
    f"{cut} of {len(char.encode())} bytes": char.encode()[:cut]
    for char in "ñ€😀"
    for cut in range(1, len(char.encode()))
}
"""Code points that the end cuts off."""
