"""`origins=`: which web pages may connect to a server."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import pytest

from tests.server.guests import Answer, guest
from tests.server.handlers import echo, listen
from typedws import HandshakeRejectedError, Request, Response, Server, connect, serve

OURS = ["https://example.com", "http://localhost:3000", "https://xn--bcher-kva.example", "chrome-extension://abcdefgh"]

ALLOWED = [
    "https://example.com",
    "https://EXAMPLE.com",
    "HTTPS://example.com",
    "https://example.com:443",
    "http://localhost:3000",
    "https://xn--bcher-kva.example",
    "chrome-extension://abcdefgh",
]
REFUSED = [
    "http://example.com",
    "https://example.com:8443",
    "https://example.com:80",
    "https://example.com.evil.test",
    "https://evil.test/https://example.com",
    "https://evil-example.com",
    "https://www.example.com",
    "https://example.com/",
    "https://user@example.com",
    "https://example.com@evil.test",
    "https://example.com https://evil.test",
    "https://example.com, https://evil.test",
    "https://example.com:443:443",
    "https://example.com:",
    "//example.com",
    "example.com",
    "http://localhost",
    "null",
    "*",
    "https://*",
    "https://b\u00fccher.example",
    "chrome-extension://hgfedcba",
    "file://",
    "",
]


async def answered(server: Server, *fields: str) -> Answer:
    async with guest(server) as client:
        await client.ask(*fields)
        return await client.answer()


@pytest.mark.anyio
async def test_pages_of_these_origins_may_connect() -> None:
    async with serve(listen, "127.0.0.1", 0, origins=OURS) as server:
        for origin in ALLOWED:
            assert (await answered(server, f"Origin: {origin}")).status == 101, origin


@pytest.mark.anyio
async def test_pages_of_others_get_403() -> None:
    async with serve(listen, "127.0.0.1", 0, origins=OURS) as server:
        for origin in REFUSED:
            answer = await answered(server, f"Origin: {origin}")
            assert answer.status == 403, origin
            assert answer.headers["content-type"].startswith("text/plain")
            assert b"evil" not in answer.body


@pytest.mark.anyio
async def test_two_origins_are_none_of_a_browsers() -> None:
    async with serve(listen, "127.0.0.1", 0, origins=OURS) as server:
        for second in ("https://example.com", "https://evil.test"):
            assert (await answered(server, "Origin: https://example.com", f"origin: {second}")).status == 403


@pytest.mark.anyio
@pytest.mark.parametrize(("origins", "status"), [(OURS, 403), ([*OURS, None], 101), ([None], 101)])
async def test_a_program_that_names_no_origin_needs_none_in_the_list(
    origins: Sequence[str | None], status: int
) -> None:
    async with serve(listen, "127.0.0.1", 0, origins=origins) as server:
        assert (await answered(server)).status == status
        assert (await answered(server, "Origin: https://evil.test")).status == 403
        assert (await answered(server, "Origin: None")).status == 403


@pytest.mark.anyio
async def test_without_the_option_every_origin_may_connect() -> None:
    async with serve(listen, "127.0.0.1", 0) as server:
        for fields in ([], ["Origin: https://evil.test"], ["Origin: null"], ["Origin: a", "Origin: b"]):
            assert (await answered(server, *fields)).status == 101


@pytest.mark.anyio
async def test_sandboxed_pages_have_to_be_allowed_by_name() -> None:
    async with serve(listen, "127.0.0.1", 0, origins=["null", "file://"]) as server:
        assert (await answered(server, "Origin: null")).status == 101
        assert (await answered(server, "Origin: file://")).status == 101
        assert (await answered(server, "Origin: NULL")).status == 403


@pytest.mark.anyio
async def test_a_refused_page_is_not_shown_to_the_application_and_takes_no_place() -> None:
    asked: list[Request] = []

    async with serve(listen, "127.0.0.1", 0, origins=OURS, process_request=asked.append, max_connections=1) as server:
        async with guest(server) as refused, guest(server) as client:
            await refused.ask("Origin: https://evil.test")
            assert (await refused.answer()).status == 403  # and it stays connected
            await client.ask("Origin: https://example.com")
            assert (await client.answer()).status == 101
    assert [request.headers["origin"] for request in asked] == ["https://example.com"]


@pytest.mark.anyio
async def test_an_allowed_origin_does_not_overrule_the_application() -> None:
    async with serve(listen, "127.0.0.1", 0, origins=OURS, process_request=lambda _: Response(401)) as server:
        assert (await answered(server, "Origin: https://example.com")).status == 401


@pytest.mark.anyio
async def test_a_client_of_ours_says_who_it_is_with_origin() -> None:
    async with serve(echo, "127.0.0.1", 0, origins=OURS) as server:
        async with connect(server.url, origin="https://example.com") as session:
            await session.send_serialized("in")
            assert await session.receive_deserialized(str) == "in"
        with pytest.raises(HandshakeRejectedError, match="403 Forbidden"):
            async with connect(server.url):
                pass


@pytest.mark.anyio
async def test_the_log_says_whom_it_refused_in_one_line(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "typedws.server")
    async with serve(listen, "127.0.0.1", 0, origins=OURS) as server:
        await answered(server, "Origin: https://evil.test/\x1b[31m" + "x" * 1000)
        await answered(server)
    first, second = [record for record in caplog.records if "Origin" in record.getMessage()]
    assert first.levelno == logging.INFO
    assert "https://evil.test/?[31mxxx" in first.getMessage()
    assert len(first.getMessage()) < 200
    assert second.getMessage().endswith("none")


@pytest.mark.parametrize(
    ("origins", "text"),
    [
        ([], "nobody could connect"),
        (["*"], "without wildcards"),
        (["https://*.example.com"], "without wildcards"),
        (["example.com"], "a scheme and a host"),
        (["https://example.com/"], "not even a slash"),
        (["https://example.com/app"], "nothing comes behind it"),
        (["https://user@example.com"], "a scheme and a host"),
        (["https://"], "a scheme and a host"),
        (["https://example.com:port"], "a scheme and a host"),
        (["https://a b"], "a scheme and a host"),
        (["https://example.com", ""], "a scheme and a host"),
        (["https://bücher.example"], "as browsers send it"),
        (["https://example.com\r\nX: y"], "a scheme and a host"),
    ],
)
def test_what_no_page_can_have_is_refused_at_the_call(origins: list[str], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        serve(echo, "127.0.0.1", 0, origins=origins)


@pytest.mark.parametrize("origins", ["https://example.com", b"https://example.com", 7, {"https://example.com"}, [7]])
def test_origins_are_a_sequence_of_str(origins: Any) -> None:
    with pytest.raises(TypeError, match="origin"):
        serve(echo, "127.0.0.1", 0, origins=origins)
