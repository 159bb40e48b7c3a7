"""Names and addresses in the hands of a test: a name lookup that it wrote itself, and a port that never answers."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any, cast

import anyio
import pytest

Answers = list[tuple[int, int, int, str, tuple[Any, ...]]]
Lookup = Callable[[str, int], Answers]


def install_lookup(lookup: Lookup, monkeypatch: pytest.MonkeyPatch, anyio_backend_name: str) -> None:
    """Puts a function in the place of the system's name lookup, for names that end with `.test`."""

    def answer(host: Any, port: int, family: int = 0, type: int = 0, proto: int = 0, flags: int = 0) -> Answers:
        name = host.decode() if isinstance(host, bytes) else host
        if not name.endswith(".test"):
            return cast(Answers, ask_system(host, port, family, type, proto, flags))
        if flags & socket.AI_NUMERICHOST:
            raise socket.gaierror(socket.EAI_NONAME, "this is a name")
        return lookup(name, port)

    async def answer_later(*args: Any, **options: Any) -> Answers:
        return await anyio.to_thread.run_sync(partial(answer, *args, **options), abandon_on_cancel=True)

    ask_system = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", answer)
    if anyio_backend_name == "asyncio":
        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", answer_later)


def address(host: str, port: int) -> tuple[int, int, int, str, tuple[Any, ...]]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return (family, socket.SOCK_STREAM, 6, "", (host, port, 0, 0) if ":" in host else (host, port))


@contextmanager
def black_hole(port: int = 0, host: str = "127.0.0.2") -> Iterator[int]:
    """A port that takes no connection and refuses none: its queue is full, and further packets are dropped."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind((host, port))
        listener.listen(0)
        port = listener.getsockname()[1]
        for _ in range(3):
            client = stack.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex((host, port))
        yield port
