"""Small messages that inflate to large ones, without an end, and a program that takes its time (C3)."""

from __future__ import annotations

import pytest

from tests.catalogue.aftermath import memory_bounded, nothing_left
from tests.catalogue.deflate_rows import RSV1, deflated
from tests.catalogue.roles import ROLES, key_of
from tests.catalogue.rows import Compression, Written, closing
from tests.peers import BINARY, turns
from typedws.config import SessionConfig
from typedws.errors import ConnectionClosedOK

pytestmark = pytest.mark.anyio

KIB = 1024
SIZE = 64 * KIB
COUNT = 500
CONFIG = SessionConfig(max_message_size=SIZE, incoming_bytes=4 * SIZE)


@pytest.mark.parametrize("role", ROLES)
async def test_c3_no_more_is_inflated_than_the_queue_may_hold(role: str) -> None:
    key = key_of(ROLES[role])
    payload = bytes(range(256)) * (SIZE // 256)
    [packed] = deflated(payload)
    stream = Written(BINARY, packed, rsv=RSV1).to_bytes(key) * COUNT + closing().to_bytes(key)
    assert len(stream) < COUNT * SIZE // 50
    with nothing_left():
        async with ROLES[role](Compression.KEPT, CONFIG) as (session, peer):
            with memory_bounded(4 * SIZE + 4 * SIZE + 3 * len(stream)):
                peer.push(stream)
                await turns(200)
                for _ in range(COUNT):
                    assert (await session.receive()).data == payload
                    await turns(1)
            with pytest.raises(ConnectionClosedOK):
                await session.receive()
            peer.close()
