"""Whose `send` a document speaks of.

By the specification a document describes one application, and `send` is what that application sends. Published
documents are split on who it is: some describe the server, some the client, and few say so. What decides is which way
messages travel in truth; the document tells by its words:

- what is written about an operation or a message: "client sends", "pushed from the server", "clients can receive";
- what messages are called: requests and commands travel to the server, responses, updates and whatever has happened
  ("created", "subscribed") to the client;
- replies: it is mostly the client that asks;
- the title and description of the document: "... WebSocket Client", "from the point of view of the server".

Each operation has a vote: if what it sends travels to the server, the document was written as the client. A document of
version 2 is the server's as long as its words do not say otherwise, because the specification says so in plain words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from typedws.errors import SchemaError
from typedws.schema.building.wording import way_by_name, way_by_phrase, words_of
from typedws.schema.document.kinds import is_array, is_object
from typedws.schema.document.objects import Document, MessageObject, OperationObject

__all__ = ["Judgement", "Perspective", "detect_perspective"]

Perspective: TypeAlias = Literal["client", "server"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """Whose view a document is written from.

    Attributes:
        perspective: "client" if its `send` is what the client sends.
        sure: whether the document says so clearly enough that nobody needs to be asked.
        reasons: what speaks for it, the weightiest first, in words.
    """

    perspective: Perspective
    sure: bool
    reasons: tuple[str, ...]


def detect_perspective(document: Document) -> Judgement:
    """Judges whose `send` a document speaks of; `x-typedws-perspective` at its root decides."""
    stated = document.extensions.get("x-typedws-perspective")
    if stated is not None:
        if stated.value == "client" or stated.value == "server":
            perspective: Perspective = "client" if stated.value == "client" else "server"
            return Judgement(perspective=perspective, sure=True, reasons=(f"x-typedws-perspective is {perspective}",))
        stated.warn("wrong-type", "'x-typedws-perspective' is 'client' or 'server'; it is not looked at")
    if not document.operations:
        return Judgement(perspective="server", sure=False, reasons=("the document has no operations",))
    hints = [hint for operation in document.operations if (hint := _vote(operation)).weight]
    whole = list(_about_document(document))
    score = _mean(hints) + sum(hint.weight for hint in whole)
    is_client = score > 0
    agreeing = [hint for hint in (*whole, *hints) if (hint.weight > 0) == is_client]
    agreeing.sort(key=lambda hint: -abs(hint.weight))
    # A few operations that say the contrary are the usual carelessness; a quarter of them is not.
    against = sum(abs(hint.weight) for hint in hints if (hint.weight > 0) != is_client)
    total = sum(abs(hint.weight) for hint in hints)
    evidence = sum(abs(hint.weight) for hint in agreeing)
    by_version = document.version.startswith("2") and not is_client
    reasons = tuple(dict.fromkeys(hint.reason for hint in agreeing[:5])) or ("nothing in the document says so",)
    return Judgement(
        perspective="client" if is_client else "server",
        sure=against <= total / 4
        and (
            (abs(score) >= SURE and (by_version or evidence >= ENOUGH))
            or (abs(score) >= CONSISTENT and evidence >= PLENTY)
        ),
        reasons=reasons,
    )


SURE: Final = 1.0
"""The score that is enough; the weights below are set by it. Each operation counts as much as any other."""

ENOUGH: Final = 2.0
"""The sum of weights that must stand behind it: one name alone is not enough."""

CONSISTENT: Final = 0.25
PLENTY: Final = 6.0
"""What is enough as well: a small score that many operations agree on."""

PRIOR: Final = {2: -1.0, 3: -0.25}
"""What a document is taken for that says nothing, by version: negative for the server."""


@dataclass(frozen=True, slots=True)
class _Hint:
    """What speaks for one side.

    A positive weight speaks for the client, where it is about the document or the vote of an operation; where it is
    about messages, it says that they travel to the server.
    """

    weight: float
    reason: str = ""


def _mean(hints: list[_Hint]) -> float:
    return sum(hint.weight for hint in hints) / len(hints) if hints else 0.0


# What is written about the whole document.

_TITLE_CLIENT: Final = re.compile(r"\bclient\b\W*$", re.IGNORECASE)
_VIEW: Final = re.compile(
    r"\b(?:from|in) (?:the )?(?:view|perspective|point of view|viewpoint) of (?:the |a )?"
    r"(?:\w+ ){0,2}?(client|server)\b"
    r"|\b(client|server)(?:'s)?[- ](?:side )?(?:perspective|point of view|viewpoint|view)\b",
    re.IGNORECASE,
)
_AS_CLIENT: Final = re.compile(
    r"\b(?:as a|that is a|acts as a|describes (?:the|a)) (?:\w+ )?(client|server)\b", re.IGNORECASE
)


def _about_document(document: Document) -> Iterator[_Hint]:
    if document.version.startswith("2"):
        yield _Hint(PRIOR[2], "in AsyncAPI 2, 'publish' is what clients send")
    else:
        yield _Hint(PRIOR[3], "a document describes the server, where it does not say otherwise")
    if _TITLE_CLIENT.search(document.title):
        yield _Hint(1.5, f"the title is {document.title[:80]!r}")
    for pattern, weight in ((_VIEW, 4.0), (_AS_CLIENT, 1.5)):
        match = pattern.search(document.description)
        if match is not None:
            is_client = "client" in (each.lower() for each in match.groups() if each)
            yield _Hint(weight if is_client else -weight, f"the description says {_quoted(match[0])}")


# What one operation says.


def _vote(operation: OperationObject) -> _Hint:
    """Positive if the operation reads as the client's."""
    hints = [*_about_operation(operation), *_about_messages(operation)]
    weight = max(-3.0, min(3.0, sum(hint.weight for hint in hints)))
    if not weight:
        return _Hint(0.0)
    strongest = max(hints, key=lambda hint: hint.weight * (1 if weight > 0 else -1))
    way = "to the server" if weight > 0 else "to the client"
    verb = "sends" if operation.action == "send" else "receives"
    return _Hint(
        weight if operation.action == "send" else -weight,
        f"{operation.key[:80]!r} {verb} what travels {way}: {strongest.reason}",
    )


def _about_operation(operation: OperationObject) -> Iterator[_Hint]:
    for text in (operation.summary or operation.title, operation.description):
        yield from _phrases(text, 3.0)
        yield from _contrary(text, operation.action)
    if operation.reply is not None:
        if operation.action == "send":
            yield _Hint(1.0, "it is answered by a reply")
        else:
            yield _Hint(1.0, "a reply is sent to it")
    tokens = words_of(operation.key)
    if tokens and tokens[0] in ("subscribe", "unsubscribe") and len(tokens) > 1 and operation.action == "send":
        yield _Hint(0.5, f"it is called {operation.key[:80]!r}")


def _contrary(text: str, action: str) -> Iterator[_Hint]:
    """Words that contradict the action: they are those of a reader, who is at the other end."""
    word = text.split(maxsplit=1)[0].lower() if text.strip() else ""
    if action == "send" and word in ("receive", "receives", "get", "listen"):
        yield _Hint(-1.5, f"{_quoted(text)} is written for whoever is at the other end")
    elif action == "receive" and word in ("send", "sends", "publish", "emit"):
        yield _Hint(1.5, f"{_quoted(text)} is written for whoever is at the other end")
    elif action == "receive" and word == "subscribe":
        yield _Hint(-1.0, f"{_quoted(text)} is what a client does")


def _about_messages(operation: OperationObject) -> Iterator[_Hint]:
    found = [_Hint(_sum(hints), hints[0].reason) for m in operation.messages[:50] if (hints := list(_about_message(m)))]
    found = [hint for hint in found if hint.weight]
    if found:
        mean = _mean(found)
        best = max(found, key=lambda hint: hint.weight * (1 if mean > 0 else -1))
        yield _Hint(mean, best.reason)


def _sum(hints: list[_Hint]) -> float:
    return max(-3.0, min(3.0, sum(hint.weight for hint in hints)))


def _about_message(message: MessageObject) -> Iterator[_Hint]:
    for text in dict.fromkeys((message.summary, message.description, message.title)):
        yield from _phrases(text, 2.0)
    title = message.title if len(message.title.split()) <= 3 else ""
    names = dict.fromkeys((message.name, message.key, _payload_name(message), title))
    for name in names:
        # Converters from version 2 make names out of those of operations, which say nothing about the message.
        if name and not re.search(r"\.message(\.\d+)?$", name):
            weight = way_by_name(name)
            if weight:
                yield _Hint(weight, f"the message is called {name[:80]!r}")
                return
    for value in _tag_values(message):
        weight = way_by_name(value)
        if weight:
            yield _Hint(weight, f"the message says {value[:80]!r}")
            return


def _phrases(text: str, weight: float) -> Iterator[_Hint]:
    found = way_by_phrase(text)
    if found is not None:
        yield _Hint(found[0] * weight, f"{_quoted(found[1])} is said about it")


def _payload_name(message: MessageObject) -> str:
    if message.payload is None or not message.payload.is_reference:
        return ""
    return str(message.payload.value["$ref"]).rpartition("/")[2]


def _tag_values(message: MessageObject) -> Iterator[str]:
    """The fixed values of the field that says what a message is."""
    if message.payload is None:
        return
    try:
        schema: Any = message.payload.target.value
    except SchemaError:
        return
    properties: Any = schema.get("properties") if is_object(schema) else None
    for key in ("op", "method", "action", "type", "event", "command", "cmd", "kind"):
        value: Any = properties.get(key) if is_object(properties) else None
        if not is_object(value):
            continue
        enum: Any = value.get("enum")
        fixed: list[Any] = [value.get("const"), *(enum[:4] if is_array(enum) else []), value.get("example")]
        yield from (each for each in fixed if isinstance(each, str))


def _quoted(text: str) -> str:
    text = " ".join(text.split())
    return repr(text if len(text) <= 60 else text[:57] + "...")
