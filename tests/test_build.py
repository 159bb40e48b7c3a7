"""The compiled form is all there or not at all, and typedws works without it.

Each test has a copy of the source tree. Whole wheels are built and tried by `scripts/build-wheels`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest

from tests.compiled_form import is_older
from typedws import protocol

ROOT = Path(__file__).parent.parent
FALSE = shutil.which("false") or "false"
NO_MODULE = "This is what somebody's earlier compilation left, and no module."

SHOW = """
import sys
import typedws
from typedws import protocol
from typedws.testing import session_pair
import anyio

async def main():
    async with session_pair() as (client, server):
        await client.send("arrives")
        print((await server.receive()).text)

anyio.run(main)
print(protocol.compiled, sorted({sys.modules[name].__file__.rpartition(".")[2] for name in protocol.HOT}))
"""
PLAIN = "arrives\nFalse ['py']\n"
COMPILED = f"arrives\nTrue ['{EXTENSION_SUFFIXES[0].rpartition('.')[2]}']\n"

needs_compiled = pytest.mark.skipif(not protocol.compiled, reason="nothing is compiled here")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The source without anything compiled."""
    if not (ROOT / "hatch_build.py").exists():
        pytest.skip("these tests need the source tree")
    copy = tmp_path / "tree"
    ignored = shutil.ignore_patterns("__pycache__", "*.so", "*.pyd")
    shutil.copytree(ROOT / "typedws", copy / "typedws", ignore=ignored)
    for name in ("hatch_build.py", "pyproject.toml", "README.md", "LICENSE", ".gitignore"):
        if (ROOT / name).exists():
            shutil.copy2(ROOT / name, copy / name)
    return copy


def put_compiled(tree: Path) -> list[Path]:
    """Puts the compiled modules into `tree` that are in use here."""
    files = [Path(str(sys.modules[name].__file__)) for name in (*protocol.HOT, *protocol.IN_C)]
    package = Path(str(protocol.__file__)).parent.parent.parent
    return [Path(shutil.copy2(file, tree / file.relative_to(package))) for file in files]


def put_garbage(tree: Path) -> list[Path]:
    """Puts into `tree` what cannot be loaded, for every module that is compiled."""
    names = (*protocol.HOT, *protocol.IN_C)
    files = [tree / (name.replace(".", "/") + EXTENSION_SUFFIXES[0]) for name in names]
    for file in files:
        file.write_text(NO_MODULE, encoding="utf-8")
    return files


def python(*arguments: str, tree: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    names = ("TYPEDWS_PLAIN", "TYPEDWS_BUILD", "CC", "CFLAGS")
    environment = {name: value for name, value in os.environ.items() if name not in names}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=tree,
        env={**environment, "PYTHONPATH": str(tree), **variables},
        capture_output=True,
        text=True,
        timeout=60,
    )


def show(tree: Path, **variables: str) -> str:
    done = python("-c", SHOW, tree=tree, **variables)
    assert done.returncode == 0, done.stderr
    return done.stdout


# Without a C compiler.


def without_compiler(path: Path) -> dict[str, str]:
    path.mkdir()
    return {"PATH": str(path)}


@pytest.mark.parametrize("missing", ["CC=false", "PATH"])
def test_without_a_compiler_the_package_is_plain_and_a_line_says_so(tree: Path, tmp_path: Path, missing: str) -> None:
    for tool in ("Cython", "hatchling", "setuptools"):
        pytest.importorskip(tool)
    earlier = put_garbage(tree)
    variables = {"CC": FALSE} if missing == "CC=false" else without_compiler(tmp_path / "nothing-in-it")
    done = python("hatch_build.py", tree=tree, **variables)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert "typedws is built in its plain form, as it could not be compiled: " in done.stderr
    assert not [file for file in earlier if file.exists()]
    assert show(tree) == PLAIN


def test_a_build_that_must_compile_fails_without_a_compiler(tree: Path) -> None:
    for tool in ("Cython", "hatchling", "setuptools"):
        pytest.importorskip(tool)
    earlier = put_garbage(tree)
    done = python("hatch_build.py", tree=tree, CC=FALSE, TYPEDWS_BUILD="compiled")
    assert done.returncode != 0
    assert FALSE in done.stderr
    assert not [file for file in earlier if file.exists()]


def test_a_plain_build_takes_away_what_was_compiled(tree: Path) -> None:
    pytest.importorskip("hatchling")
    earlier = put_garbage(tree)
    done = python("hatch_build.py", tree=tree, TYPEDWS_BUILD="plain")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not [file for file in earlier if file.exists()]


def test_an_unknown_word_in_the_environment_is_an_error(tree: Path) -> None:
    pytest.importorskip("hatchling")
    done = python("hatch_build.py", tree=tree, TYPEDWS_BUILD="fast")
    assert done.returncode != 0
    assert "TYPEDWS_BUILD is 'fast': it may be 'plain' or 'compiled', or not be set" in done.stderr


def test_a_plain_wheel_has_no_compiled_module_whatever_lies_in_the_tree(tree: Path, tmp_path: Path) -> None:
    pytest.importorskip("hatchling")
    put_garbage(tree)
    command = ("-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "dist"))
    done = python(*command, tree=tree, TYPEDWS_BUILD="plain")
    assert done.returncode == 0, done.stderr
    (wheel,) = (tmp_path / "dist").iterdir()
    assert wheel.name.endswith("-py3-none-any.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "typedws/protocol/codec.py" in names
    assert not [name for name in names if name.endswith((".so", ".pyd", ".c", ".pxd"))]


# What is loaded.


@needs_compiled
def test_what_is_compiled_is_loaded_unless_the_environment_says_otherwise(tree: Path) -> None:
    put_compiled(tree)
    assert show(tree) == COMPILED
    assert show(tree, TYPEDWS_PLAIN="0") == COMPILED
    assert show(tree, TYPEDWS_PLAIN="1") == PLAIN


@needs_compiled
@pytest.mark.parametrize("name", ["typedws.wire", "typedws.protocol._landing"])
def test_when_one_compiled_module_is_missing_none_is_loaded(tree: Path, name: str) -> None:
    put_compiled(tree)
    for suffix in EXTENSION_SUFFIXES:
        (tree / (name.replace(".", "/") + suffix)).unlink(missing_ok=True)
    assert show(tree) == PLAIN


def test_compiled_modules_of_another_python_are_not_looked_at(tree: Path) -> None:
    for file in put_garbage(tree):
        file.rename(file.with_name(file.name.split(".")[0] + ".cpython-27-pdp11-unix.so"))
    assert show(tree) == PLAIN


def test_the_package_is_imported_from_an_archive(tree: Path, tmp_path: Path) -> None:
    archive = tmp_path / "program.pyz"
    with zipfile.ZipFile(archive, "w") as target:
        for path in (tree / "typedws").rglob("*.py"):
            target.write(path, path.relative_to(tree))
    shutil.rmtree(tree / "typedws")
    for plain in ("0", "1"):
        assert show(tree, PYTHONPATH=str(archive), TYPEDWS_PLAIN=plain) == PLAIN


# What the tests run on.


def test_a_compiled_module_is_older_when_any_source_was_written_later(tmp_path: Path) -> None:
    compiled = [tmp_path / "codec.so", tmp_path / "wire.so"]
    sources = [tmp_path / "codec.py", tmp_path / "wire.py", tmp_path / "wire.pxd"]
    for path in (*compiled, *sources):
        path.touch()
        os.utime(path, (1000, 1000))
    assert not is_older(compiled, sources), "a clone may have one time for everything"
    os.utime(tmp_path / "wire.pxd", (1001, 1001))
    assert is_older(compiled, sources)
    os.utime(compiled[0], (1002, 1002))
    assert is_older(compiled, sources), "the other one is still as it was"
    os.utime(compiled[1], (1002, 1002))
    assert not is_older(compiled, sources)
    assert not is_older(compiled, []), "an installed wheel has no sources"


@needs_compiled
def test_a_run_of_the_tests_stops_where_the_compiled_form_is_older(tree: Path) -> None:
    put_compiled(tree)
    (tree / "tests").mkdir()
    for name in ("conftest.py", "compiled_form.py", "test_retry.py"):
        shutil.copy2(ROOT / "tests" / name, tree / "tests" / name)
    (tree / "typedws/wire.py").touch()
    done = python("-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_retry.py", tree=tree)
    assert done.returncode != 0
    assert done.stderr.strip() == "ERROR: the compiled form is older than its source: run scripts/compile"
