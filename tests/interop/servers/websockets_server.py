"""The `websockets` library as the server."""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
from collections.abc import Sequence
from functools import partial
from http import HTTPStatus

from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol


async def handle(connection: ServerConnection) -> None:
    assert connection.request is not None
    match connection.request.path:
        case "/echo":
            async for message in connection:
                await connection.send(message)
        case "/fragments":
            await connection.send(["one ", "two ", "three"])
            await connection.wait_closed()
        case "/ping":
            await (await connection.ping("are you there?"))
            await connection.send("a pong came")
            await connection.wait_closed()
        case "/close":
            await connection.close(4001, "enough")
        case "/drop":
            await connection.recv()
            connection.transport.abort()


def refuse(connection: ServerConnection, request: Request) -> Response | None:
    if request.path.startswith("/refuse/"):
        return connection.respond(HTTPStatus(int(request.path.removeprefix("/refuse/"))), "not for you")
    return None


def choose(connection: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    return Subprotocol("echo.msgpack") if "echo.msgpack" in offered else None


async def main(certificate: str) -> None:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)
    listen = partial(
        serve, handle, "127.0.0.1", 0, process_request=refuse, select_subprotocol=choose, max_size=16 * 1024 * 1024
    )
    async with listen() as plain, listen(ssl=tls) as secure:
        ports = [next(iter(server.sockets)).getsockname()[1] for server in (plain, secure)]
        print(json.dumps(dict(zip(("ws", "wss"), ports, strict=True))), flush=True)
        await asyncio.to_thread(sys.stdin.read)


asyncio.run(main(sys.argv[1]))
