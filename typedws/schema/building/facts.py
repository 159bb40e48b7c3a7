"""What can be known of a message before it is read: the values at its places, its keys, and its kind.

kind      whether it is an object, an array, a string, ...
values    for each place in it, the values that are possible there, where the document lists them
keys      the keys that it may have, and those that it must have
hints     values from examples: what a place may well hold, though the document does not promise it
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from typedws.schema.contract.types import (
    Alias,
    Declaration,
    ListOf,
    LiteralOf,
    MapOf,
    Record,
    Ref,
    Scalar,
    TupleOf,
    Type,
    UnionOf,
)
from typedws.schema.decisions import Kind, Path

__all__ = ["Facts", "facts_of"]

MAX_DEPTH: Final = 3
"""How far below the payload a value may stand that tells messages apart."""

_FEW: Final = 4
"""Values of one message that may still tell it from others."""

Value = str | int


@dataclass(slots=True)
class Facts:
    """What is known of one message.

    Attributes:
        name: of its declaration.
        kinds: what its payload can be; empty where that is anything.
        values: the possible values by place, for places where they are listed.
        required: the places of `values` that are always there.
        keys: of its top level.
        required_keys: those that are always there.
        hints: likely values by place, for places where they are not listed.
        own: the places of `hints` that the message's own name speaks of, and its value there.
        patterns: regular expressions by place, for places whose strings match one.
        open: places of strings that may be anything.
    """

    name: str
    kinds: frozenset[Kind] = frozenset()
    values: dict[Path, tuple[Value, ...]] = field(default_factory=dict[Path, tuple[Value, ...]])
    required: set[Path] = field(default_factory=set[Path])
    keys: dict[str, None] = field(default_factory=dict[str, None])
    required_keys: set[str] = field(default_factory=set[str])
    hints: dict[Path, tuple[Value, ...]] = field(default_factory=dict[Path, tuple[Value, ...]])
    own: dict[Path, str] = field(default_factory=dict[Path, str])
    patterns: dict[Path, str] = field(default_factory=dict[Path, str])
    open: set[Path] = field(default_factory=set[Path])


def facts_of(
    name: str,
    declared: Callable[[str], Declaration],
    topics: tuple[str, ...] = (),
    *,
    event: str = "",
    examples: Sequence[Any] = (),
) -> Facts:
    """The facts of a declaration.

    Args:
        name: of the declaration.
        declared: finds a declaration by name.
        topics: what the channel of the message is called; hints for a place that is called channel, topic or the like.
        event: the event that the message is, where the document says so beside the schema.
        examples: payloads of the message in the document.
    """
    facts = Facts(name)
    type_: Type = Ref(name)
    for _ in range(8):
        declaration = declared(type_.name) if isinstance(type_, Ref) else None
        if not isinstance(declaration, Alias):
            break
        type_ = declaration.type
    facts.kinds = frozenset(_kinds(type_, declared))
    _look(facts, type_, (), True, declared, topics)
    for path in facts.open - facts.hints.keys():
        shown = dict.fromkeys(value for one in examples if isinstance(value := _value_at(one, path), str) and value)
        if 0 < len(shown) <= _FEW and _is_telling(path):
            facts.hints[path] = tuple(shown)
    if event:
        for key in ("type", "event"):
            if (key,) in facts.open or event in facts.values.get((key,), ()):
                # By OpenAPI's convention; the schema itself mostly has one `type` for all webhooks.
                facts.own[key,] = event
                facts.values[key,] = (event,)
                facts.open.discard((key,))
                break
    return facts


def _kinds(type_: Type, declared: Callable[[str], Declaration], depth: int = 0) -> Iterator[Kind]:
    match type_:
        case Ref(name):
            declaration = declared(name)
            if isinstance(declaration, Record):
                yield "object"
            elif depth < 8:
                yield from _kinds(declaration.type, declared, depth + 1)
        case MapOf():
            yield "object"
        case ListOf() | TupleOf():
            yield "array"
        case LiteralOf(values):
            for value in values:
                yield "string" if isinstance(value, str) else "number"
        case UnionOf(members, _):
            for member in members:
                yield from _kinds(member, declared, depth + 1)
        case Scalar(kind, _):
            match kind:
                case "any":
                    return
                case "int" | "float":
                    yield "number"
                case "bool":
                    yield "boolean"
                case "null":
                    yield "null"
                case _:
                    yield "string"


def _look(
    facts: Facts,
    type_: Type,
    path: Path,
    certain: bool,
    declared: Callable[[str], Declaration],
    topics: tuple[str, ...],
    example: object = None,
) -> None:
    """Notes what a type says about the place at `path`; `certain` if there is always something there."""
    match type_:
        case LiteralOf(values):
            if len(values) > 1 and path and _is_telling(path):
                # One list of values for several messages: the message's own name often says which of them it is.
                own = [value for value in values if isinstance(value, str) and _ends_with(facts.name, value)]
                likely = [max(own, key=len)] if own else [value for value in values if value == example]
                if likely:
                    facts.hints[path] = (likely[0],)
                if own:
                    facts.own[path] = max(own, key=len)
            facts.values[path] = tuple(value for value in values if not isinstance(value, bool))
            if certain:
                facts.required.add(path)
        case Scalar("str", limits) if path:
            facts.open.add(path)
            name = str(path[-1]).lower()
            if limits.pattern is not None and _is_anchored(limits.pattern) and _is_telling(path):
                facts.patterns[path] = limits.pattern
            elif name in _TOPIC_FIELDS and any("{" in topic for topic in topics):
                facts.patterns[path] = next(_pattern(topic) for topic in topics if "{" in topic)
            elif isinstance(example, str) and example and _is_telling(path):
                facts.hints[path] = (example,)
            elif name in _TOPIC_FIELDS and topics:
                facts.hints[path] = topics
        case TupleOf(items) if len(path) < MAX_DEPTH:
            for position, item in enumerate(items):
                _look(facts, item, (*path, position), certain, declared, topics)
        case Ref(name):
            declaration = declared(name)
            if isinstance(declaration, Alias):
                if len(path) < MAX_DEPTH and not isinstance(declaration.type, UnionOf):
                    _look(facts, declaration.type, path, certain, declared, topics, example)
                return
            if len(path) >= MAX_DEPTH:
                return
            for found in declaration.fields:
                if not path:
                    facts.keys[found.wire_name] = None
                    if found.required:
                        facts.required_keys.add(found.wire_name)
                _look(
                    facts,
                    found.type,
                    (*path, found.wire_name),
                    certain and found.required,
                    declared,
                    topics,
                    found.default if found.example is None else found.example,
                )
        case _:
            pass


_TOPIC_FIELDS: Final = frozenset({"channel", "topic", "stream", "feed", "subject", "room"})
_CLASSES: Final = re.compile(r"\[[^\]]*\]|\\.")

_TELLING: Final = _TOPIC_FIELDS | {
    "type",
    "event",
    "op",
    "action",
    "method",
    "kind",
    "cmd",
    "command",
    "msg",
    "table",
    "e",
}
"""What fields are called whose examples say what a message is, and not what it holds."""


def _value_at(value: Any, path: Path) -> Any:
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _is_anchored(pattern: str) -> bool:
    # A pattern that any string with a few letters in it matches tells nothing apart.
    return (
        pattern.startswith("^")
        and pattern.endswith("$")
        and re.search(r"[A-Za-z]{2}", _CLASSES.sub("", pattern)) is not None
    )


def _pattern(template: str) -> str:
    """What matches an address with its variables filled in."""
    parts = re.split(r"\{[^{}]*\}", template)
    return f"^{'[^/]+'.join(re.escape(part) for part in parts)}$"


def _ends_with(name: str, value: str) -> bool:
    plain = "".join(character for character in value if character.isalnum()).lower()
    return len(plain) > 2 and name.lower().endswith(plain)


def _is_telling(path: Path) -> bool:
    return str(path[-1]).lower() in _TELLING
