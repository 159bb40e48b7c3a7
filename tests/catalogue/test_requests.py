"""Clients that ask for a session wrongly, or strangely: they are answered, however their request was cut, and nothing
is left of them.
"""

from __future__ import annotations

import itertools
import logging
import socket
from contextlib import suppress

import pytest

from tests.catalogue.aftermath import nothing_left
from tests.catalogue.request_rows import REQUESTS, Asked
from tests.catalogue.rows import CANARY
from tests.peers import TcpPeer, turns
from typedws.protocol.deflate import Deflate
from typedws.protocol.handshake_server import ServerHandshake
from typedws.server import serve
from typedws.session import ServerSession

PIECES = 400


def check_answer(answer: bytes, row: Asked) -> None:
    """A complete response, with this status and fields, that repeats nothing of what was asked."""
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *lines = head.decode("ascii").split("\r\n")
    assert status.split()[:2] == ["HTTP/1.1", str(row.status)]
    fields = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    for field in row.answered:
        assert tuple(field.split(": ", 1)) in fields
    names = [name for name, _ in fields]
    assert len(names) == len(set(names))
    assert CANARY.encode() not in answer
    if row.status == 101:
        told = {name for name in names if name in ("sec-websocket-protocol", "sec-websocket-extensions")}
        assert told == {field.split(":")[0] for field in row.answered}
        assert body == b""
    else:
        assert dict(fields)["content-length"] == str(len(body))
        assert "close" in dict(fields)["connection"].lower()
        assert body.decode("ascii").isprintable() or body.endswith(b"\n")


@pytest.mark.anyio
@pytest.mark.parametrize("dripped", [False, True], ids=["one segment", "byte by byte"])
@pytest.mark.parametrize("row", [row for row in REQUESTS if not row.pure], ids=lambda row: row.id)
async def test_request(row: Asked, dripped: bool, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    welcomed: list[ServerSession] = []

    async def handler(session: ServerSession) -> None:
        welcomed.append(session)

    data = row.to_bytes()
    step = -(-len(data) // PIECES) if dripped else len(data)
    with nothing_left():
        async with serve(
            handler, "127.0.0.1", 0, converter=None, subprotocols=["a", "b"], extensions=[Deflate()]
        ) as server:
            with socket.create_connection(("127.0.0.1", server.port)) as sock:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                peer = TcpPeer(sock, key=b"mask")
                with suppress(OSError):  # the server may have gone
                    for i in range(0, len(data), step):
                        peer.push(data[i : i + step])
                        if dripped:
                            await turns(2)
                    peer.finish()
                answer = b""
                while received := await peer.read():
                    answer += received
    if row.status == 101:
        answer = answer.removesuffix(b"\x88\x02\x03\xe8")
    assert len(welcomed) == (row.status == 101)
    check_answer(answer, row)
    assert CANARY not in caplog.text
    assert all(record.levelno < logging.WARNING for record in caplog.records)


@pytest.mark.parametrize("row", REQUESTS, ids=lambda row: row.id)
def test_request_without_io(row: Asked) -> None:
    data = row.to_bytes()
    length = len(data)
    every = [*range(1, length)] if length < 2000 else [1]
    for cuts in ([], every, *([cut] for cut in range(1, length, length // 9 + 1))):
        handshake = ServerHandshake()
        done = [handshake.receive_data(data[i:j]) for i, j in itertools.pairwise([0, *cuts, length])]
        assert done[-1]
        if row.status == 101:
            assert handshake.refusal is None
            answer = handshake.accept(subprotocols=["a", "b"], extensions=[Deflate()])
        else:
            assert handshake.refusal is not None
            assert handshake.request is None
            answer = handshake.reject(handshake.refusal)
        check_answer(answer, row)
