"""What no server can be made of is refused at the call of `serve`, before anything listens."""

from __future__ import annotations

from typing import Any

import pytest

from tests.server.handlers import echo
from typedws import CBORConverter, Deflate, JSONConverter, serve


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"converter": JSONConverter}, r"give an object: JSONConverter\(\)"),
        ({"converter": "json"}, r"as in JSONConverter\(\), or None, not str"),
        ({"converters": {"chat": CBORConverter}}, r"converters\['chat'\] is the class CBORConverter"),
        ({"converters": ["chat"]}, "converters is a mapping"),
        ({"config": None}, "config is a SessionConfig"),
        ({"ssl_context": True}, "ssl_context is an ssl.SSLContext"),
        ({"subprotocols": None}, "subprotocols is a sequence"),
        ({"subprotocols": "chat"}, "subprotocols is a sequence"),
        ({"extensions": Deflate()}, r"extensions is a list, as in \[Deflate\(\)\]"),
        ({"extensions": None}, "extensions is a list"),
        ({"process_request": True}, "process_request is a function"),
        ({"port": "8000"}, "port is an int, not str"),
        ({"port": True}, "port is an int, not bool"),
        ({"host": b"127.0.0.1"}, "host is a str or None"),
    ],
    ids=str,
)
def test_an_option_of_another_type_is_refused(options: dict[str, Any], text: str) -> None:
    with pytest.raises(TypeError, match=text):
        serve(**{"handler": echo, "host": "127.0.0.1", "port": 0, **options})


def test_a_port_in_the_place_of_the_host_is_said_so() -> None:
    with pytest.raises(TypeError, match="the port is the third argument"):
        serve(echo, 8000)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def test_converters_may_be_changed_after_the_call() -> None:
    """The server has its own copy, as the check was made of it."""
    converters: dict[str, Any] = {"chat": JSONConverter()}
    subprotocols: Any = ["news"]
    server: Any = serve(echo, "127.0.0.1", 0, converters=converters, subprotocols=subprotocols)
    converters["no token"] = None
    subprotocols.append("no token")
    assert server._admission.spoken == ("chat", "news")
