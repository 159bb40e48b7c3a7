"""What both ends of an opening handshake share: its result, what callers may add to it, and the way to wsproto.

wsproto writes the requests and responses, makes the key and computes and compares its answer (RFC 6455 section 4). It
sees only heads that we have cut, checked and written anew with the few fields it is asked about, because it takes heads
of any size, the last of several fields, and extension parameters as they come, and some of them end in an `IndexError`.

It and h11 are imported when the first handshake begins: both together take a sixth of the time of `import typedws`.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from typedws.call import Headers, Response
from typedws.protocol.deflate import Deflate, DeflateParameters
from typedws.protocol.head import BadHandshakeError, is_token

__all__ = [
    "RESERVED_FIELDS",
    "Accepted",
    "check_ascii",
    "check_extensions",
    "check_subprotocols",
    "encode_fields",
    "wsproto_errors",
]

_WRITTEN: Final = "the handshake writes it"

RESERVED_FIELDS: Final = {
    "host": "it is taken from the URL",
    "upgrade": _WRITTEN,
    "connection": _WRITTEN,
    "content-length": "the handshake has no body",
    "transfer-encoding": "the handshake has no body",
    "sec-websocket-protocol": "use subprotocols=",
    "sec-websocket-extensions": "use extensions=",
    "sec-websocket-": _WRITTEN,
}
"""Fields that a caller cannot set, each with the reason or the way."""

_WEBSOCKET_FIELDS: Final = (
    "connection",
    "upgrade",
    "sec-websocket-accept",
    "sec-websocket-extensions",
    "sec-websocket-key",
    "sec-websocket-protocol",
    "sec-websocket-version",
)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A completed opening handshake.

    Attributes:
        response: the 101 response.
        subprotocol: the negotiated subprotocol, or None.
        deflate: what was agreed for permessage-deflate, or None where messages travel uncompressed.
        extensions: the negotiated extensions as they stand in the response, as in "permessage-deflate".
        trailing: bytes that came behind the peer's head: the first ones for the frame parser.
    """

    response: Response
    subprotocol: str | None = None
    deflate: DeflateParameters | None = None
    extensions: tuple[str, ...] = ()
    trailing: bytes = b""


def check_subprotocols(subprotocols: Sequence[str]) -> tuple[str, ...]:
    """The subprotocols that a caller wants, as they may be sent.

    Raises:
        ValueError: one is no token, or stands there twice (RFC 6455 section 4.1).
        TypeError: this is no sequence, or a single `str`, or one of them is none.
    """
    _check_sequence("subprotocols", subprotocols, "a sequence of str, as in ['chat']")
    for number, name in enumerate(subprotocols, 1):
        if not isinstance(name, str):  # pyright: ignore[reportUnnecessaryIsInstance] - callers without a type checker
            raise TypeError(f"a subprotocol is a str, not {type(name).__name__}")
        if not is_token(name):
            # Not quoted: some programs carry a token of another kind in a subprotocol.
            raise ValueError(f"subprotocol {number} is no token: letters, digits and !#$%&'*+-.^_`|~ (RFC 6455 4.1)")
    if len(set(subprotocols)) < len(subprotocols):
        raise ValueError("a subprotocol is given twice (RFC 6455 4.1)")
    return tuple(subprotocols)


def check_extensions(extensions: Sequence[Deflate]) -> tuple[Deflate, ...]:
    """The extensions that a caller wants to offer or to accept.

    Raises:
        TypeError: this is no sequence, or one of them is no `Deflate`, the only one that there is.
    """
    _check_sequence("extensions", extensions, "a list, as in [Deflate()]")
    for extension in extensions:
        if not isinstance(extension, Deflate):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"extensions are Deflate objects, as in [Deflate()], not {type(extension).__name__}")
    return tuple(extensions)


def _check_sequence(name: str, given: object, wanted: str) -> None:
    if isinstance(given, str | bytes) or not isinstance(given, Sequence):
        raise TypeError(f"{name} is {wanted}, not {type(given).__name__}")


def check_ascii(headers: Headers) -> None:
    """Raises `BadHandshakeError` where a field that the handshake reads is not printable ASCII."""
    for name in _WEBSOCKET_FIELDS:
        for value in headers.get_all(name):
            if not (value.isascii() and value.replace("\t", " ").isprintable()):
                raise BadHandshakeError(f"the value of {name} is not printable ASCII")


def encode_fields(fields: Sequence[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    """Checked fields, as wsproto takes them."""
    return [(name.encode("ascii"), value.encode("ascii")) for name, value in fields]


@contextmanager
def wsproto_errors() -> Generator[None]:
    """Raises what wsproto, and h11 below it, say about a message as `BadHandshakeError`."""
    from h11 import ProtocolError as H11Error
    from wsproto.utilities import ProtocolError as WSProtoError

    try:
        yield
    except (WSProtoError, H11Error) as error:
        raise BadHandshakeError(f"not a valid handshake: {error}") from error
