"""`typedws mock`: a mock server in a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
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
    perspective: Literal["client", "server"] | None = None,
    quiet: bool = False,
    out: TextIO | None = None,
) -> int:
    """Serves an API until it is interrupted. Returns the exit code of the process: 0.

    Args:
        quiet: whether only the address is printed, and no line for each connection and message.
        out: where it is printed; standard output unless given.

    The others are those of `mock`.

    Raises: as `mock`.
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
        perspective=perspective,
        on_event=None if quiet else say,
    )

    async def serve() -> None:
        async with server:
            say(f"{server.contract.title or 'The API'} at {server.url} (Ctrl+C ends it)")
            if not quiet:
                for line in describe(server):
                    say(line)
            await server.serve_forever()

    try:
        anyio.run(serve)
    except KeyboardInterrupt:
        say("ended")
    return 0


def describe(server: MockServer) -> Iterator[str]:
    """Where each connection is, and what the server does on it, a line each."""
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
    for subscription in connection.subscriptions:
        yield f"{subscription.request} ({subscription.channel}): updates {_listed(subscription.updates)}"
    if roles.unasked:
        yield f"unasked: {_listed([message.name for message in roles.unasked])}"


def _listed(names: tuple[str, ...] | list[str]) -> str:
    shown = ", ".join(names[:5])
    return f"{shown} and {len(names) - 5} more" if len(names) > 5 else shown
