"""The block of a connection: what leaves it, what the server hears, what it leaves behind, and what it shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio
import pytest

from tests.leaks import no_socket_left
from tests.schema.runtime.prices import Prices, Subscribe
from tests.schema.runtime.server import Guest, hosting
from typedws import BinaryFrame, CBORConverter, serve
from typedws.call import Request, Response
from typedws.close import CloseReason
from typedws.errors import ConnectionClosed, HandshakeRejectedError
from typedws.schema import Connection, Messages, Only, Reconnect, Unknown
from typedws.session import ServerSession

pytestmark = pytest.mark.anyio


class Oops(Exception):
    pass


async def listen(guest: Guest) -> None:
    await guest.listen()


@pytest.mark.parametrize("reconnect", [False, True])
@pytest.mark.parametrize(("error", "code"), [(None, 1000), (Oops, 1011), (KeyboardInterrupt, 1001)])
async def test_an_exception_leaves_as_itself_and_the_server_is_told(
    error: type[BaseException] | None, code: int, reconnect: bool
) -> None:
    with no_socket_left():
        async with hosting(listen) as host:
            try:
                async with Prices.connect(url=host.url, reconnect=reconnect):
                    if error is not None:
                        raise error
            except BaseException as left:
                caught: type[BaseException] | None = type(left)
            else:
                caught = None
            assert caught is error
            await host.until(lambda: host.guests and host.guests[0].session.close_reason)
            assert host.guests[0].session.close_reason == CloseReason(code)


async def test_a_cancelled_block_says_goodbye() -> None:
    async with hosting(listen) as host:
        with anyio.CancelScope() as scope:
            async with Prices.connect(url=host.url):
                scope.cancel()
                await anyio.sleep(10)
        await host.until(lambda: host.guests[0].session.close_reason)
        assert host.guests[0].session.close_reason == CloseReason(1001)


async def test_a_block_is_entered_once() -> None:
    async with hosting(listen) as host:
        block = Prices.connect(url=host.url)
        async with block:
            pass
        with pytest.raises(RuntimeError, match="entered before"):
            async with block:
                pass


async def test_a_refusal_leaves_nothing_behind_and_shows_no_secret() -> None:
    def refuse(request: Request) -> Response:
        return Response(401, body=b"no")

    async def never(session: ServerSession) -> None:
        raise AssertionError

    with no_socket_left():
        async with serve(never, "127.0.0.1", 0, process_request=refuse) as server:
            with pytest.raises(HandshakeRejectedError) as caught:
                async with Prices.connect(url=server.url, token="hunter2", key="hunter3"):
                    pass
    error = caught.value
    assert error.call is not None
    assert error.call.response is not None
    assert error.call.response.status == 401
    for shown in (str(error), repr(error), repr(error.call), str(error.call)):
        assert "hunter" not in shown


async def test_nothing_shows_a_secret() -> None:
    async with hosting(listen) as host:
        block = Prices.connect(url=host.url, token="hunter2", key="hunter3")
        assert repr(block) == f"<Prices.connect {host.url}/v1/main>"
        async with block as prices:
            await host.until(lambda: host.guests)
            request = host.guests[0].session.call.request
            assert request.target == "/v1/main?v=2&key=hunter3"
            assert request.headers["authorization"] == "Bearer hunter2"
            assert repr(prices) == f"<Prices {host.url}/v1/main open>"
            assert "hunter" not in repr(prices.session)
            await prices.close()
            assert repr(prices) == f"<Prices {host.url}/v1/main closed: 1000 (normal)>"
            with pytest.raises(ConnectionClosed) as caught:
                await prices.send(Subscribe(symbols=[]))
            assert "hunter" not in str(caught.value) + repr(caught.value)


async def test_what_is_asked_of_the_server_arrives() -> None:
    async with hosting(listen) as host:
        async with Prices.connect(
            url=f"{host.url}/base?x=1",
            venue="a b",
            heartbeat=True,
            symbols=["A", "B"],
            client="me",
            headers={"X-More": "1"},
            open_timeout=5,
        ):
            await host.until(lambda: host.guests)
            request = host.guests[0].session.call.request
        assert request.target == "/base/v1/a%20b?x=1&heartbeat=true&symbol=A&symbol=B&v=2"
        assert request.headers["x-client"] == "me"
        assert request.headers["x-more"] == "1"


async def test_the_session_reports_the_active_converter() -> None:
    async with hosting(listen) as host:
        async with Prices.connect(url=host.url) as prices:
            assert prices.session.converter is not None
            assert prices.session.converter.name == "json"
        converter = CBORConverter()
        async with Prices.connect(url=host.url, converter=converter) as prices:
            assert prices.session.converter is converter
            await prices.send(Subscribe(symbols=["A"]))
            guest = host.guests[1]
            await host.until(lambda: guest.received)
            assert converter.deserialize(BinaryFrame(guest.received[0]), Any) == {
                "type": "subscribe",
                "symbols": ["A"],
            }


async def test_a_connection_without_converters_has_none() -> None:
    class Echo(Connection[bytes, bytes]):
        incoming = Messages[bytes](binary=Only(bytes))
        outgoing = Messages[bytes](binary=Only(bytes))

    async def echo(guest: Guest) -> None:
        while True:
            await guest.say(await guest.next(), "what?")

    async with hosting(echo) as host, Echo._open(host.url) as client:
        assert client.session.converter is None
        await client.send(b"\x00")
        assert await client.receive() == b"\x00"
        assert await client.receive() == Unknown(None, b"what?")


@pytest.mark.parametrize(
    "misuse",
    [
        lambda host: Prices.connect(url=host.url, reconnect=Reconnect(initial_delay=0.01, max_delay=0.01)),
        lambda host: Prices.connect(url=host.url),
    ],
)
async def test_nothing_is_left_when_tasks_still_wait(misuse: Callable[[Any], Any]) -> None:
    ended: list[str] = []
    with no_socket_left():
        async with hosting(listen) as host, anyio.create_task_group() as group:
            async with misuse(host) as prices:

                async def iterate() -> None:
                    async for _ in prices:
                        pass
                    ended.append("events")

                async def updates() -> None:
                    async with prices.subscribe_trades(symbols=["A"]) as found:
                        async for _ in found:
                            pass
                    ended.append("updates")

                async def ask() -> None:
                    try:
                        await prices.place_order(symbol="A", timeout=None)
                    except ConnectionClosed:
                        ended.append("request")

                for task in (iterate, updates, ask):
                    group.start_soon(task)
                await host.until(lambda: len(host.received()) == 2)
    assert sorted(ended) == ["events", "request", "updates"]
