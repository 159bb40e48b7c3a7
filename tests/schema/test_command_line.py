"""The commands: what they print and where, how they end, and what they leave alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from typedws.cli import main
from typedws.schema import generate, lint

SCHEMAS = Path(__file__).parents[2] / "schemas"
TAG = str(SCHEMAS / "tag.yaml")


def test_a_client_is_written_and_a_summary_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "client.py"
    assert main(["generate", TAG, "-o", str(output)]) == 0
    assert output.read_text(encoding="utf-8") == generate(TAG).text
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.splitlines()[-1].startswith(f"wrote {output}: 1 connection, ")


def test_without_a_file_the_client_goes_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["generate", TAG, "--models", "pydantic", "--name", "Lift"]) == 0
    assert capsys.readouterr().out == generate(TAG, models="pydantic", name="Lift").text


def test_check_says_whether_a_client_is_up_to_date(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "client.py"
    main(["generate", TAG, "-o", str(output)])
    assert main(["generate", TAG, "-o", str(output), "--check"]) == 0
    text = output.read_text(encoding="utf-8")
    output.write_text(text.replace("kw_only=True", "kw_only=False"), encoding="utf-8")
    capsys.readouterr()
    assert main(["generate", TAG, "-o", str(output), "--check"]) == 1
    printed = capsys.readouterr()
    assert "-class " in printed.out
    assert "+class " in printed.out
    assert "generate it again" in printed.err
    assert "kw_only=False" in output.read_text(encoding="utf-8"), "a check writes nothing"


@pytest.mark.parametrize("content", [b"print('mine')\n", b"\xff\xfe\x00"])
def test_what_it_did_not_write_it_does_not_overwrite(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    output = tmp_path / "mine.py"
    output.write_bytes(content)
    assert main(["generate", TAG, "-o", str(output)]) == 2
    assert output.read_bytes() == content
    assert "no module that typedws generated" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["generate", "nothing.yaml"], "nothing.yaml"),
        (["generate", TAG, "-o", "no/such/client.py"], "there is no folder no/such"),
        (["generate", TAG, "-o", ".", "--check"], "is a folder"),
        (["generate", TAG, "-o", "none.py", "--check"], "does not exist"),
        (["generate", TAG, "--check"], "say which with -o FILE"),
        (["generate", TAG, "--name", "class"], "'class' cannot be the name of a class"),
        (["generate", str(Path(__file__))], "test_command_line.py"),
        (["lint", "nothing.yaml"], "there is no such file"),
        (["export", "nothing.at:all"], "nothing"),
        (["mock", "nothing.yaml"], "nothing.yaml"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_two(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    text: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.splitlines()[-1].startswith("typedws: error: ")
    assert text in printed.err


def test_lint_prints_every_finding_with_its_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = tmp_path / "api.yaml"
    document.write_text(
        "asyncapi: 3.0.0\n"
        "info: {title: Prices, version: 1.0.0}\n"
        "servers: {main: {host: prices.test, protocol: wss}}\n"
        "channels:\n"
        "  feed:\n"
        "    address: /feed\n"
        "    messages:\n"
        "      trade:\n"
        "        payload: {type: object, requird: [price], properties: {price: {type: number}}}\n"
        "operations:\n"
        "  onTrade: {action: receive, channel: {$ref: '#/channels/feed'}}\n"
    )
    assert main(["lint", str(document), "--perspective", "client"]) == 0
    printed = capsys.readouterr()
    assert printed.out.splitlines() == [
        f"{document}:9: warning: 'requird' is no keyword of a schema; it is left out [unknown-keyword]",
        "    write 'required' if that is meant",
    ]
    assert printed.err == "0 errors, 1 warning\n"


def test_lint_fails_where_messages_would_be_lost(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lint", str(SCHEMAS / "undecided.yaml")]) == 1
    assert "[undecided]" in capsys.readouterr().out


def test_a_document_that_cannot_be_used_is_one_finding() -> None:
    (found,) = lint("api.yaml", text="openapi: 3.1.0\n")
    assert (found.severity, found.code, found.document) == ("error", "unusable", "api.yaml")
    assert "OpenAPI" in found.message


def test_a_document_is_exported_and_generated_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shop_api.py").write_text(
        "import msgspec\n"
        "from typedws.schema import Api, Channel\n"
        "class Order(msgspec.Struct, tag='order'):\n    item: str\n"
        "class Sold(msgspec.Struct, tag='sold'):\n    item: str\n"
        "api = Api('Shop', '1.0.0', channels=[Channel('orders', address='/orders', incoming=Order, outgoing=Sold)])\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    assert main(["export", "shop_api:api", "-o", "shop.yaml"]) == 0
    assert main(["generate", "shop.yaml", "-o", "shop.py"]) == 0
    assert "class Order(Struct" in (tmp_path / "shop.py").read_text()


def test_help_speaks_of_every_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "typedws", "--help"], capture_output=True, text=True, timeout=60, check=True
    )
    assert all(command in done.stdout for command in ("generate", "export", "lint", "mock"))


def test_a_reader_that_has_read_enough_is_no_error() -> None:
    done = subprocess.run(
        f"{sys.executable} -m typedws generate {SCHEMAS / 'chat' / 'api.yaml'} | head -1",
        shell=True,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "Broken pipe" not in done.stderr


def test_the_old_module_keeps_its_names(tmp_path: Path) -> None:
    first = generate(TAG)
    renamed = first.text.replace("class ", "class Old", 1)
    name = renamed.split("class Old", 1)[1].split("(")[0]
    again = generate(TAG, previous=renamed.replace(f"{name}", f"{name}"))
    assert f"class Old{name}(" in again.text


@pytest.mark.parametrize(
    ("arguments", "text"),
    [({"models": "attrs"}, "models"), ({"perspective": "mine"}, "perspective"), ({"name": "a b"}, "name")],
)
def test_options_are_checked(arguments: dict[str, str], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        generate(TAG, **arguments)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
