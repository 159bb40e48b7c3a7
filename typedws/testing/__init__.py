"""Tools for tests of programs that use typedws."""

from __future__ import annotations

from typedws.testing.converters import check_converter
from typedws.testing.sessions import session_pair
from typedws.testing.streams import MemoryByteStream, memory_stream_pair

__all__ = ["MemoryByteStream", "check_converter", "memory_stream_pair", "session_pair"]
