"""Servers: hosts, paths, variables, security."""

from __future__ import annotations

import pytest

from tests.schema.document.reading import codes, read
from typedws.schema.document import Document, ServerObject

V3 = "asyncapi: 3.1.0\ninfo: {title: T, version: 1}\n"
V2 = "asyncapi: 2.6.0\ninfo: {title: T, version: 1}\nchannels: {}\n"


def server(body: str, head: str = V3) -> tuple[ServerObject, Document]:
    document = read(f"servers:\n  main: {body}\n", head=head)
    (found,) = document.servers
    return found, document


@pytest.mark.parametrize(
    ("body", "expected", "code"),
    [
        ("{host: a.test, protocol: wss}", ("a.test", "", "wss"), []),
        ("{host: 'a.test:8443', pathname: /v1, protocol: WSS}", ("a.test:8443", "/v1", "wss"), []),
        ("{host: a.test, pathname: v1, protocol: ws}", ("a.test", "/v1", "ws"), []),
        ("{host: 'wss://a.test', protocol: wss}", ("a.test", "", "wss"), ["host-with-scheme"]),
        ("{host: 'wss://a.test'}", ("a.test", "", "wss"), ["host-with-scheme"]),
        ("{host: a.test/v1/, pathname: /x, protocol: ws}", ("a.test", "/v1/x", "ws"), ["host-with-path"]),
        ("{url: 'wss://a.test/v1', protocol: wss}", ("a.test", "/v1", "wss"), ["member-of-another-version"]),
    ],
)
def test_hosts(body: str, expected: tuple[str, str, str], code: list[str]) -> None:
    found, document = server(body)
    assert (found.host, found.pathname, found.protocol) == expected
    assert codes(document) == code


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("wss://a.test/v1", ("a.test", "/v1")),
        ("a.test:80", ("a.test:80", "")),
        ("localhost", ("localhost", "")),
        ("wss://a.test/", ("a.test", "")),
    ],
)
def test_urls_of_version_2(url: str, expected: tuple[str, str]) -> None:
    found, document = server(f"{{url: '{url}', protocol: ws}}", V2)
    assert (found.host, found.pathname) == expected
    assert codes(document) == []


def test_a_server_without_a_host_is_left_out() -> None:
    document = read("servers: {a: {protocol: ws}, b: 3, c: {host: c.test, protocol: ws}, x-d: 1}", head=V3)
    assert [each.key for each in document.servers] == ["c"]
    assert [finding.pointer for finding in document.findings][:2] == ["#/servers/a", "#/servers/b"]


def test_variables() -> None:
    found, document = server(
        "{host: '{region}.a.test', pathname: '/{version}', protocol: wss, variables: {region: {enum: [eu, 1, true], "
        "default: eu, description: Where.}, other: {$ref: '#/components/nothing'}}}"
    )
    region, other, version = found.variables
    assert (region.name, region.enum, region.default, region.description) == (
        "region",
        ("eu", "1", "true"),
        "eu",
        "Where.",
    )
    assert (other.name, version.name, version.enum, version.default) == ("other", "version", (), None)
    assert codes(document) == ["dangling-reference", "undeclared-parameter"]


@pytest.mark.parametrize(
    ("security", "head", "code"),
    [
        ("[{$ref: '#/components/securitySchemes/key'}]", V3, []),
        ("[{key: []}]", V2, []),
        ("[{key: [read]}, {}]", V3, ["security-by-name"]),
        ("[key]", V3, ["security-by-name"]),
    ],
)
def test_security_by_reference_and_by_name(security: str, head: str, code: list[str]) -> None:
    document = read(
        f"""
        servers: {{main: {{host: a.test, url: a.test, protocol: wss, security: {security}}}}}
        components: {{securitySchemes: {{key: {{type: httpApiKey, name: X-Key, in: header, description: Ask us.}}}}}}
        """,
        head=head,
    )
    (scheme,) = document.servers[0].security
    assert (scheme.key, scheme.type, scheme.name, scheme.location, scheme.description) == (
        "key", "httpApiKey", "X-Key", "header", "Ask us.",
    )  # fmt: skip
    assert codes(document) == code


def test_security_written_out() -> None:
    found, _ = server("{host: a.test, protocol: wss, security: [{type: http, scheme: bearer}]}")
    assert [(each.key, each.type, each.scheme) for each in found.security] == [("bearer", "http", "bearer")]


def test_security_that_leads_nowhere_is_left_out() -> None:
    found, document = server("{host: a.test, protocol: wss, security: [{$ref: '#/x'}, {none: []}, 3, {type: 3}]}")
    assert [each.type for each in found.security] == ["3"]
    assert codes(document) == ["dangling-reference", "security-by-name", "dangling-reference", "wrong-type"]
