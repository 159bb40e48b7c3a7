"""A market-data client as it is generated, with msgspec models."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Annotated, ClassVar, Final, Self, TypeAlias, Unpack

from msgspec import UNSET, Meta, Struct, UnsetType, field

from typedws.schema import (
    Connection,
    ConnectOptions,
    Credential,
    Exchange,
    Messages,
    RequestFailed,
    Subscription,
    Tagged,
)


class Trade(Struct, kw_only=True, tag_field="type", tag="trade"):
    symbol: str
    price: Annotated[float, Meta(ge=0)]


class Status(Struct, kw_only=True, tag_field="type", tag="status"):
    symbol: str | UnsetType = UNSET
    text: str


class Placed(Struct, kw_only=True, tag_field="type", tag="placed"):
    request_id: str = field(name="requestId")
    ok: bool = True
    number: int = 0


class Cancelled(Struct, kw_only=True, tag_field="type", tag="cancelled"):
    number: int


class ErrorMessage(Struct, kw_only=True, tag_field="type", tag="error"):
    request_id: str | UnsetType = field(default=UNSET, name="requestId")
    text: str


class Order(Struct, kw_only=True, tag_field="type", tag="order"):
    request_id: str = field(name="requestId")
    symbol: str


class Cancel(Struct, kw_only=True, tag_field="type", tag="cancel"):
    number: int


class Subscribe(Struct, kw_only=True, tag_field="type", tag="subscribe"):
    symbols: list[str]


class Unsubscribe(Struct, kw_only=True, tag_field="type", tag="unsubscribe"):
    symbols: list[str]


Incoming: TypeAlias = Trade | Status | Placed | Cancelled | ErrorMessage
Outgoing: TypeAlias = Order | Cancel | Subscribe | Unsubscribe


class PlaceOrderFailed(RequestFailed):
    """The reply to `place_order` was a failure."""

    reply: Placed | ErrorMessage


class Prices(Connection[Incoming, Outgoing]):
    """Prices and orders."""

    incoming: ClassVar = Messages[Incoming](
        text=Tagged(
            "type",
            {"trade": Trade, "status": Status, "placed": Placed, "cancelled": Cancelled, "error": ErrorMessage},
        )
    )
    outgoing: ClassVar = Messages[Outgoing](
        text=Tagged("type", {"order": Order, "cancel": Cancel, "subscribe": Subscribe, "unsubscribe": Unsubscribe})
    )

    @classmethod
    def connect(
        cls,
        *,
        url: str,
        venue: str = "main",
        heartbeat: bool | None = None,
        symbols: list[str] | None = None,
        client: str | None = None,
        token: str | None = None,
        key: str | None = None,
        **options: Unpack[ConnectOptions],
    ) -> AbstractAsyncContextManager[Self]:
        """Opens the connection for the length of a block."""
        return cls._open(
            url,
            path="/v1/{venue}",
            variables={"venue": venue},
            query={"heartbeat": heartbeat, "symbol": symbols, "v": "2"},
            headers={"X-Client": client},
            credentials=(Credential("bearer", "Authorization", token), Credential("query", "key", key)),
            options=options,
        )

    async def place_order(self, *, symbol: str, timeout: float | None = 10.0) -> Placed:
        """Places an order."""
        return await self._request(Order(request_id=self._new_id(), symbol=symbol), _PLACE_ORDER, timeout=timeout)

    async def cancel_order(self, *, number: int, timeout: float | None = 10.0) -> Cancelled:
        """Cancels an order."""
        return await self._request(Cancel(number=number), _CANCEL_ORDER, timeout=timeout)

    def subscribe_trades(self, *, symbols: list[str]) -> AbstractAsyncContextManager[Subscription[Trade | Status]]:
        """The trades of these symbols."""
        return self._subscribe(
            Subscribe(symbols=symbols),
            updates=(Trade, Status),
            cancel=Unsubscribe(symbols=symbols),
            same=((("symbols",), ("symbol",)),),
        )


_PLACE_ORDER: Final = Exchange[Placed](
    replies=(Placed,),
    failures=(ErrorMessage,),
    request_id=("request_id",),
    reply_ids={Placed: ("request_id",), ErrorMessage: ("request_id",)},
    ok_field="ok",
    error=PlaceOrderFailed,
)

_CANCEL_ORDER: Final = Exchange[Cancelled](replies=(Cancelled,), in_order=True)
