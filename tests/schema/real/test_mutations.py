"""Broken documents end in a `SchemaError` or in a client: never in another exception, and never after long."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

from tests.schema.real.bombs import BOMBS
from tests.schema.real.documents import DOCUMENTS, FOLDER, MODELS, ROOT, directions, executed
from tests.schema.real.mutants import KEYWORDS, NAMES, PATTERNS, SCHEMA_KEYS, mutant
from tests.schema.real.originals import ORIGINALS
from typedws import SchemaError
from typedws.schema.document import load
from typedws.schema.emit.naming import Models
from typedws.schema.generating import Generated, generate

LONGEST: Final = 5.0
"""Seconds of CPU time that a document may take."""

MOST: Final = 500
"""Megabytes of memory."""

GROUP: Final = 10

SMALL: Final = [name for name in DOCUMENTS if (FOLDER / name).stat().st_size < 40_000]


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder that every module is put into; in the end they are looked at together."""
    folder = tmp_path_factory.mktemp("mutants")
    yield folder
    assert_is_tidy(folder)


def assert_is_tidy(folder: Path) -> None:
    for command in (["format", "--check"], ["check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--isolated", "."],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-500:]


@cache
def original(name: str) -> dict[str, Any]:
    if name in ORIGINALS:
        return ORIGINALS[name]
    value: dict[str, Any] = load(FOLDER / name).node.value
    return value


def others() -> list[dict[str, Any]]:
    return list(ORIGINALS.values())


@contextmanager
def in_time(name: str) -> Iterator[None]:
    start = time.process_time()
    yield
    taken = time.process_time() - start
    assert taken < LONGEST, f"{name} took {taken:.1f} s"


def outcome(
    name: str, text: bytes, models: Models, *, folder: Path | None = None, label: str = ""
) -> Generated | SchemaError:
    """What becomes of a document: a refusal with a place, or a module that is imported."""
    with in_time(label or name):
        try:
            made = generate(name, text=text, models=models)
        except SchemaError as error:
            refusal: SchemaError | None = error
        else:
            refusal = None
    if refusal is not None:
        assert refusal.document
        str(refusal).encode()
        return refusal
    made.text.encode()
    for finding in made.findings:
        str(finding).encode()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with executed(made.text) as module:
            for _, way, _, cls, _ in directions(made, module, models):
                getattr(cls, way).codec()
    if folder is not None:
        (folder / f"{label}_{models}.py").write_text(made.text, encoding="utf-8", newline="\n")
    return made


@pytest.mark.parametrize("group", range(10))
@pytest.mark.parametrize("name", ORIGINALS)
def test_broken_documents(name: str, group: int, modules: Path) -> None:
    for seed in range(group * GROUP, (group + 1) * GROUP):
        file, text = mutant(original(name), others(), f"{name} {seed}")
        outcome(file, text, MODELS[seed % 2], folder=modules, label=f"{name}_{seed}")


@pytest.mark.skipif(not DOCUMENTS, reason="the documents are not here")
@pytest.mark.parametrize("name", SMALL)
def test_broken_real_documents(name: str, modules: Path) -> None:
    label = "".join(letter if letter.isalnum() else "_" for letter in name)
    for seed in range(4):
        file, text = mutant(original(name), others(), f"{name} {seed}")
        # What it refers to in its folder is still there.
        outcome(str((FOLDER / name).parent / file), text, MODELS[seed % 2], folder=modules, label=f"{label}_{seed}")


def test_most_of_them_get_far() -> None:
    """A mutant that is refused at once shows little: more than half of them must be made into something."""
    made = 0
    for seed in range(40):
        file, text = mutant(original("version3"), others(), f"far {seed}")
        made += isinstance(outcome(file, text, "msgspec"), Generated)
    assert 20 <= made < 40


def test_a_seed_is_always_the_same_document() -> None:
    for seed in range(20):
        assert mutant(original("small"), others(), seed) == mutant(original("small"), others(), seed)


KINDS: Final[tuple[dict[str, Any], ...]] = (
    {"type": "object", "properties": {"a": {"type": "string"}}},
    {"type": "string"},
    {"type": "array", "items": {}},
)


def one(schema: object, **schemas: object) -> bytes:
    """A document whose one message has this payload."""
    value = {
        "asyncapi": "3.0.0",
        "info": {"title": "One", "version": "1"},
        "channels": {"c": {"address": "/", "messages": {"m": {"payload": schema}}}},
        "operations": {"o": {"action": "receive", "channel": {"$ref": "#/channels/c"}}},
        "components": {"schemas": schemas},
    }
    return json.dumps(value).encode("utf-8", "surrogatepass")


@pytest.mark.parametrize("key", SCHEMA_KEYS)
def test_every_value_of_every_keyword(key: str, modules: Path) -> None:
    for number, value in enumerate(KEYWORDS[key]):
        for kind, beside in enumerate(KINDS):
            models = MODELS[(number + kind) % 2]
            label = "".join(letter if letter.isalnum() else "_" for letter in f"{key}_{number}_{kind}")
            payload = {
                "type": "object",
                "properties": {"x": {**beside, key: value}, "y": {key: value}},
                "required": ["x"],
            }
            outcome("api.json", one(payload), models, folder=modules, label=label)


@pytest.mark.parametrize("models", MODELS)
def test_names_that_nobody_would_give(models: Models, modules: Path) -> None:
    for number, name in enumerate(NAMES):
        value = {
            "asyncapi": "3.0.0",
            "info": {"title": name, "version": name},
            "servers": {name: {"host": "h", "protocol": "ws", "variables": {name: {}}}},
            "channels": {name: {"address": "/x", "parameters": {name: {}}, "messages": {name: {"payload": {
                "type": "object", "title": name, "properties": {name: {"type": "object", "properties": {name: {"enum": [name, "x"]}}}}}}}}},
            "operations": {name: {"action": "send", "channel": {"$ref": "#/channels/" + name.replace("~", "~0").replace("/", "~1")}}},
        }  # fmt: skip
        text = json.dumps(value).encode("utf-8", "surrogatepass")
        outcome("api.json", text, models, folder=modules, label=f"name_{number}")


def test_patterns_that_are_none_in_python(modules: Path) -> None:
    for number, pattern in enumerate(PATTERNS):
        for models in MODELS:
            payload = {
                "type": "object",
                "properties": {"a": {"type": "string", "pattern": pattern}},
                "patternProperties": {pattern: {}},
            }
            outcome("api.json", one(payload), models, folder=modules, label=f"pattern_{number}")


@pytest.mark.parametrize(
    "text",
    [
        b"", b" ", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"null", b"[]", b"3", b'"x"', b"{}", b"{", b'{"asyncapi"}', b"asyncapi", b"asyncapi:", b"- a",
        b"asyncapi: 3.0.0", b"asyncapi: [3.0.0]", b"asyncapi: 3.0.0\nchannels: {}", b"asyncapi: 3.0.0\nchannels: []", b"asyncapi: 2.6.0\nchannels: {a: }",
        b"asyncapi: 3.0.0\nchannels: {a: null}", b"asyncapi: 3.0.0\nchannels: {a: {}}", b"asyncapi: 3.0.0\nchannels: {? {} : {}}", b"a: &a\n  <<: *a\n",
        b"asyncapi: 3.0.0\n\tchannels: {}", b"asyncapi: 3.0.0\nasyncapi: 3.0.0\nchannels: {a: {}}", b"\x80", b"openapi: 3.0.0", b"%YAML 1.1\n---\nasyncapi: 3.0.0\n",
    ],
)  # fmt: skip
def test_texts_that_are_hardly_a_document(text: bytes) -> None:
    for name in ("api.yaml", "api.json", "api", "api.txt"):
        outcome(name, text, "msgspec")


@pytest.fixture(scope="module")
def fates() -> dict[str, list[dict[str, Any]]]:
    """What becomes of each bomb, in a process of its own whose memory is measured."""
    names = list(BOMBS)
    running = [
        subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("bombs.py")), *half],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for half in (names[::2], names[1::2])
    ]
    found: dict[str, list[dict[str, Any]]] = {}
    for process in running:
        try:
            said, problems = process.communicate(timeout=140)
        finally:
            process.kill()
        assert process.returncode == 0, problems[-2000:]
        for line in said.splitlines():
            fate = json.loads(line)
            found.setdefault(fate["name"], []).append(fate)
    return found


@pytest.mark.parametrize("name", BOMBS)
def test_bombs(name: str, fates: dict[str, list[dict[str, Any]]]) -> None:
    for fate in fates[name]:
        assert fate["outcome"] in ("module", "refused"), fate["outcome"]
        assert fate["seconds"] < LONGEST
        assert fate["megabytes"] < MOST
        if fate["module"]:
            models: Models = fate["models"]
            assert len(fate["module"]) < 8_000_000
            compile(fate["module"], f"<{name} {models}>", "exec", dont_inherit=True)


def test_what_is_left_of_bombs_is_imported_and_formatted(
    fates: dict[str, list[dict[str, Any]]], tmp_path: Path
) -> None:
    for number, fate in enumerate(each for found in fates.values() for each in found if each["module"]):
        (tmp_path / f"bomb_{number}_{fate['models']}.py").write_text(fate["module"], encoding="utf-8", newline="\n")
        if number % 2:
            with executed(fate["module"]):
                pass
    assert_is_tidy(tmp_path)
