"""What the names of messages say: which is an answer, which an end, and which answers which.

It decides only where the document does not: where a request has a reply, or a channel its updates, nobody reads names.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from typedws.schema.contract.api import Connection, Message

__all__ = ["answer_to", "confirmation_of", "is_confirmation", "is_farewell", "is_like_answer", "is_snapshot"]

_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")

_IDLE: Final = frozenset({"message", "msg", "event", "payload"})
"""Words at the end that say nothing."""

_ASKS: Final = frozenset({"request", "req", "command"})

_REPLIES: Final = frozenset(
    {"response", "reply", "result", "ack", "acknowledged", "acknowledgement", "acknowledgment"}
    | {"confirmation", "confirmed"}
)
_SUCCESSES: Final = frozenset({"results", "success", "succeeded", "sent", "done", "finish", "finished"})
_ENDS: Final = frozenset({"closed", "subscribed", "unsubscribed", "pong"})

_FAREWELL: Final = re.compile("(?i)disconnect|goodbye|terminat|shutdown")
"""Messages that a client would act on by leaving."""


def _words(name: str) -> tuple[str, ...]:
    """The words of a name in lower case, without those at its end that say nothing."""
    words = [*_all_words(name)]
    while len(words) > 1 and words[-1] in _IDLE:
        words.pop()
    return tuple(words)


def _all_words(name: str) -> tuple[str, ...]:
    return tuple(word.lower() for word in _WORD.findall(name)) or (name.lower(),)


def _stem(name: str) -> tuple[str, ...]:
    """The words of a request without "request"."""
    words = _words(name)
    return words[:-1] if len(words) > 1 and words[-1] in _ASKS else words


def is_farewell(message: Message) -> bool:
    """Whether a client would act on it by leaving."""
    return _FAREWELL.search(message.name) is not None


def is_like_answer(message: Message) -> bool:
    """Whether it is called like an answer to something, or like the end of it: nothing to begin with."""
    return _words(message.name)[-1] in _REPLIES | _SUCCESSES | _ENDS


def is_snapshot(message: Message) -> bool:
    """Whether it is a whole that updates come after."""
    return "snapshot" in _words(message.name)


def is_confirmation(message: Message) -> bool:
    """Whether it says no more than that a subscription has begun or ended."""
    words = _words(message.name)
    if words[-1] in ("subscribed", "unsubscribed"):
        return True
    return words[-1] in _REPLIES | _SUCCESSES | {"status"} and bool(
        {"subscribe", "subscription", "unsubscribe", "unsubscription"} & {*words}
    )


def confirmation_of(request: Message, free: Sequence[Message], *, ends: bool) -> Message | None:
    """The message that confirms the beginning, or the end, of a subscription; the one with most of the request's
    words."""
    wanted = [m for m in free if is_confirmation(m) and _is_of_end(m) is ends]
    words = {*_words(request.name)}
    return max(wanted, key=lambda message: len(words & {*_words(message.name)}), default=None)


def _is_of_end(message: Message) -> bool:
    return any(word.startswith("unsubscri") for word in _words(message.name))


def answer_to(request: Message, free: Sequence[Message], connection: Connection) -> Message | None:
    """The message that is called as an answer to a request: `PlaceOrderResponse` or `OrderPlaced` to
    `PlaceOrderRequest`, `Pong` to `Ping`. Where channels are topics, any answer on its channel; and the only answer
    that there is, where all that a client sends are requests."""
    stem = _stem(request.name)
    done = _done(stem) | _done(_all_words(request.name))
    named = next((m for m in free if _stem(m.name) in done), None)
    if named is not None:
        return named
    answers = [m for m in free if _words(m.name)[-1] in _REPLIES | _SUCCESSES]
    named = next((m for m in answers if _stem_of_answer(m) == stem), None)
    if named is not None:
        return named
    replies = [m for m in answers if _words(m.name)[-1] in _REPLIES]
    if len(connection.channels) > 1:
        return next((m for m in replies if {*m.channels} & {*request.channels}), None)
    requests = [m for m in connection.outgoing.messages if _words(m.name)[-1] in _ASKS]
    if len(replies) == 1 and len(connection.outgoing.messages) in (1, len(requests)):
        return replies[0]
    return None


def _stem_of_answer(message: Message) -> tuple[str, ...]:
    words = _words(message.name)[:-1]
    return words[:-1] if len(words) > 1 and words[-1] in _ASKS else words


def _done(stem: tuple[str, ...]) -> set[tuple[str, ...]]:
    """What a request is called when it is done: Subscribe and Subscribed, CreateOrder and OrderCreated."""
    first, last = stem[0], stem[-1]
    found = {(*stem[:-1], past) for past in _pasts(last)}
    if len(stem) > 1:
        found |= {(*stem[1:], past) for past in _pasts(first)}
    if last == "ping":
        found.add((*stem[:-1], "pong"))
    return found


def _pasts(verb: str) -> set[str]:
    found = {f"{verb}d", f"{verb}ed", f"{verb}{verb[-1]}ed"}
    if verb[-1] == "y":
        found.add(f"{verb[:-1]}ied")
    if verb == "send":
        found.add("sent")
    return found
