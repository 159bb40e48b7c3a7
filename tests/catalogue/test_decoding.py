"""Messages that are no value of the type asked for: each is refused by an error of ours that quotes nothing of it, and
a session goes on to the next message as if nothing had been.
"""

from __future__ import annotations

import logging

import pytest

from tests.catalogue.aftermath import memory_bounded, nothing_left
from tests.catalogue.decoding_rows import CONVERTERS, DECODING_ROWS, REFUSED, Decoding
from tests.catalogue.roles import ROLES, key_of
from tests.catalogue.rows import CANARY
from tests.peers import BINARY, TEXT, close, frame, turns
from typedws.close import CloseReason
from typedws.errors import ConnectionClosedOK, DeserializeError
from typedws.frames import TextFrame

BYTE_BY_BYTE = 200
"""Bytes of a payload up to which it is dripped."""


def check(error: DeserializeError, row: Decoding) -> None:
    """What holds for every refusal. The cause is the other library's error, which quotes what it likes."""
    assert type(error) is DeserializeError
    assert error.frame == row.frame
    assert error.type_form is row.form
    for text in (str(error), repr(error)):
        assert CANARY not in text
        assert len(text) < 400
    assert str(error).isprintable()


@pytest.mark.parametrize("row", DECODING_ROWS, ids=lambda row: f"{row.id} by {row.converter}")
def test_row_without_a_session(row: Decoding) -> None:
    converter = CONVERTERS[row.converter]
    converter.check_type(row.form)
    frame = row.frame
    with memory_bounded((1 << 20) + 40 * len(row.data)):
        if row.value is REFUSED:
            with pytest.raises(DeserializeError) as caught:
                converter.deserialize(frame, row.form)
            check(caught.value, row)
        else:
            value = converter.deserialize(frame, row.form)
            assert value == row.value
            assert type(value) is type(row.value)


def arrives(row: Decoding) -> bool:
    """Whether a session hands it to its converter: text that is no UTF-8 ends the connection before."""
    if isinstance(row.frame, TextFrame):
        try:
            row.data.decode()
        except UnicodeDecodeError:
            return False
    return True


@pytest.mark.anyio
@pytest.mark.parametrize("dripped", [False, True], ids=["one segment", "byte by byte"])
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", CONVERTERS)
async def test_a_session_outlives_every_row(
    name: str, role: str, dripped: bool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    key = key_of(ROLES[role])
    refused = 0
    with nothing_left():
        async with ROLES[role](converter=CONVERTERS[name]) as (session, peer):
            for row in DECODING_ROWS:
                if row.converter != name or not arrives(row):
                    continue
                data = frame(TEXT if isinstance(row.frame, TextFrame) else BINARY, row.data, mask=key)
                if dripped and len(row.data) <= BYTE_BY_BYTE:
                    for byte in data:
                        peer.push(bytes([byte]))
                        await turns(2)
                else:
                    await peer.send(data)
                if row.value is REFUSED:
                    with pytest.raises(DeserializeError) as caught:
                        await session.receive_deserialized(row.form)
                    check(caught.value, row)
                    refused += 1
                else:
                    assert await session.receive_deserialized(row.form) == row.value
            assert refused > 50
            assert session.close_reason is None
            await peer.send(close(1000) if key is None else frame(8, b"\x03\xe8", mask=key))
            with pytest.raises(ConnectionClosedOK):
                await session.receive_deserialized(int)
            assert session.close_reason == CloseReason(1000)
    assert CANARY not in caplog.text
