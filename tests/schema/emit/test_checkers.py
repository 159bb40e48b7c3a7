"""Type checkers accept what is written, with nobody's settings."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.schema.emit.contracts import STR, market, record, types_only
from tests.schema.emit.modules import MODELS, emitted
from typedws.schema.contract.types import ANY, NULL, ListOf, LiteralOf, MapOf, Ref, Scalar, TupleOf, Type, UnionOf

ROOT = Path(__file__).parents[3]

TYPES: tuple[Type, ...] = (
    STR,
    ANY,
    UnionOf((ANY, NULL)),
    Scalar("bytes"),
    Scalar("time"),
    LiteralOf(("a", 1, False)),
    ListOf(UnionOf((Ref("A"), Ref("B"), NULL), tag="type")),
    UnionOf((Ref("A"), Ref("B"), STR), tag="type"),
    UnionOf((ListOf(STR), ListOf(Scalar("int")), MapOf(Ref("Holder")))),
    TupleOf((STR, TupleOf(()), Ref("Holder"))),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Emitted modules."""
    made = tmp_path_factory.mktemp("emitted")
    more = (record("A", ("str", STR), tag="a"), record("B", ("json", ANY), tag="b"))
    for models in MODELS:
        (made / f"market_{models}.py").write_text(emitted(market(), models).text, "utf-8")
        (made / f"types_{models}.py").write_text(emitted(types_only(*TYPES, declarations=more), models).text, "utf-8")
    return made


def check(*command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env={**os.environ, "MYPYPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=140,
        check=False,
    )


def test_mypy_accepts_it(folder: Path) -> None:
    done = check("mypy", "--config-file=", "--strict", "--follow-imports=silent", ".", folder=folder)
    assert done.returncode == 0, done.stdout + done.stderr


def test_pyright_accepts_it(folder: Path) -> None:
    probe = check("pyright", "--version", folder=folder)
    if probe.returncode != 0:
        pytest.skip(f"pyright cannot run here, it needs Node: {probe.stderr.strip().splitlines()[-1:]}")
    settings = {"include": ["."], "extraPaths": [str(ROOT)], "typeCheckingMode": "strict"}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings), "utf-8")
    done = check("pyright", "--pythonpath", sys.executable, folder=folder)
    assert done.returncode == 0, done.stdout + done.stderr
