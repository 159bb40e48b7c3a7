"""A server that sends every message back as it came: text as text, binary as binary.

    python examples/echo_server.py          port 8765
    python examples/echo_server.py 9000     another port; 0 takes a free one

End it with Ctrl+C: connected clients then get a Close with code 1001.
"""

from __future__ import annotations

import sys

import anyio

import typedws


async def echo(session: typedws.ServerSession) -> None:
    async for frame in session.incoming:
        await session.send(frame)


async def main(port: int) -> None:
    async with typedws.serve(echo, "127.0.0.1", port) as server:
        print(f"echo server on ws://127.0.0.1:{server.port}/, Ctrl+C to end it", flush=True)
        await server.serve_forever()


if __name__ == "__main__":
    try:
        anyio.run(main, int(sys.argv[1]) if len(sys.argv) > 1 else 8765)
    except KeyboardInterrupt:
        print("ended")
