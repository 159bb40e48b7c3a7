"""The mock server: it takes in clients, and keeps what they sent."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, ExitStack
from types import ModuleType, TracebackType
from typing import Any

import anyio

from typedws.call import Request, Response
from typedws.config import SessionConfig
from typedws.errors import ConnectionClosed
from typedws.schema.contract.api import Contract
from typedws.schema.mocking.guest import Guest
from typedws.schema.mocking.module import module_for
from typedws.schema.mocking.records import Arrival, Problem
from typedws.schema.mocking.roles import Roles
from typedws.schema.mocking.routes import Routes, handshake_problems, has_credentials
from typedws.schema.mocking.wire import Wire
from typedws.schema.samples import Sampler
from typedws.server import Server, serve
from typedws.session import ServerSession

__all__ = ["MockServer"]


class MockServer(AbstractAsyncContextManager["MockServer"]):
    """A mock server, running inside its `async with` block. Make it with `mock`."""

    def __init__(
        self,
        contract: Contract,
        *,
        host: str,
        port: int,
        seed: int,
        interval: float | None,
        greeting: bool,
        module: ModuleType | None,
        keep: int,
        on_event: Callable[[str], None] | None,
        config: SessionConfig,
    ) -> None:
        self.contract = contract
        self._seed = seed
        self._interval = interval
        self._greeting = greeting
        self._module = module
        self._on_event = on_event
        self._routes = Routes(contract)
        self._sampler = Sampler(contract, seed)
        self._roles = {connection.name: Roles(connection, self._sampler) for connection in contract.connections}
        self._received: deque[Any] = deque(maxlen=keep)
        self._problems: deque[Problem] = deque(maxlen=keep)
        self._guests: dict[ServerSession, Guest] = {}
        self._count = 0
        self._total = 0
        self._arrived: anyio.Event | None = None
        self._block = ExitStack()
        self._server: Server | None = None
        self._wires: dict[str, Wire] = {}
        self._block_of_server = serve(
            self._serve_client,
            host,
            port,
            converter=None,
            subprotocols=tuple(dict.fromkeys(name for c in contract.connections for name in c.subprotocols)),
            process_request=self._admit,
            config=config,
        )

    @property
    def _entered(self) -> Server:
        if self._server is None:
            raise AttributeError("only a mock server that has been entered has an address")
        return self._server

    @property
    def url(self) -> str:
        """Where it listens, without a path: `ws://127.0.0.1:8000`. Give it to a generated client as `url=`.

        Raises:
            AttributeError: it has not been entered.
        """
        return self._entered.url

    @property
    def port(self) -> int:
        """The TCP port.

        Raises:
            AttributeError: as for `url`.
        """
        return self._entered.port

    @property
    def received(self) -> tuple[Any, ...]:
        """The valid messages that clients sent, the newest last: objects of the generated module."""
        return tuple(self._received)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What clients did that the document does not allow, the newest last."""
        return tuple(self._problems)

    def take_problems(self) -> tuple[Problem, ...]:
        """`problems`, which are none afterwards: for a test that expects some, where others expect none."""
        taken = self.problems
        self._problems.clear()
        return taken

    @property
    def clients(self) -> tuple[Guest, ...]:
        """The clients that are connected now, in the order in which they came."""
        return tuple(self._guests.values())

    @property
    def gaps(self) -> tuple[str, ...]:
        """What cannot be served, because no sample of it can be made; a sentence for each."""
        return tuple(gap for roles in self._roles.values() for gap in roles.gaps)

    def roles(self, connection: str) -> Roles:
        """What the server does on a connection, by the name of its class."""
        return self._roles[connection]

    async def send(self, value: Any, *, message: str = "", client: Guest | None = None, check: bool = True) -> None:
        """Sends a message to clients: to all whose connection has it, unless one is given.

        Args:
            value: an object of the generated module; or, with `message`, JSON, or the bytes of a binary message (or
                the same in base64, as text).
            message: the name of the message that JSON is: of its class, or the document's own.
            client: one of `clients`.
            check: whether JSON is completed with the constants of its message, such as its tag, and must be valid then;
                `False` sends it as it is, to see what a client does with it.

        Raises:
            ValueError: no connection has such a message, or JSON is no valid one: the place is named.
            ContentConvertError: the value cannot be written.
            ConnectionClosed: the client that was given is gone; of all, those that are gone are passed over.
        """
        if client is not None:
            await client.send(value, message=message, check=check)
            return
        wires = [wire for wire in self._wires.values() if (wire.incoming(message) if message else wire.takes(value))]
        if not wires and message:
            raise ValueError(f"no connection has a message {message!r} that the server sends")
        if not wires:
            name = type(value).__name__
            likely = [wire for wire in self._wires.values() if wire.incoming(name)] or list(self._wires.values())
            raise ValueError(likely[0].why_not(value))
        for wire in wires if message else ():
            # Before anybody gets it, and also where nobody is there.
            found = wire.incoming(message)
            assert found is not None
            wire.write_given(found, value, check=check)
        for guest in self.clients:
            if guest.wire in wires:
                try:
                    await guest.send(value, message=message, check=check)
                except ConnectionClosed:
                    continue

    async def wait_received(self, count: int = 1) -> tuple[Any, ...]:
        """Waits until so many messages have been received in all, and returns `received`. Problems do not count."""
        while self._total < count:
            assert self._arrived is not None
            await self._arrived.wait()
        return self.received

    async def wait_clients(self, count: int = 1) -> tuple[Guest, ...]:
        """Waits until so many clients are connected, and returns `clients`.

        A client's `connect` returns as soon as the handshake is over, which may be a moment before the server has it.
        """
        while len(self._guests) < count:
            assert self._arrived is not None
            await self._arrived.wait()
        return self.clients

    async def __aenter__(self) -> MockServer:
        if self._arrived is not None:
            raise RuntimeError("this mock server has been entered before; call mock again for a new one")
        self._arrived = anyio.Event()
        with ExitStack() as block:
            module = self._module or block.enter_context(module_for(self.contract))
            for connection in self.contract.connections:
                self._wires[connection.name] = Wire(self.contract, connection, module, self._sampler.checker)
            self._server = await self._block_of_server.__aenter__()
            self._block = block.pop_all()
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with self._block:
            await self._block_of_server.__aexit__(exc_type, exc, traceback)

    def _admit(self, request: Request) -> Response | None:
        connection = self._routes.find(request)
        if connection is None:
            text = f"nothing is served at {request.path}; the paths are: {self._routes}"
            self._note(Problem(text))
            self._tell(f"refused: {text}")
            return _refusal(404, text)
        found = list(handshake_problems(connection, request))
        for text in found:
            self._note(Problem(text, connection.name))
            self._tell(f"{connection.name}: refused: {text}")
        return _refusal(400, "\n".join(found)) if found else None

    async def _serve_client(self, session: ServerSession) -> None:
        request = session.call.request
        connection = self._routes.find(request)
        assert connection is not None
        self._count += 1
        name = f"{connection.name} {self._count}"
        if connection.credentials and not has_credentials(connection, request):
            self._tell(f"{name}: no credentials")
        guest = Guest(
            session,
            number=self._count,
            wire=self._wires[connection.name],
            roles=self._roles[connection.name],
            sampler=self._sampler,
            seed=self._seed,
            interval=self._interval,
            greeting=self._greeting,
            note=self._note,
            tell=lambda text: self._tell(f"{name}: {text}"),
        )
        self._guests[session] = guest
        self._wake()
        try:
            await guest.run()
        finally:
            del self._guests[session]

    def _note(self, item: Arrival | Problem) -> None:
        if isinstance(item, Problem):
            self._problems.append(item)
            return
        self._received.append(item.value)
        self._total += 1
        self._wake()

    def _wake(self) -> None:
        """Lets those look again who wait for messages or clients."""
        if self._arrived is not None:
            self._arrived.set()
            self._arrived = anyio.Event()

    def _tell(self, text: str) -> None:
        if self._on_event is not None:
            self._on_event(text)

    async def serve_forever(self) -> None:
        """Waits until it is cancelled: for a program that does nothing but serve."""
        await anyio.sleep_forever()


def _refusal(status: int, text: str) -> Response:
    return Response(status, {"Content-Type": "text/plain; charset=utf-8"}, f"{text}\n".encode())
