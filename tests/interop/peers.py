"""Software that others wrote, as a peer on a real socket. Each runs in a process of its own, so that its event loop,
threads and warnings are not ours.

A server (`servers/`, `node/server.mjs`) gets a certificate, prints its two ports as a line of JSON, and serves until
its standard input ends:

    /echo            every message comes back as it was; speaks the subprotocol "echo.msgpack" where it is offered
    /close           closes at once, with 4001 "enough"
    /refuse/403      refuses the handshake with that status and the body "not for you"
    /drop            drops TCP after the first message
    /fragments       sends "one two three" as a message in three fragments; where the library's API can
    /ping            sends a Ping, and after the Pong the text "a pong came"; where the library's API can

A client (`clients/`, `node/client.mjs`) reads tasks from its standard input, one line of JSON each, and answers each
with a line of JSON within ten seconds; `Client.run` explains them.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio.to_thread
import pytest

HERE = Path(__file__).parent
NODE = HERE / "node"

SERVERS = {
    "websockets": ["servers/websockets_server.py"],
    "aiohttp": ["servers/aiohttp_server.py"],
    "uvicorn-websockets": ["servers/starlette_server.py", "websockets-sansio"],
    "uvicorn-wsproto": ["servers/starlette_server.py", "wsproto"],
    "node-ws": ["node/server.mjs"],
}
CLIENTS = {
    "websockets": ["clients/websockets_client.py"],
    "aiohttp": ["clients/aiohttp_client.py"],
    "node-ws": ["node/client.mjs"],
}
SECONDS_TO_END = 10


@dataclass(frozen=True)
class Server:
    """A running server by others."""

    process: subprocess.Popen[str]
    ports: dict[str, int]

    def url(self, path: str) -> str:
        return f"ws://127.0.0.1:{self.ports['ws']}{path}"

    def secure_url(self, path: str, host: str = "localhost") -> str:
        return f"wss://{host}:{self.ports['wss']}{path}"


@dataclass(frozen=True)
class Client:
    """A running client by others."""

    process: subprocess.Popen[str]

    async def run(self, task: str, url: str, **details: Any) -> dict[str, Any]:
        """What a task came to.

        Args:
            task: "echo": sends each of `messages`, receives as many, and closes with `close`, a list of code and
                reason; "listen": receives until the end; "fragments": sends `messages` as fragments of one message, and
                receives one; "ping": sends a Ping and waits for the Pong; "drop": as "echo", but drops TCP at the end.
                aiohttp's API has neither "fragments" nor "drop".
            url: where to connect to.
            details: `messages`, `close`; `subprotocols`, a list; `compress`, whether to offer permessage-deflate;
                `authority`, the path of a PEM file with the authority to trust.

        Returns:
            `messages` that were received, `code` and `reason` of the end, `subprotocol`, `extensions`; of a refused
            handshake only `status` and `body`.
        """
        order = json.dumps({"task": task, "url": url, **details})
        answer = await anyio.to_thread.run_sync(self._ask, order, abandon_on_cancel=True)
        if "error" in answer:
            raise AssertionError(f"the client failed: {answer['error']}")
        return answer

    def _ask(self, order: str) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(order, file=self.process.stdin, flush=True)
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer


@contextmanager
def program(script: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A running program of this directory. It is asked to end by the end of its standard input."""
    if script.endswith(".mjs"):
        interpreter = node()
    else:
        interpreter = sys.executable
    command = [interpreter, str(HERE / script), *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        try:
            yield process
        finally:
            process.stdin.close()
            try:
                process.wait(SECONDS_TO_END)
            except subprocess.TimeoutExpired:
                process.kill()
                raise


@contextmanager
def running_server(name: str, certificate: Path) -> Iterator[Server]:
    """One of SERVERS."""
    script, *arguments = SERVERS[name]
    with program(script, str(certificate), *arguments) as process:
        assert process.stdout is not None
        yield Server(process, json.loads(process.stdout.readline()))


@contextmanager
def running_jupyter(certificate: Path, directory: Path, token: str) -> Iterator[Server]:
    """A notebook server that lets those in who know the token."""
    with program("servers/jupyter_program.py", str(certificate), str(directory), token) as process:
        assert process.stdout is not None
        yield Server(process, json.loads(process.stdout.readline()))


@contextmanager
def running_client(name: str) -> Iterator[Client]:
    """One of CLIENTS."""
    with program(*CLIENTS[name]) as process:
        yield Client(process)


def node() -> str:
    """The path of Node; skips the test without it."""
    path = shutil.which("node")
    if path is None:
        pytest.skip("Node is not installed")
    if not (NODE / "node_modules" / "ws").is_dir():
        pytest.skip("Node's ws is not installed: run `npm ci` in tests/interop/node")
    return path
