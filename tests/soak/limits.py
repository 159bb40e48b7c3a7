"""What the figures have to be."""

from __future__ import annotations

from typing import Final

IDLE_KIB: Final = {"asyncio": 20.0, "uvloop": 20.0, "trio": 40.0}
"""KiB that an idle session may cost a server, with its transport and the task of its handler."""

SLOPE: Final = 1.0
"""KiB that memory may grow by in a minute."""
