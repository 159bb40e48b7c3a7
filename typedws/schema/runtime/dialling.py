"""What opens the sessions of a client, and what reads and writes them: both hang on the formats of its messages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from typedws.client import WebSocketClient
from typedws.schema.runtime.address import Address
from typedws.schema.runtime.messages import CONVERTERS, Codec, Messages
from typedws.schema.runtime.options import Settings

__all__ = ["make_client"]


def make_client(
    incoming: Messages[Any],
    outgoing: Messages[Any],
    address: Address,
    settings: Settings,
    subprotocols: Sequence[str],
) -> tuple[WebSocketClient, Codec[Any], Codec[Any]]:
    """A client for sessions at this address, and what reads and writes its messages. Nothing is opened yet.

    Raises:
        ValueError: something that cannot be sent, or options that contradict each other.
        TypeError: an option of the wrong type.
    """
    formats = (*incoming.formats, *outgoing.formats)
    # JSON comes first, wherever it is.
    main = "json" if "json" in formats else formats[0] if formats else None
    converters = dict(CONVERTERS)
    if settings.converter is not None and main is not None:
        converters[main] = settings.converter
    client = WebSocketClient(
        converter=settings.converter if main is None else converters[main],
        subprotocols=(*subprotocols, *settings.subprotocols),
        headers=address.headers,
        **settings.session,
    )
    client.websocket(address.url)  # what cannot be opened is found at the call
    return client, incoming.codec(converters), outgoing.codec(converters)
