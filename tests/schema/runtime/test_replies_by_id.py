"""Replies that look like each other are told apart by the requests that they answer."""

from __future__ import annotations

import random
from typing import Any, ClassVar, Final, Literal

import anyio
import pytest
from msgspec import UNSET, Struct, UnsetType, field

from tests.schema.runtime.server import Guest, hosting
from typedws.errors import DeserializeError
from typedws.schema import (
    ByKey,
    Connection,
    Exchange,
    Messages,
    Model,
    Only,
    Reconnect,
    RequestFailed,
    RequestTimeoutError,
    Tagged,
    Trial,
    Undecided,
    Unknown,
)

pytestmark = pytest.mark.anyio

FAST = Reconnect(initial_delay=0.01, max_delay=0.01)


class Token(Struct, kw_only=True):
    token: str


class Price(Struct, kw_only=True):
    price: float | UnsetType = UNSET


class AuthResult(Struct, kw_only=True):
    jsonrpc: Literal["2.0"] = "2.0"
    number: int = field(name="id")
    result: Token


class TickerResult(Struct, kw_only=True):
    jsonrpc: Literal["2.0"] = "2.0"
    number: int = field(name="id")
    result: Price
    us_in: int | UnsetType = field(default=UNSET, name="usIn")


class RpcError(Struct, kw_only=True):
    number: int | None = field(name="id")
    error: str


class Auth(Struct, kw_only=True, tag_field="method", tag="auth"):
    id: int


class Ticker(Struct, kw_only=True, tag_field="method", tag="ticker"):
    id: int


class Price2(Model):
    price: float


class TickerModel(Model):
    id: int
    result: Price2


_IDS: Final = {AuthResult: ("number",), TickerResult: ("number",), TickerModel: ("id",), RpcError: ("number",)}


def exchange(reply: type[Any]) -> Exchange[Any]:
    return Exchange(
        replies=(reply,),
        failures=(RpcError,),
        request_id=("id",),
        reply_ids={form: path for form, path in _IDS.items() if form in (reply, RpcError)},
    )


_AUTH: Final = exchange(AuthResult)
_TICKER: Final = exchange(TickerResult)


class Rpc(Connection[Any, Any]):
    incoming: ClassVar = Messages[Any](
        text=ByKey({"error": Only(RpcError), "result": Undecided((AuthResult, TickerResult))})
    )
    outgoing: ClassVar = Messages[Any](text=Tagged("method", {"auth": Auth, "ticker": Ticker}))

    ticker_exchange: ClassVar = _TICKER

    async def auth(self, timeout: float | None = 5) -> Any:
        return await self._request(Auth(id=self._new_id(int)), _AUTH, timeout=timeout)

    async def ticker(self, timeout: float | None = 5) -> Any:
        return await self._request(Ticker(id=self._new_id(int)), self.ticker_exchange, timeout=timeout)


class Tried(Rpc):
    incoming: ClassVar = Messages[Any](text=Trial((TickerResult, AuthResult, RpcError)))


class Mixed(Rpc):
    incoming: ClassVar = Messages[Any](text=Undecided((AuthResult, TickerModel, RpcError)))
    ticker_exchange: ClassVar = exchange(TickerModel)


def reply(asked: dict[str, Any], **more: Any) -> dict[str, Any]:
    result = {"token": "t"} if asked["method"] == "auth" else {"price": 1.5}
    return {"jsonrpc": "2.0", "id": asked["id"], "result": result, **more}


@pytest.mark.parametrize("more", [{}, {"usIn": 5}, {"unheardOf": 5}])
@pytest.mark.parametrize("kind", [Rpc, Tried, Mixed])
async def test_both_get_their_own_whatever_the_order(kind: type[Rpc], more: dict[str, Any]) -> None:
    async def shuffled(guest: Guest) -> None:
        asked = [await guest.next() for _ in range(20)]
        random.Random(3).shuffle(asked)
        await guest.say(*(reply(each, **more) for each in asked))

    found: list[str] = []
    async with hosting(shuffled) as host, kind._open(host.url) as rpc:

        async def ask(name: str) -> None:
            found.append(f"{name} {type(await getattr(rpc, name)()).__name__}")

        async with anyio.create_task_group() as group:
            for _ in range(10):
                group.start_soon(ask, "auth")
                group.start_soon(ask, "ticker")
    ticker = kind.ticker_exchange.replies[0].__name__
    assert sorted(found) == ["auth AuthResult"] * 10 + [f"ticker {ticker}"] * 10


async def test_a_bad_reply_fails_its_own_and_failures_find_theirs() -> None:
    async def answer(guest: Guest) -> None:
        first, second = await guest.next(), await guest.next()
        auth, ticker = (first, second) if first["method"] == "auth" else (second, first)
        await guest.say({"id": ticker["id"], "error": "x"}, {**reply(auth), "result": {"token": 5}})

    ended: dict[str, type[BaseException]] = {}
    async with hosting(answer) as host, Rpc._open(host.url) as rpc:

        async def ask(name: str) -> None:
            with pytest.raises((DeserializeError, RequestFailed)) as caught:
                await getattr(rpc, name)()
            ended[name] = caught.type

        async with anyio.create_task_group() as group:
            group.start_soon(ask, "auth")
            group.start_soon(ask, "ticker")
    assert ended == {"auth": DeserializeError, "ticker": RequestFailed}


async def test_what_is_nobodys_reply_stays_an_event() -> None:
    strange = [
        {"jsonrpc": "2.0", "id": 77, "result": {}},
        {"jsonrpc": "2.0", "id": "1", "result": {}},
        {"jsonrpc": "2.0", "id": [1], "result": {}},
        {"id": 1, "news": "x"},
        [1, 2],
    ]

    async def answer(guest: Guest) -> None:
        asked = [await guest.next(), await guest.next()]
        await guest.say(*strange, *map(reply, asked), reply(asked[0]))

    async with hosting(answer) as host, Rpc._open(host.url) as rpc:
        async with anyio.create_task_group() as group:
            group.start_soon(rpc.auth)
            group.start_soon(rpc.ticker)
        events = [await rpc.receive() for _ in range(len(strange) + 1)]
        assert [type(event) for event in events] == [Unknown] * 6


# In order, over several operations.


class Value(Struct, tag_field="r", tag="value"):
    v: str


class Done(Struct, tag_field="r", tag="done"):
    v: str


class Error(Struct, tag_field="r", tag="error"):
    v: str


class Get(Struct, tag_field="cmd", tag="get"):
    v: str


class Put(Struct, tag_field="cmd", tag="put"):
    v: str


_GET: Final = Exchange[Any](replies=(Value, Error), in_order=True)
_PUT: Final = Exchange[Any](replies=(Done, Error), in_order=True)


class Ordered(Connection[Any, Any]):
    incoming: ClassVar = Messages[Any](text=Tagged("r", {"value": Value, "done": Done, "error": Error}))
    outgoing: ClassVar = Messages[Any](text=Tagged("cmd", {"get": Get, "put": Put}))

    async def get(self, v: str, timeout: float | None = 5) -> Any:
        return await self._request(Get(v), _GET, timeout=timeout)

    async def put(self, v: str, timeout: float | None = 5) -> Any:
        return await self._request(Put(v), _PUT, timeout=timeout)


async def test_replies_in_order_go_by_sending_whatever_was_used_first() -> None:
    async def answer(guest: Guest) -> None:
        first = await guest.next()
        await guest.say({"r": "value", "v": first["v"]})
        asked = [await guest.next() for _ in range(30)]
        await guest.say(*({"r": "error", "v": each["v"]} for each in asked))

    found: dict[str, str] = {}
    async with hosting(answer) as host, Ordered._open(host.url) as ordered:
        assert await ordered.get("0") == Value("0")

        async def ask(number: int) -> None:
            call = ordered.put if number % 3 else ordered.get
            found[str(number)] = (await call(str(number))).v

        async with anyio.create_task_group() as group:
            for number in range(1, 31):
                group.start_soon(ask, number)
    assert len(found) == 30
    assert all(asked == got for asked, got in found.items())


async def test_one_that_was_given_up_keeps_its_place_until_the_connection_is_lost() -> None:
    async def answer(guest: Guest) -> None:
        await guest.next()
        put = await guest.next()
        await guest.say({"r": "error", "v": "late"}, {"r": "error", "v": put["v"]})
        await guest.next()
        await given_up.wait()
        await guest.drop()

    given_up = anyio.Event()

    async def again(guest: Guest) -> None:
        await guest.say({"r": "error", "v": (await guest.next())["v"]})

    async with hosting(answer, again) as host, Ordered._open(host.url, options={"reconnect": FAST}) as ordered:
        with pytest.raises(RequestTimeoutError):
            await ordered.get("1", timeout=0.1)
        assert await ordered.put("2") == Error("2")
        assert await ordered.receive() == Error("late")
        with pytest.raises(RequestTimeoutError):
            await ordered.get("3", timeout=0.1)
        given_up.set()
        await host.until(lambda: ordered.session.close_reason is not None)
        with anyio.fail_after(20):
            assert await ordered.put("4", timeout=None) == Error("4")
