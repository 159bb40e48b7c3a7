"""Running the test suite against the client and against the server of typedws.

Cases do not depend on one another, so several go at once: the suite as a server takes any number of clients, and as a
client it runs in several processes, each with its share of the cases. The verdicts are the same, and the timers of the
suite, which are most of its time, run beside each other.

They are timers of a second: where the machine stands still for as long, the suite says that the other end did not
answer. So what it finds wrong is run a second time, case by case, and only the second verdict counts.
"""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import anyio
import anyio.abc

import typedws
from tests.autobahn.verdicts import Verdicts, doubtful, read
from typedws import ClientSession, ConnectionClosed, Deflate, ServerSession, SessionConfig

MIB = 1024 * 1024
AGENT = "typedws"
CONFIG = SessionConfig(max_frame_size=64 * MIB, max_message_size=64 * MIB, ping_interval=None)
"""The suite sends messages of 16 MiB, and counts frames: a Ping that it did not ask for is an error."""


async def judge_client(
    wstest: Path, shares: Sequence[Sequence[str]], directory: Path, *, deflate: bool = False, at_once: int = 16
) -> Verdicts:
    """The verdicts on the client.

    Args:
        wstest: the suite.
        shares: cases; each share of them is run by a process of the suite of its own.
        directory: gets reports and logs.
        deflate: whether to offer permessage-deflate.
        at_once: cases that are open at a time, in each share.
    """
    verdicts: Verdicts = {}

    async def run(share: Sequence[str], place: Path, at_once: int) -> None:
        async with fuzzing_server(wstest, share, place) as url:
            await run_cases(url, deflate=deflate, at_once=at_once)
        verdicts.update(read(place / "index.json"))

    async with anyio.create_task_group() as tasks:
        for index, share in enumerate(shares):
            tasks.start_soon(run, share, directory / f"client-{index}", at_once)
    if again := doubtful(verdicts, deflate=deflate):
        await run(again, directory / "client-again", 1)
    return verdicts


async def judge_server(
    wstest: Path, shares: Sequence[Sequence[str]], directory: Path, *, deflate: bool = False
) -> Verdicts:
    """The verdicts on the server; the arguments are those of `judge_client`."""
    verdicts: Verdicts = {}
    extensions = [Deflate()] if deflate else []

    async def run(share: Sequence[str], place: Path) -> None:
        spec = {"servers": [{"agent": AGENT, "url": server.url}], "cases": share}
        async with suite(wstest, "fuzzingclient", spec, place) as process:
            await process.wait()
        verdicts.update(read(place / "index.json"))

    async with typedws.serve(echo, "127.0.0.1", 0, converter=None, extensions=extensions, config=CONFIG) as server:
        async with anyio.create_task_group() as tasks:
            for index, share in enumerate(shares):
                tasks.start_soon(run, share, directory / f"server-{index}")
        if again := doubtful(verdicts, deflate=deflate):
            await run(again, directory / "server-again")
    return verdicts


async def run_cases(url: str, *, deflate: bool, at_once: int) -> None:
    """Takes the client through every case of a suite that is a server."""
    async with connect(f"{url}/getCaseCount") as session:
        count = int((await session.receive()).data)
    limit = anyio.CapacityLimiter(at_once)

    async def run(number: int) -> None:
        async with limit, connect(f"{url}/runCase?case={number}&agent={AGENT}", deflate=deflate) as session:
            await echo(session)

    async with anyio.create_task_group() as tasks:
        for number in range(1, count + 1):
            tasks.start_soon(run, number)
    async with connect(f"{url}/updateReports?agent={AGENT}") as session:
        await session.wait_closed()


def connect(url: str, *, deflate: bool = False) -> AbstractAsyncContextManager[ClientSession]:
    return typedws.connect(url, converter=None, config=CONFIG, extensions=[Deflate()] if deflate else [])


async def echo(session: ClientSession | ServerSession) -> None:
    """Sends every message back until the end, whichever it is."""
    try:
        while True:
            await session.send(await session.receive())
    except ConnectionClosed:
        pass


@asynccontextmanager
async def fuzzing_server(wstest: Path, cases: Sequence[str], directory: Path) -> AsyncIterator[str]:
    """The URL of the suite as a server."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"ws://127.0.0.1:{free.getsockname()[1]}"
    async with suite(wstest, "fuzzingserver", {"url": url, "cases": cases}, directory) as process:
        with anyio.fail_after(30):
            while not await listens(url):
                assert process.returncode is None, f"wstest has ended; see {directory / 'log'}"
                await anyio.sleep(0.05)
        yield url


async def listens(url: str) -> bool:
    try:
        stream = await anyio.connect_tcp("127.0.0.1", int(url.rpartition(":")[2]))
    except OSError:
        return False
    await stream.aclose()
    return True


@asynccontextmanager
async def suite(
    wstest: Path, mode: str, spec: Mapping[str, object], directory: Path
) -> AsyncIterator[anyio.abc.Process]:
    """The suite as a process, ended with the block. Its reports and its log go to the directory."""
    path = write_spec(directory, spec)
    command = [str(wstest), "--mode", mode, "--spec", str(path), "--webport", "0"]
    with (directory / "log").open("w") as log:
        process = await anyio.open_process(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        async with process:
            try:
                yield process
            finally:
                if process.returncode is None:
                    process.kill()


def write_spec(directory: Path, spec: Mapping[str, object]) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / "spec.json"
    path.write_text(json.dumps({"outdir": str(directory), "exclude-cases": [], "exclude-agent-cases": {}, **spec}))
    return path
