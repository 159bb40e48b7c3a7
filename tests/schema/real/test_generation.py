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
from pathlib import Path

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


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every module of every document."""
    folder = tmp_path_factory.mktemp("modules")
    for name in DOCUMENTS:
        for models in MODELS:
            path = folder / f"{module_name(name, models)}.py"
            path.write_text(generated(name, models).text, encoding="utf-8", newline="\n")
    return folder


def check(*command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    # Somebody's program finds the package where it is installed; here that is the root of the project.
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=cwd,
        env={**os.environ, "MYPYPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=140,
        check=False,
    )


def test_all_the_documents_are_here() -> None:
    assert len(DOCUMENTS) >= 33


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


def test_all_modules_are_formatted_and_have_nothing_to_complain_about(package: Path) -> None:
    for command in (("format", "--check"), ("check",)):
        done = check("ruff", *command, "--isolated", ".", cwd=package)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr


@pytest.mark.time_limit(150)
def test_all_modules_pass_mypy(package: Path) -> None:
    done = check("mypy", "--config-file=", "--strict", "--follow-imports=silent", "--no-incremental", ".", cwd=package)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr


def test_all_modules_pass_pyright(package: Path) -> None:
    probe = check("pyright", "--version", cwd=ROOT)
    if probe.returncode != 0:
        pytest.skip(f"pyright cannot run here, it needs Node: {probe.stderr.strip().splitlines()[-1:]}")
    (package / "pyrightconfig.json").write_text(
        json.dumps(
            {"include": ["."], "extraPaths": [str(ROOT)], "pythonVersion": "3.11", "typeCheckingMode": "standard"}
        )
    )
    done = check("pyright", "--pythonpath", sys.executable, cwd=package)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr


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
        "or name.startswith(('typedws.schema.build', 'typedws.schema.document', 'typedws.schema.emit'))))"
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
