"""The parts that all versions share, and what they are looked up in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from typedws.schema.document.kinds import is_object, kind_of, text_of
from typedws.schema.document.node import Node
from typedws.schema.document.objects import SecurityScheme, Variable
from typedws.schema.document.source import Source
from typedws.schema.document.tolerance import behind, object_behind

__all__ = ["Scope", "chain_of", "extensions_of", "media_type"]

_TEMPLATE: Final = re.compile(r"\{([^{}/?#]+)\}")


def chain_of(node: Node) -> tuple[Node, ...]:
    """A node and what it refers to, step by step.

    Raises:
        SchemaError: a reference leads nowhere.
    """
    assert isinstance(node.source, Source)
    return node.source.chain(node)


def extensions_of(node: Node) -> dict[str, Node]:
    """The members that begin with `x-`."""
    return {key: member for key, member in node.items() if key.startswith("x-")}


def media_type(text: str) -> str:
    """A media type in lower case, without parameters."""
    return text.partition(";")[0].strip().lower()


class Scope:
    """A document that is being read."""

    def __init__(self, root: Node, *, version: int) -> None:
        self.root = root
        self.version = version
        self.default_content_type = media_type(root.text("defaultContentType"))
        components = root.object("components")
        self.components = None if components is None else object_behind(components, "'components'")

    def component(self, kind: str) -> Node | None:
        """A map of components, `messages` for instance."""
        found = None if self.components is None else self.components.object(kind)
        return None if found is None else object_behind(found, f"'components/{kind}'")

    # Variables and parameters.

    def variables(self, owner: Node, key: str, templates: tuple[str, ...], what: str) -> tuple[Variable, ...]:
        """The variables of a server, or parameters of a channel: those declared, then those only used."""
        found: dict[str, Variable] = {}
        declared = owner.object(key)
        declared = None if declared is None else object_behind(declared, f"{key!r}")
        for name, node in () if declared is None else declared.items():
            if not name.startswith("x-"):
                # `{ticket}` is needed, whatever else is known of it.
                target = object_behind(node, f"what is said about {what} {name!r}")
                found[name] = Variable(name=name, node=node) if target is None else _variable(name, target)
        for name in _TEMPLATE.findall(" ".join(templates)):
            if name not in found:
                owner.warn(
                    "undeclared-parameter",
                    f"{{{name}}} is used here, and {what} {name!r} is not declared",
                    suggestion=f"add it to {key!r}",
                )
                found[name] = Variable(name=name, node=owner)
        return tuple(found.values())

    # Security.

    def security(self, owner: Node, array: Node | None) -> tuple[SecurityScheme, ...]:
        """What `security` of a server or operation names, in the shape of either version."""
        if array is None:
            return ()
        found: dict[SecurityScheme, None] = {}
        for item in array.elements():
            for scheme in self._requirement(item):
                found.setdefault(scheme)
        return tuple(found)

    def _requirement(self, item: Node) -> Iterator[SecurityScheme]:
        if item.is_reference:
            chain = behind(item, "this way to authenticate")
            target = None if chain is None else object_behind(item, "this way to authenticate")
            if target is not None:
                key = next(
                    (step.key for step in chain_of(item) if step.path[:2] == ("components", "securitySchemes")), ""
                )
                yield from self._scheme(key, target)
            return
        if is_object(item.value) and "type" in item.value:
            yield from self._scheme("", item)
            return
        # Version 2: {name: [scopes]}; an empty one says that it works without, too.
        names: list[str] = (
            [item.value] if isinstance(item.value, str) else list(item.value) if is_object(item.value) else []
        )
        if not names and item.value != {}:
            item.warn("wrong-type", f"a security requirement is an object, not {kind_of(item.value)}; it is left out")
        if names and (self.version == 3 or isinstance(item.value, str)):
            item.warn(
                "security-by-name",
                "a security requirement is named in a way of another version",
                suggestion=f"write $ref: '#/components/securitySchemes/{names[0]}'" if self.version == 3 else "",
            )
        schemes = self.component("securitySchemes")
        for name in names:
            node = None if schemes is None else schemes.child(name)
            target = None if node is None else object_behind(node, f"the security scheme {name!r}")
            if target is not None:
                yield from self._scheme(name, target)
            elif node is None:
                item.warn("dangling-reference", f"there is no security scheme {name!r}; it is left out")

    def _scheme(self, key: str, node: Node) -> Iterator[SecurityScheme]:
        kind = node.text("type")
        if not kind:
            node.warn("missing-member", "the security scheme has no 'type'; it is left out")
            return
        scheme, name = node.text("scheme"), node.text("name")
        yield SecurityScheme(
            key=key or name or scheme or kind,
            node=node,
            type=kind,
            scheme=scheme,
            name=name,
            location=node.text("in"),
            description=node.text("description"),
        )


def _variable(name: str, node: Node) -> Variable:
    schema = node
    inner = node.object("schema")
    if inner is not None:
        # The way of version 2; what of it has no counterpart in version 3 is not looked at.
        schema = object_behind(inner, "the schema of a parameter") or node
    values: list[str] = []
    enum = schema.array("enum")
    for item in () if enum is None else enum.elements():
        text = text_of(item.value)
        if text is None:
            item.warn("wrong-type", f"a value of a parameter is text, not {kind_of(item.value)}; it is left out")
        else:
            values.append(text)
    const = text_of(schema.value.get("const"))
    if const is not None and not values:
        values.append(const)
    default = schema.child("default")
    return Variable(
        name=name,
        node=node,
        enum=tuple(dict.fromkeys(values)),
        default=None if default is None else text_of(default.value),
        description=node.text("description") or schema.text("description"),
        location=node.text("location"),
    )
