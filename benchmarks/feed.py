"""A neutral server: answers the opening handshake, then writes a prebuilt stream of frames as fast as TCP takes it.

`python -m benchmarks.feed` prints its port and serves until its standard input ends. The path of the request is the
number of messages, as in `ws://127.0.0.1:PORT/10000`.
"""

from __future__ import annotations

import base64
import hashlib
import re
import socket
import sys
import threading

MESSAGE = b'{"type":"tick","symbol":"BTC-USD","price":64250.25,"size":12,"ts":1763830000123,"side":"buy"}'
FRAME = bytes((0x81, len(MESSAGE))) + MESSAGE
CLOSE = b"\x88\x02\x03\xe8"


def serve_one(sock: socket.socket) -> None:
    request = b""
    while b"\r\n\r\n" not in request:
        request += sock.recv(65536)
    count = int(request.split(b" ", 2)[1][1:])
    key = re.search(rb"sec-websocket-key: *([^\r]+)", request, re.IGNORECASE)
    assert key is not None
    accept = base64.b64encode(hashlib.sha1(key[1] + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
    sock.sendall(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
    )
    block = FRAME * 1000
    for _ in range(count // 1000):
        sock.sendall(block)
    sock.sendall(FRAME * (count % 1000) + CLOSE)
    sock.recv(65536)
    sock.close()


def main() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)

    def accept() -> None:
        while True:
            sock, _ = listener.accept()
            threading.Thread(target=serve_one, args=(sock,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main()
