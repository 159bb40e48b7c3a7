"""Which type a message is read as is the affair of the call that gets it, and a type that cannot be read costs none."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from types import FunctionType
from typing import Any

import anyio
import pytest

from tests.peers import connected, connected_in_memory, deliver, text, turns
from tests.timing import SOON
from typedws.converters.json import JSONConverter
from typedws.errors import ConverterNotFoundError, DeserializeError, UnsupportedTypeError
from typedws.session import Session

pytestmark = pytest.mark.anyio

opened_each_way = pytest.mark.parametrize("opened", [connected, connected_in_memory])

Read = Callable[[Session, Any], Awaitable[Any]]


def by_receiving(session: Session, type_form: Any) -> Awaitable[Any]:
    return session.receive_deserialized(type_form)


async def by_iterating(session: Session, type_form: Any) -> Any:
    return await anext(session.iter_deserialized(type_form))


each_way_to_read = pytest.mark.parametrize("read", [by_receiving, by_iterating])


@opened_each_way
@each_way_to_read
@pytest.mark.parametrize("taken", [0, 1, 256])
async def test_a_type_that_cannot_be_read_is_refused_without_a_message(opened: Any, read: Read, taken: int) -> None:
    """Also where nothing may be taken without a wait: always on trio, and after 256 messages on asyncio."""
    async with opened(converter=JSONConverter()) as (session, peer):
        deliver(session, text("1") * taken)
        for _ in range(taken):
            assert await read(session, int) == 1
        with anyio.fail_after(SOON), pytest.raises(UnsupportedTypeError):
            await read(session, FunctionType)
        peer.push(text("2"))
        assert await read(session, int) == 2


@opened_each_way
@each_way_to_read
@pytest.mark.parametrize("type_form", [int, None])
async def test_without_a_converter_it_is_refused_without_a_message(opened: Any, read: Read, type_form: Any) -> None:
    async with opened() as (session, peer):
        with anyio.fail_after(SOON), pytest.raises(ConverterNotFoundError):
            await read(session, type_form)
        peer.push(text("null"))
        assert (await session.receive()).data == b"null"


@each_way_to_read
async def test_none_may_be_the_first_type(read: Read) -> None:
    async with connected(converter=JSONConverter()) as (session, peer):
        peer.push(text("null") + text("1") + text("2"))
        assert await read(session, None) is None
        with pytest.raises(DeserializeError):
            await read(session, None)
        assert await read(session, int) == 2


@opened_each_way
async def test_types_in_turns(opened: Any) -> None:
    async with opened(converter=JSONConverter()) as (session, peer):
        peer.push(b"".join(text(f"{number}") + text(f'"{number}"') for number in range(50)))
        numbers, texts = session.iter_deserialized(int), session.iter_deserialized(str)
        for number in range(0, 50, 2):
            assert await session.receive_deserialized(int) == number
            assert await session.receive_deserialized(str) == str(number)
            assert await anext(numbers) == number + 1
            assert await anext(texts) == str(number + 1)


@opened_each_way
async def test_a_refused_call_does_not_change_what_a_waiting_one_reads(opened: Any) -> None:
    async with opened(converter=JSONConverter()) as (session, peer), anyio.create_task_group() as tasks:
        received: list[object] = []

        async def wait() -> None:
            received.append(await session.receive_deserialized(int))

        tasks.start_soon(wait)
        await turns(5)
        with pytest.raises(anyio.BusyResourceError):
            await session.receive_deserialized(str)
        with pytest.raises(UnsupportedTypeError):
            await session.receive_deserialized(FunctionType)
        with pytest.raises(anyio.BusyResourceError):
            await anext(session.iter_deserialized(bytes))
        peer.push(text("7"))
        with anyio.fail_after(SOON):
            while not received:
                await turns(1)
        assert received == [7]
