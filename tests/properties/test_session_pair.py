"""Whatever a program does with two connected sessions, in whichever order: messages arrive once, in order and whole, a
cancelled call has done nothing, and every ending has its reason.

Programs are drawn as lists of operations and run as a whole, so that a failure shrinks to the few that it takes. In
memory no time passes, and it is known when nothing moves any more; over TCP the transport is the event loop's own.
"""

from __future__ import annotations

import importlib.util

import anyio
import pytest
from anyio.lowlevel import checkpoint
from hypothesis import given
from hypothesis import strategies as st

import typedws
from tests.properties.examples import examples
from tests.properties.operations import Operation, programs
from tests.properties.session_world import CONFIG, World
from tests.properties.virtual_time import VIRTUAL_LOOPS
from typedws import Deflate, ServerSession
from typedws.testing import session_pair

TCP_LOOPS = [{"use_uvloop": False}, {"use_uvloop": True}][: 2 if importlib.util.find_spec("uvloop") else 1]

extensions: st.SearchStrategy[list[Deflate]] = st.sampled_from([[], [], [Deflate(min_size=0)]])


async def in_memory(program: list[Operation], deflate: list[Deflate]) -> None:
    with anyio.fail_after(1e6, reason="every task waits"):
        async with session_pair(extensions=deflate, config=CONFIG) as sessions:
            await World(sessions, until_nothing_moves, certain=True).run(program)


async def until_nothing_moves() -> None:
    """The clock only moves on when every task waits."""
    await anyio.sleep(0.001)


async def over_tcp(program: list[Operation], deflate: list[Deflate]) -> None:
    served, over = anyio.Event(), anyio.Event()
    found: list[ServerSession] = []

    async def handler(session: ServerSession) -> None:
        found.append(session)
        served.set()
        await over.wait()

    with anyio.fail_after(60):
        async with typedws.serve(handler, "127.0.0.1", 0, extensions=deflate, config=CONFIG) as server:
            async with typedws.connect(server.url, extensions=deflate, config=CONFIG) as client:
                await served.wait()
                await World((client, found[0]), a_few_turns, certain=False).run(program)
            over.set()


async def a_few_turns() -> None:
    """The system may be slower than that, and nothing here depends on it."""
    for _ in range(20):
        await checkpoint()


@pytest.mark.parametrize("loop", VIRTUAL_LOOPS)
@examples(300)
@given(program=programs(), deflate=extensions)
def test_any_program_in_memory(loop: str, program: list[Operation], deflate: list[Deflate]) -> None:
    anyio.run(in_memory, program, deflate, **VIRTUAL_LOOPS[loop]())


@pytest.mark.parametrize("options", TCP_LOOPS, ids=["asyncio", "uvloop"][: len(TCP_LOOPS)])
@examples(60)
@given(program=programs(), deflate=extensions)
def test_any_program_over_tcp(options: dict[str, bool], program: list[Operation], deflate: list[Deflate]) -> None:
    anyio.run(over_tcp, program, deflate, backend_options=options)
