"""The clients in tests/golden are what is generated from the documents in schemas/, byte for byte."""

from __future__ import annotations

import ast
import subprocess
import sys
from difflib import unified_diff
from pathlib import Path

import pytest

from tests.schema.golden import DOCUMENTS, GOLDEN, ROOT, Golden
from typedws.cli import main
from typedws.schema.generating import generate

each_golden = pytest.mark.parametrize("golden", GOLDEN, ids=str)


@each_golden
def test_a_client_is_what_is_generated_now(golden: Golden) -> None:
    kept = golden.path.read_bytes().decode() if golden.path.exists() else ""
    made = golden.text()
    if kept != made:
        lines = unified_diff(
            kept.splitlines(), made.splitlines(), f"tests/golden/{golden.module}.py", "generated", "", "", 2, ""
        )
        shown = "\n".join(list(lines)[:60])
        pytest.fail(f"{shown}\n\nIf that is as it should be, run scripts/golden, and look at what git diff says.")


def test_every_client_has_a_document() -> None:
    kept = set((ROOT / "tests" / "golden").glob("*.py"))
    assert kept == {golden.path for golden in GOLDEN}, "run scripts/golden"


@each_golden
def test_a_client_that_is_generated_again_stays_as_it_is(golden: Golden) -> None:
    kept = golden.path.read_text(encoding="utf-8")
    assert generate(DOCUMENTS[golden.name], models=golden.models, previous=kept).text == kept


def test_check_is_content_with_every_client(capsys: pytest.CaptureFixture[str]) -> None:
    for golden in GOLDEN:
        options = ["-o", str(golden.path), "--models", golden.models, "--check"]
        assert main(["generate", str(DOCUMENTS[golden.name]), *options]) == 0
    assert capsys.readouterr().out == ""


def test_the_clients_are_formatted_as_ruff_does_it() -> None:
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--check", "--quiet", str(GOLDEN[0].path.parent)]
    assert subprocess.run(command, check=False).returncode == 0


@each_golden
def test_a_client_imports_little(golden: Golden) -> None:
    allowed = {"typedws", golden.models, *sys.stdlib_module_names}
    found = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(golden.path.read_bytes()))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names])
    }
    assert found <= allowed


@each_golden
def test_a_client_names_no_place_on_this_machine(golden: Golden) -> None:
    text = golden.path.read_text(encoding="utf-8")
    assert str(ROOT) not in text
    assert str(Path.home()) not in text
