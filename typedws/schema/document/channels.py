"""Which servers a channel is on, in either version."""

from __future__ import annotations

from typedws.schema.document.kinds import kind_of
from typedws.schema.document.node import Node
from typedws.schema.document.scope import Scope, chain_of
from typedws.schema.document.tolerance import behind

__all__ = ["channel_servers"]


def channel_servers(scope: Scope, channel: Node, known: tuple[str, ...]) -> tuple[str, ...]:
    """The keys of the servers of a channel; all of them where it names none."""
    array = channel.array("servers")
    found: dict[str, None] = {}
    for item in () if array is None else array.elements():
        if item.is_reference:
            if behind(item, "the server") is None:
                continue
            key = next((step.key for step in chain_of(item) if _is_server(scope, step)), None)
            if key is None:
                # It is meant by what it refers to: several documents may share a file of servers.
                key = _by_target(scope, item)
        elif isinstance(item.value, str):
            key = item.value
            if scope.version == 3:
                item.warn(
                    "server-by-name", "a server is named by a reference", suggestion=f"write $ref: '#/servers/{key}'"
                )
        else:
            item.warn("wrong-type", f"a server is named by a reference, not by {kind_of(item.value)}; it is left out")
            continue
        if key in known:
            found.setdefault(key)
        else:
            item.warn("unknown-server", "this is none of the servers of the document; it is left out")
    return tuple(found) or known


def _is_server(scope: Scope, step: Node) -> bool:
    return step.source is scope.root.source and len(step.path) == 2 and step.path[0] == "servers"


def _by_target(scope: Scope, item: Node) -> str:
    target = item.target
    servers = scope.root.object("servers")
    for key, node in () if servers is None else servers.items():
        if behind(node, "the server") == target:
            return key
    return ""
