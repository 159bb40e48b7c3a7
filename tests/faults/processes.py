"""Peers that are processes of their own, which can be stopped: `python -m tests.faults.processes server|client ...`.

server              echoes; prints its port
client LOOP URL     answers each message with the same, and keeps the connection alive; prints why it ended
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio

from typedws import ServerSession, Session, SessionConfig, connect, serve

INTERVAL = 0.2
TIMEOUT = 1.0

ROOT = Path(__file__).parents[2]


async def echo(session: Session) -> None:
    async for frame in session.incoming:
        await session.send(frame)


async def be_a_server() -> None:
    async def handle(session: ServerSession) -> None:
        await echo(session)

    async with serve(handle, "127.0.0.1", 0, config=SessionConfig(ping_interval=None)) as server:
        print(server.port, flush=True)
        await server.serve_forever()


async def be_a_client(url: str) -> None:
    config = SessionConfig(ping_interval=INTERVAL, timeout=TIMEOUT)
    async with connect(url, converter=None, config=config) as session:
        await echo(session)
        reason = await session.wait_closed()
        print(reason.code, flush=True)


class Process:
    """A running peer."""

    def __init__(self, running: subprocess.Popen[str]) -> None:
        self._running = running

    def read_line(self) -> str:
        """What it prints next."""
        assert self._running.stdout is not None
        return self._running.stdout.readline().strip()

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """It does nothing for the length of the block."""
        os.kill(self._running.pid, signal.SIGSTOP)
        while Path(f"/proc/{self._running.pid}/stat").read_text().rpartition(")")[2].split()[0] != "T":
            time.sleep(0.001)
        try:
            yield
        finally:
            os.kill(self._running.pid, signal.SIGCONT)


@contextmanager
def running(*arguments: str) -> Iterator[Process]:
    """A peer, for the length of a block."""
    command = [sys.executable, "-m", "tests.faults.processes", *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Process(process)
        finally:
            process.kill()


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["server"]:
            asyncio.run(be_a_server())
        case ["client", loop, url]:
            options = {"use_uvloop": loop == "uvloop"} if loop != "trio" else {}
            anyio.run(be_a_client, url, backend="trio" if loop == "trio" else "asyncio", backend_options=options)
        case _:
            raise SystemExit(__doc__)
