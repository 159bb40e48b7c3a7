"""A server on a Unix socket, and the file that it leaves, or rather does not."""
# ruff: noqa: ASYNC240 - files in memory, mostly

from __future__ import annotations

import errno
import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import anyio.abc
import pytest

from tests.leaks import open_sockets
from tests.server.handlers import echo
from typedws import ConnectError, ServerSession, connect, serve, wrap_stream

pytestmark = pytest.mark.anyio

URL = "ws://localhost/"


@pytest.fixture
def path() -> Iterator[Path]:
    """Where a socket may be; a path that is short enough for one on every system."""
    with TemporaryDirectory(prefix="ws") as directory:
        yield Path(directory) / "socket"


def leave_a_socket_file(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(str(path))


async def test_a_client_is_answered(path: Path) -> None:
    async with serve(echo, uds=path), connect(URL, uds=path) as session:
        await session.send_serialized("hello")
        assert await session.receive_deserialized(str) == "hello"


async def test_the_url_still_says_what_is_asked_for(path: Path) -> None:
    async def tell(session: ServerSession) -> None:
        await session.send_serialized([session.call.request.path, session.call.request.headers["host"]])

    async with serve(tell, uds=str(path)), connect("ws://api.test/rooms", uds=str(path)) as session:
        assert await session.receive_deserialized(list[str]) == ["/rooms", "api.test"]


async def test_a_client_whose_socket_has_no_name_has_no_address(path: Path) -> None:
    async def tell(session: ServerSession) -> None:
        await session.send_serialized(session.remote)

    async with serve(tell, uds=path), connect(URL, uds=path) as session:
        assert await session.receive_deserialized(str | None) is None


async def test_a_client_whose_socket_has_a_name_has_its_path(path: Path) -> None:
    seen: list[ServerSession] = []

    async def look(session: ServerSession) -> None:
        seen.append(session)

    name = str(path.with_name("client"))
    async with serve(look, uds=path):
        with socket.socket(socket.AF_UNIX) as sock:
            sock.bind(name)
            sock.connect(str(path))
            async with wrap_stream(await anyio.abc.UNIXSocketStream.from_socket(sock.dup()), URL) as session:
                await session.wait_closed()
    assert [served.remote for served in seen] == [name]


async def test_the_file_is_there_while_it_serves_and_gone_afterwards(path: Path) -> None:
    before = open_sockets()
    async with serve(echo, uds=path) as server:
        assert stat.S_ISSOCK(path.stat().st_mode)
        assert server.sockets[0].getsockname() == str(path)
    assert not path.exists()
    assert open_sockets() == before


async def test_the_file_is_gone_after_an_error_too(path: Path) -> None:
    with pytest.raises(KeyError):
        async with serve(echo, uds=path):
            raise KeyError
    assert not path.exists()


async def test_there_is_no_port(path: Path) -> None:
    async with serve(echo, uds=path) as server:
        with pytest.raises(AttributeError, match="TCP"):
            server.port  # noqa: B018
        with pytest.raises(AttributeError, match="TCP"):
            server.url  # noqa: B018


async def test_a_file_left_over_by_another_server_is_replaced(path: Path) -> None:
    leave_a_socket_file(path)
    async with serve(echo, uds=path), connect(URL, uds=path) as session:
        await session.ping()


async def test_a_server_that_listens_there_is_left_alone(path: Path) -> None:
    async with serve(echo, uds=path):
        with pytest.raises(OSError, match="in use") as caught:
            async with serve(echo, uds=path):
                pass
        assert caught.value.errno == errno.EADDRINUSE
        async with connect(URL, uds=path) as session:
            await session.ping()


async def test_any_other_file_is_left_alone(path: Path) -> None:
    path.write_text("precious")
    with pytest.raises(OSError, match="in use"):
        async with serve(echo, uds=path):
            pass
    assert path.read_text() == "precious"


async def test_a_file_that_another_server_put_there_is_not_removed(path: Path) -> None:
    async with serve(echo, uds=path):
        path.unlink()
        leave_a_socket_file(path)
    assert path.exists()


async def test_a_file_that_somebody_else_removed_is_not_missed(path: Path) -> None:
    async with serve(echo, uds=path):
        path.unlink()
    assert not path.exists()


async def test_the_permissions_of_the_file_may_be_changed(path: Path) -> None:
    async with serve(echo, uds=path), connect(URL, uds=path) as session:
        path.chmod(0o600)
        await session.ping()
    assert not path.exists()


async def test_a_relative_path_is_removed_from_where_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    async with serve(echo, uds="socket"):
        monkeypatch.chdir("/")
    assert not path.exists()
    monkeypatch.chdir(path.parent)


async def test_a_path_in_no_directory_is_an_error_on_entering(path: Path) -> None:
    before = open_sockets()
    with pytest.raises(FileNotFoundError):
        async with serve(echo, uds=path / "below"):
            pass
    assert open_sockets() == before


async def test_nobody_listens_after_the_block(path: Path) -> None:
    async with serve(echo, uds=path):
        pass
    with pytest.raises(ConnectError, match=os.fspath(path)):
        async with connect(URL, uds=path):
            pass
