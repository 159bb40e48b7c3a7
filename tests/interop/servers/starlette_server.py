"""`starlette` on `uvicorn` as the server. ASGI has no pings: uvicorn sends its own every 0.2 seconds, and ends a
connection that leaves one unanswered.

The second argument names uvicorn's implementation of WebSocket, of which it has several.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket


async def echo(websocket: WebSocket) -> None:
    offered = websocket.scope["subprotocols"]
    await websocket.accept(subprotocol="echo.msgpack" if "echo.msgpack" in offered else None)
    while (event := await websocket.receive())["type"] == "websocket.receive":
        # The spec of ASGI lets either key be there with None.
        if event.get("text") is not None:
            await websocket.send_text(event["text"])
        else:
            await websocket.send_bytes(event["bytes"])


async def close(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.close(4001, "enough")


async def drop(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.receive()
    raise RuntimeError("uvicorn drops TCP under a handler that fails")


async def refuse(websocket: WebSocket) -> None:
    status = websocket.path_params["status"]
    await websocket.send_denial_response(PlainTextResponse("not for you", status))


ROUTES = [
    WebSocketRoute("/echo", echo),
    WebSocketRoute("/close", close),
    WebSocketRoute("/drop", drop),
    WebSocketRoute("/refuse/{status:int}", refuse),
]


async def main(certificate: str, implementation: Any) -> None:
    listening = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    servers = [
        uvicorn.Server(
            uvicorn.Config(
                Starlette(routes=ROUTES),
                ws=implementation,
                ws_ping_interval=0.2,
                lifespan="off",
                log_level="critical",
                ssl_certfile=chain,
            )
        )
        for chain in (None, certificate)
    ]
    running = [
        asyncio.create_task(server.serve(sockets=[sock])) for server, sock in zip(servers, listening, strict=True)
    ]
    ports = [sock.getsockname()[1] for sock in listening]
    print(json.dumps(dict(zip(("ws", "wss"), ports, strict=True))), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    for server in servers:
        server.should_exit = True
    await asyncio.gather(*running)


asyncio.run(main(sys.argv[1], sys.argv[2]))
