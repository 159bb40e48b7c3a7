"""Whose `send` a document speaks of."""

from __future__ import annotations

import pytest

from tests.schema.document.reading import REAL, codes, read
from typedws.schema.building.perspective import Judgement, detect_perspective
from typedws.schema.document import load

SERVER = [
    "anychat.yaml", "chanx-client-fixture.json", "drivemarkets.yaml", "firezone.yml", "fishaudio.yml",
    "gemini-marketdata.yml", "kraken-filter-reply.yml", "kraken-multi-channel.yml", "shrek.yaml", "slack-rtm.yml",
    "tickdb.json", "voiceblender/asyncapi.yaml",
]  # fmt: skip
CLIENT = [
    "binance.yaml", "bitget.yaml", "bitwyre.yaml", "coinbase.yaml", "deepgram.yml",
    "hoppscotch-client/asyncapi-hoppscotch-client.yml", "iotype.yaml", "krakenfutures.yaml", "mobula.yaml", "okx.yaml",
    "openai-realtime.json", "postman-echo.yml", "reya-exec/asyncapi-exec-v2.yaml",
    "reya-trading/asyncapi-trading-v2.yaml",
    "satmouse/asyncapi.yaml", "slack-socketmode-client.yml",
]  # fmt: skip
NOBODYS = [
    "correlation-id.yml",
    "generator-ws-components.yml",
    "generator-ws-query.yml",
    "spec-oneof.yml",
    "trustgraph/asyncapi.yaml",
]
"""Examples that could be anybody's."""

HARD = ["binance.yaml"]
"""What is right and not sure."""

real = pytest.mark.skipif(not REAL.is_dir(), reason="the documents are not here")


@real
@pytest.mark.parametrize("name", SERVER)
def test_documents_of_servers(name: str) -> None:
    judgement = detect_perspective(load(REAL / name))
    assert (judgement.perspective, judgement.sure) == ("server", True)
    assert judgement.reasons


@real
@pytest.mark.parametrize("name", CLIENT)
def test_documents_of_clients(name: str) -> None:
    judgement = detect_perspective(load(REAL / name))
    assert (judgement.perspective, judgement.sure) == ("client", name not in HARD)
    assert judgement.reasons


@real
@pytest.mark.parametrize("name", NOBODYS)
def test_documents_that_do_not_say(name: str) -> None:
    assert not detect_perspective(load(REAL / name)).sure


def judge(*operations: str, title: str = "T", description: str = "", extra: str = "", version: int = 3) -> Judgement:
    """Judges a document of operations in the way `send say: Client sends a message`."""
    messages = channels = body = ""
    for index, each in enumerate(operations):
        action, _, rest = each.partition(" ")
        name, _, summary = rest.partition(": ")
        messages += f"      {name}: {{}}\n"
        body += f"  o{index}: {{action: {action}, summary: '{summary}', channel: {{$ref: '#/channels/a'}}, "
        body += f"messages: [{{$ref: '#/channels/a/messages/{name}'}}]}}\n"
        way = "subscribe" if action == "send" else "publish"
        channels += f"  c{index}: {{{way}: {{summary: '{summary}', message: {{name: {name}}}}}}}\n"
    text = f"asyncapi: {version}.0.0\ninfo: {{title: '{title}', version: 1, description: '{description}'}}\n{extra}\n"
    rest = (
        f"channels:\n{channels}" if version == 2 else f"channels:\n  a:\n    messages:\n{messages}operations:\n{body}"
    )
    return detect_perspective(read(text + rest, head=""))


@pytest.mark.parametrize(
    ("operations", "expected"),
    [
        (["send a: Client sends a message", "receive b: Server answers"], "client"),
        (["receive a: Client sends a message"], "server"),
        (["send a: Pushed from the server to subscribers"], "server"),
        (["receive a: Clients can receive updates"], "client"),
        (["send OrderCreate", "receive OrderCreated"], "client"),
        (["receive SubscribeRequest", "send SubscribeResponse", "send TickerUpdate"], "server"),
        (["receive cancel_order", "send order_cancelled", "send error"], "server"),
        (["send login", "send subscribe", "receive snapshot", "receive delta"], "client"),
        (["send x: Receive all trades of a symbol", "send trades"], "server"),
    ],
)
def test_words_and_names(operations: list[str], expected: str) -> None:
    judgement = judge(*operations)
    assert (judgement.perspective, judgement.sure) == (expected, True)


def test_an_extension_decides() -> None:
    judgement = judge("receive a: Client sends a message", extra="x-typedws-perspective: client")
    assert (judgement.perspective, judgement.sure) == ("client", True)
    assert judgement.reasons == ("x-typedws-perspective is client",)


def test_an_extension_that_says_something_else_is_reported() -> None:
    document = read("x-typedws-perspective: me")
    assert not detect_perspective(document).sure
    assert codes(document) == ["wrong-type"]


def test_version_2_is_the_servers_unless_it_says_otherwise() -> None:
    assert judge("send a", "receive b", version=2) == judge("send c", "receive d", version=2)
    assert (judge("send a", version=2).perspective, judge("send a", version=2).sure) == ("server", True)
    reversed_ = judge("receive a: Server messages", "send b: Client messages", version=2)
    assert (reversed_.perspective, reversed_.sure) == ("client", True)


def test_nothing_to_go_by() -> None:
    judgement = judge("send a", "receive b")
    assert (judgement.perspective, judgement.sure) == ("server", False)
    assert judge("send a", title="Chat Client").perspective == "client"
    assert judge("send a", description="Written from the point of view of the client.").sure


def test_contradictions_are_not_sure() -> None:
    assert not judge("send a: Client sends a message", "send b: Server sends a message").sure
