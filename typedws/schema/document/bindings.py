"""The WebSocket binding of a channel: the schemas of its query and of its header fields."""

from __future__ import annotations

from typedws.schema.document.node import Node
from typedws.schema.document.tolerance import object_behind

__all__ = ["read_binding"]


def read_binding(owner: Node) -> tuple[Node | None, Node | None]:
    """The schemas of query parameters and of header fields; None each where there is none. References are kept."""
    bindings = owner.object("bindings")
    bindings = None if bindings is None else object_behind(bindings, "'bindings'")
    if bindings is None:
        return None, None
    binding = bindings.object("ws")
    if binding is None:
        for name in ("wss", "websocket", "websockets"):
            binding = bindings.object(name)
            if binding is not None:
                binding.warn("misnamed-binding", f"the binding of WebSocket is called 'ws', not {name!r}; it is taken")
                break
    binding = None if binding is None else object_behind(binding, "the WebSocket binding")
    if binding is None:
        return None, None
    method = binding.text("method")
    if method and method.upper() != "GET":
        (binding.child("method") or binding).warn(
            "binding-method",
            f"a WebSocket is opened by GET, not by {method[:40]!r} (RFC 6455 section 4.1); GET is used",
        )
    return _schema(binding, "query"), _schema(binding, "headers")


def _schema(binding: Node, key: str) -> Node | None:
    node = binding.child(key)
    if node is None:
        return None
    target = object_behind(node, f"{key!r} of the WebSocket binding")
    return None if target is None else node
