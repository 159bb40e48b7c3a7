"""Documents of real APIs are read, with the remarks that they deserve."""

from __future__ import annotations

import time
from collections import Counter

import pytest

from tests.schema.document.reading import REAL
from typedws.schema.document import load

pytestmark = pytest.mark.skipif(not REAL.is_dir(), reason="the documents are not here")

# Servers, channels, operations, messages of operations, and findings by code.
DOCUMENTS: dict[str, tuple[int, int, int, int, dict[str, int]]] = {
    "gemini-marketdata.yml": (1, 1, 1, 1, {}),
    "kraken-filter-reply.yml": (0, 1, 5, 5, {"no-servers": 1}),
    "kraken-multi-channel.yml": (0, 7, 5, 5, {"no-servers": 1}),
    "slack-rtm.yml": (1, 1, 2, 47, {}),
    "correlation-id.yml": (1, 2, 2, 2, {}),
    "spec-oneof.yml": (0, 2, 2, 3, {"no-servers": 1}),
    "postman-echo.yml": (1, 1, 1, 1, {}),
    "hoppscotch-client/asyncapi-hoppscotch-client.yml": (
        1,
        1,
        2,
        2,
        {"binding-method": 1, "reference-through-reference": 2},
    ),
    "slack-socketmode-client.yml": (1, 1, 3, 3, {}),
    "generator-ws-components.yml": (5, 1, 4, 5, {"host-with-scheme": 1}),
    "generator-ws-query.yml": (4, 5, 10, 13, {"host-with-scheme": 1}),
    "shrek.yaml": (1, 2, 3, 3, {}),
    "deepgram.yml": (1, 5, 10, 65, {"unescaped-slash": 65}),
    "fishaudio.yml": (1, 1, 2, 6, {}),
    "iotype.yaml": (1, 1, 4, 5, {}),
    "openai-realtime.json": (1, 1, 59, 59, {}),
    "reya-trading/asyncapi-trading-v2.yaml": (3, 19, 25, 25, {}),
    "reya-exec/asyncapi-exec-v2.yaml": (3, 1, 5, 5, {}),
    "trustgraph/asyncapi.yaml": (1, 1, 0, 0, {"no-operations": 1}),
    "tickdb.json": (1, 4, 8, 8, {}),
    "voiceblender/asyncapi.yaml": (0, 1, 143, 143, {"no-servers": 1}),
    "firezone.yml": (1, 1, 1, 5, {}),
    "satmouse/asyncapi.yaml": (2, 3, 3, 4, {}),
    "drivemarkets.yaml": (1, 4, 8, 10, {"host-with-path": 1}),
    "anychat.yaml": (1, 1, 2, 6, {}),
    "mobula.yaml": (4, 12, 24, 24, {}),
    "chanx-client-fixture.json": (1, 7, 20, 20, {}),
    "binance.yaml": (2, 1, 2, 17, {}),
    "bitget.yaml": (2, 8, 16, 16, {}),
    "bitwyre.yaml": (2, 11, 21, 21, {}),
    "coinbase.yaml": (6, 3, 6, 6, {}),
    "krakenfutures.yaml": (1, 13, 26, 61, {}),
    "okx.yaml": (3, 52, 181, 181, {}),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_it_is_read(name: str) -> None:
    document = load(REAL / name)
    messages = sum(len(operation.messages) for operation in document.operations)
    assert (
        len(document.servers),
        len(document.channels),
        len(document.operations),
        messages,
        dict(Counter(finding.code for finding in document.findings)),
    ) == DOCUMENTS[name]
    assert len(document.digest) == 64
    assert all(finding.line is not None for finding in document.findings)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_everything_has_a_line(name: str) -> None:
    document = load(REAL / name)
    for channel in document.channels:
        for message in channel.messages:
            assert message.node.line is not None
            if message.payload is not None:
                assert message.payload.line is not None
                assert message.payload.target.value is not None


@pytest.mark.parametrize("name", ["openai-realtime.json", "okx.yaml", "deepgram.yml"])
def test_large_documents_take_less_than_a_second(name: str) -> None:
    load(REAL / "postman-echo.yml")  # so that the parser is there
    start = time.process_time()
    load(REAL / name)
    assert time.process_time() - start < 1


def test_names_with_slashes() -> None:
    document = load(REAL / "deepgram.yml")
    found = document.operations[0].messages[0]
    assert found.key == "subpackage_agent/v1.agent.v1-server-0-AgentV1ListenUpdated"
    assert found.node.path == ("components", "messages", found.key)


def test_messages_in_other_files() -> None:
    document = load(REAL / "trustgraph" / "asyncapi.yaml")
    assert [message.key for message in document.channels[0].messages] == [
        "ServiceRequest", "ServiceResponse", "ServiceError",
    ]  # fmt: skip
    assert document.channels[0].messages[0].node.source.name == "components/messages/ServiceRequest.yaml"


def test_correlated_requests() -> None:
    document = load(REAL / "reya-exec" / "asyncapi-exec-v2.yaml")
    assert [operation.reply is not None for operation in document.operations] == [True, True, True, True, False]
    assert {message.correlation for operation in document.operations[:3] for message in operation.messages} == {
        "$message.payload#/id"
    }
