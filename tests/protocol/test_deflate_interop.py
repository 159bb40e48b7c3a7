"""permessage-deflate against the implementations of `websockets` and `wsproto`, in both directions."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import cast

import pytest
from websockets.extensions.permessage_deflate import PerMessageDeflate as WebsocketsDeflate
from websockets.frames import Frame, Opcode
from wsproto.extensions import PerMessageDeflate as WSProtoDeflate
from wsproto.frame_protocol import FrameProtocol, RsvBits
from wsproto.frame_protocol import Opcode as WSProtoOpcode

from typedws.protocol.deflate import Compressor, DeflateParameters
from typedws.protocol.inflating import Decompressor

Codec = tuple[Callable[[bytes], bytes], Callable[[bytes], bytes]]
"""How a peer compresses and inflates a whole message."""


def messages() -> list[bytes]:
    noise = random.Random(6455).randbytes(5_000)
    text = b'{"type":"tick","symbol":"BTC-USD","price":64250.25}'
    return [b"", text, text, noise, text * 50, b"", noise, bytes(70_000), noise + text]


def websockets_codec(bits: int, no_takeover: bool) -> Codec:
    extension = WebsocketsDeflate(no_takeover, no_takeover, bits, bits)

    def compress(message: bytes) -> bytes:
        return bytes(extension.encode(Frame(Opcode.BINARY, message)).data)

    def inflate(data: bytes) -> bytes:
        return bytes(extension.decode(Frame(Opcode.BINARY, data, rsv1=True), max_size=2**24).data)

    return compress, inflate


def wsproto_codec(bits: int, no_takeover: bool) -> Codec:
    extension = WSProtoDeflate(no_takeover, bits, no_takeover, bits)
    protocol = FrameProtocol(client=True, extensions=[])
    no_bits = RsvBits(False, False, False)

    def compress(message: bytes) -> bytes:
        rsv, data = extension.frame_outbound(protocol, WSProtoOpcode.BINARY, no_bits, message, True)
        assert rsv.rsv1
        return data

    def inflate(data: bytes) -> bytes:
        extension.frame_inbound_header(protocol, WSProtoOpcode.BINARY, RsvBits(True, False, False), len(data))
        begin = extension.frame_inbound_payload_data(protocol, data)
        end = extension.frame_inbound_complete(protocol, True)
        assert isinstance(begin, bytes)
        return begin + cast(bytes, end)

    return compress, inflate


@pytest.fixture(params=[websockets_codec, wsproto_codec], ids=["websockets", "wsproto"])
def peer(request: pytest.FixtureRequest) -> Callable[[int, bool], Codec]:
    return cast("Callable[[int, bool], Codec]", request.param)


@pytest.mark.parametrize("no_takeover", [False, True])
@pytest.mark.parametrize("bits", range(9, 16))
def test_a_peer_inflates_what_we_compress(peer: Callable[[int, bool], Codec], bits: int, no_takeover: bool) -> None:
    compressor = Compressor(DeflateParameters(send_window_bits=bits, send_no_context_takeover=no_takeover))
    _, inflate = peer(bits, no_takeover)
    for message in messages():
        assert inflate(compressor.compress(message)) == message


@pytest.mark.parametrize("no_takeover", [False, True])
@pytest.mark.parametrize("bits", range(9, 16))
def test_we_inflate_what_a_peer_compresses(peer: Callable[[int, bool], Codec], bits: int, no_takeover: bool) -> None:
    decompressor = Decompressor(DeflateParameters(receive_window_bits=bits, receive_no_context_takeover=no_takeover))
    compress, _ = peer(bits, no_takeover)
    for message in messages():
        output = decompressor.decompress(compress(message), limit=2**24)
        assert output + decompressor.finish(limit=0) == message
