"""TLS in every version that is spoken, and what its end is worth; whom a client trusts is in
tests/transport/test_tls.py."""

from __future__ import annotations

import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path

import anyio
import pytest

from tests.certificates import Certificates
from tests.leaks import open_sockets
from tests.peers import CLOSE, TEXT
from tests.server.guests import Guest, guest
from typedws import (
    CloseReason,
    ConnectError,
    ConnectionClosed,
    ConnectionClosedError,
    ConnectionClosedOK,
    ServerSession,
    connect,
    serve,
)

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("each_tls")]

VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


async def echo(session: ServerSession) -> None:
    async for frame in session.incoming:
        await session.send(frame)


def only(context: ssl.SSLContext, version: ssl.TLSVersion) -> ssl.SSLContext:
    context.minimum_version = context.maximum_version = version
    return context


async def refused(url: str, context: ssl.SSLContext | None) -> str:
    """What a client says that does not connect, and leaves nothing behind."""
    before = open_sockets()
    with pytest.raises(ConnectError) as caught:
        async with connect(url, ssl_context=context):
            raise AssertionError("this server is not to be trusted")
    while open_sockets() - before:  # the server's end goes as soon as it is told
        await anyio.sleep(0.001)
    return str(caught.value)


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
async def test_a_session_runs_over_each_version(certificates: Certificates, version: ssl.TLSVersion) -> None:
    context = only(certificates.server_context(), version)
    async with (
        serve(echo, "127.0.0.1", 0, ssl_context=context) as server,
        connect(server.url, ssl_context=certificates.client_context()) as session,
    ):
        message = bytes(300_000)
        await session.send(message)
        assert (await session.receive()).data == message
        await session.close(CloseReason(4000))
    assert session.close_reason == CloseReason(4000)


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
async def test_a_bad_certificate_is_refused_over_each_version(
    certificates: Certificates, version: ssl.TLSVersion
) -> None:
    trusting = certificates.client_context()
    bad = {
        "self": (certificates.self_signed_context(), trusting),
        "unable to get local issuer": (certificates.server_context(), None),
        "expired": (certificates.server_context(expired=True), trusting),
        "not yet valid": (certificates.server_context(early=True), trusting),
        "mismatch": (certificates.server_context("other.test"), trusting),
    }
    for says, (context, client) in bad.items():
        async with serve(echo, "127.0.0.1", 0, ssl_context=only(context, version)) as server:
            assert says in await refused(server.url, client)


async def test_a_common_name_is_no_host_name(certificates: Certificates) -> None:
    context = certificates.server_context("other.test", common_name="localhost")
    async with serve(echo, "127.0.0.1", 0, ssl_context=context) as server:
        url = server.url.replace("127.0.0.1", "localhost")
        assert "mismatch" in await refused(url, certificates.client_context())


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated:DeprecationWarning")
async def test_an_old_version_is_not_spoken(certificates: Certificates) -> None:
    context = certificates.server_context()
    context.set_ciphers("ALL:@SECLEVEL=0")
    only(context, ssl.TLSVersion.TLSv1_1)
    async with serve(echo, "127.0.0.1", 0, ssl_context=context) as server:
        assert "cannot connect" in await refused(server.url, certificates.client_context())
        assert "cannot connect" in await refused(server.url, None)


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
async def test_a_client_without_the_certificate_that_is_asked_for_has_no_session(
    certificates: Certificates, version: ssl.TLSVersion, tmp_path: Path
) -> None:
    served: list[ServerSession] = []

    async def note(session: ServerSession) -> None:
        served.append(session)
        await echo(session)

    context = only(certificates.server_context(), version)
    certificates.require_client_certificate(context)
    forged = certificates.client_context()
    Certificates(tmp_path).add_client_certificate(forged)
    async with serve(note, "127.0.0.1", 0, ssl_context=context) as server:
        for bad in (certificates.client_context(), forged):
            await refused(server.url, bad)
        assert not served
        known = certificates.client_context()
        certificates.add_client_certificate(known)
        async with connect(server.url, ssl_context=known) as session:
            await session.ping()
        assert len(served) == 1


# A server whose client cuts the connection: neither TCP nor TLS is ended in order.


async def cut(client: Guest) -> None:
    """Says nothing more."""


async def cut_inside_a_frame(client: Guest) -> None:
    await client.send(b"\x81\x85\0\0\0\0hel")


async def cut_after_a_close(client: Guest) -> None:
    await client.say(CLOSE, (1000).to_bytes(2))


async def cut_after_both_closes(client: Guest) -> None:
    await client.say(CLOSE, (1000).to_bytes(2))
    assert (await client.frame()).opcode == CLOSE


ENDS: list[tuple[Callable[[Guest], Awaitable[None]], type[ConnectionClosed], int]] = [
    (cut, ConnectionClosedError, 1006),
    (cut_inside_a_frame, ConnectionClosedError, 1006),
    (cut_after_a_close, ConnectionClosedOK, 1000),
    (cut_after_both_closes, ConnectionClosedOK, 1000),
]


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
@pytest.mark.parametrize(("end", "kind", "code"), ENDS, ids=[end.__name__ for end, _, _ in ENDS])
async def test_only_a_close_frame_proves_that_nothing_is_missing(
    certificates: Certificates,
    version: ssl.TLSVersion,
    end: Callable[[Guest], Awaitable[None]],
    kind: type[ConnectionClosed],
    code: int,
) -> None:
    received: list[str] = []
    ended: list[ConnectionClosed] = []
    over = anyio.Event()

    async def collect(session: ServerSession) -> None:
        try:
            while True:
                received.append(await session.receive_deserialized(str))
        except ConnectionClosed as error:
            ended.append(error)
            over.set()

    context = only(certificates.server_context(), version)
    async with serve(collect, "127.0.0.1", 0, ssl_context=context) as server:
        async with guest(server, ssl_context=certificates.client_context()) as client:
            await client.ask()
            assert (await client.answer()).status == 101
            await client.say(TEXT, b'"last words"')
            await end(client)
        await over.wait()
    assert received == ["last words"]
    assert type(ended[0]) is kind
    assert ended[0].reason.code == code


@pytest.mark.parametrize(
    "garbage", [b"\x81\x09hi, there", b"\x17\x03\x03\x00\x05hello", bytes(100)], ids=["frame", "record", "0"]
)
async def test_bytes_that_are_not_of_this_tls_end_the_session(certificates: Certificates, garbage: bytes) -> None:
    ended: list[ConnectionClosed] = []
    over = anyio.Event()

    async def listen(session: ServerSession) -> None:
        try:
            await session.receive()
            raise AssertionError("nothing was sent that TLS vouches for")
        except ConnectionClosed as error:
            ended.append(error)
        finally:
            over.set()

    context = certificates.server_context()
    async with serve(listen, "127.0.0.1", 0, ssl_context=context) as server:
        async with guest(server, ssl_context=certificates.client_context()) as client:
            await client.ask()
            assert (await client.answer()).status == 101
            await client.stream.transport_stream.send(garbage)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
            await over.wait()
    assert ended[0].reason.code == 1006
