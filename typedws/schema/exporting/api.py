"""An API: what it is called, where it is served, and its channels; everything that goes into one document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any

from typedws.schema.exporting.channel import Channel
from typedws.schema.exporting.declaration import Server, check_sequence

__all__ = ["Api"]


@dataclass(frozen=True, slots=True)
class Api:
    """An API: everything that goes into one document.

    Attributes:
        title: its name.
        version: its own version, "1.0.0"; not that of AsyncAPI.
        channels: at least one.
        servers: where it is served; a client is told the URL unless given.
        description: what it is for; Markdown.

    Raises:
        ValueError: no channels, two of the same name, or a channel on a server that there is not.
        TypeError: an argument of the wrong type.
    """

    title: str
    version: str
    _: KW_ONLY
    channels: Sequence[Channel[Any, Any]]
    servers: Sequence[Server] = ()
    description: str = ""

    def __post_init__(self) -> None:
        for channel in check_sequence("channels", self.channels):
            if not isinstance(channel, Channel):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise TypeError(f"channels holds Channel objects, not {type(channel).__name__}")
        for server in check_sequence("servers", self.servers):
            if not isinstance(server, Server):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise TypeError(f"servers holds Server objects, not {type(server).__name__}")
        if not self.channels:
            raise ValueError("an Api has at least one channel")
        _check_unique("channels", [channel.name for channel in self.channels])
        _check_unique("servers", [server.name for server in self.servers])
        known = {server.name for server in self.servers}
        for channel in self.channels:
            for name in channel.servers:
                if name not in known:
                    raise ValueError(f"the channel {channel.name!r} is on the server {name!r}, which this Api has not")


def _check_unique(what: str, names: Sequence[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"two of the {what} have the name {name!r}")
