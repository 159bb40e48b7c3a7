"""`typedws mock`: a mock server in a terminal."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import AsyncExitStack, contextmanager
from typing import Literal, TextIO

import anyio

from typedws.schema.contract.api import Connection
from typedws.schema.mocking.opening import Source, mock
from typedws.schema.mocking.roles import Roles
from typedws.schema.mocking.server import MockServer

__all__ = ["describe", "run_mock"]


def run_mock(
    document: Source,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    seed: int = 0,
    interval: float | None = 1.0,
    greeting: bool = True,
    perspective: Literal["client", "server"] | None = None,
    quiet: bool = False,
    out: TextIO | None = None,
) -> int:
    """Serves an API until SIGINT or SIGTERM. Returns the exit code of the process: 0, for it ends as it is meant to.

    Args:
        quiet: whether only the address is printed, and no line for each connection and message.
        out: where it is printed; standard output unless given.

    The others are those of `mock`.

    Raises:
        SchemaError: the document cannot be used.
        ValueError: an option out of its range.
        OSError: the address cannot be listened on; its `filename` is "host:port".
    """
    stream = sys.stdout if out is None else out

    def say(line: str) -> None:
        print(line, file=stream, flush=True)

    server = mock(
        document,
        host=host,
        port=port,
        seed=seed,
        interval=interval,
        greeting=greeting,
        perspective=perspective,
        on_event=None if quiet else say,
    )

    async def serve() -> None:
        async with AsyncExitStack() as stack:
            # Before anything is printed: whoever has read the address may end this.
            signals = stack.enter_context(_termination())
            try:
                await stack.enter_async_context(server)
            except OSError as error:
                raise OSError(error.errno, _reason(error), f"{host}:{port}") from error
            lines = describe(server)
            say(next(lines))
            for line in () if quiet else lines:
                say(line)
            await anext(aiter(signals))

    try:
        anyio.run(serve)
    except KeyboardInterrupt:
        pass
    say("ended")
    return 0


@contextmanager
def _termination() -> Generator[AsyncIterator[signal.Signals]]:
    """SIGTERM, as it comes; nothing where it cannot be received. SIGINT is a `KeyboardInterrupt`."""
    if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
        yield _never()
        return
    with anyio.open_signal_receiver(signal.SIGTERM) as signals:
        yield signals


async def _never() -> AsyncIterator[signal.Signals]:
    await anyio.sleep_forever()
    yield signal.SIGTERM


def _reason(error: OSError) -> str:
    """What is wrong with an address, without the address."""
    known = os.strerror(error.errno) if error.errno and error.errno > 0 else ""
    return known if known and not known.startswith("Unknown") else error.strerror or str(error)


def describe(server: MockServer) -> Iterator[str]:
    """Where it listens; then where each connection is, and what the server does on it, a line each."""
    yield f"{server.contract.title or 'The API'} at {server.url} (Ctrl+C ends it)"
    for connection in server.contract.connections:
        yield f"  {server.url}{connection.path or '/'}  {connection.name}"
        for line in _does(connection, server.roles(connection.name)):
            yield f"    {line}"
    for gap in server.gaps:
        yield f"  note: {gap}"


def _does(connection: Connection, roles: Roles) -> Iterator[str]:
    needed = [f"{p.wire_name} ({p.place})" for p in connection.parameters if p.required and p.place != "variable"]
    if needed:
        yield f"needs {', '.join(needed)}"
    for operation in connection.operations:
        if operation.exchange is not None:
            yield f"{_listed(operation.messages)}: answered by {_listed(operation.exchange.replies)}"
    for name, answers in roles.answers.items():
        yield f"{name}: answered by {_listed(answers)}"
    for subscription in connection.subscriptions:
        yield f"{subscription.request} ({subscription.channel}): updates {_listed(subscription.updates)}"
    if roles.unasked:
        yield f"unasked: {_listed([message.name for message in roles.unasked])}"
    if roles.by_hand:
        yield f"never sent by itself: {_listed([message.name for message in roles.by_hand])}"


def _listed(names: tuple[str, ...] | list[str]) -> str:
    shown = ", ".join(names[:5])
    return f"{shown} and {len(names) - 5} more" if len(names) > 5 else shown
