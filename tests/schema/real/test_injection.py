"""Nothing in a document becomes code, and nothing that a caller gives becomes another request."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest

from tests.schema.real.documents import DOCUMENTS, MODELS, ROOT, executed, generated, needs_documents
from tests.schema.real.poison import POISONS, document2, document3, foreign_parts, in_bytes
from typedws import SchemaError, TextFrame
from typedws.errors import InvalidURLError
from typedws.schema.emit.naming import Models
from typedws.schema.generating import Generated, generate
from typedws.schema.runtime import connection
from typedws.schema.runtime.address import Address, build_address

TRIPWIRE: Final = '''
import sys, typing, uuid, datetime, contextlib, unicodedata
import msgspec, pydantic, typedws.schema
from pathlib import Path
from types import ModuleType
from typedws.schema import Connection, Model, given

def warm(base):
    """What libraries import when they are first used is imported now."""
    class Warm(base):
        a: int = 0
    return Warm

msgspec.json.Decoder(warm(msgspec.Struct))
pydantic.TypeAdapter(warm(Model) | uuid.UUID | datetime.datetime | list[typing.Literal["a"]])

texts = [(path.stem, path.read_text(encoding="utf-8")) for path in sorted(Path(sys.argv[1]).glob("*.py"))]
codes = [(name, compile(text, name, "exec", dont_inherit=True)) for name, text in texts]
before = set(sys.modules)
caught = []
armed = False
bad = ("os.", "subprocess.", "socket.", "shutil.", "ctypes.", "pty.", "code.", "cpython.run", "builtins.input", "webbrowser.", "sqlite3.", "urllib.")

def hook(event, arguments):
    if armed and (event.startswith(bad) or event == "open"):
        caught.append(f"{current}: {event} {arguments!r}"[:300])

sys.addaudithook(hook)
current = "?"
for current, code in codes:
    module = sys.modules[current] = ModuleType(current)
    armed = True
    try:
        exec(code, module.__dict__)
        for each in list(vars(module).values()):
            if isinstance(each, type) and issubclass(each, Connection) and each is not Connection:
                each.incoming.codec()
                each.outgoing.codec()
                repr(each.incoming)
    finally:
        armed = False
    if "OWNED" in vars(module):
        caught.append(f"{current}: OWNED")
new = {name for name in set(sys.modules) - before - {name for name, _ in codes} if not name.startswith(("typedws", "pydantic", "msgspec", "cbor2"))}
print(len(codes), *caught, *(f"imported {name}" for name in sorted(new)), sep="\\n")
'''

SMALL: Final = {
    "asyncapi": "3.0.0",
    "info": {"title": "Small", "version": "1"},
    "channels": {"x": {"address": "/x", "messages": {"m": {"payload": {"$ref": "#/components/schemas/S"}}}}},
    "operations": {"o": {"action": "receive", "channel": {"$ref": "#/channels/x"}}},
    "components": {
        "schemas": {"S": {"type": "object", "properties": {"a": {"type": "object", "properties": {"b": {}}}}}}
    },
}
"""A document with nothing bad in it."""

DOCUMENTS_OF: Final[dict[str, Callable[[str], dict[str, Any]]]] = {"version3": document3, "version2": document2}


@cache
def made_from(text: str, version: str, models: Models) -> Generated | None:
    """The module of a document that is full of a text; None where the document is refused."""
    try:
        return generate("api.json", text=in_bytes(DOCUMENTS_OF[version](text)), models=models)
    except SchemaError as error:
        assert_has_a_place(error, "api.json")
        return None


def assert_has_a_place(error: SchemaError, document: str) -> None:
    assert error.document == document
    str(error).encode()


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every module that a document with a poison in it is made into."""
    folder = tmp_path_factory.mktemp("poisoned")
    for number, text in enumerate(POISONS.values()):
        for version in DOCUMENTS_OF:
            for models in MODELS:
                made = made_from(text, version, models)
                if made is not None:
                    path = folder / f"poison_{number}_{version}_{models}.py"
                    path.write_text(made.text, encoding="utf-8", newline="\n")
    return folder


@pytest.mark.parametrize("name", POISONS)
def test_a_module_consists_of_what_modules_consist_of(name: str) -> None:
    for version in DOCUMENTS_OF:
        for models in MODELS:
            made = made_from(POISONS[name], version, models)
            if made is not None:
                assert list(foreign_parts(made.text)) == []
                assert is_plain(made.text), "a character that moves others, or ends a line somewhere"


@pytest.mark.parametrize("version", DOCUMENTS_OF)
def test_the_same_comes_out_again(version: str) -> None:
    text = "".join(each for each in POISONS.values() if len(each) < 100 and "\ud800" not in each and "\0" not in each)
    made = [
        generate("api.json", text=in_bytes(DOCUMENTS_OF[version](text)), models=models).text
        for models in (*MODELS, *MODELS)
    ]
    assert made[:2] == made[2:]
    for each in made[:2]:
        assert list(foreign_parts(each)) == []
        assert is_plain(each)


def is_plain(text: str) -> bool:
    """Whether every line that somebody sees is a line, and stands in the order in which it is read."""
    if "\r" in text or "\0" in text or text.splitlines() != text.split("\n")[:-1]:
        return False
    return not any("\u202a" <= letter <= "\u202e" or "\u2066" <= letter <= "\u2069" for letter in text)


def test_few_of_these_documents_are_refused() -> None:
    refused = {
        (name, version)
        for name, text in POISONS.items()
        for version in DOCUMENTS_OF
        if made_from(text, version, "msgspec") is None
    }
    assert {name for name, _ in refused} <= {"a surrogate", "nul", "a half brace", "empty"}, refused


def test_modules_do_nothing_when_they_are_imported(modules: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", TRIPWIRE, str(modules)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    count, *caught = done.stdout.splitlines()
    assert int(count) > 150
    assert caught == []


def test_modules_are_formatted(modules: Path) -> None:
    for command in (["format", "--check"], ["check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--isolated", "."],
            cwd=modules,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-500:]


@pytest.mark.parametrize("models", MODELS)
@pytest.mark.parametrize(
    "name", ["triple quotes", "a new line", "braces", "bidi", "an end of an annotation", "a place"]
)
def test_texts_arrive_as_they_are(name: str, models: Models) -> None:
    """Inert does not mean lost: values on the wire are those of the document."""
    text = POISONS[name]
    document = {
        "asyncapi": "3.0.0",
        "channels": {"c": {"messages": {
            "a": {"payload": {"type": "object", "required": ["type"], "properties": {"type": {"const": text}, text: {"enum": [text]}}}},
            "b": {"payload": {"type": "object", "required": ["type"], "properties": {"type": {"const": "b"}}}}}}},
        "operations": {"o": {"action": "receive", "channel": {"$ref": "#/channels/c"}}},
    }  # fmt: skip
    made = generate("api.json", text=in_bytes(document), models=models, name="Client", perspective="client")
    with executed(made.text) as module:
        codec = module.Client.incoming.codec()
        sent = {"type": text, text: text}
        if any(finding.code == "field-left-out" for finding in made.findings):
            assert models == "msgspec"  # which has no fields with such names, and the generator says so
            del sent[text]
        read = codec.decode(TextFrame(json.dumps(sent)))
        assert type(read) is getattr(module, made.contract.connections[0].incoming.messages[0].name)
        assert json.loads(codec.encode(read).data) == sent


@pytest.mark.parametrize("name", [each for each in POISONS if "\0" not in POISONS[each] and len(POISONS[each]) < 100])
def test_file_names(name: str, tmp_path: Path) -> None:
    file = POISONS[name].replace("/", "_") + ".json"
    for models in MODELS:
        try:
            made = generate(tmp_path / file, text=in_bytes(SMALL), models=models)
        except SchemaError:
            continue
        assert list(foreign_parts(made.text)) == []
        assert is_plain(made.text)
        assert str(tmp_path) not in made.text


@pytest.mark.parametrize("name", POISONS)
def test_settings_beside_the_document(name: str, tmp_path: Path) -> None:
    text = POISONS[name]
    quoted = json.dumps(text, ensure_ascii=True)
    settings = (
        f"name = {quoted}\n",
        f"[names]\n{quoted} = 'Fine'\n",
        f"[names]\n'#/components/schemas/S' = {quoted}\n",
        f"[discriminators]\n{quoted} = {quoted}\nx = {quoted}\n'x.incoming' = {json.dumps('/' + text)}\n",
        f"perspective = {quoted}\n",
    )
    for setting in settings:
        (tmp_path / "typedws.toml").write_text(setting, encoding="utf-8")
        try:
            made = generate(tmp_path / "api.json", text=in_bytes(SMALL))
        except SchemaError as error:
            assert_has_a_place(error, "typedws.toml")
            continue
        assert list(foreign_parts(made.text)) == []
        assert is_plain(made.text)


@pytest.mark.parametrize("name", POISONS)
def test_the_module_that_was_there_before(name: str) -> None:
    """Names are read from a file that anybody may have edited."""
    text = POISONS[name]
    old = [
        f"# from #/components/schemas/S\nclass {text}(Struct):\n",
        f"# from #/components/schemas/{text}\nclass import(Struct):\n",
        f"# from {text}\nclass Struct(Struct):\n",
        text,
    ]
    for previous in ("".join(old), "".join(reversed(old))):
        made = generate("api.json", text=in_bytes(SMALL), previous=previous)
        assert list(foreign_parts(made.text)) == []
        with executed(made.text):
            pass


@needs_documents
@pytest.mark.parametrize("models", MODELS)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_modules_of_real_documents_have_nothing_else_in_them_either(name: str, models: Models) -> None:
    text = generated(name, models).text
    assert list(foreign_parts(text)) == []
    assert is_plain(text)


def test_the_guard_notices() -> None:
    """The test above would see code if there was some."""
    for code in ("import os\n", "__import__('os')\n", "x = open('a')\n", "class A(Struct, metaclass=B):\n    print()\n", "f'{a.b}'\n", "x = [a for a in b]\n",
                 "if x: pass\n", "@a\ndef f(): pass\n", "class A(B): pass\n", "x = (lambda: 1)\n", "'a'\n'b'\n", "x = str.format('a')\n"):  # fmt: skip
        assert list(foreign_parts(code)), code


# What callers give.

EVIL: Final = (
    "../admin", "..", ".", "a/b", "//evil.test", "a?b=c", "a#b", "a&b=c", "a;b", "a b", "%2e%2e", "%2f", "%00", "\\", "@evil.test", ":80@evil.test", "é",
    "a\r\nX-Evil: 1", "a\nb", "\r", "\n", "\0", "\x7f", "\x85", "\u2028", "\ud800", "{stage}", "{", "}", '"', "'", "<", "+", "=", "", " ", "日本", "a" * 10_000,
)  # fmt: skip

API: Final = {
    "asyncapi": "3.0.0",
    "info": {"title": "Evil", "version": "1"},
    "servers": {"s": {"host": "{region}.market.test", "pathname": "/v1/{stage}", "protocol": "wss", "variables": {"region": {"default": "eu"}, "stage": {}},
                      "security": [{"type": "http", "scheme": "bearer"}, {"type": "httpApiKey", "in": "query", "name": "key"}, {"type": "httpApiKey", "in": "header", "name": "X-Key"},
                                   {"type": "httpApiKey", "in": "cookie", "name": "session"}, {"type": "http", "scheme": "basic"}]}},
    "channels": {"c": {"address": "/rooms/{room}/feed", "parameters": {"room": {}}, "messages": {"m": {"payload": {"type": "object", "properties": {"a": {}}}}},
                       "bindings": {"ws": {"query": {"type": "object", "properties": {"since": {"type": "string"}}},
                                           "headers": {"type": "object", "properties": {"X-Client": {"type": "string"}}}}}}},
    "operations": {"o": {"action": "receive", "channel": {"$ref": "#/channels/c"}}},
}  # fmt: skip
USUAL: Final = {"stage": "prod", "room": "r", "since": "now", "x_client": "me", "region": "eu"}


class Asked(Exception):
    """What a client would have asked for."""

    def __init__(self, address: Address) -> None:
        super().__init__()
        self.address = address


@pytest.fixture(scope="module", params=MODELS)
def client(request: pytest.FixtureRequest) -> Any:
    text = generate("api.json", text=json.dumps(API), models=request.param, name="Evil").text
    with executed(text, f"evil_{request.param}") as module:
        yield module.Evil


@pytest.fixture
def asked(client: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Address | None]:
    """Connects, up to the address; None where that is refused."""

    def build(*arguments: Any, **named: Any) -> Address:
        raise Asked(build_address(*arguments, **named))

    monkeypatch.setattr(connection, "build_address", build)

    def ask(**arguments: Any) -> Address | None:
        try:
            client.connect(**{**USUAL, **arguments})
        except Asked as answer:
            return answer.address
        except (ValueError, InvalidURLError):
            return None
        raise AssertionError("nothing was asked")

    return ask


def is_harmless(address: Address) -> bool:
    """Whether a request has as many parts as one with harmless values, and only what HTTP allows."""
    parts = urlsplit(address.url)
    fields = [text for pair in address.headers for text in pair]
    return (
        address.url.isascii()
        and address.url.isprintable()
        and parts.scheme == "wss"
        and parts.username is None
        and (parts.hostname or "").endswith(".market.test")
        and parts.fragment == ""
        and len(parts.path.split("/")) == 6
        and not any(letter < " " or letter == "\x7f" for text in fields for letter in text)
    )


def test_harmless_values(asked: Callable[..., Address | None]) -> None:
    address = asked()
    assert address is not None
    assert address.url == "wss://eu.market.test/v1/prod/rooms/r/feed?since=now"
    assert is_harmless(address)
    assert ("X-Client", "me") in address.headers


@pytest.mark.parametrize("value", EVIL)
def test_address_parameters(asked: Callable[..., Address | None], value: str) -> None:
    address = asked(room=value)
    if address is not None:
        assert is_harmless(address)
        assert unquote(urlsplit(address.url).path.split("/")[4]) == value
        assert ".." not in urlsplit(address.url).path.split("/")


@pytest.mark.parametrize("value", EVIL)
def test_variables_of_the_host(asked: Callable[..., Address | None], value: str) -> None:
    address = asked(region=value)
    if address is not None:
        assert is_harmless(address)


@pytest.mark.parametrize("value", EVIL)
def test_variables_of_the_path(asked: Callable[..., Address | None], value: str) -> None:
    address = asked(stage=value)
    if address is not None:
        parts = urlsplit(address.url)
        assert parts.hostname == "eu.market.test"
        assert parts.path.startswith("/v1/")
        assert parts.path.endswith("/rooms/r/feed")
        assert (parts.query, parts.fragment) == ("since=now", "")
        assert not {".", ".."} & set(parts.path.split("/")), "another path than the one that is written down"


@pytest.mark.parametrize("value", EVIL)
def test_query_parameters(asked: Callable[..., Address | None], value: str) -> None:
    address = asked(since=value, key=value)
    if address is not None:
        assert is_harmless(address)
        assert parse_qsl(urlsplit(address.url).query, keep_blank_values=True) == [("since", value), ("key", value)]


@pytest.mark.parametrize("value", EVIL)
@pytest.mark.parametrize("argument", ["x_client", "token", "x_key", "session"])
def test_header_fields(asked: Callable[..., Address | None], argument: str, value: str) -> None:
    address = asked(**{argument: value})
    if address is not None:
        assert is_harmless(address)
        assert not {"x-evil"} & {name.lower() for name, _ in address.headers}


@pytest.mark.parametrize("value", EVIL)
def test_secrets_are_in_no_error(client: Any, value: str) -> None:
    secret = f"hunter2{value}"
    for argument in ("token", "key", "x_key", "session"):
        try:
            shown = repr(client.connect(**{**USUAL, argument: secret}))
        except (ValueError, InvalidURLError) as error:
            shown = f"{error} {error!r}"
        assert "hunter2" not in shown
