"""What the small documents show, done: requests, subscriptions and messages that are told apart, with the kept clients."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import ModuleType
from typing import Any

import pytest

from tests.golden import (
    awkward_names,
    cbor,
    connect_bindings,
    ordered_trial,
    overrides,
    reply,
    reply_in_order,
    reply_integer_id,
    reply_nested_id,
    reply_ok_field,
    security,
    subscriptions,
    subscriptions_by_address,
    text_beside_binary,
    undecided,
)
from tests.schema.golden import DOCUMENTS
from typedws import BinaryFrame, TextFrame
from typedws.schema import Connection, Unknown
from typedws.schema.mocking import Guest, MockServer, mock

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def served(name: str, module: ModuleType, *, interval: float | None = None) -> AsyncIterator[MockServer]:
    async with mock(DOCUMENTS[name], module=module, interval=interval, greeting=False) as server:
        yield server
        assert server.problems == ()


async def guest_of(server: MockServer) -> Guest:
    """The server's side of the client."""
    return (await server.wait_clients())[0]


async def answer_to(server: MockServer, client: Connection[Any, Any], text: str) -> Any:
    """The event that a text frame is."""
    guest = await guest_of(server)
    await guest.session.send(text)
    return await client.receive()


# Requests.


async def test_a_reply_belongs_to_its_request() -> None:
    async with served("reply", reply) as server, reply.SeatReservation.connect(url=server.url) as seats:
        reserved = await seats.reserve_seat(row="F", seat=12, name="Ada")
        assert isinstance(reserved, reply.SeatReserved)
        (request,) = server.received
        assert reserved.requestId == request.requestId


async def test_an_error_with_the_id_of_a_request_is_raised() -> None:
    async with (
        mock(DOCUMENTS["reply"], module=reply, interval=None, greeting=False) as server,
        reply.SeatReservation.connect(url=server.url) as seats,
    ):
        with pytest.raises(reply.ReserveSeatFailed) as caught:
            await seats.reserve_seat(row="no letter", seat=12)
        assert isinstance(caught.value.reply, reply.RequestError)
        assert len(server.problems) == 1


async def test_ids_can_be_numbers() -> None:
    async with (
        served("reply-integer-id", reply_integer_id) as server,
        reply_integer_id.RobotArm.connect(url=server.url) as arm,
    ):
        target = reply_integer_id.Position(x=0.1, y=0.25, z=0.4)
        moved = await arm.move(params=target)
        held = await arm.grip(force=2.5)
        assert isinstance(moved.reached, reply_integer_id.Position)
        assert held.holds is True
        assert [message.id for message in server.received] == [moved.id, held.id]


async def test_an_id_can_stand_below_the_top() -> None:
    async with (
        served("reply-nested-id", reply_nested_id) as server,
        reply_nested_id.TranslationDesk.connect(url=server.url) as desk,
    ):
        answer = await desk.translate(body=reply_nested_id.TranslateBody(text="hello", to="fi"))
        (request,) = server.received
        assert answer.header.inReplyTo == request.header.messageId


async def test_a_reply_can_say_that_it_is_none() -> None:
    async with (
        served("reply-ok-field", reply_ok_field) as server,
        reply_ok_field.Greenhouse.connect(url=server.url) as house,
    ):
        result = await house.open_valve(valve=3, seconds=45)
        assert result.ok
        failed = reply_ok_field.OpenValveResult(id="x", ok=False, error="the tank is empty")
        await server.send(failed)
        assert await house.receive() == failed


async def test_replies_can_come_in_order() -> None:
    async with (
        served("reply-in-order", reply_in_order) as server,
        reply_in_order.ChessEngine.connect(url=server.url) as engine,
    ):
        for _ in range(3):
            best = await engine.find_move(position="8/8/8/8/8/4k3/4p3/4K3 w - - 0 1")
            assert isinstance(best, reply_in_order.BestMove)


async def test_requests_travel_as_cbor() -> None:
    async with served("cbor", cbor) as server, cbor.Beehive.connect(url=server.url) as hive:
        assert (await hive.measure()).kilograms == 38.5
        assert isinstance(cbor.Beehive.outgoing.encode(server.received[0]), BinaryFrame)


# Subscriptions.


async def test_each_topic_has_messages_of_its_own() -> None:
    async with (
        served("subscriptions", subscriptions, interval=0.01) as server,
        subscriptions.FerryPositions.connect(url=server.url) as ferries,
    ):
        async with (
            ferries.subscribe_positions(ferry="Aurora") as aurora,
            ferries.subscribe_positions(ferry="Hamlet") as hamlet,
            ferries.subscribe_delays(harbours=["Helsingborg"]) as delays,
        ):
            assert {(await aurora.receive()).ferry for _ in range(3)} == {"Aurora"}
            assert {(await hamlet.receive()).ferry for _ in range(3)} == {"Hamlet"}
            assert (await delays.receive()).harbour == "Helsingborg"
        received = await server.wait_received(6)
        assert sum(isinstance(message, subscriptions.UnsubscribePositions) for message in received) == 2


async def test_one_message_subscribes_to_every_address() -> None:
    api = subscriptions_by_address
    async with (
        served("subscriptions-by-address", api, interval=0.01) as server,
        api.ServerRoom.connect(url=server.url) as room,
    ):
        async with (
            room.subscribe_temperature(rack="12") as warm,
            room.subscribe_temperature(rack="13") as warmer,
            room.subscribe_doors() as doors,
        ):
            assert {(await warm.receive()).topic for _ in range(2)} == {"racks/12/temperature"}
            assert {(await warmer.receive()).topic for _ in range(2)} == {"racks/13/temperature"}
            assert isinstance(await doors.receive(), api.Door)
        received = await server.wait_received(6)
        assert [(message.op, message.topic) for message in received[:3]] == [
            ("subscribe", "racks/12/temperature"),
            ("subscribe", "racks/13/temperature"),
            ("subscribe", "doors"),
        ]
        assert {message.op for message in received[3:]} == {"unsubscribe"}


# Messages.


async def test_binary_frames_are_told_from_text_frames() -> None:
    api = text_beside_binary
    async with served("text-beside-binary", api) as server, api.Dictation.connect(url=server.url) as dictation:
        await dictation.control(api.Start(language="pt-BR"))
        await dictation.speech(b"\0\1")
        assert await server.wait_received(2) == (api.Start(language="pt-BR"), b"\0\1")
        guest = await guest_of(server)
        await guest.session.send(b"OggS")
        assert await dictation.receive() == b"OggS"
        assert await answer_to(server, dictation, '{"type": "words", "text": "bom dia", "final": true}') == api.Words(
            text="bom dia", final=True
        )


async def test_a_trial_takes_the_first_that_fits() -> None:
    async with (
        served("ordered-trial", ordered_trial) as server,
        ordered_trial.Scales.connect(url=server.url) as scales,
    ):
        assert await answer_to(server, scales, '{"value": 0.5}') == ordered_trial.Weight(value=0.5)
        assert await answer_to(server, scales, '{"value": ["pear"]}') == ordered_trial.Items(value=["pear"])
        assert isinstance(await answer_to(server, scales, '{"value": {}}'), Unknown)


async def test_what_nothing_tells_apart_is_unknown() -> None:
    async with (
        served("undecided", undecided) as server,
        undecided.OldThermometers.connect(url=server.url) as thermometers,
    ):
        event = await answer_to(server, thermometers, '{"celsius": 4.5}')
        assert event == Unknown(None, b'{"celsius": 4.5}')
        assert event.frame == TextFrame('{"celsius": 4.5}')


async def test_what_typedws_toml_says_holds_for_client_and_mock() -> None:
    async with (
        served("overrides", overrides) as server,
        overrides.VendorEvents.connect(url=server.url) as events,
    ):
        text = '{"seq": 1, "meta": {"src": "shop", "kind": "refund"}, "order": 77}'
        assert isinstance(await answer_to(server, events, text), overrides.OrderRefunded)
        await events.events_in(ack=1)
        assert await server.wait_received(1) == (overrides.Acknowledge(ack=1),)


async def test_names_of_the_wire_need_not_be_those_of_python() -> None:
    async with (
        served("awkward-names", awkward_names) as server,
        awkward_names.Api2ndHandMarket.connect(url=server.url) as market,
    ):
        text = '{"type": "class", "from": 1, "to": 20, "class": "books"}'
        offer = await answer_to(server, market, text)
        assert offer == awkward_names.Class(from_=1, to=20, class_="books")
        await market.import_(hidden=False)
        assert (await server.wait_received(1))[0].hidden is False


# The handshake.


async def test_bindings_are_in_the_request() -> None:
    async with (
        served("connect-bindings", connect_bindings) as server,
        connect_bindings.BusDepartures.connect(
            stop="a&b", lines=["54", "100"], accessible=True, accept_language="de", url=server.url
        ) as departures,
    ):
        request = departures.session.call.request
        assert str(request.url).endswith("/departures?stop=a%26b&lines=54&lines=100&accessible=true&v=3")
        assert request.headers["Accept-Language"] == "de"
        assert departures.session.subprotocol == "departures.v3"


async def test_every_credential_has_its_place() -> None:
    async with (
        served("security", security) as server,
        security.AlarmCentre.connect(x_api_key="k", access="a", session="s", token="t", url=server.url) as alarms,
    ):
        request = (await guest_of(server)).session.call.request
        assert request.headers["X-Api-Key"] == "k"
        assert request.headers["Cookie"] == "session=s"
        assert request.headers["Authorization"] == "Bearer t"
        assert str(request.url).endswith("/alarms?access=a")
        assert "access=a" not in repr(alarms)
