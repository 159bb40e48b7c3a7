"""Extensions: how their field is written (RFC 6455 section 9.1), and who agrees to what (RFC 7692 section 7.1).

permessage-deflate is the one extension that we know. Its four parameters mean different things in an offer and in an
answer:

    parameter                     in the offer of a client                      in the answer of a server
    server_no_context_takeover    you shall not reuse your window               I will not
    client_no_context_takeover    I will not reuse mine, a hint                 you shall not
    server_max_window_bits=N      your window shall have at most N bits         mine has at most N
    client_max_window_bits[=N]    you may limit mine; it needs N, a hint        yours shall have at most N

So a server takes an offer by repeating what it was told to do; a client that finds its demand missing from the answer
has not been heard and must fail the connection. A demand that we cannot meet, an unknown parameter, one that comes
twice or one with a bad value makes a server decline that offer and look at the next (section 7.1), and a client fail
(section 7.1.3).

A window of 8 bits is allowed by the RFC, but zlib cannot compress with it: a server declines such an offer, and as a
client we never accept it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from typedws.protocol.deflate import DEFAULT_WINDOW_BITS, MAX_WINDOW_BITS, MIN_WINDOW_BITS, Deflate, DeflateParameters
from typedws.protocol.head import BadHandshakeError, is_token, printable

__all__ = ["Extension", "accept_answer", "answer_offers", "deflate_offer", "parse_extensions"]

NAME: Final = "permessage-deflate"

_NAME: Final = re.compile(r"[ \t]*([^ \t,;=\"]+)[ \t]*")
_PARAMETER: Final = re.compile(
    r";[ \t]*([^ \t,;=\"]+)[ \t]*(?:=[ \t]*(?:\"((?:[^\"\\]|\\.)*)\"|([^ \t,;=\"]+))[ \t]*)?"
)
_EMPTY: Final = re.compile(r"[ \t,]*")
_WINDOW_BITS: Final = re.compile(r"[89]|1[0-5]")


@dataclass(frozen=True, slots=True)
class Extension:
    """One element of a Sec-WebSocket-Extensions field; its text is how it stands there.

    Attributes:
        name: the name, a token.
        parameters: name and value of each parameter, in order; the value is None where there is none.
    """

    name: str
    parameters: tuple[tuple[str, str | None], ...] = ()

    def __str__(self) -> str:
        parts = [key if value is None else f"{key}={value}" for key, value in self.parameters]
        return "; ".join([self.name, *parts])


def parse_extensions(value: str) -> list[Extension]:
    """Reads the value of a Sec-WebSocket-Extensions field, in time linear in its length.

    Raises:
        BadHandshakeError: it does not follow the grammar, or has no element.
    """
    extensions: list[Extension] = []
    at = _skip_empty(value, 0)
    while at < len(value):
        match = _NAME.match(value, at)
        if match is None or not is_token(match[1]):
            raise BadHandshakeError("Sec-WebSocket-Extensions is malformed (RFC 6455 9.1)")
        name, at = match[1], match.end()
        parameters: list[tuple[str, str | None]] = []
        while parameter := _PARAMETER.match(value, at):
            key, quoted, plain = parameter.groups()
            text = plain if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
            # Section 9.1: after removing the quotes and escapes, the value MUST be a token too.
            if not is_token(key) or (text is not None and not is_token(text)):
                raise BadHandshakeError("Sec-WebSocket-Extensions has a malformed parameter (RFC 6455 9.1)")
            parameters.append((key, text))
            at = parameter.end()
        extensions.append(Extension(name, tuple(parameters)))
        if at < len(value) and value[at] != ",":
            raise BadHandshakeError("Sec-WebSocket-Extensions is malformed (RFC 6455 9.1)")
        at = _skip_empty(value, at)
    if not extensions:
        raise BadHandshakeError("Sec-WebSocket-Extensions is empty (RFC 6455 9.1)")
    return extensions


def _skip_empty(value: str, at: int) -> int:
    match = _EMPTY.match(value, at)
    assert match is not None  # it matches nothing as well
    return match.end()


def deflate_offer(deflate: Deflate) -> Extension:
    """What a client offers for `deflate`."""
    parameters: list[tuple[str, str | None]] = []
    if deflate.server_no_context_takeover:
        parameters.append(("server_no_context_takeover", None))
    if deflate.client_no_context_takeover:
        parameters.append(("client_no_context_takeover", None))
    if deflate.server_max_window_bits is not None:
        parameters.append(("server_max_window_bits", str(deflate.server_max_window_bits)))
    # Without a value: we keep to our own limit whatever is agreed, and some servers fail on a value here.
    parameters.append(("client_max_window_bits", None))
    return Extension(NAME, tuple(parameters))


def accept_answer(answer: Sequence[Extension], offers: Sequence[Deflate]) -> tuple[Extension, DeflateParameters]:
    """What a client takes from the answer to its offers.

    Raises:
        BadHandshakeError: an extension that was not offered, one twice, or an answer that fits none of the offers.
    """
    extension, *more = answer
    if extension.name != NAME or not offers:
        raise BadHandshakeError(f"the server uses extension {printable(extension.name)}, which was not offered")
    if more:
        # RFC 7692 section 5.1: one answer. Two of them would be two layers of compression.
        raise BadHandshakeError(f"the server answers with more extensions than {NAME} alone")
    agreed = _read(extension, answer=True)
    refused = ""
    for deflate in offers:
        refused = _missing(agreed, deflate)
        if not refused:
            break
    else:
        raise BadHandshakeError(f"the server takes {NAME}, but {refused}")
    own = deflate.client_max_window_bits or DEFAULT_WINDOW_BITS
    return extension, DeflateParameters(
        send_window_bits=min(own, agreed.client_bits or MAX_WINDOW_BITS),
        receive_window_bits=agreed.server_bits or MAX_WINDOW_BITS,
        # What we offer of our own window we do, whether or not the answer repeats it (section 7.1.1.2).
        send_no_context_takeover=deflate.client_no_context_takeover or agreed.client_no_takeover,
        receive_no_context_takeover=agreed.server_no_takeover,
        level=deflate.level,
        mem_level=deflate.mem_level,
        min_size=deflate.min_size,
    )


def _missing(agreed: _Parameters, deflate: Deflate) -> str:
    """Which of our demands the answer does not meet; empty where it meets all."""
    if deflate.server_no_context_takeover and not agreed.server_no_takeover:
        return "without server_no_context_takeover (RFC 7692 7.1.1.1)"
    limit = deflate.server_max_window_bits
    if limit is not None and (agreed.server_bits is None or agreed.server_bits > limit):
        return f"without server_max_window_bits={limit} or less (RFC 7692 7.1.2.1)"
    return ""


def answer_offers(
    offered: Sequence[Extension], supported: Sequence[Deflate]
) -> tuple[Extension, DeflateParameters] | None:
    """A server's answer to the first offer that it can take, and what is agreed by it; None for no extension."""
    for offer in offered:
        if offer.name != NAME:
            continue
        for deflate in supported:
            try:
                return _answer(_read(offer, answer=False), deflate)
            except BadHandshakeError:
                continue
    return None


def _answer(offer: _Parameters, deflate: Deflate) -> tuple[Extension, DeflateParameters]:
    server_no_takeover = offer.server_no_takeover or deflate.server_no_context_takeover
    client_no_takeover = offer.client_no_takeover or deflate.client_no_context_takeover
    send_bits = min(deflate.server_max_window_bits or DEFAULT_WINDOW_BITS, offer.server_bits or MAX_WINDOW_BITS)
    if send_bits < MIN_WINDOW_BITS:
        raise BadHandshakeError("zlib cannot compress with a window of 8 bits")
    receive_bits = MAX_WINDOW_BITS
    answer: list[tuple[str, str | None]] = []
    if server_no_takeover:
        answer.append(("server_no_context_takeover", None))
    if client_no_takeover:
        answer.append(("client_no_context_takeover", None))
    if offer.server_bits is not None or deflate.server_max_window_bits is not None:
        answer.append(("server_max_window_bits", str(send_bits)))
    if offer.client_bits is not None:
        # Only a client that names the parameter can be limited (section 7.1.2.2).
        receive_bits = min(deflate.client_max_window_bits or DEFAULT_WINDOW_BITS, offer.client_bits)
        answer.append(("client_max_window_bits", str(receive_bits)))
    return Extension(NAME, tuple(answer)), DeflateParameters(
        send_window_bits=send_bits,
        receive_window_bits=max(receive_bits, MIN_WINDOW_BITS),
        send_no_context_takeover=server_no_takeover,
        receive_no_context_takeover=client_no_takeover,
        level=deflate.level,
        mem_level=deflate.mem_level,
        min_size=deflate.min_size,
    )


@dataclass(frozen=True, slots=True)
class _Parameters:
    """The parameters of one element. `client_bits` is 15 in an offer that names it without a value."""

    server_no_takeover: bool
    client_no_takeover: bool
    server_bits: int | None
    client_bits: int | None


def _read(extension: Extension, *, answer: bool) -> _Parameters:
    found: dict[str, int] = {}
    for key, value in extension.parameters:
        if key in found:
            raise BadHandshakeError(f"{NAME} has parameter {printable(key)} twice (RFC 7692 7.1)")
        if key in ("server_no_context_takeover", "client_no_context_takeover"):
            if value is not None:
                raise BadHandshakeError(f"{NAME} has a value for {key}, which takes none (RFC 7692 7.1.1)")
            found[key] = True
        elif key == "client_max_window_bits" and value is None and not answer:
            found[key] = MAX_WINDOW_BITS
        elif key in ("server_max_window_bits", "client_max_window_bits"):
            if value is None or not _WINDOW_BITS.fullmatch(value) or (answer and int(value) < MIN_WINDOW_BITS):
                least = MIN_WINDOW_BITS if answer else 8
                raise BadHandshakeError(f"{NAME} has {key} other than {least} to {MAX_WINDOW_BITS} (RFC 7692 7.1.2)")
            found[key] = int(value)
        else:
            raise BadHandshakeError(f"{NAME} has an unknown parameter {printable(key)} (RFC 7692 7.1)")
    return _Parameters(
        server_no_takeover="server_no_context_takeover" in found,
        client_no_takeover="client_no_context_takeover" in found,
        server_bits=found.get("server_max_window_bits"),
        client_bits=found.get("client_max_window_bits"),
    )
