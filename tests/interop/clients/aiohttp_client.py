"""`aiohttp` as the client. `peers.Client` says what it is told and what it answers."""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
from typing import Any

import aiohttp


async def perform(order: dict[str, Any]) -> dict[str, Any]:
    async with aiohttp.ClientSession() as session:
        try:
            async with session.ws_connect(
                order["url"],
                ssl=ssl.create_default_context(cafile=order["authority"]) if "authority" in order else True,
                protocols=order.get("subprotocols", ()),
                compress=15 if order.get("compress") else 0,
                max_msg_size=16 * 1024 * 1024,
                autoping=order["task"] != "ping",
            ) as socket:
                messages = await TASKS[order["task"]](socket, order)
                extension = socket.compress
        except aiohttp.WSServerHandshakeError as error:
            # aiohttp keeps the body for itself
            return {"status": error.status, "body": None}
    return {
        "messages": messages,
        "code": socket.close_code,
        "reason": messages.pop() if order["task"] == "listen" else None,
        "subprotocol": socket.protocol,
        "extensions": "permessage-deflate" if extension else "",
    }


async def echo(socket: aiohttp.ClientWebSocketResponse, order: dict[str, Any]) -> list[Any]:
    received = []
    for message in order["messages"]:
        await socket.send_str(message)
        received.append(await socket.receive_str())
    code, reason = order.get("close", (1000, ""))
    await socket.close(code=code, message=reason.encode())
    return received


async def listen(socket: aiohttp.ClientWebSocketResponse, order: dict[str, Any]) -> list[Any]:
    received = []
    while (message := await socket.receive()).type == aiohttp.WSMsgType.TEXT:
        received.append(message.data)
    return [*received, message.extra]


async def ping(socket: aiohttp.ClientWebSocketResponse, order: dict[str, Any]) -> list[Any]:
    await socket.ping(b"are you there?")
    message = await socket.receive()
    if message.type != aiohttp.WSMsgType.PONG or message.data != b"are you there?":
        raise ValueError(f"{message} is not the Pong")
    await socket.close()
    return []


TASKS = {"echo": echo, "listen": listen, "ping": ping}

for line in sys.stdin:
    try:
        answer = asyncio.run(asyncio.wait_for(perform(json.loads(line)), 10))
    except Exception as error:
        answer = {"error": repr(error)}
    print(json.dumps(answer), flush=True)
