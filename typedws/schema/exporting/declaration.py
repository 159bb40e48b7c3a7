"""Where an API is served and how a client says who it is, and the checks of names that a document can have."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Final, Literal, TypeVar

from typedws.protocol.url import parse_url

__all__ = ["Security", "Server", "Variable", "check_key", "check_sequence", "check_variables"]

T = TypeVar("T")

_KEY: Final = re.compile(r"[A-Za-z0-9._-]+")
_VARIABLE: Final = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Variable:
    """What there is to say about a `{variable}` of a server's URL, or of a channel's address.

    Attributes:
        name: as between the braces.
        enum: the values that it can have; any unless given.
        default: the value where the client gives none.
        description: what it is; Markdown.
    """

    name: str
    _: KW_ONLY
    enum: Sequence[str] = ()
    default: str | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class Security:
    """How a client says who it is, in its opening handshake.

    Attributes:
        kind: "bearer" and "basic" are `Authorization: Bearer ...` and `Authorization: Basic ...`; the others are a
            header field, a query parameter or a cookie of this name.
        name: of the header field, query parameter or cookie.
        description: where to get the secret, for instance; Markdown.
    """

    kind: Literal["bearer", "basic", "header", "query", "cookie"]
    name: str = ""
    description: str = ""

    def __post_init__(self) -> None:
        named = self.kind in ("header", "query", "cookie")
        if not named and self.kind not in ("bearer", "basic"):
            raise ValueError(
                f'a kind of Security is "bearer", "basic", "header", "query" or "cookie", not {self.kind!r}'
            )
        if named is not bool(self.name):
            raise ValueError(
                f'Security("{self.kind}", ...) needs the name of the {self.kind}, as in Security("{self.kind}", "key")'
                if named
                else f'Security("{self.kind}") has no name: it is the Authorization header'
            )


@dataclass(frozen=True, slots=True)
class Server:
    """Where an API is served.

    Attributes:
        name: of the server in the document: "production", "staging".
        url: `wss://api.example.com/v1`, without the address of a channel; it may have `{variables}`.
        variables: what there is to say about them.
        security: any one of these is enough.
        description: what this server is for; Markdown.

    Raises:
        ValueError: a name that no document can have, a URL that is none of a WebSocket, or a variable that it has not.
    """

    name: str
    url: str
    _: KW_ONLY
    variables: Sequence[Variable] = ()
    security: Sequence[Security] = ()
    description: str = ""

    def __post_init__(self) -> None:
        check_key("the name of a server", self.name)
        # Variables stand for anything: what is around them is checked with something plain in their place.
        parse_url(_VARIABLE.sub("a", re.sub(r":\{[^{}]*\}", ":1", self.url)))
        if "?" in self.url:
            raise ValueError(f"the URL of a server has no query: declare query= of the channel instead ({self.url!r})")
        check_variables(f"the URL {self.url!r}", self.url, self.variables)


def check_key(what: str, name: object) -> str:
    """The name, if it can be a key in a document.

    Raises:
        ValueError: it is empty, or has other characters than letters, digits, "-", "_" and ".".
        TypeError: it is no str.
    """
    if not isinstance(name, str):
        raise TypeError(f"{what} is a str, not {type(name).__name__}")
    if not _KEY.fullmatch(name):
        raise ValueError(f'{what} has letters, digits, "-", "_" and ".", as in "market-data"; not {name!r}')
    return name


def check_sequence(what: str, items: Sequence[T]) -> tuple[T, ...]:
    """The items, if they are in a sequence.

    Raises:
        TypeError: it is one item, a str or a mapping, where several are meant.
    """
    if isinstance(items, str | bytes | Mapping) or not isinstance(items, Sequence):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(f"{what} is a list or a tuple, not {type(items).__name__}")
    return tuple(items)


def check_variables(where: str, template: str, variables: Sequence[Variable]) -> None:
    """Returns if a template has these variables.

    Raises:
        ValueError: it has one of them not, or an empty one, or the same twice.
    """
    names = _VARIABLE.findall(template)
    if "" in names or len(set(names)) != len(names):
        raise ValueError(f"{where} has a variable without a name, or the same one twice")
    for variable in check_sequence("variables", variables):
        if variable.name not in names:
            raise ValueError(f"{where} has no variable {{{variable.name}}}")
