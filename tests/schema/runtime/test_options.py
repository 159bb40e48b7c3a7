"""Options are checked at the call."""

from __future__ import annotations

from typing import Any

import pytest

from tests.schema.runtime.prices import Prices
from typedws import PydanticConverter, SessionConfig
from typedws.errors import UnsupportedTypeError
from typedws.schema import Reconnect

URL = "ws://127.0.0.1:1/"


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"nonsense": 1}, TypeError, "'nonsense' is no option of connect"),
        ({"converters": {}}, TypeError, "'converters' is no option of connect"),
        ({"converter": None}, TypeError, "not None"),
        ({"converter": object()}, TypeError, "converter is a converter"),
        ({"max_events": 0}, ValueError, "max_events"),
        ({"overflow": "drop"}, ValueError, 'overflow is "wait" or "drop_oldest"'),
        ({"reconnect": 3}, TypeError, "reconnect is a bool or a Reconnect"),
        ({"config": SessionConfig(raw=True)}, ValueError, "raw=True"),
        ({"on_open": None}, TypeError, "on_open is an async function"),
        ({"on_open": "log_in"}, TypeError, "on_open is an async function"),
        ({"config": 1}, TypeError, "config is a SessionConfig"),
        ({"open_timeout": -1}, ValueError, "open_timeout"),
        ({"headers": {"Host": "x"}}, ValueError, "Host"),
        ({"subprotocols": ["a b"]}, ValueError, "subprotocol"),
        ({"converter": PydanticConverter()}, UnsupportedTypeError, "pydantic"),
    ],
)
def test_a_bad_option_is_refused_at_the_call(options: dict[str, Any], error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        Prices.connect(url=URL, **options)


def test_a_bad_url_is_refused_at_the_call() -> None:
    with pytest.raises(ValueError, match="ws://"):
        Prices.connect(url="http://h/")
    with pytest.raises(ValueError, match="control character"):
        Prices.connect(url=URL, venue="a\nb")


def test_reconnect_checks_its_numbers() -> None:
    with pytest.raises(ValueError, match="max_attempts"):
        Reconnect(max_attempts=0)
    with pytest.raises(ValueError, match="above max_delay"):
        Reconnect(initial_delay=10, max_delay=5)
    assert Reconnect() == Reconnect(initial_delay=5.0)
