"""From a contract to the text of a typed client module."""

from __future__ import annotations

from typedws.schema.emit.module import Emitted, emit
from typedws.schema.emit.notes import Note
from typedws.schema.emit.text import pointer_text

__all__ = ["Emitted", "Note", "emit", "pointer_text"]
