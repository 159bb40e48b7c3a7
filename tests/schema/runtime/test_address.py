"""URL, header fields and credentials from typed arguments."""

from __future__ import annotations

import datetime as dt
from typing import Any, cast
from urllib.parse import parse_qsl, unquote
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from typedws.call import Call, Request
from typedws.errors import InvalidURLError
from typedws.protocol.url import parse_url
from typedws.schema import Credential
from typedws.schema.runtime.address import build_address
from typedws.schema.runtime.secrecy import sounds_secret

SERVER = "wss://api.example.com/v1"


def url(base: str = SERVER, **arguments: Any) -> str:
    return build_address(base, **arguments).url


def test_path_and_query_are_put_behind_those_of_the_server() -> None:
    assert url() == SERVER
    assert url("wss://h") == "wss://h"
    assert url("wss://h/", path="/a") == "wss://h/a"
    assert url("wss://h/v1?x=1", path="/a", query={"y": 2}) == "wss://h/v1/a?x=1&y=2"
    assert url("wss://h?", query={"y": 2}) == "wss://h?y=2"
    assert url("wss://h/v1?x=1") == "wss://h/v1?x=1"


def test_values_have_the_text_of_json() -> None:
    query = {
        "flag": True,
        "off": False,
        "none": None,
        "many": ["a", None, "b&c"],
        "ratio": 0.5,
        "at": dt.datetime(2026, 1, 2, 3, 4, tzinfo=dt.UTC),
        "day": dt.date(2026, 1, 2),
        "id": UUID(int=1),
        "ü =": "é+/?#%",
    }
    assert url("wss://h/", query=query) == (
        "wss://h/?flag=true&off=false&many=a&many=b%26c&ratio=0.5&at=2026-01-02T03%3A04%3A00Z&day=2026-01-02"
        "&id=00000000-0000-0000-0000-000000000001&%C3%BC%20%3D=%C3%A9%2B%2F%3F%23%25"
    )


def test_variables_are_percent_encoded_in_their_place() -> None:
    assert url(path="/m/{symbol}/{x-y}", variables={"symbol": "a/b?c", "x-y": 7}) == f"{SERVER}/m/a%2Fb%3Fc/7"
    assert url("wss://{env}.h:{port}/{base}", variables={"env": "eu-1", "port": 8443, "base": "v1/x y"}) == (
        "wss://eu-1.h:8443/v1/x%20y"
    )
    assert url("wss://{host}/", variables={"host": "[::1]:80"}) == "wss://[::1]:80/"


@pytest.mark.parametrize(
    ("base", "path", "value"),
    [
        (SERVER, "/{x}", None),
        (SERVER, "/{x}", ""),
        (SERVER, "/{x}", ".."),
        (SERVER, "/.{x}", "."),
        (SERVER, "/{x}{x}", "."),
        ("wss://h/{x}/ws", "", ".."),
        ("wss://h/{x}/ws", "", "../../admin"),
        ("wss://h/{x}/ws", "", "a/./b"),
        ("wss://h/.{x}/ws", "", "."),
        (SERVER, "/{x}", "a\nb"),
        (SERVER, "/{x}", "a\ud800"),
        ("wss://{x}.h", "", "evil.example/"),
        ("wss://{x}.h", "", "user@evil"),
        ("wss://{x}.h", "", ""),
        ("wss://h/a b", "", "x"),
        ("https://h/", "", "x"),
        ("wss://h/#{x}", "", "x"),
        ("/only/a/path", "", "x"),
    ],
)
def test_what_makes_no_url_is_refused(base: str, path: str, value: Any) -> None:
    with pytest.raises(ValueError, match=r"URL|variable"):
        url(base, path=path, variables={"x": value})


def test_a_variable_that_nobody_gives_is_named() -> None:
    with pytest.raises(ValueError, match="a variable 'symbol', and no value is given for it"):
        url(path="/{symbol}")


def test_a_value_of_another_kind_is_refused() -> None:
    with pytest.raises(TypeError, match="x is text, a number"):
        url(query={"x": object()})
    with pytest.raises(TypeError, match="a URL is a str"):
        url(cast("Any", None))


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
def test_no_value_changes_the_url_beyond_its_place(value: str) -> None:
    if value in (".", ".."):
        return
    built = url("wss://h/a", path="/{x}/b", variables={"x": value}, query={"q": value, "r": 1})
    target = parse_url(built).target
    path, _, query = target.partition("?")
    first, second, third, *rest = path.removeprefix("/").split("/")
    assert (first, unquote(second), third, rest) == ("a", value, "b", [])
    assert parse_qsl(query, keep_blank_values=True) == [("q", value), ("r", "1")]


# Header fields and credentials.


def fields(**arguments: Any) -> list[tuple[str, str]]:
    return list(build_address(SERVER, **arguments).headers)


def test_header_fields_are_written_like_queries() -> None:
    assert fields(headers={"X-A": True, "X-B": None, "X-C": ["1", "2"]}) == [
        ("X-A", "true"),
        ("X-C", "1"),
        ("X-C", "2"),
    ]


def test_a_field_of_the_caller_is_sent_instead() -> None:
    found = fields(headers={"X-A": "ours", "X-B": "b"}, more_headers={"x-a": "theirs"})
    assert found == [("X-B", "b"), ("x-a", "theirs")]


def test_each_credential_travels_in_its_own_way() -> None:
    address = build_address(
        SERVER,
        query={"a": 1},
        credentials=[
            Credential("header", "X-Key", "k"),
            Credential("query", "token", "s t"),
            Credential("cookie", "sid", "c1"),
            Credential("cookie", "tid", "c2"),
            Credential("basic", "Authorization", ("me", "pass:word")),
            Credential("bearer", "Authorization", None),
        ],
        more_headers={"Cookie": "theme=dark"},
    )
    assert address.url == f"{SERVER}?a=1&token=s%20t"
    assert list(address.headers) == [
        ("X-Key", "k"),
        ("Authorization", "Basic bWU6cGFzczp3b3Jk"),
        ("Cookie", "theme=dark; sid=c1; tid=c2"),
    ]
    assert fields(credentials=[Credential("bearer", "Authorization", "t")]) == [("Authorization", "Bearer t")]


@pytest.mark.parametrize(
    "credential",
    [
        Credential("bearer", "Authorization", "hunter2\r\nX: y"),
        Credential("header", "X-Key", "hunter2\0"),
        Credential("cookie", "sid", "hunter2; b=c"),
        Credential("basic", "Authorization", ("a:b", "hunter2")),
        Credential("basic", "Authorization", ("a", "hunter2\n")),
        Credential("basic", "Authorization", "hunter2"),
        Credential("bearer", "Authorization", ("a", "hunter2")),
        Credential("query", "token", "hunter2\ud800"),
    ],
)
def test_no_refusal_shows_a_secret(credential: Credential) -> None:
    with pytest.raises((ValueError, TypeError)) as caught:
        build_address(SERVER, credentials=[credential])
    assert "hunter2" not in str(caught.value)
    assert "hunter2" not in repr(credential)


def test_nothing_of_an_address_shows_a_secret() -> None:
    address = build_address(
        "wss://me:hunter2@h/a?old=hunter2",
        credentials=[Credential("header", "X-Key", "hunter2"), Credential("query", "tok en", "hunter2")],
    )
    assert "hunter2" not in repr(address)
    assert address.shown == "wss://h/a"


def test_the_request_of_an_error_is_masked() -> None:
    address = build_address(
        "wss://h/a?b=1",
        credentials=[Credential("header", "X-Key", "hunter2"), Credential("query", "tok en", "hunter2")],
    )
    request = Request("wss://h/a?b=1&tok%20en=hunter2", [("X-Key", "hunter2"), ("Host", "h")])
    masked = address.masked(Call(request))
    assert masked == Call(Request("wss://h/a?b=1&tok%20en=...", [("X-Key", "..."), ("Host", "h")]))
    assert address.masked(None) is None


def test_what_is_no_url_is_an_error_of_the_handshake() -> None:
    with pytest.raises(InvalidURLError):
        url("wss://h/ b")


@pytest.mark.parametrize(
    ("name", "is_secret"),
    [
        *(
            (name, True)
            for name in ("token", "accessToken", "access_token", "X-Api-Key", "APIKey", "apikey", "listenKey")
        ),
        *((name, True) for name in ("auth", "x-auth", "signature", "Sig", "ticket", "clientSecret", "PASSWORD", "jwt")),
        *(
            (name, False)
            for name in ("author", "symbol", "keyboard", "design", "roomId", "sequence", "tickets_left", "")
        ),
    ],
)
def test_names_tell_secrets(name: str, is_secret: bool) -> None:
    assert sounds_secret(name) is is_secret


def test_variables_whose_names_sound_secret_are_shown_nowhere() -> None:
    address = build_address(
        "wss://h/{base}/{access_token}",
        path="/{ticket}/x",
        variables={"base": "v1/a", "access_token": "hunter2", "ticket": "hunter3"},
        query={"sig": "hunter4", "n": 1},
        headers={"X-Secret": "hunter5"},
        more_headers={"Authorization": "hunter6"},
    )
    assert address.url == "wss://h/v1/a/hunter2/hunter3/x?sig=hunter4&n=1"
    assert address.shown == "wss://h/v1/a/.../.../x"
    masked = address.masked(Call(Request(address.url, address.headers)))
    assert masked is not None
    assert masked.request.url == "wss://h/v1/a/.../.../x?sig=...&n=1"
    assert "hunter" not in repr(address) + repr(masked.request.headers.items_raw())
