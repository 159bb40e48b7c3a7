"""The opening handshake against the sans-IO halves of `websockets` and `wsproto`, in both roles, compression included.

What was agreed is not only compared: messages go through both codecs, twice each way, so that a window that one end
keeps and the other forgets, or one that is larger than the other end believes, is noticed.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
import websockets
from websockets.client import ClientProtocol
from websockets.extensions.permessage_deflate import (
    ClientPerMessageDeflateFactory,
    ServerPerMessageDeflateFactory,
)
from websockets.frames import Frame, Opcode
from websockets.http11 import Request as WebsocketsRequest
from websockets.server import ServerProtocol
from websockets.uri import parse_uri
from wsproto import ConnectionType, WSConnection
from wsproto import events as wsproto_events
from wsproto.extensions import PerMessageDeflate
from wsproto.frame_protocol import Opcode as WSProtoOpcode
from wsproto.frame_protocol import RsvBits
from wsproto.utilities import RemoteProtocolError as WSProtoError

from typedws.call import Headers, Response
from typedws.errors import HandshakeRejectedError
from typedws.protocol.deflate import Compressor, Deflate, DeflateParameters
from typedws.protocol.handshake import Accepted
from typedws.protocol.handshake_client import ClientHandshake
from typedws.protocol.handshake_server import ServerHandshake
from typedws.protocol.inflating import Decompressor
from typedws.protocol.url import parse_url

URL = "ws://example.com:8080/feed?x=1"
NOISE = random.Random(13).randbytes(6000)
MESSAGES = [NOISE, b"tick " * 100, NOISE, b"", NOISE[2000:] + b"tick"]

OURS = [
    None,
    Deflate(),
    Deflate(client_max_window_bits=9, server_max_window_bits=9),
    Deflate(client_max_window_bits=15, server_max_window_bits=15),
    Deflate(client_no_context_takeover=True),
    Deflate(server_no_context_takeover=True),
    Deflate(server_max_window_bits=10, client_no_context_takeover=True, server_no_context_takeover=True),
]
THEIRS: list[dict[str, Any] | None] = [
    None,
    {},
    {"client_max_window_bits": 10},
    {"server_max_window_bits": 11, "client_max_window_bits": 9},
    {"client_no_context_takeover": True},
    {"server_no_context_takeover": True, "server_max_window_bits": 9},
]
ours = pytest.mark.parametrize("ours", OURS, ids=str)
theirs = pytest.mark.parametrize("theirs", THEIRS, ids=str)


def check_codecs(
    agreed: DeflateParameters, compress: Callable[[bytes], bytes], inflate: Callable[[bytes], bytes]
) -> None:
    """Sends messages both ways through our codec and that of the peer."""
    compressor, decompressor = Compressor(agreed), Decompressor(agreed)
    for message in MESSAGES * 2:
        assert inflate(compressor.compress(message)) == message
        output = decompressor.decompress(compress(message), limit=2**20)
        assert output + decompressor.finish(limit=0) == message


def check_with_websockets(accepted: Accepted | None, extensions: list[Any]) -> None:
    assert accepted is not None
    assert (accepted.deflate is not None) == bool(extensions)
    if accepted.deflate is not None:
        [extension] = extensions
        check_codecs(
            accepted.deflate,
            lambda message: bytes(extension.encode(Frame(Opcode.BINARY, message)).data),
            lambda data: bytes(extension.decode(Frame(Opcode.BINARY, data, rsv1=True), max_size=2**20).data),
        )


@ours
@theirs
def test_our_client_and_the_server_of_websockets(ours: Deflate | None, theirs: dict[str, Any] | None) -> None:
    factories = None if theirs is None else [ServerPerMessageDeflateFactory(**theirs)]
    server = ServerProtocol(extensions=factories, subprotocols=[websockets.Subprotocol("b")])
    client = ClientHandshake(
        parse_url(URL), subprotocols=["a", "b"], extensions=[] if ours is None else [ours], origin="https://app"
    )

    server.receive_data(client.request_bytes())
    [request] = server.events_received()
    assert isinstance(request, WebsocketsRequest)
    assert request.path == "/feed?x=1"
    assert request.headers["Host"] == "example.com:8080"
    server.send_response(server.accept(request))
    assert client.receive_data(b"".join(server.data_to_send()))
    assert client.accepted is not None
    assert client.accepted.subprotocol == "b"
    check_with_websockets(client.accepted, server.extensions)


@ours
@theirs
def test_the_client_of_websockets_and_our_server(ours: Deflate | None, theirs: dict[str, Any] | None) -> None:
    factories = None if theirs is None else [ClientPerMessageDeflateFactory(**theirs)]
    client = ClientProtocol(parse_uri(URL), extensions=factories, subprotocols=[websockets.Subprotocol("b")])
    client.send_request(client.connect())
    server = ServerHandshake()

    assert server.receive_data(b"".join(client.data_to_send()))
    assert server.request is not None
    assert server.request.url == URL
    extensions = [] if ours is None else [ours]
    client.receive_data(server.accept(subprotocols=["a", "b"], extensions=extensions, headers={"X-Node": "7"}))
    assert client.handshake_exc is None
    assert client.subprotocol == "b"
    check_with_websockets(server.accepted, list(client.extensions))


def check_with_wsproto(accepted: Accepted | None, connection: WSConnection, extension: PerMessageDeflate) -> None:
    assert accepted is not None
    assert (accepted.deflate is not None) == extension.enabled()
    if accepted.deflate is None:
        return
    assert connection.connection is not None
    protocol = connection.connection._proto
    compressed = RsvBits(True, False, False)

    def compress(message: bytes) -> bytes:
        _, data = extension.frame_outbound(protocol, WSProtoOpcode.BINARY, RsvBits(False, False, False), message, True)
        return data

    def inflate(data: bytes) -> bytes:
        extension.frame_inbound_header(protocol, WSProtoOpcode.BINARY, compressed, len(data))
        begin = extension.frame_inbound_payload_data(protocol, data)
        end = extension.frame_inbound_complete(protocol, True)
        assert isinstance(begin, bytes)
        assert isinstance(end, bytes)
        return begin + end

    check_codecs(accepted.deflate, compress, inflate)


@ours
@theirs
def test_our_client_and_the_server_of_wsproto(ours: Deflate | None, theirs: dict[str, Any] | None) -> None:
    client = ClientHandshake(parse_url(URL), subprotocols=["a", "b"], extensions=[] if ours is None else [ours])
    server = WSConnection(ConnectionType.SERVER)
    server.receive_data(client.request_bytes())
    [request] = server.events()
    assert isinstance(request, wsproto_events.Request)
    assert (request.host, request.target, request.subprotocols) == ("example.com:8080", "/feed?x=1", ["a", "b"])

    extension = PerMessageDeflate(**(theirs or {}))
    answer = wsproto_events.AcceptConnection(subprotocol="a", extensions=[] if theirs is None else [extension])
    assert client.receive_data(server.send(answer))
    assert client.accepted is not None
    assert client.accepted.subprotocol == "a"
    check_with_wsproto(client.accepted, server, extension)


@ours
@theirs
def test_the_client_of_wsproto_and_our_server(ours: Deflate | None, theirs: dict[str, Any] | None) -> None:
    extension = PerMessageDeflate(**(theirs or {}))
    client = WSConnection(ConnectionType.CLIENT)
    asked = wsproto_events.Request(
        host="example.com:8080",
        target="/feed?x=1",
        subprotocols=["a", "b"],
        extensions=[] if theirs is None else [extension],
    )
    server = ServerHandshake()
    assert server.receive_data(client.send(asked))
    assert server.request is not None
    assert server.request.url == URL

    client.receive_data(server.accept(subprotocols=["c", "b"], extensions=[] if ours is None else [ours]))
    [accepted] = client.events()
    assert isinstance(accepted, wsproto_events.AcceptConnection)
    assert accepted.subprotocol == "b"
    check_with_wsproto(server.accepted, client, extension)


@ours
@pytest.mark.parametrize("server_side", OURS, ids=str)
def test_our_client_and_our_server(ours: Deflate | None, server_side: Deflate | None) -> None:
    client = ClientHandshake(parse_url(URL), extensions=[] if ours is None else [ours])
    server = ServerHandshake()
    assert server.receive_data(client.request_bytes())
    assert client.receive_data(server.accept(extensions=[] if server_side is None else [server_side]))
    assert client.accepted is not None
    assert server.accepted is not None
    assert server.request is not None
    assert (server.request.url, server.request.headers) == (client.request.url, client.request.headers)
    assert client.accepted.extensions == server.accepted.extensions
    assert client.accepted.response == server.accepted.response
    if client.accepted.deflate is not None:
        assert server.accepted.deflate is not None
        compressor, decompressor = Compressor(server.accepted.deflate), Decompressor(server.accepted.deflate)

        def inflate(data: bytes) -> bytes:
            return decompressor.decompress(data, limit=2**20) + decompressor.finish(limit=0)

        check_codecs(client.accepted.deflate, compressor.compress, inflate)


def test_a_refusal_of_websockets_reaches_our_client() -> None:
    server = ServerProtocol()
    client = ClientHandshake(parse_url(URL))
    server.receive_data(client.request_bytes())
    server.send_response(server.reject(403, "not you"))
    with pytest.raises(HandshakeRejectedError, match="403 Forbidden") as caught:
        client.receive_data(b"".join(server.data_to_send()))
    assert caught.value.call is not None
    assert caught.value.call.response is not None
    assert caught.value.call.response.body == b"not you"


def test_our_refusal_reaches_the_client_of_websockets() -> None:
    client = ClientProtocol(parse_uri(URL))
    client.send_request(client.connect())
    server = ServerHandshake()
    server.receive_data(b"".join(client.data_to_send()))
    client.receive_data(server.reject(Response(403, Headers({"X-Why": "quota"}), b"not you")))
    error = client.handshake_exc
    assert isinstance(error, websockets.InvalidStatus)
    assert (error.response.status_code, error.response.reason_phrase) == (403, "Forbidden")
    assert (error.response.headers["X-Why"], error.response.body) == ("quota", b"not you")


def test_a_refusal_of_wsproto_reaches_our_client() -> None:
    server = WSConnection(ConnectionType.SERVER)
    client = ClientHandshake(parse_url(URL))
    server.receive_data(client.request_bytes())
    list(server.events())
    data = server.send(wsproto_events.RejectConnection(status_code=503, headers=[], has_body=True))
    data += server.send(wsproto_events.RejectData(data=b"busy"))
    with pytest.raises(HandshakeRejectedError, match="503 Service Unavailable") as caught:
        client.receive_data(data)
        client.receive_eof()
    assert caught.value.call is not None
    assert caught.value.call.response is not None
    assert caught.value.call.response.body == b"busy"


def test_our_refusal_reaches_the_client_of_wsproto() -> None:
    client = WSConnection(ConnectionType.CLIENT)
    server = ServerHandshake()
    server.receive_data(client.send(wsproto_events.Request(host="h", target="/")))
    client.receive_data(server.reject(Response(404, body=b"nothing here")))
    head, *body = client.events()
    assert isinstance(head, wsproto_events.RejectConnection)
    assert head.status_code == 404
    assert b"".join(e.data for e in body if isinstance(e, wsproto_events.RejectData)) == b"nothing here"


@pytest.mark.parametrize(
    "change",
    [
        (b"Upgrade: websocket", b"Upgrade: h2c"),
        (b"Connection: Upgrade", b"Connection: close"),
        (b"Sec-WebSocket-Accept: ", b"Sec-WebSocket-Accept: x"),
        (b"\r\n\r\n", b"\r\nSec-WebSocket-Protocol: z\r\n\r\n"),
        (b"\r\n\r\n", b"\r\nSec-WebSocket-Extensions: z\r\n\r\n"),
    ],
)
def test_all_three_clients_refuse_the_same_answers(change: tuple[bytes, bytes]) -> None:
    theirs = ClientProtocol(parse_uri(URL))
    theirs.send_request(theirs.connect())
    second = WSConnection(ConnectionType.CLIENT)
    mine = ClientHandshake(parse_url(URL))

    def answered(request: bytes) -> bytes:
        server = ServerHandshake()
        assert server.receive_data(request)
        return server.accept().replace(*change)

    theirs.receive_data(answered(b"".join(theirs.data_to_send())))
    assert theirs.handshake_exc is not None
    with pytest.raises(WSProtoError):
        second.receive_data(answered(second.send(wsproto_events.Request(host="h", target="/"))))
    with pytest.raises(HandshakeRejectedError):
        mine.receive_data(answered(mine.request_bytes()))
