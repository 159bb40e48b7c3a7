"""A channel: one WebSocket endpoint, declared once for the server that runs it and for the document that describes it.

    prices = Channel(
        "prices",
        address="/prices/{market}",
        incoming=Subscribe | CreateOrder,
        outgoing=Trade | OrderCreated | OrderRefused,
        replies=[Reply(CreateOrder, OrderCreated | OrderRefused, correlation="id")],
    )

    async def handler(session: ServerSession) -> None:
        async for message in session.iter_deserialized(prices.incoming):  # a Subscribe | CreateOrder
            ...

    async with prices.serve(handler, "127.0.0.1", 8000) as server: ...
    document = export(Api("Prices", "1.0.0", channels=[prices]))

Everything is told by the one who serves: `incoming` is what a client sends.
"""

from __future__ import annotations

import inspect
import os
import re
import ssl
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import KW_ONLY, dataclass
from typing import Any, Final, Generic, TypedDict, TypeVar
from urllib.parse import unquote

from typing_extensions import TypeForm, Unpack

from typedws.admission import ProcessRequest
from typedws.call import Request, Response
from typedws.config import SessionConfig
from typedws.converters.base import WebsocketContentConverter, check_converter_object, check_converters
from typedws.converters.json import JSONConverter
from typedws.protocol.deflate import Deflate
from typedws.protocol.handshake import check_subprotocols
from typedws.schema.exporting.declaration import Variable, check_key, check_sequence, check_variables
from typedws.server import Handler, Server, serve

__all__ = ["CONTENT_TYPES", "Channel", "Message", "Reply", "ServeOptions"]

In_co = TypeVar("In_co", covariant=True)
Out_co = TypeVar("Out_co", covariant=True)

CONTENT_TYPES: Final = {
    "json": "application/json",
    "pydantic": "application/json",
    "cbor": "application/cbor",
    "msgpack": "application/msgpack",
}
"""What the messages of a converter are, by its name."""

_JSON: Final = JSONConverter()


class Message:
    """What a type does not say about a message: `Annotated[list[Trade], Message("snapshot")]`.

    Args:
        name: of the message in the document; made from the type unless given.
        summary: one line.
        description: as long as it needs to be; Markdown.
        content_type: the media type, where it is not that of the channel: "text/plain" and "application/octet-stream"
            are text and binary messages that no converter looks into.
        examples: values of the type.
    """

    __slots__ = ("content_type", "description", "examples", "name", "summary")

    def __init__(
        self,
        name: str = "",
        *,
        summary: str = "",
        description: str = "",
        content_type: str | None = None,
        examples: Sequence[object] = (),
    ) -> None:
        self.name = check_key("the name of a message", name) if name else ""
        self.summary = summary
        self.description = description
        self.content_type = content_type
        self.examples = check_sequence("examples", examples)

    def __repr__(self) -> str:
        return f"Message({self.name!r})"


@dataclass(frozen=True, slots=True, eq=False)
class Reply:
    """A request that is answered.

    Attributes:
        request: what is received, a type or a union; among the channel's `incoming`.
        reply: what is sent in return; among the channel's `outgoing`.
        correlation: the property that has the same value in both, by its name on the wire; "meta.id" for one inside
            another. None where requests are answered in their order.
        reply_correlation: its name in the reply, where that is another one.
        description: of the operation.
    """

    request: Any
    reply: Any
    correlation: str | None = None
    reply_correlation: str | None = None
    description: str = ""

    def __post_init__(self) -> None:
        if self.correlation is None and self.reply_correlation is not None:
            raise ValueError("reply_correlation needs a correlation, the property of the request")


class ServeOptions(TypedDict, total=False):
    """The arguments of `serve` that a channel has not decided, by name; see there."""

    extensions: Sequence[Deflate]
    ssl_context: ssl.SSLContext | None
    uds: str | os.PathLike[str] | None
    origins: Sequence[str | None] | None
    process_request: ProcessRequest | None
    handshake_timeout: float | None
    max_connections: int
    backlog: int
    config: SessionConfig


@dataclass(frozen=True, slots=True, eq=False)
class Channel(Generic[In_co, Out_co]):
    """A WebSocket endpoint and the types of its messages.

    Attributes:
        name: of the channel in the document: letters, digits, "-", "_" and ".".
        address: the path, which may have `{variables}`; None where it is not known.
        incoming: what the server receives: a class, a union, any type form that the converter reads. `bytes` and `str`
            are binary and text messages as they are. `Never` for nothing.
        outgoing: what the server sends, likewise.
        replies: which messages are requests, and their replies.
        parameters: what there is to say about the variables of the address.
        query: a class whose fields are the query parameters: a Struct, a model, a TypedDict, a dataclass.
        headers: likewise, the header fields of the opening handshake.
        converter: turns values into frames; as for `serve`.
        converters: a converter for each subprotocol; as for `serve`. The document describes messages as the first of
            them writes them.
        subprotocols: further subprotocols; as for `serve`.
        content_type: the media type of the messages; that of the converter unless given.
        servers: the names of the servers of the API that have this channel; all of them unless given.
        title: a heading for it.
        description: what it is for; Markdown.

    Raises:
        ValueError: a name or address that no document can have, or a variable that the address does not have.
        TypeError: an argument of the wrong type.
    """

    name: str
    _: KW_ONLY
    address: str | None
    incoming: TypeForm[In_co]
    outgoing: TypeForm[Out_co]
    replies: Sequence[Reply] = ()
    parameters: Sequence[Variable] = ()
    query: Any = None
    headers: Any = None
    converter: WebsocketContentConverter | None = _JSON
    converters: Mapping[str, WebsocketContentConverter] | None = None
    subprotocols: Sequence[str] = ()
    content_type: str | None = None
    servers: Sequence[str] = ()
    title: str = ""
    description: str = ""

    def __post_init__(self) -> None:
        check_key("the name of a channel", self.name)
        address = self.address
        if address is not None and (not address.startswith("/") or "?" in address or "#" in address):
            raise ValueError(f'the address of a channel is a path that begins with "/", not {address!r}')
        check_variables(f"the address {address!r}", address or "", self.parameters)
        for reply in check_sequence("replies", self.replies):
            if not isinstance(reply, Reply):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise TypeError(f"replies holds Reply(request, reply), not {type(reply).__name__}")
        check_converter_object(self.converter)
        check_subprotocols((*check_converters(self.converters), *self.subprotocols))
        check_sequence("servers", self.servers)

    def variables(self, request: Request, /) -> dict[str, str] | None:
        """The values of the address's variables in a request: `channel.variables(session.call.request)`.

        Returns:
            the values by name, decoded; None where the request is for another path.
        """
        if self.address is None:
            return {}
        pieces = re.split(r"\{([^{}]+)\}", self.address)
        pattern = "([^/]+)".join(re.escape(piece) for piece in pieces[::2])
        found = re.fullmatch(pattern, request.path)
        return None if found is None else dict(zip(pieces[1::2], map(unquote, found.groups()), strict=True))

    def serve(
        self, handler: Handler, host: str | None = None, port: int | None = None, **options: Unpack[ServeOptions]
    ) -> AbstractAsyncContextManager[Server]:
        """Serves this channel, as `typedws.serve` does, with its converters and subprotocols.

        Requests for another path are refused with 404.

        Args:
            handler: a coroutine function that takes a `ServerSession`; it reads `session.iter_deserialized(
                channel.incoming)`.
            host: as for `typedws.serve`.
            port: likewise.
            options: the other arguments of `typedws.serve`.

        Raises: as `typedws.serve`.
        """
        process_request = options.get("process_request")

        async def admit(request: Request) -> Response | None:
            if self.variables(request) is None:
                return _NOT_FOUND
            answer = None if process_request is None else process_request(request)
            return await answer if inspect.isawaitable(answer) else answer

        options["process_request"] = admit
        return serve(
            handler,
            host,
            port,
            converter=self.converter,
            converters=self.converters,
            subprotocols=self.subprotocols,
            **options,
        )


_NOT_FOUND: Final = Response(404, {"Content-Type": "text/plain; charset=utf-8"}, b"There is no such channel here.\n")
