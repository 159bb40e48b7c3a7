"""The `websockets` library as the client. `peers.Client` says what it is told and what it answers."""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol


async def perform(order: dict[str, Any]) -> dict[str, Any]:
    try:
        async with connect(
            order["url"],
            ssl=ssl.create_default_context(cafile=order["authority"]) if "authority" in order else None,
            subprotocols=[Subprotocol(name) for name in order.get("subprotocols", ())],
            compression="deflate" if order.get("compress") else None,
            max_size=16 * 1024 * 1024,
        ) as connection:
            messages = await TASKS[order["task"]](connection, order)
            await connection.wait_closed()
    except InvalidStatus as error:
        return {"status": error.response.status_code, "body": (error.response.body or b"").decode()}
    assert connection.response is not None
    return {
        "messages": messages,
        "code": connection.close_code,
        "reason": connection.close_reason,
        "subprotocol": connection.subprotocol,
        "extensions": connection.response.headers.get("Sec-WebSocket-Extensions", ""),
    }


async def echo(connection: ClientConnection, order: dict[str, Any]) -> list[Any]:
    received = []
    for message in order["messages"]:
        await connection.send(message)
        received.append(await connection.recv())
    if order["task"] == "drop":
        connection.transport.abort()
    else:
        await connection.close(*order.get("close", ()))
    return received


async def listen(connection: ClientConnection, order: dict[str, Any]) -> list[Any]:
    received = []
    try:
        while True:
            received.append(await connection.recv())
    except ConnectionClosed:
        return received


async def fragments(connection: ClientConnection, order: dict[str, Any]) -> list[Any]:
    await connection.send(order["messages"])
    received = [await connection.recv()]
    await connection.close()
    return received


async def ping(connection: ClientConnection, order: dict[str, Any]) -> list[Any]:
    await (await connection.ping("are you there?"))
    await connection.close()
    return []


TASKS = {"echo": echo, "listen": listen, "fragments": fragments, "ping": ping, "drop": echo}

for line in sys.stdin:
    try:
        answer = asyncio.run(asyncio.wait_for(perform(json.loads(line)), 10))
    except Exception as error:
        answer = {"error": repr(error)}
    print(json.dumps(answer), flush=True)
