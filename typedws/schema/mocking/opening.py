"""`mock`: from a document to a server that acts as its API."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Literal, TypeAlias

from typedws.config import SessionConfig
from typedws.schema.building.contract import build_contract
from typedws.schema.building.options import BuildOptions, read_overrides
from typedws.schema.contract.api import Contract
from typedws.schema.document import Document, load
from typedws.schema.mocking.server import MockServer

__all__ = ["Source", "mock"]

Source: TypeAlias = "str | os.PathLike[str] | Document | Contract"
"""A document: its file, or what was read from it."""

DEFAULT_CONFIG = SessionConfig()


def mock(
    document: Source,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    seed: int = 0,
    interval: float | None = 1.0,
    greeting: bool = True,
    perspective: Literal["client", "server"] | None = None,
    module: ModuleType | None = None,
    keep: int = 1000,
    on_event: Callable[[str], None] | None = None,
    config: SessionConfig = DEFAULT_CONFIG,
) -> MockServer:
    """Serves an API from its document for the length of a block: `async with mock("api.yaml") as server`.

    ```python
    async with mock("prices.yaml") as server, Prices.connect(url=server.url) as client:
        ...
    assert not server.problems
    ```

    Messages are examples of the document where it has valid ones, and are made up otherwise. What a client sends is
    checked. Then:

    - A request gets its reply, with its id, and with the values of those fields that both have. So does a message
      whose answer is only to be seen from its name: `PlaceOrderRequest` and `PlaceOrderResponse` or `OrderPlaced`,
      `Ping` and `Pong`.
    - A subscription is confirmed where there is such a message, and so is its end. It gets its first update at once,
      and one more every `interval` seconds, with the values that were subscribed to, until it is cancelled; snapshots
      come before other updates.
    - Messages that nothing asks for (no answers, updates or errors, no farewells such as "disconnect", and none that
      are called like an answer or an end, such as "confirmed" or "done") are sent once when a client connects, in the
      order of the document. Where a connection has no subscriptions, they go on by turns, one every `interval`.
    - What the document does not allow is kept in `problems` and answered: by the document's error message where it has
      one, or else the connection is closed: 1003 for a wrong kind of frame, 1007 for what cannot be parsed, 1008 for an
      unknown or invalid message. A handshake without a required parameter gets 400, one to an unknown path 404, and the
      body says why. Credentials are not checked.

    Args:
        document: a file, or a document or contract that was read before.
        host: where to listen; this machine only, unless given.
        port: the TCP port; 0, the default, for a free one.
        seed: what is made up; the same seed makes up the same.
        interval: seconds between updates; None for none but the first.
        greeting: whether messages that nothing asks for are sent.
        perspective: whose `send` the document speaks of; found out unless given.
        module: the module that was generated from the document, so that `received` holds its classes; one is made in
            memory unless given.
        keep: how many of `received` and of `problems` are kept; the oldest are dropped.
        on_event: called with a line for each connection and message.
        config: limits and timers of each session.

    Raises:
        SchemaError: at the call: the document cannot be used.
        ValueError: at the call: an option out of its range.
        OSError: on entering: the address cannot be listened on.
    """
    if interval is not None and not interval > 0:
        raise ValueError(f"interval is a number of seconds above 0, or None, not {interval!r}")
    if keep < 1:
        raise ValueError(f"keep is at least 1, not {keep!r}")
    return MockServer(
        _contract_of(document, perspective),
        host=host,
        port=port,
        seed=seed,
        interval=interval,
        greeting=greeting,
        module=module,
        keep=keep,
        on_event=on_event,
        config=config,
    )


def _contract_of(source: Source, perspective: Literal["client", "server"] | None) -> Contract:
    if isinstance(source, Contract):
        return source
    options = BuildOptions() if isinstance(source, Document) else read_overrides(Path(source).parent)
    if perspective is not None:
        options = replace(options, perspective=perspective)
    return build_contract(source if isinstance(source, Document) else load(source), options)
