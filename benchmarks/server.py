"""The server at the other end of every measurement: picows, which is written in C, in a process of its own.

It plays a part that the path of the request names:

- `/echo` sends every frame back as it came, compressed ones too: what a client's compressor wrote, its inflater reads.
- `/stream` is sent a number and answers with so many messages, made beforehand.
- `/sink` swallows; a frame of one byte it sends back, so that a client knows when everything has arrived.
- `/large` is sent two numbers and answers with one binary message of so many bytes, in fragments of so many.

`python -m benchmarks.server` prints its ports and the path of a certificate, and serves until its standard input ends.
"""

from __future__ import annotations

import asyncio
import functools
import json
import os
import resource
import ssl
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from benchmarks.formats import FORMATS
from benchmarks.messages import BLOCK
from benchmarks.setting import Address

__all__ = ["allow_many_connections", "environment", "serving"]

MAX_FRAME = 128 * 1024 * 1024


@functools.cache
def block(format: str, compressed: bool) -> tuple[bytes, ...]:
    """`BLOCK` frames as a server sends them. Sent again and again they are one stream for an inflater, too: nothing in
    a message refers to what came before the block's first."""
    codec = FORMATS[format]()
    deflate = zlib.compressobj(wbits=-15)
    frames: list[bytes] = []
    for value in codec.values:
        payload = codec.encode(value)
        first = 0x81 if codec.is_text else 0x82
        if compressed:
            payload = (deflate.compress(payload) + deflate.flush(zlib.Z_SYNC_FLUSH))[:-4]
            first |= 0x40
        assert len(payload) < 126
        frames.append(bytes((first, len(payload))) + payload)
    return tuple(frames)


def stream(format: str, compressed: bool, count: int) -> bytes:
    frames = block(format, compressed)
    return b"".join(frames) * (count // BLOCK) + b"".join(frames[: count % BLOCK])


def fragments(size: int, fragment: int) -> Iterator[bytes]:
    """A binary message in fragments of the same size, as bytes to write, about a megabyte at a time."""
    if fragment >= size:
        yield b"\x82\x7f" + size.to_bytes(8, "big")
        for start in range(0, size, 2**20):
            yield bytes(min(2**20, size - start))
        return
    assert fragment < 126
    assert size % fragment == 0
    middle = bytes((0x00, fragment)) + bytes(fragment)
    count = size // fragment
    yield b"\x02" + middle[1:]
    for start in range(1, count - 1, 16384):
        yield middle * min(16384, count - 1 - start)
    yield b"\x80" + middle[1:]


def listener_for(request: Any) -> Any:
    """What plays the part that a request asks for."""
    import picows

    address = urlsplit(request.path.decode())
    query = parse_qs(address.query)
    compressed = query["compressed"] == ["1"]

    class Part(picows.WSListener):
        def pause_writing(self) -> None:
            pass  # what is sent is bounded by what a client asks for

        def resume_writing(self) -> None:
            pass

        def is_close(self, transport: picows.WSTransport, frame: picows.WSFrame) -> bool:
            if frame.msg_type == picows.WSMsgType.CLOSE:
                transport.send_close(frame.get_close_code(), None)
                transport.disconnect()
                return True
            return False

    class Echo(Part):
        def on_ws_frame(self, transport: picows.WSTransport, frame: picows.WSFrame) -> None:
            if not self.is_close(transport, frame):
                transport.send(frame.msg_type, frame.get_payload_as_memoryview(), frame.fin, frame.rsv1)

    class Stream(Part):
        def __init__(self) -> None:
            super().__init__()
            self.inflater = zlib.decompressobj(wbits=-15)

        def on_ws_frame(self, transport: picows.WSTransport, frame: picows.WSFrame) -> None:
            if not self.is_close(transport, frame):
                payload = frame.get_payload_as_bytes()
                if frame.rsv1:
                    payload = self.inflater.decompress(payload + b"\0\0\xff\xff")
                transport.underlying_transport.write(stream(query["format"][0], compressed, int(payload)))

    class Sink(Part):
        def on_ws_frame(self, transport: picows.WSTransport, frame: picows.WSFrame) -> None:
            if not self.is_close(transport, frame) and frame.payload_size <= 4:  # a compressed byte may take three
                transport.send(frame.msg_type, frame.get_payload_as_memoryview(), True, frame.rsv1)

    class Large(Part):
        def on_ws_frame(self, transport: picows.WSTransport, frame: picows.WSFrame) -> None:
            if not self.is_close(transport, frame):
                size, fragment = map(int, frame.get_payload_as_bytes().split())
                for piece in fragments(size, fragment):
                    transport.underlying_transport.write(piece)

    parts: dict[str, type[Part]] = {"/echo": Echo, "/stream": Stream, "/sink": Sink, "/large": Large}
    agreed = {"Sec-WebSocket-Extensions": "permessage-deflate"} if compressed else {}
    response = picows.WSUpgradeResponse.create_101_response(agreed)
    return picows.WSUpgradeResponseWithListener(response, parts[address.path]())


async def serve() -> None:
    import picows
    import trustme

    allow_many_connections()
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    ports: list[int] = []
    for tls in (None, context):
        server = await picows.ws_create_server(
            listener_for,
            "127.0.0.1",
            0,
            ssl=tls,
            backlog=1024,
            max_frame_size=MAX_FRAME,
            websocket_handshake_timeout=None,  # a client under valgrind is slow
        )
        ports.append(server.sockets[0].getsockname()[1])
    with tempfile.TemporaryDirectory() as directory:
        trusted = Path(directory) / "authority.pem"
        authority.cert_pem.write_to_path(str(trusted))
        print(json.dumps([*ports, str(trusted)]), flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


def allow_many_connections() -> None:
    """Lets this process have as many open files as the system allows."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


@contextmanager
def serving() -> Iterator[Address]:
    """The server, in a process of its own, for the length of a block.

    Yields:
        where it listens.
    """
    command = [sys.executable, "-m", "benchmarks.server"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment()
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            if not line:
                raise SystemExit("the benchmarks' server did not start: ./scripts/compile installs what it needs")
            plain, tls, authority = json.loads(line)
            yield Address(plain, tls, authority)
        finally:
            process.stdin.close()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def environment() -> dict[str, str]:
    """The environment of a process that has to find this package."""
    return {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).parent.parent),
        "PYTHONHASHSEED": "0",
        "TYPEDWS_FAST": os.environ.get("TYPEDWS_FAST", "0"),
    }


if __name__ == "__main__":
    try:
        import uvloop
    except ImportError:
        asyncio.run(serve())
    else:
        uvloop.run(serve())
