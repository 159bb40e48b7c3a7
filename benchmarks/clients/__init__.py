"""The clients that are measured: one file for each library, with the same shape.

A module offers `NAME`, the `LOOPS` that it runs on, `COMPRESSES`, `sharing`, which is what its library shares among
connections, if anything, and `connect`. What `connect` yields has a method for each work, which does it `count` times
over.
"""

from __future__ import annotations

import importlib
import importlib.util
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, cast

from benchmarks.setting import Address, Setting

__all__ = ["CLIENTS", "Client", "Connected", "client", "why_not"]

CLIENTS = {
    "bare": (),
    "typedws": ("typedws",),
    "picows": ("picows",),
    "aiohttp": ("aiohttp",),
    "websockets": ("websockets",),
    "httpx-ws": ("httpx_ws", "httpx"),
}
"""Each with the packages that it needs."""


class Connected(Protocol):
    """An open connection of a client."""

    async def stream(self, count: int) -> None:
        """Asks the server for `count` messages and receives them as typed values."""

    async def round_trip(self, count: int) -> None:
        """Sends a typed value and waits for it to come back, as a typed value."""

    async def burst(self, count: int) -> None:
        """Sends `count` typed values in a row, then waits until the server has them."""

    async def large(self, count: int) -> None:
        """Sends a binary message of 1 MiB and waits for it to come back."""

    async def fetch(self, request: str) -> int:
        """Asks for one large message and receives it; returns its length."""
        ...


class Client(Protocol):
    """A module of this package."""

    NAME: str
    LOOPS: tuple[str, ...]
    COMPRESSES: bool

    def sharing(self, setting: Setting, address: Address) -> AbstractAsyncContextManager[Any]:
        """What all connections of a program have in common, such as a session of aiohttp."""
        ...

    def connect(
        self, setting: Setting, address: Address, work: str, shared: Any
    ) -> AbstractAsyncContextManager[Connected]:
        """Opens a connection to the part of the server that this work needs."""
        ...


def client(name: str) -> Client:
    return cast(Client, importlib.import_module(f"benchmarks.clients.{name.replace('-', '_')}_client"))


def why_not(name: str, setting: Setting) -> str | None:
    """Why this client cannot be measured in this setting; None where it can."""
    for package in CLIENTS[name]:
        if importlib.util.find_spec(package) is None:
            return f"{name} is skipped: {package} is not installed"
    if setting.loop != "asyncio" and importlib.util.find_spec(setting.loop) is None:
        return f"{setting.loop} is skipped: it is not installed"
    module = client(name)
    if setting.loop not in module.LOOPS:
        return f"{name} does not run on {setting.loop}"
    if setting.compressed and not module.COMPRESSES:
        return f"{name} does not compress"
    return None
