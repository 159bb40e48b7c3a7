"""Emitted modules, as modules: imported, formatted, checked."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import msgspec
from pydantic import TypeAdapter

from typedws.schema.contract.api import Contract
from typedws.schema.decisions import leaves
from typedws.schema.emit import Emitted, emit
from typedws.schema.emit.naming import Models, Names

MODELS: tuple[Models, ...] = ("msgspec", "pydantic")

_PROGRAM = shutil.which("ruff", path=sysconfig.get_path("scripts"))
RUFF = (sys.executable, "-m", "ruff") if _PROGRAM is None else (_PROGRAM,)
"""The program itself, where it is found: it starts several times as fast as Python."""


@contextmanager
def imported(text: str) -> Iterator[ModuleType]:
    """The module of this text."""
    name = "emitted_module"
    module = ModuleType(name)
    sys.modules[name] = module
    try:
        exec(compile(text, f"<{name}>", "exec", dont_inherit=True), module.__dict__)
        yield module
    finally:
        del sys.modules[name]


def formatted(text: str) -> str:
    """The text as `ruff format` leaves it, with nobody's settings."""
    done = subprocess.run(
        [*RUFF, "format", "--isolated", "--stdin-filename", "client.py", "-"], input=text.encode(), capture_output=True
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def complaints(text: str) -> str:
    """What `ruff check` says, with nobody's settings, where typedws is a package that has been installed."""
    done = subprocess.run(
        [*RUFF, "check", "--isolated", "--ignore", "PYI042", "--stdin-filename", "client.py", "-"],
        input=text.encode(),
        capture_output=True,
        cwd=tempfile.gettempdir(),
    )
    return "" if done.returncode == 0 else done.stdout.decode() + done.stderr.decode()


def build_decoders(contract: Contract, module: ModuleType, models: Models) -> dict[str, Any]:
    """A function that reads JSON for every declaration, and for every form of a decision."""
    found: dict[str, Any] = {}
    called = Names(contract, models)
    names = [declared.name for declared in contract.declarations]
    for connection in contract.connections:
        for direction in (connection.incoming, connection.outgoing):
            names += [*leaves(direction.text), *leaves(direction.binary)]
    for name in dict.fromkeys(names):
        form = getattr(module, called.of(name))
        if models == "msgspec":
            found[name] = msgspec.json.Decoder(form).decode
        else:
            found[name] = TypeAdapter(form).validate_json
    return found


def statements(text: str) -> set[type[ast.AST]]:
    """The kinds of statements in a module, classes and functions included."""
    return {type(node) for node in ast.walk(ast.parse(text)) if isinstance(node, ast.stmt)}


def emitted(contract: Contract, models: Models = "msgspec") -> Emitted:
    """Emits, and checks what holds for every module."""
    made = emit(contract, models=models)
    assert made == emit(contract, models=models)
    ast.parse(made.text)
    made.text.encode()
    return made
