"""The circumstances of a measurement: event loop, TLS, format, compression."""

from __future__ import annotations

import functools
import ssl
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.formats import FORMATS, Format

__all__ = ["LOOPS", "Address", "Setting"]

LOOPS = ("asyncio", "uvloop", "trio")


@dataclass(frozen=True, slots=True)
class Address:
    """Where the server of the benchmarks listens, and the file with the certificate to trust."""

    plain: int
    tls: int
    authority: str


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting; the rest of a measurement is who does which work."""

    loop: str = "asyncio"
    tls: bool = False
    format: str = "json"
    compressed: bool = False

    def url(self, address: Address, path: str) -> str:
        """The URL of a path of the server, which plays a part that the path names."""
        query = f"?format={self.format}&compressed={int(self.compressed)}"
        return (
            f"wss://localhost:{address.tls}{path}{query}"
            if self.tls
            else f"ws://127.0.0.1:{address.plain}{path}{query}"
        )

    def ssl_context(self, address: Address) -> ssl.SSLContext | None:
        return _trusting(address.authority) if self.tls else None

    def codec(self) -> Format:
        return _format(self.format)

    @property
    def key(self) -> str:
        """A name for files and tables: `asyncio`, `uvloop tls`, `asyncio cbor`."""
        words = [self.loop]
        if self.tls:
            words.append("tls")
        if self.format != "json":
            words.append(self.format)
        if self.compressed:
            words.append("compressed")
        return " ".join(words)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@functools.cache
def _trusting(authority: str) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=authority)


@functools.cache
def _format(name: str) -> Format:
    return FORMATS[name]()
