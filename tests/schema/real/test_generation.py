"""Every real document becomes a module in both kinds: it is imported, checked and formatted, and always the same."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import json
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.schema.real.documents import (
    DOCUMENTS,
    FOLDER,
    MODELS,
    ROOT,
    directions,
    executed,
    generated,
    module_name,
    module_of,
    needs_documents,
)
from typedws.schema.emit.naming import Models
from typedws.schema.generating import generate

pytestmark = needs_documents

ELSEWHERE = """
import hashlib, json, sys
from typedws.schema.generating import generate
folder, models, *names = sys.argv[1:]
print(json.dumps({
    name: hashlib.sha256(generate(folder + "/" + name, models=models).text.encode()).hexdigest() for name in names
}))
"""


PYRIGHT: Final = {
    "include": ["."],
    "extraPaths": [str(ROOT)],
    "pythonVersion": "3.11",
    "typeCheckingMode": "standard",
}


class Checks:
    """A folder with every module of every document, and the programs that look at it while other tests run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in DOCUMENTS:
            for models in MODELS:
                path = folder / f"{module_name(name, models)}.py"
                path.write_text(generated(name, models).text, encoding="utf-8", newline="\n")
        (folder / "pyrightconfig.json").write_text(json.dumps(PYRIGHT))
        self._running = {
            "pyright": self._start("pyright", "--pythonpath", sys.executable),
            "mypy": self._start(
                "mypy", "--config-file=", "--strict", "--follow-imports=silent", "--no-incremental", "."
            ),
            "format": self._start("ruff", "format", "--check", "--isolated", "."),
            "lint": self._start("ruff", "check", "--isolated", "."),
        }

    def _start(self, *command: str) -> subprocess.Popen[str]:
        # Somebody's program finds the package where it is installed; here that is the root of the project.
        return subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=self.folder,
            env={**os.environ, "MYPYPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def complaints(self, name: str) -> str:
        """What a program has to say; empty where it is content."""
        running = self._running[name]
        said, _ = running.communicate(timeout=140)
        return said[-3000:] if running.returncode else ""

    def close(self) -> None:
        for running in self._running.values():
            running.kill()
            running.communicate()


@pytest.fixture(scope="module")
def checks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checks]:
    started = Checks(tmp_path_factory.mktemp("modules"))
    yield started
    started.close()


def test_all_the_documents_are_here(checks: Checks) -> None:
    assert len(DOCUMENTS) >= 33
    assert len(list(checks.folder.glob("*.py"))) == len(DOCUMENTS) * len(MODELS)


@pytest.mark.parametrize("models", MODELS)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_its_module_is_imported_and_every_union_builds_its_decoder(name: str, models: Models) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        module = module_of(name, models)
        for _, way, direction, cls, _ in directions(generated(name, models), module, models):
            codec = getattr(cls, way).codec()
            assert codec is not None
            assert (direction.text is None) is (getattr(cls, way).text is None)
    assert sorted(module.__all__) == sorted(set(module.__all__))
    assert all(hasattr(module, each) for each in module.__all__)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_it_imports_nothing_but_what_it_may(name: str) -> None:
    for models in MODELS:
        for node in ast.walk(ast.parse(generated(name, models).text)):
            found = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            found += [each.name for each in node.names] if isinstance(node, ast.Import) else []
            for package in (each.split(".")[0] for each in found):
                assert package in ("typedws", models) or package in sys.stdlib_module_names, package


# One kind of models is made twice, and the other one on top of its own module: two is enough of each.
@pytest.mark.parametrize(("name", "models"), [(name, MODELS[number % 2]) for number, name in enumerate(DOCUMENTS)])
def test_it_is_the_same_twice(name: str, models: Models) -> None:
    again = generate(FOLDER / name, models=models)
    assert again.text == generated(name, models).text
    assert again.findings == generated(name, models).findings


def test_it_is_the_same_in_another_process_and_folder(tmp_path: Path) -> None:
    places = (("1", tmp_path, str(FOLDER)), ("4711", FOLDER.parent, FOLDER.name))
    for models, (seed, folder, documents) in zip(MODELS, places, strict=True):
        here = {name: hashlib.sha256(generated(name, models).text.encode()).hexdigest() for name in DOCUMENTS}
        done = subprocess.run(
            [sys.executable, "-c", ELSEWHERE, documents, models, *DOCUMENTS],
            cwd=folder,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT), "TZ": "Asia/Tokyo", "LC_ALL": "C"},
            capture_output=True,
            text=True,
            timeout=100,
            check=True,
        )
        assert json.loads(done.stdout) == here


@pytest.mark.parametrize("name", DOCUMENTS)
def test_nothing_in_it_tells_where_it_was_made(name: str) -> None:
    for models in MODELS:
        made = generated(name, models)
        for text in (made.text, "\n".join(map(str, made.findings))):
            assert str(FOLDER) not in text
            assert str(ROOT) not in text
            assert str(Path.home()) + os.sep not in text


@pytest.mark.parametrize(("name", "models"), [(name, MODELS[number % 2 - 1]) for number, name in enumerate(DOCUMENTS)])
def test_given_its_own_module_it_stays_the_same(name: str, models: Models) -> None:
    text = generated(name, models).text
    assert generate(FOLDER / name, models=models, previous=text).text == text


@pytest.mark.parametrize("models", MODELS)
def test_modules_do_not_disturb_each_other(models: Models) -> None:
    """The same document twice in one process, as two modules."""
    name = DOCUMENTS[0]
    with (
        executed(generated(name, models).text, "first_copy") as first,
        executed(generated(name, models).text, "second") as second,
    ):
        for each in first.__all__:
            one, other = getattr(first, each), getattr(second, each)
            if isinstance(one, type):
                assert one is not other


def test_a_client_loads_no_tools(tmp_path: Path) -> None:
    """What runs in production has neither the generator nor what reads documents in it."""
    path = tmp_path / "client.py"
    path.write_text(generated(DOCUMENTS[0], "msgspec").text, encoding="utf-8")
    code = (
        "import sys; sys.path.insert(0, '.'); import client; "
        "print(sorted(name for name in sys.modules if name.split('.')[0] in ('ruamel', 'pydantic') "
        "or name.startswith(('typedws.schema.building', 'typedws.schema.document', 'typedws.schema.emit'))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.strip() == "[]", done.stdout
    assert importlib.util.find_spec("ruamel.yaml") is not None


# The last tests: what they wait for has run since the first.


@pytest.mark.parametrize("program", ["format", "lint"])
def test_all_modules_are_formatted_and_have_nothing_to_complain_about(program: str, checks: Checks) -> None:
    assert checks.complaints(program) == ""


def test_all_modules_pass_mypy(checks: Checks) -> None:
    assert checks.complaints("mypy") == ""


def test_all_modules_pass_pyright(checks: Checks) -> None:
    probe = subprocess.run(
        [sys.executable, "-m", "pyright", "--version"], capture_output=True, text=True, timeout=60, check=False
    )
    if probe.returncode != 0:
        pytest.skip(f"pyright cannot run here, it needs Node: {probe.stderr.strip().splitlines()[-1:]}")
    assert checks.complaints("pyright") == ""
