"""Which connection a client asks for, and whether it asks as the document says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import parse_qs, unquote, urlsplit

from typedws.call import Request
from typedws.schema.contract.api import Connection, Contract, Parameter
from typedws.schema.contract.types import ListOf, LiteralOf, Scalar, Type
from typedws.schema.mocking.topics import variables_of

__all__ = ["Routes", "handshake_problems", "has_credentials"]


class Routes:
    """The paths of all connections of a contract. A contract with one connection takes any path."""

    def __init__(self, contract: Contract) -> None:
        self._connections = contract.connections
        # A path without variables is looked at before one that would take it as the value of a variable.
        paths = [(path, connection) for connection in self._connections for path in _paths(connection)]
        self._paths = sorted(paths, key=lambda pair: pair[0].count("{"))

    def find(self, request: Request) -> Connection | None:
        """The connection for a request; of several with one path that whose demands are met, or else the first."""
        found = [
            connection for path, connection in self._paths if variables_of(path, _normal(request.path)) is not None
        ]
        if not found and len(self._connections) == 1:
            return self._connections[0]
        return next((c for c in found if not any(handshake_problems(c, request))), found[0] if found else None)

    def __str__(self) -> str:
        return ", ".join(dict.fromkeys(connection.path or "/" for connection in self._connections))


def _paths(connection: Connection) -> Iterator[str]:
    """Its path, alone and behind the path of each server: a client may be told either as the URL."""
    yield _normal(connection.path)
    for server in connection.servers:
        yield _normal(_path_of(server.url) + connection.path)


def _path_of(url: str) -> str:
    rest = url.partition("://")[2]
    return "/" + rest.partition("/")[2] if "/" in rest else ""


def _normal(path: str) -> str:
    # Whether the root is written as "/" or not at all makes no difference to who connects.
    return unquote(path).rstrip("/")


def handshake_problems(connection: Connection, request: Request) -> Iterator[str]:
    """What is wrong with the parameters of a request, in a sentence each."""
    query = parse_qs(urlsplit(request.target).query, keep_blank_values=True)
    variables: Mapping[str, str] = {}
    for path in _paths(connection):
        variables = variables_of(path, _normal(request.path)) or variables
    for parameter in connection.parameters:
        if parameter.place == "query":
            values: Sequence[str] = query.get(parameter.wire_name, ())
        elif parameter.place == "header":
            values = request.headers.get_all(parameter.wire_name)
        else:
            # Variables of a server's address are not to be seen here.
            values = [variables[parameter.wire_name]] if parameter.wire_name in variables else ()
            if not values:
                continue
        words = f"{_WORDS[parameter.place]} {parameter.wire_name!r}"
        if not values and _is_demanded(parameter):
            yield f"the {words} is missing"
        elif not all(_fits(parameter.type, value) for value in values):
            yield f"the {words} has a value that it may not have"


_WORDS = {"query": "query parameter", "header": "header field", "variable": "path parameter"}


def _is_demanded(parameter: Parameter) -> bool:
    return parameter.required and parameter.default is None


def _fits(type_: Type, text: str) -> bool:
    match type_:
        case LiteralOf(values):
            return text in {_written(value) for value in values}
        case Scalar("int"):
            return text.lstrip("+-").isdigit()
        case Scalar("float"):
            return _is_number(text)
        case Scalar("bool"):
            return text in ("true", "false")
        case ListOf(item):
            return _fits(item, text)
        case _:
            return True


def _written(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def has_credentials(connection: Connection, request: Request) -> bool:
    """Whether a client showed any credential that the connection knows; what it says is not looked at."""
    query = parse_qs(urlsplit(request.target).query)
    headers = {credential.wire_name for credential in connection.credentials if credential.kind in _IN_HEADERS}
    asked = {credential.wire_name for credential in connection.credentials if credential.kind == "query"}
    cookies = any(credential.kind == "cookie" for credential in connection.credentials)
    return (
        bool(asked & query.keys())
        or any(h in request.headers for h in headers)
        or (cookies and "Cookie" in request.headers)
    )


_IN_HEADERS = ("bearer", "basic", "header")
