"""The server at the other end of every measurement: picows, which is written in C, in a process of its own.

It plays a part that the path of the request names:

- `/echo` sends every frame back as it came, compressed ones too: what a client's compressor wrote, its inflater reads.
- `/stream` is sent a number and answers with so many messages, made beforehand.
- `/sink` swallows; a frame of one byte it sends back, so that a client knows when everything has arrived.

`python -m benchmarks.server` prints two ports and the path of a certificate, and serves until its standard input ends.
"""

from __future__ import annotations

import asyncio
import functools
import ssl
import sys
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import Process, get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from benchmarks.formats import FORMATS
from benchmarks.messages import BLOCK
from benchmarks.setting import Address

__all__ = ["serving"]

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

    parts: dict[str, type[Part]] = {"/echo": Echo, "/stream": Stream, "/sink": Sink}
    agreed = {"Sec-WebSocket-Extensions": "permessage-deflate"} if compressed else {}
    response = picows.WSUpgradeResponse.create_101_response(agreed)
    return picows.WSUpgradeResponseWithListener(response, parts[address.path]())


async def serve(directory: str, answer: Connection) -> None:
    import picows
    import trustme

    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    trusted = Path(directory) / "authority.pem"
    authority.cert_pem.write_to_path(str(trusted))
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
    answer.send(Address(ports[0], ports[1], str(trusted)))
    await asyncio.get_running_loop().run_in_executor(None, _wait_for_end, answer)


def _wait_for_end(answer: Connection) -> None:
    try:
        answer.recv()
    except EOFError:
        pass


def _run(directory: str, answer: Connection) -> None:
    try:
        import uvloop
    except ImportError:
        asyncio.run(serve(directory, answer))
    else:
        uvloop.run(serve(directory, answer))


@contextmanager
def serving() -> Iterator[Address]:
    """The server, in a process of its own, for the length of a block.

    Yields:
        where it listens.
    """
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    with tempfile.TemporaryDirectory() as directory:
        process: Process = context.Process(target=_run, args=(directory, theirs), daemon=True)  # type: ignore[assignment]
        process.start()
        theirs.close()
        try:
            yield ours.recv()
        finally:
            ours.close()
            process.join(10)
            process.kill()


def main() -> None:
    with serving() as address:
        print(address.plain, address.tls, address.authority, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
