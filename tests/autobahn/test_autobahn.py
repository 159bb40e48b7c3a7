"""The Autobahn test suite agrees with the client and with the server: every case of framing, UTF-8, pings and closing.

`scripts/autobahn full` runs the large messages and the many cases of permessage-deflate as well.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.autobahn.runs import judge_client, judge_server
from tests.autobahn.suite import UnavailableError, find_or_install
from tests.autobahn.verdicts import QUICK, QUICK_SHARES, complaints

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def wstest() -> Path:
    try:
        return find_or_install(print)
    except UnavailableError as error:
        pytest.skip(str(error))


async def test_the_client_passes(wstest: Path, tmp_path: Path) -> None:
    verdicts = await judge_client(wstest, [QUICK], tmp_path)
    assert complaints(verdicts, QUICK, deflate=False) == []


async def test_the_server_passes(wstest: Path, tmp_path: Path) -> None:
    verdicts = await judge_server(wstest, QUICK_SHARES, tmp_path)
    assert complaints(verdicts, QUICK, deflate=False) == []
