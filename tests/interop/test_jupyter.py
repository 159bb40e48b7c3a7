"""A notebook session with a kernel behind `jupyter_server`, in both of its subprotocols: typed messages all the way."""

from __future__ import annotations

import json
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import Raw
from pydantic import BaseModel

import typedws
from tests.interop.conftest import Certificates
from tests.interop.kernel_protocol import (
    Channel,
    ExecuteReply,
    ExecuteRequest,
    Header,
    InputReply,
    InputRequest,
    KernelConverter,
    Message,
    Status,
    Stream,
)
from tests.interop.peers import Server, running_jupyter
from typedws import ClientSession, CloseReason, Deflate
from typedws.testing import check_converter

TOKEN = "a-token-for-tests"
BINARY = "v1.kernel.websocket.jupyter.org"


@dataclass(frozen=True)
class Kernel:
    """A running kernel."""

    server: Server
    id: str

    @property
    def path(self) -> str:
        return f"/api/kernels/{self.id}/channels?session_id={uuid.uuid4().hex}"

    def connect(self, **options: Any) -> AbstractAsyncContextManager[ClientSession]:
        return typedws.connect(self.server.url(self.path), headers={"Authorization": f"token {TOKEN}"}, **options)


@pytest.fixture(scope="module")
def kernel(certificates: Certificates, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    directory: Path = tmp_path_factory.mktemp("jupyter")
    with running_jupyter(certificates.chain, directory, TOKEN) as server:
        request = urllib.request.Request(
            f"http://127.0.0.1:{server.ports['ws']}/api/kernels",
            data=b'{"name": "python3"}',
            headers={"Authorization": f"token {TOKEN}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            started = json.load(response)
        yield Kernel(server, started["id"])


def message(content: msgspec.Struct, msg_type: str, channel: Channel = "shell") -> Message:
    header = Header(msg_id=uuid.uuid4().hex, msg_type=msg_type, session="typedws")
    return Message(header, {}, {}, Raw(msgspec.json.encode(content)), channel)


async def execute(session: ClientSession, request: ExecuteRequest) -> tuple[ExecuteReply, str]:
    """Runs code, and waits until the kernel is idle again.

    Returns:
        the reply, and what was printed.
    """
    asked = message(request, "execute_request")
    await session.send_serialized(asked)
    reply: ExecuteReply | None = None
    printed = ""
    idle = False
    while reply is None or not idle:
        received = await session.receive_deserialized(Message)
        if received.parent != asked.header.msg_id:
            continue
        match received.header.msg_type:
            case "stream":
                printed += received.content_as(Stream).text
            case "status":
                idle = received.content_as(Status).execution_state == "idle"
            case "execute_reply":
                reply = received.content_as(ExecuteReply)
            case "input_request":
                assert received.channel == "stdin"
                assert received.content_as(InputRequest) == InputRequest(prompt="Who? ", password=False)
                await session.send_serialized(message(InputReply("typedws"), "input_reply", "stdin"))
    return reply, printed


SPEAKING: dict[str, Callable[[], dict[str, Any]]] = {
    "json": dict,
    "json-deflate": lambda: {"extensions": [Deflate()]},
    "binary": lambda: {"converters": {BINARY: KernelConverter()}},
}


@pytest.fixture(params=SPEAKING)
def options(request: pytest.FixtureRequest) -> dict[str, Any]:
    """How a session with the kernel is opened."""
    return SPEAKING[request.param]()


@pytest.mark.anyio
async def test_the_subprotocol_that_was_offered_is_spoken(kernel: Kernel, options: dict[str, Any]) -> None:
    async with kernel.connect(**options) as session:
        assert session.subprotocol == (BINARY if "converters" in options else None)
        assert session.converter is not None
        assert session.converter.name == ("jupyter-v1" if "converters" in options else "json")
        assert bool(session.extensions) == ("extensions" in options)


@pytest.mark.anyio
async def test_code_is_executed_and_its_output_received(kernel: Kernel, options: dict[str, Any]) -> None:
    async with kernel.connect(**options) as session:
        reply, printed = await execute(session, ExecuteRequest("print(6 * 7, 'größer')"))
        assert reply.status == "ok"
        assert printed == "42 größer\n"
        reply, printed = await execute(session, ExecuteRequest("1 / 0"))
        assert (reply.status, reply.ename, reply.evalue) == ("error", "ZeroDivisionError", "division by zero")
        assert printed == ""
    assert session.close_reason == CloseReason(1000)


@pytest.mark.anyio
async def test_a_reply_may_be_large(kernel: Kernel, options: dict[str, Any]) -> None:
    async with kernel.connect(**options) as session:
        request = ExecuteRequest("", user_expressions={"large": "'typedws ' * 200_000"})
        reply, _ = await execute(session, request)
        assert len(reply.user_expressions["large"]["data"]["text/plain"]) == len("'typedws '") + 199_999 * len(
            "typedws "
        )


@pytest.mark.anyio
async def test_the_kernel_asks_back_and_is_answered(kernel: Kernel, options: dict[str, Any]) -> None:
    async with kernel.connect(**options) as session:
        request = ExecuteRequest("print('Hello,', input('Who? '))", allow_stdin=True)
        _, printed = await execute(session, request)
        assert printed == "Hello, typedws\n"


@pytest.mark.anyio
async def test_buffers_travel_as_they_are(kernel: Kernel) -> None:
    code = (
        "get_ipython().kernel.comm_manager.register_target(\n"
        "    'echo', lambda comm, opened: comm.send({'size': len(opened['buffers'][0])}, buffers=opened['buffers'])\n"
        ")"
    )
    async with kernel.connect(converters={BINARY: KernelConverter()}) as session:
        reply, _ = await execute(session, ExecuteRequest(code))
        assert reply.status == "ok"
        comm_open = Raw(b'{"comm_id": "1", "target_name": "echo", "data": {}}')
        header = Header(msg_id=uuid.uuid4().hex, msg_type="comm_open", session="typedws")
        noise = bytes(range(256)) * 1000
        await session.send_serialized(Message(header, {}, {}, comm_open, "shell", [noise]))
        async for received in session.iter_deserialized(Message):
            if received.header.msg_type == "comm_msg":
                assert msgspec.json.decode(received.content)["data"] == {"size": len(noise)}
                assert received.buffers == [noise]
                break


class StatusContent(BaseModel):
    execution_state: str


class StatusMessage(BaseModel):
    class Header(BaseModel):
        msg_id: str
        msg_type: str

    header: Header
    parent_header: Header
    content: StatusContent


class InfoRequest(BaseModel):
    header: dict[str, str]
    parent_header: dict[str, str] = {}
    metadata: dict[str, str] = {}
    content: dict[str, str] = {}
    channel: str = "shell"


@pytest.mark.anyio
async def test_pydantic_models_are_exchanged(kernel: Kernel) -> None:
    async with kernel.connect() as session:
        header = {"msg_id": uuid.uuid4().hex, "msg_type": "kernel_info_request", "session": "typedws", "username": ""}
        await session.send_serialized(InfoRequest(header=header | {"version": "5.3"}))
        states: list[str] = []
        while states != ["busy", "idle"]:
            try:
                received = await session.receive_deserialized(StatusMessage)
            except typedws.DeserializeError:
                continue  # the reply itself, which is no StatusMessage
            if received.parent_header.msg_id == header["msg_id"]:
                states.append(received.content.execution_state)


@pytest.mark.anyio
async def test_a_kernel_is_reached_over_tls(kernel: Kernel, certificates: Certificates) -> None:
    url = kernel.server.secure_url(kernel.path)
    headers = {"Authorization": f"token {TOKEN}"}
    async with typedws.connect(url, headers=headers, ssl_context=certificates.client_context()) as session:
        _, printed = await execute(session, ExecuteRequest("print('encrypted')"))
        assert printed == "encrypted\n"


@pytest.mark.anyio
async def test_without_the_token_the_handshake_is_refused(kernel: Kernel) -> None:
    with pytest.raises(typedws.HandshakeRejectedError) as caught:
        async with typedws.connect(kernel.server.url(kernel.path), headers={"Authorization": "token wrong"}):
            pytest.fail("the handshake was not refused")
    assert caught.value.call is not None
    assert caught.value.call.response is not None
    assert caught.value.call.response.status == 403


@pytest.mark.anyio
async def test_an_unknown_kernel_is_404_with_the_page_that_says_so(kernel: Kernel) -> None:
    unknown = Kernel(kernel.server, str(uuid.UUID(int=0)))
    with pytest.raises(typedws.HandshakeRejectedError) as caught:
        async with unknown.connect():
            pytest.fail("the handshake was not refused")
    assert caught.value.call is not None
    assert caught.value.call.response is not None
    assert caught.value.call.response.status == 404
    page = caught.value.call.response.body
    assert b"404" in page
    assert page.endswith(b"</html>")


def test_the_converter_keeps_the_contract_of_converters() -> None:
    request = message(ExecuteRequest("print('größer')"), "execute_request")
    with_buffers = msgspec.structs.replace(request, channel="iopub", buffers=[b"", b"\x00\xff" * 100])
    check_converter(KernelConverter(), values=[(request, Message), (with_buffers, Message)], refused=[])
