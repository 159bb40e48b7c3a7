"""Which channels are one connection, where it is opened, and with which arguments."""

from __future__ import annotations

from typing import Any

import pytest

from tests.schema.building.building import build, only, read
from typedws import SchemaError
from typedws.schema.building.contract import build_contract
from typedws.schema.contract.types import ListOf, LiteralOf, Scalar

OPERATION = """
        operations:
          receiveAll: {action: receive, channel: {$ref: '#/channels/feed'}}
"""


def head(servers: str = "main: {host: shop.test, protocol: wss}", title: str = "Shop") -> str:
    return f"""\
asyncapi: 3.0.0
x-typedws-perspective: client
info: {{title: {title}, version: 1.0.0}}
servers:
  {servers}
"""


def channel(address: str, more: str = "") -> str:
    return f"""
        channels:
          feed:
            address: {address}
            messages: {{Item: {{payload: {{type: object, properties: {{a: {{type: string}}}}}}}}}}
            {more}
{OPERATION}
    """


@pytest.mark.parametrize(
    ("servers", "address", "url", "path"),
    [
        ("a: {host: x.test, protocol: wss}", "/feed", "wss://x.test", "/feed"),
        ("a: {host: 'x.test:8080', pathname: /v1, protocol: ws}", "/feed", "ws://x.test:8080/v1", "/feed"),
        ("a: {host: x.test, pathname: /v1/feed, protocol: wss}", "/v1/feed", "wss://x.test", "/v1/feed"),
        ("a: {host: x.test, pathname: /link, protocol: wss}", "/", "wss://x.test/link", ""),
        ("a: {host: 'wss://x.test', protocol: wss}", "/feed", "wss://x.test", "/feed"),
        ("a: {host: x.test, protocol: https}", "/feed", "wss://x.test", "/feed"),
        ("a: {host: x.test, protocol: wss}", "feed", "wss://x.test", "/feed"),
        ("a: {host: x.test, protocol: wss}", "null", "wss://x.test", ""),
    ],
)
def test_the_url_is_that_of_server_and_channel(servers: str, address: str, url: str, path: str) -> None:
    connection = only(build(channel(address), head=head(servers)))
    assert ([server.url for server in connection.servers], connection.path) == ([url], path)


def test_servers_of_other_protocols_are_left_out_where_there_is_a_websocket() -> None:
    connection = only(build(channel("/feed"), head=head("{a: {host: x, protocol: https}, b: {host: y, protocol: ws}}")))
    assert [server.name for server in connection.servers] == ["b"]


def test_variables_of_servers_and_addresses_are_arguments() -> None:
    servers = "a: {host: '{region}.x.test', protocol: wss, variables: {region: {enum: [eu, us], default: eu}}}"
    body = channel("'/feed/{symbol}'", "parameters: {symbol: {description: What to follow.}}")
    region, symbol = only(build(body, head=head(servers))).parameters
    assert (region.name, region.type, region.required, region.default) == (
        "region",
        LiteralOf(("eu", "us")),
        False,
        "eu",
    )
    assert (symbol.name, symbol.type, symbol.required) == ("symbol", Scalar("str"), True)
    assert symbol.description == "What to follow."


def test_a_variable_that_nobody_describes_is_a_string() -> None:
    document = read(channel("'/feed/{symbol}'"))
    (symbol,) = only(build_contract(document)).parameters
    assert (symbol.wire_name, symbol.type) == ("symbol", Scalar("str"))


def test_query_and_header_bindings_are_arguments() -> None:
    bindings = """bindings:
              ws:
                query:
                  type: object
                  required: [symbol]
                  properties:
                    symbol: {type: string}
                    depth: {type: integer, default: 10, description: How deep.}
                    kinds: {type: array, items: {enum: [a, b]}}
                    version: {const: '2'}
                headers:
                  type: object
                  properties:
                    X-Client: {type: string}
                    Authorization: {type: string}
                    Sec-WebSocket-Protocol: {type: string, enum: [feed.v1, feed.v2]}"""
    connection = only(build(channel("/feed", bindings)))
    found: dict[str, Any] = {one.name: one for one in connection.parameters}
    assert list(found) == ["symbol", "depth", "kinds", "version", "x_client"]
    assert found["symbol"].required
    assert (found["depth"].type, found["depth"].default) == (Scalar("int"), None)
    assert found["depth"].description == "How deep. The server's default: 10."
    assert found["kinds"].type == ListOf(LiteralOf(("a", "b")))
    assert (found["version"].fixed, found["version"].default) == (True, "2")
    assert (found["x_client"].place, found["x_client"].wire_name) == ("header", "X-Client")
    assert [one.name for one in connection.credentials] == ["authorization"]
    assert connection.subprotocols == ("feed.v1", "feed.v2")


@pytest.mark.parametrize(
    ("scheme", "expected"),
    [
        ("{type: http, scheme: bearer}", ("token", "bearer", "Authorization")),
        ("{type: http, scheme: basic}", ("basic_auth", "basic", "Authorization")),
        ("{type: userPassword}", ("basic_auth", "basic", "Authorization")),
        ("{type: oauth2, flows: {}}", ("token", "bearer", "Authorization")),
        ("{type: httpApiKey, in: query, name: api_key}", ("api_key", "query", "api_key")),
        ("{type: httpApiKey, in: header, name: X-API-Key}", ("x_api_key", "header", "X-API-Key")),
        ("{type: httpApiKey, in: cookie, name: session}", ("session", "cookie", "session")),
    ],
)
def test_each_security_scheme_is_an_argument(scheme: str, expected: tuple[str, str, str]) -> None:
    servers = f"a: {{host: x.test, protocol: wss, security: [{scheme}]}}"
    (found,) = only(build(channel("/feed"), head=head(servers))).credentials
    assert (found.name, found.kind, found.wire_name) == expected


@pytest.mark.parametrize("scheme", ["{type: apiKey, in: user}", "{type: X509}"])
def test_a_scheme_that_a_websocket_has_no_place_for_is_reported(scheme: str) -> None:
    servers = f"a: {{host: x.test, protocol: wss, security: [{scheme}]}}"
    document = read(channel("/feed"), head=head(servers))
    assert only(build_contract(document)).credentials == ()
    assert "security" in [finding.code for finding in document.findings]


def channels(*addresses: str) -> str:
    lines = ["channels:"]
    for number, address in enumerate(addresses):
        payload = f"{{type: object, required: [k{number}], properties: {{k{number}: {{type: string}}}}}}"
        lines.append(f"  c{number}: {{address: {address}, messages: {{m{number}: {{payload: {payload}}}}}}}")
    lines.append("operations:")
    lines.extend(
        f"  receive{number}: {{action: receive, channel: {{$ref: '#/channels/c{number}'}}}}"
        for number in range(len(addresses))
    )
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("addresses", "groups"),
    [
        (("/a", "/b"), [("c0",), ("c1",)]),
        (("/a", "/a"), [("c0", "c1")]),
        (("ticker", "depth"), [("c0", "c1")]),
        (("ticker", "null", "'trades.{x}'"), [("c0", "c1", "c2")]),
        (("/a", "ticker", "depth"), [("c0",), ("c1", "c2")]),
    ],
)
def test_paths_are_connections_and_names_are_topics_on_one(
    addresses: tuple[str, ...], groups: list[tuple[str, ...]]
) -> None:
    contract = build(channels(*addresses))
    assert [connection.channels for connection in contract.connections] == groups


def test_channels_may_be_put_on_one_connection_by_hand() -> None:
    body = channels("/a", "/b").replace("{address:", "{x-typedws-socket: Both, address:")
    (connection,) = build(body).connections
    assert connection.channels == ("c0", "c1")


def test_the_class_is_named_after_the_title_or_as_the_user_says() -> None:
    assert only(build(channel("/feed"), head=head(title="Acme WebSocket API v2"))).name == "Acme"
    assert only(build(channel("/feed"), name="Feed")).name == "Feed"


def test_several_connections_are_named_after_their_channels() -> None:
    assert [one.name for one in build(channels("/a", "/b")).connections] == ["C0", "C1"]


def test_a_document_without_channels_is_refused() -> None:
    with pytest.raises(SchemaError, match="no channels"):
        build("channels: {}")
