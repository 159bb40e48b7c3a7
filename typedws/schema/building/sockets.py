"""Which channels share a WebSocket, and where it is opened.

A channel is a connection (the WebSocket binding says so), or a topic on one: exchanges and feeds describe dozens of
channels whose addresses are no paths but names that a client subscribes to. So:

    a channel with query or header bindings, or whose address begins with "/"     a connection of its own
    such channels with one path on the same servers                               one connection
    channels whose addresses are names, or that have none                         topics on one connection
    everything beside a channel without an address that takes subscriptions       topics on its connection

`x-typedws-socket: NAME` on channels puts those with one name on one connection.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from typedws.schema.contract.api import Server
from typedws.schema.document.objects import Channel, Document, ServerObject

__all__ = ["Socket", "sockets_of"]

_SCHEMES: Final = {"ws": "ws", "wss": "wss", "http": "ws", "https": "wss", "websocket": "ws"}


@dataclass(frozen=True, slots=True)
class Socket:
    """Channels that share a WebSocket.

    Attributes:
        channels: in the order of the document, at least one.
        servers: where it can be opened.
        path: what is put behind a server's URL.
        label: what it is called after, where there are several; empty for the API itself.
    """

    channels: tuple[Channel, ...]
    servers: tuple[ServerObject, ...]
    path: str
    label: str

    @property
    def is_shared(self) -> bool:
        """Whether several channels are on it."""
        return len(self.channels) > 1

    @property
    def urls(self) -> tuple[Server, ...]:
        """The servers, as templates without the path."""
        return tuple(
            Server(name=server.key, url=_url(server, self.path), description=server.description)
            for server in self.servers
        )


def sockets_of(document: Document, *, takes_subscriptions: Callable[[Channel], bool]) -> list[Socket]:
    """The connections of a document, in the order of their first channels.

    Args:
        document: the document.
        takes_subscriptions: whether a channel is where a client subscribes to others.
    """
    topics = [channel for channel in document.channels if not _is_path(channel)]
    hub = next((channel for channel in topics if channel.address is None and takes_subscriptions(channel)), None)
    groups: dict[tuple[object, ...], list[Channel]] = {}
    for channel in document.channels:
        own = channel.extensions.get("x-typedws-socket")
        key: tuple[object, ...]
        if own is not None and isinstance(own.value, str):
            key = ("named", own.value)
        elif hub is not None and channel.query is None and channel.headers is None:
            key = ("topics",)
        elif _is_path(channel) or len(topics) == 1:
            key = ("path", _path(channel), tuple(channel.servers))
        else:
            key = ("topics", tuple(channel.servers))
        groups.setdefault(key, []).append(channel)
    sockets: list[Socket] = []
    for key, channels in groups.items():
        path = _path(channels[0]) if key[0] == "path" or (key[0] == "named" and _is_path(channels[0])) else ""
        label = str(key[1]) if key[0] == "named" else _label(channels, path)
        sockets.append(Socket(tuple(channels), _servers(document, channels), path, label if len(groups) > 1 else ""))
    return sockets


def _is_path(channel: Channel) -> bool:
    address = channel.address or ""
    return address.startswith(("/", "?")) or channel.query is not None or channel.headers is not None


def _path(channel: Channel) -> str:
    address = channel.address or ""
    address = re.sub(r"^[a-z]+://[^/]*", "", address)
    if address in ("", "/"):
        return ""
    return address if address.startswith("/") else f"/{address}"


def _label(channels: list[Channel], path: str) -> str:
    if len(channels) == 1:
        # The key of a channel in version 2 is its address.
        return channels[0].title if _is_slug(channels[0].title) else channels[0].key
    return re.sub(r"\{[^}]*\}", "", path) or channels[0].key


def _is_slug(title: str) -> bool:
    return re.fullmatch(r"[A-Za-z]\w{2,30}", title) is not None


def _servers(document: Document, channels: list[Channel]) -> tuple[ServerObject, ...]:
    wanted = {key for channel in channels for key in channel.servers}
    servers = [server for server in document.servers if not wanted or server.key in wanted]
    sockets = [server for server in servers if server.protocol.lower() in ("ws", "wss")]
    if sockets:
        return tuple(sockets)
    for server in servers:
        if server.protocol.lower() not in _SCHEMES:
            server.node.warn(
                "protocol",
                f"the server {server.key!r} speaks {server.protocol or 'no protocol that is named'}; "
                "a WebSocket is opened all the same",
                suggestion="use protocol: ws or wss",
            )
    return tuple(server for server in servers if server.host)


def _url(server: ServerObject, path: str) -> str:
    scheme = _SCHEMES.get(server.protocol.lower(), "wss")
    pathname = server.pathname.rstrip("/")
    if path and (pathname == path or pathname.endswith(path)):
        # Documents like to say the path twice, at the server and at the channel.
        pathname = pathname[: -len(path)]
    return f"{scheme}://{server.host}{pathname}"
