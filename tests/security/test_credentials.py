"""Credentials go where the program sends them, and nowhere else; a proxy's are in tests/client/test_proxy.py."""

from __future__ import annotations

import base64
import socket
from pathlib import Path

import pytest

from tests import peers
from tests.leaks import no_socket_left
from typedws import HandshakeRejectedError, WebSocketClient, connect, reconnect

pytestmark = pytest.mark.anyio

SECRET = "0p3n-s3s4m3"
HEADERS = {"Authorization": f"Bearer {SECRET}", "Cookie": f"a={SECRET}", "X-Api-Key": SECRET}


class Recorder(peers.Server):
    """A server that answers every request in the same way, and keeps them."""

    def __init__(self, answer: bytes) -> None:
        self.heads: list[bytes] = []

        def script(sock: socket.socket) -> None:
            self.heads.append(peers.read_head(sock))
            sock.sendall(answer)
            sock.shutdown(socket.SHUT_WR)

        super().__init__(script)


def redirect(status: int, location: str) -> bytes:
    return f"HTTP/1.1 {status} Moved\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed_so_nothing_is_sent_to_its_target(status: int) -> None:
    with no_socket_left(), Recorder(b"") as target:
        with Recorder(redirect(status, f"{target.url}elsewhere")) as server:
            with pytest.raises(HandshakeRejectedError, match="redirects are not followed"):
                async with connect(server.url, headers=HEADERS):
                    raise AssertionError("it was redirected")
            async with WebSocketClient(headers=HEADERS) as client:
                with pytest.raises(HandshakeRejectedError, match="redirects are not followed"):
                    await client.websocket_session(server.url)
            with pytest.raises(HandshakeRejectedError, match="redirects are not followed"):
                async for _ in reconnect(server.url, headers=HEADERS, initial_delay=0.001, max_attempts=2):
                    raise AssertionError("it was redirected")
            assert len(server.heads) == 4
        assert not target.heads


async def test_user_and_password_of_a_url_are_in_one_field_and_nowhere_else() -> None:
    with Recorder(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n") as server:
        with pytest.raises(HandshakeRejectedError):
            async with connect(server.url.replace("ws://", f"ws://ada:{SECRET}@") + "feed"):
                raise AssertionError("it was refused")
    head = server.heads[0].decode("ascii")
    assert head.startswith("GET /feed HTTP/1.1\r\n")
    assert f"Authorization: Basic {base64.b64encode(f'ada:{SECRET}'.encode()).decode()}\r\n" in head
    assert SECRET not in head
    assert f"Host: 127.0.0.1:{server.port}\r\n" in head


async def test_a_cookie_is_not_kept_for_the_next_connection() -> None:
    with Recorder(b"HTTP/1.1 403 No\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n") as server:
        async with WebSocketClient() as client:
            for _ in range(2):
                with pytest.raises(HandshakeRejectedError):
                    await client.websocket_session(server.url)
    assert len(server.heads) == 2
    assert not [head for head in server.heads if b"cookie" in head.lower()]


async def test_no_file_and_no_variable_of_the_user_names_credentials(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".netrc").write_text(f"machine 127.0.0.1 login ada password {SECRET}\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    with Recorder(b"HTTP/1.1 401 No\r\nWWW-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n") as server:
        with pytest.raises(HandshakeRejectedError):
            async with connect(server.url):
                raise AssertionError("it was refused")
    assert b"authorization" not in server.heads[0].lower()
