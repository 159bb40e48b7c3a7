"""The bytes of a file, and the text that they are."""

from __future__ import annotations

import codecs
import os
import stat
from typing import Final

from typedws.schema.document.limits import MAX_BYTES
from typedws.schema.document.places import Complaint

__all__ = ["decoded", "read_bytes"]

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def read_bytes(path: str) -> bytes:
    """The bytes of a file, one more than may be at most.

    Raises:
        Complaint: it cannot be read.
    """
    try:
        # A pipe or a device may have no end.
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise Complaint("this is no file" if not os.path.isdir(path) else "this is a folder, not a file")
        with open(path, "rb") as file:
            return file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise Complaint(f"the file cannot be read: {reason}") from None


def decoded(content: bytes) -> str:
    """The text of a file: UTF-8, or what its first bytes say.

    Raises:
        Complaint: it is no text.
    """
    encoding = "utf-8"
    for mark, name in _BOMS:
        if content.startswith(mark):
            content, encoding = content[len(mark) :], name
            break
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1 if encoding == "utf-8" else None
        raise Complaint(f"the file is not {encoding.upper()}: byte {error.start} is wrong", line) from None
