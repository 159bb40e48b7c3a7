"""What is read from the names of messages."""

from __future__ import annotations

import pytest

from typedws.schema.contract.api import Connection, Direction, Message
from typedws.schema.mocking.wordings import answer_to, confirmation_of, is_confirmation, is_like_answer, is_snapshot


def message(name: str, channel: str = "main") -> Message:
    return Message(name=name, keys=(name,), format="json", pointer="#", channels=(channel,))


def answer(request: str, *free: str, others: tuple[str, ...] = (), channels: tuple[str, ...] = ("main",)) -> str | None:
    """The name of the answer to a request among these messages, where clients may send others, too."""
    outgoing = Direction(messages=tuple(map(message, (request, *others))))
    connection = Connection(name="X", channels=channels, outgoing=outgoing)
    found = answer_to(message(request), [message(name) for name in free], connection)
    return None if found is None else found.name


@pytest.mark.parametrize(
    "name",
    [
        *("Subscribed", "Unsubscribed", "SubscriptionConfirmed", "Pong", "PongMessage", "MessageSent", "AudioDone"),
        *("FinishEvent", "PlaybackFinished", "OrderAck", "orderAck", "order_ack", "ConnectionClosed", "ListLegsResult"),
        *("OrderResponse", "OrderReply", "ConfigureSuccess", "OrderResponsePayload", "RESULT", "ResultV2Response"),
    ],
)
def test_it_is_called_like_an_answer_or_an_end(name: str) -> None:
    assert is_like_answer(message(name))


@pytest.mark.parametrize(
    "name",
    [
        *("Feedback", "Track", "Slack", "Present", "Absent", "Hello", "Event", "Message", "Ping", "ResponseCreated"),
        *("Abandoned", "Disclosed", "Closing", "Trade", "SubscribedUsersChanged", "_"),
    ],
)
def test_it_is_not(name: str) -> None:
    assert not is_like_answer(message(name))


@pytest.mark.parametrize(
    ("request_", "response"),
    [
        ("PlaceOrderRequest", "PlaceOrderResponse"),
        ("PlaceOrder", "PlaceOrderReply"),
        ("PlaceOrder", "OrderPlaced"),
        ("PlaceOrderCommand", "PlaceOrderRequestAck"),
        ("SendMessage", "MessageSent"),
        ("MessageSend", "MessageSent"),
        ("Modify", "Modified"),
        ("Commit", "Committed"),
        ("Subscribe", "Subscribed"),
        ("Ping", "Pong"),
        ("PingMessage", "PongMessage"),
        ("ClientPing", "ClientPong"),
        ("Configure", "ConfigureSuccess"),
        ("SessionUpdate", "SessionUpdated"),
    ],
)
def test_it_is_called_like_the_answer_to_this(request_: str, response: str) -> None:
    assert answer(request_, "Other", "OtherResponse", response, others=("Further",)) == response


def test_an_answer_to_something_else_is_none() -> None:
    assert answer("PlaceOrder", "CancelOrderResponse", "OrderCancelled", others=("CancelOrder",)) is None


def test_a_message_that_travels_both_ways_is_no_answer_to_itself() -> None:
    assert answer("ChatMessage", "ChatMessage") is None


def test_the_only_answer_is_that_to_every_request() -> None:
    assert answer("PlaceOrderRequest", "Trade", "ServiceResponse", others=("CancelOrderRequest",)) == "ServiceResponse"
    assert answer("StreamControl", "Trade", "ControlResponse") == "ControlResponse"
    # Audio is nothing that an answer comes to.
    assert answer("Audio", "ServiceResponse", others=("CancelOrderRequest",)) is None


def test_where_channels_are_topics_it_is_that_on_the_channel() -> None:
    assert (
        answer("PlaceOrder", "Trade", "GeneralResponse", others=("X",), channels=("main", "other")) == "GeneralResponse"
    )


def test_confirmations() -> None:
    free = [message(name) for name in ("TradesSubscribed", "BookSubscribed", "UnsubscribeResponse", "OrderResponse")]
    begun = confirmation_of(message("SubscribeBook"), free, ends=False)
    ended = confirmation_of(message("UnsubscribeBook"), free, ends=True)
    assert begun is not None
    assert begun.name == "BookSubscribed"
    assert ended is not None
    assert ended.name == "UnsubscribeResponse"
    assert confirmation_of(message("Subscribe"), [message("OrderResponse")], ends=False) is None


def test_kinds_of_updates() -> None:
    assert is_snapshot(message("BookSnapshotMessage"))
    assert not is_snapshot(message("BookUpdate"))
    assert is_confirmation(message("SubscriptionResponsePayload"))
    assert not is_confirmation(message("SubscriptionUpdate"))
