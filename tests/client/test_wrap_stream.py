"""`wrap_stream`: a WebSocket over any byte stream, on every event loop."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import anyio
import pytest
from anyio.streams.stapled import StapledByteStream

from tests import peers
from tests.client.handlers import echo
from tests.leaks import no_socket_left
from tests.peers import CLOSE, Sent, close_payload, connected_in_memory, fill_up
from tests.timing import SOON
from typedws import (
    CloseReason,
    ConnectError,
    ConnectionClosedError,
    HandshakeError,
    HandshakeRejectedError,
    HandshakeTimeoutError,
    MsgPackConverter,
    Server,
    SessionConfig,
    serve,
    wrap_stream,
)
from typedws.testing import MemoryByteStream, memory_stream_pair

pytestmark = pytest.mark.anyio

URL = "ws://api.test/"
HASTY = SessionConfig(close_timeout=0.1)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serve(echo, "127.0.0.1", 0) as server:
        yield server


async def dial(server: Server | peers.Server) -> anyio.abc.SocketStream:
    return await anyio.connect_tcp("127.0.0.1", server.port)


# Kinds of streams.


async def test_over_a_tcp_stream(server: Server) -> None:
    with no_socket_left():
        async with wrap_stream(await dial(server), URL) as session:
            await session.send_serialized({"a": 1})
            assert await session.receive_deserialized(dict[str, int]) == {"a": 1}
            await session.ping()
        while server.sessions:
            await anyio.lowlevel.checkpoint()
    assert session.close_reason == CloseReason(1000)


async def test_over_a_stream_in_memory() -> None:
    async with connected_in_memory() as (session, peer):
        await session.send("hello")
        assert await peer.frame() == Sent(peers.TEXT, b"hello")
        peer.push(peers.text("hello yourself"))
        assert (await session.receive()).data == b"hello yourself"
    assert peer.stream.is_closed


async def test_over_two_streams_of_another_make(server: Server) -> None:
    """As over a pipe to a process, which is one stream for each direction."""
    tcp = await dial(server)
    async with wrap_stream(StapledByteStream(tcp, tcp), URL) as session:
        await session.send_serialized("hello")
        assert await session.receive_deserialized(str) == "hello"


async def test_large_messages_travel_whole(server: Server) -> None:
    message = bytes(range(256)) * 8192
    async with wrap_stream(await dial(server), URL) as session:
        await session.send(message)
        assert (await session.receive()).data == message


async def test_many_streams_may_be_wrapped_in_one_task(server: Server) -> None:
    async with (
        wrap_stream(await dial(server), URL) as first,
        wrap_stream(await dial(server), URL, converter=MsgPackConverter()) as second,
    ):
        for number in range(10):
            await first.send_serialized(number)
            await second.send_serialized(-number)
            assert await first.receive_deserialized(int) == number
            assert await second.receive_deserialized(int) == -number


async def test_the_url_says_what_is_asked_for() -> None:
    async with connected_in_memory() as (session, _):
        assert session.call.request.url == "ws://peer.test/"
        assert session.call.request.headers["host"] == "peer.test"


# What goes wrong. The stream is closed whatever it is.


async def refused(near: MemoryByteStream, far: MemoryByteStream, answer: bytes) -> HandshakeError:
    """How wrapping fails when the peer answers so, and then ends its direction."""
    await far.send(answer)
    await far.send_eof()
    with pytest.raises(HandshakeError) as caught:
        async with wrap_stream(near, URL):
            pass
    assert await far.receive()  # the request
    with pytest.raises(anyio.EndOfStream):
        await far.receive()
    with pytest.raises(anyio.ClosedResourceError):
        await near.send(b"late")
    return caught.value


async def test_a_refusal_closes_the_stream() -> None:
    answer = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"
    error = await refused(*memory_stream_pair(), answer)
    assert isinstance(error, HandshakeRejectedError)


async def test_nonsense_closes_the_stream() -> None:
    error = await refused(*memory_stream_pair(), b"SSH-2.0-OpenSSH_9.2\r\n")
    assert isinstance(error, HandshakeRejectedError)


async def test_an_end_closes_the_stream() -> None:
    error = await refused(*memory_stream_pair(), b"HTTP/1.1 101 Switching")
    assert isinstance(error, ConnectError)


async def test_a_timeout_closes_the_stream() -> None:
    near, far = memory_stream_pair()
    with pytest.raises(HandshakeTimeoutError):
        async with wrap_stream(near, URL, open_timeout=0.05):
            pass
    assert await far.receive()
    with pytest.raises(anyio.EndOfStream):
        await far.receive()


async def test_a_cancellation_closes_the_stream() -> None:
    near, far = memory_stream_pair()
    with anyio.move_on_after(0.05) as scope:
        async with wrap_stream(near, URL):
            pass
    assert scope.cancelled_caught
    assert await far.receive()
    with pytest.raises(anyio.EndOfStream):
        await far.receive()


async def test_a_stream_that_is_closed_already_is_a_connect_error() -> None:
    near, _ = memory_stream_pair()
    await near.aclose()
    with pytest.raises(ConnectError, match="lost"):
        async with wrap_stream(near, URL):
            pass


async def test_a_stream_that_breaks_ends_the_session_with_1006() -> None:
    with peers.Server() as server:
        async with wrap_stream(await dial(server), URL) as session:
            server.peer().reset()
            with pytest.raises(ConnectionClosedError) as caught:
                await session.receive()
    assert caught.value.reason.code == 1006
    assert isinstance(caught.value.__cause__, OSError)


async def test_a_bug_in_a_stream_is_a_lost_connection_with_a_cause() -> None:
    peer = peers.MemoryPeer()

    class Failing(peers.MemoryStream):
        async def receive(self, max_bytes: int = 65536) -> bytes:
            data = await super().receive(max_bytes)
            if not data.startswith(b"HTTP/"):
                raise ZeroDivisionError("a bug in a stream")
            return data

    async with wrap_stream(Failing(peer), URL, config=HASTY) as session:
        peer.push(peers.text("hello"))
        with pytest.raises(ConnectionClosedError) as caught:
            await session.receive()
    assert caught.value.reason.code == 1006
    assert caught.value.__cause__ is not None
    assert isinstance(caught.value.__cause__.__cause__, ZeroDivisionError)


# Leaving.


async def test_an_exception_closes_with_1011_and_leaves_as_itself() -> None:
    error = KeyError("mine")
    with no_socket_left(), peers.Server() as server:
        with pytest.raises(KeyError) as caught:
            async with wrap_stream(await dial(server), URL, config=HASTY):
                peer = server.peer()
                raise error
        assert caught.value is error
        assert error.__context__ is None
        assert await peer.frame() == Sent(CLOSE, close_payload(1011))


async def test_a_cancelled_block_closes_with_1001() -> None:
    with no_socket_left(), peers.Server() as server:
        with anyio.CancelScope() as scope:
            async with wrap_stream(await dial(server), URL, config=HASTY) as session:
                peer = server.peer()
                scope.cancel()
                await session.receive()
        assert scope.cancelled_caught
        assert await peer.frame() == Sent(CLOSE, close_payload(1001))


async def test_a_peer_that_does_not_answer_is_left_after_close_timeout() -> None:
    with no_socket_left(), peers.Server() as server:
        started = time.monotonic()
        async with wrap_stream(await dial(server), URL, config=HASTY):
            server.peer()
        assert 0.08 < time.monotonic() - started < SOON


async def test_a_peer_that_does_not_read_is_left_after_close_timeout() -> None:
    with no_socket_left(), peers.Server(receive_buffer=4096) as server:
        async with wrap_stream(await dial(server), URL, config=HASTY) as session:
            server.peer()
            await fill_up(session, b"x" * 100_000)
            started = time.monotonic()
        assert time.monotonic() - started < SOON


async def test_the_block_is_entered_once() -> None:
    near, far = memory_stream_pair()
    await far.aclose()
    block = wrap_stream(near, URL)
    with pytest.raises(ConnectError):
        await block.__aenter__()
    with pytest.raises(RuntimeError, match="entered before"):
        await block.__aenter__()


async def test_messages_in_the_packet_of_the_answer_are_not_lost() -> None:
    async with connected_in_memory(then=peers.text("one") + peers.text("two")) as (session, _):
        assert [(await session.receive()).data for _ in range(2)] == [b"one", b"two"]
