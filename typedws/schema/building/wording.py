"""Which way a message travels, by what is written about it and by what it is called.

Positive is to the server, negative to the client.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["way_by_name", "way_by_phrase", "words_of"]

# Phrases.

_ACTS: Final = r"(?:sends?|sent|publish(?:es|ed)?|emits?|push(?:es|ed)?|broadcasts?|streams?|issues?|submits?|writes?)"
_ADVERB: Final = r"(?:(?:can|may|must|will|should|then|first|periodically|also|only) ){0,2}"
_PHRASES: Final[tuple[tuple[int, re.Pattern[str]], ...]] = tuple(
    (way, re.compile(pattern, re.IGNORECASE))
    for way, pattern in (
        (1, rf"\b(?:clients?|users?|subscribers?|you) {_ADVERB}{_ACTS}\b"),
        (
            1,
            r"\b(?:clients?|you) (?:\w+ )?"
            r"(?:places?|requests?|cancels?|subscribes?|asks?|authenticates?|mass-cancels?)\b",
        ),
        (1, rf"\b{_ACTS} (?:by|from) (?:the |a |any )?(?:\w+ )?clients?\b"),
        (1, r"\b(?:received?|receives|comes?|coming|messages?|events?|commands?) from (?:the |a )?clients?\b"),
        (1, r"\b(?:server|backend|gateway) (?:can )?receives?\b"),
        (1, r"\bto (?:the |our )?(?:[\w-]+ ){0,3}(?:server|backend)\b(?! to)"),
        (1, r"\b(?:pings?|tells?|asks?|informs?|notif(?:y|ies)|requests?) (?:the )?server\b"),
        (
            1,
            r"\bclient[- ](?:initiated|to[- ]server|sent|side (?:message|event|command)s?)\b"
            r"|\bclient ?(?:->|→|=>) ?server\b",
        ),
        (1, r"\bclient (?:messages?|events?|requests?|commands?|actions?|frames?)\b"),
        (1, r"\brequests? to (?:subscribe|unsubscribe|create|cancel|place|get|fetch|join|leave)\b"),
        (-1, rf"\b(?:server|backend|gateway|service|exchange) {_ADVERB}{_ACTS}\b"),
        (
            -1,
            r"\bserver (?:\w+ )?"
            r"(?:repl(?:y|ies)|responds?|returns?|answers?|confirms?|notif(?:y|ies)|acknowledges?)\b",
        ),
        (-1, rf"\b{_ACTS} (?:by|from) (?:the )?(?:\w+ )?(?:server|backend|exchange)\b"),
        (-1, r"\b(?:received?|comes?|coming|messages?|events?|responses?) from (?:the )?(?:\w+ )?server\b"),
        (-1, rf"\b(?:clients?|users?|subscribers?|you) {_ADVERB}(?:receives?|gets?|listens?|observes?)\b"),
        (-1, r"\b(?:events?|messages?) (?:is |are )?received (?:when|upon|on|after|if)\b|\bevents? received\b"),
        (-1, r"\bto (?:the |all |each |every |connected |subscribed |a )*(?:clients?|subscribers?)\b"),
        (-1, r"\bserver[- ](?:initiated|to[- ]client|sent|side (?:message|event)s?)\b|\bserver ?(?:->|→|=>) ?client\b"),
        (-1, r"\bserver (?:messages?|events?|responses?|repl(?:y|ies)|notifications?|frames?|errors?)\b"),
        (-1, r"\bserver['’]s (?:repl(?:y|ies)|responses?|answers?)\b"),
    )
)


def way_by_phrase(text: str) -> tuple[int, str] | None:
    """Which way a message travels, by the first sentence of a text, and the words that say so."""
    text = _first_sentence(text)
    # Behind the first phrase the answer or the consequence is often spoken of.
    first: tuple[int, int, str] | None = None
    for way, pattern in _PHRASES:
        match = pattern.search(text)
        if match is not None and (first is None or match.start() < first[0]):
            first = (match.start(), way, match[0])
    return None if first is None else (first[1], first[2])


# Names.

_GENERIC: Final = frozenset(
    "message messages msg payload frame body schema model dto type object packet envelope "
    "v1 v2 v3 v4 ws websocket".split()
)
_TO_SERVER_LAST: Final[dict[str, float]] = {
    **dict.fromkeys("request req command cmd query subscribe unsubscribe subscription unsubscription".split(), 1.5),
    **dict.fromkeys(
        "create delete cancel append commit clear retrieve truncate login auth authenticate send".split(), 1.5
    ),
    **dict.fromkeys(
        "join leave ping settings finalize initialize authentication credentials input connect".split(), 1.0
    ),
    **dict.fromkeys("close keepalive outgoing call invoke".split(), 0.5),
}
_TO_CLIENT_LAST: Final[dict[str, float]] = {
    **dict.fromkeys(
        "response resp reply result results ack acknowledgement acknowledgment error notification".split(), -1.5
    ),
    **dict.fromkeys(
        "snapshot delta push updates pong welcome success failure warning confirmation answer".split(), -1.5
    ),
    **dict.fromkeys(
        "status data feed ticker trade trades candle candles kline orderbook book hello report".split(), -1.0
    ),
    **dict.fromkeys("event events update heartbeat info state done stream incoming alert output".split(), -0.5),
}
_TO_SERVER_FIRST: Final = frozenset(
    "create place cancel get list set add remove delete update subscribe unsubscribe send start stop request login "
    "join leave fetch query authenticate auth register ping put post edit amend modify inject make do call invoke mute "
    "unmute answer dial play submit open enable disable configure reset init initialize".split()
)
_NO_PARTICIPLE: Final = frozenset("feed need speed seed embed red bed led fed shed unified fixed feedback".split())


def way_by_name(name: str) -> float:
    """Which way a message of this name travels, and how much the name says: from -1.5 to 1.5, or 0."""
    tokens = [token for token in words_of(name) if token not in _GENERIC and not token.isdigit()]
    if not tokens:
        return 0.0
    last = tokens[-1]
    if last in _TO_SERVER_LAST:
        # `UpdateError` and `SubscribeResponse` end otherwise; `ErrorOnSubscribe` is rare.
        return _TO_SERVER_LAST[last]
    if last in _TO_CLIENT_LAST and not (last == "update" and len(tokens) == 1):
        # `GetStatus` and `subscribe_ticker` ask for it.
        return (
            1.0
            if tokens[0] in _TO_SERVER_FIRST and len(tokens) > 1 and _TO_CLIENT_LAST[last] > -1.5
            else (_TO_CLIENT_LAST[last])
        )
    if len(last) > 4 and last.endswith("ed") and last not in _NO_PARTICIPLE:
        return -1.5
    if tokens[0] in _TO_SERVER_FIRST:
        return 1.0
    return 0.0


def words_of(name: str) -> list[str]:
    """The words of a name in lower case: `orderBook_update.v1` is order, book, update, v1."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+[0-9]*|[0-9]+", name[:200])]


def _first_sentence(text: str) -> str:
    return re.split(r"(?<=[.!?])\s|\n\s*\n", text.strip()[:600], maxsplit=1)[0].replace("\n", " ").replace("`", "")
