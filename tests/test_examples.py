"""The examples run as they are: each of them, on every event loop, over loopback."""

from __future__ import annotations

import importlib.util
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest
import yaml
from pydantic import BaseModel

from typedws.schema import generate

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
CONVERTERS = ["json", "pydantic", "cbor", "msgpack"]


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"examples_{name}", EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # postponed annotations are looked up there
    spec.loader.exec_module(module)
    return module


# What runs in the background of a shell ignores SIGINT, and so would what it starts.
PROGRAM = """
import runpy, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
del sys.argv[0]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def start(name: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(EXAMPLES / f"{name}.py"), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"},
    )


@pytest.fixture
def echo_server() -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The running echo server and its URL."""
    process = start("echo_server", "0")
    with process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            found = re.search(r"ws://\S+/", line)
            assert found, line
            yield process, found[0]
        finally:
            process.kill()


def test_every_example_is_tried_here() -> None:
    tried = {"demo", "echo_client", "echo_server", "market_client", "reconnect", "subprotocols"}
    tried.add("market_data")  # what market_client imports
    assert {path.stem for path in EXAMPLES.glob("*.py")} == tried


@pytest.mark.anyio
async def test_demo_runs_the_same_conversation_in_every_format(capsys: pytest.CaptureFixture[str]) -> None:
    await load("demo").main()
    printed = capsys.readouterr().out
    assert re.findall(r"^converter +(\w+)$", printed, re.MULTILINE) == CONVERTERS
    conversations = re.split(r"^converter.*$", printed, flags=re.MULTILINE)[1:]
    for conversation in conversations:
        labels = re.findall(r"^  (\w+)", conversation, re.MULTILINE)
        trades = len(re.findall(r"^  received +Trade", conversation, re.MULTILINE))
        assert labels == ["protocol", "sent", *["received"] * (trades + 1), "closed"]
        assert trades >= 1
        assert f"trades={trades})" in conversation
        assert "closed     1000 (normal)" in conversation


def test_demo_runs_as_a_program() -> None:
    process = start("demo")
    printed, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert errors == ""
    assert printed.count("closed     1000 (normal)") == len(CONVERTERS)


@pytest.mark.anyio
async def test_client_and_server_agree_on_a_format(capsys: pytest.CaptureFixture[str]) -> None:
    await load("subprotocols").main()
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("got ")[1] for line in lines] == [
        "adder.json, json -> 6",
        "adder.msgpack, msgpack -> 6",
        "adder.cbor, cbor -> 6",
        "None, json -> 6",
    ]


@pytest.mark.anyio
async def test_a_client_goes_on_after_a_restart(capsys: pytest.CaptureFixture[str]) -> None:
    await load("reconnect").main()
    printed = capsys.readouterr().out
    assert re.findall(r"number=(\d)", printed) == ["0", "1", "2", "3", "4"]
    assert printed.count("connected") == 3
    assert printed.count("1012 (service restart) back in a moment") == 2


@pytest.mark.anyio
async def test_echo_client_talks_to_the_echo_server(
    echo_server: tuple[subprocess.Popen[str], str], capsys: pytest.CaptureFixture[str]
) -> None:
    _, url = echo_server
    await load("echo_client").main(url)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" after")[0] for line in lines[:-1]] == [f"Greeting(text='hello', number={i})" for i in range(3)]
    assert lines[-1] == "closed 1000 (normal)"


@pytest.mark.anyio
async def test_a_generated_client_talks_to_the_mock_of_its_document(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(EXAMPLES)
    await load("market_client").main()
    printed = capsys.readouterr().out
    assert "market  BTC-EUR" in printed
    assert printed.count("trade   BTC-EUR") == 2
    assert printed.count("book    ") == 2
    assert printed.endswith("closed  1000 (normal)\nserver  received 5 messages, and found 0 wrong\n")


def test_the_client_of_the_example_is_what_its_document_says() -> None:
    previous = (EXAMPLES / "market_data.py").read_text(encoding="utf-8")
    assert generate(ROOT / "schemas" / "market-data" / "api.yaml", previous=previous).text == previous


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no SIGINT to one process")
def test_ctrl_c_ends_the_echo_server_in_order(echo_server: tuple[subprocess.Popen[str], str]) -> None:
    process, _ = echo_server
    process.send_signal(signal.SIGINT)
    printed, errors = process.communicate(timeout=60)
    assert (process.returncode, printed, errors) == (0, "ended\n", "")


# The document of the demo's API and the demo's types say the same.


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    text = (ROOT / "schemas" / "demo.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


def constraints(schema: dict[str, Any], *ignored: str) -> dict[str, Any]:
    """The parts of a JSON Schema that constrain a value, in one spelling."""
    kept = {key: value for key, value in schema.items() if key not in {"title", "description", "default", *ignored}}
    if "enum" in kept and len(kept["enum"]) == 1:
        kept["const"] = kept.pop("enum")[0]
    if "const" in kept:
        kept.pop("type", None)
    if "properties" in kept:
        kept["properties"] = {name: constraints(value, *ignored) for name, value in kept["properties"].items()}
        kept["required"] = sorted({*kept.get("required", []), "type"})
    return kept


@pytest.mark.parametrize("name", ["Subscribe", "Trade", "Summary"])
def test_the_document_describes_the_messages_of_the_demo(name: str, document: dict[str, Any]) -> None:
    demo = load("demo")
    described = document["components"]["schemas"][name]
    _, structs = msgspec.json.schema_components([getattr(demo, name)])
    model: type[BaseModel] = getattr(demo, f"{name}Model")
    assert constraints(model.model_json_schema()) == constraints(described)
    # msgspec names the format of a datetime only where a time zone is demanded
    assert constraints(structs[name], "format") == constraints(described, "format")


def test_the_examples_of_the_document_are_messages_of_the_demo(document: dict[str, Any]) -> None:
    demo = load("demo")
    for message in document["components"]["messages"].values():
        payload = message["examples"][0]["payload"]
        assert type(msgspec.convert(payload, demo.Subscribe | demo.Trade | demo.Summary)).__name__ == message["name"]


def test_the_document_describes_the_address_and_formats_of_the_demo(document: dict[str, Any]) -> None:
    demo = load("demo")
    channel = document["channels"]["prices"]
    headers = channel["bindings"]["ws"]["headers"]["properties"]
    assert headers["Sec-WebSocket-Protocol"]["enum"] == list(demo.FORMATS)
    assert f"{{server.port}}{channel['address']}" in (EXAMPLES / "demo.py").read_text(encoding="utf-8")
