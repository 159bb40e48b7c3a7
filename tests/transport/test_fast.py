"""With aiofastnet installed: which connections it carries, and that nothing crashes of those that it cannot."""

from __future__ import annotations

import asyncio
import logging
import os
import random
import ssl
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest

from tests.certificates import Certificates
from typedws import ServerSession, connect, serve
from typedws.transport.asyncio_driver import AsyncioConduit

pytest.importorskip("aiofastnet")
pytestmark = pytest.mark.anyio

SIZES = (0, 5, 65_535, 65_536, 65_537, 131_072, 262_144, 263_168, 500_000)
"""Of messages: around what is read into a buffer of its own, and around what a transport reads at once."""


async def echo(session: ServerSession) -> None:
    async for frame in session.incoming:
        await session.send(frame)


@pytest.fixture
def carriers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The packages of the transports that carried a connection."""
    found: list[str] = []
    made = AsyncioConduit.connection_made

    def note(self: AsyncioConduit, transport: asyncio.BaseTransport) -> None:
        found.append(type(transport).__module__.split(".")[0])
        made(self, transport)

    monkeypatch.setattr(AsyncioConduit, "connection_made", note)
    return found


def expected(anyio_backend: Any, fast: bool) -> set[str]:
    name, options = anyio_backend
    if name == "trio":
        return set()
    return {"uvloop"} if options["use_uvloop"] else {"aiofastnet" if fast else "asyncio"}


@pytest.mark.parametrize("fast", [True, False])
@pytest.mark.parametrize("tls", [True, False])
async def test_it_carries_what_it_can_unless_it_is_switched_off(
    tls: bool,
    fast: bool,
    certificates: Certificates,
    carriers: list[str],
    anyio_backend: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TYPEDWS_FAST", "1" if fast else "0")
    async with (
        serve(echo, "127.0.0.1", 0, ssl_context=certificates.server_context() if tls else None) as server,
        connect(server.url, ssl_context=certificates.client_context() if tls else None) as session,
    ):
        await session.ping()
    assert set(carriers) == expected(anyio_backend, fast)


@pytest.mark.usefixtures("each_tls")
@pytest.mark.parametrize("tls", [True, False])
async def test_small_and_large_messages_arrive_in_turn(tls: bool, certificates: Certificates) -> None:
    sizes = [size for size in SIZES for _ in range(4)]
    random.Random(7).shuffle(sizes)
    messages = [number.to_bytes(4) + bytes(size) for number, size in enumerate(sizes)]
    async with (
        serve(echo, "127.0.0.1", 0, ssl_context=certificates.server_context() if tls else None) as server,
        connect(server.url, ssl_context=certificates.client_context() if tls else None) as session,
        anyio.create_task_group() as tasks,
    ):

        async def send() -> None:
            for message in messages:
                await session.send(message)

        tasks.start_soon(send)
        for message in messages:
            assert (await session.receive()).data == message


def keep_keys(client: ssl.SSLContext, server: ssl.SSLContext, path: Path) -> None:
    client.keylog_filename = str(path / "keys")


def look_at_names(client: ssl.SSLContext, server: ssl.SSLContext, path: Path) -> None:
    server.sni_callback = lambda sock, name, context: None


def prove_later(client: ssl.SSLContext, server: ssl.SSLContext, path: Path) -> None:
    client.post_handshake_auth = True


@pytest.mark.parametrize("setting", [keep_keys, look_at_names, prove_later])
async def test_a_context_that_needs_python_is_left_to_the_loop(
    setting: Callable[[ssl.SSLContext, ssl.SSLContext, Path], None],
    certificates: Certificates,
    carriers: list[str],
    tmp_path: Path,
    anyio_backend: Any,
) -> None:
    client, server_side = certificates.client_context(), certificates.server_context()
    setting(client, server_side, tmp_path)
    async with (
        serve(echo, "127.0.0.1", 0, ssl_context=server_side) as server,
        connect(server.url.replace("127.0.0.1", "localhost"), ssl_context=client) as session,
    ):
        await session.ping()
    assert expected(anyio_backend, fast=False) <= set(carriers)


async def test_who_only_knocks_fills_no_log(certificates: Certificates, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    async with serve(echo, "127.0.0.1", 0, ssl_context=certificates.server_context()) as server:
        for words in (b"", b"GET / HTTP/1.1\r\n\r\n"):
            async with await anyio.connect_tcp("127.0.0.1", server.port) as stream:
                if words:
                    await stream.send(words)
                await stream.send_eof()
                with pytest.raises((anyio.EndOfStream, anyio.BrokenResourceError)):
                    while True:
                        await stream.receive()
        async with connect(server.url, ssl_context=certificates.client_context()) as session:
            await session.ping()
    assert not caplog.records


def test_it_is_not_loaded_before_it_is_used() -> None:
    program = "import sys, typedws; sys.exit('aiofastnet' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True, timeout=30, env={**os.environ})
