"""The Autobahn test suite agrees with the client and with the server: every case of framing, UTF-8, pings and closing,
with the protocol compiled and in plain Python.

`scripts/autobahn full` runs the large messages and the many cases of permessage-deflate as well.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.autobahn.report import write_page
from tests.autobahn.runs import judge_client, judge_server
from tests.autobahn.suite import UnavailableError, find_or_install
from tests.autobahn.verdicts import COUNTS, QUICK, QUICK_SHARES, Verdicts, complaints, doubtful
from typedws.protocol import compiled

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def wstest() -> Path:
    try:
        return find_or_install(print)
    except UnavailableError as error:
        pytest.skip(str(error))


@pytest.mark.anyio
@pytest.mark.time_limit(120)
async def test_the_client_passes(wstest: Path, tmp_path: Path) -> None:
    verdicts = await judge_client(wstest, [QUICK], tmp_path)
    assert complaints(verdicts, QUICK, deflate=False) == []


@pytest.mark.anyio
@pytest.mark.time_limit(120)
async def test_the_server_passes(wstest: Path, tmp_path: Path) -> None:
    verdicts = await judge_server(wstest, QUICK_SHARES, tmp_path)
    assert complaints(verdicts, QUICK, deflate=False) == []


@pytest.mark.skipif(not compiled, reason="nothing is compiled here, so all of these tests run in plain Python already")
def test_the_plain_form_passes_too(wstest: Path) -> None:
    command = [sys.executable, "-m", "tests.autobahn", "quick", "--form", "plain", "--loop", "asyncio"]
    environment = {**os.environ, "TYPEDWS_PLAIN": "1", "TYPEDWS_WSTEST": str(wstest)}
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, check=False, text=True, timeout=140)
    assert "server, asyncio, plain" in done.stdout
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_page_tells_loops_and_forms(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("old\n<!-- load -->\nwritten by others\n")
    write_page(page, {"client, asyncio, compiled": all_ok(), "server, trio, plain, permessage-deflate": all_ok()})
    text = page.read_text()
    assert "old" not in text
    assert text.endswith("\n\n<!-- load -->\nwritten by others\n")
    assert "on asyncio and trio,\nwith the protocol compiled and in plain Python." in text
    assert "| client, asyncio, compiled               |   247 |" in text


def all_ok() -> Verdicts:
    informational = {"7.1.6", "7.13.1", "7.13.2"}
    cases = [f"{group}.0.{number}" for group in ("1", "2", "3", "4", "5", "6", "10") for number in range(COUNTS[group])]
    cases += [f"7.0.{number}" for number in range(COUNTS["7"] - len(informational))]
    return {case: ("OK", "OK") for case in cases} | {case: ("INFORMATIONAL", "INFORMATIONAL") for case in informational}


def test_nothing_but_the_verdicts_that_have_to_be_is_accepted() -> None:
    assert complaints(all_ok(), QUICK, deflate=False) == []
    assert complaints(all_ok() | {"5.0.1": ("NON-STRICT", "OK")}, QUICK, deflate=False) == ["5.0.1: NON-STRICT, not OK"]
    assert complaints(all_ok() | {"5.0.1": ("OK", "UNCLEAN")}, QUICK, deflate=False) == ["5.0.1: UNCLEAN in closing"]
    assert complaints(all_ok() | {"7.1.6": ("OK", "OK")}, QUICK, deflate=False) == ["7.1.6: OK, not INFORMATIONAL"]


def test_what_is_wrong_is_worth_a_second_run() -> None:
    assert doubtful(all_ok(), deflate=False) == []
    found = all_ok() | {"5.0.10": ("OK", "UNCLEAN"), "5.0.9": ("FAILED", "FAILED"), "7.1.6": ("OK", "OK")}
    assert doubtful(found, deflate=False) == ["5.0.9", "5.0.10", "7.1.6"]


def test_a_case_that_was_not_run_is_missed() -> None:
    verdicts = all_ok()
    del verdicts["5.0.1"]
    assert complaints(verdicts, QUICK, deflate=False) == ["group 5: 19 cases were run, not 20"]


def test_cases_of_an_extension_are_unimplemented_without_it_and_ok_with_it() -> None:
    declined = {f"12.0.{number}": ("UNIMPLEMENTED", "OK") for number in range(90)}
    assert complaints(declined, ["12.*"], deflate=False) == []
    assert len(complaints(declined, ["12.*"], deflate=True)) == 90
