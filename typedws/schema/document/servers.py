"""Servers, of either version: `host` and `pathname`, or one `url`."""

from __future__ import annotations

import re
from typing import Final

from typedws.schema.document.node import Node
from typedws.schema.document.objects import ServerObject
from typedws.schema.document.scope import Scope
from typedws.schema.document.tolerance import object_behind

__all__ = ["read_servers"]

_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*|\{[^{}]*\})://")


def read_servers(scope: Scope) -> tuple[ServerObject, ...]:
    """All servers of a document; one that cannot be used is reported and left out."""
    servers = scope.root.object("servers")
    servers = None if servers is None else object_behind(servers, "'servers'")
    found: list[ServerObject] = []
    for key, node in () if servers is None else servers.items():
        if not key.startswith("x-"):
            target = object_behind(node, f"the server {key!r}")
            server = None if target is None else _server(scope, key, target)
            if server is not None:
                found.append(server)
    if not found:
        scope.root.warn(
            "no-servers",
            "the document names no server that can be used, so the URL must be given when a connection is made",
            suggestion="add 'servers'",
        )
    return tuple(found)


def _server(scope: Scope, key: str, node: Node) -> ServerObject | None:
    member = "url" if scope.version == 2 else "host"
    host = node.text(member).strip()
    if not host and node.text("url" if member == "host" else "host"):
        member = "url" if member == "host" else "host"
        host = node.text(member).strip()
        node.warn("member-of-another-version", f"{member!r} is not a member of servers in this version of AsyncAPI")
    if not host:
        node.warn("missing-member", f"the server {key!r} has no {member!r}; it is left out")
        return None
    # In `url` a scheme and a path belong; in `host` they are put up with.
    place = node.child(member) or node
    protocol = node.text("protocol").strip().lower()
    scheme = _SCHEME.match(host)
    if scheme is not None:
        host = host[scheme.end() :]
        if member == "host":
            place.warn(
                "host-with-scheme",
                f"the host of the server {key!r} begins with a scheme",
                suggestion=f"write host: {host}",
            )
        if not protocol and not scheme[1].startswith("{"):
            protocol = scheme[1].lower()
    host, slash, path = host.partition("/")
    if slash and path and member == "host":
        place.warn(
            "host-with-path",
            f"the host of the server {key!r} has a path",
            suggestion=f"write host: {host} and pathname: /{path}",
        )
    if not protocol:
        node.warn("missing-member", f"the server {key!r} has no 'protocol'")
    pathname = node.text("pathname").strip()
    if pathname and not pathname.startswith(("/", "?")):
        pathname = "/" + pathname
    if path:
        pathname = "/" + path.rstrip("/") + pathname
    return ServerObject(
        key=key,
        node=node,
        host=host,
        pathname=pathname,
        protocol=protocol,
        variables=scope.variables(node, "variables", (host, pathname), "the variable"),
        security=scope.security(node, node.array("security")),
        description=node.text("description") or node.text("summary") or node.text("title"),
    )
