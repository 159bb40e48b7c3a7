"""What a client may be asked for: the arguments of `connect`, checked, and as a type for those who pass them on."""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypedDict

from typedws.call import HeadersLike
from typedws.config import SessionConfig, check_config, check_interval
from typedws.converters.base import WebsocketContentConverter, check_converter_object, check_converters
from typedws.protocol.deflate import Deflate
from typedws.protocol.handshake import check_extensions, check_subprotocols

__all__ = ["ClientOptions", "SessionOptions"]


class SessionOptions(TypedDict, total=False):
    """The arguments of `connect`, by name; see there."""

    converter: WebsocketContentConverter | None
    converters: Mapping[str, WebsocketContentConverter] | None
    subprotocols: Sequence[str]
    headers: HeadersLike
    extensions: Sequence[Deflate]
    origin: str | None
    ssl_context: ssl.SSLContext | None
    server_hostname: str | None
    uds: str | os.PathLike[str] | None
    proxy: str | None
    open_timeout: float | None
    config: SessionConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientOptions:
    """What `connect` and its siblings were asked for; see `connect`.

    Raises:
        ValueError: options that contradict each other, or that no handshake can carry.
        TypeError: an option of the wrong type.
    """

    converter: WebsocketContentConverter | None
    converters: Mapping[str, WebsocketContentConverter] | None = None
    subprotocols: Sequence[str] = field(default=(), repr=False)  # some programs carry a token there
    headers: HeadersLike = field(default=(), repr=False)  # they may hold a token
    extensions: Sequence[Deflate] = ()
    origin: str | None = None
    ssl_context: ssl.SSLContext | None = None
    server_hostname: str | None = None
    uds: str | os.PathLike[str] | None = None
    proxy: str | None = field(default=None, repr=False)  # it may hold a password
    open_timeout: float | None = 10.0
    config: SessionConfig

    def __post_init__(self) -> None:
        check_converter_object(self.converter)
        check_converters(self.converters)
        check_config(self.config)
        check_interval("open_timeout", self.open_timeout)
        check_extensions(self.extensions)
        check_subprotocols(self.subprotocols)
        context = self.ssl_context
        if context is not None and not isinstance(context, ssl.SSLContext):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(
                f"ssl_context is an ssl.SSLContext, as ssl.create_default_context() makes it, not {context!r}; "
                "certificates are verified where it is None"
            )
        if context is not None and context.protocol == ssl.PROTOCOL_TLS_SERVER:
            raise ValueError("this ssl_context is for servers; a client's is made with ssl.create_default_context()")
        name = self.server_hostname
        if name is not None and not isinstance(name, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"server_hostname is a str, not {type(name).__name__}")
        if name is not None and (not name or name.startswith(".") or "\0" in name):
            raise ValueError(f"server_hostname is a host name or an address, not {name!r}")
        if self.uds is not None and b"\0" in os.fsencode(self.uds)[1:]:
            raise ValueError("uds is a path, and has no NUL in it")
        if self.uds is not None and self.proxy is not None:
            raise ValueError("uds and proxy are given; give one of them: no proxy leads to a Unix socket")

    @property
    def offered(self) -> tuple[str, ...]:
        """The subprotocols to offer, in order of preference: those with a converter of their own first."""
        return (*(self.converters or ()), *self.subprotocols)

    def converter_for(self, subprotocol: str | None) -> WebsocketContentConverter | None:
        """The converter of a session with this subprotocol."""
        if subprotocol is not None and self.converters is not None and subprotocol in self.converters:
            return self.converters[subprotocol]
        return self.converter
