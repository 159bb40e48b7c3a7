"""Whole connections in other formats and with the other model library."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import Struct

from tests.schema.runtime.prices_pydantic import Answer, Reading, Station
from tests.schema.runtime.server import Guest, hosting
from typedws import BinaryFrame, CBORConverter, MsgPackConverter, PydanticConverter
from typedws.errors import DeserializeError
from typedws.schema import ByKey, Connection, Messages, Only, Tagged, Unknown

pytestmark = pytest.mark.anyio

MSGPACK = MsgPackConverter()
CBOR = CBORConverter()


@pytest.mark.parametrize("options", [{}, {"converter": PydanticConverter()}])
async def test_pydantic_models_with_pictures_beside_them(options: Any) -> None:
    async def answer(guest: Guest) -> None:
        asked = await guest.next()
        await guest.say({"type": "reading", "value": 1}, b"\xff", {"type": "new"})
        await guest.say({"type": "answer", "requestId": asked["requestId"], "text": "fine"})
        await guest.next()
        asked = await guest.next()
        await guest.say({"type": "answer", "requestId": asked["requestId"], "text": 1})

    async with hosting(answer) as host, Station.connect(url=host.url, **options) as station:
        assert await station.ask(text="how?") == Answer(request_id=1, text="fine")
        assert await station.receive() == Reading(value=1)
        assert await station.receive() == b"\xff"
        assert await station.receive() == Unknown("new", b'{"type":"new"}')
        await station.picture(b"\x00\x01")
        with pytest.raises(DeserializeError, match="is not an Answer"):
            await station.ask(text="really?", about="rain")
        assert host.received() == [
            {"type": "question", "requestId": 1, "text": "how?"},
            b"\x00\x01",
            {"type": "question", "requestId": 2, "text": "really?", "about": "rain"},
        ]


class Note(Struct, tag_field="type", tag="note"):
    text: str


class Samples(Struct):
    samples: list[float]


class Levels(Struct):
    levels: list[int]


class Meter(Connection[Any, Any]):
    incoming = Messages[Any](
        text=Tagged("type", {"note": Note}),
        binary=ByKey({"samples": Only(Samples), "levels": Only(Levels)}),
        binary_format="msgpack",
    )
    outgoing = Messages[Any](text=Only(Note), binary=Only(Samples), binary_format="msgpack")


async def test_json_and_messagepack_live_on_one_connection() -> None:
    async def say(guest: Guest) -> None:
        for value in (Samples([1.5]), Levels([3]), {"more": 1}):
            await guest.say(MSGPACK.serialize(value).data)
        await guest.say({"type": "note", "text": "x"})

    strange = MSGPACK.serialize({"more": 1}).data
    async with hosting(say) as host, Meter._open(host.url) as meter:
        found = [await meter.receive() for _ in range(4)]
        assert found == [Samples([1.5]), Levels([3]), Unknown(None, strange, is_text=False), Note("x")]
        await meter.send(Samples([2.5]))
        await meter.send(Note("y"))
        await host.until(lambda: len(host.received()) == 2)
        assert MSGPACK.deserialize(BinaryFrame(host.received()[0]), Samples) == Samples([2.5])
        assert host.received()[1] == {"type": "note", "text": "y"}


class Sensor(Connection[Any, Any]):
    incoming = Messages[Any](binary=Tagged("type", {"note": Note}), binary_format="cbor")
    outgoing = Messages[Any](binary=Only(Samples), binary_format="cbor")


async def test_cbor_goes_both_ways() -> None:
    async def say(guest: Guest) -> None:
        await guest.say(CBOR.serialize(Note("x")).data, "text?")

    async with hosting(say) as host, Sensor._open(host.url) as sensor:
        assert sensor.session.converter is not None
        assert sensor.session.converter.name == "cbor"
        assert await sensor.receive() == Note("x")
        assert await sensor.receive() == Unknown(None, b"text?")
        await sensor.send(Samples([1.5]))
        await host.until(lambda: host.received())
        assert CBOR.deserialize(BinaryFrame(host.received()[0]), Samples) == Samples([1.5])
