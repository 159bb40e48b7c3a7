"""`typedws mock`, in a process of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.schema.mock.apis import FEED, PRICES, contract_of
from typedws.schema.mocking import mock
from typedws.schema.mocking.command import describe

PROGRAM = """
import sys
from typedws.schema.mocking import run_mock
sys.exit(run_mock(sys.argv[1], quiet=sys.argv[2] == "quiet"))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGINT for one process")
@pytest.mark.parametrize("quiet", [False, True])
def test_it_serves_until_it_is_interrupted(tmp_path: Path, quiet: bool) -> None:
    file = tmp_path / "prices.yaml"
    file.write_text(PRICES, encoding="utf-8")
    command = [sys.executable, "-c", PROGRAM, str(file), "quiet" if quiet else "loud"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Prices at ws://127.0.0.1:")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert process.returncode == 0
    assert err == ""
    assert out.endswith("ended\n")
    assert ("subscribe_ticker" in out or "Subscribe" in out) is not quiet


@pytest.mark.anyio
async def test_it_says_what_is_served() -> None:
    async with mock(contract_of(PRICES)) as server:
        assert list(describe(server)) == [
            f"  {server.url}/  Prices",
            "    Order: answered by OrderReply",
            "    Subscribe (ticker): updates Tick",
            "    unasked: Hello",
        ]
    async with mock(contract_of(FEED)) as server:
        assert list(describe(server)) == [
            f"  {server.url}/feed/{{room}}  Feed",
            "    needs user (query), X-Client (header)",
            "    unasked: A, B",
        ]
