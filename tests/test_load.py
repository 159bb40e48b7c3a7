"""Under load, under churn and beside slow clients: what `scripts/soak` does for minutes, small enough for every run."""

from __future__ import annotations

import logging
from math import inf
from pathlib import Path

import anyio
import pytest

from tests.soak.churn import AT_ONCE, Strangers
from tests.soak.figures import objects, open_files, rest, theil_sen, uncertainty
from tests.soak.host import FLOOD, Host
from tests.soak.load import Crowd
from tests.soak.messages import Sequence
from tests.soak.report import Outcome, write_section
from tests.soak.slow import Readers, Sleepers

pytestmark = pytest.mark.anyio

SESSIONS = 300
EACH = {"asyncio": 34, "trio": 10}
"""Messages of a session, in each direction: on trio they take longer."""


@pytest.fixture(scope="module", params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.time_limit(120)
async def test_many_sessions_lose_repeat_and_reorder_nothing(anyio_backend: str) -> None:
    messages = EACH[anyio_backend] * SESSIONS
    async with Host(connections=SESSIONS) as host, Crowd(host.server.url) as crowd:
        await crowd.open(SESSIONS)
        assert len(host.server.sessions) == SESSIONS
        assert await crowd.exchange(EACH[anyio_backend]) == messages
        closed = await crowd.close()
        while host.server.sessions:
            await anyio.sleep(0.01)
    in_order = {"received": messages, "missing": 0, "duplicate": 0, "reordered": 0}
    assert closed["received"] == in_order
    assert vars(host.received) == in_order
    assert closed["codes"] == {1000: SESSIONS}
    assert host.codes == {1000: SESSIONS}


@pytest.mark.time_limit(120)
async def test_clients_that_come_and_go_badly_leave_nothing(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, "typedws.server")  # some handlers fail, as they are meant to
    options = {"ping_interval": 0.2, "close_timeout": 1.0}
    async with (
        Host(connections=AT_ONCE, options=options) as host,
        Strangers(host.server.url, seed=7, silence=0.2) as strangers,
    ):
        sockets = open_files().sockets
        await strangers.come_and_go(30, at_once=15)
        before = await rest(sockets)
        for _ in range(2):
            kinds = await strangers.come_and_go(60, at_once=15)
            assert set(kinds) == {kind.__name__ for kind in strangers.kinds}
            after = await rest(sockets)
            assert (after.files, after.sockets) == (before.files, sockets)
            assert after.objects == before.objects, objects()
        assert not host.server.sessions


@pytest.mark.time_limit(120)
async def test_slow_clients_hold_little_and_hold_up_nobody() -> None:
    options = {"ping_interval": None, "close_timeout": 0.2}
    async with (
        Host(connections=10, options=options) as host,
        Sleepers(host.server.url) as sleepers,
        Readers(host.server.url, sessions=5) as readers,
    ):
        alone = await readers.measure(0.5)
        await sleepers.come(3)
        for _ in range(3):  # where the machine stood still, once more
            beside = await readers.measure(1)
            if beside["per second"] > alone["per second"] / 10 and beside["median ms"] < alone["median ms"] * 10:
                break
        # What the system's sockets and the queues of both ends hold. A server that did not wait would send gigabytes.
        assert 0 < host.flooded * len(FLOOD) < 3 * 24 * 2**20
        assert beside["per second"] > alone["per second"] / 10
        assert beside["median ms"] < alone["median ms"] * 10


def test_the_book_tells_lost_repeated_and_reordered_messages_apart() -> None:
    came = Sequence()
    for number in (0, 1, 4, 2, 2, 1, 5):
        came.add(number)
    assert vars(came.tally) == {"received": 5, "missing": 1, "duplicate": 2, "reordered": 1}


def test_a_slope_is_not_moved_by_a_few_outliers() -> None:
    points = [(minute / 10, 1000 + minute * 0.2) for minute in range(50)]
    points[7] = (0.7, 5000)
    points[31] = (3.1, 0)
    assert theil_sen(points) == pytest.approx(2.0, abs=0.2)


def test_the_uncertainty_of_a_slope_is_that_of_the_points() -> None:
    exact = [(minute / 10, 1000 + minute * 0.2) for minute in range(50)]
    noisy = [(when, figure + (-1) ** index * 4) for index, (when, figure) in enumerate(exact)]
    assert uncertainty(exact) == pytest.approx(0, abs=1e-6)
    assert 0.5 < uncertainty(noisy) < 1.5
    assert uncertainty(exact[:2]) == inf


def test_the_section_of_the_page_is_written_anew_and_the_rest_stays(tmp_path: Path) -> None:
    page = tmp_path / "conformance.md"
    page.write_text("# Conformance\n\nBefore.\n")
    outcome = Outcome("Many sessions", ["event loop", "lost"], [["asyncio", "0"]], notes="Notes.")
    write_section(page, [outcome])
    once = page.read_text()
    assert once.startswith("# Conformance\n\nBefore.\n\n<!-- load -->\n## Load and soak\n")
    assert "| asyncio    |    0 |" in once
    assert "Not as it has to be" not in once
    page.write_text(once + "\nAfter.\n")
    write_section(page, [outcome])
    assert page.read_text() == once + "\nAfter.\n"
    outcome.check(False, "asyncio: files are left")
    write_section(page, [outcome])
    assert "Not as it has to be:\n\n- asyncio: files are left\n" in page.read_text()
