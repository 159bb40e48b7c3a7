"""Plain data: frames, close reasons, the opening handshake, settings and errors, and what they refuse to be."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest

from typedws import (
    BinaryFrame,
    Call,
    CloseCode,
    CloseFrame,
    CloseReason,
    Headers,
    PingFrame,
    PongFrame,
    Request,
    Response,
    SessionConfig,
    TextFrame,
    errors,
)

# Frames.


@pytest.mark.parametrize("cls", [PingFrame, PongFrame])
@pytest.mark.parametrize("payload", ["x", [1, 2], 5, None])
def test_a_ping_carries_bytes(cls: Any, payload: Any) -> None:
    with pytest.raises(TypeError, match=f"bytes, .* not {type(payload).__name__}"):
        cls(payload)


@pytest.mark.parametrize("payload", [bytearray(b"ab"), memoryview(b"ab"), memoryview(b"a-b-")[::2]])
def test_a_ping_copies_what_is_no_bytes(payload: Any) -> None:
    assert PingFrame(payload).data == b"ab"
    assert type(PingFrame(payload).data) is bytes


def test_a_ping_is_measured_in_bytes() -> None:
    assert PingFrame(b"x" * 125).data == b"x" * 125
    with pytest.raises(ValueError, match="at most 125 bytes, not 126"):
        PingFrame(b"x" * 126)
    with pytest.raises(ValueError, match="at most 125 bytes, not 200"):
        PingFrame(memoryview(bytearray(200)).cast("Q"))  # 25 items


@pytest.mark.parametrize("code", [-1, 65536, 70000])
def test_a_close_frame_has_two_bytes_for_the_code(code: int) -> None:
    with pytest.raises(ValueError, match="0 to 65535"):
        CloseFrame(CloseReason(code))


def test_a_close_frame_has_no_lone_surrogate() -> None:
    with pytest.raises(ValueError, match="lone surrogate"):
        CloseFrame(CloseReason(1000, "\ud800"))


def test_a_close_frame_is_made_of_a_reason() -> None:
    with pytest.raises(TypeError, match=r"CloseFrame\(CloseReason\(1000\)\)"):
        CloseFrame(1000)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    with pytest.raises(TypeError, match="is a CloseReason, not str"):
        CloseFrame("bye")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    assert CloseFrame(CloseReason(4000, "bye")).data == b"\x0f\xa0bye"


def test_a_close_reason_is_a_number_and_a_text() -> None:
    with pytest.raises(TypeError, match="code is an int; the message is the second argument"):
        CloseReason("bye")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    with pytest.raises(TypeError, match="message is a str, not bytes"):
        CloseReason(1000, b"bye")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    assert CloseReason(CloseCode.GOING_AWAY) == CloseReason(1001)
    assert CloseReason(70000).code == 70000  # data; refused where it would be sent


# The opening handshake.


def test_headers_may_be_given_as_a_mapping_or_as_pairs() -> None:
    expected = Headers([("WWW-Authenticate", "Bearer")])
    for headers in ({"WWW-Authenticate": "Bearer"}, [("WWW-Authenticate", "Bearer")], expected):
        response = Response(403, headers)
        assert response.headers == expected
        assert type(response.headers) is Headers
        assert Request("ws://api.test/", headers).headers == expected
    assert response.headers["www-authenticate"] == "Bearer"


def test_a_response_is_frozen_compared_by_value_and_can_be_matched() -> None:
    response = Response(403, {"X-A": "1"}, b"no", "Forbidden")
    assert response == Response(403, [("x-a", "1")], b"no", "Forbidden")
    assert response != replace(response, status=404)
    assert replace(response, status=404).body == b"no"
    assert hash(response) == hash(copy.copy(response))
    assert not hasattr(response, "__dict__")
    with pytest.raises(FrozenInstanceError):
        response.status = 200  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
    match response:
        case Response(403, headers):
            assert headers["X-A"] == "1"
        case _:
            pytest.fail("it is a 403")
    assert repr(Response(204)) == "Response(status=204, headers=Headers([]), body=b'', reason='')"
    assert repr(Request("ws://a/")) == "Request(url='ws://a/', headers=Headers([]), remote=None)"


def test_what_is_no_body_and_no_headers_is_refused() -> None:
    with pytest.raises(TypeError, match="body of a Response is bytes, not str"):
        Response(403, body="x")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    for headers in (None, 5, "X-A: 1", b"X-A"):
        with pytest.raises(TypeError, match="headers are a mapping of str to str"):
            Response(403, headers)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        with pytest.raises(TypeError, match="headers are a mapping of str to str"):
            Request("ws://api.test/", headers)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


# Settings.


def test_raw_is_a_bool() -> None:
    with pytest.raises(TypeError, match="raw is True or False, not 'yes'"):
        SessionConfig(raw="yes")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def test_none_is_offered_only_where_it_is_taken() -> None:
    with pytest.raises(ValueError, match="ping_interval must be seconds above 0, or None, not -1"):
        SessionConfig(ping_interval=-1)
    for seconds in (None, -1):
        with pytest.raises(ValueError, match=f"close_timeout must be seconds above 0, not {seconds}"):
            SessionConfig(close_timeout=seconds)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


# Errors.

CALL = Call(Request("ws://api.test/", {"X-A": "1"}), Response(403, {"X-B": "2"}, b"no"))
LOST = CloseReason(1006, "gone")

EVERY_ERROR: list[errors.TypedWSError] = [
    *(
        cls("not opened", call=CALL)
        for cls in (
            errors.HandshakeError,
            errors.InvalidURLError,
            errors.ConnectError,
            errors.HandshakeTimeoutError,
            errors.HandshakeRejectedError,
            errors.ProxyError,
        )
    ),
    errors.ConnectionClosedOK(CloseReason(1000), sent=CloseReason(1000), received=CloseReason(1000), by_peer=True),
    errors.ConnectionClosedError(LOST, sent=None, received=None),
    errors.LocalProtocolError("no"),
    errors.RemoteProtocolError("bad UTF-8", code=1007),
    errors.FrameTooBigError("too big", size=17, limit=16),
    errors.PingTimeoutError("no pong"),
    errors.ConverterNotFoundError("none"),
    errors.SerializeError("no"),
    errors.DeserializeError("no int", frame=TextFrame("x"), type_form=list[int]),
    errors.DeserializeError("no int", frame=BinaryFrame(b"x", fin=False), type_form=int | None),
    errors.UnsupportedTypeError("never"),
    errors.SchemaError("no", document="api.yaml", pointer="#/info", line=3),
]


def test_every_error_is_among_them() -> None:
    bases = {"TypedWSError", "ConnectionClosed", "ProtocolError", "ContentConvertError"}
    assert {type(error).__name__ for error in EVERY_ERROR} | bases == set(errors.__all__)


@pytest.mark.parametrize("error", EVERY_ERROR, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_an_error_can_be_pickled_and_copied(error: errors.TypedWSError, protocol: int) -> None:
    error.add_note("while it was tested")
    for twin in (pickle.loads(pickle.dumps(error, protocol)), copy.copy(error), copy.deepcopy(error)):
        assert type(twin) is type(error)
        assert (str(twin), repr(twin), twin.args) == (str(error), repr(error), error.args)
        assert vars(twin) == vars(error)


def test_the_repr_of_an_ending_names_its_parts() -> None:
    ours, theirs = CloseReason(4000, "that was all"), CloseReason(4000)
    error = errors.ConnectionClosedError(ours, sent=ours, received=theirs)
    assert repr(error) == (
        "ConnectionClosedError(CloseReason(code=4000, message='that was all'), "
        "sent=CloseReason(code=4000, message='that was all'), received=CloseReason(code=4000, message=''), "
        "by_peer=False)"
    )


def test_frames_and_the_handshake_can_be_pickled() -> None:
    for value in (TextFrame("a"), BinaryFrame(b"a", fin=False), PingFrame(b"a"), CloseFrame(LOST), CALL):
        assert pickle.loads(pickle.dumps(value)) == value
