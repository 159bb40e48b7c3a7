"""`aiohttp` as the server."""

from __future__ import annotations

import asyncio
import json
import ssl
import sys

from aiohttp import WSMsgType, web


async def accept(request: web.Request, **settings: bool) -> web.WebSocketResponse:
    socket = web.WebSocketResponse(protocols=["echo.msgpack"], compress=True, max_msg_size=16 * 1024 * 1024, **settings)
    await socket.prepare(request)
    return socket


async def echo(request: web.Request) -> web.WebSocketResponse:
    socket = await accept(request)
    async for message in socket:
        if message.type == WSMsgType.TEXT:
            await socket.send_str(message.data)
        elif message.type == WSMsgType.BINARY:
            await socket.send_bytes(message.data)
    return socket


async def ping(request: web.Request) -> web.WebSocketResponse:
    socket = await accept(request, autoping=False)
    await socket.ping(b"are you there?")
    message = await socket.receive()
    if message.type == WSMsgType.PONG and message.data == b"are you there?":
        await socket.send_str("a pong came")
    await socket.receive()
    return socket


async def close(request: web.Request) -> web.WebSocketResponse:
    socket = await accept(request)
    await socket.close(code=4001, message=b"enough")
    return socket


async def drop(request: web.Request) -> web.WebSocketResponse:
    socket = await accept(request)
    await socket.receive()
    assert request.transport is not None
    request.transport.abort()
    return socket


async def refuse(request: web.Request) -> web.Response:
    return web.Response(status=int(request.match_info["status"]), text="not for you")


async def main(certificate: str) -> None:
    application = web.Application()
    application.add_routes(
        [
            web.get("/echo", echo),
            web.get("/ping", ping),
            web.get("/close", close),
            web.get("/drop", drop),
            web.get("/refuse/{status}", refuse),
        ]
    )
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)
    runner = web.AppRunner(application, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
    ports = [address[1] for address in runner.addresses]
    print(json.dumps(dict(zip(("ws", "wss"), ports, strict=True))), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()


asyncio.run(main(sys.argv[1]))
