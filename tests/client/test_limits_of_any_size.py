"""A limit may be larger than anything that an event loop or a processor counts with."""

from __future__ import annotations

import anyio
import pytest

from tests.timing import SOON
from typedws import ServerSession, SessionConfig, connect, serve

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("limit", [2**31 - 1, 2**31, 2**63, 2**70], ids=["2^31 - 1", "2^31", "2^63", "2^70"])
async def test_a_limit_may_be_as_large_as_one_likes(limit: int) -> None:
    config = SessionConfig(
        max_frame_size=limit,
        max_message_size=limit,
        incoming_messages=limit,
        incoming_bytes=limit,
        outgoing_bytes=limit,
    )

    async def echo(session: ServerSession) -> None:
        async for frame in session.incoming:
            await session.send(frame)

    with anyio.fail_after(SOON):
        async with serve(echo, "127.0.0.1", 0, config=config) as server, connect(server.url, config=config) as session:
            await session.send("x" * 100_000)
            assert len((await session.receive()).data) == 100_000


async def test_a_program_may_put_something_of_its_own_on_a_session() -> None:
    async def greet(session: ServerSession) -> None:
        session.user = "Ada"  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
        await session.send(session.user)  # type: ignore[attr-defined]  # pyright: ignore

    async with serve(greet, "127.0.0.1", 0) as server, connect(server.url) as session:
        assert (await session.receive()).data == b"Ada"
