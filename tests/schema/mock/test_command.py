"""`typedws mock`, in a process of its own."""

from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.schema.mock.apis import FEED, PRICES, contract_of
from tests.schema.mock.test_subscribing import DOCUMENT as TOPICS
from typedws.schema.mocking import mock, run_mock
from typedws.schema.mocking.command import describe

PROGRAM = """
import signal, sys
from typedws.schema.mocking import run_mock
signal.signal(signal.SIGINT, signal.default_int_handler)  # a program in the background of a shell ignores it
sys.exit(run_mock(sys.argv[1], quiet=sys.argv[2] == "quiet", greeting=False))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals for one process")
@pytest.mark.parametrize(("quiet", "ending"), [(False, signal.SIGINT), (True, signal.SIGTERM)])
def test_it_serves_until_it_is_ended(tmp_path: Path, quiet: bool, ending: signal.Signals) -> None:
    file = tmp_path / "prices.yaml"
    file.write_text(PRICES, encoding="utf-8")
    command = [sys.executable, "-c", PROGRAM, str(file), "quiet" if quiet else "loud"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Prices at ws://127.0.0.1:")
        process.send_signal(ending)
        # Not `communicate`, which knows nothing of what `readline` has read ahead.
        out = process.stdout.read()
        process.wait(timeout=60)
        assert process.stderr is not None
        err = process.stderr.read()
    assert process.returncode == 0
    assert err == ""
    assert out.endswith("ended\n")
    assert ("subscribe_ticker" in out or "Subscribe" in out) is not quiet


@pytest.mark.anyio
async def test_it_says_what_is_served() -> None:
    async with mock(contract_of(PRICES)) as server:
        assert list(describe(server)) == [
            f"Prices at {server.url} (Ctrl+C ends it)",
            f"  {server.url}/  Prices",
            "    Order: answered by OrderReply",
            "    Subscribe (ticker): updates Tick",
            "    unasked: Hello",
            "    never sent by itself: Goodbye",
        ]
    async with mock(contract_of(FEED)) as server:
        assert list(describe(server)) == [
            f"Feed at {server.url} (Ctrl+C ends it)",
            f"  {server.url}/feed/{{room}}  Feed",
            "    needs user (query), X-Client (header)",
            "    unasked: A, B",
        ]


@pytest.mark.anyio
async def test_it_says_what_answers_what() -> None:
    async with mock(contract_of(TOPICS)) as server:
        assert list(describe(server))[2:] == [
            "    Subscribe: answered by Subscribed",
            "    Unsubscribe: answered by Unsubscribed",
            "    Ping: answered by Pong",
            "    Subscribe (ticker): updates Tick",
            "    Subscribe (book): updates Delta, Snapshot",
        ]


def test_a_port_that_is_taken_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match="in use") as caught:
            run_mock(contract_of(FEED), port=port)
    assert caught.value.errno == errno.EADDRINUSE
    assert caught.value.filename == f"127.0.0.1:{port}"
    assert caught.value.strerror == os.strerror(errno.EADDRINUSE)


@pytest.mark.parametrize("host", ["no.such.host.invalid", "192.0.2.1"])
def test_a_host_that_is_not_ours_is_named(host: str) -> None:
    with pytest.raises(OSError, match=f"{host}:1") as caught:
        run_mock(contract_of(FEED), host=host, port=1)
    assert caught.value.filename == f"{host}:1"
    assert caught.value.strerror
    assert host not in caught.value.strerror
