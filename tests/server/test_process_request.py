"""`process_request`: the application looks at a request and decides."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from tests.server.guests import Answer, guest
from tests.server.handlers import echo, listen
from typedws import HandshakeRejectedError, Headers, Request, Response, Server, connect, serve

pytestmark = pytest.mark.anyio


async def asked(server: Server, path: str = "/") -> Answer:
    """What a client is answered."""
    async with guest(server) as client:
        await client.ask(path=path)
        answer = await client.answer()
        if answer.status != 101:
            assert await client.rest() == b""  # nothing more, and the server ends the connection
        return answer


def by_token(request: Request) -> Response | None:
    if request.query == "token=good":
        return None
    return Response(403, Headers({"X-Why": "token"}), b"a better token, please\n", "Get Lost")


async def by_token_async(request: Request) -> Response | None:
    await anyio.lowlevel.checkpoint()
    return by_token(request)


@pytest.mark.parametrize("decide", [by_token, by_token_async], ids=lambda decide: decide.__name__)
async def test_it_refuses_or_accepts(decide: Callable[[Request], Any]) -> None:
    async with serve(echo, "127.0.0.1", 0, process_request=decide) as server:
        async with connect(f"{server.url}/?token=good") as session:
            await session.send_serialized("in")
            assert await session.receive_deserialized(str) == "in"
        with pytest.raises(HandshakeRejectedError) as caught:
            async with connect(f"{server.url}/?token=bad"):
                pass
    assert caught.value.call is not None
    response = caught.value.call.response
    assert response is not None
    assert response.status == 403
    assert response.reason == "Get Lost"
    assert response.headers["x-why"] == "token"
    assert response.body == b"a better token, please\n"


async def test_an_object_with_a_coroutine_method_will_do() -> None:
    class Gate:
        async def __call__(self, request: Request) -> Response | None:
            return Response(402)

    async with serve(echo, "127.0.0.1", 0, process_request=Gate()) as server:
        assert (await asked(server)).status == 402


async def test_it_sees_what_was_asked_and_by_whom() -> None:
    seen: list[Request] = []

    async with serve(listen, "127.0.0.1", 0, process_request=seen.append) as server:
        async with connect(f"{server.url}/a%20b?c=d", headers={"X-Name": "Ada"}, origin="https://example.com"):
            pass
    [request] = seen
    assert request.url == f"ws://127.0.0.1:{server.port}/a%20b?c=d"
    assert request.headers["x-name"] == "Ada"
    assert request.headers["origin"] == "https://example.com"
    assert isinstance(request.remote, tuple)
    assert request.remote[0] == "127.0.0.1"


async def test_it_is_not_asked_about_what_is_no_request_for_a_websocket() -> None:
    seen: list[Request] = []

    async with serve(listen, "127.0.0.1", 0, process_request=seen.append) as server, guest(server) as client:
        await client.send(b"GET / HTTP/1.1\r\nHost: server.test\r\n\r\n")
        assert (await client.answer()).status == 426
    assert seen == []


async def test_the_handler_of_a_refused_client_does_not_run() -> None:
    async with serve(listen, "127.0.0.1", 0, process_request=lambda _: Response(404)) as server:
        assert (await asked(server)).status == 404
        assert server.sessions == frozenset()


def fail(request: Request) -> None:
    raise ZeroDivisionError("secret")


async def fail_later(request: Request) -> None:
    await anyio.lowlevel.checkpoint()
    raise ZeroDivisionError("secret")


WRONG: list[Callable[[Request], Any]] = [
    fail,
    fail_later,
    lambda _: True,
    lambda _: 403,
    lambda _: Response(101),
    lambda _: Response(99),
    lambda _: Response(304, body=b"none is allowed"),
    lambda _: Response("403"),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    lambda _: Response(403, body="text"),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    lambda _: Response(403, headers=Headers({"X-Bad": "a\r\nSet-Cookie: b"})),
    lambda _: Response(403, headers=None),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    lambda _: Response(403, reason="Not\r\nToday"),
]


@pytest.mark.parametrize("decide", WRONG)
async def test_what_goes_wrong_in_it_is_500_to_the_client_and_logged_once(
    decide: Callable[[Request], Any], caplog: pytest.LogCaptureFixture
) -> None:
    async with serve(echo, "127.0.0.1", 0, process_request=decide) as server:
        answer = await asked(server)
    assert answer.status == 500
    assert b"secret" not in answer.body
    assert "set-cookie" not in answer.headers
    [record] = [record for record in caplog.records if record.levelno > logging.INFO]
    assert record.name == "typedws.server"
    assert record.getMessage().startswith("process_request")


async def test_the_server_goes_on_after_it_failed() -> None:
    def fail_at_first(request: Request) -> None:
        if request.path == "/bad":
            raise ZeroDivisionError

    async with serve(echo, "127.0.0.1", 0, process_request=fail_at_first) as server:
        assert (await asked(server, "/bad")).status == 500
        assert (await asked(server, "/good")).status == 101


async def test_the_time_that_it_takes_counts_in_handshake_timeout() -> None:
    async def forever(request: Request) -> None:
        await anyio.sleep_forever()

    async with (
        serve(echo, "127.0.0.1", 0, process_request=forever, handshake_timeout=0.1) as server,
        guest(server) as client,
    ):
        await client.ask()
        assert await client.rest() == b""


async def test_clients_that_are_being_decided_on_do_not_wait_for_each_other() -> None:
    release = anyio.Event()

    async def wait(request: Request) -> None:
        if request.path == "/slow":
            await release.wait()

    async def slow() -> None:
        assert (await asked(server, "/slow")).status == 101

    async with (
        serve(echo, "127.0.0.1", 0, process_request=wait) as server,
        anyio.create_task_group() as tasks,
    ):
        tasks.start_soon(slow)
        assert (await asked(server, "/fast")).status == 101
        release.set()


async def test_a_client_that_leaves_while_it_is_decided_on_is_no_failure(caplog: pytest.LogCaptureFixture) -> None:
    asking, left = anyio.Event(), anyio.Event()

    async def decide(request: Request) -> None:
        asking.set()
        await left.wait()

    async with serve(listen, "127.0.0.1", 0, process_request=decide) as server:
        async with guest(server) as client:
            await client.ask()
            await asking.wait()
        left.set()
    assert [record for record in caplog.records if record.levelno > logging.INFO] == []
